# SPDX-License-Identifier: GPL-2.0-only
# What guests do with their devices.  Sourced after guest.sh.
# shellcheck shell=busybox disable=SC3043,SC2154

guest_address=192.168.77.2
peer_address=192.168.77.1

# Whose $devices are
owners()
{
	local sbdf
	for sbdf in $devices; do
		owner "$sbdf"
	done | sort -u | paste -sd' '
}

owners_are()
{
	[ "$(owners)" = "$1" ]
}

# "SBDF vendor:device" of each device, QEMU's own left out
guest_devices()
{
	in_guest 10 'cd /sys/bus/pci/devices && for d in *; do [ ! -e $d ] ||
		echo "$d $(cat $d/vendor):$(cat $d/device)"; done' |
		if [ "$guest_type" = hvm ]; then grep -v '0000:00:0[012]\.'; else cat; fi |
		paste -sd' '
}

guest_has()
{
	[ "$(guest_devices)" = "$1" ]
}

# guest_interrupts PATTERN: how many have come, on lines of /proc/interrupts with it
guest_interrupts()
{
	in_guest 10 "grep '$1' /proc/interrupts" |
		awk '{ for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }'
}

nvme_there()
{
	in_guest 10 '[ -b /dev/nvme0n1 ]' >/dev/null
}

nvme_gone()
{
	in_guest 10 '[ ! -e /dev/nvme0n1 ]' >/dev/null
}

# nvme_works MIB: made-up bytes to the drive and back, 16 MiB (or less) at a time
nvme_works()
{
	local part=$1 parts=1
	[ "$1" -lt 16 ] || { part=16; parts=$(($1 / 16)); }
	in_guest $((30 + $1 * 3)) "dd if=/dev/urandom of=/tmp/a bs=1M count=$part 2>/dev/null
		sum=\$(md5sum </tmp/a) i=0
		[ -b /dev/nvme0n1 ] && while [ \$i -lt $parts ]; do
			dd if=/tmp/a of=/dev/nvme0n1 bs=1M seek=\$((i * $part)) oflag=direct || break
			[ \"\$(dd if=/dev/nvme0n1 bs=1M count=$part skip=\$((i * $part)) \
				iflag=direct | md5sum)\" = \"\$sum\" ] || break
			i=\$((i + 1))
		done 2>/tmp/dd; cat /tmp/dd; [ \$i = $parts ]" >"$OUT/nvme.txt"
}

# drive_works TEXT: the guest has the drive, reads and writes it, and hears of that by
# MSI-X, as results
drive_works()
{
	local interrupts
	check "$1: the drive has a block device" poll 60 nvme_there
	check "$1: it reads back what was written" nvme_works 1
	interrupts=$(guest_interrupts '\(MSIX\|msi-x\).*nvme')
	check "$1: $interrupts MSI-X interrupts for that" [ "$interrupts" -ge 4 ]
}

# dom0's own driver has the drive, and reads.
host_reads()
{
	driver_is "$NVME0" nvme && poll 10 [ -b /dev/nvme0n1 ] &&
		dd if=/dev/nvme0n1 of=/dev/null bs=64k count=4 iflag=direct 2>/dev/null
}

# peer_up SBDF [DRIVER]: the card of the wire that dom0 keeps, to talk to
peer_up()
{
	local net driver=${2:-igb}
	modprobe "$driver"
	bind_to "$driver" "$1"
	for net in "$pci/devices/$1/net/"*; do
		ip addr add $peer_address/24 dev "${net##*/}"
		ip link set "${net##*/}" up
	done
}

# A driver may still be at work on its card when it is loaded.
guest_net_up()
{
	poll 30 in_guest 10 "ip link set eth0 up" >/dev/null
	in_guest 20 "ip addr add $guest_address/24 dev eth0" >"$OUT/net.txt"
	poll 20 guest_pings
}

guest_pings()
{
	in_guest 10 "ping -c 1 -W 1 $peer_address" >/dev/null
}

ten_pings()
{
	in_guest 30 "ping -c 10 -i 0.05 -s 1400 $peer_address" | grep '10 packets received'
}

# is_listening PORT: dom0 takes connections there
is_listening()
{
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		grep -q "$(printf ':%04X [0-9A-F:]* 0A ' "$1")"
}

# transfer_works MIB: so much goes from the guest to dom0 and back, both at once
transfer_works()
{
	local server
	tcp-echo serve $peer_address 7001 &
	server=$!
	poll 10 is_listening 7001
	in_guest 300 "tcp-echo send $peer_address 7001 $1" >"$OUT/sent.txt" &&
		wait $server && return
	sed 's/^/# /' "$OUT/sent.txt"
	sed 's/^/# dom0: /' /proc/net/dev
	in_guest 10 'free; cat /proc/net/dev; netstat -tn; dmesg | tail -n 5' | sed 's/^/# /'
	kill $server 2>/dev/null
	return 1
}
