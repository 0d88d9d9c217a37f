# SPDX-License-Identifier: GPL-2.0-only
# vfio-xen-ctl in scenarios.  Sourced after lib.sh.
# shellcheck shell=busybox disable=SC3043,SC2154

# fails STATUS PATTERN ARGUMENT...: with nothing but a message, and it says why
fails()
{
	local want=$1 pattern=$2 status=0
	shift 2
	vfio-xen-ctl "$@" >/tmp/said.out 2>/tmp/said || status=$?
	if [ $status != "$want" ]; then
		not_ok "vfio-xen-ctl $*: exit status $status, want $want"
		sed 's/^/# /' /tmp/said
	elif [ -s /tmp/said.out ]; then
		not_ok "vfio-xen-ctl $*: prints nothing: $(cat /tmp/said.out)"
	elif grep -q -- "$pattern" /tmp/said; then
		ok "vfio-xen-ctl $*: exit status $want, says: $pattern"
	else
		not_ok "vfio-xen-ctl $* says $pattern: $(cat /tmp/said)"
	fi
}

# works ARGUMENT...: its output is in /tmp/shown, and what it said beside in /tmp/said
works()
{
	check "vfio-xen-ctl $*" sh -c 'vfio-xen-ctl "$@" >/tmp/shown 2>/tmp/said' sh "$@"
	sed 's/^/# /' /tmp/shown /tmp/said
}

# shown TEXT PATTERN: by the last command that works
shown()
{
	check "$1" grep -q -- "$2" /tmp/shown
}

# What list shows of a device from a column on, words separated by one blank
listed()
{
	vfio-xen-ctl list "$1" | awk -v from="$2" -v to="$3" 'NR == 2 {
		for (i = from; i <= to; i++) printf "%s%s", $i, i < to ? " " : "\n" }'
}

# DRIVER, FORMER and OWNER's first word
who_has()
{
	listed "$1" 3 5
}

# The process of a vfio-xen-dm that is to stay, if there is one
supervisor()
{
	local comm
	for comm in /proc/[0-9]*/comm; do
		[ "$(cat "$comm" 2>/dev/null)" != vfio-xen-sup ] || echo "$comm" | cut -d/ -f3
	done
}

dm_ended()
{
	[ -z "$(supervisor)" ]
}
