# SPDX-License-Identifier: GPL-2.0-only
# What the scenarios with PV guests share.  Sourced after guest-work.sh; they set
# devices, owners_before and before.
# shellcheck shell=busybox disable=SC3043,SC2154,SC2034

guest_drivers="xen-pcifront nvme igb guest-edu"

# edu_works COUNT MSI: a device that is added now passes the tests of the guest's
# driver, with so many interrupts
edu_works()
{
	local passed
	passed=$(edu_passed)
	in_guest 30 "cd /sys/module/guest_edu/parameters; echo $1 >interrupts; echo $2 >msi"
	attach "edu" "$EDU0" 9
	check "it passes the guest's tests, with $1 interrupts" \
		poll 60 edu_passed_is $((passed + 1))
	in_guest 10 'dmesg | grep guest-edu | tail -n 3' | sed 's/^/# /'
}

edu_passed()
{
	in_guest 30 'cat /sys/module/guest_edu/parameters/passed'
}

edu_passed_is()
{
	[ "$(edu_passed)" = "$1" ]
}

# nic_works NAME PATTERN: pings, and MiB each way, by interrupts of that kind
nic_works()
{
	local before after start
	[ "$1" != e1000e ] || in_guest 20 'insmod /modules/e1000e.ko' >"$OUT/$1.txt"
	check "$1: the guest reaches dom0" guest_net_up
	before=$(guest_interrupts "$2")
	check "$1: ten pings come back" ten_pings
	start=$(date +%s)
	check "$1: 64 MiB go to dom0 and back, unharmed" transfer_works 64
	echo "# that took $(($(date +%s) - start)) s"
	after=$(guest_interrupts "$2")
	check "$1: $((after - before)) interrupts for that" [ $((after - before)) -ge 100 ]
}

# attach_paused SBDF: ends when the guest has booted; sets attach_pid
attach_paused()
{
	dm-request "$dm_socket" \
		"{\"command\":\"attach\",\"device\":\"$1\",\"slot\":null,\"timeout\":120}" \
		>"$OUT/reply-paused" &
	attach_pid=$!
}

# What a running PV guest has given back stays quarantined until its end, and then
# until its next use.
look_again()
{
	local sbdf
	for sbdf in $devices; do
		pci-open "$sbdf" >>"$OUT/look-again.txt"
	done
}

# The guest ends with what it has: all is as before.
end_guest()
{
	guest_destroy
	check "vfio-xen-dm ends with its guest" poll 10 dm_gone
	look_again
	check "the devices are as before" poll 5 owners_are "$owners_before"
	resources_back "Xen has back what it had" "$before"
}
