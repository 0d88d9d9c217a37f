# SPDX-License-Identifier: GPL-2.0-only
# An HVM guest with devices, from its start to its end, and what is left of it then.
# Sourced after guest-work.sh, with $devices bound to vfio-xen-pci.
# shellcheck shell=busybox disable=SC3043,SC2154

# Which interrupts, ports and memory Xen allows each domain
xen_rights()
{
	local mark
	mark=$(xl dmesg | wc -l)
	xl debug-keys q
	xl dmesg | tail -n +$((mark + 1)) |
		sed -n 's/^(XEN) *\(\[.*\] *\)\?\(Rangesets\|Interrupts\|I\/O\)/\2/p'
}

# All that could be left over: Xen's memory, domains, rights and interrupts, xenstore
# and sysfs.
leavings()
{
	local sbdf
	xen_resources
	irq_resources
	xen_rights
	xenstore-ls -f | grep -v '^/tool\|^/libxl/\|domid\|console' | grep 'vfio\|pci' | sort
	ls /run/vfio-xen
	for sbdf in $devices; do
		echo "$sbdf $(owner "$sbdf") $(driver_of "$sbdf") $(setpci -s "$sbdf" COMMAND)"
	done
}

leavings_are()
{
	[ "$(leavings)" = "$1" ]
}

# all_back TEXT BEFORE: prints whatever differs
all_back()
{
	if poll 10 leavings_are "$2"; then
		ok "$1"
		return
	fi
	not_ok "$1"
	echo "$2" >/tmp/leavings.before
	leavings | diff /tmp/leavings.before - | sed 's/^/# /'
}

end_guest()
{
	guest_destroy
	check "vfio-xen-dm ends with its guest" poll 15 dm_gone
	poll 20 owners_are "$owners_before"
	same "the devices are as before" "$(owners)" "$owners_before"
}

start_guest()
{
	check "a guest is created" guest_create hvm
	check "it boots" guest_up
	check "vfio-xen-dm takes requests" dm_start
}

guest_lives()
{
	in_guest 20 'true'
}

# load_on PAUSE_US: the guest reads the drive, a MiB and then nothing for a while;
# /tmp/io tells if that ever failed.
load_on()
{
	in_guest 5 "rm -f /tmp/stop; { while [ ! -e /tmp/stop ]; do usleep $1
		dd if=/dev/nvme0n1 of=/dev/null bs=64k count=16 iflag=direct || echo failed; done; } >/tmp/io 2>&1 &" >/dev/null
}

load_off()
{
	in_guest 20 'touch /tmp/stop; sleep 1; ! grep failed /tmp/io' >"$OUT/io.txt"
}

# Before the first guest: $before is what all_back compares with.
begin_guests()
{
	load_vfio
	# shellcheck disable=SC2086
	check "the devices bind to vfio-xen-pci" bind_vfio $devices
	owners_before=$(owners)

	# What Xen and Linux make for the first guest of all, they keep.
	check "a guest is created" guest_create hvm -p
	dm_start
	dm_attach "$NVME0" null
	dm_attach "$EDU0" null
	end_guest
	sleep 1
	before=$(leavings)
	echo "$before" >"$OUT/before.txt"
}
