#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The plugin for xl shows what it stands for and nothing else, does not bring a libxl
# along, leaves alone programs that have none; and our xl starts the next one with it.

set -u
plugin=$PWD/libxl-plugin/libxl-vfio-xen.so
top=${srcdir:-.}
. "$top/tests/unit/complain.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# ---- the library ----

shown=$(nm -D --defined-only "$plugin" | awk '{ print $3 }' | sort)
real=$(sed -n 's/.*f(\(libxl_[a-z_]*\)).*/\1/p' "$top/libxl-plugin/plugin.h" | sort)
[ -n "$shown" ] || complain "the plugin shows no function"
same "it shows functions that are none of libxl's" \
	"$(comm -23 <(echo "$shown") <(echo "$real"))" ""
objdump -p "$plugin" | grep -q 'NEEDED.*xenlight' &&
	complain "the plugin brings libxl along"

# ---- xl ----

mkdir "$dir/ours" "$dir/xens"
sed "s,^plugin=.*,plugin=$plugin," libxl-plugin/xl >"$dir/ours/xl"
cat >"$dir/xens/xl" <<'END'
#!/bin/sh
echo "$LD_PRELOAD: $*"
END
chmod +x "$dir"/*/xl
grep -q '^plugin=/.*/libxl-vfio-xen.so$' libxl-plugin/xl ||
	complain "xl does not know where the plugin is"

run()
{
	env PATH="$dir/ours:$dir/xens:$PATH" "$@" xl 'a  b' c 2>&1
}

same "it starts the next xl with the plugin" "$(run env)" "$plugin: a  b c"
same "it keeps what is preloaded" "$(run env LD_PRELOAD=libc.so.6)" \
	"$plugin:libc.so.6: a  b c"
same "it can be told not to" "$(run env VFIO_XEN_PLUGIN=off)" ": a  b c"
rm "$dir/xens/xl"
said=$(PATH="$dir/ours:/bin" "$dir/ours/xl" 2>&1)
status=$?
if [ ! -x /usr/sbin/xl ] && [ ! -x /bin/xl ]; then
	same "without another xl: status" $status 127
	same "without another xl" "$said" "vfio-xen: there is no other xl in PATH"
fi
exit $failed
