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

# Kernels are Debian 13's, whatever the Xen.
kernel_root()
{
	"$top/scripts/build-root" trixie
}

# The full release of the installed kernel that starts with VERSION
kernel_release()
{
	local k
	for k in "$(kernel_root)/lib/modules/$1"*; do
		[ -d "$k" ] || die "no kernel $1 in the trixie root"
		basename "$k"
		return
	done
}
