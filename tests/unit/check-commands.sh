#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The commands and options that vfio-xen-ctl has are those that its manual page
# and its bash completion know, those of vfio-xen-dm are in its manual page, and
# the manual pages are well-formed.

# Lists of words are split on purpose.
# shellcheck disable=SC2046,SC2086

set -u
top=${srcdir:-.}
. "$top/tests/unit/complain.sh"
page=$top/docs/vfio-xen-ctl.8

# The options in a command's own section of the page.
page_options() {
	sed -n "/^\.Ss $1\$/,/^\.S[hs] [^$]*\$/p" "$page" |
		sed -n '1d; s/^\.It Fl -\([a-z-]*\).*/--\1/p' | sort | xargs
}

# The options in a command's part of the synopsis.
synopsis_options() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$page" |
		sed -n "/^\.Cm $1\$/,/^\.Nm/p" |
		sed -n 's/^\.Op Fl -\([a-z-]*\).*/--\1/p' | sort | xargs
}

sorted() {
	printf '%s\n' "$@" | sort | xargs
}

complete() { :; } # bash's own is of no use here
. "$top/system/bash-completion/vfio-xen-ctl"

# What the completion offers after a command line.
offered() {
	COMP_LINE=$1 COMP_POINT=${#1} COMPREPLY=()
	_vfio_xen_ctl
	printf '%s\n' "${COMPREPLY[@]}"
}

commands=()
while read -r command options; do
	commands+=("$command")
	# shellcheck disable=SC2086 # a list of words
	want=$(sorted $options)
	[ "$(page_options "$command")" = "$want" ] ||
		complain "$page: section $command should have: $want"
	[ "$(synopsis_options "$command")" = "$want" ] ||
		complain "$page: synopsis of $command should have: $want"
	# shellcheck disable=SC2046 # a list of words
	got=$(sorted $(_vfio_xen_ctl_options "$command"))
	[ "$got" = "$want" ] ||
		complain "completion of $command should have: $want"
done < <(./vfio-xen-ctl --list-commands)

[ ${#commands[@]} -gt 0 ] || complain "vfio-xen-ctl lists no commands"
[ "$(sorted $(offered 'vfio-xen-ctl '))" = "$(sorted "${commands[@]}")" ] ||
	complain "completion of commands should have: ${commands[*]}"
[ "$(offered 'vfio-xen-ctl -v unb')" = unbind ] ||
	complain "completion does not complete unb"
[ "$(offered 'vfio-xen-ctl bind --dri')" = --driver ] ||
	complain "completion does not complete --dri"

# Guests come before devices; arguments of options are no operands.
xl() { printf 'Name ID\nDomain-0 0\nweb 3\nmail 4\n'; }
_vfio_xen_ctl_devices() { echo 0000:05:00.0; }
[ "$(sorted $(offered 'vfio-xen-ctl attach '))" = 'mail web' ] ||
	complain "completion does not offer guests: $(offered 'vfio-xen-ctl attach ')"
[ "$(offered 'vfio-xen-ctl attach --slot 5 -v w')" = web ] ||
	complain "completion takes an argument for an operand"
[ "$(offered 'vfio-xen-ctl attach web 0')" = 0000:05:00.0 ] ||
	complain "completion does not offer devices after the guest"
[ "$(offered 'vfio-xen-ctl attach web 6:0.0 0')" = 0000:05:00.0 ] ||
	complain "completion does not offer more devices"
[ -z "$(offered 'vfio-xen-ctl detach web 5:0.0 ')" ] ||
	complain "completion offers a third operand"
[ "$(sorted $(offered 'vfio-xen-ctl detach '))" = '0000:05:00.0 mail web' ] ||
	complain "completion of detach: $(offered 'vfio-xen-ctl detach ')"

# A tenant names a guest: nothing of a name is run, nor offered for the shell to run.
ran=$(mktemp -u)
xl() { printf 'Name ID\nweb$(touch${IFS}%s) 3\n`touch${IFS}%s` 4\nmail;id 5\n*  6\nweb 7\n' "$ran" "$ran"; }
[ "$(offered 'vfio-xen-ctl attach ')" = web ] ||
	complain "completion offers names of guests that are more: $(offered 'vfio-xen-ctl attach ')"
if [ -e "$ran" ]; then
	rm "$ran"
	complain "completion runs what is in the name of a guest"
fi

# vfio-xen-dm, if it is built, has the options of its page.
dm_page=$top/docs/vfio-xen-dm.8
if [ -x ./vfio-xen-dm ]; then
	got=$(sed -n 's/^\.It Fl -\([a-z-]*\).*/\1/p; s/^\.It Fl . , -\([a-z]*\)/\1/p' \
		"$dm_page" | sort | xargs)
	want=$(./vfio-xen-dm --help | grep -o -e '^ .*' | grep -o -e '--[a-z-]*' |
		sed 's/^--//' | sort -u | xargs)
	[ "$got" = "$want" ] || complain "$dm_page has $got, and should: $want"
fi

if [ "${MANDOC:-:}" != : ]; then
	for page in "$top"/docs/*.[3458]; do
		$MANDOC -Tlint -Wwarning "$page" || complain "$page is malformed"
	done
fi

exit $failed
