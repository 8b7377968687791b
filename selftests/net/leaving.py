#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What leaves and who stamps it: the ways of a packet to the core that are not the plain
one. The table of that name in operation.rst has a row for each.
Kernels differ in: the ways out of a kernel."""

import json
import threading

import bpf
import frames
import ktap
from attack import Attacker
from events_out import P1_MAC, PE1_CORE_MAC
from lab import CE2, CE2_6, PORT, Lab, make_params, socket
from ovs import Ovs
from traffic import change_vrf, repeated

SOL_UDP, UDP_SEGMENT = 17, 103
COUNT = 20


def has_modules(net, *modules):
    for module in modules:
        if net.run("PE1", f"modprobe {module}", ok=False)[0]:
            ktap.skip(f"this kernel has no {module}")


@ktap.test("customers shaped through an ifb are stamped, IPv4 and IPv6")
def through_ifb(net):
    has_modules(net, "ifb", "act_mirred", "cls_matchall")
    net.run("PE1", "ip link add shaper type ifb")
    net.run("PE1", "ip link set shaper up")
    net.run("PE1", "tc qdisc add dev ce clsact")
    net.run("PE1", "tc filter add dev ce ingress matchall action mirred egress redirect dev shaper")
    try:
        for to in (CE2, CE2_6):
            with net.expect("PE1", "blue-out", stamped=COUNT), \
                    net.expect("PE2", "blue-in", verified=COUNT):
                net.customer_send(COUNT, b"shaped", to)
    finally:
        net.run("PE1", "tc qdisc del dev ce clsact")
        net.run("PE1", "ip link del shaper")


def listed(net):
    each, rounds = 20, 10
    with net.tap("CE2", "pe", magic=b"listed") as tap:
        with net.expect("PE1", "blue-out", stamped=each * rounds), \
                net.expect("PE2", "blue-in", verified=each * rounds):
            with net.inside("CE1"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.setsockopt(SOL_UDP, UDP_SEGMENT, 1000)
                for _ in range(rounds):
                    s.sendto(b"listed" * 3333 + b"ok", (CE2, PORT))
        ktap.equal("at the customer", len(tap.wait(each * rounds)), each * rounds)


@ktap.test("packets that GRO keeps as a list arrive, each with its own tag")
def gro_list(net):
    net.run("PE1", "ethtool -K ce gro on")
    if net.run("PE1", "ethtool -K ce rx-gro-list on", ok=False)[0]:
        ktap.skip("this kernel has no rx-gro-list")
    net.run("CE1", "ethtool -K pe tx-udp-segmentation off")
    try:
        listed(net)
        # Somebody who looks on holds what the list is made of, too.
        with net.tap("PE1", "ce", magic=b"listed"):
            listed(net)
    finally:
        net.run("CE1", "ethtool -K pe tx-udp-segmentation on")
        net.run("PE1", "ethtool -K ce rx-gro-list off")


@ktap.test("packet sockets past the queue discipline beside softirqs: each tag of a link is right")
def qdisc_bypass():
    with Lab(MTU=1520) as net:
        net.clocks("PE1", "P1")
        params = make_params(300, 700000, hash_len="full")
        net.add_link("P1", "west", "up-in", params)
        net.add_link("PE1", "core", "up-out", params)
        before = net.stats("P1", "up-in")
        frame = frames.ethernet(P1_MAC, PE1_CORE_MAC, frames.ETH_P_MPLS, frames.stack([1001, 777]) +
                                Attacker.customer_packet(b"bypass"))
        senders = [net.tool("PE1", "lh-inject", "--count", 10000, "--pad", size, "core", frame.hex())
                   for size in (300, 1400)]
        flow = net.tool("CE1", "lh-flow", "send", CE2, 6000, 10000, 1200, 0)
        for process in senders + [flow]:
            net.result(process)
        ktap.busywait(20, lambda: sum(net.stats("P1", "up-in").values()) -
                      sum(before.values()) >= net.stats("PE1", "up-out")["stamped"])
        got = {k: v for k, v in net.stats("P1", "up-in").items() if v and k != "verified"}
        ktap.equal("all that was not verified", got, {})
        ktap.check(net.stats("P1", "up-in")["verified"] > 20000, "too little came")


def sender(net, options="", policy="strict"):
    """PE1's session out, anew."""
    net.unprotect("PE1")
    net.east = make_params(200, 510000)
    net.unprotect("PE2")
    net.add("PE2", "blue-in", "in", net.east)
    net.add("PE1", "blue-out", "out", net.east, f"policy {policy} {options}")


