#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The command against the module. Needs root, ip and the module: run it in the
# lab, selftests/vm/run -- selftests/cli/netlink.sh
# shellcheck disable=SC2317 # the tests are called by name
set -uo pipefail
cd "$(dirname "$0")" || exit
# shellcheck source=selftests/lib.sh
. ../lib.sh
# shellcheck source=selftests/cli/ptp.sh
. ./ptp.sh

dir=$(mktemp -d)
defer rm -rf "$dir"
umask 077
need_module labelhop dummy vrf || exit 1
here=''
setup_ns here || exit 1
for device in eth0 eth7; do ip -n "$here" link add "$device" type dummy || exit; done
ip -n "$here" link add red type vrf table 10 || exit
# Label 200 leads somewhere, and labelled packets come in: else the command warns.
input() { ip netns exec "$here" sysctl -qw "net.mpls.conf.$1.input=$2"; }
input eth0 1 && input eth7 1
ip netns exec "$here" sysctl -qw net.mpls.platform_labels=30000 || exit
ip -n "$here" -f mpls route add 200 dev eth7 || exit

lh() { labelhop -n "$here" "$@"; }

# set_of NAME WORD...: a parameter set in $dir/NAME; WORDs replace the usual ones.
set_of() {
	local name=$1
	shift
	[ $# -gt 0 ] || set -- fec label 200 labels 16 from 1000-1999 slots 1s
	labelhop params new "$@" >"$dir/$name" || fail "no set $name"
}

# refused PATTERN ARGUMENT...: by the kernel, with one sentence like PATTERN.
refused() {
	local pattern=$1 got=0 said
	shift
	said=$(lh "$@" 2>&1 >/dev/null) || got=$?
	check_equal "status of ${*@Q}" "$got" 2
	[[ $said == "Error: labelhop: "* && $said == *. && $said != *$'\n'* ]] ||
		fail "${*@Q} says: $said"
	# shellcheck disable=SC2053 # a pattern
	[[ $said == *$pattern* ]] || fail "${*@Q} says: $said, not $pattern"
}

# works ARGUMENT...: done without a word.
works() {
	local said got=0
	said=$(lh "$@" 2>&1 >"$dir/out") || got=$?
	check_equal "status of ${*@Q}" "$got" 0
	check_equal "words of ${*@Q}" "$said" ''
}

names() { lh -j session show | jq -r '[.[].name] | sort | join(" ")'; }
value() { jq -r "$1" "$dir/out"; }

of_set='with_entries(select(.key | IN("id", "generation", "label", "labels", "slots", "hash", "hash-len",
	"tags", "select", "epoch", "lifetime"))) | tojson'

t_session() {
	set_of a
	works clock set tai
	works session add a dir in params "$dir/a" tolerance 50ms delay 2ms policy permissive \
		dev eth7 prefix 10.0.0.0/8 prefix 2001:db8::/32
	works -j -s session show a
	check_equal "what was set" \
		"$(value '.[0] | [.name, .dir, .policy, .tolerance, .delay, .dev] | @csv')" \
		'"a","in","permissive",50000000,2000000,"eth7"'
	check_equal "prefixes" "$(value '.[0].prefixes | sort | join(" ")')" "10.0.0.0/8 2001:db8::/32"
	check_equal "the set" "$(value ".[0] | $of_set")" "$(jq -r "$of_set" "$dir/a")"
	check_equal "seed" "$(value '.[0].seed')" null
	check_equal "reasons" "$(value '.[0].stats | .dropped, .passed | keys_unsorted | join(" ")' | sort -u)" \
		"malformed bad-hop bad-tag bare expired not-yet clock too-big no-memory clock-error unmatched no-path"
	check_equal "counts" "$(value '.[0].stats | [.stamped, .verified, .bare, (.dropped, .passed | add)] | add')" 0
	check_equal "hop in K" "$(value '.[0] | [.hop] - .labels | length')" 0
	works session set a tolerance 60ms
	works session set a policy strict delay 0s
	works -j session show
	check_equal "settings" "$(value '.[0] | [.policy, .tolerance, .delay, .stats] | @csv')" '"strict",60000000,0,'
	check_equal "loss" "$(value '.[0]."on-clock-loss"')" drop
	works session set a on-clock-loss hold 90s
	works -j session show
	check_equal "loss" "$(value '.[0] | [."on-clock-loss", .hold] | @csv')" '"hold",90000000000'
	works session show
	grep -q 'on-clock-loss hold 1.5m\|on-clock-loss hold 90s' "$dir/out" || fail "text: $(cat "$dir/out")"
	works session set a on-clock-loss pass
	works -j session show
	check_equal "loss" "$(value '.[0] | [."on-clock-loss", .hold] | @csv')" '"pass",'
	works session del a
	check_equal "sessions" "$(names)" ''
}

