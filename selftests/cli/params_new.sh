# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # run.sh sources this and sets dir, labelhop, repo
# Tests of params new.

t_label() {
	local v
	for v in 16 1048575; do good params new fec label "$v" labels 1 from 100-200 slots 1s; done
	for v in 15 0 1048576 -1 1x '' 0x10 016 1.0 ' 16' 99999999999999999999; do
		bad "fec label" params new fec label "$v" labels 1 from 100-200 slots 1s
	done
	bad '"fec"' params new fec 200 labels 1 from 100-200 slots 1s
	bad "fec label" params new labels 1 from 100-200 slots 1s
	bad "fec label" params new fec label
}

t_labels() {
	local v
	new && check_equal "labels" "$(value '.labels | length')" 4
	for v in 1 4096; do good params new fec label 200 labels "$v" from 16-1048575 slots 1s; done
	for v in 0 4097 -1 '' x 18446744073709551617; do
		bad "labels" params new fec label 200 labels "$v" from 16-1048575 slots 1s
	done
	bad "labels" params new fec label 200 from 16-99 slots 1s
	bad "labels" params new fec label 200 labels 4 labels 4 from 16-99 slots 1s
}

t_from() {
	local v
	good params new fec label 200 labels 10 from 100-109 slots 1s
	check_equal "all of a range" "$(value '.labels | sort | @csv')" \
		100,101,102,103,104,105,106,107,108,109
	bad "labels" params new fec label 200 labels 11 from 100-109 slots 1s
	good params new fec label 105 labels 9 from 100-109 slots 1s
	check_equal "the VPN label is left out" "$(value '.labels | index(105)')" null
	bad "labels" params new fec label 105 labels 10 from 100-109 slots 1s
	bad "labels" params new fec label 100 labels 1 from 100-100 slots 1s
	good params new fec label 200 labels 4096 from 1000-5095 slots 1s
	for v in 109-100 15-20 16-1048576 16 16- -16 16-20-30 a-b '16 - 20' '' 0x10-0x20 16--20; do
		bad "from" params new fec label 200 labels 1 from "$v" slots 1s
	done
	bad "from" params new fec label 200 labels 1 slots 1s
}

t_slots() {
	local v n
	while read -r v n; do
		good params new fec label 200 labels 4 from 1000-1999 slots "$v"
		check_equal "slots $v" "$(value '.slots | @csv')" "$n"
	done <<-END
		1us 1000
		1000ns 1000
		1d 86400000000000
		24h 86400000000000
		1440m 86400000000000
		1.5s 1500000000
		0.001ms 1000
		1.000000001s 1000000001
		2s,500ms*2,1m 2000000000,500000000,500000000,60000000000
		1s-1s*3 1000000000,1000000000,1000000000
		1.50000000000000000000000000s 1500000000
	END
	good params new fec label 200 labels 4 from 1000-1999 slots 2s-5s*256
	check_equal "n(TS)" "$(value '.slots | length')" 256
	check_equal "within" "$(value '[.slots[] | select(. < 2000000000 or . > 5000000000)] | length')" 0
	[ "$(value '.slots | unique | length')" -gt 200 ] || fail "the draws are not random"
	for v in 999ns 0.5us 1.1d 25h 0s 1 "1s," ",1s" "1s,,2s" 1 1S 1sec 1x 1.s .5s 1..5s -1s +1s 1e3s \
		0.0000000001s 1.0000000005s 2s-1s 1s-2s-3s 1s*0 1s*257 1s*256,1s 1s*-1 1s*x '1s*' '*2' \
		'1s*2*2' '1 s' '' 99999999999999999999s 18446744073709551615s 01s 1s-2 1s-; do
		bad "slots" params new fec label 200 labels 4 from 1000-1999 slots "$v"
	done
	bad "slots" params new fec label 200 labels 4 from 1000-1999
}

t_hash() {
	new hash siphash-2-4
	bad_new "hash" hash siphash
	bad_new "hash" hash ''
	bad_new "hash" hash SIPHASH-2-4
	new hash-len 1 && check_equal "hash-len" "$(value '."hash-len"')" 1
	new hash-len 65535
	new hash-len full && check_equal "hash-len" "$(value '."hash-len"')" full
	new && check_equal "hash-len" "$(value '."hash-len"')" 64
	for v in 0 65536 -1 '' Full x 1b; do bad_new "hash-len" hash-len "$v"; done
}

t_tags() {
	local v
	for v in 1 2 3; do new tags "$v" && check_equal "tags" "$(value .tags)" "$v"; done
	for v in 0 4 -1 '' x 257; do bad_new "tags" tags "$v"; done
	bad_new "tags" tags 1 tags 1
}

