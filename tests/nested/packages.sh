# SPDX-License-Identifier: GPL-2.0-only
# Debian packages for one thing that is built, without a place in the build root.  Runs in
# the root, which knows where to get them.  Sourced by kernel, selftests and hypervisor.
# shellcheck shell=bash disable=SC2034

# fetch DIR PACKAGE...: unpack them in DIR
fetch()
{
	local dir=$1 package
	shift
	mkdir -p "$dir/lists/partial" "$dir/debs"
	apt-get -q -o Dir::State::lists="$dir/lists" update
	(cd "$dir/debs" && apt-get -q -o Dir::State::lists="$dir/lists" \
		-o APT::Sandbox::User=root download "$@")
	for package in "$dir/debs"/*.deb; do
		dpkg-deb --extract "$package" "$dir"
	done
	rm -rf "$dir/debs"
}

# Sets source, of the kernel RELEASE: what the root has, or else in DIR
find_source()
{
	local package
	package=linux-source-$(cut -d. -f1-2 <<<"$1")
	source=/usr/src/$package.tar.xz
	[ -f "$source" ] || { fetch "$2" "$package" && source=$2/usr/src/$package.tar.xz; }
}

# fetch_source DIR PACKAGE VERSION: unpack Debian's source, with its patches, in DIR/source
fetch_source()
{
	local dir=$1 package=$2 version=$3 work=$1/work options
	mkdir -p "$work/lists/partial"
	sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$work/sources.list"
	options=(-q -o Dir::State::lists="$work/lists" -o Dir::Etc::sourcelist="$work/sources.list"
		-o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root)
	apt-get "${options[@]}" update
	(cd "$work" && apt-get "${options[@]}" source --only-source --download-only "$package=$version")
	dpkg-source --no-check -x "$work"/*.dsc "$dir/source"
	rm -rf "$work"
}
