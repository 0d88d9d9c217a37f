# SPDX-License-Identifier: GPL-2.0-only
# Those that a hostile guest must not harm: dom0, and another guest.  Both look after
# random bytes in their memory.  Sourced after guest.sh.
# shellcheck shell=busybox disable=SC3043,SC2154,SC2034

witness_log=/var/log/xen/console/guest-witness.log
witness_bytes=8M

# as_witness COMMAND...: one of guest.sh's, with the other guest
as_witness()
{
	(
		guest_name=witness guest_dir=/tmp/witness guest_extra=
		guest_log=$witness_log
		"$@"
	)
}

# It says "tick" for as long as its bytes are what they were.
witness_start()
{
	guest_up || return 1
	in_guest 30 "head -c $witness_bytes /dev/urandom >/tmp/bytes
		sum=\$(md5sum </tmp/bytes)
		while [ \"\$(md5sum </tmp/bytes)\" = \"\$sum\" ]; do
			echo tick >/dev/hvc0
			sleep 2
		done &"
}

witness_ticks()
{
	grep -c tick $witness_log
}

has_ticked()
{
	[ "$(witness_ticks)" -gt "$1" ]
}

# After the first guest was made, whose root it shares
witnesses_begin()
{
	head -c $witness_bytes /dev/urandom >/tmp/dom0-bytes
	md5sum </tmp/dom0-bytes >/tmp/dom0-sum
	mkdir -p /tmp/witness
	ln -sf $guest_dir/initrd /tmp/witness/initrd
	check "another guest is there to be harmed" as_witness guest_create pv
	check "it watches its memory" as_witness witness_start
}

witnesses_are_well()
{
	check "$1: the other guest's memory is as it was" poll 30 has_ticked $(($(witness_ticks) + 1))
	same "$1: so is dom0's" "$(md5sum </tmp/dom0-bytes)" "$(cat /tmp/dom0-sum)"
}

witnesses_end()
{
	xl destroy witness
	rm -r /tmp/witness /tmp/dom0-bytes
}
