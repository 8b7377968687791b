# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # some variables are those of others
# The attacks from the link between the ASes, and the measuring of them. Sourced.
#
# An attack is a function frames_NAME that writes what is to be sent to the file
# $frames, sent_goal of them, and may set random, the positions in the label stack
# that get random labels. It works on what is on the wire, with labelhop and
# without: if attack_sniffs it, that is in the file $capture, COUNT packets.

readonly attack_names=(bare hop old tag other change late replay beyond)
declare -A attack_title=(
	[bare]='bare VPN label'
	[hop]='guessed hop labels'
	[old]='earlier hop label, guessed tag'
	[tag]='right hop label, guessed tag'
	[other]="right hop label, another's tag"
	[change]='payload changed'
	[late]='replay after the slot'
	[replay]='replay at once, within the slot'
	[beyond]='payload changed beyond hash-len'
)
declare -A attack_about=(
	[bare]='a packet of its own under the VPN label'
	[hop]='a packet of its own under each of 10,000 labels, with a guessed tag'
	[old]='a packet of its own under a hop label that was seen some slots ago'
	[tag]='packets of its own under the hop label of now, each with another tag'
	[other]='packets of its own, each under the labels of a good packet'
	[change]='good packets with "pay 0090 euro" turned into "pay 9000 euro"'
	[late]='good packets, sent again when their slot is over'
	[replay]='good packets, sent again while their slot lasts'
	[beyond]='good packets, changed in bytes that hash-len 64 does not cover'
)

# Where labels of K come from, as the attacker may know or have seen.
readonly hop_first=500000 vpn_first=16 guesses=10000

# -- what is known about PE2 -----------------------------------------------

# protected: whether labelhop runs
protected() { [ -e "$work/protected" ]; }

