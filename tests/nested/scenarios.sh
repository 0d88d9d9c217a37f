# SPDX-License-Identifier: GPL-2.0-only
# What the scenarios say about themselves.  Sourced by run.
#
# A scenario is an executable in scenarios/ whose first comment block has
# "# key: value" lines:
#   summary         one line; what lacks it is not a scenario
#   xen             releases it is for, or "no"; all that are known if absent
#   kernel          those of kernels/ that it is for; any if absent
#   iommu           vtd or amd, if it is for that one only
#   cpus            2 if it is for that many processors only
#   vfio            what its programs can use beside type1: iommufd, cdev
#   guests          kinds of guests that get devices: pv, hvm
#   native          "yes" if it also runs without Xen
#   output          "text" if it prints for people, not TAP; run when named only
#   long            "yes" if it takes long: run when named, and with --long
#   machine         "installed" if dom0 is a host that this project's packages have been
#                   installed on, with a disk; boots of its own
#   boots           of an installed host: how many; the scenario runs once in each, with
#                   RIG_STEP from 1 on (default 1)
#   host            of an installed host: what it has beside: dracut, later-kernel (see
#                   installed)
#   upgrade         "yes" if an installed host gets the packages of the next version as
#                   well, in /tests/next
#   timeout         seconds that it may take (default 180)
#   image           what dom0's image has beside the base: names of lists of files
#                   in dom0/ (guest systemd)
#   covers          starts of the names of files that it tests before others: a change of
#                   these runs it in ./check --quick
#   overlay         programs that make what lies over dom0's root, and print where: of
#                   tests/nested (selftests)
#   linux-args, xen-args, mem, dom0-mem, qemu-device (of each), icount (yes)
#                   of the boot it needs; scenarios for which these and image are
#                   equal share a boot
# A key with -N behind it (qemu-device-2) takes the place of that key in boot N of an
# installed host.
# Its environment has the slots of machine, RIG_XEN, RIG_PATCHED ("yes" if the hypervisor has
# this project's patches, or empty), RIG_KERNEL, RIG_IOMMU, RIG_VFIO,
# RIG_CPUS, RIG_ICOUNT ("yes" or empty), and OUT, a directory whose files come back.
# shellcheck shell=bash disable=SC2154

boot_keys="linux-args xen-args mem dom0-mem qemu-device icount image"

scenario_get()
{
	local name=$1 key=$2
	sed -n "/^[^#]/q; /^\$/q; s/^# *$key: *//p" "$nested/scenarios/$name" | head -n 1
}

scenario_has()
{
	sed '/^[^#]/q; /^$/q' "$nested/scenarios/$1" | grep -q "^# *$2:"
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

# Whether a scenario is meant for what the caller's xen, kernel, iommu, vfio and cpus say
scenario_fits()
{
	local name=$1 only
	only=$(scenario_get "$name" vfio)
	[[ " type1 $only " = *" $vfio "* ]] || return 1
	only=$(scenario_get "$name" iommu)
	[ -z "$only" ] || [ "$only" = "$iommu" ] || return 1
	only=$(scenario_get "$name" cpus)
	[ "${only:-1}" -le "$cpus" ] || return 1
	# What counts instructions is measured on one.
	[ "$cpus" = 1 ] || [ "$(scenario_get "$name" icount)" != yes ] || return 1
	only=$(scenario_get "$name" kernel)
	[ -z "$only" ] || [[ " $only " = *" $kernel "* ]] || return 1
	only=$(scenario_get "$name" xen)
	if [ "$xen" = none ]; then
		[ "$only" = no ] || [ "$(scenario_get "$name" native)" = yes ]
	else
		[ -z "$only" ] || [[ " $only " = *" $xen "* || " $only " = *" $(release_of_xen "$xen") "* ]]
	fi
}

# Those of a machine that run unless others are named: what the caller's long says, none
# that prints for people
scenarios_of()
{
	local machine=$1 name
	for name in $(scenario_names); do
		scenario_fits "$name" || continue
		[ "$(scenario_machine "$name")" = "$machine" ] || continue
		[ "$(scenario_get "$name" output)" != text ] || continue
		[ "$long" ] || [ "$(scenario_get "$name" long)" != yes ] || continue
		echo "$name"
	done
}

# Those that cover one of the files in CHANGED, a line each.  A scenario covers itself.
scenarios_covering()
{
	local changed=$1 name start
	for name in $(scenario_names); do
		scenario_fits "$name" && [ "$(scenario_machine "$name")" = rig ] || continue
		for start in "tests/nested/scenarios/$name" $(scenario_get "$name" covers); do
			grep -q "^$start" <<<"$changed" || continue
			echo "$name"
			break
		done
	done
}

scenario_limit()
{
	local limit
	limit=$(scenario_get "$1" timeout)
	limit=${limit:-180}
	# Those look for mistakes all the time.
	[[ $kernel != @(debug|kasan) ]] || limit=$((limit * 3))
	echo $((limit * cpus))
}

scenario_machine()
{
	local machine
	machine=$(scenario_get "$1" machine)
	echo "${machine:-rig}"
}

scenario_boots()
{
	local boots
	boots=$(scenario_get "$1" boots)
	echo "${boots:-1}"
}

# The boot settings of a scenario, or of one of its boots, as one string, to group by
scenario_boot()
{
	local name=$1 step=${2:-} key value
	for key in $boot_keys; do
		value=$(scenario_get "$name" "$key")
		if [ "$step" ] && scenario_has "$name" "$key-$step"; then
			value=$(scenario_get "$name" "$key-$step")
		fi
		echo "$key=$value"
	done
}
