#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh [FILE...]
#
# Runs the network tests, those files or all, as one KTAP stream; inside the lab:
#
#   selftests/vm/run -- selftests/net/run.sh
#
# KTAP_ONLY=WORD in the environment picks the tests with that word in their name.
# The last line is "# totals: pass:N fail:N skip:N", of all tests in all files. The
# status is 1 if one failed or a file did not come to its end, and 0 otherwise.
set -u
cd "$(dirname "$0")" || exit 1
export PYTHONDONTWRITEBYTECODE=1
baseline='baseline.py'

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# What runs without being executable is a library.
files=("$@")
if [ $# = 0 ]; then
	files=("$baseline")
	for file in *.py *.sh; do
		[ ! -x "$file" ] || [ "$file" = run.sh ] || [ "$file" = "$baseline" ] ||
			files+=("$file")
	done
fi

# The guest sees the repository read-only: tools that aren't there are made here.
export LABELHOP_INJECT=${LABELHOP_INJECT:-$PWD/../../.build/inject}
for tool in ../inject/lh-*.c; do
	tool=${tool##*/}
	[ -x "$LABELHOP_INJECT/${tool%.c}" ] && continue
	LABELHOP_INJECT=$tmp/inject
	make -s -C ../inject O="$LABELHOP_INJECT" || exit 1
	break
done

# A burst of a test must not be lost in a queue before it comes to labelhop.
echo 100000 >/proc/sys/net/core/netdev_max_backlog

pass=0 fail=0 skip=0 number=0
echo "KTAP version 1"
echo "1..${#files[@]}"
for file in "${files[@]}"; do
	number=$((number + 1))
	start=$SECONDS
	"./${file##*/}" >"$tmp/out" 2>&1 &
	pid=$!
	# Show it as it comes, indented, as KTAP wants it.
	tail -n +1 -s 0.2 -f --pid="$pid" "$tmp/out" | sed -u 's/^/  /'
	wait "$pid"
	status=$?
	planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$tmp/out" | head -n 1)
	failed=$(grep -c '^not ok ' "$tmp/out")
	skipped=$(grep -c '^ok .*# SKIP' "$tmp/out")
	good=$(grep -c '^ok ' "$tmp/out")
	# A test that never reported has failed.
	lost=$((${planned:-1} - good - failed))
	[ "$status" = 0 ] || [ "$failed" -gt 0 ] || [ "$lost" -gt 0 ] || lost=1
	pass=$((pass + good - skipped)) skip=$((skip + skipped)) fail=$((fail + failed + lost))
	result=ok
	[ "$status$failed$lost" = 000 ] || result='not ok'
	echo "$result $number ${file##*/}"
	echo "# ${file##*/} took $((SECONDS - start)) s"
done
echo "# totals: pass:$pass fail:$fail skip:$skip"
[ "$fail" = 0 ]
