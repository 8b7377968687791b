# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # work, inject: of those who source this
# The steps of the demo that its shell at the end offers too. Sourced.

# -- traffic ---------------------------------------------------------------

# ping_line WHO NAMESPACE ADDRESS
ping_line() {
	local out
	out=$(exec_in "$2" ping -q -c 10 -i 0.05 -W 2 "$3")
	[[ $out =~ ([0-9]+)\ packets\ transmitted,\ ([0-9]+)\ received ]]
	note "$1  ping $3: ${BASH_REMATCH[1]} sent, ${BASH_REMATCH[2]} answered"
	[ "${BASH_REMATCH[2]}" = 10 ] || unexpected "$1: a ping was lost"
}

pings() {
	ping_line "CE1 -> CE2" "$CE1" 192.168.2.1
	ping_line "CE1 -> CE2" "$CE1" fd02::1
	ping_line "CE2 -> CE1" "$CE2" 192.168.1.1
}

# flow_start COUNT MS: UDP from CE1 to CE2
flow_start() {
	exec {flow}< <(exec nsenter --net="/run/netns/$CE2" "$inject/lh-flow" recv 5000 "$1" 5000)
	read -r -t 20 -u "$flow" _
	nsenter --net="/run/netns/$CE1" "$inject/lh-flow" send 192.168.2.1 5000 "$1" 200 "$2" >/dev/null &
	flow_pid=$!
}

# flow_end COUNT
flow_end() {
	local line
	wait "$flow_pid"
	read -r -t 20 -u "$flow" line
	exec {flow}<&-
	[[ $line =~ \"received\":([0-9]+),\"lost\":([0-9]+) ]]
	note "CE1 -> CE2  UDP flow: $1 packets sent, ${BASH_REMATCH[1]} received, ${BASH_REMATCH[2]} lost"
	[ "${BASH_REMATCH[2]}" = 0 ] || unexpected "the customer's flow lost ${BASH_REMATCH[2]} packets"
}

flow_short() {
	flow_start 1000 1000
	flow_end 1000
}

# -- setting up ------------------------------------------------------------

# set_up: each PE makes the set for the VPN label that it owns. At first bare
# packets pass, so that nothing is lost until the sender stamps.
set_up() {
	local pe
	modprobe labelhop || return
	note "Each PE draws a parameter set for its own VPN label; the other PE is given it." \
		"It holds a secret: umask 077, and scp." \
		"The VRF is closed to all labels that are not verified, whatever FRR gives it."
	echo
	typed PE2 "labelhop clock set tai" &&
		typed PE2 "labelhop params new fec label 200 labels 16 from 500000-509999 slots 4s-6s*8 > blue-2.json" &&
		typed PE2 "labelhop vrf add blue policy permissive" &&
		typed PE2 "labelhop session add blue-in dir in params blue-2.json tolerance 1s policy permissive" &&
		typed PE1 "labelhop clock set tai" &&
		typed PE1 "labelhop params new fec label 100 labels 16 from 600000-609999 slots 4s-6s*8 > blue-1.json" &&
		typed PE1 "labelhop vrf add blue policy permissive" &&
		typed PE1 "labelhop session add blue-in dir in params blue-1.json tolerance 1s policy permissive" &&
		typed PE1 "labelhop session add blue-out dir out params blue-2.json" &&
		typed PE2 "labelhop session add blue-out dir out params blue-1.json" &&
		printf '\n  %s\n\n' "Both send hop labels and tags now, so bare packets need not pass any more:" &&
		for pe in PE2 PE1; do
			typed "$pe" "labelhop session set blue-in policy strict" &&
				typed "$pe" "labelhop vrf set blue policy strict" || return
		done &&
		typed PE2 "labelhop session show blue-in" || return
	: >"$work/protected"
	: >"$work/hops"
}

# take_down: as before set_up
take_down() {
	local pe
	for pe in PE1 PE2; do
		typed "$pe" "labelhop session flush" && typed "$pe" "labelhop vrf del blue" || return
	done
	rm -f "$work/protected"
}

# -- the label stack -------------------------------------------------------

# stack_fields: of a captured packet from lh-cap, "T PAYLOAD LABEL S LABEL S ..."
stack_fields() {
	awk -F '"' '$10 == "eth" {
		gsub(/[^0-9]+/, " ", $15)
		n = split($15, e, " ")
		gsub(/[^0-9]+/, "", $3)
		printf "%s %s", $3, $18
		for (i = 1; i < n; i += 4)
			printf " %s %s", e[i], e[i + 2]
		print ""
	}'
}

# derive PARAMS TAI PAYLOAD: what a packet must have then, into derived_slot,
# derived_start and derived, which is "HOP TAG"
derive() {
	local json
	json=$(labelhop -j derive params "$work/$1" at "$2" payload "$3") || return
	[[ $json =~ \"slot\":([0-9]+),\"start\":([0-9]+),.*\"hop\":([0-9]+),.*\"tags\":\[([0-9]+)\] ]] || return
	derived_slot=${BASH_REMATCH[1]} derived_start=${BASH_REMATCH[2]}
	derived="${BASH_REMATCH[3]} ${BASH_REMATCH[4]}"
}

stack_head() {
	printf '  %-8s  %-8s %11s  %9s  %9s   %s\n' 'on the' '' 'transport S' 'hop S' 'tag S' \
		'labelhop derive' 'wire at' '' '' '' '' 'says hop, tag'
}

# stack_line: the next packet from ASBR1 to ASBR2
stack_line() {
	local t payload labels
	exec_in "$WIRE" "$inject/lh-cap" --dir in --idle 2000 --count 1 w1 >"$work/one"
	read -r t payload labels < <(stack_fields <"$work/one") || return
	# shellcheck disable=SC2086 # labels and S bits
	set -- $labels
	if [ $# != 6 ]; then
		note "$(date +%T)   $labels"
		return
	fi
	echo "$3" >>"$work/hops"
	derive blue-2.json "$t" "$payload"
	# It may have been stamped just before the end of the last slot.
	[ "${derived-}" = "$3 $5" ] || derive blue-2.json $((derived_start - 1)) "$payload"
	printf '  %(%T)T  slot %-3s %9s %s  %s%7s%s %s  %s%7s%s %s   %s\n' -1 "$derived_slot" \
		"$1" "$2" "$bold" "$3" "$plain" "$4" "$bold" "$5" "$plain" "$6" "${derived/ /, }"
	[ "$derived" = "$3 $5" ] ||
		unexpected "labelhop derive says $derived, the packet has $3 $5"
}

# flow_long: a flow over several slots, looked at meanwhile
flow_long() {
	local first lines=0
	read_session
	first=$slot_now
	flow_start 4000 16000
	echo
	stack_head
	while kill -0 "$flow_pid" 2>/dev/null; do
		stack_line || break
		lines=$((lines + 1))
		sleep 1
	done
	[ "$lines" -ge 3 ] || unexpected "the wire showed only $lines packets"
	echo
	flow_end 4000
	read_session
	note "            $((slot_now - first)) slot changes meanwhile"
	[ $((slot_now - first)) -ge 2 ] || unexpected "only $((slot_now - first)) slot changes"
	[ "$(sort -u "$work/hops" | wc -l)" -ge 2 ] || unexpected "the hop label did not change"
}
