# SPDX-License-Identifier: GPL-2.0-only
# One boot of the machine, from images to exit.  Sourced by run.
#
# The caller sets:
#   xen, release         of Xen (or "none"), and of the kernel
#   iommu                vtd or amd
#   vfio                 the interface of VFIO that test programs use
#   cpus                 how many processors the machine and dom0 have
#   mem, dom0_mem        sizes, as QEMU and Xen spell them
#   xen_args, linux_args additions to the command lines
#   devices, overlays    arrays
#   additions            array of what goes into dom0's image beside the base
#   icount               "yes" for instruction counting
#   products             directory with what build made
#   machine              rig, or installed; of this:
#   host_disk            its disk, which has what earlier boots left
#   step                 the number of the boot in its scenario
#   upgrade              "yes" if it gets the packages of the next version
# shellcheck shell=bash disable=SC2154

. "$nested/machine"

qemu_pid=

# QEMU runs straight from the root, by its own loader: no chroot, no privilege,
# and the process is our child.
qemu()
{
	local root
	root=$(qemu_root "$iommu")
	# exec and the death signal: QEMU must not outlive the run, however that ends.
	exec setpriv --pdeathsig KILL "$root/lib64/ld-linux-x86-64.so.2" \
		--library-path "$root/usr/lib/x86_64-linux-gnu" \
		"$root/usr/bin/qemu-system-x86_64" \
		-L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
}

# What dom0 runs and with what environment: laid over the base image
rig_overlay()
{
	local dest=$1 plan=$2 patched=''
	! is_patched "$xen" || patched=yes
	mkdir -p "$dest/tests/bin"
	if [ "$machine" = installed ]; then
		install "$nested/dom0/host" "$dest/tests/host"
	else
		install "$nested/dom0/init" "$dest/init"
	fi
	install "$nested/dom0/runner" "$dest/tests/runner"
	cp -R "$nested/scenarios" "$dest/tests/" 2>/dev/null || mkdir "$dest/tests/scenarios"
	cp "$plan" "$dest/tests/plan"
	{
		machine_environment
		echo "export RIG_XEN=$(release_of_xen "$xen") RIG_PATCHED=$patched RIG_KERNEL=$release" \
			"RIG_IOMMU=$iommu RIG_VFIO=$vfio RIG_CPUS=$cpus RIG_ICOUNT=$icount RIG_STEP=$step"
		[ "$machine" != installed ] || echo "export RIG_IMAGE=/tests/image"
	} >"$dest/tests/environment"
}

# Module indexes cover the modules of the base and of the overlays.
index_modules()
{
	local dest=$1 image=$2 all=$1.modules
	[ -d "$dest/lib/modules" ] || return 0
	cp -R "$image/modules" "$all"
	cp -R "$dest/lib/modules/." "$all/lib/modules/"
	"$top/scripts/in-root" --bind "$(dirname "$dest")" trixie depmod -b "$all" "$release"
	cp "$all/lib/modules/$release/"modules.* "$dest/lib/modules/$release/"
	rm -rf "$all"
}

# The base has /lib as a link, which a directory in a later archive would hide.
merge_usr()
{
	local dest=$1 dir
	for dir in bin sbin lib lib64; do
		[ -d "$dest/$dir" ] || continue
		mkdir -p "$dest/usr/$dir"
		cp -R "$dest/$dir/." "$dest/usr/$dir/"
		rm -rf "${dest:?}/$dir"
	done
}

make_initrd()
{
	local dir=$1 image overlay extra name parts
	image=$("$nested/image" "$(release_of_xen "$xen")" "$release")
	parts=("$image/base.cpio")
	for name in "${additions[@]}"; do
		parts+=("$("$nested/image" --addition "$name" "$xen")/base.cpio")
	done
	overlay=$dir/overlay
	rm -rf "$overlay"
	mkdir -p "$overlay"
	rig_overlay "$overlay" "$dir/plan"
	for extra in "$products" "${overlays[@]}"; do
		cp -R "$extra/." "$overlay/"
	done
	index_modules "$overlay" "$image"
	merge_usr "$overlay"
	# shellcheck disable=SC2016
	"$top/scripts/in-root" --bind "$dir" trixie sh -euc '
		cd "$1/overlay"
		find . | sort | cpio -o -H newc --quiet -R 0:0
	' sh "$dir" | cat "${parts[@]}" - >"$dir/initrd"
	rm -rf "$overlay"
}

