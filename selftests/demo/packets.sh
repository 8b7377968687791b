# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # some are for those who source this
# Packets as hex digits: made, and what an attacker makes of captured ones. Sourced.
# A function that makes one leaves it in REPLY, as each $() costs an emulated
# machine a process.

# What an Ethernet frame from ASBR1 to ASBR2 begins with, and one from CE1 to PE1.
readonly wire_header=0200000003020200000003018847
readonly customer_header=0200000006020200000006010800

readonly ce1_address=c0a80101 ce2_address=c0a80201 forger_address=c0a80142

# Port of CE2 that the demo's packets go to: somebody takes them there, or there
# would be ICMP errors.
readonly demo_port=4000

# Texts within a customer's packet. Their halves can be swapped without changing
# the UDP checksum, as a sum doesn't know the order of what was added: the first
# within the bytes that labelhop hashes (64), the other beyond.
readonly order='pay 0090 euro to account' order_changed='pay 9000 euro to account'
readonly payee='ALICE-01BOBBY-02' payee_changed='BOBBY-02ALICE-01'

# hex TEXT
hex() {
	local i out='' digits
	for ((i = 0; i < ${#1}; i++)); do
		printf -v digits %02x "'${1:i:1}"
		out+=$digits
	done
	REPLY=$out
}

# internet_checksum HEX
internet_checksum() {
	local sum=0 i
	for ((i = 0; i < ${#1}; i += 4)); do
		sum=$((sum + 0x${1:i:4}))
	done
	while ((sum > 65535)); do
		sum=$(((sum & 65535) + (sum >> 16)))
	done
	printf -v REPLY %04x $((65535 - sum))
}

# udp_packet SOURCE DATA: an IPv4 packet to CE2; both as hex, DATA of even length
udp_packet() {
	local length=$((8 + ${#2} / 2)) udp ip
	printf -v udp '%04x%04x%04x' 4001 "$demo_port" "$length"
	printf -v ip '4500%04x00004000' $((20 + length))
	internet_checksum "$1${ce2_address}0011${udp:8:4}${udp}0000$2"
	udp+=$REPLY$2
	internet_checksum "${ip}40110000$1$ce2_address"
	REPLY=${ip}4011$REPLY$1$ce2_address$udp
}

# label_entry LABEL S: with TTL 62, as it would be behind ASBR1
label_entry() { printf -v REPLY '%05x%x3e' "$1" "$2"; }

# forged_packet MAGIC: what the attacker wants in the customer's network
forged_packet() {
	hex "forged "
	udp_packet "$forger_address" "$1${REPLY}21"
}

# customer_frames COUNT MAGIC: frames of CE1, each different from the others by a
# number that is there twice, once turned, so that the checksum is the same.
customer_frames() {
	local data=$2
	hex "$order$payee"
	udp_packet "$ce1_address" "${data}0000ffff$REPLY"
	awk -v n="$1" -v at="$((${#customer_header} + 56 + ${#data}))" \
		-v frame="$customer_header$REPLY" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "%s%04x%04x%s\n", substr(frame, 1, at), i, 65535 - i,
				substr(frame, at + 9)
	}'
}

# captured_frames WHAT [HEX [HEX]] <CAPTURE: frames out of what lh-cap printed.
#   as-is                  the same again
#   payload NEW            their label stacks, with another packet below
#   change OLD NEW         with other bytes somewhere in the packet
captured_frames() {
	awk -F '"' -v what="$1" -v a="${2-}" -v b="${3-}" '
	function stack(text,    e, n, i, out) {
		gsub(/[^0-9]+/, " ", text)
		n = split(text, e, " ")
		for (i = 1; i < n; i += 4)
			out = out sprintf("%05x%x%02x", e[i], 2 * e[i + 1] + e[i + 2], e[i + 3])
		return out
	}
	$10 == "eth" {
		payload = $18
		if (what == "payload")
			payload = a
		if (what == "change")
			sub(a, b, payload)
		print $12 stack($15) payload
	}'
}

# captured_label POSITION <CAPTURE: a label of the first frame; 0 is the top one
captured_label() {
	awk -F '"' -v n="$1" '$10 == "eth" {
		gsub(/[^0-9]+/, " ", $15)
		split($15, e, " ")
		print e[1 + 4 * n]
		exit
	}'
}