def expect_both(net, count):
    """So many packets are stamped by PE1 and verified by PE2."""
    return net.expect("PE1", "blue-out", stamped=count), net.expect("PE2", "blue-in", verified=count)


def from_core(net, count, *packets):
    """Packets that reach PE1 by a label that leads into VRF blue."""
    wire = net.sender("P1", "west")
    wire.send(*[frames.ethernet(PE1_CORE_MAC, P1_MAC, frames.ETH_P_MPLS,
                                frames.stack([555]) + packet) for packet in packets] * count)
    wire.close()


@ktap.test("a hub: by label into a VRF and out again, IPv4 and IPv6; then the PE's own packets")
def hub(net):
    packets = (frames.ipv4("192.168.9.9", CE2, b"hub"), frames.ipv6("fd09::9", CE2_6, b"hub"))
    net.run("PE1", "ip -f mpls route add 555 dev blue")
    try:
        for options in ("vrf blue", ""):
            sender(net, options)
            out, into = expect_both(net, 2 * COUNT)
            with out, into:
                from_core(net, COUNT, *packets)
            # What the hub's packets left in the route's cache must not mislead.
            out, into = expect_both(net, 6)
            with out, into:
                net.run("PE1", f"ping -q -c 3 -i 0.02 -W 2 -I blue {CE2}")
                net.run("PE1", f"ping -q -c 3 -i 0.02 -W 2 -I blue {CE2_6}")
    finally:
        net.run("PE1", "ip -f mpls route del 555")


@ktap.test("a next hop object that two VRFs share: each packet is its own VRF's")
def shared_nexthop(net):
    sender(net, "vrf blue")
    plain = "192.168.2.0/24 encap mpls 1001/3002/200 via inet 10.0.1.2 dev core"
    for command in ("ip link add red type vrf table 20", "ip link set red up",
                    "ip address add 192.168.1.77/32 dev red",
                    "ip nexthop add id 7 encap mpls 1001/3002/200 via 10.0.1.2 dev core",
                    "ip route replace vrf blue 192.168.2.0/24 nhid 7",
                    "ip route add vrf red 192.168.2.9/32 nhid 7"):
        net.run("PE1", command)
    try:
        # Nobody answers; the route that is cached by this is red's.
        net.run("PE1", "ping -q -c 2 -i 0.02 -W 0.1 -I red 192.168.2.9", ok=False)
        with net.expect("PE1", "blue-out", stamped=3), net.expect("PE2", "blue-in", verified=3):
            net.run("PE1", f"ping -q -c 3 -i 0.02 -W 2 -I blue {CE2}")
        out, into = expect_both(net, COUNT)
        with out, into:
            net.customer_send(COUNT, b"shared")
    finally:
        net.run("PE1", f"ip route replace vrf blue {plain}")
        net.run("PE1", "ip link del red")
        net.run("PE1", "ip nexthop del id 7")


@ktap.test("by a rule instead of a VRF's device, IPv4 and IPv6")
def by_rule(net):
    sender(net, "vrf blue")
    change_vrf(net, "nomaster")
    for family in ("", "-6 "):
        net.run("PE1", f"ip {family}rule add iif ce lookup 10 pref 500")
    try:
        for to in (CE2, CE2_6):
            out, into = expect_both(net, COUNT)
            with out, into:
                net.customer_send(COUNT, b"ruled", to)
    finally:
        for family in ("", "-6 "):
            net.run("PE1", f"ip {family}rule del iif ce lookup 10 pref 500")
        change_vrf(net, "master blue")


