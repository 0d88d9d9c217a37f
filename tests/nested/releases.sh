# SPDX-License-Identifier: GPL-2.0-only
# Which Debian root each Xen and each kernel come from.  Sourced.
# shellcheck shell=bash

nested=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname "$(dirname "$nested")")
. "$top/scripts/lib.sh"

# The root whose toolstack belongs to a Xen release; without Xen, any will do.
suite_of_xen()
{
	case $1 in
	4.17) echo bookworm ;;
	4.20 | none) echo trixie ;;
	*) die "no Debian root is known for Xen $1; known: 4.17, 4.20, none" ;;
	esac
}

# Debian 13's kernel, whatever the Xen, and the programs that are not Xen's
kernel_root()
{
	"$top/scripts/build-root" trixie
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
