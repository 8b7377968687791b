#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # the namespaces are set by setup_ns
# usage: guest_vpls.sh
#
# The VPLS demo, within the machine that `run --vpls` has booted: three sites on one
# LAN, an attacker in the core who sends into it and takes a station's address away, and
# the same with labelhop. Fails if anything is not as it must be.
set -u
umask 077
exec 2>&1
demo=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=selftests/vpls.sh
. "$demo/../vpls.sh"
# shellcheck source=selftests/demo/text.sh
. "$demo/text.sh"

# shellcheck disable=SC2154 # lib.sh sets it
inject=$repo/.build/inject
work=$(mktemp -d)
defer rm -rf "$work"
slots='2s*8'

picture() {
	cat <<-END
		  SITE1 ---- PE1 --------.         .-------- PE2 ---- SITE2
		  192.168.100.1           \\       /              192.168.100.2
		                           [core P]
		                               |   ${red}the attacker is here${plain}
		                              PE3 ---- SITE3   192.168.100.3

		  One LAN over three PEs (VPLS, RFC 4762): each PE has a bridge with its site's
		  port and a pseudowire to every other PE. A frame from PE3 to PE2 in the core,
		  top label first:

		    1002 (pops P)   ${bold}323${plain}         control word | frame      without labelhop
		    1002            ${bold}hop | tag${plain}   control word | frame      with labelhop
	END
}

pings() {
	local from to out
	for from in 1 2 3; do
		for to in 1 2 3; do
			[ "$from" != "$to" ] || continue
			local -n site=SITE$from
			out=$(in_ns "$site" ping -q -c 5 -i 0.05 -W 2 "192.168.100.$to")
			[[ $out =~ ([0-9]+)\ packets\ transmitted,\ ([0-9]+)\ received ]]
			note "SITE$from -> SITE$to  ping: ${BASH_REMATCH[1]} sent, ${BASH_REMATCH[2]} answered"
			[ "${BASH_REMATCH[2]}" = 5 ] || unexpected "SITE$from -> SITE$to: a ping was lost"
		done
	done
}

# where: the port at which PE2's bridge has SITE3's address
where() { bridge -n "$PE2" fdb show br lan dynamic | awk '$1 == "02:00:00:00:01:03" { print $3 }'; }

# lse LABEL S: a label stack entry in hex
lse() { printf '%08x' $(($1 << 12 | $2 << 8 | 64)); }

# The frame claims to come from SITE3: to SITE2, an IPv4 packet that holds "evil!".
frame=00000000020000000102020000000103080045000033000100004011000001020304c0a86402
frame+=$(printf '%050d6576696c21' 0)

