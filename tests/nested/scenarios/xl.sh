# SPDX-License-Identifier: GPL-2.0-only
# xl in scenarios, with its plugin.  Sourced after ctl.sh and
# guest-work.sh.
# shellcheck shell=busybox disable=SC3043,SC2154,SC2034

# A guest answers as late as its dom0 lets it.
if on_debug_kernel; then export VFIO_XEN_TIMEOUT=30; fi

# xl_fails STATUS PATTERN ARGUMENT...: and says why
xl_fails()
{
	local want=$1 pattern=$2 status=0
	shift 2
	xl "$@" >/tmp/said 2>&1 || status=$?
	if [ $status != "$want" ]; then
		not_ok "xl $*: exit status $status, want $want: $(cat /tmp/said)"
	elif grep -q -- "$pattern" /tmp/said; then
		ok "xl $*: exit status $want, says: $pattern"
	else
		not_ok "xl $* says $pattern: $(cat /tmp/said)"
	fi
}

# xl_works ARGUMENT...: its output is in /tmp/shown
xl_works()
{
	local status=0
	xl "$@" >/tmp/shown 2>/tmp/said || status=$?
	same "xl $*" $status 0
	cat /tmp/said /tmp/shown | head -n 8 | sed 's/^/# /'
}

# shown TEXT PATTERN: by the last command that works
shown()
{
	check "$1" grep -q -- "$2" /tmp/shown
}

# What xl pci-list shows: "SLOT SBDF" of each device, sorted
xl_list()
{
	xl pci-list "$1" | sed 1d | sort | paste -sd' '
}

xl_lists()
{
	[ "$(xl_list "$1")" = "$2" ]
}

assignable()
{
	xl pci-assignable-list 2>/dev/null | grep -q "^$1"
}

# other_guest NAME TYPE [LINE]: one that never runs
other_guest()
{
	cat >/tmp/other <<END
name = "$1"
type = "$2"
kernel = "$(echo /boot/vmlinuz-*)"
memory = 192
$3
END
	xl create -p /tmp/other >>"$OUT/xl.log" 2>&1
}

# xl_create TYPE PCI: a guest with these devices, a list in xl's words, that is to
# boot; nothing else says that it has devices
xl_create()
{
	guest_prepare "$1"
	guest_config "$1" | grep -v '^passthrough\|^e820_host' >$guest_dir/config
	echo "pci = [ $2 ]" >>$guest_dir/config
	if ! xl create $guest_dir/config >/tmp/said 2>&1; then
		sed 's/^/# /' /tmp/said
		return 1
	fi
	cat /tmp/said >>"$OUT/xl.log"
	guest_is_here
}

# The same, with what $guest_extra says about its end
xl_create_restarting()
{
	guest_prepare "$1"
	guest_config "$1" | grep -v '^passthrough\|^e820_host\|^on_crash = "preserve"' >$guest_dir/config
	echo "pci = [ $2 ]" >>$guest_dir/config
	xl create $guest_dir/config >>"$OUT/xl.log" 2>&1 && guest_is_here
}

# xl tells of devices in the guest's configuration; it leaves out numbers that are 0.
xl_configures()
{
	xl list -l $guest_name >/tmp/shown && grep -q '"pcidevs"' /tmp/shown
}

# rebooted DOMID: the guest has another one
rebooted()
{
	guest_is_here && [ "$guest_domid" != "$1" ]
}

# guest_restart COMMAND: the guest runs it, and xl starts it again
guest_restart()
{
	local old=$guest_domid
	rm -f $guest_log
	echo "$1" >"$guest_tty"
	poll 60 rebooted "$old" || return 1
	echo 0 >$guest_dir/commands
}

guest_reboot()
{
	guest_restart 'reboot -f'
}

# Which processes other than xl have been started with the plugin: /proc shows what
# the environment was then
inherits_plugin()
{
	local environ
	for environ in /proc/[0-9]*/environ; do
		case $(tr '\0' '\n' <"$environ" 2>/dev/null | grep ^LD_PRELOAD=) in
		*libxl-vfio-xen*) cat "${environ%environ}comm" ;;
		esac
	done | grep -v '^xl$'
}

# ---- transcripts: the same commands with xen-pciback and with vfio-xen-pci ----

# try NAME COMMAND...: one line of the transcript, with the exit status
try()
{
	local name=$1 status=0
	shift
	"$@" >/tmp/said 2>&1 || status=$?
	echo "$name: $status" >>"/tmp/transcript.$side"
	{ echo "== $name: $*"; cat /tmp/said; echo "== $status"; } >>"$OUT/transcript.$side"
}

# prints "yes" or "no" for a command, as a line of the transcript
note()
{
	local name=$1
	shift
	if "$@"; then echo "$name: yes"; else echo "$name: no"; fi >>"/tmp/transcript.$side"
}

in_list()
{
	xl_list $guest_name | grep -q "$1"
}