# The host has files of its own where these are in a dom0 of the rig.
deliver_additions()
{
	local dir=$1 name image
	for name in "${additions[@]}"; do
		image=$("$nested/image" --addition "$name" "$xen")
		# shellcheck disable=SC2016
		"$top/scripts/in-root" --bind "$dir" trixie sh -euc '
			mkdir -p "$1/overlay/tests/image"
			cd "$1/overlay/tests/image"
			cpio -i -d --quiet <"$2"
		' sh "$dir" "$image/base.cpio"
	done
}

# An installed host has all but what tests it, which comes in by the disk that results
# go out by.
make_delivery()
{
	local dir=$1 overlay=$1/overlay extra
	rm -rf "$overlay"
	mkdir -p "$overlay"
	rig_overlay "$overlay" "$dir/plan"
	cp -R "$products/tests/." "$overlay/tests/"
	deliver_additions "$dir"
	[ ! "$upgrade" ] ||
		cp -R "$("$top/scripts/debs" "$(suite_of_xen "$xen")" +next)" "$overlay/tests/next"
	for extra in "${overlays[@]}"; do
		cp -R "$extra/." "$overlay/"
	done
	# The names that tar would take over from this machine mean nothing there.
	tar -c --owner=0 --group=0 -C "$overlay" -f "$dir/results.img" tests
	rm -rf "$overlay"
}

# from_host_disk PATH FILE
from_host_disk()
{
	"$top/scripts/in-root" --bind "$out" trixie debugfs -R "dump $1 $2" "$host_disk" 2>/dev/null
	[ -s "$2" ] || die "no $1 on the host's disk"
}

# The release that a boot loader starts: what the host has chosen, or its newest
host_release()
{
	local choice
	choice=$("$top/scripts/in-root" --bind "$out" trixie debugfs -R "cat /boot/rig-release" \
		"$host_disk" 2>/dev/null)
	[ -z "$choice" ] || { echo "$choice"; return; }
	"$top/scripts/in-root" --bind "$out" trixie debugfs -R "ls -p /boot" "$host_disk" 2>/dev/null |
		sed -n 's,.*/vmlinuz-\([^/]*\)/.*,\1,p' | sort -V | tail -n 1
}

# What a boot loader takes from the host's /boot: vmlinuz and initrd in DIR
boot_files()
{
	local dir=$1
	release=$(host_release)
	[ -n "$release" ] || die "no kernel on the host's disk"
	from_host_disk "/boot/vmlinuz-$release" "$dir/vmlinuz"
	from_host_disk "/boot/initrd.img-$release" "$dir/initrd"
}

# Commas separate the modules on QEMU's -initrd.
escape_commas()
{
	echo "${1//,/,,}"
}

# The CPU: with XSAVE, dom0's vector registers get corrupted while an HVM guest
# runs; with RDTSCP, PVH and HVM guests die early.
cpu_model()
{
	local cpu=max,-xsave,-rdtscp
	! without_x2apic || cpu+=,-x2apic
	echo "$cpu"
}

# Instruction counting and x2APIC do not go together; nor do two processors and x2APIC
# under Xen: interrupts end at a vector that nobody has, and dom0 waits for them.
without_x2apic()
{
	[ "$icount" = yes ] || [ "$cpus" -gt 1 ]
}

# One thread takes turns at all processors.  With a thread for each, QEMU loses an end of
# interrupt within minutes, and Xen hangs.
accelerator()
{
	if [ "$cpus" -gt 1 ]; then echo tcg,thread=single; else echo tcg; fi
}

# QEMU's amd-iommu translates DMA only with dma-remap.
iommu_device()
{
	case $iommu in
	vtd) echo intel-iommu,intremap=on,caching-mode=off ;;
	amd) echo amd-iommu,intremap=on,dma-remap=on ;;
	esac
}

xen_command_line()
{
	# no-sharept: the emulated CPU's nested paging does not flush the IOTLB.
	# Guest-level debug lines would be one for each mapping.
	local processors=''
	! without_x2apic || processors+=x2apic=no
	[ "$cpus" = 1 ] || processors+=" dom0_max_vcpus=$cpus"
	echo "console=com1 com1=115200 loglvl=all guest_loglvl=info conring_size=1m" \
		"iommu=verbose,no-sharept sched=credit dom0_mem=$dom0_mem,max:$dom0_mem" \
		"$processors $xen_args"
}

# Warnings go to the console, where they survive a crash.  The log is large
# enough to hold all scenarios of a boot: they look for what is new in it.
# On a busy machine the emulated timer is too late for Linux's check of it.
linux_command_line()
{
	local common="loglevel=5 panic=1 log_buf_len=4M"
	# One that looks for mistakes stops at the first.
	[[ $release != *-@(debug|kasan) ]] || common+=" panic_on_warn=1"
	[ "$machine" != installed ] || common+=" root=LABEL=root rw"
	if [ "$xen" = none ]; then
		echo "console=ttyS0,115200 intel_iommu=on iommu=nopt no_timer_check $common $linux_args"
	else
		echo "console=hvc0 $common $linux_args"
	fi
}