@ktap.test("an IPv6 route that is replaced all the time: no packet leaves bare")
def route_replaced(net):
    sender(net, "vrf blue")
    route = "route replace vrf blue fd02::/64 encap mpls 1001/3002/200 via inet6 fd00:1::2 dev core"
    net.run("PE1", "ip address add fd01::77/128 dev blue nodad")
    ended = threading.Event()

    def replace():
        while not ended.is_set():
            net.run("PE1", ["sh", "-c", f"yes '{route}' | head -200 | ip -6 -b -"], ok=False)

    thread = threading.Thread(target=replace)
    with net.tap("P1", "west", mpls=True, magic=b"replaced") as tap:
        thread.start()
        for _ in range(40):
            net.customer_send(100, b"replaced", CE2_6)
            with net.inside("PE1"), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"blue\0")
                for _ in range(50):
                    s.sendto(b"replaced", (CE2_6, PORT))
        ended.set()
        thread.join()
        seen = tap.frames()
    bare = [frame for frame in seen if frames.labels(frame)[-1] == 200]
    ktap.check(len(seen) > 2000, f"only {len(seen)} packets left")
    ktap.equal("packets that left bare", len(bare), 0)
    net.run("PE1", "ip address del fd01::77/128 dev blue")


@ktap.test("the PE's own packets are no VPN's, though their label is the VPN label")
def own_packets(net):
    sender(net)
    net.run("PE1", "ip route add 10.255.0.2/32 encap mpls 1001/200 via inet 10.0.1.2 dev core")
    net.run("PE1", "ip -6 route add fd00:255::2/128 encap mpls 1001/200 via inet6 fd00:1::2 dev core")
    try:
        with net.tap("P1", "west", mpls=True, magic=b"bgp-like") as tap:
            with net.expect("PE1", "blue-out"):
                net.customer_send(COUNT, b"bgp-like", "10.255.0.2", "PE1")
                net.customer_send(COUNT, b"bgp-like", "fd00:255::2", "PE1")
            stacks = [frames.labels(frame) for frame in tap.wait(2 * COUNT)]
        ktap.equal("stacks", stacks, [[1001, 200]] * 2 * COUNT)
        # The customers' go on.
        out, into = expect_both(net, COUNT)
        with out, into:
            net.customer_send(COUNT, b"beside")
        # With vrf none it is the other way round.
        sender(net, "vrf none")
        with net.expect("PE1", "blue-out", stamped=2 * COUNT, pass_unmatched=COUNT):
            net.customer_send(COUNT, b"bgp-like", "10.255.0.2", "PE1")
            net.customer_send(COUNT, b"bgp-like", "fd00:255::2", "PE1")
            net.customer_send(COUNT, b"beside")
        shown = net.labelhop("PE1", "session show blue-out")
        ktap.check("vrf none" in shown, f"show says {shown}")
    finally:
        net.run("PE1", "ip route del 10.255.0.2/32")
        net.run("PE1", "ip -6 route del fd00:255::2/128")


@ktap.test("what matches no session is counted, told, and dropped if the session says so")
def unmatched(net):
    for options in ("outer 3003", "dev ce", "vrf other"):
        if options == "vrf other":
            net.run("PE1", "ip link add other type vrf table 33")
        sender(net, options)
        net.labelhop("PE2", "session set blue-in policy monitor")
        monitor = net.start("PE1", "labelhop -j monitor")
        with net.tap("CE2", "pe", magic=b"unmatched") as tap:
            with net.expect("PE1", "blue-out", pass_unmatched=COUNT):
                net.customer_send(COUNT, b"unmatched")
            ktap.equal(f"{options}: bare at the customer", len(tap.wait(COUNT)), COUNT)
            # At most one a second is told of.
            with repeated(lambda: net.customer_send(1, b"again"), 0.1):
                told = next(json.loads(line) for line in monitor.stdout
                            if "session-unmatched" in line)
            ktap.equal(f"{options}: told of", told["name"], "blue-out")
            monitor.terminate()
            monitor.communicate()
            net.labelhop("PE1", "session set blue-out unmatched drop")
            tap.clear()
            with net.expect("PE1", "blue-out", drop_unmatched=COUNT):
                net.customer_send(COUNT, b"unmatched")
            ktap.equal(f"{options}: at the customer", len(tap.frames()), 0)
            # Policy monitor drops nothing.
            net.labelhop("PE1", "session set blue-out policy monitor")
            with net.expect("PE1", "blue-out", pass_unmatched=COUNT):
                net.customer_send(COUNT, b"unmatched")
    net.run("PE1", "ip link del other")