t_mask() {
	local v
	new && check_equal "select" "$(value .select)" 0xffffffffffffffff
	new select 0xffff && check_equal "select" "$(value .select)" 0x000000000000ffff
	new and 0xffff && check_equal "and" "$(value .and)" 0x000000000000ffff
	check_equal "select beside and" "$(value .select)" null
	new select 0xffffffff tags 2
	new and 0xffff0ffff tags 2
	new and 0xFFFFffffFFFFffff tags 3
	for v in 0x7fff 0x0 0 ffff 0x 0xg 0X1ffff 0x1ffffffffffffffff -1 '' ' 0xffff' 65535; do
		bad_new "select" select "$v"
		bad_new "and:" and "$v"
	done
	bad_new "select" select 0x7fffffff tags 2
	bad_new "and:" and 0xffffffff00000 tags 2
	bad_new "and:" and 0xfffffffffffff tags 3
	bad_new "together" select 0xffff and 0xffff
	bad_new "together" and 0xffff select 0xffff
}

t_epoch() {
	local v n now
	new && n=$(value .epoch)
	check_equal "whole seconds" $((n % 1000000000)) 0
	# By CLOCK_TAI, which is UTC where nobody set it.
	now=$(date +%s)
	n=$((n / 1000000000 - now))
	if [ $n -lt -10 ] || [ $n -gt 60 ]; then fail "epoch now is $n s away"; fi
	new epoch now
	while read -r v n; do
		new epoch "$v" && check_equal "epoch $v" "$(grep -o '"epoch":[0-9]*' "$dir/out")" "\"epoch\":$n"
	done <<-END
		0 0
		18446744073709551615 18446744073709551615
		9223372036854775808 9223372036854775808
		2017-01-01T00:00:00Z 1483228837000000000
		2026-11-23T00:00:00Z 1795392037000000000
		2028-02-29T23:59:59Z 1835481636000000000
		2554-07-21T23:33:56Z 18446744073000000000
	END
	for v in 18446744073709551616 -1 1.5 '' yesterday 2016-12-31T23:59:59Z 2026-02-29T00:00:00Z \
		2026-11-23 2026-11-23T00:00:00 2026-11-23T00:00:00z 2026-11-23T24:00:00Z \
		2026-13-01T00:00:00Z 2026-11-23T00:00:60Z 2026-11-23T00:00:00+01:00 26-11-23T00:00:00Z \
		2554-07-21T23:33:57Z 9999-12-31T23:59:59Z 2026-1-23T00:00:00Z 1s; do
		bad_new "epoch" epoch "$v"
	done
}

t_lifetime() {
	local v
	new && check_equal "lifetime" "$(value .lifetime)" 0
	new lifetime 0s && new lifetime 30d &&
		check_equal "lifetime" "$(value .lifetime)" 2592000000000000
	new lifetime 0.00000000000031250d && check_equal "lifetime" "$(value .lifetime)" 27
	new epoch 18446744073709551614 lifetime 1ns
	new epoch 0 lifetime 18446744073709551615ns
	bad_new "lifetime" epoch 18446744073709551615 lifetime 1ns
	bad_new "lifetime" epoch 1 lifetime 18446744073709551615ns
	for v in 0 1 -1s '' 1y 18446744073709551616ns 213504d 0.1ns \
		0.00000000000015625d 0.00000000000031251d; do
		bad_new "lifetime" lifetime "$v"
	done
}

t_new_rest() {
	local first
	new && first=$(value .seed)
	check_equal "seed's digits" "${#first}" 64
	new
	[ "$first" != "$(value .seed)" ] || fail "the seed is not random"
	check_equal "members" "$(value 'keys_unsorted | @csv')" \
		'"labelhop","id","generation","label","labels","slots","hash","hash-len","tags","select","epoch","lifetime","seed"'
	check_equal "generation" "$(value .generation)" 1
	(umask 022 && "$labelhop" params new fec label 200 labels 1 from 16-20 slots 1s >"$dir/open" 2>"$dir/err")
	grep -qx 'Warning: labelhop: others than you may open the file .*umask 077.*' "$dir/err" ||
		fail "a secret goes into an open file without a warning: $(cat "$dir/err")"
	check_equal "set in it" "$(jq .labelhop "$dir/open")" 1
	bad_new '"lifetim"' lifetim 1s
	bad_new '"\x0a\x1b[2J"' $'\n\e[2J'
	bad_new lifetime lifetime
	bad "fec label" params new
	bad '"xyz"' params xyz
	bad "params" params
	if [ -e /dev/full ]; then
		status=0
		"$labelhop" params new fec label 200 labels 1 from 16-20 slots 1s \
			2>"$dir/err" >/dev/full || status=$?
		check_equal "status on a full disk" "$status" 1
		check_equal "sentences on a full disk" "$(grep -c '' "$dir/err")" 1
	fi
}
