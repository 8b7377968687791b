# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # the variables are those of `run`
# Runs the machine and judges how it went; sourced by `run`.

# Lines of a kernel's log that no test may leave behind.
splats='WARNING:|BUG:|BUG at |Oops|kernel panic|general protection fault'
splats+='|suspicious RCU|refcount_t:|Call Trace:|possible circular locking'
splats+='|blocked for more than|self-detected stall|detected stalls|soft lockup'
splats+='|scheduling while atomic|sleeping function called|kmemleak:|UBSAN:|KASAN:|KCSAN:'
splats+='|unregister_netdevice: waiting|stack-protector|Bad page|list_(add|del) corruption'

# Seconds without a line of the kernel before COMMAND starts. A loaded machine
# takes 10 between two.
standstill=${LABELHOP_STANDSTILL:-60}

# The console has CR LF, and time stamps before every line. Who reads this must read all
# of it: else the writer fails, and with pipefail what was found counts as not found.
log_lines() { tr -d '\r' <"$console"; }
since_start() { log_lines | sed '1,/labelhop-lab: the command starts/d'; }

# fail STATUS SENTENCE: the one way to report something but COMMAND's status.
fail() {
	local kept=$log
	say "$2"
	if [ -z "$kept" ]; then
		mkdir -p "$repo/.build/vm"
		# Keep those of the last few failures.
		find "$repo/.build/vm" -name 'console-*.log' -printf '%T@ %p\0' | sort -znr |
			tail -zn +20 | cut -zd ' ' -f 2- | xargs -0r rm -f
		kept=$(mktemp "$repo/.build/vm/console-XXXXXX.log")
	fi
	cp "$console" "$kept"
	if [ -s "$tmp/machine" ]; then
		say "${machine[0]} says:"
		tail -n 20 "$tmp/machine" >&2
	fi
	say "the kernel's last lines, all of them being in $kept:"
	tail -n 60 "$console" | tr -d '\r' >&2
	exit "$1"
}

