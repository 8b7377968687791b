#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: netlink.sh [--kernel KERNEL] [--time SECONDS] [OPTION]...
#
# Fuzzes the netlink interface of the module in the lab, on KERNEL (uml-6.1): with some
# hundred requests or, given a time, for so long. OPTION: see netlink.py. Prints KTAP.
set -euo pipefail
cd "$(dirname "$0")/../.."

kernel=uml-6.1 seconds=0
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=${2?} && shift 2 ;;
	--time) seconds=${2?} && shift 2 ;;
	*) break ;;
	esac
done
# The debug kernels have KCOV.
[[ $kernel != uml-* ]] || set -- --kcov "$@"
exec selftests/vm/run --kernel "$kernel" --timeout $((seconds + 1800)) -- \
	selftests/fuzz/netlink.py --time "$seconds" "$@"
