# SPDX-License-Identifier: GPL-2.0-only
# What scenarios share.  Sourced by them, in dom0's busybox shell:
#
#	. ./lib.sh
#	...
#	finish
#
# Results are lines on stdout (see tests/nested/tap.sh); finish ends the
# scenario with a status that says whether one failed.
# shellcheck shell=busybox disable=SC3043

pci=/sys/bus/pci
stats_dir=/sys/kernel/debug/vfio-xen-iommu
failed=0

# Results

ok()
{
	echo "ok - $*"
}

not_ok()
{
	echo "not ok - $*"
	failed=1
}

skip()
{
	echo "ok - $1 # SKIP $2"
}

# check TEXT COMMAND...: one result, from a command's status
check()
{
	local text=$1
	shift
	if "$@"; then ok "$text"; else not_ok "$text"; fi
}

# refuse TEXT COMMAND...: the same for a command that has to fail
refuse()
{
	local text=$1
	shift
	if "$@"; then not_ok "$text"; else ok "$text"; fi
}

# same TEXT GOT WANT
same()
{
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1: \"$2\", want \"$3\""; fi
}

# A test program prints its own results.
run_test()
{
	local status=0
	"$@" || status=$?
	[ $status = 0 ] || { failed=1; echo "# exit status $status of $*"; }
}

# refuses_to_load WORDS: vfio-xen-iommu does not load, and says why in one line
refuses_to_load()
{
	local module mark
	module=$(find /lib/modules -name vfio-xen-iommu.ko)
	check "there is a module" [ -f "$module" ]
	mark=$(dmesg | wc -l)
	# Not busybox's, which tries twice
	refuse "vfio-xen-iommu does not load" /usr/sbin/insmod "$module" 2>/dev/null
	dmesg | tail -n +$((mark + 1)) | grep 'vfio-xen-iommu: ' >/tmp/why
	sed 's/^/# /' /tmp/why
	same "it says so in one line" "$(wc -l </tmp/why)" 1
	check "which names $1" grep -q "$1" /tmp/why
	refuse "and is not there" grep -q '^vfio_xen_iommu' /proc/modules
}

finish()
{
	exit $failed
}

# Kernels that look for mistakes all the time are slow.
on_debug_kernel()
{
	case $RIG_KERNEL in
	*-debug | *-kasan) ;;
	*) return 1 ;;
	esac
}

# So are two processors, which one thread emulates.
patience=${RIG_CPUS:-1}
! on_debug_kernel || patience=$((patience * 3))

# poll SECONDS COMMAND...: until the command succeeds.  A command costs the one processor
# 10 to 20 ms, which is taken from what is waited for: so it comes less and less often.
poll()
{
	local now end pause=50000
	read -r now _ </proc/uptime
	end=$((${now%.*} + $1 * patience))
	shift
	until "$@"; do
		read -r now _ </proc/uptime
		[ "${now%.*}" -lt $end ] || return 1
		usleep $pause
		[ $pause -ge 400000 ] || pause=$((pause * 3 / 2))
	done
}

# Where we are

on_xen()
{
	[ "$(cat /sys/hypervisor/type 2>/dev/null)" = xen ]
}

# native_hugepages COUNT: of 2 MiB, where xen-dma-memory does not make them.  A scenario
# leaves none: others test what is done without.
native_hugepages()
{
	on_xen || echo "$1" >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
}

# The argument of programs whose expectations differ
where()
{
	if on_xen; then echo xen; else echo native; fi
}

# The driver that gives devices to VFIO: stock vfio-pci, or another one that
# "rig.vfio-driver=NAME" on Linux's command line asks for.
vfio_driver=$(sed -n 's/.*rig\.vfio-driver=\([^ ]*\).*/\1/p' /proc/cmdline)
vfio_driver=${vfio_driver:-vfio-pci}

# How test programs reach VFIO: type1, iommufd or cdev
RIG_VFIO=${RIG_VFIO:-type1}

