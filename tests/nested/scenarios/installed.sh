# SPDX-License-Identifier: GPL-2.0-only
# What scenarios on an installed host share.  Sourced after lib.sh.
# shellcheck shell=busybox disable=SC3043

# What has failed, if systemd isn't content
host_is_up()
{
	local state
	state=$(systemctl is-system-running --wait)
	systemctl --failed --no-legend --plain | sed 's/^/# /'
	same "systemd says that the host is running" "$state" running
}

# To make an initramfs takes minutes in emulation: leave out what other hosts need.
small_initramfs()
{
	echo MODULES=dep >/etc/initramfs-tools/conf.d/rig
}