# read_session: of PE2's session blue-in, into slot_now, hop_now and drops
declare -A drops=()
read_session() {
	local json pair
	json=$(labelhop -n "$PE2" -j -s session show blue-in) || return
	[[ $json =~ \"slot\":([0-9]+) ]] && slot_now=${BASH_REMATCH[1]}
	[[ $json =~ \"hop\":([0-9]+) ]] && hop_now=${BASH_REMATCH[1]}
	[[ $json =~ \"dropped\":\{([^}]*)\} ]] || return
	drops=()
	for pair in ${BASH_REMATCH[1]//,/ }; do
		pair=${pair//\"/}
		drops[${pair%:*}]=${pair#*:}
	done
	[ "${attack:-}" = hop ] || return 0
	# Not labelhop's: what has a label that PE2 never gave out.
	[[ $(ip -n "$PE2" -j stats show dev core group afstats subgroup mpls) =~ \"noroute\":([0-9]+) ]]
	drops[no-route]=${BASH_REMATCH[1]}
}

slot_changed() { read_session && [ "$slot_now" != "$slot_before" ]; }

# next_slot: wait until one begins
next_slot() {
	read_session || return
	slot_before=$slot_now
	busywait 20 slot_changed
}

# slot_over: whether slot_start is over, with the tolerance of a second
slot_over() {
	local now=${EPOCHREALTIME/./}
	read_session || return
	[ "$slot_now" != "$slot_start" ] || return
	: "${slot_over_since:=$now}"
	[ $((now - slot_over_since)) -gt 1100000 ]
}

# count_drops: what has been dropped since drops_before, into dropped and its sum
declare -A drops_before=() dropped=()
count_drops() {
	local reason n
	read_session || return
	dropped=() dropped_sum=0
	for reason in "${!drops[@]}"; do
		n=$((drops[$reason] - ${drops_before[$reason]:-0}))
		[ "$n" = 0 ] || dropped[$reason]=$n
		dropped_sum=$((dropped_sum + n))
	done
}

# -- counting at the customer's --------------------------------------------

# counter_start MAGIC COUNT: at CE2; ends after COUNT. Not yet ready.
counter_start() {
	exec {counter}< <(exec nsenter --net="/run/netns/$CE2" "$inject/lh-count" --count "$2" pe "$1")
	counter_pid=$!
}

# counter_end SECONDS: its result into reached, after COUNT or SECONDS
counter_end() {
	local line
	if ! read -r -t "$1" -u "$counter" line; then
		kill -TERM "$counter_pid"
		read -r -t 20 -u "$counter" line
	fi
	exec {counter}<&-
	[[ $line =~ \"count\":([0-9]+),\"missed\":0 ]] || return
	reached=${BASH_REMATCH[1]}
}

new_magic() { printf -v REPLY 'aa%02x%04x%04x%04x' $((RANDOM % 256)) $RANDOM $RANDOM $RANDOM; }

# -- what the attacker sees ------------------------------------------------

# attack_sniffs NAME: how many packets of the customer's it needs
attack_sniffs() {
	case $1 in
	bare | hop | old) echo 0 ;;
	tag) echo 1 ;;
	*) echo "$count" ;;
	esac
}

# sniff_start COUNT: at the attacker's; not yet ready
sniff_start() {
	exec {sniffer}< <(exec nsenter --net="/run/netns/$WIRE" "$inject/lh-cap" --dir in \
		--idle 20000 --count "$1" w1)
}

# sniff: the customer sends, the attacker sees
sniff() {
	exec_in "$CE1" "$inject/lh-inject" --file "$work/customer" pe >/dev/null
	cat <&"$sniffer" >"$capture"
	exec {sniffer}<&-
	! protected || captured_label 1 <"$capture" >>"$work/hops"
}

# -- what the attacker sends -----------------------------------------------

# own_under LABEL [TAG]: a packet of the attacker's own under these
own_under() {
	local above s=1
	[ $# = 1 ] || s=0
	label_entry 3102 0
	above=$wire_header$REPLY
	label_entry "$1" "$s"
	above+=$REPLY
	[ $# = 1 ] || { label_entry "$2" 1 && above+=$REPLY; }
	forged_packet "$magic"
	REPLY=$above$REPLY
}

# own_under_seen: the same under the label stacks that were seen
own_under_seen() {
	forged_packet "$magic"
	captured_frames payload "$REPLY" <"$capture" >"$frames"
}

frames_bare() {
	own_under 200
	echo "$REPLY" >"$frames"
}

frames_hop() {
	local first=$vpn_first
	if protected; then
		first=$hop_first random=(2)
		own_under 0 16
	else
		own_under 0
	fi
	sent_goal=$guesses
	# The label comes after the Ethernet header and the transport label.
	awk -v n="$guesses" -v first="$first" -v frame="$REPLY" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "%s%05x%s\n", substr(frame, 1, 36), first + i, substr(frame, 42)
	}' >"$frames"
}

frames_old() {
	local label
	if protected; then
		random=(2)
		# Early ones first: the slot before may still be valid.
		label=$(grep -vx -m 1 "$hop_now" "$work/hops") || {
			note "No other hop label has been seen yet: try stack."
			return 1
		}
		own_under "$label" 16
	else
		own_under 200
	fi
	echo "$REPLY" >"$frames"
}

frames_tag() {
	! protected || random=(2)
	own_under_seen
}

frames_other() { own_under_seen; }

frames_replay() { captured_frames as-is <"$capture" >"$frames"; }

frames_late() {
	frames_replay
	protected || return 0
	# It may have begun while the packets were sniffed.
	read_session || return
	slot_start=$slot_now
	busywait 20 slot_over
}

# altered OLD NEW: what was seen, with a text changed
altered() {
	local old
	hex "$1"
	old=$REPLY
	hex "$2"
	captured_frames change "$old" "$REPLY" <"$capture" >"$frames"
}

frames_change() { altered "$order" "$order_changed"; }
frames_beyond() { altered "$payee" "$payee_changed"; }

# -- running one -----------------------------------------------------------

# inject: what the attack has prepared; sets sent
inject_frames() {
	local options=() position line part
	for position in "${random[@]}"; do
		options+=(--random "$position")
	done
	sent=0
	if [ "$sent_goal" -le 4000 ]; then
		cp "$frames" "$frames.0"
		options+=(--count "$sent_goal")
	else
		# lh-inject takes so many different frames at a time.
		split -l 4000 "$frames" "$frames."
	fi
	for part in "$frames".*; do
		line=$(exec_in "$WIRE" "$inject/lh-inject" "${options[@]}" --file "$part" w2)
		[[ $line =~ \"sent\":([0-9]+) ]] && sent=$((sent + BASH_REMATCH[1]))
	done
	rm -f "$frames".*
}

all_dropped() { count_drops && [ "$dropped_sum" -ge "$sent" ]; }

# attack_start NAME: all that takes time and needs no labels yet
attack_start() {
	local known
	new_magic
	customer_magic=$REPLY
	new_magic
	magic=$REPLY
	random=() frames=$work/frames capture=$work/capture slot_over_since=''
	sent_goal=$count sniffed=$(attack_sniffs "$1") originals=0
	known=$magic
	case $1 in
	change) hex "$order_changed" && known=$REPLY ;;
	beyond) hex "$payee_changed" && known=$REPLY ;;
	# Copies look like the customer's own, which are counted too.
	replay | late) known=$customer_magic originals=$count ;;
	esac
	[ "$1" != hop ] || sent_goal=$guesses
	counter_start "$known" $((sent_goal + originals))
	if [ "$sniffed" != 0 ]; then
		sniff_start "$sniffed"
		customer_frames "$sniffed" "$customer_magic" >"$work/customer"
		read -r -t 20 -u "$sniffer" _
	fi
	read -r -t 20 -u "$counter" _
}

# note_drops: so that count_drops counts from now on
note_drops() {
	local reason
	drops_before=()
	for reason in "${!drops[@]}"; do
		drops_before[$reason]=${drops[$reason]}
	done
}

# attack_end NAME: sets reached and, with labelhop, dropped
attack_end() {
	local seconds=2
	if protected && [ "$1" != replay ] && [ "$1" != beyond ]; then
		busywait 5 all_dropped
		seconds=0.3
	fi
	counter_end "$seconds" || return
	reached=$((reached - originals))
	! protected || count_drops
}

# run_once NAME
run_once() {
	attack_start "$1"
	if protected; then
		[ "$try" = 1 ] || next_slot
		read_session || return
		note_drops
		slot_start=$slot_now
	fi
	[ "$sniffed" = 0 ] || sniff
	if ! "frames_$1"; then
		counter_end 0
		return 1
	fi
	inject_frames
	attack_end "$1"
}

# in_its_slot: whether the last run was quick enough to prove something. If another
# slot began meanwhile, good copies may have come too late; and a hop label may have
# been taken as an old one, or, as a label can come twice in a row, as the new one.
in_its_slot() {
	protected || return 0
	[ "$slot_now" != "$slot_start" ] || return 0
	case $attack in
	tag | other | change) [ -z "${dropped[bad-hop]-}" ] ;;
	replay | beyond) [ "$dropped_sum" = 0 ] ;;
	esac
}

# run_attack NAME [COUNT]: and again, from a slot's beginning, if it didn't end in
# the slot in which it began. Sets sent, reached, dropped.
run_attack() {
	local try count=${2:-1000} attack=$1
	for try in {1..5}; do
		run_once "$1" || return
		in_its_slot && return
	done
	unexpected "the attack '${attack_title[$1]}' took longer than a slot, $try times"
	return 1
}

# reasons: dropped as text
reasons() {
	local reason out=''
	for reason in malformed bad-hop bad-tag bare expired not-yet clock too-big no-memory; do
		[ -z "${dropped[$reason]-}" ] || out+=", $reason ${dropped[$reason]}"
	done
	echo "${out#, }"
}
