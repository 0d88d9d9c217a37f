#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The rig judges logs as it should: what verdict finds in those of a boot, what results.sh
# reads out of those of a run, and what matrix makes of them.

set -u
top=${srcdir:-.}
. "$top/tests/unit/complain.sh"
nested=$top/tests/nested
[ -d "$nested" ] || { echo "the rig is not in this package"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. "$nested/results.sh"

# log NAME: standard input becomes a log of the boot
log()
{
	cat >"$dir/boot/$1"
}

new_boot()
{
	rm -rf "${dir:?}/boot"
	mkdir "$dir/boot"
	log console.log <<<"(XEN) Xen version 4.20.5"
}

# clean WHAT, bad WHAT PATTERN: verdict on the logs; what it prints of bad ones
clean()
{
	"$nested/verdict" "$dir/boot" >"$dir/out" || complain "verdict: $1 is no fault: $(cat "$dir/out")"
}

bad()
{
	! "$nested/verdict" "$dir/boot" >"$dir/out" || complain "verdict passes over $1"
	grep -qE "$2" "$dir/out" || complain "verdict does not print $1: $(cat "$dir/out")"
}

# ---- verdict ----

new_boot
clean "a boot without messages"

for line in "WARNING: CPU: 0 PID: 1 at kernel/iommu.c:10" "BUG: unable to handle page fault" \
	"watchdog: BUG: soft lockup - CPU#0 stuck for 26s" "refcount_t: underflow; use-after-free." \
	"BUG: KASAN: slab-use-after-free in vxi_owner_quarantine" \
	"kmemleak: Kernel memory leak detector disabled" \
	"(XEN) Xen BUG at drivers/passthrough/pci.c:1" "(XEN) Panic on CPU 0:" \
	"(XEN) d3 domain_crash called from p2m.c:1" \
	"(XEN) AMD-Vi: Event logged: unknown" "(XEN) ILLEGAL_DEV_TABLE_ENTRY 0000:00:05.0 d0"; do
	new_boot
	log dmesg.log <<<"$line"
	bad "\"$line\"" "^dmesg.log:1: "
done

fault='(XEN) [VT-D]DMAR:[DMA Write] Request device [0000:00:05.0] fault addr 200000'
new_boot
log xl-dmesg.log <<<"$fault"
bad "a fault that nobody announced" "fault addr 200000"
log channel.log <<<"# expect-dma-faults 0000:00:06.0"
bad "a fault of another device than was announced" "fault addr 200000"
log channel.log <<<"# expect-dma-faults 0000:00:05.0"
clean "a fault that was announced"

new_boot
log xl-dmesg.log <<<'(XEN) [VT-D]DMAR:[DMA Write] Request device [00:05.0] fault addr 200000'
log channel.log <<<"# expect-dma-faults 0000:00:05.0"
clean "an announced fault without its segment"

new_boot
log dmesg.log <<<"WARNING: CPU: 0 at a.c:1"
cp "$dir/boot/dmesg.log" "$dir/boot/console.log"
bad "a warning in two logs" "WARNING"
[ "$(grep -c WARNING "$dir/out")" = 1 ] || complain "verdict prints a line of two logs twice"

new_boot
log channel.log <<<"# the words Call Trace: and WARNING: of a scenario"
clean "what a scenario prints"

# What Linux itself leaks is not ours; what our modules and VFIO leak is.
new_boot
log kmemleak.log <<'EOF'
unreferenced object 0xffff888100000000 (size 64):
  [<ffffffff81000000>] kmalloc+0x1/0x2
  [<ffffffff81000000>] acpi_init+0x1/0x2
EOF
clean "memory that Linux has lost"
log kmemleak.log <<'EOF'
unreferenced object 0xffff888100000000 (size 64):
  [<ffffffffc0000000>] vxi_owner_add_device+0x1/0x2 [vfio_xen_iommu]
EOF
bad "memory that a module of ours has lost" "unreferenced object .*vfio_xen_iommu"

# One report of lock checking is known: of gntdev alone
locks()
{
	new_boot
	log dmesg.log <<EOF
WARNING: possible circular locking dependency detected
 gntdev_mmap+0x1/0x2
 gntdev_ioctl+0x1/0x2
 $1
 </TASK>
EOF
}
locks "privcmd_ioctl+0x1/0x2"
clean "the known report on gntdev"
locks "vfio_pci_core_ioctl+0x1/0x2 [vfio_pci_core]"
bad "a report in which VFIO takes part" "vfio_pci_core"

# ---- results.sh ----

cat >"$dir/first.log" <<'EOF'
TAP version 13
# boot: Xen 4.20, Linux 6.12.1-test, IOMMU vtd, processors 1: up after 14 s of dom0's clock, 21 s in all
ok 1 - type1: DMA arrives
not ok 2 - leaks: no vector is left
# 3 vectors
ok 3 - guest-pv: interrupts # SKIP no igb
ok 4 - boot 1: logs have no splats or unexpected faults
1..4
EOF
cat >"$dir/again.log" <<'EOF'
TAP version 13
# boot: Xen 4.20, Linux 6.12.1-test, IOMMU vtd, processors 1: up after 14 s of dom0's clock, 21 s in all
ok 1 - leaks: no vector is left
ok 2 - leaks: no page is left
1..2
EOF

is()
{
	[ "$2" = "$3" ] || complain "$1: $2, not $3"
}
is "scenarios of a log" "$(scenarios_in "$dir/first.log" | paste -sd' ')" "type1 leaks guest-pv"
is "those that failed" "$(failures_in "$dir/first.log")" leaks
merge_results "$dir/first.log" "$dir/again.log" >"$dir/merged.log"
is "failures after a second run" "$(failures_in "$dir/merged.log")" ""
is "results of both runs" "$(grep -c '^ok' "$dir/merged.log")" 5

# ---- matrix ----

copy=$dir/tree
mkdir -p "$copy/tests" "$copy/docs"
cp -R "$nested" "$copy/tests/"
cp -R "$top/scripts" "$top/xen" "$copy/"
cp "$top/docs/tested.md" "$copy/docs/"
chmod -R u+w "$copy"
matrix=$copy/tests/nested/matrix
is "a cell of the list" "$("$matrix" --list | grep -cx 4.20/6.12/type1/vtd/1)" 1
"$matrix" --check || complain "docs/tested.md differs from tests/nested/tested"
"$matrix" --record 4.20/6.12/type1/vtd/1 "$dir/merged.log" >"$dir/out" ||
	complain "matrix --record fails: $(cat "$dir/out")"
grep -q "| 6.12.1-test | .* | PV | 3 | 4, 0, 1 |" "$copy/docs/tested.md" ||
	complain "the table lacks the results: $(grep 6.12.1-test "$copy/docs/tested.md")"
"$matrix" --check || complain "the table differs from the results after --record"
sed -i 's/4, 0, 1/5, 0, 0/' "$copy/docs/tested.md"
! "$matrix" --check >"$dir/out" 2>&1 || complain "matrix --check accepts a table of other results"
! "$matrix" --record nosuch "$dir/merged.log" >"$dir/out" 2>&1 ||
	complain "matrix takes results of a cell that it does not know"
"$matrix" --record 4.17+patches/6.12/type1/amd/1 "$dir/merged.log" >"$dir/out" ||
	complain "matrix --record fails for a patched Xen: $(cat "$dir/out")"
grep -q "^| 4.17+patches (Debian 12) | 6.12.1-test .* AMD-Vi " "$copy/docs/tested.md" ||
	complain "the table lacks a patched Xen"

# ---- patches for Xen ----

for file in "$top"/xen/*/*.patch; do
	name=${file##*/}
	grep -q "^| ${name%%-*} |" "$top/xen/README.md" || complain "xen/README.md lacks $name"
	grep -q "^Signed-off-by: " "$file" || complain "$name is not signed off"
	! grep -qE "^(From [0-9a-f]{40}|Date: )" "$file" || complain "$name has lines of a commit"
done
for name in 4.20+patches 4.17 +patches nosuch; do
	! "$nested/hypervisor" "$name" >"$dir/out" 2>&1 || complain "hypervisor takes $name"
	grep -q "^usage: hypervisor RELEASE+patches; known: 4.17+patches" <(sed 's/^hypervisor: //' "$dir/out") ||
		complain "hypervisor does not say what it knows: $(cat "$dir/out")"
done

exit $failed
