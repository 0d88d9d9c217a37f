# SPDX-License-Identifier: GPL-2.0-only
# A guest for scenarios with "image: guest" or "guest-pv", and its vfio-xen-dm.  Sourced after
# lib.sh.  There is one guest at a time, Debian's kernel on a root of busybox:
#
#	guest_create pv|hvm [ARGUMENT of xl create]...
#	guest_up
#	in_guest SECONDS 'commands'	prints what they print; their status
#	guest_destroy
#	dm_start; dm_attach $EDU0 null; dm_detach $EDU0 false
#
# Set guest_programs to test programs (tests/nested/progs) that it runs, and
# guest_extra to lines for its configuration, guest_qemu to another QEMU, before the
# first guest_create.
# shellcheck shell=busybox disable=SC3043,SC2154

guest_name=guest
guest_log=/var/log/xen/console/guest-$guest_name.log
guest_dir=/tmp/guest
guest_image=${RIG_IMAGE:-}	# where on an installed host the files of dom0/guest are
guest_kernel=$(echo "$guest_image"/boot/vmlinuz-*)
guest_programs=
guest_extra=
guest_qemu=/usr/libexec/xen-qemu-system-i386
guest_drivers="xen-pcifront nvme igb"

# vfio-xen-dm uses VFIO as test programs do.  iommufd asks what type1 asks, whether
# interrupts are isolated.
export VFIO_XEN_IOMMU=type1
[ "$RIG_VFIO" = type1 ] || VFIO_XEN_IOMMU=iommufd
! modprobe iommufd 2>/dev/null ||
	echo 1 >/sys/module/iommufd/parameters/allow_unsafe_interrupts

# What an earlier scenario of this boot has put into its guest is not ours, nor is a
# guest that it has left when it failed. On an installed host there was none, and a guest
# is xendomains's.
rm -f $guest_dir/initrd
[ -n "$guest_image" ] || xl destroy $guest_name 2>/dev/null

# Busybox, drivers, test programs, and a shell that takes its commands from the
# console. It writes to a pipe, so that it does not take itself for interactive:
# nothing is echoed, and nothing prompts.
make_guest_root()
{
	local root=$guest_dir/root name
	mkdir -p $root/bin $root/proc $root/sys $root/dev $root/tmp $root/modules
	cp "$guest_image/usr/bin/busybox" $root/bin/
	for name in $guest_programs; do
		cp "/tests/bin/$name" $root/bin/
	done
	guest_modules $root/modules
	cat >$root/init <<'END'
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do
	insmod /modules/$module
done </modules/order
exec </dev/hvc0 >/dev/hvc0 2>&1
stty -echo
echo "guest is up"
while :; do
	sh -s 2>&1 | cat
done
END
	# What the kernel runs when xl, or xendomains, asks the guest to shut down
	mkdir -p $root/sbin
	printf '#!/bin/busybox sh\nexec /bin/busybox poweroff -f\n' >$root/sbin/poweroff
	chmod +x $root/init $root/sbin/poweroff
	(cd $root && find . | cpio -o -H newc 2>/dev/null) >$guest_dir/initrd
	rm -rf $root
}

# guest_modules DIR: the guest's drivers and, in order, what they need.  Two are left to be
# loaded by hand: e1000e has parameters to try, and guest-soft-reset does what it says.
guest_modules()
{
	local name
	for name in $guest_drivers e1000e guest-soft-reset; do
		guest_module_files $name
	done | awk '!seen[$0]++' | while read -r name; do
		cp "$name" "$1/"
		basename "$name"
	done | grep -v '^e1000e\|^guest-soft-reset' >"$1/order"
}

# Modules of our own are not in the index.  Busybox's modprobe knows no other root.
guest_module_files()
{
	local root=$guest_image/usr/lib/guest
	/usr/sbin/modprobe -d "$root" -S "$(ls "$root/lib/modules")" --show-depends "$1" 2>/dev/null |
		sed -n 's/^insmod \([^ ]*\).*/\1/p' | grep . ||
		find "$root" -name "$1.ko"
}

guest_config()
{
	cat <<END
name = "$guest_name"
type = "$1"
kernel = "$guest_kernel"
ramdisk = "$guest_dir/initrd"
cmdline = "console=hvc0 loglevel=4 panic=0 xen_legacy_crash"
memory = 224
vcpus = 2
on_crash = "preserve"
passthrough = "enabled"
$guest_extra
END
	case $1 in
	pv)	echo "e820_host = 1" ;;
	hvm)	cat <<END
vga = "none"
serial = "null"
usb = 0
device_model_version = "qemu-xen"
device_model_override = "$guest_qemu"
END
	esac
}

# guest_prepare TYPE: what a guest needs that is about to be created
guest_prepare()
{
	guest_type=$1
	mkdir -p $guest_dir
	[ -e $guest_dir/initrd ] || make_guest_root
	rm -f $guest_log
	echo 0 >$guest_dir/commands
}

guest_create()
{
	guest_prepare "$1"
	shift
	guest_config "$guest_type" >$guest_dir/config
	if ! xl create "$@" $guest_dir/config >>"$OUT/xl.log" 2>&1; then
		tail -n 10 "$OUT/xl.log" | sed 's/^/# /'
		return 1
	fi
	guest_is_here
}

