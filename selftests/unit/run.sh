#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Everything that needs neither root nor a kernel, as one KTAP stream: the
# reference's own tests, the C core's, and the two compared with each other.
# Succeeds if all of them do. packages lists what Debian has to have installed.

set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2
# The tests leave nothing behind in the source tree.
export PYTHONDONTWRITEBYTECODE=1
build=../../.build/unit
number=0
failed=0

# One test of the stream, whose own tests are printed indented before it.
part() {
	local name=$1
	shift
	number=$((number + 1))
	if "$@" | sed 's/^/    /'; then
		echo "ok $number $name"
	else
		echo "not ok $number $name"
		failed=1
	fi
}

echo "KTAP version 1"
echo "1..3"
part ref /usr/bin/python3 ../ref/test_ref.py
if make -s all >&2; then
	part core $build/unit
	part agree /usr/bin/python3 agree.py $build/derive
else
	echo "Bail out! the unit tests do not build"
	failed=1
fi
exit $failed