# The module that maps memory; it wants to know that interrupts are isolated, which
# dom0 can't.
if [ "$RIG_VFIO" = type1 ]; then vfio_mapper=vfio_iommu_type1; else vfio_mapper=iommufd; fi

load_vfio()
{
	modprobe $vfio_mapper allow_unsafe_interrupts=1
	modprobe "$vfio_driver"
	# For programs that know of containers only
	[ "$RIG_VFIO" != iommufd ] || grep -q ' /dev/vfio/vfio ' /proc/mounts ||
		mount --bind /dev/iommu /dev/vfio/vfio
}

# Devices

driver_of()
{
	local link
	link=$(readlink "$pci/devices/$1/driver") && echo "${link##*/}"
}

group_of()
{
	local link
	link=$(readlink "$pci/devices/$1/iommu_group") && echo "${link##*/}"
}

group_members()
{
	ls "$pci/devices/$1/iommu_group/devices"
}

unbind_driver()
{
	[ ! -e "$pci/devices/$1/driver" ] || echo "$1" >"$pci/devices/$1/driver/unbind"
}

# bind DRIVER SBDF...: by driver_override, as documented for VFIO
bind_to()
{
	local driver=$1 sbdf
	shift
	for sbdf; do
		[ "$(driver_of "$sbdf")" != "$driver" ] || continue
		unbind_driver "$sbdf"
		echo "$driver" >"$pci/devices/$sbdf/driver_override"
		echo "$sbdf" >$pci/drivers_probe
		[ "$(driver_of "$sbdf")" = "$driver" ] || return 1
	done
}

bind_vfio()
{
	bind_to "$vfio_driver" "$@"
}

# give_back SBDF...: to whatever driver the host has for it, if any
give_back()
{
	local sbdf
	for sbdf; do
		unbind_driver "$sbdf"
		echo >"$pci/devices/$sbdf/driver_override"
		echo "$sbdf" >$pci/drivers_probe 2>/dev/null
	done
	return 0
}

# reset_by SBDF METHOD: how Linux resets it. By pm, $E1000E0 is there at once, and not a
# tenth of a second later; it goes on receiving, so that is for cards that do not.
reset_by()
{
	echo "$2" >"$pci/devices/$1/reset_method"
}

bus_master_on()
{
	[ $((0x$(setpci -s "$1" COMMAND) & 4)) != 0 ]
}

# cable NAME up|down: have the rig plug in or pull an end of the cards' cable, such
# as $IGB0_CABLE
cable()
{
	printf '\n# rig: cable %s %s\n' "$1" "$2"
}

# owner SBDF: dom0, quarantine or shell, as vfio-xen-iommu sees it
owner()
{
	sed -n "s/^$1 owner=\([a-z0-9]*\).*/\1/p" $stats_dir/devices
}

# owner_is SBDF OWNER
owner_is()
{
	[ "$(owner "$1")" = "$2" ]
}

driver_is()
{
	[ "$(driver_of "$1")" = "$2" ]
}

# disk_of SBDF: the name of the block device of a drive that the host has
disk_of()
{
	local disk
	for disk in "$pci/devices/$1"/nvme/nvme*/nvme*n1; do
		[ ! -e "$disk" ] || { echo "${disk##*/}"; return; }
	done
	return 1
}

readable()
{
	dd if="/dev/$(disk_of "$1")" of=/dev/null bs=4096 count=16 iflag=direct 2>/dev/null
}

# Hypercalls that fail on purpose

# can_fail TEXT: whether they can be made to; TEXT is skipped if not.
can_fail()
{
	[ ! -e $stats_dir/fail_nth ] || return 0
	skip "$1" "vfio-xen-iommu is built without fault injection"
	return 1
}

# fail_nth N: the Nth from now on, or with 0 none
fail_nth()
{
	echo "$1" >$stats_dir/fail_nth
}

