#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel does not say of a packet, and is found by the routes: the VRF that it has
left, where customers' packets come by a rule and the PE's own by the main table; and the
remote PE to which it goes."""

import contextlib

import frames
import ktap
from lab import CE2, CE2_6, Lab, make_params
from traffic import change_vrf

COUNT = 5
VIA, VIA_6 = "via inet 10.0.1.2 dev core", "via inet6 fd00:1::2 dev core"
# The customers' routes, of VRF blue.
LABELS = "1001/3002/200"
# A table of no VRF's.
NOBODY = 99
OWN, OWN_6 = "10.255.0.2", "fd00:255::2"


def run(net, *commands):
    for command in commands:
        net.run("PE1", command)


@contextlib.contextmanager
def routes(net, *wanted):
    """With these routes, as words for ip -6 or ip -4 route."""
    run(net, *(f"ip {r.partition(' ')[0]} route add {r.partition(' ')[2]}" for r in wanted))
    try:
        yield
    finally:
        run(net, *(f"ip {r.partition(' ')[0]} route del {r.partition(' ')[2]}" for r in wanted))


@contextlib.contextmanager
def ruled(net, table):
    """The customers' packets are routed by a rule, and their device is in no VRF."""
    rules = [f"ip {family} rule add iif ce lookup {table} pref 500" for family in ("-4", "-6")]
    change_vrf(net, "nomaster")
    run(net, *rules)
    try:
        yield
    finally:
        run(net, *(rule.replace("add", "del") for rule in rules))
        change_vrf(net, "master blue")


def sessions(net, *options):
    """Sessions out of VPN label 200, s0 first, anew."""
    net.unprotect("PE1")
    net.tell("PE1", *(f"session add s{i} dir out params {net.file(one_label(i))} {each}"
                      for i, each in enumerate(options)))


def one_label(number):
    return {**make_params(200), "labels": [510000 + number]}


@contextlib.contextmanager
def counted(net, what, **wanted):
    """Of all sessions, by name, just these move, by COUNT: stamped="s0" and so on."""
    before, change = net.all_stats("PE1"), {}
    wanted = {(session, counter.replace("_", "-")): COUNT for counter, session in wanted.items()}

    def enough():
        change.clear()
        change.update({(session, k): v - before[session][k]
                       for session, stats in net.all_stats("PE1").items()
                       for k, v in stats.items() if v != before[session][k]})
        return sum(change.values()) >= sum(wanted.values())

    yield
    ktap.busywait(20, enough)
    ktap.equal(f"counters of packets to {what}", change, wanted)


def customer(net, to, **wanted):
    with counted(net, to, **wanted):
        net.customer_send(COUNT, b"unknown", to)


def own(net, to, stacks=None, **wanted):
    """The PE's own packets, and what they leave with."""
    with net.tap("P1", "west", mpls=True, magic=b"own-one") as tap, counted(net, to, **wanted):
        net.customer_send(COUNT, b"own-one", to, "PE1")
        got = [frames.labels(frame) for frame in tap.wait(COUNT)]
    if stacks:
        ktap.equal(f"stacks to {to}", got, [stacks] * COUNT)


@ktap.test("beside a VRF, outer and dev must be the packet's")
def beside(net):
    with ruled(net, 10):
        for right, wrong in (("outer 3002", "outer 3003"), ("dev core", "dev ce"),
                             ("outer 3002 dev core", "outer 3003 dev core"),
                             ("outer 3002 dev core", "outer 3002 dev ce")):
            for to in (CE2, CE2_6):
                # The last that is added is looked at first.
                sessions(net, f"vrf blue {right}", f"vrf blue {wrong}")
                customer(net, to, stamped="s0")
                sessions(net, f"vrf blue {wrong}")
                customer(net, to, pass_unmatched="s0")


