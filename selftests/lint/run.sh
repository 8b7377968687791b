#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh [CHECK...]
#
# Static checks of the whole tree, or those that checks.sh calls so, as KTAP.
# As many run at once as there are processors.
# shellcheck disable=SC2317 # the checks are called by name
set -u
cd "$(dirname "$0")/../.." || exit
scripts=$(selftests/lint/kernel-scripts) || exit 1
# shellcheck source=selftests/lint/checks.sh
. selftests/lint/checks.sh

# A name, and how to call it; the long ones first.
checks=("each check can fail" check_selftest)
for kernel in $kernels; do
	checks+=("W=1, sparse and symbols on $kernel" "check_build $kernel")
done
checks+=(
	"W=1 with clang on the oldest 6.1" check_clang
	"W=1 for arm64 on the oldest 6.12" check_arm64
	"W=1 for s390x on the oldest 6.1" check_s390x
	"clang-tidy and clang's analyzer" check_clang_tidy
	"coccinelle, the kernel's scripts" check_coccinelle
	"checkpatch --strict" check_checkpatch
	"gcc's analyzer" check_gcc_analyzer
	"shellcheck" check_shellcheck
	"tools without warnings" check_tools
	"the command for 32 bits" check_tools_32
	"cppcheck" check_cppcheck
	"kernel-doc" check_kernel_doc
	"mandoc lint" check_mandoc
	"Python compiles, pyflakes" check_python
	"pages are valid reST" check_rst
	"the netlink specification is valid by the kernel's schema" check_schema
	"the netlink specification agrees with the code" check_agreement
	"netlink.rst, sentences, replies and events agree" check_documents
	"the decision table is whole" check_decisions
	"layout rules" check_layout
	"what documentation and comments name exists" check_references
	"the lists of packages are complete" check_packages
)

# Only by name, since it takes half an hour.
asked=("W=1 with all headers that are offered" check_offered)
[[ " $* " != *" offered "* ]] || checks+=("${asked[@]}")

check_selftest() { "$lint/selftest"; }

chosen=()
for ((i = 0; i < ${#checks[@]}; i += 2)); do
	[[ $# = 0 || " $* " == *" ${checks[i + 1]#check_} "* ]] && chosen+=("$i")
done

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
echo "KTAP version 1"
echo "1..${#chosen[@]}"
running=0
for i in "${chosen[@]}"; do
	[ "$running" -lt "$(nproc)" ] || wait -n
	running=$((running < $(nproc) ? running + 1 : running))
	{
		SECONDS=0
		# shellcheck disable=SC2086 # a function and its argument
		${checks[i + 1]} >"$out/$i" 2>&1 && : >"$out/$i.passed"
		echo "$SECONDS" >"$out/$i.seconds"
	} &
done
wait

n=0 failed=0
for i in "${chosen[@]}"; do
	n=$((n + 1))
	echo "# ${checks[i + 1]}: $(cat "$out/$i.seconds") s"
	if [ -e "$out/$i.passed" ]; then
		echo "ok $n ${checks[i]}"
	else
		head -n 40 "$out/$i" | sed 's/^/# /'
		echo "not ok $n ${checks[i]}"
		failed=1
	fi
done
exit "$failed"
