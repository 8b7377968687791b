#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2317 # tests are called by name
# usage: test.sh
#
# KTAP test of the demo: in a pipe on 6.12 and 7.3, and on 6.1 on a terminal, with
# the shell at its end, into which something is typed.
set -u
demo=$(cd "$(dirname "$0")" && pwd -P)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
typed=$tmp/typed

tests=()
for kernel in 6.12 7.3; do
	for name in passes rows attacks_are_real is_protected labels_hop plain_in_a_pipe fits_80_columns; do
		tests+=("$name $kernel")
	done
done
tests+=(passes_6_1 shell_runs shell_attacks "vpls 6.1" "vpls_rows 6.1" "fits_80_columns 6.1")

# -- on 6.12 and 7.3, in a pipe: $piped is what came out of it ---------------

passes() { KERNEL=$1 SHELL_AT_END='' "$demo/run" >"$piped" 2>&1 </dev/null; }

# row NUMBERS-AND-REASON ATTACK: in the table at the end, as extended patterns
row() {
	sed -n '/What came of it/,/^ *\[1\]/p' "$piped" | tr -s ' ' | grep -Eqx " $2 $1" && return
	echo "no row '$2' with '$1'"
	return 1
}

rows() {
	row '1000 1000 0 bare 1000' 'bare VPN label' &&
		row '10000 1 0 bad-hop 1[0-6](, bad-tag [0-9]+)? \[1\]' 'guessed hop labels' &&
		row '1000 1000 [012] bad-(hop|tag) [0-9]+.*' 'earlier hop label, guessed tag' &&
		row '1000 1000 [012] bad-tag [0-9]+' 'right hop label, guessed tag' &&
		row '1000 1000 [012] bad-tag [0-9]+' "right hop label, another's tag" &&
		row '1000 1000 [012] bad-tag [0-9]+' 'payload changed' &&
		row '1000 1000 [012] bad-(hop|tag) [0-9]+.*' 'replay after the slot' &&
		row '1000 1000 1000 nothing \[2\]' 'replay at once, within the slot' &&
		row '1000 1000 1000 nothing \[3\]' 'payload changed beyond hash-len'
}

attacks_are_real() { grep -Eq 'bare VPN label +1000 sent +1000 at CE2' "$piped"; }

is_protected() { [ "$(grep -c 'UDP flow: .* 0 lost' "$piped")" = 2 ]; }

# hops: how many different hop labels the demo has shown
hops() {
	awk '$2 == "slot" && $4 == 3102 && $5 == 0 && $7 == 0 && $9 == 1 { print $6 }' "$piped" |
		sort -u | wc -l
}

labels_hop() { [ "$(hops)" -ge 2 ]; }

plain_in_a_pipe() { ! LC_ALL=C grep -n '[^ -~]' "$piped"; }

fits_80_columns() { ! grep -nE '^.{81,}' "$piped"; }

# -- the VPLS demo, in a pipe ------------------------------------------------

vpls() { KERNEL=$1 SHELL_AT_END='' "$demo/run" --vpls >"$piped" 2>&1 </dev/null; }

vpls_rows() {
	local line
	for line in 'bare pseudowire label +1000 +0' 'bare, on the pseudowire to PE1 +1000 +0' \
		'10,000 labels and tags guessed +- +0' 'right hop label, guessed tags +- +0' \
		'A ping from SITE3 to SITE2 all the time: 0 % lost.'; do
		grep -Eqx " *$line" "$piped" || { echo "no line '$line'" && return 1; }
	done
}

# -- on 6.1, on a terminal -------------------------------------------------

passes_6_1() {
	KERNEL=6.1 SHELL_AT_END=1 TERM=xterm "$demo/terminal.py" 900 'demo# ' \
		'pe2 labelhop session show | sed s/^/typed:/' 'attack bare 50' exit \
		-- "$demo/run" >"$typed" 2>&1
}

shell_runs() { grep -q 'typed:blue-in: dir in policy strict' "$typed"; }

shell_attacks() { grep -q 'bare: 50 sent, 0 reached CE2; labelhop dropped: bare 50' "$typed"; }

echo "KTAP version 1"
echo "1..${#tests[@]}"
failed=0
for ((i = 0; i < ${#tests[@]}; i++)); do
	piped=$tmp/piped-${tests[i]#* }
	# shellcheck disable=SC2086 # a function and its argument
	if ${tests[i]} >"$tmp/said" 2>&1; then
		echo "ok $((i + 1)) ${tests[i]}"
		continue
	fi
	failed=1
	sed 's/^/# /' "$tmp/said"
	case ${tests[i]} in
	passes\ * | vpls\ *) sed 's/^/# /' "$piped" ;;
	passes_6_1 | shell_*) tr -d '\r\033' <"$typed" | sed 's/^/# /' ;;
	esac
	echo "not ok $((i + 1)) ${tests[i]}"
done
exit "$failed"
