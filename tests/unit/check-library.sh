#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# libvfio-xen shows the functions of its header, under a version, and nothing else;
# vfio-xen-ctl and the example use the library as it is installed.

set -u
top=${srcdir:-.}
. "$top/tests/unit/complain.sh"
library=.libs/libvfio-xen.so.0
map=$top/tools/lib/libvfio-xen.map
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Functions as the preprocessed header declares them: macros and inline code are gone.
declared()
{
	"${CC:-cc}" -E -P -I"$top/tools/lib" - <<<'#include <vfio-xen.h>' |
		tr '\n' ' ' | grep -oE '[ *]vfio_xen_[a-z0-9_]+\(' | tr -d ' *(' | sort -u
}

declared >"$dir/declared"
nm -D --defined-only "$library" | awk '$2 == "T" { print $3 }' | sort >"$dir/shown"
sed 's/@@.*//' "$dir/shown" | cmp -s - "$dir/declared" ||
	complain "the header (>) and the library (<) differ; see $map:
$(diff <(sed 's/@@.*//' "$dir/shown") "$dir/declared")"
[ -s "$dir/declared" ] || complain "the header declares no function"
same "functions without a version" "$(grep -v '@@VFIO_XEN_' "$dir/shown")" ""
same "soname" "$(objdump -p "$library" | awk '$1 == "SONAME" { print $2 }')" libvfio-xen.so.0

program=.libs/vfio-xen-ctl
[ -e "$program" ] || program=./vfio-xen-ctl
objdump -p "$program" | grep -q 'NEEDED.*libvfio-xen.so.0' ||
	complain "vfio-xen-ctl does not use the library"
objdump -p "$library" | grep -qE 'NEEDED.*(systemd|smartcols|xenlight)' &&
	complain "the library brings what its programs alone need"

# ---- programs that use it ----

if command -v c++ >/dev/null; then
	c++ -fsyntax-only -x c++ -Wall -Werror -I"$top/tools/lib" - <<<'#include <vfio-xen.h>' ||
		complain "the header is none of C++"
fi
PKG_CONFIG_PATH=tools/lib "${PKG_CONFIG:-pkg-config}" --libs libvfio-xen >"$dir/libs" ||
	complain "pkg-config does not know it"
grep -q -- '-lvfio-xen' "$dir/libs" || complain "pkg-config: $(cat "$dir/libs")"
if [ -d /sys/bus/pci ]; then
	docs/examples/attach >"$dir/said" || complain "the example fails: $(cat "$dir/said")"
fi
docs/examples/attach nobody 5:0.0 2>"$dir/said" && complain "the example finds any guest"
grep -qE '^(no guest nobody|cannot ask Xen)' "$dir/said" ||
	complain "the example says: $(cat "$dir/said")"
docs/examples/attach one 2>"$dir/said" && complain "the example takes one operand"
exit $failed