@ktap.test("packet sockets and tc: what no route has encapsulated is nobody's")
def not_ours(net):
    has_modules(net, "act_mpls", "act_mirred", "cls_matchall")
    sender(net)
    packet = frames.ipv4("192.168.1.1", CE2, b"not-ours")
    raw = net.sender("PE1", "core")
    with net.tap("P1", "west", mpls=True, magic=b"not-ours") as tap:
        with net.expect("PE1", "blue-out"):
            raw.send(*[frames.ethernet(P1_MAC, PE1_CORE_MAC, frames.ETH_P_MPLS,
                                       frames.stack([1001, 3002, 200]) + packet)] * COUNT)
            ktap.equal("stacks of a packet socket", [frames.labels(f) for f in tap.wait(COUNT)],
                       [[1001, 3002, 200]] * COUNT)
        tap.clear()
        net.run("PE1", "tc qdisc add dev ce clsact")
        net.run("PE1", "tc filter add dev ce ingress protocol ip matchall action mpls push protocol "
                "mpls_uc label 200 ttl 64 action mirred egress redirect dev core")
        try:
            with net.expect("PE1", "blue-out"):
                net.customer_send(COUNT, b"not-ours")
                ktap.equal("stacks of tc", [frames.labels(f) for f in tap.wait(COUNT)],
                           [[200]] * COUNT)
        finally:
            net.run("PE1", "tc qdisc del dev ce clsact")


@ktap.test("Open vSwitch's push_mpls: no session's, but a link's")
def by_ovs(net):
    has_modules(net, "openvswitch")
    sender(net)
    link = make_params(300, 700000)
    net.run("PE1", "ip link set ce nomaster")
    ovs = Ovs(net, "PE1")
    try:
        ovs.take("ce", 1)
        ovs.take("core", 2)
        ovs.push_mpls(1, 2, frames.stack([200]))
        with net.tap("P1", "west", mpls=True, magic=b"switched") as tap:
            with net.expect("PE1", "blue-out"):
                net.customer_send(COUNT, b"switched")
                ktap.equal("stacks", [frames.labels(f) for f in tap.wait(COUNT)], [[200]] * COUNT)
            tap.clear()
            net.add_link("PE1", "core", "up-out", link)
            with net.expect("PE1", "up-out", stamped=COUNT):
                net.customer_send(COUNT, b"switched")
                ktap.equal("with a link", [frames.labels(f)[2:] for f in tap.wait(COUNT)],
                           [[200]] * COUNT)
    finally:
        ovs.end()
        for each in net.ask("PE1", "link show"):
            net.tell("PE1", f"link del {each['name']}")
        net.run("PE1", "ip link set ce master blue")


def redirected(net, program, detach, *attach):
    """What a program takes from the CE's port to the core: no hook sees it leave."""
    address = json.loads(net.run("PE1", "ip -j link show ce"))[0]["address"]
    with net.inside("PE1"):
        core = socket.if_nametoindex("core")
    bpf.pin_redirect(program, core, "/sys/fs/bpf/lh-redirect")
    sender(net)
    net.add_link("PE1", "core", "up-out", make_params(300, 700000))
    raw = net.sender("CE1", "pe")
    try:
        for line in attach:
            net.run("PE1", line)
        with net.tap("P1", "west", mpls=True, magic=b"redirect") as tap, \
                net.expect("PE1", "blue-out"), net.expect("PE1", "up-out"):
            raw.send(*[frames.ethernet(address, "02:00:00:00:06:02", frames.ETH_P_MPLS,
                                       frames.stack([200]) + frames.ipv4("192.168.1.1", CE2,
                                                                         b"redirect"))] * COUNT)
            ktap.equal("stacks", [frames.labels(f) for f in tap.wait(COUNT)], [[200]] * COUNT)
    finally:
        net.run("PE1", detach, ok=False)
        bpf.unpin("/sys/fs/bpf/lh-redirect")
        net.tell("PE1", "link del up-out")


