# SPDX-License-Identifier: GPL-2.0-only
# Turns what scenarios print into one numbered TAP stream.  Sourced by run.
#
# A scenario prints "ok - text", "not ok - text", "ok - text # SKIP why", and
# "# comment" lines; its own numbers and plan are dropped, and anything else
# becomes a comment.  The stream also goes to the file that run calls tap_log.
# shellcheck shell=bash disable=SC2154

tap_count=0
tap_failed=0

emit()
{
	echo "$*"
	echo "$*" >>"$tap_log"
}

tap_result()
{
	local verdict=$1 text=$2
	tap_count=$((tap_count + 1))
	[ "$verdict" = ok ] || tap_failed=$((tap_failed + 1))
	emit "$verdict $tap_count - $text"
}

tap_line()
{
	local name=$1 line=$2
	case $line in
	"" | "TAP version "* | [01]..[0-9]*) ;;
	"ok" | "ok "* | "not ok" | "not ok "*)
		[[ $line =~ ^((not )?ok)\ *[0-9]*\ *-?\ *(.*)$ ]]
		tap_result "${BASH_REMATCH[1]}" "$name: ${BASH_REMATCH[3]}"
		;;
	"#"*) emit "$line" ;;
	*) emit "# $line" ;;
	esac
}

# How a scenario ended, unless its results have said so already: how many there
# were, and how many of them failed, comes last.
tap_end()
{
	local name=$1 status=$2 results=$3 failed=$4
	case $status in
	0) [ "$results" -gt 0 ] || tap_result ok "$name" ;;
	77) tap_result ok "$name # SKIP as it says" ;;
	timeout) tap_result "not ok" "$name: took too long" ;;
	*) [ "$failed" -gt 0 ] || tap_result "not ok" "$name: exit status $status" ;;
	esac
}

tap_plan()
{
	emit "1..$tap_count"
}
