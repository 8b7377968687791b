#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 12: labels mean something to one router only. Other receivers may use the same
VPN label, and other routers' packets may hold labels of K.

PE3 joins the topology: its core is P2's device `south` (link 8), it has a VRF red with
the address 192.168.3.1, and the VPN label 200, as PE2 has. PE1's VRF red has the
address 192.168.4.1. To PE3 the stack is 1001 | 3003 | 200.
"""

import ktap
from attack import Attacker, stamped
from lab import CE1, CE2, CE2_6, Lab, make_params, socket

PE3_UP = r"""
setup_ns PE3
ip link add south netns "$P2" address 02:00:00:00:08:01 \
	type veth peer name core netns "$PE3" address 02:00:00:00:08:02
{
	topo_core 8 1 south
	echo "sysctl net.mpls.conf.south.input 1"
	topo_label 2003 8 2 south
} | topo_ip "$P2"
{
	echo "link set lo up"
	topo_core 8 2 core
	topo_router core
	echo "link add red type vrf table 20"
	echo "link set red up"
	echo "address add 192.168.3.1/32 dev red"
	echo "mpls route add 200 dev red"
	echo "route add vrf red 192.168.4.0/24 encap mpls 2001/3101/300 via inet 10.0.8.1 dev core"
	echo "route add vrf red 192.168.2.0/24 encap mpls 2002/200 via inet 10.0.8.1 dev core"
} | topo_ip "$PE3"
topo_label 3103 swap 2003 4 2 east | topo_ip "$ASBR2"
topo_label 3003 swap 3103 3 2 east | topo_ip "$ASBR1"
topo_ip "$PE1" <<-END
	link add red type vrf table 20
	link set red up
	address add 192.168.4.1/32 dev red
	route add vrf red 192.168.3.0/24 encap mpls 1001/3003/200 via inet 10.0.1.2 dev core
	mpls route add 300 dev red
END
echo "PE3=$PE3"
"""


def join_pe3(net):
    net.adopt("PE3", net.script(PE3_UP).strip().split("=")[1])
    net.clocks("PE1", "PE2", "PE3")


def ping_red(net, count=5, ok=True):
    return net.run("PE1", f"ping -q -c {count} -i 0.02 -W 2 -I red "
                   "-I 192.168.4.1 192.168.3.1", ok=ok)


def afresh(net):
    net.unprotect("PE1", "PE2", "PE3")


def two_receivers(net, blue, red):
    """Sessions to PE2 and PE3, of the same VPN label, told apart by blue and red."""
    afresh(net)
    east, south = make_params(200, 510000), make_params(200, 520000)
    net.add("PE2", "blue-in", "in", east)
    net.add("PE3", "red-in", "in", south)
    net.add("PE1", "to-pe2", "out", east, blue)
    net.add("PE1", "to-pe3", "out", south, red)
    with net.expect("PE1", "to-pe2", stamped=5), net.expect("PE2", "blue-in", verified=5):
        net.run("CE1", f"ping -q -c 5 -i 0.02 -W 2 {CE2}")
    with net.expect("PE1", "to-pe3", stamped=5), net.expect("PE3", "red-in", verified=5), \
            net.expect("PE1", "to-pe2"), net.expect("PE2", "blue-in"):
        ping_red(net)


@ktap.test("12 a sender with two receivers that use the same VPN label: told apart by outer label")
def by_outer(net):
    two_receivers(net, "outer 3002", "outer 3003")


@ktap.test("12 ... by VRF, also what the PE itself sends")
def by_vrf(net):
    two_receivers(net, "vrf blue", "vrf red")
    # Nobody in the VRF asked for an echo reply's socket to be bound to it.
    with net.expect("PE1", "to-pe2", stamped=3), net.expect("PE2", "blue-in", verified=3):
        net.run("CE2", "ping -q -c 3 -i 0.02 -W 2 192.168.1.254")
    with net.expect("PE1", "to-pe2", stamped=3), net.expect("PE2", "blue-in", verified=3):
        net.run("CE2", "ping -q -c 3 -i 0.02 -W 2 fd01::fe")
    # An ICMP error: nobody listens there.
    with net.expect("PE1", "to-pe2", stamped=1), net.expect("PE2", "blue-in", verified=1):
        with net.inside("CE2"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.sendto(b"x", ("192.168.1.254", 9))


@ktap.test("12 ... by device")
def by_dev(net):
    # The way to PE3 gets a device of its own.
    net.shell('ip link add core2 netns "$PE1" address 02:00:00:00:09:01 type veth '
              'peer name north netns "$P1" address 02:00:00:00:09:02')
    net.shell('topo_core 9 1 core2 | topo_ip "$PE1"')
    net.shell('{ topo_core 9 2 north; echo "sysctl net.mpls.conf.north.input 1"; } | topo_ip "$P1"')
    net.run("PE1", "ip route replace vrf red 192.168.3.0/24 encap mpls 1001/3003/200 "
            "via inet 10.0.9.2 dev core2")
    two_receivers(net, "dev core", "dev core2")
    net.run("PE1", "ip route replace vrf red 192.168.3.0/24 encap mpls 1001/3003/200 "
            "via inet 10.0.1.2 dev core")


def remotes_up(net):
    """PE1's own routes to the PEs, as LDP and BGP-LU would have them."""
    for i in (2, 3):
        net.run("PE1", f"ip route add 10.255.0.{i}/32 encap mpls 1001/300{i} "
                "via inet 10.0.1.2 dev core")