@ktap.test("what BPF redirects into the core leaves without labels of ours")
def by_bpf(net):
    has_modules(net, "cls_bpf", "sch_ingress")
    redirected(net, bpf.SCHED_CLS, "tc qdisc del dev ce clsact", "tc qdisc add dev ce clsact",
               "tc filter add dev ce ingress bpf direct-action object-pinned "
               "/sys/fs/bpf/lh-redirect")


@ktap.test("what XDP redirects into the core leaves without labels of ours")
def by_xdp(net):
    redirected(net, bpf.XDP, "ip link set dev ce xdpgeneric off",
               "ip link set dev ce xdpgeneric pinned /sys/fs/bpf/lh-redirect")


FLOWTABLE = """
table inet filter {
	flowtable fast { hook ingress priority 0; devices = { ce, core }; }
	chain forward { type filter hook forward priority 0; meta l4proto udp %s flow add @fast; }
}
"""
# What operation.rst says.
RULE = 'oifname != "core" iifname != "core"'


def offloaded(net, rule):
    """A flow of the customer's with a flowtable: packets that leave PE1 without labels."""
    path = f"{net.tmp.name}/flowtable"
    with open(path, "w", encoding="ascii") as f:
        f.write(FLOWTABLE % rule)
    net.run("PE1", f"nft -f {path}")
    with net.inside("CE1"):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with net.inside("CE2"):
        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        one.bind(("192.168.1.1", 6001))
        other.bind((CE2, 6002))
        with net.tap("P1", "west", magic=b"offload") as tap:
            # There, back, and there: the flow is established.
            for _ in range(COUNT):
                one.sendto(b"offload", (CE2, 6002))
                other.sendto(b"offload", ("192.168.1.1", 6001))
            ktap.busywait(20, lambda: len(tap.frames()) >= COUNT)
            return sum(f.raw[12:14] == b"\x08\x00" for f in tap.frames())
    finally:
        one.close()
        other.close()
        net.run("PE1", "nft delete table inet filter")


@ktap.test("an nft flowtable takes a VPN's labels away, and the rule in operation.rst prevents it")
def flowtable(net):
    has_modules(net, "nft_flow_offload", "nf_flow_table_inet")
    sender(net)
    ktap.check(offloaded(net, "") > 0, "a flowtable takes no labels away any more: mend the page")
    ktap.equal("packets without labels in spite of the rule", offloaded(net, RULE), 0)
    with net.expect("PE1", "blue-out", stamped=COUNT), net.expect("PE2", "blue-in", verified=COUNT):
        net.customer_send(COUNT, b"after")


@ktap.test("refused: sessions of a VPN label that are told apart by different things")
def told_apart(net):
    sender(net, "dev core")
    status, _, err = net.add("PE1", "second", "out", make_params(200, 520000), "vrf blue", ok=False)
    ktap.equal("status", status, 2)
    ktap.check("must be given as for session blue-out" in err, f"{err!r}")
    for i in range(15):
        net.add("PE1", f"more{i}", "out", make_params(300, 530000, labels=1), f"prefix 10.{i}.0.0/16")
    net.add("PE1", "last", "out", make_params(300, 530000, labels=1), "prefix 10.99.0.0/16")
    status, _, err = net.add("PE1", "over", "out", make_params(300, 530000, labels=1),
                             "prefix 10.98.0.0/16", ok=False)
    ktap.equal("status of one more", status, 2)
    ktap.check("can differ by their prefixes alone" in err, f"{err!r}")


if __name__ == "__main__":
    with Lab(MTU=1516) as lab:
        lab.protect(hash_len="full")
        ktap.main(lab)