@ktap.test("the VRF is the one whose routes push the packet's labels, whichever was added last")
def by_labels(net):
    run(net, "ip link add red type vrf table 77", "ip link set red up")
    try:
        for encap in ("encap mpls 1001/3003/200", "encap mpls 3002/200", "",
                      "encap ip id 7 dst 10.9.9.9"):
            with ruled(net, 10), routes(net, f"-4 192.168.2.0/24 vrf red {encap} {VIA}",
                                        f"-6 fd02::/64 vrf red {encap} {VIA_6}"):
                for order in (("vrf red", "vrf blue"), ("vrf blue", "vrf red")):
                    sessions(net, *order)
                    for to in (CE2, CE2_6):
                        customer(net, to, stamped=f"s{order.index('vrf blue')}")
        # One of the prefixes decides, too.
        with ruled(net, 10):
            sessions(net, "vrf blue prefix 192.168.2.0/24", "vrf blue prefix 10.0.0.0/8")
            customer(net, CE2, stamped="s0")
            customer(net, CE2_6)
    finally:
        run(net, "ip link del red")


@ktap.test("IPv4 of a table that is no VRF's is stamped by the session added last, IPv6 is unmatched")
def nobodys(net):
    run(net, "ip link add red type vrf table 77", "ip link set red up")
    stack = "encap mpls 1001/3009/200"
    try:
        with ruled(net, NOBODY), routes(net, f"-4 192.168.2.0/24 table {NOBODY} {stack} {VIA}",
                                        f"-6 fd02::/64 table {NOBODY} {stack} {VIA_6}"):
            sessions(net, "vrf blue", "vrf red")
            customer(net, CE2, stamped="s1")
            customer(net, CE2_6, pass_unmatched="s1")
            # A session of any VRF is for both.
            sessions(net, "")
            customer(net, CE2, stamped="s0")
            customer(net, CE2_6, stamped="s0")
    finally:
        run(net, "ip link del red")


@ktap.test("no more than the 16 sessions added last are tried")
def most(net):
    with ruled(net, 10):
        others = [f"vrf blue outer {4000 + i}" for i in range(16)]
        sessions(net, "vrf blue outer 3002", *others[1:])
        customer(net, CE2, stamped="s0")
        sessions(net, "vrf blue outer 3002", *others)
        customer(net, CE2, pass_unmatched="s16")


@ktap.test("a main table with other labels for the customers' destination misleads nobody")
def main_misleads(net):
    for encap in ("encap mpls 1001/3003/200", "encap mpls 3002/200", "",
                  "encap ip id 7 dst 10.9.9.9"):
        with ruled(net, 10), routes(net, f"-4 192.168.2.0/24 {encap} {VIA}",
                                    f"-6 fd02::/64 {encap} {VIA_6}"):
            for options in ("", "vrf blue"):
                sessions(net, options)
                for to in (CE2, CE2_6):
                    customer(net, to, stamped="s0")


@ktap.test("the PE's own packets by several next hops, and by next hop objects, are of no VRF")
def own_next_hops(net):
    hop = f"nexthop encap mpls 1001/3009/200 {VIA} nexthop encap mpls {LABELS} {VIA}"
    with routes(net, f"-4 {OWN}/32 {hop}", f"-6 {OWN_6}/128 " + hop.replace(VIA, VIA_6)):
        for options, counter in (("", None), ("outer 3002", None), ("vrf blue", None),
                                 ("vrf none", "stamped")):
            sessions(net, options)
            for to in (OWN, OWN_6):
                own(net, to, **{counter: "s0"} if counter else {})
    run(net, f"ip nexthop add id 8 encap mpls {LABELS} via fd00:1::2 dev core")
    try:
        with routes(net, f"-6 {OWN_6}/128 nhid 8"):
            sessions(net, "")
            own(net, OWN_6, [1001, 3002, 200])
            sessions(net, "vrf none")
            own(net, OWN_6, stamped="s0")
    finally:
        run(net, "ip nexthop del id 8")


