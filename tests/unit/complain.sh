# SPDX-License-Identifier: GPL-2.0-only
# How the checks that are scripts tell what is wrong.  Sourced; they exit with $failed.
# shellcheck shell=bash disable=SC2034

failed=0

complain()
{
	echo "$*" >&2
	failed=1
}

# same WHAT GOT WANT
same()
{
	[ "$2" = "$3" ] || complain "$1: got \"$2\", want \"$3\""
}
