#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2317 # the guest expands; tests are called by name
# usage: selftest.sh [--kernel uml-6.1|uml-7.3|kcsan-7.3] [TEST...]
#
# KTAP test of `run` itself: that what it shows and returns is what the command
# printed and returned, and that nothing that goes wrong in a guest is missed.
set -u
dir=$(cd "$(dirname "$0")" && pwd -P)
# Where the guest sees it too.
mkdir -p "$dir/../../.build/vm"
tmp=$(mktemp -d "$(cd "$dir/../../.build/vm" && pwd -P)/selftest.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

kernel=6.1
[ "${1-}" != --kernel ] || { kernel=$2; shift 2; }

tests=(
	status_0 status_3 status_of_signal arguments environment directory
	separate_output joined_output lossless slow_reader reader_gone
	hang power_off
	root_read_only writable network_namespace clock devices
	terminal in_parallel options long_log
)
case $kernel in
uml-*)
	tests+=(
		provoked_panic provoked_warning provoked_bug provoked_overflow provoked_use_after_free
		provoked_refcount provoked_list planted_leak planted_timer planted_shift
		built_in kernel_uml no_qemu
	)
	;;
kcsan-*) tests+=(planted_timer planted_shift planted_race built_in) ;;
*) tests+=(stands_still panic stale_int3 bug warning kernel_6_1 kernel_6_12 kernel_7_3) ;;
esac
# UML of 6.1 has neither lockdep nor more than one processor.
case $kernel in
uml-7.3 | kcsan-*) tests+=(planted_order planted_sleep planted_rcu lockdep_off processors) ;;
esac

module=--no-module
run() { timeout 300 "$dir/run" ${module:+"$module"} --kernel "$kernel" "$@"; }

# Every test below returns 0 if all is well; what it prints is shown if not.
expect() { # expect WHAT WANTED GOT
	[ "$2" = "$3" ] || { echo "$1: wanted '$2', got '$3'" && return 1; }
}

status_0() { run true; }
status_3() { run sh -c 'exit 3'; expect status 3 $?; }
status_of_signal() { run sh -c 'kill -KILL $$'; expect status 137 $?; }

arguments() {
	local given=('' 'a b' "it's" '"q"' 'back\slash' $'tab\tand\nnewline\n' '$HOME `x` *' -- '' 'é€' '%s' '!')
	expect arguments "$(printf '<%s>' "${given[@]}")" \
		"$(run -- printf '<%s>' "${given[@]}")"
}

environment() {
	expect environment "$(printf 'two  words\nand lines|unset|/usr/bin/python3')" "$(
		LABELHOP_TEST=$'two  words\nand lines' OTHER_TEST=1 run -- \
			sh -c 'echo "$LABELHOP_TEST|${OTHER_TEST-unset}|$(command -v python3)"'
	)"
}

directory() { expect directory "$tmp" "$(cd "$tmp" && run pwd)"; }

separate_output() {
	run sh -c 'echo out; echo err >&2; echo again >/dev/stderr' >"$tmp/out" 2>"$tmp/err"
	expect out out "$(cat "$tmp/out")" && expect err $'err\nagain' "$(cat "$tmp/err")"
}

joined_output() {
	expect order "$(seq 200)" \
		"$(run sh -c 'for i in $(seq 1 2 200); do echo $i; echo $((i+1)) >&2; done' 2>&1)"
}

lossless() {
	run sh -c 'head -c 3000000 /dev/urandom >/tmp/x; md5sum </tmp/x >&2; cat /tmp/x' \
		>"$tmp/out" 2>"$tmp/err"
	expect hash "$(cat "$tmp/err")" "$(md5sum <"$tmp/out")"
}

slow_reader() {
	expect hash "$(seq 300000 | md5sum)" "$(
		run seq 300000 | { sleep 1.9; sleep 1.9; sleep 1.9; sleep 1.9; md5sum; }
	)"
}

reader_gone() {
	# Ends because nobody listens, not at the time-out.
	run --timeout 120 yes 2>/dev/null | head -n 1 >"$tmp/out"
	expect 'status of run' 141 "${PIPESTATUS[0]}" && expect output y "$(cat "$tmp/out")"
}

# fails STATUS PATTERN OPTION-OR-COMMAND...: as it must, and says so.
fails() {
	local status=0 wanted=$1 pattern=$2
	shift 2
	run --log "$tmp/log" "$@" >"$tmp/out" 2>&1 || status=$?
	expect status "$wanted" "$status" &&
		expect "lines with '$pattern'" yes "$(grep -qE "$pattern" "$tmp/out" && echo yes || cat "$tmp/out")" &&
		expect 'lines of the log' yes "$([ "$(grep -c '^\[' "$tmp/out")" -ge 50 ] && echo yes)" &&
		expect 'whole log' yes "$(grep -q 'Linux version' "$tmp/log" && echo yes)"
}

