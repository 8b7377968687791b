# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # run.sh sources this and sets dir, labelhop, repo
# Tests of what goes to the kernel, of options, batch and help.

bad_macs=('' 02 02:00:00:00:00 02:00:00:00:00:0 02:00:00:00:00:001 02:00:00:00:00:01: 02-00-00-00-00-01
	0200.0000.0001 02:00:00:00:00:0g ' 2:00:00:00:00:01' 2:0:0:0:0:1 0x:00:00:00:00:01 02:00:00:00:00:01:02)

t_session() {
	local v add
	printf %s "$base" >"$dir/set.json"
	add=(session add blue dir in params "$dir/set.json")
	need_no_module || return 0
	reaches_kernel "${add[@]}"
	reaches_kernel session add 'a.b-c_d:e@f/1' dir out params "$dir/set.json" dev eth0 outer 16 vrf red \
		prefix 10.0.0.0/8 prefix 2001:db8::/32 prefix 0.0.0.0/0 prefix ::/0 prefix 10.1.2.3/32 \
		policy monitor
	for v in ip pw pw-no-cw link; do reaches_kernel "${add[@]}" payload "$v"; done
	reaches_kernel "${add[@]}" payload pw mac 02:00:00:00:00:01 mac FF:ff:FF:ff:FF:ff mac 0a:1B:2c:3D:4e:5F
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
	for v in '' PW ethernet pw-; do bad "payload" "${add[@]}" payload "$v"; done
	for v in "${bad_macs[@]}"; do bad "mac" "${add[@]}" mac "$v"; done
	local macs=()
	for ((v = 10; v < 74; v++)); do macs+=(mac "02:00:00:00:00:$v"); done
	reaches_kernel "${add[@]}" "${macs[@]}"
	bad "64" "${add[@]}" "${macs[@]}" mac 02:00:00:00:01:00
	bad "NAME" session add
	bad "dir" session add x params "$dir/set.json"
	bad "params" session add x dir in
	bad "$dir/absent" session add x dir in params "$dir/absent"
	bad '"foo"' "${add[@]}" foo
	for v in 'dev a' 'outer 16' 'vrf a' 'payload pw' 'tolerance 1s' 'delay 1s' 'policy strict' 'dir in'; do
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

t_pw() {
	local v add=(pw add pw0 remote 10.0.0.2) ends=(in red-in out red-out)
	need_no_module || return 0
	reaches_kernel "${add[@]}" "${ends[@]}"
	reaches_kernel "${add[@]}" in-label 16 out-label 1048575
	reaches_kernel "${add[@]}" in red-in out-label 400 control-word off mtu 68 flow-label
	reaches_kernel "${add[@]}" out red-out in-label 300 control-word on mtu 65521
	for v in 0.0.0.0 255.255.255.255 2001:db8::1 :: ::ffff:10.0.0.1; do
		reaches_kernel pw add pw0 "${ends[@]}" remote "$v"
	done
	reaches_kernel "${add[@]}"
	reaches_kernel "${add[@]}" in-label none out red-out mtu path
	reaches_kernel pw set pw0 in-label none out-label none
	reaches_kernel pw set pw0 remote ::1 control-word off mtu path tunnel any in red-in steal
	reaches_kernel pw set pw0 mtu 1500 in-label 16 steal flow-label off
	for v in required any; do reaches_kernel "${add[@]}" "${ends[@]}" tunnel "$v"; done
	reaches_kernel pw set pw0 in red-in
	reaches_kernel pw set pw0 in-label 300 out-label 400
	reaches_kernel pw set pw0 out red-out
	reaches_kernel pw del pw0
	reaches_kernel pw show
	reaches_kernel pw show pw0
	reaches_kernel pw add in "${ends[@]}" remote ::1
	for v in '' 0123456789abcdef a/b . 'a b' a:b; do
		bad NAME pw add "$v" remote 10.0.0.2 "${ends[@]}"
		bad NAME pw del "$v"
	done
	for v in '' 10.0.0 10.0.0.256 10.0.0.1/32 010.0.0.1 pe2 2001:db8 2001:db8:::1 ::g fe80::1%eth0 ' ::1'; do
		bad "remote: " pw add pw0 "${ends[@]}" remote "$v"
	done
	for v in '' 'a b' "$(printf %032d 0)" help; do
		bad "in: " pw set pw0 in "$v"
		bad "out: " pw set pw0 out "$v"
	done
	for v in '' 0 15 1048576 x -1 0x10 None; do
		bad "in-label: " pw set pw0 in-label "$v"
		bad "out-label: " "${add[@]}" in red-in out-label "$v"
	done
	for v in '' yes ON 1; do
		bad "control-word: " "${add[@]}" "${ends[@]}" control-word "$v"
		bad "\"$v\" is unknown" "${add[@]}" "${ends[@]}" flow-label "$v"
		bad "tunnel: " "${add[@]}" "${ends[@]}" tunnel "$v"
	done
	for v in '' 0 67 65522 none; do bad "mtu: " "${add[@]}" "${ends[@]}" mtu "$v"; done
	bad NAME pw add
	bad "remote" pw add pw0 "${ends[@]}"
	bad "steal is for a label" pw set pw0 out-label 400 steal
	bad '"steal"' "${add[@]}" steal
	bad "together with in" "${add[@]}" "${ends[@]}" in-label 300
	bad "together with out" "${add[@]}" in-label 300 out-label 400 out red-out
	bad "together with in" pw set pw0 in-label 300 in red-in
	for v in 'remote ::1' 'mtu 1500' 'control-word on' flow-label 'out red-out'; do
		# shellcheck disable=SC2086 # a keyword and a value
		bad "twice" "${add[@]}" $v $v
	done
	bad "pw set pw0 sets nothing" pw set pw0
	bad NAME pw set
	bad "flow-label" pw set pw0 flow-label
	bad NAME pw del
	bad '"b"' pw del a b
	bad '"b"' pw show a b
	bad '"flush"' pw flush
}

t_link() {
	local v add=(link add wire dev eth1 session wire-out) lsps=()
	need_no_module || return 0
	reaches_kernel "${add[@]}"
	reaches_kernel "${add[@]}" transport 16 neighbour 02:00:00:00:00:01 lsp 16 lsp 1048575
	reaches_kernel link del wire
	reaches_kernel link show
	reaches_kernel link show wire
	reaches_kernel link add 'a.b-c_d:e@f/1' dev eth1 session s
	for v in '' "$(printf %032d 0)" 'a b' help; do
		bad NAME link add "$v" dev eth1 session s
		bad "session: " link add wire dev eth1 session "$v"
	done
	for v in '' 0123456789abcdef a/b . 'a b' a:b; do bad "dev: " link add wire session s dev "$v"; done
	for v in '' 15 1048576 x; do
		bad "transport: " "${add[@]}" transport "$v"
		bad "lsp: " "${add[@]}" lsp 16 lsp "$v"
	done
	for v in "${bad_macs[@]}"; do bad "neighbour: " "${add[@]}" neighbour "$v"; done
	for ((v = 100; v < 164; v++)); do lsps+=(lsp "$v"); done
	reaches_kernel "${add[@]}" "${lsps[@]}"
	bad "64" "${add[@]}" "${lsps[@]}" lsp 164
	bad NAME link add
	bad "session is missing" link add wire dev eth1
	bad "dev is missing" link add wire session s
	for v in 'dev a' 'session s' 'transport 16' 'neighbour 02:00:00:00:00:01'; do
		# shellcheck disable=SC2086 # a keyword and a value
		bad "twice" "${add[@]}" $v $v
	done
	bad NAME link del
	bad '"b"' link del a b
	bad '"b"' link show a b
	bad '"set"' link set wire
}

t_vrf() {
	local v

	reaches_kernel vrf add blue
	for v in strict permissive monitor; do
		reaches_kernel vrf add blue policy "$v"
		reaches_kernel vrf set blue policy "$v"
	done
	reaches_kernel vrf del blue
	reaches_kernel vrf show
	reaches_kernel vrf show blue
	for v in '' 0123456789abcdef a/b . 'a b'; do
		bad NAME vrf add "$v"; bad NAME vrf del "$v"; bad NAME vrf set "$v" policy strict
	done
	bad NAME vrf add
	bad '"red"' vrf add blue red
	bad policy vrf add blue policy
	for v in '' loose Strict strict,monitor; do bad "policy: " vrf set blue policy "$v"; done
	bad policy vrf set blue
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
	reaches_kernel clock set phc /dev/null
	bad '"/dev/absent/ptp" can' clock set phc /dev/absent/ptp
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
	for o in -x -sta -js -jso -v --nets -; do bad "option" "$o" session show; done
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
	bad params params
	bad params params list
	if need_no_module; then
		for o in vrf session pw link port clock; do
			reaches_kernel "$o"
			reaches_kernel "$o" list
			reaches_kernel -stats "$o" show
			reaches_kernel -stat "$o"
		done
	fi
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
	invoke -force -b "$dir/batch"
	check_equal "status with -force" "$status" 1
	check_equal "results with -force" "$(wc -l <"$dir/out")" 2
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
	for object in params vrf session pw link port clock monitor derive timeline; do
		grep -q "^\(Usage:\|      \) labelhop $object" "$dir/out" || fail "help lacks $object"
	done
	for object in params vrf session pw link port clock monitor derive timeline; do
		good "$object" help
		grep -q '^Usage: labelhop' "$dir/out" || fail "$object help has no usage"
	done
	while read -r object command; do
		good "$object" "$command" help
		grep -q "^Usage: labelhop $object $command" "$dir/out" || fail "no usage of $object $command"
	done < <(commands)
	for object in params vrf session pw link port clock monitor derive timeline; do
		good help "$object"
		cmp -s "$dir/out" <("$labelhop" "$object" help) || fail "help $object is not $object help"
	done
	bad OBJECT help me
	bad OBJECT help session add
}

# commands: each object and command, as help tells them.
commands() {
	"$labelhop" help | sed -n 's/^ *\(Usage:\)\? *labelhop \([a-z]*\) \([a-z]*\).*/\2 \3/p' |
		grep -vE '^(derive|monitor|timeline) '
}

t_words_agree() {
	"$repo/selftests/cli/words.py" "$labelhop" "$repo" || fail "see above"
}
