# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # for topo.sh, and set by setup_ns
# One PE and its doors in network namespaces, to enslave, rename and move; sourced.
#
#   FAR far -- e0[PE]ce -- pe CE
#                VRF blue, VPN label 200
#
# Who is in FAR sends the PE what he likes. MPLS input is on on e0 and lo; the tests
# switch it on on what they make. Addresses are those of topo.sh's PE2 and P2: e0 is
# 02:00:00:00:05:02, far :01, CE 192.168.2.1.

# shellcheck source=selftests/topo.sh
. "$(dirname "${BASH_SOURCE[0]}")/topo.sh"

topo_names=(FAR PE CE)

door_links() {
	echo "link add name e0 netns $PE address 02:00:00:00:05:02 type veth peer name far netns $FAR address 02:00:00:00:05:01
		link add name ce netns $PE type veth peer name pe netns $CE"
}

door_pe() {
	printf 'sysctl net.ipv6.conf.%s.disable_ipv6 1\n' all default
	echo "sysctl net.ipv4.ip_forward 1
		sysctl net.mpls.platform_labels 65535
		sysctl net.mpls.conf.lo.input 1
		sysctl net.mpls.conf.e0.input 1
		link set lo up
		link set e0 up
		link add blue type vrf table 10
		link set blue up
		link set ce master blue
		address add 192.168.2.254/24 dev ce
		link set ce up
		mpls route add 200 dev blue"
}

door_ce() {
	echo "link set lo up
		address add 192.168.2.1/24 dev pe
		link set pe up
		route add default via 192.168.2.254"
}

topo_up() {
	need_module mpls_router mpls_iptunnel mpls_gso vrf || return
	setup_ns "${topo_names[@]}" || return
	door_links | ip -b - || return
	topo_take "$FAR" "$(printf 'sysctl net.ipv6.conf.all.disable_ipv6 1\nlink set far up\n')"
	topo_take "$PE" "$(door_pe)"
	topo_take "$CE" "$(door_ce)"
	topo_run "$FAR" "$PE" "$CE" || return
	busywait 20 ip netns exec "$PE" ping -q -c 1 -W 1 -I blue 192.168.2.1
}
