#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: guest.sh [--shell]
#
# The demo, within the machine that `run` has booted. Shows model C without and
# with labelhop, under attack; fails if anything is not as it must be. --shell:
# leaves a shell in the network at the end.
set -u
umask 077
exec 2>&1
demo=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=selftests/topo.sh
. "$demo/../topo.sh"
# shellcheck source=selftests/demo/text.sh
. "$demo/text.sh"
# shellcheck source=selftests/demo/packets.sh
. "$demo/packets.sh"
# shellcheck source=selftests/demo/attacks.sh
. "$demo/attacks.sh"
# shellcheck source=selftests/demo/steps.sh
. "$demo/steps.sh"

# shellcheck disable=SC2154 # lib.sh sets it
inject=$repo/.build/inject
work=$(mktemp -d)
defer rm -rf "$work"

# -- the story -------------------------------------------------------------

declare -A without=() with=() counted=() sent_with=() no_route=()

prepare() {
	# Bursts are to wait in the machine's queues, not to be lost there.
	sysctl -qw net.core.netdev_max_backlog=100000
	topo_up || give_up "the network could not be set up"
	nsenter --net="/run/netns/$CE2" "$inject/lh-flow" recv "$demo_port" 60000000 86400000 >/dev/null &
	defer kill $!
}

attacks_without() {
	local name
	for name in "${attack_names[@]}"; do
		run_attack "$name" || return
		without[$name]=$reached
		printf '  %-31s %5d sent %s%5d at CE2%s\n' "${attack_title[$name]}" "$sent" \
			"$red" "$reached" "$plain"
		case $name in
		bare)
			[ "$reached" = "$sent" ] ||
				give_up "without labelhop only $reached of $sent bare packets reached the customer, so nothing is proved"
			;;
		# There is one VPN label to hit, and each label is tried once.
		hop) check_result "$name" "$reached" 1 1 ;;
		*) check_result "$name" "$reached" "$sent" "$sent" ;;
		esac
	done
}

# check_result NAME REACHED LEAST MOST
check_result() {
	if [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
		unexpected "${attack_title[$1]}: $2 packets reached the customer, not $3 to $4"
	fi
}

# check_reasons NAME WANTED REASON...: that together these counted WANTED, and
# no other did
check_reasons() {
	local name=$1 wanted=$2 reason sum=0
	shift 2
	for reason in "$@"; do
		sum=$((sum + ${dropped[$reason]:-0}))
	done
	if [ "$sum" != "$wanted" ] || [ "$dropped_sum" != "$wanted" ]; then
		unexpected "${attack_title[$name]}: $wanted should be counted as $*, it counted: $(reasons)"
	fi
}

# A guess is right with a probability of 1 in 2^20. Of a thousand, three never are.
check_with() {
	local lucky=2
	case $1 in
	bare)
		check_result "$1" "$reached" 0 0
		check_reasons "$1" "$sent" bare
		;;
	hop)
		check_result "$1" "$reached" 0 "$lucky"
		check_reasons "$1" $((sent - reached)) bad-hop bad-tag no-route
		[ $((${dropped[bad-hop]:-0} + ${dropped[bad-tag]:-0} + reached)) = 16 ] ||
			unexpected "all 16 hop labels are among the guesses, it counted: $(reasons)"
		;;
	old | late)
		check_result "$1" "$reached" 0 "$lucky"
		check_reasons "$1" $((sent - reached)) bad-hop bad-tag
		;;
	tag | other | change)
		check_result "$1" "$reached" 0 "$lucky"
		check_reasons "$1" $((sent - reached)) bad-tag
		;;
	replay | beyond)
		check_result "$1" "$reached" "$sent" "$sent"
		check_reasons "$1" 0
		;;
	esac
}

attacks_with() {
	local name
	for name in "${attack_names[@]}"; do
		run_attack "$name" || continue
		with[$name]=$reached sent_with[$name]=$sent
		counted[$name]=$(reasons) no_route[$name]=${dropped[no-route]:-0}
		printf '  %-31s %5d sent %5d at CE2  %s\n' "${attack_title[$name]}" "$sent" \
			"$reached" "${counted[$name]:-nothing (known)}"
		check_with "$name"
	done
}

# The limits, which the documentation names, come last.
table() {
	local name mark
	table_head
	for name in "${attack_names[@]}"; do
		mark=''
		case $name in
		hop) mark=' [1]' ;;
		replay) mark='nothing [2]' ;;
		beyond) mark='nothing [3]' ;;
		esac
		table_row "${attack_title[$name]}" "${sent_with[$name]:-?}" \
			"${without[$name]:-?}" "${with[$name]:-?}" "${counted[$name]-}$mark"
	done
	echo
	note "Without labelhop the same is done with what the wire shows then: where there" \
		"is no hop label or tag, the packet goes under the VPN label; a good packet" \
		"is repeated or changed likewise." \
		"[1] Without: labels 16 to 10015, one of which is the VPN label. With: those" \
		"    that K was drawn from; the ${no_route[hop]:-?} that are not in K are no labels of PE2," \
		"    whose kernel drops them." \
		"[2] A known limit: a copy is good until its slot, plus the tolerance, is over." \
		"    Use short slots." \
		"[3] A known choice: hash-len 64 covers the first 64 bytes and the length." \
		"    hash-len full covers all. A guessed tag is right once in 2^20 (tags 1)," \
		"    2^40 (tags 2) or 2^60 (tags 3) times."
}

verdict() {
	local sentence
	if [ ${#wrong[@]} = 0 ]; then
		printf '\n  %sAll as expected: labelhop stopped what it must, and the customer lost nothing.%s\n' \
			"$green" "$plain"
		return
	fi
	printf '\n  %sThe demo failed:%s\n' "$red" "$plain"
	for sentence in "${wrong[@]}"; do
		printf '  - %s\n' "$sentence"
	done
	return 1
}

story() {
	chapter "The network, on Linux $(uname -r)"
	prepare
	topology
	chapter "Without labelhop: the customer's traffic"
	pings
	flow_short
	chapter "Without labelhop: the attacks, sent on the link between the ASes"
	attacks_without || give_up "an attack could not be made"
	chapter "Setting up labelhop on both PEs, without losing a packet"
	set_up || give_up "labelhop could not be set up"
	chapter "With labelhop: the customer's traffic, and how the labels hop"
	pings
	flow_long
	chapter "With labelhop: the same attacks"
	attacks_with
	chapter "What came of it"
	table
}

story
verdict
status=$?
chapter "What to type next"
what_next
if [ "${1-}" = --shell ]; then
	# shellcheck source=selftests/demo/shell.sh
	. "$demo/shell.sh"
	leave_shell
fi
exit "$status"