@ktap.test("customers by a rule and a next hop object: the VRF's routes are asked")
def object_ruled(net):
    run(net, f"ip nexthop add id 8 encap mpls {LABELS} via fd00:1::2 dev core",
        "ip link add red type vrf table 77", "ip link set red up",
        "ip -6 route replace vrf blue fd02::/64 nhid 8")
    try:
        for route in ([], [f"-6 fd02::/64 vrf red encap mpls 1001/3003/200 {VIA_6}"]):
            with ruled(net, 10), routes(net, *route):
                for order in (("vrf red", "vrf blue"), ("vrf blue", "vrf red")):
                    sessions(net, *order)
                    customer(net, CE2_6, stamped=f"s{order.index('vrf blue')}")
                # The session's VRF has no such route: better a stamp than none.
                sessions(net, "vrf red")
                customer(net, CE2_6, stamped="s0")
    finally:
        run(net, f"ip -6 route replace vrf blue fd02::/64 encap mpls {LABELS} {VIA_6}",
            "ip link del red", "ip nexthop del id 8")


@ktap.test("sessions by remote PE are not for the PE's own packets, whatever way these go")
def own_remote(net):
    way = f"-4 10.255.0.7/32 encap mpls 1001/3002 {VIA}"
    with routes(net, way, f"-4 {OWN}/32 encap mpls {LABELS} {VIA}",
                f"-4 10.255.0.3/32 encap mpls 1001/3009/200 {VIA}"):
        sessions(net, "remote 10.255.0.7")
        customer(net, CE2, stamped="s0")
        own(net, OWN, [1001, 3002, 200])
        own(net, "10.255.0.3", [1001, 3009, 200])


def by_way(net, wanted, vpn=LABELS, via=VIA, to=CE2):
    """The customer's packets with these labels, and by this next hop, are the session's of
    that number, or unmatched."""
    family, dst = ("-6", "fd02::/64") if ":" in to else ("-4", "192.168.2.0/24")
    run(net, f"ip {family} route replace vrf blue {dst} encap mpls {vpn} {via}")
    customer(net, to, **({"pass_unmatched": "s0"} if wanted is None else {"stamped": f"s{wanted}"}))


@contextlib.contextmanager
def customers_routes(net):
    """They may be changed within."""
    try:
        yield
    finally:
        for family, dst, via in (("-4", "192.168.2.0/24", VIA), ("-6", "fd02::/64", VIA_6)):
            run(net, f"ip {family} route replace vrf blue {dst} encap mpls {LABELS} {via}")


@ktap.test("remote PEs whose ways have the innermost label in common: all labels are compared")
def remote_labels(net):
    ways = ("1001/3002", "1009/3002", "3002")
    wanted = [f"-4 10.255.0.{i}/32 encap mpls {way} {VIA}" for i, way in enumerate(ways, 7)]
    with customers_routes(net), routes(net, *wanted):
        for order in ((7, 8, 9), (9, 8, 7)):
            sessions(net, *(f"remote 10.255.0.{i}" for i in order))
            for i, way in enumerate(ways, 7):
                by_way(net, order.index(i), f"{way}/200")
        sessions(net, "remote 10.255.0.7")
        for other in ways[1:] + ("1001/3003", "1001/1002/3002"):
            by_way(net, None, f"{other}/200")


@ktap.test("remote PEs without labels: told apart by the next hop, and twice the same is refused")
def remote_next_hops(net):
    run(net, "ip address add 10.0.1.9/24 dev core")
    run(net, *(f"ip neighbour replace {a} lladdr 02:00:00:00:01:02 dev core nud permanent"
               for a in ("10.0.1.5", "fd00:1::3")))
    near = ("10.0.1.2", "10.0.1.5", "fd00:1::2", "fd00:1::3")
    wanted = ["-4 10.255.0.7/32 via 10.0.1.5 dev core", "-6 fd00:255::7/128 via fd00:1::3 dev core",
              "-4 10.255.0.8/32 dev core"]
    try:
        with customers_routes(net), routes(net, *wanted):
            sessions(net, *(f"remote {a}" for a in near[:2]))
            by_way(net, 0, "200", "via inet 10.0.1.2 dev core")
            by_way(net, 1, "200", "via inet 10.0.1.5 dev core")
            sessions(net, *(f"remote {a}" for a in near[2:]))
            by_way(net, 0, "200", "via inet6 fd00:1::2 dev core", CE2_6)
            by_way(net, 1, "200", "via inet6 fd00:1::3 dev core", CE2_6)
            # The customer's route has a next hop of the other family: it may be that PE.
            sessions(net, "remote fd00:1::2")
            by_way(net, 0, "200", "via inet 10.0.1.2 dev core")
            by_way(net, None, "200", "via inet6 fd00:1::3 dev core")
            sessions(net, "remote 10.0.1.2")
            by_way(net, 0, "200", "via inet6 fd00:1::2 dev core", CE2_6)
            sessions(net, *(f"remote {a}" for a in near))
            for again in ("10.255.0.7", "fd00:255::7"):
                status, _, err = net.add("PE1", "again", "out", one_label(9), f"remote {again}",
                                         ok=False)
                ktap.check(status == 2 and "same packets as session s" in err, f"{status}, {err!r}")
            net.add("PE1", "beside", "out", one_label(9), "remote 10.255.0.8")
    finally:
        run(net, "ip address del 10.0.1.9/24 dev core")


