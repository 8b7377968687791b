# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # the variables are those of guest.sh
# The shell at the end of the demo. guest.sh sources this to start it, and the
# shell itself to have the functions.

# shell_file: what the shell reads first; its own variables and all of our functions
shell_file() {
	declare -p "${topo_names[@]}" topo_names work inject bold red green dim plain
	declare -p attack_names attack_title attack_about text_chapter
	declare -p hop_first vpn_first guesses wire_header customer_header
	declare -p ce1_address ce2_address forger_address demo_port
	declare -p order order_changed payee payee_changed
	echo 'declare -A drops=() drops_before=() dropped=()'
	declare -f
	cat <<-'END'
		PS1='demo# '
		HISTFILE=
		for name in "${topo_names[@]}"; do
			eval "${name,,}() { in_namespace \"\$$name\" \"\$@\"; }"
		done
		unset name
		cd "$work"
	END
}

# leave_shell: until the user ends it
leave_shell() {
	unset wrong
	chapter "A shell in this network"
	help
	echo
	shell_file >"$work/shellrc"
	bash --rcfile "$work/shellrc" -i
}

# in_namespace NAMESPACE [COMMAND...]: without one, a shell there
in_namespace() {
	local ns=$1
	shift
	[ $# -gt 0 ] || set -- env PS1="${ns%-*}# " bash --norc -i
	ip netns exec "$ns" "$@"
}

help() {
	local name
	cat <<-END
		  pe1 COMMAND    runs it on PE1, such as: pe2 labelhop -s session show blue-in;
		                 pe1 alone: a shell there. Likewise ce1 p1 asbr1 wire asbr2 p2
		                 pe2 ce2; \$PE1 .. are the namespaces
		  stack [N]      the label stacks of N packets between the ASBRs, which CE1 sends
		  pings          customer traffic
		  take_down      ends all sessions; set_up makes them anew
		  topology       the picture
		  help           this text
		  exit           ends the shell and the machine
		  attack NAME [N]  by the attacker on the link between the ASes, N packets
		                 (1000), NAME being
	END
	for name in "${attack_names[@]}"; do
		printf '    %-7s %s\n' "$name" "${attack_about[$name]}"
	done
}

# attack NAME [N]
attack() (
	if [ -z "${1-}" ] || [ -z "${attack_title[$1]-}" ]; then
		note "attack NAME [N], NAME being one of: ${attack_names[*]}"
		exit 1
	fi
	run_attack "$1" "${2:-1000}" || exit
	if protected; then
		note "$1: $sent sent, $reached reached CE2; labelhop dropped: $(reasons)"
	else
		note "$1: $sent sent, $reached reached CE2; labelhop is not set up"
	fi
)

# stack [N]
stack() (
	local i
	stack_head
	flow_start 100000 100000
	for ((i = 0; i < ${1:-10}; i++)); do
		stack_line || break
		sleep 1
	done
	stop "$flow_pid"
)

unexpected() { note "UNEXPECTED: $1"; }
