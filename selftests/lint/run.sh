#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Static checks of the whole tree, as KTAP.
# shellcheck disable=SC2317 # the checks are called by name, through test_one
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
scripts=$(selftests/lint/kernel-scripts) || exit 1

mapfile -t c_files < <(git ls-files 'kmod/*.[ch]' 'uapi/*.h' 'tools/*.[ch]' 'selftests/*.[ch]')
mapfile -t shell_files < <(git ls-files | while read -r f; do
	[ -f "$f" ] && head -n 1 "$f" | grep -qE '^#!.*/(ba)?sh|^# shellcheck shell=' && echo "$f"
	[ -f "$f" ] && [ "${f%.sh}" != "$f" ] && echo "$f"
done | sort -u)

# What checkpatch asks of ordinary code and these macros can't be: a line is
# FILE:TYPE.
checkpatch() {
	local f findings=0
	for f in "${c_files[@]}"; do
		perl "$scripts/checkpatch.pl" --no-tree --strict --terse --show-types \
			--no-summary -f "$f" |
			grep -vE "^($(grep -v '^#' selftests/lint/checkpatch-allowed |
				sed 's/\./\\./g; s/:/:[0-9]+: [A-Z]+:/' | paste -sd '|'))\b" && findings=1
	done
	return "$findings"
}

kernel_doc() {
	local f findings=0
	for f in kmod/*.[ch] tools/*.h; do
		perl "$scripts/kernel-doc" -none "$f" 2>&1 | grep -iE 'warning|error' && findings=1
	done
	return "$findings"
}

# Compiled afresh: what is not compiled can't be warned about.
build_clean() {
	local out
	find ".build/$1" -name '*.o' -delete 2>/dev/null
	out=$(V=1 W=1 C=2 selftests/vm/build "$1" 2>&1) || { printf '%s\n' "$out"; return 1; }
	grep -q 'sparse .*kmod/main.c' <<<"$out" || { echo "sparse did not run"; return 1; }
	! grep -E 'warning:|error:' <<<"$out"
}

tools_clean() {
	local out
	out=$(make -C tools -B 2>&1) || { printf '%s\n' "$out"; return 1; }
	! grep -E 'warning:|error:' <<<"$out"
}

n=0 failed=0
test_one() {
	local name=$1 out
	shift
	n=$((n + 1))
	if out=$("$@" 2>&1); then
		echo "ok $n $name"
	else
		printf '%s\n' "$out" | head -n 40 | sed 's/^/# /'
		echo "not ok $n $name"
		failed=1
	fi
}

echo "KTAP version 1"
echo "1..9"
test_one "checkpatch --strict" checkpatch
test_one "kernel-doc" kernel_doc
test_one "W=1 and sparse on 6.1" build_clean 6.1
test_one "W=1 and sparse on 6.12" build_clean 6.12
test_one "W=1 and sparse on 7.3" build_clean 7.3
test_one "tools without warnings" tools_clean
test_one "shellcheck" shellcheck -x -P SCRIPTDIR "${shell_files[@]}"
test_one "mandoc lint" mandoc -T lint -W warning tools/man/labelhop.8
test_one "layout rules" selftests/lint/layout.py
test_one "decision table" selftests/lint/decisions.py
exit "$failed"
