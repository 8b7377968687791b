#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: packets.sh [--kernel KERNEL] [--time N] [--seed S] [--first I] [--rounds N]
#
# The packet fuzzer: makes packets from valid to random, has lh_odd_skb give them in
# all shapes to labelhop's hooks, in the lab with that kernel (6.1), for N seconds
# a hook (30), and compares what becomes of them with the reference. Prints KTAP.
# Whatever is wrong is printed with what does it again: --seed S --first I --rounds 1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)

kernel=6.1 seconds=30 options=()
while [ $# -gt 1 ]; do
	case $1 in
	--kernel) kernel=$2 ;;
	--time) seconds=$2 ;;
	--seed | --first | --rounds) options+=("$1" "$2") ;;
	*) break ;;
	esac
	shift 2
done
[ $# = 0 ] || { sed -n '3,/^set/{/^set/d;s/^# \?//p}' "$0" >&2; exit 2; }

run=("$here/../vm/run" --kernel "$kernel")
# Where the module counts what of it runs, the counters are kept.
[ -z "${LABELHOP_GCOV-}" ] || run=("$here/../coverage/collect" packets)

module=$("$here/../skb/build" "$kernel")
# shellcheck disable=SC2016 # the guest's shell expands it
exec "${run[@]}" --timeout $((600 + 10 * seconds)) --insmod -- \
	bash -c 'insmod "$0" && exec "$@"' "$module" \
	"$here/packets.py" --seconds "$seconds" ${options[@]+"${options[@]}"}
