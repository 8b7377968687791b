#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: stress.sh [--kernel KERNEL] [--seconds N] [--spread]
#
# Sessions, devices, namespaces, the module, memory and processors come and go under
# traffic, in the lab with that kernel (6.12), each for N seconds (8). Prints KTAP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd -P)
repo=$(cd "$here/../.." && pwd -P)

kernel=6.12 seconds=8 spread=()
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=${2?} && shift 2 ;;
	--seconds) seconds=${2?} && shift 2 ;;
	--spread) spread=(--spread) && shift ;;
	*) break ;;
	esac
done
[ $# = 0 ] || { sed -n '3,/^set/{/^set/d;s/^# \?//p}' "$0" >&2; exit 2; }

make -s -C "$repo/tools"
make -s -C "$here/../inject" O="$repo/.build/inject"
# With little memory there is little to be held until it is short.
exec "$here/../vm/run" --kernel "$kernel" --memory 512M --timeout $((900 + 10 * seconds)) \
	--insmod -- "$here/stress.py" --seconds "$seconds" "${spread[@]}"