# -S: the machine is made, but its processors do not run.
stands_still() {
	local status=0
	LABELHOP_STANDSTILL=1 run --log "$tmp/log" --qemu -S true >"$tmp/out" 2>&1 || status=$?
	expect status 124 "$status" &&
		expect 'times that it tried again' 2 "$(grep -c 'trying again' "$tmp/out")" &&
		expect 'what it says' yes \
			"$(grep -q 'the guest stood still while it booted, 3 times' "$tmp/out" && echo yes)"
}

panic() { fails 125 'kernel panicked: .*sysrq triggered crash' sh -c 'echo c >/proc/sysrq-trigger'; }
# after_int3 BYTE: what the kernel logs of an int3 that nobody has put there or, if
# BYTE is another, that is no more there; and its end.
after_int3() {
	sh -c 'for line; do echo "<1>$line" >/dev/kmsg; done; echo c >/proc/sysrq-trigger' sh \
		'Oops: int3: 0000 [#1] SMP NOPTI' 'RIP: 0010:netif_rx_internal+0x1c/0x110' \
		"Code: 48 89 fb $1 <3d> 0f 1f 44 00 00"
}
stale_int3() {
	fails 125 'QEMU ran an int3' bash -c "$(declare -f after_int3); after_int3 eb" &&
		fails 125 'kernel panicked: .*sysrq triggered crash' bash -c "$(declare -f after_int3); after_int3 cc"
}
# A stock kernel offers no way to provoke these, but a program that writes to its
# log looks the same from outside.
bug() {
	fails 125 'the kernel logged: BUG: kernel NULL' \
		sh -c 'echo "<1>BUG: kernel NULL pointer dereference, address: 0" >/dev/kmsg'
}
warning() {
	fails 125 'ended with status 0, but the kernel logged: WARNING: CPU' \
		sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at a.c:1" >/dev/kmsg'
}

# judged LINE...: what the lab says of a guest that logged these lines and then many more.
judged() {
	local status=0
	{ printf '[    1.0] %s\r\n' 'Linux version' 'labelhop-lab: the command starts' "$@" &&
		seq -f '[    2.0] line %.0f' 100000; } >"$tmp/console"
	bash -c 'set -euo pipefail
		. "$0/lib.sh" && . "$0/verdict.sh"
		tmp=$1 console=$1/console log=$1/log machine=(none) machine_pid= terminal=
		"${@:2}"' "$dir" "$tmp" "${judge[@]}" >"$tmp/out" 2>&1 || status=$?
	expect status 125 "$status" && grep -q "$pattern" "$tmp/out"
}
long_log() {
	local judge=(judge 0 0 0) pattern='but the kernel logged: WARNING: possible'
	judged 'WARNING: possible circular locking dependency detected' || return
	judge=(guest_died) pattern='kernel panicked: Kernel panic - not'
	judged 'Kernel panic - not syncing' || return
	pattern='QEMU ran an int3'
	judged 'Oops: int3: 0000' 'RIP: 0010:f+0x1c/0x110' 'Code: 48 89 fb eb <3d> 0f'
}

# Debug kernels have a file for it.
provoke() { fails 125 "$2" sh -c "echo $1 >/sys/kernel/debug/provoke-crash/DIRECT"; }
provoked_panic() { provoke PANIC 'kernel panicked: .*dumptest'; }
provoked_warning() { provoke WARNING 'ended with status 0, but the kernel logged: WARNING: '; }
provoked_bug() { provoke BUG 'kernel panicked'; }
provoked_overflow() { provoke SLAB_LINEAR_OVERFLOW 'the kernel logged: BUG: KASAN: slab-out-of-bounds'; }
provoked_use_after_free() { provoke READ_AFTER_FREE 'the kernel logged: BUG: KASAN: (slab-)?use-after-free'; }
provoked_refcount() { provoke REFCOUNT_DEC_NEGATIVE 'refcount_t: '; }
provoked_list() { provoke CORRUPT_LIST_ADD 'list_add corruption'; }