t_out() {
	set_of o fec label 300 labels 1 from 500-500 slots 1us*256 hash-len full tags 3 and 0xfffffffffffffff \
		epoch 18446744073709551615
	works clock set tai
	works session add o dir out params "$dir/o" outer 777 vrf red
	works -j session show o
	check_equal "out" "$(value '.[0] | [.dir, .outer, .vrf, ."hash-len", .tags, .and, .slot, .tolerance] | @csv')" \
		'"out",777,"red","full",3,"0x0fffffffffffffff",,'
	grep -q '"epoch":18446744073709551615' "$dir/out" || fail "epoch is not kept"
	# The set is not valid yet, so there is no slot.
	refused "tolerance and delay are only for direction in (attribute tolerance)" \
		session set o tolerance 1s
	works session flush
}

t_refusals() {
	set_of a
	set_of b
	works clock set tai
	works session add a dir in params "$dir/a"
	refused "(attribute name)" session add a dir in params "$dir/b"
	refused "a" session add b dir in params "$dir/a"
	refused "there is no such session (attribute name)" session del zz
	refused "there is no such session (attribute name)" session show zz
	refused "there is no such session (attribute name)" session set zz policy strict
	refused "at least twice the tolerance (attribute tolerance)" session set a tolerance 501ms
	refused "(attribute vrf)" session add c dir in params "$dir/b" vrf red
	refused "(attribute outer)" session add c dir in params "$dir/b" outer 17
	refused "(attribute delay)" session add c dir out params "$dir/b" delay 1s
	refused "there is no such port (attribute dev)" port del eth0
	refused "there is no such port (attribute dev)" port show eth0
	check_equal "sessions after refusals" "$(names)" a
	works session show a
	works session flush
	works session flush
}

# warns SENTENCE NAME ARGUMENT...: session add NAME is done and says just that. Only
# session a stays.
warns() {
	local said sentence=$1 name=$2 got=0 first=1000
	shift 2
	[ "$name" != a ] || first=2000
	set_of "$name" fec label 200 labels 4 from "$first-$((first + 3))" slots 1s
	said=$(lh session add "$name" "$@" params "$dir/$name" 2>&1) || got=$?
	check_equal "status of $name ${*@Q}" "$got" 0
	check_equal "$name ${*@Q} says" "$said" "${sentence:+Warning: labelhop: $sentence.}"
	[ "$name" = a ] || works session del "$name"
}

