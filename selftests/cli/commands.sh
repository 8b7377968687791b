# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # run.sh sources this and sets dir, labelhop, repo
# Tests of what goes to the kernel, of options, batch and help.

t_session() {
	local v add
	printf %s "$base" >"$dir/set.json"
	add=(session add blue dir in params "$dir/set.json")
	need_no_module || return 0
	reaches_kernel "${add[@]}"
	reaches_kernel session add 'a.b-c_d:e@f/1' dir out params "$dir/set.json" dev eth0 outer 16 vrf red \
		prefix 10.0.0.0/8 prefix 2001:db8::/32 prefix 0.0.0.0/0 prefix ::/0 prefix 10.1.2.3/32 \
		policy monitor
	reaches_kernel "${add[@]}" policy permissive tolerance 0s delay 1d
	reaches_kernel session set blue tolerance 1d
	reaches_kernel session set blue policy strict delay 0s
	reaches_kernel session del blue
	reaches_kernel session flush
	reaches_kernel session show
	reaches_kernel session show blue
	reaches_kernel session add dir dir in params "$dir/set.json"
	for v in '' "$(printf %032d 0)" 'a b' $'a\tb' $'\xc3\xa4' help; do
		bad "NAME" session add "$v" dir in params "$dir/set.json"
	done
	reaches_kernel session del "$(printf %031d 0)"
	for v in '' up IN i; do bad "dir" session add x dir "$v" params "$dir/set.json"; done
	for v in '' x Strict s; do bad "policy" "${add[@]}" policy "$v"; done
	for v in '' 1 1x -1s 86400.000000001s 2d 99999999999d 0.1ns; do
		bad "tolerance" "${add[@]}" tolerance "$v"
		bad "delay" "${add[@]}" delay "$v"
		bad "tolerance" session set x tolerance "$v"
	done
	for v in '' 0123456789abcdef . .. a/b 'a b' a:b; do
		bad "dev" "${add[@]}" dev "$v"
		bad "vrf" "${add[@]}" vrf "$v"
	done
	for v in '' 15 1048576 x; do bad "outer" "${add[@]}" outer "$v"; done
	for v in '' 10.0.0.0 10.0.0.0/ 10.0.0.0/33 10.0.0.0/-1 10.0.0/8 10.0.0.0/08 ::/129 :: /8 \
		1.2.3.4.5/8 a.b.c.d/8 10.0.0.0/8/8 2001:db8::g/64; do
		bad "prefix" "${add[@]}" prefix "$v"
	done
	bad "10.0.0.0/8 is allowed" "${add[@]}" prefix 10.0.0.1/8
	bad "2001:db8::/32 is allowed" "${add[@]}" prefix 2001:db8::1/32
	bad "0.0.0.0/0 is allowed" "${add[@]}" prefix 128.0.0.0/0
	local prefixes=()
	for ((v = 0; v < 64; v++)); do prefixes+=(prefix "10.0.$v.0/24"); done
	reaches_kernel "${add[@]}" "${prefixes[@]}"
	bad "64" "${add[@]}" "${prefixes[@]}" prefix 10.1.0.0/16
	bad "NAME" session add
	bad "dir" session add x params "$dir/set.json"
	bad "params" session add x dir in
	bad "$dir/absent" session add x dir in params "$dir/absent"
	bad '"foo"' "${add[@]}" foo
	for v in 'dev a' 'outer 16' 'vrf a' 'tolerance 1s' 'delay 1s' 'policy strict' 'dir in'; do
		# shellcheck disable=SC2086 # a keyword and a value
		bad "twice" "${add[@]}" $v $v
	done
	bad "session set x" session set x
	bad NAME session set
	bad NAME session del
	bad '"b"' session del a b
	bad '"b"' session show a b
	bad '"a"' session flush a
}

t_port_clock_monitor() {
	local v
	need_no_module || return 0
	reaches_kernel port add eth0
	reaches_kernel port del eth0
	reaches_kernel port show
	reaches_kernel port show eth0
	for v in '' 0123456789abcdef a/b . 'a b'; do bad DEV port add "$v"; bad DEV port del "$v"; done
	bad DEV port add
	bad '"eth1"' port add eth0 eth1
	reaches_kernel clock show
	reaches_kernel clock set tai
	reaches_kernel clock set unset
	reaches_kernel clock set realtime
	reaches_kernel clock set realtime utc-offset 0
	reaches_kernel clock set realtime utc-offset 255
	reaches_kernel clock set phc /dev/ptp0
	reaches_kernel clock set phc dev eth0
	for v in '' ptp TAI none; do bad SOURCE clock set "$v"; done
	bad FILE clock set phc
	bad FILE clock set tai /dev/ptp0
	bad FILE clock set realtime dev eth0
	bad '"ptp0"' clock set phc ptp0
	bad FILE clock set phc /dev/ptp0 dev eth0
	bad '"/dev/ptp1"' clock set phc /dev/ptp0 /dev/ptp1
	for v in '' 0123456789abcdef a/b . 'a b'; do bad dev clock set phc dev "$v"; done
	bad dev clock set phc dev
	for v in '' -1 256 37s x; do bad utc-offset clock set realtime utc-offset "$v"; done
	bad utc-offset clock set tai utc-offset 37
	bad SOURCE clock set
	bad utc-offset clock set realtime utc-offset
	bad '"x"' clock show x
	reaches_kernel monitor
	bad '"x"' monitor x
}

