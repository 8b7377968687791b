#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh [--time SECONDS]
#
# Fuzzes what of labelhop runs in user space, for SECONDS (30) in all, shared
# among the targets. Before that each target runs its corpus, and must find the
# faults that the file faults puts into copies of the code. Prints KTAP. Inputs
# that fail are kept in .build/fuzz/found, and those that are new to the targets
# in .build/fuzz/corpus.
# shellcheck disable=SC2317 # the tests are called by name
set -uo pipefail
cd "$(dirname "$0")" || exit
# shellcheck source=selftests/lib.sh
. ../lib.sh

seconds=30
if [ "${1-}" = --time ] && [[ ${2-} =~ ^[1-9][0-9]*$ ]] && [ $# = 2 ]; then
	seconds=$2
elif [ $# != 0 ]; then
	sed -n '3s/^# //p' run.sh >&2
	exit 2
fi

targets=(stack slot derive packet timebase set parse args nl_error show)
cpus=$(nproc)
share=$((seconds * cpus / ${#targets[@]} + 1))
out=.build/fuzz
max_len=2048		# bytes of an input
fault_runs=400000	# inputs in which a fault must be found
mapfile -t faults < <(grep -v '^#' faults)

cd "$repo" || exit
work=$(mktemp -d)
defer rm -rf "$work"
# shellcheck disable=SC2046 # process ids
stop_jobs() { stop $(jobs -p); }
defer stop_jobs
# Freed memory need not be kept from use for long: nothing else runs there.
export ASAN_OPTIONS=quarantine_size_mb=16

# start NAME COMMAND...: in the background, when a processor is free.
start() {
	local name=$1
	shift
	while [ "$(jobs -rp | wc -l)" -ge "$cpus" ]; do
		wait -n
	done
	{
		"$@" >"$work/$name.log" 2>&1
		echo $? >"$work/$name.status"
	} &
}

# passed NAME: has that job succeeded? If not, show what it said.
passed() {
	local status
	status=$(cat "$work/$1.status")
	[ "$status" = 0 ] && return
	echo "# exit status $status"
	tail -n 60 "$work/$1.log" | sed 's/^/# /'
	return 1
}

# fuzzer PROGRAM TARGET ARGUMENT...
fuzzer() {
	local program=$1 dict=selftests/fuzz/$2.dict
	shift 2
	[ -e "$dict" ] && set -- -dict="$dict" "$@"
	"$program" -max_len="$max_len" -timeout=60 "$@"
}

corpus_job() { fuzzer "$out/bin/$1" "$1" -runs=0 "selftests/fuzz/corpus/$1"; }

# The same seed every time; only the order of the files is the clone's own.
fault_job() {
	local target=$2 file=$3 change=$4 dir=$work/fault-$1 found
	mkdir -p "$dir/corpus"
	sed "$change" "$file" >"$dir/${file##*/}"
	if cmp -s "$file" "$dir/${file##*/}"; then
		echo "nothing in $file is changed by: $change"
		return 1
	fi
	make -s -C selftests/fuzz broken TARGET="$target" FILE="$file" \
		BY="$dir/${file##*/}" TO="$dir/program" || return
	fuzzer "$dir/program" "$target" -seed=1 -runs="$fault_runs" \
		-artifact_prefix="$dir/found-" "$dir/corpus" "selftests/fuzz/corpus/$target" &&
		return 1
	found=("$dir"/found-*)
	[ -e "${found[0]}" ] || return
	# It is the fault that was found: without it, the same input is fine.
	fuzzer "$out/bin/$target" "$target" "${found[0]}"
}

fuzz_job() {
	mkdir -p "$out/corpus/$1" "$out/found"
	fuzzer "$out/bin/$1" "$1" -max_total_time="$share" -print_final_stats=1 \
		-artifact_prefix="$out/found/$1-" "$out/corpus/$1" "selftests/fuzz/corpus/$1"
}

t_corpus() { passed "corpus-$1"; }
t_fault() { passed "fault-$1"; }

t_fuzz() {
	local log=$work/fuzz-$1.log found
	awk -v target="$1" '
		/stat::number_of_executed_units/ { runs = $2 }
		{ for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
		END { print "# " target ": " runs + 0 " inputs, " edges + 0 " edges" }' "$log"
	passed "fuzz-$1" && return
	found=$(sed -n 's/.*Test unit written to //p' "$log")
	echo "# reproduce: $out/bin/$1 $found"
	echo "# when it is fixed: cp $found selftests/fuzz/corpus/$1/regress-WHAT"
	return 1
}

make -s -j"$cpus" -C selftests/fuzz >&2 || {
	echo "Bail out! the targets do not build"
	exit 1
}
tests=()
for target in "${targets[@]}"; do
	start "corpus-$target" corpus_job "$target"
	tests+=("$target: corpus" "t_corpus $target")
done
for i in "${!faults[@]}"; do
	read -r target file change <<<"${faults[i]}"
	start "fault-$i" fault_job "$i" "$target" "$file" "$change"
	tests+=("$target: finds a fault in $file: $change" "t_fault $i")
done
for target in "${targets[@]}"; do
	start "fuzz-$target" fuzz_job "$target"
	tests+=("$target: fuzzed for $share s" "t_fuzz $target")
done
wait
ktap_tests "${tests[@]}"