def remotes_down(net):
    for i in (2, 3):
        net.run("PE1", f"ip route del 10.255.0.{i}/32")


@ktap.test("12 ... by remote PE, both families, and when the route to it changes")
def by_remote(net):
    remotes_up(net)
    two_receivers(net, "remote 10.255.0.2", "remote 10.255.0.3")
    with net.expect("PE1", "to-pe2", stamped=5), net.expect("PE1", "to-pe3"):
        net.customer_send(5, b"six", CE2_6)
    # FRR gives out other labels: the VPN's routes and that to the PE change.
    net.shell('topo_label 3302 swap 3102 3 2 east | topo_ip "$ASBR1"')
    for net_of_ce2, via in (("192.168.2.0/24", "inet 10.0.1.2"), ("fd02::/64", "inet6 fd00:1::2")):
        net.run("PE1", f"ip route replace vrf blue {net_of_ce2} encap mpls 1001/3302/200 "
                f"via {via} dev core")
    before = net.stats("PE1", "to-pe2")
    with net.expect("PE1", "to-pe2", pass_unmatched=0), net.expect("PE1", "to-pe3", pass_unmatched=3):
        net.customer_send(3, b"lost")
    net.run("PE1", "ip route replace 10.255.0.2/32 encap mpls 1001/3302 via inet 10.0.1.2 dev core")

    def known():
        net.customer_send(1, b"again")
        return net.stats("PE1", "to-pe2")["stamped"] > before["stamped"]
    ktap.check(ktap.busywait(20, known), "the new way was never learnt")
    with net.expect("PE1", "to-pe2", stamped=10), net.expect("PE1", "to-pe3"):
        net.customer_send(5, b"found")
        net.customer_send(5, b"found", CE2_6)
    # ECMP: each next hop of the route to the PE is a way.
    net.run("PE1", "ip route replace 10.255.0.2/32 nexthop encap mpls 1001/3302 via inet 10.0.1.2 "
            "dev core nexthop encap mpls 1001/3002 via inet 10.0.1.2 dev core")
    net.run("PE1", "ip route replace vrf blue 192.168.2.0/24 encap mpls 1001/3002/200 "
            "via inet 10.0.1.2 dev core")
    ktap.busywait(20, lambda: net.customer_send(1, b"again") or
                  net.stats("PE1", "to-pe2")["stamped"] > before["stamped"] + 12)
    with net.expect("PE1", "to-pe2", stamped=10):
        net.customer_send(5, b"equal")
        net.customer_send(5, b"equal", CE2_6)
    status, _, err = net.add("PE1", "twice", "out", make_params(200), "remote 10.255.0.2", ok=False)
    ktap.check(status == 2 and "to-pe2" in err, f"the same PE twice: {status}, {err!r}")
    status, _, err = net.add("PE1", "twice", "out", make_params(201), "remote 10.255.0.2 dev core",
                             ok=False)
    ktap.check(status == 2 and "go with remote" in err, f"remote and dev: {status}, {err!r}")
    net.run("PE1", "ip route replace vrf blue fd02::/64 encap mpls 1001/3002/200 "
            "via inet6 fd00:1::2 dev core")
    remotes_down(net)
    afresh(net)


def to_remote(net, remote, routes, to, stamped=5):
    """Packets of the customer's that the session to that PE stamps, with these routes."""
    afresh(net)
    for route in routes:
        net.run("PE1", f"ip route replace {route}")
    net.add("PE1", "to-pe", "out", make_params(200, 510000), f"remote {remote}")
    with net.expect("PE1", "to-pe", **{"stamped" if stamped else "pass_unmatched": 5}):
        net.customer_send(5, b"remote", to)