# The delay that ptp4l tells.
t_delay_ptp() {
	local path=$PATH start=$SECONDS
	need_no_module || return 0
	printf %s "$base" >"$dir/set.json"
	PATH=$dir/bin:/usr/bin:/bin
	fake_pmc </dev/null
	bad "ptp4l tells none" session set x delay ptp
	pmc_says LISTENING | fake_pmc
	bad "ptp4l tells none" session set x delay ptp
	pmc_says SLAVE | grep -v meanPathDelay | fake_pmc
	bad "ptp4l tells none" session add x dir in params "$dir/set.json" delay ptp
	pmc_says SLAVE | fake_pmc
	reaches_kernel session set x delay ptp
	reaches_kernel session add x dir in params "$dir/set.json" delay ptp
	head -c 100000 /dev/zero | tr '\0' x | fake_pmc
	bad "ptp4l tells none" session set x delay ptp
	# It is not waited for longer than 2 s, and no longer there then.
	printf '#!/bin/sh\nexec sleep 1000\n' >"$dir/bin/pmc"
	start=$SECONDS
	bad "ptp4l tells none" session set x delay ptp
	[ $((SECONDS - start)) -lt 30 ] || fail "it waits for ever"
	rm "$dir/bin/pmc"
	PATH=$dir/bin
	bad "ptp4l tells none" session set x delay ptp
	PATH=$path
}

need_no_module() {
	[ ! -e /sys/module/labelhop ] || { skip "the module is loaded"; return 1; }
}

t_options() {
	local o
	for o in -V -Version --Version; do
		good "$o"
		grep -q '^labelhop [0-9]' "$dir/out" || fail "$o: $(cat "$dir/out")"
	done
	for o in -h -help --help; do good "$o"; done
	for o in -x -js -jso -v --nets -; do bad "option" "$o" session show; done
	for o in -n -netns -b -batch; do bad "lacks its value" "$o"; done
	bad "-netns" -n absent-namespace session show
	for o in '' . .. a/b ../net; do bad "-netns" -n "$o" session show; done
	invoke
	check_equal "status without arguments" "$status" 1
	[ ! -s "$dir/out" ] || fail "usage on standard output"
	[[ $said == Usage:* ]] || fail "no usage on standard error"
	bad OBJECT xyz
	bad OBJECT sess show
	bad OBJECT ''
	bad '"ad"' session ad
	bad session session
	bad '"session"' -b /dev/null session show
	good -j -p params new fec label 200 labels 1 from 16-20 slots 1s
	[ "$(wc -l <"$dir/out")" -gt 10 ] || fail "-p does not break lines"
	good -json -pretty -statistics params new fec label 200 labels 1 from 16-20 slots 1s
}

# batch LINE...: a batch of these lines.
batch() {
	printf '%s\n' "$@" >"$dir/batch"
	invoke -b "$dir/batch"
}

t_batch() {
	local new='params new fec label 200 labels 1 from 16-20 slots 1s' words
	batch "$new" '' '# a comment' "  $new # and more" $'\t'
	check_equal "status" "$status" 0
	check_equal "results" "$(wc -l <"$dir/out")" 2
	batch "$new" "params new fec label 'a b'" "$new"
	check_equal "status" "$status" 1
	check_equal "results" "$(wc -l <"$dir/out")" 1
	check_equal "sentences" "$(wc -l <"$dir/err")" 1
	[[ $said == "$dir/batch:2: labelhop: fec label: \"a b\""* ]] || fail "$said"
	batch 'params show "no end'
	[[ $said == *":1: labelhop: "*quote* ]] || fail "$said"
	batch '-j params show x'
	check_equal "options in a batch" "$status" 1
	printf 'help' >"$dir/batch" && good -b "$dir/batch"
	printf 'help\0' >"$dir/batch"
	invoke -b "$dir/batch"
	[[ $said == *NUL* ]] || fail "$said"
	printf -v words 'x %.0s' {1..600}
	batch "$words"
	check_equal "status of a long line" "$status" 1
	bad "$dir/absent" -b "$dir/absent"
	bad "$dir" -b "$dir"
	printf '%s\n' "$new" | "$labelhop" -b - >"$dir/out" || fail "standard input is not read"
	coproc "$labelhop" -b - 2>&1
	# shellcheck disable=SC2153 # coproc sets it
	echo "$new" >&"${COPROC[1]}"
	read -r -t 20 words <&"${COPROC[0]}" || fail "the first result waits for a second command"
	kill "$COPROC_PID" && wait "$COPROC_PID" 2>/dev/null
	printf '%s' "$base" >"$dir/set.json"
	check_equal "params - in a batch of standard input" \
		"$(echo params show - | "$labelhop" -b - 2>&1 | grep -c 'is the batch')" 1
	if [ ! -e /sys/module/labelhop ]; then
		batch "$new" 'session show' "$new"
		check_equal "status without the module" "$status" 2
		check_equal "results" "$(wc -l <"$dir/out")" 1
	fi
}

t_help() {
	local object command
	good help
	for object in params session port clock monitor derive timeline; do
		grep -q "^\(Usage:\|      \) labelhop $object" "$dir/out" || fail "help lacks $object"
	done
	for object in params session port clock monitor derive timeline; do
		good "$object" help
		grep -q '^Usage: labelhop' "$dir/out" || fail "$object help has no usage"
	done
	while read -r object command; do
		good "$object" "$command" help
		grep -q "^Usage: labelhop $object $command" "$dir/out" || fail "no usage of $object $command"
	done < <(commands)
	bad OBJECT help me
}

# commands: each object and command, as help tells them.
commands() {
	"$labelhop" help | sed -n 's/^ *\(Usage:\)\? *labelhop \([a-z]*\) \([a-z]*\).*/\2 \3/p' |
		grep -vE '^(derive|monitor|timeline) '
}

t_words_agree() {
	"$repo/selftests/cli/words.py" "$labelhop" "$repo" || fail "see above"
}