# Sets kernel_args for the release and the directory with the initrd.
kernel_arguments()
{
	local dir=$1 vmlinuz
	if [ "$machine" = installed ]; then
		vmlinuz=$dir/vmlinuz
	else
		vmlinuz=$(kernel_image "$release")
	fi
	if [ "$xen" = none ]; then
		kernel_args=(-kernel "$vmlinuz" -initrd "$dir/initrd" -append "$(linux_command_line)")
	else
		zcat "$(xen_image "$xen")" >"$dir/xen"
		kernel_args=(-kernel "$dir/xen" -append "$(xen_command_line)"
			-initrd "$(escape_commas "$vmlinuz $(linux_command_line)"),$(escape_commas "$dir/initrd")")
	fi
}

# Prepare DIR and start QEMU in the background; the rig's channel goes to FIFO.
boot_start()
{
	local dir=$1 device extra=()
	if [ "$machine" = installed ]; then
		make_delivery "$dir"
		boot_files "$dir"
		extra+=("${host_devices[@]}" -drive "file=$host_disk,format=raw,if=none,id=host,cache=unsafe")
	else
		make_initrd "$dir"
	fi
	kernel_arguments "$dir"
	machine_devices "$dir"
	truncate -s ">$results_size" "$dir/results.img"
	truncate -s "$nvme_size" "$dir/nvme.img"
	mkdir -p "$dir/tftp"
	seq 1 20000 >"$dir/tftp/$TFTP_FILE"
	for device in "${devices[@]}"; do
		extra+=(-device "$device")
	done
	[ "$icount" != yes ] || extra+=(-icount shift=0)
	mkfifo "$dir/channel" "$dir/monitor.in"
	: >"$dir/monitor.out"	# nobody reads what the monitor says: a pipe would fill
	boot_monitor=$dir/monitor.in
	qemu -M q35,kernel-irqchip=split -accel "$(accelerator)" -cpu "$(cpu_model)" -smp "$cpus" -m "$mem" \
		-nodefaults -display none -no-reboot \
		-device "$(iommu_device)" \
		"${machine_args[@]}" "${extra[@]}" "${kernel_args[@]}" \
		-serial "file:$dir/console.log" -chardev stdio,id=channel,signal=off \
		-serial chardev:channel \
		-chardev "pipe,id=monitor,path=$dir/monitor" -mon chardev=monitor </dev/null >"$dir/channel" 2>"$dir/qemu.log" &
	qemu_pid=$!
}

# Open for reading too, or it would wait for a QEMU that is gone.
boot_tell()
{
	echo "$*" 1<>"$boot_monitor"
}

# boot_cable NAME up|down: plug or unplug an end of the network cable
boot_cable()
{
	local link=on
	[ "$2" = up ] || link=off
	boot_tell "set_link $1 $link"
}

# Press a key: an interrupt from outside, at which the emulated CPU looks again for what its
# local APIC holds.  QEMU's do_vmexit() clears its own bit of interrupt_request without the
# lock under which devices set theirs, so that the timer's can get lost while an HVM guest
# runs, and with it all that was to follow.
boot_wake()
{
	boot_tell "sendkey shift"
}

# Seconds of processor time that QEMU has used.  The name in stat has no blank.
boot_processor_time()
{
	awk -v hz="$(getconf CLK_TCK)" '{ n = int(($14 + $15) / hz) } END { print n + 0 }' \
		"/proc/$qemu_pid/stat" 2>/dev/null || echo 0
}

boot_kill()
{
	[ -n "$qemu_pid" ] || return 0
	kill -KILL "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=
}

# What came back from dom0, and consoles without carriage returns
boot_unpack()
{
	local dir=$1
	tr -d '\r' <"$dir/console.log" >"$dir/console.tmp"
	mv "$dir/console.tmp" "$dir/console.log"
	# The cable is the whole network: no host is meant to be on it.
	sed -i '/hub 1 is not connected to host network/d' "$dir/qemu.log"
	tar -x -C "$dir" -f "$dir/results.img" 2>/dev/null || true
}

# Drop what can be made again.
boot_clean()
{
	local dir=$1
	rm -rf "$dir/initrd" "$dir/vmlinuz" "$dir/xen" "$dir/results.img" "$dir/nvme.img" \
		"$dir/tftp" "$dir/channel" "$dir/monitor.in" "$dir/plan"
}
