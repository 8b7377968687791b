# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # run.sh sources this and sets dir, labelhop, repo
# Tests of reading parameter sets, and of derive.

base='{"labelhop":1,"id":"0123456789abcdef","generation":1,"label":200,"labels":[1000,1001],"slots":[1000000000],"hash":"siphash-2-4","hash-len":64,"tags":1,"select":"0xffffffffffffffff","epoch":0,"lifetime":0,"seed":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}'

# edited FILTER: the base set, changed by jq.
edited() { jq -c "$1" <<<"$base" >"$dir/set.json"; }

# member MEMBER TEXT: the base set with other text as that member's value.
member() { set_member "$base" "$1" "$2" >"$dir/set.json"; }

t_read_good() {
	local m v
	good params show <(echo "$base") || return
	while IFS=$'\t' read -r m v; do
		member "$m" "$v"
		good params show "$dir/set.json"
	done < <(good_members)
	edited 'del(.select) + {and: "0xffff"}' && good params show "$dir/set.json"
	echo " $base " | "$labelhop" params show - >/dev/null || fail "standard input is not read"
	jq . <<<"$base" >"$dir/set.json" && good params show "$dir/set.json"
	edited '.epoch = 0'
	member epoch 18446744073709551615 && good -j params show "$dir/set.json"
	grep -q '"epoch":18446744073709551615' "$dir/out" || fail "a great epoch is not kept"
	edited ".labels = [range(1000; 5096)] | .slots = [range(256) | 1000000]" &&
		good params show "$dir/set.json"
}

t_read_bad_members() {
	local m v
	while IFS=$'\t' read -r m v; do
		member "$m" "$v"
		bad "member $m" params show "$dir/set.json"
		[[ $said == *"$dir/set.json"* ]] || fail "$m $v: the file is not named"
		reference_refuses "$m" "$v"
	done < <(bad_members)
}

# What the command refuses, the reference has to refuse too; some of the JSON
# it reads is looser.
reference_refuses() {
	case $2 in
	-0 | '"0123456789abcde\u0000"' | 01000 | [0-9]*,*) return ;;
	esac
	if "$repo/selftests/ref/labelhop_ref.py" derive "$dir/set.json" at 0 payload 00 >/dev/null 2>&1; then
		fail "the reference takes $1 $2"
	fi
}

t_read_missing() {
	local m
	for m in labelhop id generation label labels slots hash hash-len tags epoch lifetime seed; do
		edited "del(.\"$m\")" && bad "member $m is missing" params show "$dir/set.json"
		edited ". + {\"x$m\": .\"$m\"}" && bad "\"x$m\" is unknown" params show "$dir/set.json"
		echo "${base/"\"$m\":"/"\"$m\":0,\"$m\":"}" >"$dir/set.json"
		bad "member $m" params show "$dir/set.json"
	done
	edited 'del(.select)' && bad "select, and" params show "$dir/set.json"
	edited '.and = "0xffff"' && bad "select, and" params show "$dir/set.json"
	echo "${base/'"id"'/'"i\u0064"'}" >"$dir/set.json" && bad "unknown" params show "$dir/set.json"
	echo "${base/'"tags":1'/'"tags":1,"tags":1'}" >"$dir/set.json"
	bad "tags is there twice" params show "$dir/set.json"
}

