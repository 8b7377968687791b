# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # cache is lib.sh's
# How the scripts that fetch from Debian ask apt; sourced, never run.

# As root apt would download as user _apt, who can't write here.
apt_options=(-q -o APT::Sandbox::User=root)

# use_private_apt NAME SUITE...: ask Debian itself, with lists and state of our
# own so that the host's apt stays as it is. For a host whose sources lack the
# package. A SUITE is ARCHIVE/SUITE of deb.debian.org.
use_private_apt() {
	local apt=$cache/apt/$1 suite signed
	shift
	signed=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e "$signed" ] || die "install the Debian package debian-archive-keyring"
	mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/none"
	for suite in "$@"; do
		printf 'deb [signed-by=%s] http://deb.debian.org/%s %s main\n' \
			"$signed" "${suite%/*}" "${suite#*/}"
	done >"$apt/sources.list"
	apt_options+=(-o "Dir::State=$apt/state" -o "Dir::State::lists=$apt/state/lists"
		-o "Dir::Cache=$apt/cache" -o "Dir::Etc::sourcelist=$apt/sources.list"
		-o "Dir::Etc::sourceparts=$apt/none" -o Dir::Etc::preferences=/dev/null
		-o "Dir::Etc::preferencesparts=$apt/none" -o Dir::State::status=/var/lib/dpkg/status)
	apt-get "${apt_options[@]}" update >&2
}
