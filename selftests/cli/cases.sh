# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Tables for run.sh.

# set_member SET MEMBER TEXT: the set with TEXT as the value of MEMBER.
set_member() {
	local before=${1%%"\"$2\":"*} after=${1#*"\"$2\":"}
	[[ $after =~ ^(\[[^]]*\]|\"[^\"]*\"|[0-9]+)(.*)$ ]] || return
	printf '%s"%s":%s%s\n' "$before" "$2" "$3" "${BASH_REMATCH[2]}"
}

# Lines of a member, a tab and a JSON text that is allowed as its value.
good_members() {
	cat <<-'END' | tr '|' '\t'
		id|"0000000000000000"
		id|"FFFFFFFFFFFFFFFF"
		generation|4294967295
		label|16
		label|1048575
		labels|[16]
		labels|[1048575, 16]
		slots|[1000]
		slots|[86400000000000, 1000]
		hash-len|1
		hash-len|65535
		hash-len|"full"
		tags|3
		select|"0xffff"
		select|"0xFFFF"
		select|"0x000000000000ffff"
		epoch|9223372036854775807
		epoch|9223372036854775808
		epoch|18446744073709551615
		lifetime|18446744073709551615
		seed|"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
	END
}

# The same, not allowed.
bad_members() {
	local v
	# What is no integer, or too great a one.
	for v in null true '"1"' '""' '[]' '[1]' '{}' 1.0 1.5 1e1 -1 -0.0 18446744073709551616 \
		99999999999999999999999 -9223372036854775809; do
		for m in labelhop generation label tags epoch lifetime; do
			printf '%s\t%s\n' "$m" "$v"
		done
		[ "$v" = '[]' ] || printf 'hash-len\t%s\nlabels\t[1000,%s]\nslots\t[1000,%s]\n' "$v" "$v" "$v"
	done
	# What is no string of digits.
	for v in null true 1 0 '""' '[]' '["0xffff"]' '{}' '"x"' '"0123456789abcdeg"' '" 0123456789abcde"'; do
		for m in id hash select seed; do
			printf '%s\t%s\n' "$m" "$v"
		done
	done
	cat <<-'END' | tr '|' '\t'
		labelhop|0
		labelhop|2
		labelhop|4294967297
		id|"0123456789abcde"
		id|"0123456789abcdef0"
		id|"0x23456789abcdef"
		id|"0123456789abcde\u0000"
		generation|0
		generation|4294967296
		label|0
		label|15
		label|1048576
		label|4294967496
		labels|[]
		labels|1000
		labels|[15]
		labels|[1048576]
		labels|[4294968296]
		labels|[1000,1000]
		labels|[1000,200]
		labels|[[1000]]
		slots|[]
		slots|1000
		slots|[999]
		slots|[86400000000001]
		hash|"SIPHASH-2-4"
		hash|"siphash"
		hash-len|0
		hash-len|65536
		hash-len|"64"
		hash-len|"Full"
		tags|0
		tags|4
		tags|257
		select|"0x7fff"
		select|"0x"
		select|"ffff"
		select|"0X1ffff"
		select|"0x0ffffffffffffffff"
		seed|"00"
		seed|"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00"
		seed|"g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	END
	# Too many entries.
	printf 'labels\t[%s]\n' "$(seq -s, 1000 5096)"
	printf 'slots\t[%s]\n' "$(printf '1000,%.0s' {1..256})1000"
}

# Texts, a line each, that are no set because they are no JSON object.
not_json() {
	printf '%s\n' ' ' '{}' '[]' '"x"' 1 null '{' '}' '[' "[$1]" "$1$1" "$1x" "$1,"
	# shellcheck disable=SC1003 # a backslash
	printf '%s\n' '\' '{"' '{"id' '{"id"' '{"id":' '{"id":}' '{"id":"' '{"id":"\' '{id:1}' \
		"{'id':1}" '{"id":1,}' '{"id":0x1}' '{"tags":01}' '{"tags":+1}' '{"tags":NaN}' \
		'{"tags":Infinity}' '/**/{}' '// x' "${1/\}/,\}}" "${1/,/}" "${1/:/}" "${1/\"id/id}"
	printf '[%.0s' {1..2000}
	echo
	printf '{"id":%.0s' {1..2000}
	echo
	printf '{"id":"\xff\xfe"}\n'
}