@ktap.test("a remote PE to which no labelled packet can go: its session's packets are unmatched")
def remote_nowhere(net):
    # With as many labels as a route can push there is no room for a VPN label.
    most = "/".join(str(label) for label in range(1001, 1031))
    for route in ("", "blackhole 10.255.0.7/32", f"10.255.0.7/32 encap mpls {most} {VIA}",
                  f"10.255.0.7/32 encap ip id 7 dst 10.9.9.9 {VIA}"):
        with routes(net, *[f"-4 {route}"] if route else []):
            sessions(net, "remote 10.255.0.7")
            customer(net, CE2, pass_unmatched="s0")
    with routes(net, "-6 blackhole fd00:255::7/128"):
        sessions(net, "remote fd00:255::7")
        customer(net, CE2_6, pass_unmatched="s0")


@ktap.test("remote PEs with very many next hops: 256 of them are looked at")
def remote_many(net):
    def route(i):
        hops = (f"nexthop encap mpls 1001/{4000 + 100 * i + n} {VIA}" for n in range(65))
        return f"-4 10.255.1.{i}/32 " + " ".join(hops)
    with customers_routes(net), routes(net, *(route(i) for i in range(1, 5))):
        sessions(net, " ".join(f"remote 10.255.1.{i}" for i in range(1, 5)))
        for number, known in ((4100, True), (4164, True), (4460, True), (4461, False)):
            by_way(net, 0 if known else None, f"1001/{number}/200")


@ktap.test("sessions by outer label and prefix: each packet is its own's, and what is left is bare")
def outer_prefix(net):
    for order in ((0, 1), (1, 0)):
        both = ["outer 3002 prefix 192.168.2.0/24", "outer 3002 prefix 10.0.0.0/8"]
        sessions(net, *(both[i] for i in order))
        customer(net, CE2, stamped=f"s{order.index(0)}")
        customer(net, CE2_6)
    for one, other in (("prefix 10.0.0.0/8", "prefix 11.0.0.0/8"),
                       ("outer 3002 prefix 10.0.0.0/8", "outer 3002 prefix 11.0.0.0/8")):
        for third in (one, other, f"{one} {other.removeprefix('outer 3002 ')}"):
            sessions(net, one, other)
            status, _, err = net.add("PE1", "third", "out", one_label(9), third, ok=False)
            ktap.check(status == 2 and "the same packets as session s" in err,
                       f"{third!r} beside {one!r} and {other!r}: {status}, {err!r}")


@ktap.test("a route with another encapsulation than labels is left alone")
def other_encapsulation(net):
    sessions(net, "")
    with routes(net, f"-4 {OWN}/32 encap ip id 7 dst 10.9.9.9 {VIA}"), \
            net.tap("P1", "west", magic=b"own-one") as tap, counted(net, OWN):
        net.customer_send(COUNT, b"own-one", OWN, "PE1")
        ktap.equal("plain IP", [f.raw[12:14] for f in tap.wait(COUNT)], [b"\x08\x00"] * COUNT)


if __name__ == "__main__":
    with Lab(MTU=1516) as lab:
        lab.clocks()
        ktap.main(lab)