t_warnings() {
	works clock set unset
	warns "session a drops all packets: no clock is set" a dir in
	works -j session show a
	check_equal "slot without a clock" "$(value '.[0].slot')" null
	check_equal "why" "$(value '.[0].fails')" clock
	warns "session b drops what is stamped: no clock is set" b dir in policy permissive
	warns "session b verifies nothing: no clock is set" b dir in policy monitor
	warns "session b verifies nothing: no clock is set" b dir in on-clock-loss pass
	warns "session b drops all packets: no clock is set" b dir out policy permissive
	warns "session b stamps nothing: no clock is set" b dir out policy monitor
	works clock set tai
	ip -n "$here" -f mpls route del 200
	warns "no route here has label 200 of session b" b dir in
	warns "" b dir out
	ip -n "$here" -f mpls route add 200 dev eth7
	ip -n "$here" -f mpls route add 1000 dev eth7
	warns "label 1000 has a kernel route, now unused" b dir in
	ip -n "$here" -f mpls route del 1000
	input eth0 0
	warns "" b dir in
	warns "" b dir in dev eth7
	warns "session b: eth0 takes no MPLS packets yet: net.mpls.conf.eth0.input is 0" b dir in dev eth0
	input eth7 0
	warns "session b: no device takes MPLS packets yet: all net.mpls.conf.DEV.input are 0" b dir in
	warns "" b dir out
	input eth0 1
	input eth7 1
	works session flush
}

# What is read, its numbers, names of sets and times made equal, a word a line.
words_of() { sed -E 's/\b(0x)?[0-9a-f]{16}\b|[0-9]{4}-[0-9T:-]*Z|[0-9][0-9.]*/N/g' | xargs -n 1; }

# What the page shows is what the command prints, but for the numbers.
t_readme() {
	set_of blue fec label 200 labels 16 from 500000-599999 slots 2s-5s*8 tags 2
	works clock set tai
	works session add blue-in dir in params "$dir/blue" policy monitor
	works -s session show
	words_of <"$dir/out" >"$dir/printed"
	sed -n '/^    pe2# labelhop -s session show$/,/^$/{//!p}' ../../README.md | words_of >"$dir/shown"
	diff "$dir/shown" "$dir/printed" >"$dir/diff" || fail "README.md differs: $(cat "$dir/diff" "$dir/out")"
	works session flush
}

t_device_gone() {
	set_of a
	works clock set tai
	ip -n "$here" link add gone type dummy
	input gone 1
	works session add a dir in params "$dir/a" dev gone
	works -j session show a
	check_equal "while it is there" "$(value '.[0].state')" null
	ip -n "$here" link del gone
	works -j session show a
	check_equal "gone" "$(value '.[0] | .dev, .state' | paste -sd ' ')" "gone no-device"
	works session show
	grep -q 'dev gone state no-device' "$dir/out" || fail "text: $(cat "$dir/out")"
	works session flush
}

t_port() {
	works port add eth0
	works port add lo
	refused "(attribute dev)" port add lo
	works -j port show
	check_equal "ports" "$(value '[.[].dev] | sort | join(" ")')" "eth0 lo"
	works port show lo
	check_equal "text" "$(cat "$dir/out")" lo
	works port del lo
	works port del eth0
	works -j port show
	check_equal "no ports" "$(cat "$dir/out")" '[]'
}

t_vrf() {
	local index
	works vrf add red
	works vrf add later policy monitor
	refused "this VRF is protected already (attribute name)" vrf add red
	refused "the device of this name is not a VRF (attribute name)" vrf add eth0
	refused "this VRF is not protected (attribute name)" vrf del eth0
	refused "this VRF is not protected (attribute name)" vrf set none policy strict
	index=$(ip -n "$here" -j link show red | jq '.[0].ifindex')
	works -j -s vrf show
	check_equal "VRFs" "$(jq -c . "$dir/out")" "[$(printf '%s,' \
		"{\"name\":\"red\",\"policy\":\"strict\",\"state\":\"protected\",\"ifindex\":$index,\"stats\":{\"verified\":0,\"bare\":0,\"dropped\":0}}" \
		'{"name":"later","policy":"monitor","state":"no-device","stats":{"verified":0,"bare":0,"dropped":0}}' |
		sed 's/,$//')]"
	works vrf set red policy permissive
	works vrf show red
	check_equal "text" "$(cat "$dir/out")" "red: policy permissive state protected ifindex $index"
	works session flush
	works vrf del red
	works vrf del later
	works -j vrf show
	check_equal "no VRFs" "$(cat "$dir/out")" '[]'
}