t_read_not_json() {
	local text
	while IFS= read -r text; do
		printf '%s' "$text" >"$dir/set.json"
		bad "$dir/set.json" params show "$dir/set.json"
	done < <(not_json "$base")
	printf '%s\0' "$base" >"$dir/set.json" && bad NUL params show "$dir/set.json"
	: >"$dir/set.json" && bad "$dir/set.json" params show "$dir/set.json"
	# Cut off anywhere, it is refused.
	local i
	for ((i = 1; i < ${#base}; i += 7)); do
		printf %s "${base:0:i}" >"$dir/set.json"
		bad "$dir/set.json" params show "$dir/set.json"
	done
}

t_read_files() {
	bad "$dir/absent" params show "$dir/absent"
	bad "$dir" params show "$dir"
	bad "too long" params show /dev/zero
	bad FILE params show ''
	head -c 2000000 /dev/zero | tr '\0' ' ' >"$dir/set.json"
	bad "too long" params show "$dir/set.json"
	bad FILE params show
	bad '"more"' params show "$dir/set.json" more
	bad "file name" params show "$dir/"$'file name\nwith a line break' || :
	printf %s "$base" >"$dir/set.json"
	chmod 644 "$dir/set.json"
	invoke params show "$dir/set.json"
	check_equal "status with a file that others may read" "$status" 0
	[[ $said == "Warning: labelhop: "*"chmod 600." ]] || fail "no warning of open permissions"
	chmod 602 "$dir/set.json"
	invoke params show "$dir/set.json"
	[[ $said == "Warning: labelhop: "*"change"*"chmod 600." ]] || fail "no warning that others may write it"
	chmod 600 "$dir/set.json"
	if [ "$(id -u)" = 0 ]; then
		chown 65534 "$dir/set.json"
		invoke params show "$dir/set.json"
		[[ $said == "Warning: labelhop: "*"belongs to another user: chown." ]] || fail "no warning of the owner"
		chown 0 "$dir/set.json"
	fi
	if [ "$(id -u)" != 0 ]; then
		chmod 000 "$dir/set.json"
		bad "$dir/set.json" params show "$dir/set.json"
	fi
	rm -f "$dir/set.json"
}

t_show_hides_seed() {
	printf %s "$base" >"$dir/set.json"
	for options in '' -j '-j -p'; do
		# shellcheck disable=SC2086 # options are words
		good $options params show "$dir/set.json"
		! grep -qi '0001020304' "$dir/out" || fail "the seed is shown"
	done
	good -j params show "$dir/set.json"
	check_equal "facts" "$(value '[.cycle, ."label-count", ."slot-count", ."bits-per-tag", ."bytes-added"] | @csv')" \
		1000000000,2,1,20,4
}

# derive AT PAYLOAD WORD...
derive() { good -j derive params "$dir/set.json" at "$1" payload "${@:2}"; }

t_derive_known() {
	printf %s "$base" >"$dir/set.json"
	derive 1500000000 4500001400000000000000000000000000000000
	check_equal "slot" "$(value '[.slot, .start, .end] | @csv')" 1,1000000000,2000000000
	"$repo/selftests/cli/known_answers.py" "$labelhop" "$dir" "$repo/selftests/vectors" ||
		fail "the command differs from the vectors"
	# In text the same.
	good derive params "$dir/set.json" at 1500000000 payload ''
	grep -q '^slot 1 start 1000000000 end 2000000000$' "$dir/out" || fail "no slot in text"
}

t_derive_bad() {
	local v
	edited '.epoch = 1000 | .lifetime = 1000'
	derive 1000 00 && derive 1999 00
	bad "at" derive params "$dir/set.json" at 999 payload 00
	bad "at" derive params "$dir/set.json" at 2000 payload 00
	for v in '' -1 x 1.5 18446744073709551616 0x10 now; do
		bad "at:" derive params "$dir/set.json" at "$v" payload 00
	done
	for v in 0 0g 0x00 ' 00' 000 4500 6000 45000014000000000000000000000000000000 \
		4500001300000000000000000000000000000000 4500001500000000000000000000000000000000 \
		60000000000000000000000000000000000000000000000000000000000000000000000000000000 \
		6000000100000000000000000000000000000000000000000000000000000000000000000000000000; do
		case $v in
		6000*0000) derive 1000 "$v" ;; # a whole header, or one with its byte
		*) bad "payload" derive params "$dir/set.json" at 1000 payload "$v" ;;
		esac
	done
	for v in 45 60 02; do derive 1000 "$v" payload-kind pw-no-cw; derive 1000 "$v" payload-kind link; done
	# A control word with the length of a frame, and without.
	derive 1000 "00120000$(printf %028d 0)" payload-kind pw
	derive 1000 "00000000$(printf %028d 0)" payload-kind pw
	# Bits that RFC 4448 has the receiver ignore.
	derive 1000 "00400000$(printf %028d 0)" payload-kind pw
	derive 1000 "00800000$(printf %028d 0)" payload-kind pw
	for v in '' 000000 "00110000$(printf %028d 0)" "00130000$(printf %028d 0)" "00000000$(printf %026d 0)" \
		"10000000$(printf %028d 0)"; do
		bad "a control word" derive params "$dir/set.json" at 1000 payload "$v" payload-kind pw
	done
	for v in '' PW ethernet 1; do
		bad "payload-kind: " derive params "$dir/set.json" at 1000 payload 00 payload-kind "$v"
	done
	bad "payload" derive params "$dir/set.json" at 1000
	bad "at" derive params "$dir/set.json" payload 00
	bad "params" derive at 1000 payload 00
	bad "params" derive
	bad "twice" derive at 1 at 1
}

t_random_sets() {
	"$repo/selftests/cli/random_sets.py" "$labelhop" "$dir" 200 || fail "see above"
}

# Where the command keeps the seed, and the copies that libraries make.
t_seed_in_memory() {
	printf %s "$base" >"$dir/set.json"
	ASAN_OPTIONS=detect_leaks=0 strace -e trace=madvise,mlock,prctl -o "$dir/calls" \
		"$labelhop" params show "$dir/set.json" >/dev/null || fail "strace: $?"
	check "the seed is in core dumps" grep -qE 'MADV_DONTDUMP\) += 0' "$dir/calls"
	grep -E '^(madvise|prctl).*= -1' "$dir/calls" && fail "what keeps it out of them fails"
	check "copies are in core dumps" grep -q 'PR_SET_DUMPABLE, SUID_DUMP_DISABLE) *= 0' "$dir/calls"
}
