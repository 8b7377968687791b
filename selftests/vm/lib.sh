# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the scripts of this directory; sourced, never run.

# shellcheck disable=SC2034 # the scripts that source this file use them
vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck disable=SC2034
repo=$(cd "$vm_dir/../.." && pwd -P)
cache=${LABELHOP_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/labelhop}

# The status of everything that went wrong in the lab or in the guest's kernel,
# as opposed to in the command that ran in it.
readonly EX_TIMEOUT=124 EX_LAB=125

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
	say "$*"
	exit "$EX_LAB"
}

# need COMMAND PACKAGE: stop and name the package if the command is absent.
need() {
	command -v "$1" >/dev/null ||
		die "$1 is not installed; install the Debian package $2 (apt-get install $2)"
}

# sbin holds depmod and modprobe but is not on every user's PATH.
PATH=$PATH:/usr/sbin:/sbin