t_clock() {
	local now
	works clock set realtime
	works -j clock show
	check_equal "realtime" "$(value '[.source, ."utc-offset"] | @csv')" '"realtime",37'
	now=$(date +%s)
	check_equal "its time" $((($(value .now) / 1000000000 - now - 37 + 2) / 5)) 0
	check_equal "its date" "$(value .utc | cut -c 1-10)" "$(date -u -d "@$now" +%F)"
	works clock set realtime utc-offset 0
	works -j clock show
	check_equal "offset" "$(value '."utc-offset"')" 0
	works clock show
	works clock set tai
	works clock show
	grep -q '^source tai' "$dir/out" || fail "text: $(cat "$dir/out")"
	if [ "$(labelhop -n "$here" -j clock show | jq '."utc-offset"')" = 0 ]; then
		grep -q 'never set' "$dir/out" || fail "the TAI offset is 0 and nothing is said"
	fi
	works clock set unset
	works -j clock show
	check_equal "unset" "$(value 'del(."tai-offset") | tojson')" '{"source":"unset","state":"unset"}'
}

# The longest session that there can be, and many of them.
t_ptp() {
	local path=$PATH
	PATH=$dir/bin:$PATH
	pmc_says SLAVE | fake_pmc
	works clock set tai
	works -j clock show
	check_equal "what ptp4l thinks" "$(value '.ptp4l | tojson')" \
		'{"ports":["SLAVE","LISTENING"],"offset":-98765,"path-delay":1234567,"grandmaster":"020000.fffe.000101"}'
	works clock show
	check_equal "in text" "$(grep -A 1 ptp4l "$dir/out" | xargs)" \
		"ptp4l ports SLAVE LISTENING offset -98.765us path-delay 1.234567ms grandmaster 020000.fffe.000101"
	set_of a
	works session add a dir in params "$dir/a" delay ptp
	works -j session show a
	check_equal "delay" "$(value '.[0].delay')" 1234567
	works session set a delay 1ms
	works session set a delay ptp
	works -j session show a
	check_equal "delay" "$(value '.[0].delay')" 1234567
	works session flush
	fake_pmc </dev/null
	works -j clock show
	check_equal "without ptp4l" "$(value .ptp4l)" null
	PATH=$path
}

t_timeline() {
	set_of a fec label 200 labels 16 from 1000-1999 slots 1h epoch 0
	works clock set realtime utc-offset 255
	works -j timeline params "$dir/a"
	check_equal "whose clock" "$(value .clock)" module
	check_equal "ahead of CLOCK_REALTIME" \
		"$(value '((.now | tonumber) / 1000000000 - now - 255) | if . < 0 then -. else . end | . < 20')" true
	check_equal "slots now" "$(value '[.slots[].now] | index(true)')" 0
	check_equal "note" "$(lh timeline params "$dir/a" | tail -n 1)" "now: by the module's clock"
	works clock set unset
	works -j timeline params "$dir/a"
	check_equal "whose clock, when the module has none" "$(value .clock)" CLOCK_TAI
}

t_large() {
	local i
	set_of l fec label 200 labels 4096 from 16-1048575 slots 1s-2s*256
	works clock set tai
	# shellcheck disable=SC2046 # words
	works session add l dir in params "$dir/l" $(for i in {0..63}; do echo "prefix 2001:db8:$i::/48"; done)
	works -j -s session show l
	check_equal "one" "$(value '.[0] | [(.labels | length), (.slots | length), (.prefixes | length)] | @csv')" 4096,256,64
	works -j -s session show
	check_equal "all" "$(value '.[0] | [(.labels | length), (.slots | length), (.prefixes | length)] | @csv')" 4096,256,64
	check_equal "K" "$(value '.[0].labels | tojson')" "$(jq -r '.labels | tojson' "$dir/l")"
	for i in 1 2 3 4 5 6 7 8 9; do
		set_of "l$i" fec label $((200 + i)) labels 4096 from $((i * 100000))-$((i * 100000 + 9999)) slots 1s*256
		echo "session add l$i dir out params $dir/l$i"
	done >"$dir/batch"
	works -b "$dir/batch"
	works -j session show
	check_equal "dump of long ones" "$(value 'map(.labels | length) | add')" 40960
	works session flush
}

