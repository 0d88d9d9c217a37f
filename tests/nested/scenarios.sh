# SPDX-License-Identifier: GPL-2.0-only
# What the scenarios say about themselves.  Sourced by run.
#
# A scenario is an executable in scenarios/ whose first comment block has
# "# key: value" lines:
#   summary         one line; what lacks it is not a scenario
#   xen             releases it is for, or "no"; all that are known if absent
#   kernel          those of kernels/ that it is for; any if absent
#   iommu           vtd or amd, if it is for that one only
#   vfio            what its programs can use beside type1: iommufd, cdev
#   guests          kinds of guests that get devices: pv, hvm
#   native          "yes" if it also runs without Xen
#   output          "text" if it prints for people, not TAP; run when named only
#   long            "yes" if it takes long: run when named, and with --long
#   timeout         seconds that it may take (default 180)
#   image           what dom0's image has beside the base: names of lists of files
#                   in dom0/ (guest systemd)
#   linux-args, xen-args, mem, dom0-mem, qemu-device (of each), icount (yes)
#                   of the boot it needs; scenarios for which these and image are
#                   equal share a boot
# Its environment has the slots of machine, RIG_XEN, RIG_KERNEL, RIG_IOMMU, RIG_VFIO,
# RIG_ICOUNT ("yes" or empty), and OUT, a directory whose files come back.
# shellcheck shell=bash disable=SC2154

boot_keys="linux-args xen-args mem dom0-mem qemu-device icount image"

scenario_get()
{
	local name=$1 key=$2
	sed -n "/^[^#]/q; /^\$/q; s/^# *$key: *//p" "$nested/scenarios/$name" | head -n 1
}

scenario_names()
{
	local file
	for file in "$nested/scenarios"/*; do
		[ -x "$file" ] && [ -f "$file" ] || continue
		[ -z "$(scenario_get "${file##*/}" summary)" ] || echo "${file##*/}"
	done
}

scenario_list()
{
	local name
	for name in $(scenario_names); do
		printf '%-20s %s\n' "$name" "$(scenario_get "$name" summary)"
	done
}

# Whether a scenario is meant for what the caller's xen, kernel, iommu and vfio say
scenario_fits()
{
	local name=$1 only
	only=$(scenario_get "$name" vfio)
	[[ " type1 $only " = *" $vfio "* ]] || return 1
	only=$(scenario_get "$name" iommu)
	[ -z "$only" ] || [ "$only" = "$iommu" ] || return 1
	only=$(scenario_get "$name" kernel)
	[ -z "$only" ] || [[ " $only " = *" $kernel "* ]] || return 1
	only=$(scenario_get "$name" xen)
	if [ "$xen" = none ]; then
		[ "$only" = no ] || [ "$(scenario_get "$name" native)" = yes ]
	else
		[ -z "$only" ] || [[ " $only " = *" $xen "* ]]
	fi
}

scenario_limit()
{
	local limit
	limit=$(scenario_get "$1" timeout)
	limit=${limit:-180}
	# That one looks for mistakes all the time.
	[ "$kernel" != debug ] || limit=$((limit * 3))
	echo "$limit"
}

# The boot settings of a scenario as one string, to group by
scenario_boot()
{
	local name=$1 key
	for key in $boot_keys; do
		echo "$key=$(scenario_get "$name" "$key")"
	done
}
