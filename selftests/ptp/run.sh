#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: run.sh [--kernel VERSION] [--west VERSION] [--seconds S] [--data FILE]
#
# PTP over an LSP of its own between two virtual machines, labelhop on the PHC of
# each, customers between them, and attacks on the time: ptp.py, which says what it
# measures. --kernel is the slave's (6.1), --west the grandmaster's (6.1); --seconds is
# how long it measures before the attacks (40); --data keeps what was measured, for
# plot.py. make check-ptp is ten minutes.
set -euo pipefail
cd "$(dirname "$0")/../.."
kernel=6.1 grandmaster=6.1 seconds=40 data=
while [ $# -gt 0 ]; do
	case $1 in
	--kernel) kernel=$2 ;;
	--west) grandmaster=$2 ;;
	--seconds) seconds=$2 ;;
	--data) data=$2 ;;
	*) sed -n '3,/^set/{/^set/d;s/^# \?//p}' "$0" >&2 && exit 2 ;;
	esac
	shift 2
done

tmp=$(mktemp -d)
west=''
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	[ -z "$west" ] || kill "$west" 2>/dev/null || :
	wait
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 143' INT TERM

{ make -C tools && make -C selftests/ptp; } >&2
truncate -s 1M "$tmp/shared"
export LABELHOP_PTP_VRFS=10 LABELHOP_PTP_SECONDS=$seconds

# machine SIDE KERNEL COMMAND...: in place of the shell that calls it
# shellcheck disable=SC2054 # commas part QEMU's options
machine() {
	local side=$1 other=$((3 - $1)) version=$2 net words=()
	shift 2
	for net in 0c 0d; do
		words+=(--qemu -netdev --qemu "dgram,id=n$net,local.type=unix,local.path=$tmp/$net.$side,remote.type=unix,remote.path=$tmp/$net.$other"
			--qemu -device --qemu "virtio-net-pci,netdev=n$net,mac=02:00:00:00:0$side:$net")
	done
	words+=(--qemu -object --qemu "memory-backend-file,id=shared,mem-path=$tmp/shared,size=1M,share=on"
		--qemu -device --qemu ivshmem-plain,memdev=shared)
	exec selftests/vm/run --kernel "$version" --cpus 1 --memory 512M --insmod --timeout $((seconds + 900)) \
		"${words[@]}" -- selftests/ptp/guest.sh "$side" "$@"
}

machine 1 "$grandmaster" selftests/ptp/agent.py >"$tmp/west" 2>&1 &
west=$!
status=0
(machine 2 "$kernel" selftests/ptp/ptp.py) | tee "$tmp/east" || status=$?
[ "$status" = 0 ] || sed 's/^/# west: /' "$tmp/west"
[ -z "$data" ] || sed -n 's/^# data //p' "$tmp/east" >"$data"
exit "$status"