t_many() {
	local i n=400
	for ((i = 0; i < n; i++)); do
		set_of "m$i" fec label $((20000 + i)) labels 16 from $((100000 + 100 * i))-$((100099 + 100 * i)) slots 1s
		echo "session add m$i dir $([ $((i % 2)) = 0 ] && echo in || echo out) params $dir/m$i"
	done >"$dir/batch"
	for ((i = 0; i < n; i += 2)); do echo "route add $((20000 + i)) dev eth7"; done | ip -n "$here" -f mpls -batch - || fail "no routes"
	works clock set tai
	works -b "$dir/batch"
	works -j -s session show
	check_equal "sessions" "$(value length)" "$n"
	check_equal "distinct" "$(value 'map(.name) | unique | length')" "$n"
	works session show
	check_equal "in text" "$(grep -c '^m[0-9]*: dir' "$dir/out")" "$n"
	# While sessions come and go a dump is complete or says that it may not be.
	{
		for ((i = 0; i < 100; i++)); do
			printf 'session del m%d\nsession add m%d dir in params %s/m%d\n' 0 0 "$dir" 0
		done
	} >"$dir/churn"
	lh -b "$dir/churn" &
	for ((i = 0; i < 10; i++)); do
		lh -j session show >"$dir/out" 2>"$dir/err" || fail "status $? during churn: $(cat "$dir/err")"
		[ -s "$dir/err" ] || [ "$(value 'length >= 399')" = true ] ||
			fail "$(value length) sessions and not a word"
	done
	wait $!
	works session flush
	check_equal "sessions" "$(names)" ''
}

