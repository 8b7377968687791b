#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# usage: guest.sh SIDE COMMAND...
#
# In a guest: makes one half of the network and runs COMMAND. SIDE is 1, the west with
# the grandmaster, or 2.
#
#   [TIME]ptp -- time[PE]core -- pe[P]wire == the other guest's
#
# ptp4l is in TIME, 10.255.SIDE.1: labels that are pushed by PE, behind a device, don't
# cost it its time stamps. PE pushes, its P router swaps, the other guest's pops:
#
#   70O, then 71O   the PTP LSP, to the other's TIME and for nothing else
#   80O, then 81O   customers: VRF vI, VPN label 1000+I, address 172.16.I.SIDE
#
# with O for the other's SIDE. VRFs are as many as $LABELHOP_PTP_VRFS says. Outside of
# the namespaces the guests reach each other by 10.99.0.SIDE, for the driver.
set -euo pipefail
side=$1 other=$((3 - $1))
shift

modprobe -a virtio_net veth vrf mpls_router mpls_iptunnel sch_netem lh_phc
# by_mac BYTE: the device that has it last in its address.
by_mac() { ip -o link | sed -n "s/^[0-9]*: \([^:@]*\).*ether 02:00:00:00:[0-9a-f]*:$1 .*/\1/p"; }

control=$(by_mac 0c)
ip address add "10.99.0.$side/24" dev "$control"
ip link set "$control" up

ip netns add TIME
ip netns add PE
ip netns add P
ip link add ptp netns TIME type veth peer name time netns PE
ip link add core netns PE type veth peer name pe netns P
ip link set "$(by_mac 0d)" name wire netns P

ip -n TIME -b - <<END
link set lo up
address add 10.255.$side.1/30 dev ptp
link set ptp up
route add default via 10.255.$side.2
END

ip -n P -b - <<END
link set lo up
address add 10.0.$side.2/30 dev pe
address add 10.0.9.$side/30 dev wire
link set pe up
link set wire up
END
ip netns exec P sysctl -qw net.mpls.platform_labels=1048575 net.mpls.conf.pe.input=1 \
	net.mpls.conf.wire.input=1 net.ipv4.ip_forward=1
for lsp in 7 8; do
	ip -n P -f mpls route add "${lsp}0$other" as "${lsp}1$other" via inet "10.0.9.$other" dev wire
	ip -n P -f mpls route add "${lsp}1$side" via inet "10.0.$side.1" dev pe
done

ip -n PE -b - <<END
link set lo up
address add 10.255.$side.2/30 dev time
address add 10.0.$side.1/30 dev core
link set time up
link set core up
route add 10.255.$other.0/30 encap mpls 70$other via inet 10.0.$side.2 dev core
END
ip netns exec PE sysctl -qw net.mpls.platform_labels=1048575 net.mpls.conf.core.input=1 \
	net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.core.rp_filter=0
for ((i = 1; i <= LABELHOP_PTP_VRFS; i++)); do
	cat <<-END
		link add v$i type vrf table $((100 + i))
		address add 172.16.$i.$side/32 dev v$i
		link set v$i up
		route add vrf v$i 172.16.$i.$other/32 encap mpls 80$other/$((1000 + i)) via inet 10.0.$side.2 dev core
	END
done | ip -n PE -b -
for ((i = 1; i <= LABELHOP_PTP_VRFS; i++)); do
	echo "route add $((1000 + i)) dev v$i"
done | ip -n PE -f mpls -b -

"$@"
