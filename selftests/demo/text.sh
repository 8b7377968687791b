# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # some are for those who source this
# How the demos look on the terminal: at most 80 columns, colours only for eyes;
# and what both say and do. Sourced.

bold='' red='' green='' dim='' plain=''
# In the machine the output is a pipe even if it ends on a terminal; `run` knows.
if [ "${LABELHOP_DEMO_COLOUR:-0}" = 1 ]; then
	bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' dim=$'\e[2m' plain=$'\e[0m'
fi

text_chapter=0

# chapter TITLE
chapter() {
	text_chapter=$((text_chapter + 1))
	printf '\n%s== %d. %s ==%s\n\n' "$bold" "$text_chapter" "$1" "$plain"
}

# note LINE...
note() { printf '  %s\n' "$@"; }

# topology: the picture, and what is on each link
topology() {
	cat <<-END
		  customer                                                         customer
		   blue    .------ AS 65001 -------.     .------ AS 65002 -------.    blue
		           |                       |     |                       |
		  CE1 ---- PE1 ----- P1 ----- ASBR1 ==+== ASBR2 ----- P2 ----- PE2 ---- CE2
		           VRF blue                   |               VRF blue
		  192.168.1.1                   ${red}the attacker${plain}                  192.168.2.1
		  fd01::1                  ${red}sees every frame here${plain}                  fd02::1
		                          ${red}and sends what it likes${plain}

		  Inter-AS VPN, model C (RFC 4364, section 10 c): the PEs talk to each other
		  over both ASes; the ASBRs know no VPN, and check nothing. A packet from CE1
		  to CE2, top label first:

		  link             transport by        without          with labelhop
		  PE1   -> P1      LDP, BGP-LU   1001 3002 ${bold}200${plain}   1001 3002 ${bold}hop tag${plain}
		  P1    -> ASBR1   BGP-LU             3002 ${bold}200${plain}        3002 ${bold}hop tag${plain}
		  ASBR1 -> ASBR2   BGP-LU             3102 ${bold}200${plain}        3102 ${bold}hop tag${plain}  ${red}<- here${plain}
		  ASBR2 -> P2      LDP                2002 ${bold}200${plain}        2002 ${bold}hop tag${plain}
		  P2    -> PE2     (popped)                ${bold}200${plain}             ${bold}hop tag${plain}

		  200 is the VPN label of VRF blue on PE2; the other way it is 100, of PE1.
		  hop is one of a set of labels, another one in each time slot; tag is a
		  keyed hash of the packet.
	END
}

# in_columns TEXT WIDTH: TEXT, right-aligned, red unless it is 0
in_columns() {
	local colour=$red
	[ "$1" != 0 ] || colour=$green
	printf '%s%*s%s' "$colour" "$2" "$1" "$plain"
}

table_head() {
	printf '  %-31s %5s %7s %5s  %s\n' \
		'' '' 'reached' 'CE2' 'labelhop dropped it,' \
		'attack' 'sent' 'without' 'with' 'and counted it as'
	printf '  '
	printf -- '-%.0s' {1..78}
	echo
}

# table_row ATTACK SENT WITHOUT WITH REASONS
table_row() {
	printf '  %-31s %5s %s %s  %s\n' "$1" "$2" \
		"$(in_columns "$3" 7)" "$(in_columns "$4" 5)" "$5"
}

what_next() {
	cat <<-END
		  make demo SHELL_AT_END=1   the same, and then a shell in this network
		  make demo KERNEL=7.3       the same on a newer kernel, or 6.12 (default: 6.1)
		  make check                 all tests
		  make && make install       module, command and manual page for this kernel
		  README.md, Documentation/  what it does and does not do, how to run it on a PE
		  labelhop help              the command; man labelhop once it is installed
	END
}

# -- what went wrong -------------------------------------------------------

wrong=()
# unexpected SENTENCE: the demo goes on, but fails
unexpected() {
	wrong+=("$1")
	printf '  %sUNEXPECTED: %s%s\n' "$red" "$1" "$plain"
}

give_up() {
	printf '\n%sThe demo failed: %s%s\n' "$red" "$1" "$plain"
	exit 1
}

# -- commands --------------------------------------------------------------

# exec_in NAMESPACE COMMAND...: of the network only, and so quicker than ip netns exec
exec_in() {
	local ns=$1
	shift
	nsenter --net="/run/netns/$ns" "$@"
}

# wrapped COMMAND: in lines that fit, as one would type it, into REPLY
wrapped() {
	local word line=''
	REPLY=''
	for word in $1; do
		if [ $((${#line} + ${#word})) -gt 68 ]; then
			REPLY+=$line$'\\\n        '
			line=''
		fi
		line+="$word "
	done
	REPLY+=${line% }
}

# typed PE COMMAND: shows it as one would type it on that PE, and does it there
typed() {
	local ns=${!1}
	wrapped "$2"
	printf '  %s%s#%s %s%s%s\n' "$dim" "$1" "$plain" "$bold" "$REPLY" "$plain"
	(cd "$work" && exec_in "$ns" bash -c "$2" | sed 's/^/  /' && exit "${PIPESTATUS[0]}") && return
	unexpected "on $1 this failed: $2"
	return 1
}