@ktap.test("12 ... by remote PE over IPv6, with several next hops, and by next hop objects")
def by_remote_6(net):
    vpn = "vrf blue fd02::/64 encap mpls 1001/3002/200 via inet6 fd00:1::2 dev core"
    way = "encap mpls 1001/3002 via inet6 fd00:1::2 dev core"
    to_remote(net, "fd00:255::2", [vpn, f"fd00:255::2/128 {way}"], CE2_6)
    to_remote(net, "fd00:255::2", [
        vpn, f"fd00:255::2/128 nexthop encap mpls 1001/3302 via inet6 fd00:1::2 dev core nexthop {way}"],
              CE2_6)
    net.run("PE1", "ip -6 route del fd00:255::2/128")
    net.run("PE1", "ip nexthop add id 9 encap mpls 1001/3002 via fd00:1::2 dev core")
    to_remote(net, "fd00:255::2", [vpn, "fd00:255::2/128 nhid 9"], CE2_6)
    net.run("PE1", "ip -6 route del fd00:255::2/128")
    net.run("PE1", "ip nexthop del id 9")
    # Without a route there is no way, and what goes another way is for no session.
    to_remote(net, "fd00:255::9", [vpn], CE2_6, stamped=0)


@ktap.test("12 ... by remote PE that is the next hop, or is reached by it without a label")
def by_remote_near(net):
    vpn = "vrf blue 192.168.2.0/24 encap mpls 200 via inet 10.0.1.2 dev core"
    vpn_6 = "vrf blue fd02::/64 encap mpls 200 via inet6 fd00:1::2 dev core"
    to_remote(net, "10.0.1.2", [vpn], CE2)
    to_remote(net, "10.255.0.7", [vpn, "10.255.0.7/32 via 10.0.1.2 dev core"], CE2)
    to_remote(net, "10.255.0.7", [vpn, "10.255.0.7/32 via inet6 fd00:1::2 dev core"], CE2)
    to_remote(net, "fd00:1::2", [vpn_6], CE2_6)
    to_remote(net, "fd00:255::7", [vpn_6, "fd00:255::7/128 via fd00:1::2 dev core"], CE2_6)
    # The PE behind another next hop of the link is another PE.
    net.run("PE1", "ip neighbour replace 10.0.1.3 lladdr 02:00:00:00:01:03 dev core nud permanent")
    net.run("PE1", "ip address add 10.0.1.9/24 dev core")
    to_remote(net, "10.0.1.3", [vpn], CE2, stamped=0)
    net.run("PE1", "ip address del 10.0.1.9/24 dev core")
    for route in ("vrf blue 192.168.2.0/24 encap mpls 1001/3002/200 via inet 10.0.1.2 dev core",
                  "vrf blue fd02::/64 encap mpls 1001/3002/200 via inet6 fd00:1::2 dev core"):
        net.run("PE1", f"ip route replace {route}")
    net.run("PE1", "ip route del 10.255.0.7/32")
    net.run("PE1", "ip -6 route del fd00:255::7/128")
    for remotes, sentence in (("remote 224.0.0.1", "global unicast"),
                              ("remote ff02::1", "global unicast"), ("remote fe80::1", "global unicast")):
        status, _, err = net.add("PE1", "bad", "out", make_params(201), remotes, ok=False)
        ktap.check(status == 2 and sentence in err, f"{remotes}: {status}, {err!r}")
    afresh(net)


@ktap.test("12 ... by inner prefix")
def by_prefix(net):
    two_receivers(net, f"prefix {CE2}/32 prefix fd02::/16", "prefix 192.168.3.0/24")


@ktap.test("12 sessions out that match the same packets are refused, and named")
def refused(net):
    afresh(net)
    net.add("PE1", "first", "out", make_params(200))
    for options in ("", "outer 3002", "vrf red", "dev core", "prefix 192.168.3.0/24"):
        status, _, err = net.add("PE1", "second", "out", make_params(200), options, ok=False)
        ktap.equal(f"status with {options!r}", status, 2)
        ktap.check("first" in err, f"{err!r} doesn't name the other session")
    for one, other in (("dev core", "dev core outer 3002"), ("outer 3002", "outer 3002 dev core"),
                       ("vrf red", "vrf red"), ("prefix 10.0.0.0/8", "prefix 10.1.0.0/16"),
                       ("prefix fd02::/16", "prefix 10.0.0.0/8 prefix fd02::/17")):
        afresh(net)
        net.add("PE1", "first", "out", make_params(200), one)
        status, _, err = net.add("PE1", "second", "out", make_params(200), other, ok=False)
        ktap.check(status == 2 and "first" in err, f"{one!r} and {other!r}: {status}, {err!r}")
    ktap.equal("sessions on PE1", net.labelhop("PE1", "-j session show").count('"name"'), 1)
    net.add("PE1", "third", "out", make_params(201))


