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
	if [ -d /etc/initramfs-tools ]; then
		echo MODULES=dep >/etc/initramfs-tools/conf.d/rig
	else
		echo 'hostonly=yes' >/etc/dracut.conf.d/rig.conf
	fi
}

# The module's parameter counts from its start on only: it has been loaded for a persistent
# device already.
allow_unsafe_interrupts()
{
	modprobe vfio_iommu_type1
	echo 1 >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts
}

# check_ends STATUS: that of vfio-xen-ctl check, whose lines are for shown
check_ends()
{
	local status=0
	vfio-xen-ctl check >/tmp/shown 2>&1 || status=$?
	sed 's/^/# /' /tmp/shown
	same "vfio-xen-ctl check ends with $1" $status "$1"
}

# The module is there, and came before all drivers that are modules.
module_is_early()
{
	check "vfio-xen-iommu is loaded" grep -q '^vfio_xen_iommu ' /proc/modules
	check "there are IOMMU groups" [ "$(ls /sys/kernel/iommu_groups | wc -l)" -gt 5 ]
	check_ends 0
	check "the module came before all drivers that are modules" \
		grep -q "^OK *early " /tmp/shown
}

# From the initramfs, which ends when the root is mounted
module_is_in_initramfs()
{
	check "the module is loaded in the initramfs" \
		[ "$(dmesg | grep -n 'vfio-xen-iommu' | head -n 1 | cut -d: -f1)" -lt \
		"$(dmesg | grep -n 'EXT4-fs' | head -n 1 | cut -d: -f1)" ]
}

# met DRIVER SBDF: it says its name with the address of each device that it takes.
met()
{
	dmesg | grep -E "$1[: ].*$2"
}