# transcript SIDE: with $EDU0, $EDU1, the functions of $EDU_MF0, and $NVME0, which has
# a driver; the guest runs, "closed" is one without passthrough, and "light" is PVH
transcript()
{
	side=$1
	rm -f "/tmp/transcript.$side" "$OUT/transcript.$side"
	try "malformed address" xl pci-attach $guest_name eth0
	try "unknown option" xl pci-attach $guest_name "$EDU0,speed=9"
	try "no such guest" xl pci-attach moon "$EDU0"
	try "no such device" xl pci-attach $guest_name 0000:00:1f.7
	try "not assignable" xl pci-attach $guest_name "$EDU0"
	try "a host driver has it" xl pci-attach $guest_name "$NVME0"
	note "and keeps it" driver_is "$NVME0" nvme
	try "no such name" xl pci-attach $guest_name name=nobody
	try "nothing to detach" xl pci-detach $guest_name "$EDU0"
	try "nothing to list" xl pci-list $guest_name
	try "list of no guest" xl pci-list moon
	try "malformed to add" xl pci-assignable-add eth0
	try "no such device to add" xl pci-assignable-add 0000:00:1f.7
	try "malformed to remove" xl pci-assignable-remove eth0
	try "remove what is not there" xl pci-assignable-remove "$EDU0"

	try "add" xl pci-assignable-add -n mine "$EDU0"
	note "it is assignable" assignable "$EDU0"
	try "list with names" xl pci-assignable-list -n
	note "its name is shown" grep -q "^$EDU0 mine" /tmp/said
	try "add again" xl pci-assignable-add -n mine "$EDU0"
	try "name too long" xl pci-assignable-add -n "$(seq -s _ 30)" "$EDU1"
	try "attached, not to be" xl pci-detach $guest_name "$EDU0"
	try "a guest without passthrough" xl pci-attach closed "$EDU0"
	try "a PVH guest" xl pci-attach light "$EDU0"

	try "attach" xl pci-attach $guest_name "$EDU0"
	note "the guest sees it" poll 30 guest_sees 1
	note "it is listed" in_list "$EDU0"
	note "it is still assignable" assignable "$EDU0"
	try "attach again" xl pci-attach $guest_name "$EDU0"
	try "attach to another guest" xl pci-attach closed "$EDU0"
	try "remove while attached" xl pci-assignable-remove "$EDU0"
	note "it is still listed" in_list "$EDU0"
	try "detach from another guest" xl pci-detach closed "$EDU0"
	try "detach" xl pci-detach $guest_name "$EDU0"
	note "the guest has lost it" poll 30 guest_sees 0
	note "it is listed no more" in_list "$EDU0"
	try "detach again" xl pci-detach $guest_name "$EDU0"

	try "all options" xl pci-attach $guest_name \
		"$EDU0@9,permissive=1,msitranslate=1,power_mgmt=1,rdm_policy=relaxed"
	note "the guest sees it again" poll 30 guest_sees 1
	try "detach with -f" xl pci-detach -f $guest_name "$EDU0"
	try "by name" xl pci-attach $guest_name name=mine
	try "detach by name" xl pci-detach $guest_name name=mine

	try "all functions, without a slot" xl pci-attach $guest_name "${EDU_MF0%.*}.*"
	try "remove by name" xl pci-assignable-remove mine
	try "remove again" xl pci-assignable-remove -r "$EDU0"
	try "seize" xl pci-attach $guest_name "$EDU1,seize=1"
	note "the guest sees what was seized" poll 30 guest_sees 1
	try "detach what was seized" xl pci-detach $guest_name "$EDU1"
	try "remove with -r" xl pci-assignable-remove -r "$EDU1"
	try "add what has a driver" xl pci-assignable-add "$NVME0"
	try "and remove it with -r" xl pci-assignable-remove -r "$NVME0"
	note "the driver has it back" driver_is "$NVME0" nvme
	note "nothing is assignable" [ -z "$(xl pci-assignable-list 2>/dev/null)" ]
	try "names are gone" xl pci-attach $guest_name name=mine
}

# write_transcript SIDE: with the guests for it
write_transcript()
{
	check "a guest without passthrough is created" other_guest closed pv
	check "a PVH guest is created" other_guest light pvh
	transcript "$1"
	xl destroy closed
	xl destroy light
}

# How many edu devices the guest has
guest_sees()
{
	[ "$(in_guest 10 'cat /sys/bus/pci/devices/*/device 2>/dev/null' | grep -c 0x11e8)" = "$1" ]
}

# compare_transcripts: line by line
compare_transcripts()
{
	local name want got
	same "both transcripts have as many lines" \
		"$(wc -l </tmp/transcript.ours)" "$(wc -l </tmp/transcript.stock)"
	while IFS=: read -r name want; do
		got=$(sed -n "s/^$name: //p" /tmp/transcript.ours)
		same "as stock: $name" "$got" "${want# }"
	done </tmp/transcript.stock
}
