# SPDX-License-Identifier: GPL-2.0-only
# An HVM guest for scenarios with "image: guest-hvm", and its vfio-xen-dm.  Sourced
# after lib.sh.  There is one guest at a time:
#
#	hvm_create [ARGUMENT of xl create]...
#	hvm_up
#	in_guest SECONDS 'commands'	prints what they print; their status
#	dm_start; dm_attach $EDU0 null; dm_detach $EDU0 false
# shellcheck shell=busybox disable=SC3043,SC2154

hvm_name=hvm
hvm_log=/var/log/xen/console/guest-$hvm_name.log
hvm_dir=/tmp/hvm

# The guest's root: busybox, drivers, test programs that it runs, and a shell on the
# console, which echoes nothing.
make_guest_root()
{
	local root=$hvm_dir/root name
	mkdir -p $root/bin $root/proc $root/sys $root/dev $root/tmp $root/modules
	cp /usr/bin/busybox $root/bin/
	for name in $(busybox --list); do
		[ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
	done
	cp /tests/bin/config-gap $root/bin/
	for name in nvme e1000e; do
		modprobe --show-depends $name | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while read -r name; do
		cp "$name" $root/modules/
		echo "${name##*/}"
	done >$root/modules/order
	cat >$root/init <<'END'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
exec </dev/hvc0 >/dev/hvc0 2>&1
stty -echo
echo "guest is up"
while :; do
	PS1= PS2= sh
done
END
	chmod +x $root/init
	(cd $root && find . | cpio -o -H newc 2>/dev/null) >$hvm_dir/initrd
	rm -rf $root
}

hvm_config()
{
	cat <<END
name = "$hvm_name"
type = "hvm"
kernel = "$(echo /boot/vmlinuz-*)"
ramdisk = "$hvm_dir/initrd"
cmdline = "console=hvc0 loglevel=4 panic=0"
memory = 224
vcpus = 2
vga = "none"
serial = "null"
usb = 0
device_model_version = "qemu-xen"
device_model_override = "/usr/libexec/xen-qemu-system-i386"
on_crash = "preserve"
passthrough = "enabled"
END
}

hvm_create()
{
	mkdir -p $hvm_dir
	[ -e $hvm_dir/initrd ] || make_guest_root
	hvm_config >$hvm_dir/config
	rm -f $hvm_log
	xl create "$@" $hvm_dir/config >>"$OUT/xl.log" 2>&1 || return 1
	hvm_domid=$(xl domid $hvm_name)
	dm_socket=/run/vfio-xen/$(xenstore-read "/local/domain/$hvm_domid/vm" | sed 's,/vm/,,').sock
}

guest_said()
{
	grep -q "$1" $hvm_log 2>/dev/null
}

hvm_up()
{
	poll 90 guest_said '^guest is up' || return 1
	hvm_tty=$(xenstore-read "/local/domain/$hvm_domid/console/tty")
	# What the shell says first is nobody's.
	echo 0 >$hvm_dir/commands
	printf 'echo done-0-0\n' >"$hvm_tty"
	poll 10 guest_said '^done-0-'
}

# The commands are counted in a file: it is also called where variables are lost.
in_guest()
{
	local nr last mark
	nr=$(cat $hvm_dir/commands)
	last="done-$nr-"
	mark="done-$((nr + 1))-"
	echo $((nr + 1)) >$hvm_dir/commands
	printf '{ %s\n} 2>&1; echo "%s$?"\n' "$2" "$mark" >"$hvm_tty"
	poll "$1" guest_said "^$mark" || { echo "timeout"; return 1; }
	tr -d '\r' <$hvm_log | awk -v mark="^$mark" -v last="^$last" '
		$0 ~ mark { exit }
		found { print }
		$0 ~ last { found = 1 }'
	guest_said "^${mark}0"
}

hvm_destroy()
{
	xl destroy $hvm_name
	cp $hvm_log "$OUT/guest-$hvm_domid.log"
}

dm_start()
{
	vfio-xen-dm --domid "$hvm_domid" 2>>"$OUT/dm.log" &
	dm_pid=$!
	poll 10 [ -S "$dm_socket" ]
}

dm_gone()
{
	! kill -0 $dm_pid 2>/dev/null
}

dm_worker()
{
	dm-request "$dm_socket" '{"command":"status"}' |
		sed -n 's/.*"worker_pid":\([0-9]*\).*/\1/p'
}

# dm_attach SBDF SLOT|null
dm_attach()
{
	dm-request "$dm_socket" \
		"{\"command\":\"attach\",\"device\":\"$1\",\"slot\":$2,\"timeout\":20}" >"$OUT/reply"
}

# dm_detach SBDF FORCE
dm_detach()
{
	dm-request "$dm_socket" \
		"{\"command\":\"detach\",\"device\":\"$1\",\"force\":$2,\"timeout\":20}" >"$OUT/reply"
}

said()
{
	sed 's/^/# /' "$OUT/reply"
}
