#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# PCI devices get their drivers in the initramfs, so what comes before these has to be
# there: vfio-xen-iommu, the drivers of persistent devices, the rule of udev that
# loads them and the list of the devices.  It does nothing but on a Xen dom0.
# shellcheck disable=SC2154 # dracut's variables

check()
{
	return 0
}

depends()
{
	echo udev-rules
}

installkernel()
{
	if ! modinfo -k "$kernel" vfio-xen-iommu >/dev/null 2>&1; then
		dwarn "vfio-xen: Linux $kernel has no module vfio-xen-iommu, so it will" \
			"boot without VFIO; see dkms status"
		return 0
	fi
	hostonly='' instmods vfio-xen-iommu vfio-xen-pci vfio-pci vfio_iommu_type1
}

install()
{
	local options

	inst_rules 60-vfio-xen.rules
	# It warns of mistakes, and of what this host could not boot without.
	/usr/lib/udev/vfio-xen-udev --validate || :
	# dracut leaves these out of an initramfs that is not for this host alone.
	mapfile -t options < <(grep -ls vfio /etc/modprobe.d/*.conf)
	inst_multiple -o /usr/lib/udev/vfio-xen-udev /etc/vfio-xen/devices.d/*.conf \
		"${options[@]}"
}
