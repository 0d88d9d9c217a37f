# SPDX-License-Identifier: GPL-2.0-only
# Which Debian root each Xen, each kernel and each QEMU come from.  Sourced.
# shellcheck shell=bash

nested=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$(dirname "$nested")")
. "$top/scripts/lib.sh"

# "4.17+patches" is a hypervisor with this project's patches, and all else of 4.17.
is_patched()
{
	[[ $1 = *+patches && -f $top/xen/${1%+patches}/version ]]
}

patched_xens()
{
	(cd "$top/xen" && printf '%s+patches\n' [0-9]*) | paste -sd' '
}

release_of_xen()
{
	if is_patched "$1"; then echo "${1%+patches}"; else echo "$1"; fi
}

# The root whose toolstack belongs to a Xen release; without Xen, any will do.
suite_of_xen()
{
	case $(release_of_xen "$1") in
	4.17) echo bookworm ;;
	4.20 | none) echo trixie ;;
	*) die "no Debian root is known for Xen $1; known: 4.17, 4.20, none, $(patched_xens)" ;;
	esac
}

# Debian 13's kernel, whatever the Xen, and the programs that are not Xen's
kernel_root()
{
	"$top/scripts/build-root" trixie
}

# The hypervisor itself, compressed
xen_image()
{
	if is_patched "$1"; then
		"$nested/hypervisor" "$1"
	else
		echo "$("$top/scripts/build-root" "$(suite_of_xen "$1")")/boot/xen-$1-amd64.gz"
	fi
}

# The root with the QEMU that has an IOMMU.  AMD's logs faults only in a newer one than
# Debian 13's.
qemu_root()
{
	case $1 in
	vtd) kernel_root ;;
	amd) "$top/scripts/build-root" trixie-qemu ;;
	esac
}

# The full release of the kernel VERSION: the start of that of one in Debian 13, or a
# name in kernels/
kernel_release()
{
	local k
	if [ -f "$nested/kernels/$1" ]; then
		cat "$("$nested/kernel" "$1")/release"
		return
	fi
	for k in "$(kernel_root)/lib/modules/$1"*; do
		[ -d "$k" ] || die "no kernel $1: neither in the trixie root nor in tests/nested/kernels"
		basename "$k"
		return
	done
}

# Guests run Debian 13's kernel, whatever dom0 runs.
guest_release()
{
	kernel_release 6.12
}

# The directory with lib/modules/ of the kernel RELEASE
kernel_dir()
{
	local name=${1#*-}
	if [ -f "$nested/kernels/$name" ]; then
		"$nested/kernel" "$name"
	else
		kernel_root
	fi
}

# The kernel RELEASE itself, which newer packages have beside its modules
kernel_image()
{
	local dir file
	dir=$(kernel_dir "$1")
	for file in "$dir/boot/vmlinuz-$1" "$dir/lib/modules/$1/vmlinuz"; do
		[ ! -e "$file" ] || { echo "$file"; return; }
	done
	die "no vmlinuz of $1 in $dir"
}

# What modules for it are built against, as it is called in the trixie root
kernel_headers()
{
	local dir
	dir=$(kernel_dir "$1")
	if [ -d "$dir/headers" ]; then
		echo "$dir/headers"
	else
		echo "/usr/src/linux-headers-$1"
	fi
}
