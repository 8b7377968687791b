# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the shell tests and the topology share; sourced, never run.
#
# Everything made with these functions has a random name and is undone when the
# script ends, however it ends, in the reverse order.

selftests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck disable=SC2034 # for those who source this file
repo=$(cd "$selftests/.." && pwd -P)

# -- clean-up --------------------------------------------------------------

lib_deferred=()

# defer COMMAND...: run it when the script ends.
defer() {
	local words
	printf -v words '%q ' "$@"
	lib_deferred+=("$words")
}

lib_cleanup() {
	local status=$? i
	trap - EXIT
	for ((i = ${#lib_deferred[@]} - 1; i >= 0; i--)); do
		eval "${lib_deferred[i]}" >/dev/null 2>&1
	done
	exit "$status"
}
trap lib_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# stop PID...: end processes of ours and wait for them.
stop() {
	kill "$@" 2>/dev/null
	wait "$@" 2>/dev/null
	return 0
}

# -- waiting ---------------------------------------------------------------

# busywait SECONDS COMMAND...: repeat it until it succeeds; fails after SECONDS.
busywait() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# -- namespaces ------------------------------------------------------------

# setup_ns VARIABLE...: make a namespace a variable, and put its name there.
setup_ns() {
	local variable names=()
	for variable in "$@"; do
		printf -v "$variable" 'lh-%s-%04x%04x' "$variable" $RANDOM $RANDOM
		names+=("${!variable}")
	done
	defer lib_namespaces del "${names[@]}"
	lib_namespaces add "${names[@]}"
}

# lib_namespaces add|del NAME...: by one process, whose start takes longer than the rest
lib_namespaces() {
	local action=$1 lines
	shift
	printf -v lines "netns $action %s\n" "$@"
	ip -force -b - <<<"$lines"
}

# in_ns NAMESPACE COMMAND...
in_ns() { ip netns exec "$@"; }

# need_module MODULE...: of Debian's own kernel.
need_module() {
	modprobe -a "$@" && return
	echo "# the kernel lacks one of the modules $*"
	return 1
}

# -- KTAP ------------------------------------------------------------------

ktap_number=0 ktap_failed=0 ktap_skip='' ktap_bad=0

# ktap_tests [NAME COMMAND]...: run each COMMAND, a shell function with its
# arguments, as one test, and exit. A test fails if COMMAND fails or if a check in it did.
ktap_tests() {
	echo "KTAP version 1"
	echo "1..$(($# / 2))"
	while [ $# -gt 1 ]; do
		ktap_skip='' ktap_bad=0
		# shellcheck disable=SC2086 # a function and its arguments
		$2 || ktap_bad=1
		ktap_result "$1"
		shift 2
	done
	exit $((ktap_failed > 0))
}

ktap_result() {
	ktap_number=$((ktap_number + 1))
	if [ "$ktap_bad" != 0 ]; then
		ktap_failed=$((ktap_failed + 1))
		echo "not ok $ktap_number $1"
	elif [ -n "$ktap_skip" ]; then
		echo "ok $ktap_number $1 # SKIP $ktap_skip"
	else
		echo "ok $ktap_number $1"
	fi
}

# skip REASON: for what a kernel or a machine may lack by right. What the lab
# should have, and hasn't, is a failure.
skip() { ktap_skip=$1; }

# fail SENTENCE: this test has failed; it goes on.
fail() {
	echo "# FAIL: $*"
	ktap_bad=1
}

# check SENTENCE COMMAND...: fail, with the sentence, unless COMMAND succeeds.
check() {
	local sentence=$1
	shift
	"$@" || fail "$sentence"
}

# check_equal SENTENCE GOT WANTED
check_equal() { [ "$2" = "$3" ] || fail "$1: got '$2', not '$3'"; }

# check_status STATUS PATTERN COMMAND...: COMMAND must exit with STATUS and say
# something on standard error that matches PATTERN.
check_status() {
	local status=$1 pattern=$2 said got=0
	shift 2
	said=$("$@" 2>&1 >/dev/null) || got=$?
	check_equal "status of $*" "$got" "$status"
	[[ $said =~ $pattern ]] || fail "$* said '$said', not '$pattern'"
}
