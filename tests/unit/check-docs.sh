#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the documents name exists: files and directories, links and their sections, the
# files of each table, and the options of the commands that the guides show.  The picture
# of the parts is up to date.

set -u
shopt -s nullglob
top=${srcdir:-.}
. "$top/tests/unit/complain.sh"
cd "$top" || exit 1
[ -d tests/nested ] || { echo "the rig is not in this package"; exit 77; }
docs=(README.md CONTRIBUTING.md docs/*.md tests/nested/README.md)
diff=$(mktemp)
trap 'rm -f "$diff"' EXIT

# anchors FILE: its headings as links name them
anchors()
{
	sed -n 's/^##* *//p' "$1" | tr 'A-Z ' 'a-z-' | sed "s/[^a-z0-9_-]//g"
}

check_links()
{
	local doc=$1 link file anchor
	# shellcheck disable=SC2013 # a link has no blank
	for link in $(tr '\n' ' ' <"$doc" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//'); do
		case $link in
		http*) continue ;;
		esac
		file=${link%%#*} anchor=
		[ "$link" = "$file" ] || anchor=${link#*#}
		file=${file:+$(dirname "$doc")/$file}
		[ -e "${file:-$doc}" ] || { complain "$doc: no file $link"; continue; }
		[ -z "$anchor" ] || anchors "${file:-$doc}" | grep -qx -- "$anchor" ||
			complain "$doc: no section $link"
	done
}

# Files of this tree in `...`, patterns and {a,b} included
check_files()
{
	local doc=$1 name found
	while read -r name; do
		[[ $name != *[A-Z]* || -e $name ]] || continue # a word to be replaced
		mapfile -t found < <(compgen -G "$name")
		[ ${#found[@]} -gt 0 ] || complain "$doc: there is no $name"
	done < <(grep -oE '`(kernel|tools|tests|system|docs|scripts|debian|libxl-plugin)/[^` ]*`' "$doc" | tr -d '`')
}

# A table with the heading "file of DIR" has every C file of DIR, and no other.
check_tables()
{
	local doc=$1 dir
	while read -r dir; do
		diff <(sed -n "/^| file of ${dir//\//\\/} /,/^\$/p" "$doc" | grep '^| `' | cut -d'|' -f2 |
			grep -oE '[a-z_0-9-]+\.c' | sort) \
			<(cd "$dir" && printf "%s\n" *.c | grep -vE "^no-|\.mod\.c$" | sort) >"$diff" ||
			complain "$doc: the table of $dir differs from it (<: only in the table):
$(grep '^[<>]' "$diff")"
	done < <(sed -n 's/^| file of \([^ ]*\) .*/\1/p' "$doc")
}

# The options in the command lines of a guide: those that --help has
check_commands()
{
	local doc=$1 command option rest
	while read -r command rest; do
		[ -x "$command" ] || { complain "$doc: there is no command $command"; continue; }
		for option in $(grep -oE -- '(^| )--[a-z0-9-]+' <<<"${rest%%#*}"); do
			[ "$option" != --help ] || continue
			"$command" --help 2>/dev/null | grep -qE -- "$option([^a-z0-9-]|\$)" ||
				complain "$doc: $command has no option $option"
		done
	done < <(grep -oE '^    (tests/(nested|bench|packages)/[a-z]+|\./(check|demo)|scripts/[a-z-]+).*' "$doc")
}

check_scenarios()
{
	local name
	while read -r name; do
		[ -x "tests/nested/scenarios/$name" ] ||
			complain "docs/tested.md, README or a guide: no scenario $name"
	done < <(cat "${docs[@]}" | tr '\n' ' ' | grep -oE '[Ss]cenarios? `[a-z0-9-]+`( and `[a-z0-9-]+`)?' |
		grep -oE '`[a-z0-9-]+`' | tr -d '`' | sort -u)
}

# The picture is what its text draws, as far as the same gnuplot can tell.
check_picture()
{
	local drawn
	command -v gnuplot >/dev/null || return 0
	drawn=$(gnuplot docs/parts.gnuplot 2>/dev/null)
	[ "$(grep '^<desc>' <<<"$drawn")" = "$(grep '^<desc>' docs/parts.svg)" ] || return 0
	[ "$drawn" = "$(cat docs/parts.svg)" ] ||
		complain "docs/parts.svg: draw it again: gnuplot docs/parts.gnuplot >docs/parts.svg"
}

for doc in "${docs[@]}"; do
	check_links "$doc"
	check_files "$doc"
	check_tables "$doc"
	check_commands "$doc"
done
check_scenarios
check_picture
exit $failed
