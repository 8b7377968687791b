# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # for topo.sh, and set by setup_ns
# A VPLS of three sites in network namespaces (RFC 4762, with a full mesh of
# pseudowires and split horizon); sourced.
#
#   SITE1 --lan  ce[PE1]core -- to1[ P ]to2 -- core[PE2]ce  lan-- SITE2
#                                   to3
#                                    |
#                                   core[PE3]ce  lan-- SITE3
#
# Each PE has a bridge `lan` with its site's device `ce` and two pseudowires, pwN to
# PE number N. The pseudowires' ports are isolated from each other: what comes out of
# one goes into no other, since every PE has one to every other.
#
# A frame from PE I to PE J has the labels 100J, which P pops, and 3JI, which PE J gave
# out for what comes from PE I. P is the attacker's too: who is in the core sends what he
# likes to any PE.
#
# Addresses: sites 192.168.100.N, MAC 02:00:00:00:01:0N; PEs 10.255.0.N, core link N
# 10.0.N.1 (PE) and .2 (P), MAC 02:00:00:00:02:N1 and N2.
#
# TOPO_MTU: of the core (1600). VPLS_PWS: none | bare | later (bare): whether
# unprotected pseudowires are made, or the tests make them.

# shellcheck source=selftests/topo.sh
. "$(dirname "${BASH_SOURCE[0]}")/topo.sh"

topo_names=(SITE1 SITE2 SITE3 PE1 PE2 PE3 P)

vpls_links() {
	local n
	for n in 1 2 3; do
		local -n pe=PE$n site=SITE$n
		printf 'link add name core netns %s mtu %s address 02:00:00:00:02:%s1 type veth ' \
			"$pe" "$TOPO_MTU" "$n"
		printf 'peer name to%s netns %s mtu %s address 02:00:00:00:02:%s2\n' \
			"$n" "$P" "$TOPO_MTU" "$n"
		printf 'link add name ce netns %s mtu 9000 type veth ' "$pe"
		printf 'peer name lan netns %s mtu %s address 02:00:00:00:01:0%s\n' \
			"$site" "$VPLS_MTU" "$n"
	done
}

# vpls_hop N END DEVICE: a core link's address, and the neighbour at its other end
vpls_hop() {
	local other=$((3 - $2))
	echo "address add 10.0.$1.$2/24 dev $3
		link set $3 up
		neighbour replace 10.0.$1.$other lladdr 02:00:00:00:02:$1$other dev $3 nud permanent"
}

vpls_pe() { # N
	local n=$1 other
	# What bridges and pseudowires send of their own, such as MLD, is in the tests' way.
	printf 'sysctl net.ipv6.conf.%s.disable_ipv6 1\n' all default
	echo "link set lo up
		address add 10.255.0.$n/32 dev lo"
	vpls_hop "$n" 1 core
	topo_router core
	for other in 1 2 3; do
		[ "$other" = "$n" ] ||
			echo "route add 10.255.0.$other/32 encap mpls 100$other via inet 10.0.$n.2 dev core"
	done
	# mcast_snooping would hold back what nobody asked for.
	echo "link add lan type bridge forward_delay 0 mcast_snooping 0
		link set lan mtu 9000
		link set ce master lan
		link set ce up
		link set lan up"
}

vpls_p() {
	local n
	echo "link set lo up"
	topo_router to1 to2 to3
	for n in 1 2 3; do
		vpls_hop "$n" 2 "to$n"
		echo "mpls route add 100$n via inet 10.0.$n.1 dev to$n"
	done
}

# Neighbours are permanent: a station that asks for one at any time would be learnt
# again by the bridges in the middle of a test.
vpls_site() { # N
	local other
	echo "sysctl net.ipv6.conf.all.disable_ipv6 1
		link set lo up
		address add 192.168.100.$1/24 dev lan
		link set lan up"
	for other in 1 2 3; do
		echo "neighbour replace 192.168.100.$other lladdr 02:00:00:00:01:0$other dev lan nud permanent"
	done
}

# vpls_pw N OTHER ENDS...: a pseudowire from one PE to the other, as a port of the bridge
vpls_pw() {
	local n=$1 other=$2
	shift 2
	local -n pe=PE$n
	labelhop -n "$pe" pw add "pw$other" remote "10.255.0.$other" "$@" &&
		ip -n "$pe" -b - <<-END
			link set pw$other master lan
			link set pw$other type bridge_slave isolated on
			link set pw$other up
		END
}

# vpls_mesh: unprotected pseudowires between all PEs
vpls_mesh() {
	local n other
	for n in 1 2 3; do
		for other in 1 2 3; do
			[ "$n" = "$other" ] ||
				vpls_pw "$n" "$other" in-label "3$n$other" out-label "3$other$n" || return
		done
	done
}

topo_up() {
	: "${TOPO_MTU:=1600}" "${VPLS_MTU:=1500}" "${VPLS_PWS:=bare}"
	local n
	need_module mpls_router mpls_iptunnel mpls_gso bridge || return
	setup_ns "${topo_names[@]}" || return
	vpls_links | ip -b - || return
	topo_take "$P" "$(vpls_p)"
	for n in 1 2 3; do
		local -n pe=PE$n site=SITE$n
		topo_take "$pe" "$(vpls_pe "$n")"
		topo_take "$site" "$(vpls_site "$n")"
	done
	topo_run "$P" "$PE1" "$PE2" "$PE3" "$SITE1" "$SITE2" "$SITE3" || return
	[ "$VPLS_PWS" = bare ] || return 0
	vpls_mesh || return
	busywait 20 vpls_works 2 && busywait 20 vpls_works 3 && return
	echo "# SITE1 does not reach the others"
	return 1
}

# vpls_works N: does SITE1 reach SITE N?
vpls_works() { ip netns exec "$SITE1" ping -q -c 1 -i 0.1 -w 3 "192.168.100.$1"; }