@ktap.test("12 two senders that share a VPN label at a receiver, each with its own K")
def two_senders(net):
    afresh(net)
    one, three = make_params(200, 510000), make_params(200, 520000)
    net.add("PE2", "from-pe1", "in", one)
    net.add("PE2", "from-pe3", "in", three)
    net.add("PE1", "to-pe2", "out", one, "outer 3002")
    net.add("PE3", "to-pe2", "out", three, "outer 2002")
    with net.expect("PE2", "from-pe1", verified=5), net.expect("PE2", "from-pe3"):
        net.run("CE1", f"ping -q -c 5 -i 0.02 -W 2 {CE2}")
    # CE2's answer has no way back to PE3.
    with net.expect("PE2", "from-pe3", verified=5), net.expect("PE2", "from-pe1"), \
            net.expect("PE3", "to-pe2", stamped=5):
        net.run("PE3", "ping -q -c 5 -i 0.02 -W 0.2 -I red "
                f"-I 192.168.3.1 {CE2}", ok=False)
    # A tag is good for its own session's hop label only.
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"mix")
    mixed = stamped(one, packet)[:4]
    with net.expect("PE2", "from-pe1", drop_bad_tag=1), net.expect("PE2", "from-pe3"):
        attacker.inject_bytes(mixed + stamped(three, packet)[4:])
    net.labelhop("PE2", "session del from-pe1")
    with net.expect("PE2", "from-pe3", verified=1):
        attacker.inject_bytes(stamped(three, packet))


@ktap.test("12 overlapping K, or a K that holds another's VPN label, is refused, and named")
def overlapping(net):
    afresh(net)
    net.add("PE2", "first", "in", make_params(200, 510000))
    first = net.show("PE2", "first")
    taken = make_params(201, 520000)
    taken["labels"][3] = first["labels"][5] if "labels" in first else first["params"]["labels"][5]
    vpn = make_params(202, 520000)
    vpn["labels"][0] = 200
    of_k = make_params(taken["labels"][3], 530000)
    for params in (taken, vpn, of_k):
        status, _, err = net.add("PE2", "second", "in", params, ok=False)
        ktap.equal("status", status, 2)
        ktap.check("first" in err, f"{err!r} doesn't name the other session")
    ktap.equal("sessions on PE2", net.labelhop("PE2", "-j session show").count('"name"'), 1)


@ktap.test("12 a set with the id or the seed of another session's is refused, and named")
def drawn_twice(net):
    afresh(net)
    east = make_params(200, 510000)
    net.add("PE2", "blue-in", "in", east)
    for member, sentence in (("id", "the set is already used by session blue-in"),
                             ("seed", "the set has the seed of session blue-in")):
        path = net.file(make_params(300, 530000, **{member: east[member]}))
        for direction in ("in", "out"):
            said = net.labelhop("PE2", f"session add again dir {direction} params {path}", ok=False)
            ktap.check(sentence in said[2], f"{member}, {direction}: {said!r}")
    net.tell("PE2", "session del blue-in")
    net.add("PE2", "again", "in", make_params(300, 530000, seed=east["seed"]))
    afresh(net)


@ktap.test("12 transit traffic whose inner labels are in K passes untouched")
def transit_inner(net):
    afresh(net)
    net.protect()
    for name in ("P1", "ASBR2", "P2"):
        net.clocks(name)
        other = make_params(200, 540000)
        # Just those labels that the packets carry below the top.
        other["labels"] = list(net.east["labels"])
        net.add(name, "mine", "in", other)
    # P2 hands on with the hop label on top, but it comes in below 2002.
    with net.expect("P1", "mine"), net.expect("ASBR2", "mine"), net.expect("P2", "mine"), \
            net.expect("PE2", "blue-in", verified=10):
        net.customer_send(5, b"transit")
        net.customer_send(5, b"transit", CE2_6)
    net.unprotect("P1", "ASBR2", "P2")


@ktap.test("12 a transit LSR with equal label values stamps nobody else's packets")
def transit_out(net):
    afresh(net)
    for name in ("P1", "ASBR1", "P2"):
        net.clocks(name)
        net.add(name, "mine", "out", make_params(200))
    with net.tap("CE2", "pe", magic=b"lsr") as tap:
        net.customer_send(10, b"lsr")
        net.customer_send(10, b"lsr", CE2_6)
        ktap.equal("reached CE2", len(tap.wait(20)), 20)
    for name in ("P1", "ASBR1", "P2"):
        ktap.equal(f"{name} stamped", net.stats(name, "mine")["stamped"], 0)
    # With PE2 protected, what P2 forwards comes stamped by PE1 alone.
    net.protect()
    with net.expect("PE2", "blue-in", verified=5), net.expect("P2", "mine"):
        net.run("CE1", f"ping -q -c 5 -i 0.02 -W 2 {CE2}")
    net.run("CE2", f"ping -q -c 5 -i 0.02 -W 2 {CE1}")


if __name__ == "__main__":
    with Lab(MTU=1516) as lab:
        join_pe3(lab)
        ktap.main(lab)
