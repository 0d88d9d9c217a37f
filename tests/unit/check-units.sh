#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# systemd understands what is here for it, and finds vfio-xen-dm well locked up.

set -u
unit=system/systemd/vfio-xen-dm@.service
drop_in=system/systemd/vfio-xen-drop-in.service
top=${srcdir:-.}
. "$top/tests/unit/complain.sh"
max_exposure=30 # in tenths: 100 has all the rights there are
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

if ! command -v systemd-analyze >/dev/null; then
	echo "there is no systemd-analyze"
	exit 77
fi

# try UNIT NAME: the program is where it has been built, and not installed yet
try()
{
	[ -f "$1" ] || complain "there is no $1"
	sed "s,^ExecStart=[^ ]*,ExecStart=$(command -v true)," "$1" >"$dir/$2"
}

try "$unit" vfio-xen-dm@01234567-89ab-cdef-0123-456789abcdef.service
try "$drop_in" vfio-xen-drop-in.service
grep -q '^ExecStart=/.*/vfio-xen-dm --uuid=%i$' "$unit" ||
	complain "$unit: starts something else"
grep -q '^ExecStart=/.*/vfio-xen-drop-in$' "$drop_in" ||
	complain "$drop_in: starts something else"

# Xen's daemons start before, and guests end before: systemd-analyze finds cycles.
for name in xen xenstored xendomains; do
	printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >"$dir/$name.service"
done
printf '[Unit]\nAfter=xen.service xenstored.service\n' >>"$dir/xendomains.service"
for file in "$unit" "$drop_in"; do
	for name in xen xenstored; do
		grep -Eq "^After=(.* )?$name\.service( |$)" "$file" ||
			complain "$file: may start before $name.service"
	done
	grep -Eq '^Before=(.* )?xendomains\.service( |$)' "$file" ||
		complain "$file: may end before the guests of xendomains.service"
done

said=$(cd "$dir" && systemd-analyze verify --man=no ./*.service 2>&1) ||
	complain "systemd-analyze verify fails"
# Messages about other units of this host are none of ours.
echo "$said" | grep 'vfio-xen' && complain "systemd-analyze verify complains"

systemd-analyze security --offline=yes --threshold=$max_exposure \
	"$dir"/vfio-xen-dm@*.service >"$dir/security" 2>&1 || {
	cat "$dir/security"
	complain "the service has more rights than it should"
}
tail -n 1 "$dir/security"
exit $failed
