#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In each directory of tests/unit/layers, objects use only what files below theirs define.
#
# usage: check-layers.sh [BUILD]
#
# BUILD is where the objects are, by default the current directory. A directory without
# objects there has not been built, and is left out; one at least must be there.

set -u
top=$(cd "${srcdir:-.}" && pwd) || exit 2
layers=$top/tests/unit/layers
cd "${1:-.}" || exit 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Lines "define FILE SYMBOL" and "use FILE SYMBOL" of a directory's objects, and of those in
# directories within, whose files are DIRECTORY/FILE. Programs that are built of the same
# files have objects of their own: PROGRAM-FILE.o. A kernel module is an object as well.
symbols()
{
	local object file within
	for object in "$1"/*.o "$1"/.libs/*.o "$1"/*/*.o; do
		case $object in *tests_unit* | *\** | *.mod.o | "$1/${1##*/}.o") continue ;; esac
		file=$(basename "$object" .o)
		within=${object#"$1"/}
		within=${within%"${object##*/}"}
		within=${within#.libs/} # libtool's
		[ -e "$top/$1/$within$file.c" ] || file=${file#*-}
		# What an earlier build has left of a file that is gone
		[ -e "$top/$1/$within$file.c" ] || continue
		nm -g "$object" | awk -v file="$within$file" '
			NF == 2 && $1 == "U" { print "use", file, $2 }
			NF == 3 { print "define", file, $3 }'
	done | sort -u
}

# The order on the standard input, from top to bottom, against the symbols in a file.
compare()
{
	awk -v dir="$1" '
		function complain(text) { print dir ": " text; failed = 1 }
		NR == FNR {
			for (i = 1; i <= NF; i++) {
				nr = split($i, names, "+")
				level++
				for (j = 1; j <= nr; j++) {
					if (names[j] in at)
						complain(names[j] " is listed twice")
					at[names[j]] = level
					circle[names[j]] = nr > 1
				}
			}
			next
		}
		{ seen[$2] = 1 }
		$1 == "define" { file[$3] = file[$3] " " $2 }
		$1 == "use" { used[$2, $3] = 1 }
		END {
			for (name in seen)
				if (!(name in at))
					complain(name " is not in tests/unit/layers")
			for (pair in used) {
				split(pair, part, SUBSEP)
				nr = split(file[part[2]], owners, " ")
				for (i = 1; i <= nr; i++) {
					from = part[1]
					to = owners[i]
					if (from == to || !(from in at) || !(to in at))
						continue
					if (at[from] == at[to]) {
						touched[from] = 1
						touched[to] = 1
					}
					if (at[from] > at[to])
						complain(from " uses " part[2] " of " to ", which stands above it")
				}
			}
			for (name in at)
				if (circle[name] && (name in seen) && !touched[name])
					complain(name " is in no circle any more: give it a place of its own")
			exit failed
		}' - "$2"
}

failed=0 compared=0
while read -r part order; do
	# A build need not have all of them: Xen's libraries may be missing.
	for file in ${order//+/ }; do
		[ -e "$top/$part/$file.c" ] || {
			echo "$part: there is no $file.c; remove it from tests/unit/layers"
			failed=1
		}
	done
	set -- "$part"/*.o "$part"/.libs/*.o
	[ -e "$1" ] || [ -e "${!#}" ] || continue
	symbols "$part" >"$dir/symbols"
	[ -s "$dir/symbols" ] || continue
	echo "$order" | compare "$part" "$dir/symbols" || failed=1
	compared=$((compared + 1))
done < <(awk '/^#/ { next } /^[^ \t]/ { if (line) print line; line = $0; next }
	{ line = line " " $0 } END { print line }' "$layers")
[ "$compared" -gt 0 ] || {
	echo "no objects of any directory of $layers" >&2
	exit 1
}
exit $failed