# After a reboot of the guest it has another domid.
guest_is_here()
{
	guest_domid=$(xl domid $guest_name 2>/dev/null) || return 1
	guest_uuid=$(xenstore-read "/local/domain/$guest_domid/vm") || return 1
	guest_uuid=${guest_uuid#/vm/}
	dm_socket=/run/vfio-xen/$guest_uuid.sock
}

guest_said()
{
	grep -q "$1" $guest_log 2>/dev/null
}

# The end of a command can stay in the guest's terminal until more comes.
guest_answers()
{
	guest_said "$1" && return
	echo >"$guest_tty"
	usleep 150000
	return 1
}

guest_up()
{
	poll 240 guest_said '^guest is up' || return 1
	guest_domid=$(xl domid "$guest_name")
	guest_tty=$(xenstore-read "/local/domain/$guest_domid/console/tty")
}

# What may explain that it does not answer
guest_is_stuck()
{
	local pid
	date
	xl vcpu-list
	xl debug-keys q
	for pid in $(pidof vfio-xen-dm); do
		head -n 1 "/proc/$pid/comm"
		cat "/proc/$pid/stack" "/proc/$pid/syscall"
	done
}

# What a guest prints between two marks is the command's.  Their number is in a file,
# since many commands run in a subshell.
in_guest()
{
	local n
	n=$(($(cat $guest_dir/commands) + 1))
	echo $n >$guest_dir/commands
	printf 'echo; echo "begin-%s-"; { %s\n} </dev/null 2>&1; echo "end-%s-$?"\n' \
		"$n" "$2" "$n" >"$guest_tty"
	echo "$(cut -d' ' -f1 /proc/uptime) $n" >>"$OUT/commands.txt"
	if ! poll "$1" guest_answers "^end-$n-\|[^\"]end-$n-[0-9]"; then
		echo "timeout; the guest's last lines:"
		tail -n 5 $guest_log
		guest_is_stuck >>"$OUT/stuck.txt" 2>&1
		return 1
	fi
	echo "$(cut -d' ' -f1 /proc/uptime) $n ends" >>"$OUT/commands.txt"
	tr -d '\r' <$guest_log | sed -n "/^begin-$n-/,/end-$n-[0-9]/p" |
		sed "1d; s/end-$n-[0-9]*\$//; \${/^\$/d}"
	guest_said "end-$n-0"
}

# guest_pokes SLOT OCTAL: writes a register that no standard defines; what it reads then
guest_pokes()
{
	in_guest 10 "cd /sys/bus/pci/devices/0000:00:$1.0
		printf '\\$2' | dd of=config bs=1 seek=240 conv=notrunc 2>/dev/null
		hexdump -s 240 -n 1 -e '1/1 \"%u\"' config"
}

guest_destroy()
{
	xl destroy $guest_name
	cp $guest_log "$OUT/guest-$guest_domid.log" 2>/dev/null
}

# vfio-xen-dm

dm_start()
{
	vfio-xen-dm --domid "$guest_domid" 2>>"$OUT/dm.log" &
	dm_pid=$!
	poll 30 dm_answers
}

# A socket may be that of one that has died.
dm_answers()
{
	dm_status >/dev/null 2>&1
}

dm_gone()
{
	! kill -0 $dm_pid 2>/dev/null
}

# It has no device, and stays for a while.
dm_idle()
{
	[ "$(dm_worker)" = 0 ]
}

dm_status()
{
	dm-request "$dm_socket" '{"command":"status"}'
}

dm_worker()
{
	dm_status | sed -n 's/.*"worker_pid":\([0-9]*\).*/\1/p'
}

dm_restarts()
{
	dm_status | sed -n 's/.*"restarts":\([0-9]*\).*/\1/p'
}

# In ms, of all successors so far: how many, the median and the longest
take_overs()
{
	sed -n 's/.* has taken over in \([0-9]*\) ms/\1/p' "$OUT/dm.log" | sort -n |
		awk '{ a[NR] = $1 } END { print NR, a[int((NR + 1) / 2)], a[NR] }'
}

# dm_attach SBDF SLOT|null
dm_attach()
{
	dm-request "$dm_socket" \
		"{\"command\":\"attach\",\"device\":\"$1\",\"slot\":$2,\"timeout\":20}" >"$OUT/reply"
}

# dm_gives SBDF: the guest has it, whoever asked for that
dm_gives()
{
	dm-request "$dm_socket" '{"command":"status"}' >/tmp/dm-status &&
		tr '{' '\n' </tmp/dm-status | grep "$1" | grep -q '"attached"'
}

# dm_detach SBDF FORCE
dm_detach()
{
	dm-request "$dm_socket" \
		"{\"command\":\"detach\",\"device\":\"$1\",\"force\":$2,\"timeout\":20}" >"$OUT/reply"
}

# What vfio-xen-dm has replied, as comments
dm_said()
{
	sed 's/^/# /' "$OUT/reply"
}

dm_slot()
{
	sed -n 's/.*"slot":\([0-9]*\).*/\1/p' "$OUT/reply"
}

# attach WHAT SBDF SLOT|null, detach WHAT SBDF FORCE: the same as results
attach()
{
	if dm_attach "$2" "$3"; then
		ok "$1 is attached, in slot $(dm_slot)"
	else
		not_ok "$1 is attached"
		dm_said
	fi
}

detach()
{
	if dm_detach "$2" "$3"; then ok "$1 is detached"; else not_ok "$1 is detached"; dm_said; fi
}