fired()
{
	[ "$(cat $stats_dir/fail_nth)" = 0 ]
}

# return_pending SBDF: dom0 is to have it back, and could not get it.
return_pending()
{
	grep -q "^$1 .*return_pending=1" $stats_dir/devices
}

# strand SBDF COMMAND...: which has the Nth of its hypercalls fail that it is given as its
# last argument, until the failure of one leaves its return pending
strand()
{
	local sbdf=$1 n=1
	shift
	until return_pending "$sbdf" || [ $n = 100 ]; do
		"$@" $n
		n=$((n + 1))
	done
	fail_nth 0
	return_pending "$sbdf"
}

# Interrupts

# irq_total WORD: how many interrupts have come on lines with that word
irq_total()
{
	awk -v word="$1" 'NR == 1 { cpus = NF }
		index($0, word) { for (i = 2; i <= cpus + 1; i++) n += $i }
		END { print n + 0 }' /proc/interrupts
}

# irqs_grow WORD SINCE
irqs_grow()
{
	[ "$(irq_total "$1")" -gt "$2" ]
}

# nic_interrupts NET SINCE: while it sends, since some drivers want interrupts for
# nothing else. Nobody answers.
nic_interrupts()
{
	arping -D -q -c 1 -w 1 -I "$1" 192.0.2.1 >/dev/null 2>&1
	irqs_grow "$1" "$2"
}

# nic_sends SBDF: the host's own card does, which takes DMA and interrupts.
nic_sends()
{
	local net since status=0
	net=$(ls "$pci/devices/$1/net") || return
	since=$(irq_total "$net")
	ip link set "$net" up
	poll 15 nic_interrupts "$net" "$since" || status=1
	ip link set "$net" down
	return $status
}

# What of MSI there is: Linux's irqs of VFIO, and Xen's of everybody.
irq_resources()
{
	echo "linux $(grep -c vfio /proc/interrupts)"
	on_xen || return 0
	echo "xen $(xen_irqs)"
	grep 'msi=' $stats_dir/devices
}

# MSIs that are bound or mapped in Xen, out of what its debug key 'i' prints.
xen_irqs()
{
	local mark
	mark=$(xl dmesg | wc -l)
	xl debug-keys i
	xl dmesg | tail -n +$((mark + 1)) | grep -c 'PCI-MSI.*d[0-9]*:'
}

irqs_are()
{
	[ "$(irq_resources)" = "$1" ]
}

# irqs_back TEXT BEFORE
irqs_back()
{
	if poll 5 irqs_are "$2"; then
		ok "$1"
	else
		not_ok "$1"
		echo "$2" | sed 's/^/# before: /'
		irq_resources | sed 's/^/# now: /'
	fi
}

# A closed device is dom0's, and has nothing mapped for VFIO.
dom0_without_msi()
{
	! on_xen || grep -qx "$1 owner=dom0" $stats_dir/devices
}

# IOMMU faults

fault_log()
{
	if on_xen; then xl dmesg; else dmesg; fi
}

# "SBDF read|write ADDRESS" as far as the log has it: QEMU's AMD IOMMU leaves out the
# address.
as_logged()
{
	if [ "$RIG_IOMMU" = amd ]; then sed 's/ 0x[0-9a-f]*$//'; else cat; fi
}

# Faults of these devices are part of the test from here on.
expect_dma_faults()
{
	local sbdf
	for sbdf; do
		echo "# expect-dma-faults $sbdf"
	done
	on_xen || sleep 6	# Linux logs 10 faults in 5 s at most
	fault_log | wc -l >"${TMPDIR:-/tmp}/fault-mark"
}

# One line for each fault since expect_dma_faults, as_logged
faults_logged()
{
	fault_log | tail -n +"$(($(cat "${TMPDIR:-/tmp}/fault-mark") + 1))" |
	"faults_of_$RIG_IOMMU" | sort -u
}

