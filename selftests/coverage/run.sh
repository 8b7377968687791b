#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh [--uncovered | --floor]
#
# How much of kmod the tests come by, as KTAP; see report.py. The tests in the lab
# are run on uml-7.3 if the sources have changed since they were.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

declare -A commands=(
	[netlink]=selftests/cli/netlink.sh
	[net]=selftests/net/run.py
	[kunit]=selftests/kunit/run.sh
	[faults]=selftests/faults/fail_nth.py
	[packets]=selftests/fuzz/packets.sh
)

# count NAME: run its command, with counters
count() {
	case $1 in
	packets) LABELHOP_GCOV=1 "${commands[$1]}" --kernel uml-7.3 --time 10 --seed 1 ;;
	*) selftests/coverage/collect "$1" --timeout 3000 -- "${commands[$1]}" ;;
	esac
}

# stale FILE: has a source of the tests, or of what they test, changed since?
stale() {
	[ ! -e "$1" ] || [ -n "$(find kmod uapi tools selftests -path selftests/coverage -prune \
		-o -type f ! -name '*.pyc' ! -name '.*' -newer "$1" -print -quit)" ]
}

directories=()
for name in "${!commands[@]}"; do
	directory=.build/coverage/$name
	directories+=("$directory")
	stale "$directory/started" || continue
	count "$name" 2>&1 |
		sed -u 's/^/# /' ||
		echo "# not all tests of $name passed"
done
exec selftests/coverage/report.py "$@" "${directories[@]}"