# What LKDTM has not is in selftests/plant.
planted() {
	local module=''
	fails 125 "$2" modprobe lh_plant fault="$1"
}
planted_leak() { planted leak 'kmemleak: [0-9]* new suspected memory leaks'; }
planted_timer() { planted timer 'ODEBUG: free active'; }
planted_shift() { planted shift 'UBSAN: shift-out-of-bounds'; }
planted_order() { planted order 'possible circular locking'; }
planted_sleep() { planted sleep 'sleeping function called'; }
planted_rcu() { planted rcu 'suspicious RCU usage'; }
planted_race() { planted race 'BUG: KCSAN: data-race in race.* / race'; }
lockdep_off() { planted order 'WARNING: lockdep is off'; }
hang() { fails 124 'took more than 40 seconds' --timeout 40 sh -c 'while :; do :; done'; }
power_off() { fails 125 'went down before the command ended' sh -c 'busybox poweroff -f; sleep 100'; }

root_read_only() { run sh -c '! touch /file && ! touch /usr/file && ! touch "$0"' "$dir/file" 2>/dev/null; }
writable() {
	run sh -c 'for d in /tmp /var/tmp /run /var/run /dev/shm; do touch "$d/file" || exit; done
		echo >/dev/null && echo | cat /dev/stdin >/dev/stdout && test -d /proc/self/fd'
}
network_namespace() {
	run sh -c 'ip netns add a && ip link add v0 type veth peer name v1 netns a &&
		ip netns exec a ip link set v1 up && ip -n a link show v1 && ping -c 1 127.0.0.1'
}
clock() {
	local guest before=$EPOCHSECONDS
	guest=$(run date +%s)
	expect 'right time' yes "$([ "$before" -le "$guest" ] && [ "$guest" -le "$EPOCHSECONDS" ] && echo yes)"
}
devices() { run sh -c 'test -c /dev/net/tun || modprobe tun && ls /sys/kernel/tracing/events >/dev/null'; }

# on_terminal COMMAND: script gives it one, of 33 lines; it types what is in the
# fifo, which never ends.
on_terminal() {
	script -qefc "stty rows 33 cols 99; '$dir/run' --no-module --kernel $kernel --tty -- $1" /dev/null <&3
}
terminal() {
	mkfifo "$tmp/typed" && exec 3<>"$tmp/typed"
	expect output $'33 99\ntty' "$(on_terminal "sh -c 'stty size; test -t 0 && test -t 1 && echo tty'" | tr -d '\r')" &&
		{ on_terminal "sh -c 'exit 4'"; expect status 4 $?; } &&
		{ # ctrl-C reaches the command and nobody else.
			{ while :; do sleep 1; printf '\003'; done >&3; } &
			expect output yes "$(on_terminal "sh -c 'trap \"echo interrupted; exit\" INT; while :; do sleep 1; done'" |
				grep -q 'interrupted' && echo yes)"
			kill $!
		}
}

kernel_6_1() { expect release "$(cat "$("$dir/kernel" 6.1)/release")" "$(run uname -r)"; }
kernel_uml() { expect release "$(cat "$("$dir/kernel" "$kernel")/release")" "$(run uname -r)"; }
# Tests load modules that a debug kernel has built in.
built_in() { run modprobe -a mpls_router mpls_iptunnel vrf veth dummy; }
no_qemu() {
	local status=0
	run --qemu -nographic true 2>"$tmp/err" || status=$?
	expect status 125 "$status" && grep -q 'qemu is of no use' "$tmp/err"
}
kernel_6_12() { expect release "$(cat "$("$dir/kernel" 6.12)/release")" "$(run --kernel 6.12 uname -r)"; }
kernel_7_3() { expect release "$(cat "$("$dir/kernel" 7.3)/release")" "$(run --kernel 7.3 uname -r)"; }

processors() {
	expect processors 1 "$(run nproc)" && expect processors 4 "$(run --cpus 4 nproc)"
}

in_parallel() {
	local i
	for i in 1 2 3; do run sh -c "echo $i; exit $i" >"$tmp/$i" & done
	for i in 1 2 3; do wait -n; done
	expect output '1 2 3' "$(<"$tmp/1") $(<"$tmp/2") $(<"$tmp/3")"
}

options() {
	expect 'processors, memory' '1 yes' "$(
		run --cpus 1 --memory 512M sh -c 'echo $(nproc) $(awk "/MemTotal/ && \$2 < 524288 {print \"yes\"}" /proc/meminfo)'
	)" || return
	run --no-such-option true 2>/dev/null
	expect 'status of a wrong option' 125 $?
}

# With arguments only those tests.
[ $# = 0 ] || tests=("$@")
echo 'KTAP version 1'
echo "1..${#tests[@]}"
failed=0 number=0
for name in "${tests[@]}"; do
	number=$((number + 1)) started=$SECONDS
	if why=$("$name" 2>&1); then
		echo "ok $number $name # $((SECONDS - started)) s"
	else
		echo "not ok $number $name"
		echo "# ${why//$'\n'/$'\n'# }"
		failed=1
	fi
done
exit "$failed"
