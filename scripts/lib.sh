# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the scripts that make and enter build roots.
# shellcheck shell=bash

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# Everything that takes time to make is kept here and may be deleted at will.
cache_dir()
{
	echo "${VFIO_XEN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vfio-xen}"
}

# wait_for_turn N: until fewer than N jobs of this shell run
wait_for_turn()
{
	while [ "$(jobs -rp | wc -l)" -ge "$1" ]; do
		wait -n || true
	done
}

# Mounts, chroot and mmdebstrap need root.  The cache stays the caller's own:
# sudo may change HOME.
become_root()
{
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null || die "needs root, or sudo to become root"
	exec sudo VFIO_XEN_CACHE="$(cache_dir)" VFIO_XEN_UID="$(id -u)" \
		VFIO_XEN_GID="$(id -g)" "$@"
}