# Linux leaves out the segment, and Xen prints addresses without 0x.
faults_of_vtd()
{
	sed -n 's/.*DMAR:.*\[DMA \([A-Z][a-z]*\).*Request device \[\([0-9a-f:.]*\)\].* fault addr \(0x\)\?\([0-9a-f]*\).*/\2 \1 0x\4/p' |
	sed 's/^\(..:..\..\) /0000:\1 /' | tr 'RW' 'rw'
}

# Xen's line, and Linux's.  QEMU says in the lowest two flags what was wanted.
faults_of_amd()
{
	sed -n 's/.*AMD-Vi: IO_PAGE_FAULT: \([0-9a-f:.]*\) .* flags 0x\([0-9a-f]*\).*/\1 \2/p
		s/.* \([0-9a-f:.]*\): AMD-Vi: Event logged \[IO_PAGE_FAULT .* flags=0x\([0-9a-f]*\)\].*/\1 \2/p' |
	sed 's/ 0*9$/ read/; s/ 0*a$/ write/'
}

# Xen 4.17 logs no fault of QEMU's AMD IOMMU.
on_logging_xen()
{
	[ "$RIG_IOMMU" != amd ] || [ "$RIG_XEN" != 4.17 ]
}

# run_faulting COMMAND...: a program that announces, by "# fault" lines, which
# accesses the IOMMU must have stopped.  Logs are rate limited, so not all of
# them need to be there; but one has to be, and no other.
run_faulting()
{
	local out announced logged sbdf
	out=${TMPDIR:-/tmp}/faulting announced=$out.announced logged=$out.logged
	{ "$@" || echo "# exit status $?"; } | tee "$out"
	! grep -q '^not ok\|^# exit status\|^Bail out' "$out" || failed=1
	on_logging_xen || { skip "$1: the IOMMU's log" "Xen $RIG_XEN logs no fault of this IOMMU"; return; }
	sed -n 's/^# fault //p' "$out" | as_logged | sort -u >"$announced"
	sbdf=$(cut -d' ' -f1 "$announced" | sort -u)
	poll 5 fault_of "$sbdf" "$logged" || true
	check "$1: the IOMMU's log shows $(grep -cxFf "$announced" "$logged") of $(wc -l <"$announced") stopped accesses" \
		grep -qxFf "$announced" "$logged"
	if grep -vxFf "$announced" "$logged"; then
		not_ok "$1: the IOMMU stopped no other access"
	else
		ok "$1: the IOMMU stopped no other access"
	fi
}

fault_of()
{
	faults_logged >"$2"
	local sbdf
	for sbdf in $1; do
		grep -q "^$sbdf" "$2" || return 1
	done
}

# Xen's resources

# What Xen has handed out, to the page, and what vfio-xen-iommu says that it has.
xen_resources()
{
	echo "free_pages $(xen-free)"
	echo "domids $(xl list | awk 'NR > 1 { printf "%s ", $2 }')"
	grep '^\(shell_domains\|mapped_pages\|table_pages\|pool_pages\|held_pages\|quarantined\)' $stats_dir/stats
}

resources_are()
{
	[ "$(xen_resources)" = "$1" ]
}

# resources_back TEXT BEFORE: Xen frees a domain's last pages after a grace period.
resources_back()
{
	if poll 5 resources_are "$2"; then
		ok "$1"
	else
		not_ok "$1"
		echo "$2" | sed 's/^/# before: /'
		xen_resources | sed 's/^/# now: /'
	fi
}

# leaves_nothing TEXT COMMAND...: what it takes from Xen is given back.  Xen keeps a few
# pages of what first uses have needed: a leak comes each time.
leaves_nothing()
{
	local text=$1 before
	shift
	before=$(xen_resources)
	"$@"
	if ! poll 5 resources_are "$before"; then
		before=$(xen_resources)
		"$@"
	fi
	resources_back "$text" "$before"
}