# A kernel puts an int3 where it patches its code. QEMU 7.2 translates without a
# lock: on a busy host it can run the int3 after the kernel has taken it away.
# Then the byte before the one in <>, which is where it was, is another.
ran_stale_int3() {
	local code
	code=$(log_lines | awk '/Oops: int3/ { oops = 1 } n && NR == n + 1
		oops && !n && /RIP: .*[+]0x/ { n = NR }')
	grep -qE 'Code: .* (c[^c]|[^c].) <' <<<"$code"
}

guest_died() {
	stop_machine
	local why
	if ran_stale_int3; then
		fail "$EX_LAB" "QEMU ran an int3 that the kernel had taken away, a fault of QEMU's; run it again"
	elif why=$(log_lines | grep 'Kernel panic'); then
		why=${why%%$'\n'*}
		fail "$EX_LAB" "the guest's kernel panicked: ${why##*\] }"
	elif why=$(grep -m 1 'labelhop-lab: init:' "$console"); then
		fail "$EX_LAB" "the guest couldn't be set up: $why"
	elif started; then
		fail "$EX_LAB" "the guest went down before the command ended"
	fi
	fail "$EX_LAB" "the guest didn't boot"
}

# judge STATUS TAINT-BEFORE TAINT-AFTER
judge() {
	local status=$1 new bad
	if bad=$(since_start | grep -E "$splats"); then
		bad=${bad%%$'\n'*}
		fail "$EX_LAB" "the command ended with status $status, but the kernel logged: ${bad#\[*\] }"
	fi
	# Bits 5 bad page, 7 died, 9 warned, 14 locked up. Those of an unsigned
	# module from outside the tree are as they must be.
	new=$(($3 & ~$2 & (1 << 5 | 1 << 7 | 1 << 9 | 1 << 14)))
	[ "$new" = 0 ] ||
		fail "$EX_LAB" "the command ended with status $status, but the kernel is tainted ($3)"
	[ -z "$log" ] || cp "$console" "$log"
	exit "$status"
}

started() { grep -q 'labelhop-lab: the command starts' "$console"; }

# Once in some hundred boots an emulated machine stands still before COMMAND has
# begun, wherever the kernel happens to be. Nothing of ours has run by then, so a
# new machine is tried, twice at the most.
boot_again() {
	local try=${LABELHOP_VM_TRY:-1}
	[ "$try" -lt 3 ] || fail "$EX_TIMEOUT" "the guest stood still while it booted, $try times"
	say "the guest stood still while it booted, at: $(tail -n 1 "$console" | tr -d '\r')"
	say "trying again"
	cleanup
	LABELHOP_VM_TRY=$((try + 1)) exec "$vm_dir/run" "${original[@]}"
}

# Starts the machine and serves the control port until there is a verdict. The
# lines on it come from `guest` and from `pump`; its end means that the machine
# has ended.
supervise() {
	local deadline=$((SECONDS + timeout)) line='' verdict='' drained=0 control
	# setpriv: should we be killed, so is the machine. It holds the fifos open
	# from before it starts, so that even one that can't start ends them.
	setpriv --pdeathsig KILL "${machine[@]}" \
		<&"$machine_in" >&"$machine_out" 2>"$tmp/machine" 7>"$tmp/control.out" \
		8<>"$tmp/out" 9<>"$tmp/err" &
	machine_pid=$!
	exec {control}<"$tmp/control.out"
	[ "$verbose" = 0 ] || {
		tail -q -n +1 -f "$console" >&2 &
		tail_pid=$!
	}

	local seen=0 seen_at=$SECONDS booted=0
	while [ -z "$verdict" ] || [ "$drained" -lt "$streams" ]; do
		local left=$((deadline - SECONDS)) got=0 size
		[ "$left" -gt 0 ] || left=0.01
		[ "$booted" = 1 ] || [ "$left" -lt 5 ] || left=5
		read -r -t "$left" line <&"$control" || got=$?
		if [ "$booted" = 0 ] && started; then
			booted=1
		fi
		if [ "$got" -gt 128 ] && [ "$SECONDS" -lt "$deadline" ]; then
			size=$(stat -c %s "$console")
			[ "$size" = "$seen" ] || seen=$size seen_at=$SECONDS
			[ "$booted" = 1 ] || [ $((SECONDS - seen_at)) -lt "$standstill" ] || boot_again
			continue
		fi
		if [ "$got" -gt 128 ]; then
			stop_machine
			started ||
				fail "$EX_TIMEOUT" "the guest didn't boot within $timeout seconds"
			fail "$EX_TIMEOUT" "the command took more than $timeout seconds and was ended"
		elif [ "$got" -gt 0 ]; then
			guest_died
		fi
		case $line in
		# <> doesn't wait for a reader, should QEMU have just died.
		time) echo "${EPOCHREALTIME/,/.}" 1<>"$tmp/control.in" ;;
		status\ *) verdict=${line#* } ;;
		drained\ *) drained=$((drained + 1)) ;;
		broken\ *) exit 141 ;;
		esac
	done
	# What the kernel logged last may still be on its way to the file.
	for ((i = 0; i < 100; i++)); do
		! grep -q 'labelhop-lab: the command ended' "$console" || break
		sleep 0.02
	done
	stop_machine
	# shellcheck disable=SC2086 # three numbers
	judge $verdict
}

# With a terminal a machine has to put that right before it goes.
stop_machine() {
	if [ -n "$terminal" ]; then
		kill -TERM "$machine_pid" 2>/dev/null || :
		for ((i = 0; i < 100; i++)); do
			kill -0 "$machine_pid" 2>/dev/null || break
			sleep 0.02
		done
		stty "$terminal"
	fi
	kill -KILL "$machine_pid" 2>/dev/null || :
	wait "$machine_pid" 2>/dev/null || :
	machine_pid=''
}