# attack LABELS COUNT [OPTION]...: sends to PE2; sets sent and reached
attack() {
	local labels=$1 counter
	sent=$2
	shift 2
	exec {counter}< <(exec nsenter --net="/run/netns/$SITE2" "$inject/lh-count" \
		--idle 1500 lan 6576696c21)
	read -r -t 20 -u "$counter" _
	nsenter --net="/run/netns/$P" "$inject/lh-inject" --count "$sent" "$@" to2 \
		"0200000002210200000002228847$labels$frame" >/dev/null
	read -r -t 60 -u "$counter" line
	exec {counter}<&-
	[[ $line =~ \"count\":([0-9]+) ]] && reached=${BASH_REMATCH[1]}
}

# hop: of the session on PE2 for what comes from PE3
hop() {
	local json
	json=$(labelhop -n "$PE2" -j session show in3)
	[[ $json =~ \"hop\":([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

names=(bare foreign guess tag)
declare -A title=(
	[bare]='bare pseudowire label'
	[foreign]='bare, on the pseudowire to PE1'
	[guess]='10,000 labels and tags guessed'
	[tag]='right hop label, guessed tags'
)
declare -A without with port_without port_with

# run_attack NAME
run_attack() {
	case $1 in
	bare) attack "$(lse 323 1)" 1000 ;;
	foreign) attack "$(lse 321 1)" 1000 ;;
	guess) attack "$(lse 16 0)$(lse 77777 0)$(lse 88888 1)" 10000 --random 0 ;;
	tag) attack "$(lse "$(hop)" 0)$(lse 77777 0)$(lse 88888 1)" 1000 --random 1 --random 2 ;;
	esac
}

# result NAME COLOUR PORT: of an attack, with the port where PE2 has SITE3 now
result() {
	printf '  %-30s %5d sent %s%5d at SITE2%s; SITE3 is at %s\n' "${title[$1]}" \
		"$sent" "$2" "$reached" "$plain" "$3"
}

attacks_without() {
	local name
	for name in bare foreign; do
		run_attack "$name"
		without[$name]=$reached port_without[$name]=$(where)
		result "$name" "$red" "${port_without[$name]}"
		[ "$reached" = "$sent" ] || unexpected "${title[$name]}: only $reached of $sent arrived"
	done
	[ "${port_without[foreign]}" = pw1 ] || unexpected "SITE3's address was not taken away"
	note '' "PE2's bridge has SITE3's address at pw1 now: what is for SITE3 goes to PE1," \
		"until SITE3 sends again."
}

# drops: what session in3 or in1 on PE2 has dropped
drops() {
	labelhop -n "$PE2" -s session show "$1" | awk '
		/^ *dropped/ { on = 1 } /^ *passed/ { on = 0 }
		on { for (i = 1; i < NF; i++) if ($(i + 1) ~ /^[1-9][0-9]*$/) printf "%s %s  ", $i, $(i + 1) }'
}

attacks_with() {
	local name
	for name in "${names[@]}"; do
		run_attack "$name"
		with[$name]=$reached port_with[$name]=$(where)
		result "$name" "$green" "${port_with[$name]}"
		[ "$reached" = 0 ] || unexpected "${title[$name]}: $reached frames reached the site"
		[ "${port_with[$name]}" = pw3 ] || unexpected "${title[$name]}: SITE3's address was taken away"
	done
	note '' "PE2, session in3 dropped: $(drops in3)" "PE2, session in1 dropped: $(drops in1)"
}

# protect: each PE makes the sets for what it takes; the senders are given them. The
# bridge keeps its ports, and no frame is lost: at first bare ones pass.
protect() {
	local n other
	note "On every PE a session in and a session out for each pseudowire; here what" \
		"concerns frames from PE3 to PE2:" ''
	for n in 1 2 3; do
		local -n pe=PE$n
		labelhop -n "$pe" clock set tai || return
		for other in 1 2 3; do
			[ "$n" != "$other" ] || continue
			labelhop -n "$pe" params new fec label "3$n$other" labels 16 \
				from "$((100000 * n + 10000 * other))-$((100000 * n + 10000 * other + 9999))" \
				slots "$slots" tags 2 >"$work/$n-from-$other.json" || return
		done
	done
	for n in 1 2 3; do
		for other in 1 2 3; do
			[ "$n" != "$other" ] || continue
			protect_end "$n" "$other" || return
		done
	done
	for n in 1 2 3; do
		local -n pe=PE$n
		for other in 1 2 3; do
			[ "$n" != "$other" ] || continue
			labelhop -n "$pe" session set "in$other" policy strict || return
		done
	done
	note '' "Then, when all stamp, on every PE: labelhop session set in2 policy strict," \
		"and so on."
}

# protect_end N OTHER: what the two PEs do, shown for PE2 and PE3
protect_end() {
	local do=quiet
	[ "$1$2" != 23 ] || do=typed
	"$do" "PE$1" "labelhop session add in$2 dir in params $1-from-$2.json payload pw policy permissive tolerance 900ms" &&
		"$do" "PE$2" "labelhop session add out$1 dir out params $1-from-$2.json payload pw" &&
		"$do" "PE$1" "labelhop pw set pw$2 in in$2" &&
		"$do" "PE$2" "labelhop pw set pw$1 out out$1"
}

quiet() { (cd "$work" && in_ns "${!1}" bash -c "$2"); }

table() {
	local name
	printf '  %-34s %15s %15s\n' 'attack' 'without labelhop' 'with labelhop'
	printf '  '
	printf -- '-%.0s' {1..68}
	echo
	for name in "${names[@]}"; do
		printf '  %-34s %s %s\n' "${title[$name]}" "$(in_columns "${without[$name]:--}" 16)" \
			"$(in_columns "${with[$name]}" 15)"
	done
	note '' "Frames that reached SITE2. Without labelhop there is nothing to guess: 323 is" \
		"always right."
}

chapter "A VPLS of three sites, on Linux $(uname -r)"
sysctl -qw net.core.netdev_max_backlog=100000
modprobe labelhop || give_up "the module can't be loaded"
topo_up || give_up "the network could not be set up"
picture
chapter "Pseudowires as Ethernet devices, in the bridges"
typed PE2 'labelhop pw show' && typed PE2 'ip -br link show master lan | cut -d "<" -f 1'
chapter "The sites' traffic"
pings
chapter "Without labelhop's sessions: the attacker sends into the LAN"
attacks_without
chapter "Protecting the pseudowires, while they work"
nsenter --net="/run/netns/$SITE3" ping -q -i 0.05 192.168.100.2 >"$work/long" &
long=$!
protect || give_up "the sessions could not be set up"
kill -INT "$long"
wait "$long"
lost=$(awk -F '[ %]' '/packet loss/ { print $6 }' "$work/long")
note "A ping from SITE3 to SITE2 all the time: $lost % lost."
[ "$lost" = 0 ] || unexpected "the sites lost $lost % while the pseudowires were protected"
typed PE2 'labelhop pw show pw3'
chapter "With labelhop: the sites' traffic, and the same attacks"
pings
attacks_with
chapter "What came of it"
table
if [ ${#wrong[@]} != 0 ]; then
	printf '\n  %sThe demo failed:%s\n' "$red" "$plain"
	printf '  - %s\n' "${wrong[@]}"
	exit 1
fi
printf '\n  %sAs it must be: nothing forged reached a port of a bridge, nor its table.%s\n' "$green" "$plain"