t_batch() {
	local got=0 said
	set_of a
	printf '%s\n' 'clock set tai' "session add a dir in params '$dir/a' # first" \
		"session add a dir in params $dir/a" 'session flush' >"$dir/batch"
	said=$(lh -b "$dir/batch" 2>&1) || got=$?
	check_equal "status" "$got" 2
	[[ $said == "$dir/batch:3: Error: labelhop: "* ]] || fail "said: $said"
	check_equal "sessions" "$(names)" a
	works session flush
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

t_monitor() {
	local pids
	set_of a
	labelhop -n "$here" -j monitor >>"$dir/events" 2>"$dir/err" &
	pids=($!)
	labelhop -n "$here" monitor >>"$dir/text" 2>>"$dir/err" &
	pids+=($!)
	# Joined when an event arrives. None of those is to come when a later one has.
	busywait 10 joined || fail "no events: $(cat "$dir/err")"
	lh clock set realtime utc-offset 0 && busywait 10 grep -q realtime "$dir/events"
	: >"$dir/events"
	works session add a dir in params "$dir/a"
	works session set a policy monitor
	works session del a
	works port add eth0
	works port del eth0
	works vrf add red
	works vrf set red policy monitor
	works vrf del red
	works clock set unset
	busywait 10 has_lines "$dir/events" 9
	check_equal "events" "$(jq -r .event "$dir/events" | paste -sd ' ')" \
		"session-add session-set session-del port-add port-del vrf-add vrf-set vrf-del clock-set"
	check_equal "their objects" "$(jq -r '.name // .dev // .source' "$dir/events" | paste -sd ' ')" \
		"a a a eth0 eth0 red red red unset"
	check_equal "seeds" "$(grep -c seed "$dir/events")" 0
	grep -q '^session-add a: dir in ' "$dir/text" || fail "text: $(head -n 3 "$dir/text")"
	check_equal "words" "$(cat "$dir/err")" ''
	stop "${pids[@]}"
}

heard() {
	lh clock set tai
	[ -s "$dir/events" ] || [ -s "$dir/err" ]
}

# What comes while it looks for a group is not taken for the answer: it waits after
# each setsockopt(), as which it joins one.
t_monitor_slow() {
	local pid
	: >"$dir/events"
	strace -D -o /dev/null -e inject=setsockopt:delay_exit=300000 \
		labelhop -n "$here" monitor >>"$dir/events" 2>"$dir/err" &
	pid=$!
	busywait 30 heard || fail "nothing is heard"
	check_equal "words" "$(cat "$dir/err")" ''
	stop "$pid"
}

joined() {
	lh clock set tai
	[ -s "$dir/events" ] && [ -s "$dir/text" ]
}

t_netns() {
	local other
	setup_ns other || return
	set_of a
	works clock set tai
	works session add a dir in params "$dir/a"
	check_equal "sessions elsewhere" "$(labelhop -n "$other" -j session show)" '[]'
	check_equal "clock elsewhere" "$(labelhop -n "$other" -j clock show | jq -r .source)" unset
	labelhop -n "$other" clock set tai || fail "no clock elsewhere"
	labelhop -n "$other" session add a dir in params "$dir/a" || fail "the same session elsewhere"
	works session flush
	check_equal "sessions elsewhere" "$(labelhop -n "$other" -j session show | jq length)" 1
}

t_not_permitted() {
	command -v setpriv >/dev/null || { skip "no setpriv"; return; }
	set_of a
	chmod 755 "$dir" && chmod 644 "$dir/a"
	local got=0 said
	said=$(ip netns exec "$here" setpriv --reuid 65534 --clear-groups --bounding-set -all \
		labelhop session flush 2>&1) || got=$?
	check_equal "status" "$got" 2
	check_equal "words" "$said" "Error: labelhop: not permitted: CAP_NET_ADMIN is needed."
}

t_unload() {
	local pid got=0
	: >"$dir/events"
	labelhop -n "$here" -j monitor >>"$dir/events" 2>"$dir/err" &
	pid=$!
	busywait 10 joined || fail "no events"
	works session flush
	rmmod labelhop || { fail "rmmod"; return; }
	wait "$pid" || got=$?
	check_equal "status of monitor" "$got" 2
	check_equal "words of monitor" "$(cat "$dir/err")" "Error: labelhop: the kernel module was unloaded."
	# The kernel loads it for whoever asks for the family.
	works -j clock show
	check_equal "clock of a new module" "$(value .source)" unset
	rmmod labelhop
	got=0
	ip netns exec "$here" setpriv --reuid 65534 --clear-groups --bounding-set -all \
		labelhop session show 2>"$dir/err" || got=$?
	if [ -e /sys/module/labelhop ]; then return; fi
	check_equal "status" "$got" 2
	check_equal "words" "$(cat "$dir/err")" \
		"labelhop: the kernel module is not loaded: modprobe labelhop"
}

ktap_tests \
	"command: session of direction in" t_session \
	"command: session of direction out" t_out \
	"command: refusals name attribute and reason" t_refusals \
	"command: warnings" t_warnings \
	"command: a session whose device is gone" t_device_gone \
	"command: README's session is as it is shown" t_readme \
	"command: port" t_port \
	"command: protected VRFs" t_vrf \
	"command: clock" t_clock \
	"command: timeline" t_timeline \
	"command: what ptp4l thinks" t_ptp \
	"command: the longest sessions" t_large \
	"command: 400 sessions, and changes under a dump" t_many \
	"command: batch" t_batch \
	"command: monitor" t_monitor \
	"command: monitor while events come" t_monitor_slow \
	"command: network namespaces" t_netns \
	"command: without CAP_NET_ADMIN" t_not_permitted \
	"command: the module is unloaded" t_unload
