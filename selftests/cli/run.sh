#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The command without the module: every argument with what is allowed and what
# is not, help, derive, timeline, and that usage, man page and completion say the same.
# Needs no root. Runs a build with AddressSanitizer and UBSan.
# shellcheck disable=SC2317 # the tests are called by name
set -uo pipefail
cd "$(dirname "$0")" || exit
# shellcheck source=selftests/lib.sh
. ../lib.sh
# shellcheck source=selftests/cli/cases.sh
. ./cases.sh
# shellcheck source=selftests/cli/params_new.sh
. ./params_new.sh
# shellcheck source=selftests/cli/params_read.sh
. ./params_read.sh
# shellcheck source=selftests/cli/timeline.sh
. ./timeline.sh
# shellcheck source=selftests/cli/ptp.sh
. ./ptp.sh
# shellcheck source=selftests/cli/commands.sh
. ./commands.sh

labelhop=${LABELHOP:-$repo/.build/tools-san/labelhop}
dir=$(mktemp -d)
defer rm -rf "$dir"
umask 077

make -s -C "$repo/tools" SAN=1 all test >&2 || {
	echo "Bail out! the command does not build"
	exit 1
}

# invoke ARGUMENT...: leaves status, what it said in $said, the rest in $dir/out.
invoke() {
	status=0
	"$labelhop" "$@" >"$dir/out" 2>"$dir/err" </dev/null || status=$?
	said=$(<"$dir/err")
	# A sanitizer speaks through standard error and a status of its own.
	[[ $said != *Sanitizer* && $said != *"runtime error"* ]] || fail "${*@Q}: $said"
}

# bad WORD ARGUMENT...: refused with one sentence, which holds WORD.
bad() {
	local word=$1 LC_ALL=C
	shift
	invoke "$@"
	check_equal "status of ${*@Q}" "$status" 1
	[ ! -s "$dir/out" ] || fail "${*@Q} prints on standard output"
	[[ $said == "labelhop: "* && $said != *$'\n'* ]] || fail "${*@Q} says: $said"
	[[ $said == *"$word"* ]] || fail "${*@Q} does not say $word: $said"
	[[ $said =~ allowed|needed|must ]] || fail "${*@Q} does not say what is allowed: $said"
	[[ ! $said =~ [^\ -~] ]] || fail "${*@Q} prints what can't be shown"
}

# good ARGUMENT...: done, with nothing to complain of.
good() {
	invoke "$@"
	check_equal "status of ${*@Q}" "$status" 0
	[ -z "$said" ] || fail "${*@Q} says: $said"
}

# reaches_kernel ARGUMENT...: nothing wrong with it, only the module is absent.
reaches_kernel() {
	invoke "$@"
	check_equal "status of ${*@Q}" "$status" 2
	check_equal "sentence of ${*@Q}" "$said" \
		"labelhop: the kernel module is not loaded: modprobe labelhop"
}

new() { good params new fec label 200 labels 4 from 1000-1999 slots 2s "$@"; }
bad_new() { bad "$1" params new fec label 200 labels 4 from 1000-1999 slots 2s "${@:2}"; }
value() { jq -r "$1" "$dir/out"; }

# Answers of the kernel: what is said of each, and the exit status.
t_answers() {
	local name wanted said
	while IFS='|' read -r name wanted; do
		said="$("$repo/.build/tools-san/test_nl_error" "$name" 2>&1) $?"
		check_equal "answer $name" "$said" "$wanted"
	done <<-END
		ack| 0
		warning|Warning: labelhop: the sentence. 0
		errno|Error: labelhop: No such file or directory. 2
		eperm|Error: labelhop: not permitted: CAP_NET_ADMIN is needed. 2
		sentence|Error: labelhop: the sentence. 2
		capped|Error: labelhop: the sentence (attribute labels). 2
		whole|Error: labelhop: the sentence (attribute labels). 2
		nest|Error: labelhop: the sentence (attribute params). 2
		in-nest|Error: labelhop: the sentence (attribute params). 2
		header|Error: labelhop: the sentence. 2
		outside|Error: labelhop: the sentence. 2
		attribute|Error: labelhop: Invalid argument (attribute labels). 2
		missing|Error: labelhop: the sentence (attribute dir is missing). 2
		missing-inside|Error: labelhop: the sentence (attribute seed is missing). 2
		pw|Error: labelhop: the sentence (attribute out-label). 2
		missing-pw|Error: labelhop: the sentence (attribute remote is missing). 2
		link|Error: labelhop: the sentence (attribute lsp). 2
		missing-link|Error: labelhop: the sentence (attribute session is missing). 2
		empty|Error: labelhop: No such file or directory. 2
		cut|Error: labelhop: the kernel's answer makes no sense: module and command must be of one version. 2
		positive|Error: labelhop: the kernel's answer makes no sense: module and command must be of one version. 2
		least|Error: labelhop: the kernel's answer makes no sense: module and command must be of one version. 2
		done| 0
		done-errno|Error: labelhop: Message too long. 2
		done-sentence|Error: labelhop: the sentence. 2
		noise| 0
	END
}

t_spec() {
	"$repo/selftests/cli/spec.py" >"$dir/out" && return
	grep -vE '^(ok|KTAP|1\.\.)' "$dir/out" | sed 's/^not ok/# not ok/'
	return 1
}

ktap_tests \
	"fec label" t_label \
	"labels" t_labels \
	"from" t_from \
	"slots" t_slots \
	"hash and hash-len" t_hash \
	"tags" t_tags \
	"select and and" t_mask \
	"epoch" t_epoch \
	"lifetime" t_lifetime \
	"params new: what it prints" t_new_rest \
	"sets that are allowed" t_read_good \
	"sets with a bad member" t_read_bad_members \
	"sets with missing, unknown and repeated members" t_read_missing \
	"sets that are no JSON" t_read_not_json \
	"sets in files that can't be read" t_read_files \
	"params show hides the seed" t_show_hides_seed \
	"core dumps have no seed" t_seed_in_memory \
	"derive: known answers" t_derive_known \
	"derive: bad input" t_derive_bad \
	"timeline: known answers" t_timeline_known \
	"timeline: which slot is now" t_timeline_now \
	"timeline: bad input" t_timeline_bad \
	"200 random sets, against the reference" t_random_sets \
	"session" t_session \
	"session: the delay that ptp4l tells" t_delay_ptp \
	"pw" t_pw \
	"link" t_link \
	"vrf" t_vrf \
	"port, clock, monitor" t_port_clock_monitor \
	"options" t_options \
	"batch" t_batch \
	"help" t_help \
	"answers of the kernel" t_answers \
	"help, man page and completion agree" t_words_agree \
	"the netlink specification agrees with the code" t_spec
