# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # run.sh sources this and sets dir, labelhop, repo
# Tests of timeline.

t_timeline_known() {
	"$repo/selftests/cli/timeline.py" "$labelhop" "$dir" ||
		fail "the command differs from the reference"
	printf %s "$base" >"$dir/set.json"
	good timeline params "$dir/set.json" at 2100-01-01T00:00:00Z for 2s
	check_equal "a date of UTC" "$(sed -n '2{s/  */ /g;p}' "$dir/out")" \
		" 4102444837 4102444837000000000 2100-01-01T00:00:00.000000000Z 1s $(hop 4102444837000000000)"
}

hop() { "$labelhop" -j derive params "$dir/set.json" at "$1" payload '' | jq .hop; }

t_timeline_now() {
	printf %s "$base" >"$dir/set.json"
	need_no_module || return 0
	good -j timeline params "$dir/set.json"
	check_equal "clock" "$(value .clock)" CLOCK_TAI
	check_equal "slots now" "$(value '[.slots[].now] | tojson')" \
		"[true$(printf ',false%.0s' {1..15})]"
	# shellcheck disable=SC2016 # $s is jq's
	check_equal "now is in it" \
		"$(value '(.slots[0].start | tonumber) as $s | (.now | tonumber) | $s <= . and . <= $s + 1000000000')" true
	check_equal "times that jq does not round" "$(value '[.now, .slots[].start] | map(type) | unique[]')" string
	# CLOCK_TAI is UTC on a machine that nobody has told the offset.
	local words="the TAI offset of this system was never set: its CLOCK_TAI is UTC"
	if python3 -c 'import time; exit(time.clock_gettime(time.CLOCK_TAI) - time.time() > 1)'; then
		check_equal "note" "$(value .note)" "$words"
		good timeline params "$dir/set.json"
		grep -q "^now: .*; $words\$" "$dir/out" || fail "the table does not say it"
		good params show "$dir/set.json"
		grep -q "$words" "$dir/out" || fail "params show does not say it"
		good -j params show "$dir/set.json"
		check_equal "note of params show" "$(value .note)" "$words"
	fi
	good timeline params "$dir/set.json"
	check_equal "the line of now" "$(grep -n ' now$' "$dir/out" | cut -d : -f 1)" 2
	good timeline params "$dir/set.json" -o "$dir/now.svg"
	check_equal "now in the picture" "$(grep -c '>now</text>' "$dir/now.svg")" 1
	good timeline params "$dir/set.json" at 0 -o "$dir/then.svg"
	check_equal "now elsewhere in the picture" "$(grep -c '>now</text>' "$dir/then.svg")" 0
}

t_timeline_bad() {
	local v
	edited '.epoch = 1000 | .lifetime = 1000'
	good timeline params "$dir/set.json" at 999
	good timeline params "$dir/set.json" at 1999
	good timeline params "$dir/set.json" at 999 for 2ns
	bad "at" timeline params "$dir/set.json" at 2000
	bad "at" timeline params "$dir/set.json" at 999 for 1ns
	for v in '' -1 x 1.5 18446744073709551616 2026-13-01T00:00:00Z; do
		bad "at:" timeline params "$dir/set.json" at "$v"
	done
	for v in '' 0s 1 -1s 1x; do bad "for:" timeline params "$dir/set.json" for "$v"; done
	printf %s "$base" >"$dir/set.json"
	good timeline params "$dir/set.json" at 0 for 1000s
	bad "1000 slots" timeline params "$dir/set.json" at 0 for 1000.000000001s
	bad "1000 slots" timeline params "$dir/set.json" at 0 for 100d
	bad "$dir/absent/x" timeline params "$dir/set.json" -o "$dir/absent/x"
	bad "No space left" timeline params "$dir/set.json" -o /dev/full
	bad "params" timeline
	bad "twice" timeline params a params b
	bad '"x"' timeline params "$dir/set.json" x
}
