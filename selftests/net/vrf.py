#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A protected VRF: what comes by a label is verified, or stays out, whatever the label is,
whoever made the label's route, and however the VRF device comes and goes."""

import contextlib
import json
import select
import socket

import frames
import ktap
from attack import P2, PE2, Attacker, stamped, wrong_tag
from ktap import busywait
from genl import EEXIST, EINVAL, Genl, attribute, refused
from lab import CE1, CE2, CE2_6, Lab, make_params

COUNTERS = ("verified", "bare", "dropped")
BARE = 40
ENOENT, ERANGE = 2, 34
VRF_NEW, VRF_SET, VRF_DEL, VRF_GET = range(32, 36)
NAME, POLICY, IFINDEX = range(2, 5)


def shown(net, name="blue"):
    return net.ask("PE2", f"vrf show {name}")[0]


@contextlib.contextmanager
def enters(net, name="blue", seconds=20, **wanted):
    """What is done within must change the VRF's counters by just that."""
    before = shown(net, name)["stats"]
    yield
    change = {}

    def enough():
        now = shown(net, name)["stats"]
        change.clear()
        change.update((k, now[k] - before[k]) for k in COUNTERS if now[k] != before[k])
        return sum(change.values()) >= sum(wanted.values())

    busywait(seconds, enough)
    ktap.equal(f"counters of VRF {name}", change, {k: v for k, v in wanted.items() if v})


@contextlib.contextmanager
def reaches(net, count, magic):
    """That many frames with magic come to CE2, and no more. The last of what is sent
    within is one that is counted, so that all others have come before."""
    with net.tap("CE2", "pe", magic=magic) as tap:
        yield
        ktap.equal(f"{magic} reached CE2", len(tap.wait(count) if count else tap.frames()), count)


@contextlib.contextmanager
def told(net, wanted, most=1):
    """The events vrf-bare of PE2 within: those wanted, as names and labels, each at least
    once and at most so often."""
    process = net.start("PE2", "labelhop -j monitor")
    events = []

    def read():
        line = process.stdout.readline()
        if line:
            events.append(json.loads(line))
        return line

    # It listens when it tells of a change.
    mark = "session set blue-in delay 0ns"
    busywait(10, lambda: net.tell("PE2", mark) or ready(process))
    read()
    yield
    net.tell("PE2", "vrf add mark", "vrf del mark")
    while not events or events[-1].get("name") != "mark" or events[-1]["event"] != "vrf-del":
        if not read():
            break
    process.terminate()
    process.communicate()
    bare = [(e["name"], e["label"]) for e in events if e["event"] == "vrf-bare"]
    ktap.equal("events", sorted(set(bare)), wanted)
    ktap.check(all(bare.count(event) <= most for event in bare), f"events {bare}")


def ready(process):
    """Has it something to say?"""
    return select.select([process.stdout], [], [], 0.1)[0]


def nothing(net):
    """Undo what a test did on PE2."""
    for vrf in net.ask("PE2", "vrf show"):
        net.tell("PE2", f"vrf del {vrf['name']}")
    for port in net.ask("PE2", "port show"):
        net.tell("PE2", f"port del {port['dev']}")
    net.unprotect()
    net.run("PE2", "tc qdisc del dev blue root", ok=False)
    for label in (300, 301):
        net.run("PE2", f"ip -f mpls route del {label}", ok=False)
    net.run("PE2", "ip -f mpls route replace 200 dev blue")


def protect(net):
    net.protect()
    net.tell("PE2", "vrf add blue")


test = ktap.leaving(nothing, protect)


@test("FRR gives the VRF another label: no bare frame gets in by it; counted and told")
def renumbered(net):
    attacker = Attacker(net)
    bare = attacker.customer_packet(b"frr")
    # As FRR does it: the old route goes first.
    net.run("PE2", "ip -f mpls route del 200")
    net.run("PE2", "ip -f mpls route add 300 dev blue proto bgp")
    # Without protection, all come in: a session is about a number.
    net.tell("PE2", "vrf del blue")
    with reaches(net, BARE, b"frr"):
        attacker.inject([300], bare, BARE)
    net.tell("PE2", "vrf add blue")
    with reaches(net, 0, b"frr"), told(net, [("blue", 300)]), enters(net, dropped=BARE):
        attacker.inject([300], bare, BARE)
    # The session that goes with the new number opens it.
    east = make_params(300, 520000)
    net.tell("PE2", "session flush")
    net.add("PE2", "blue-in", "in", east)
    with reaches(net, 1, b"frr"), enters(net, verified=1):
        attacker.inject_bytes(stamped(east, bare))


@test("a VRF without a session at all is closed, IPv4 and IPv6, with any number")
def no_session(net):
    attacker = Attacker(net)
    net.unprotect()
    net.run("PE2", "ip -f mpls route add 301 dev blue")
    with reaches(net, 0, b"none"), enters(net, dropped=6):
        for label in (200, 301):
            for above in ([], [2, 0]):
                if not above or label == 200:
                    attacker.inject([*above, label], attacker.customer_packet(b"none"))
            attacker.inject([label], attacker.customer_packet(b"none", "fd01::1"))
        attacker.inject([301], attacker.customer_packet(b"none", dst="192.168.2.77"))


@test("both directions of a verified VPN work, with taps and a queue on the VRF device")
def verified(net):
    for change in ("", "tc qdisc add dev blue root pfifo"):
        if change:
            net.run("PE2", change)
        taps = [net.socket("PE2", socket.AF_PACKET, socket.SOCK_RAW, socket.htons(proto))
                for proto in (3, 0x8847)]
        with reaches(net, 40, b"good"), enters(net, verified=40), \
                net.expect("PE2", "blue-in", verified=40):
            net.customer_send(20, b"good")
            net.customer_send(20, b"good", CE2_6)
        for tap in taps:
            tap.close()
        net.run("CE1", f"ping -c 2 -i 0.1 -W 5 {CE2}")
        net.run("CE1", f"ping -c 2 -i 0.1 -W 5 {CE2_6}")


@test("packets that a driver hands over in a list: each is judged by its own labels")
def lists(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"list")
    net.run("PE2", "ip -f mpls route add 300 dev blue")
    # With GRO, veth polls, and gives up to eight frames at once to the stack, all of which
    # pass the ingress hook before the first is forwarded.
    net.run("PE2", "ethtool -K core gro on")
    frame = [attacker.near_frame(data) for data in (
        stamped(net.east, packet), frames.stack([300]) + packet, stamped(net.east, packet))]
    try:
        with reaches(net, 400, b"list"), enters(net, verified=400, dropped=200):
            for _ in range(20):
                attacker.near.send(*frame * 10)
    finally:
        net.run("PE2", "ethtool -K core gro off")


@test("the router's own traffic in the VRF, forwarded traffic and packet sockets: not judged")
def own(net):
    attacker = Attacker(net)
    for change in ("", "tc qdisc add dev blue root pfifo"):
        if change:
            net.run("PE2", change)
        with enters(net):
            net.run("PE2", f"ping -c 1 -W 5 -I blue {CE2}")
            net.run("PE2", f"ping -c 1 -W 5 -I blue {CE2_6}")
            net.run("PE2", "ping -c 1 -W 5 -I blue 192.168.2.254")
            net.run("CE2", "ping -c 1 -W 5 192.168.2.254")
            net.run("CE2", "ping -c 1 -W 5 fd02::fe")
            # Routed into the VRF by the main table, as between VRFs.
            net.run("PE2", "ip route replace 192.168.2.0/24 dev blue")
            net.run("PE2", f"ping -c 1 -W 1 -I core {CE2}", ok=False)
            with reaches(net, 1, b"routed"):
                attacker.near.send(frames.ethernet(
                    PE2, P2, frames.ETH_P_IP, attacker.customer_packet(b"routed")))
            net.run("PE2", "ip route del 192.168.2.0/24")
            frame = frames.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:01", 0x800,
                                    Attacker.customer_packet(b"own"))
            sender = net.sender("PE2", "blue")
            with reaches(net, 1, b"own"):
                sender.send(frame)
        # What PE2 answers itself has come by a label first.
        with enters(net, verified=1):
            net.run("CE1", "ping -c 1 -W 5 192.168.2.254")


@test("a verified packet that comes in once more, by a device that is no port, is bare")
def comes_again(net):
    near, far = "02:00:00:00:09:01", "02:00:00:00:09:02"
    net.tell("PE2", "port add core")
    for command in (
            f"ip link add x0 address {near} type veth peer name x1 address {far}",
            "ip link set x1 up", "ip link set x0 up", "ip address add 10.0.9.1/30 dev x0",
            f"ip neighbour add 10.0.9.2 lladdr {far} dev x0 nud permanent",
            "sysctl -qw net.mpls.conf.x1.input=1", "ip -f mpls route add 300 dev blue",
            "ip -f mpls route replace 200 as 300 via inet 10.0.9.2 dev x0"):
        net.run("PE2", command)
    try:
        packet = Attacker.customer_packet(b"again")
        with reaches(net, 0, b"again"), enters(net, dropped=5), \
                net.expect("PE2", "blue-in", verified=5):
            Attacker(net).inject_bytes(stamped(net.east, packet), 5)
    finally:
        net.run("PE2", "ip link del x0")


@test("what the session lets pass unverified is bare for a strict VRF")
def session_policies(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"open")
    for policy in ("permissive", "monitor"):
        net.tell("PE2", f"session set blue-in policy {policy}")
        with reaches(net, 1, b"open"), enters(net, verified=1, dropped=1 + (policy == "monitor")):
            attacker.inject([200], packet)
            if policy == "monitor":
                attacker.inject_bytes(wrong_tag(stamped(net.east, packet)))
            attacker.inject_bytes(stamped(net.east, packet))


@test("policies of the VRF: permissive lets bare packets in, monitor also tells")
def policies(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"rule")
    net.run("PE2", "ip -f mpls route add 300 dev blue")
    for policy in ("permissive", "monitor", "strict"):
        net.tell("PE2", "vrf del blue", f"vrf add blue policy {policy}")
        strict = policy == "strict"
        with reaches(net, 1 if strict else 4, b"rule"), \
                told(net, [("blue", 300)] * (policy != "permissive")), \
                enters(net, verified=1, **{"dropped" if strict else "bare": 3}):
            attacker.inject([300], packet, 3)
            attacker.inject_bytes(stamped(net.east, packet))
    net.tell("PE2", "vrf set blue policy permissive")
    with reaches(net, 1, b"rule"), enters(net, bare=1):
        attacker.inject([300], packet)
    ktap.equal("policy", shown(net)["policy"], "permissive")


@test("a flood of bare packets is one event a second at most, and dropped to the last")
def flood(net):
    attacker = Attacker(net)
    net.run("PE2", "ip -f mpls route add 300 dev blue")
    packet = attacker.customer_packet(b"flood")
    with reaches(net, 0, b"flood"), told(net, [("blue", 300)], 30), \
            enters(net, dropped=2000):
        for _ in range(20):
            attacker.inject([300], packet, 100)


@test("a route that comes and goes under a flood lets nothing in")
def routes(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"route")
    with reaches(net, 0, b"route"):
        for label in (300, 301, 300, 301):
            attacker.inject([label], packet, 50)
            net.run("PE2", f"ip -f mpls route add {label} dev blue")
            attacker.inject([label], packet, 50)
            net.run("PE2", f"ip -f mpls route del {label}")
        with enters(net, verified=0, dropped=1):
            net.run("PE2", "ip -f mpls route add 300 dev blue")
            attacker.inject([300], packet)


def make_red(net, name="red"):
    """A VRF that label 301 leads into, and whose customer is CE2, too."""
    net.run("PE2", f"ip link add {name} type vrf table 20")
    net.run("PE2", f"ip link set {name} up")
    net.run("PE2", f"ip route replace vrf {name} 192.168.2.0/24 dev ce")
    net.run("PE2", f"ip -f mpls route replace 301 dev {name}")


@test("a VRF that is protected before it exists, deleted, made again, and renamed")
def comes_and_goes(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"come")
    net.tell("PE2", "vrf add red")
    ktap.equal("state", shown(net, "red")["state"], "no-device")
    for _ in range(2):
        make_red(net)
        ktap.equal("state", shown(net, "red")["state"], "protected")
        with reaches(net, 0, b"come"), enters(net, "red", dropped=3):
            attacker.inject([301], packet, 3)
        net.run("PE2", "ip link del red")
        ktap.equal("state", shown(net, "red")["state"], "no-device")
    # By both names, from then on.
    make_red(net)
    net.run("PE2", "ip link set red down")
    net.run("PE2", "ip link set red name green")
    net.run("PE2", "ip link set green up")
    net.run("PE2", "ip route replace vrf green 192.168.2.0/24 dev ce")
    ktap.equal("names", sorted((v["name"], v["state"]) for v in net.ask("PE2", "vrf show")),
               [("blue", "protected"), ("green", "protected"), ("red", "no-device")])
    with reaches(net, 0, b"come"), enters(net, "green", dropped=3):
        attacker.inject([301], packet, 3)
    net.run("PE2", "ip link set green down")
    net.run("PE2", "ip link set green name red")
    net.run("PE2", "ip link set red up")
    net.run("PE2", "ip route replace vrf red 192.168.2.0/24 dev ce")
    with reaches(net, 0, b"come"), enters(net, "red", dropped=3), enters(net, "green"):
        attacker.inject([301], packet, 3)
    # One that is not protected stays so when it is renamed, until its name is.
    net.tell("PE2", "vrf del red")
    with reaches(net, 1, b"come"):
        attacker.inject([301], packet)
    net.run("PE2", "ip link del red")


@test("two VRFs: each has its policy and counters, and its session opens but its own")
def two(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"two")
    make_red(net)
    with reaches(net, 1, b"two"), enters(net, dropped=1):
        attacker.inject([301], packet)
        net.run("PE2", "ip -f mpls route add 300 dev blue")
        attacker.inject([300], packet)
    net.tell("PE2", "vrf add red policy permissive")
    with reaches(net, 2, b"two"), enters(net, verified=1, dropped=1), enters(net, "red", bare=1):
        attacker.inject([300], packet)
        attacker.inject([301], packet)
        attacker.inject_bytes(stamped(net.east, packet))
    net.run("PE2", "ip link del red")


@contextlib.contextmanager
def leaves(net, device, count):
    """That many packets leave PE2 by the device within, which sends nothing else."""
    def sent():
        return json.loads(net.run("PE2", f"ip -j -s link show {device}"))[0]["stats64"]["tx"]["packets"]
    before = sent()
    yield
    busywait(20, lambda: sent() - before >= count)
    ktap.equal(f"packets out of {device}", sent() - before, count)


@test("labels with a next hop in the VRF, as FRR's per-nexthop labels: verified or bare")
def next_hops(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"hop")
    for command in ("ip link add ce9 type dummy", "sysctl -qw net.ipv6.conf.ce9.disable_ipv6=1",
                    "ip link set ce9 up", "ip addr add 192.168.9.254/24 dev ce9",
                    "ip neigh add 192.168.9.1 lladdr 02:00:00:00:09:01 dev ce9",
                    "ip -f mpls route add 300 via inet 192.168.9.1 dev ce9",
                    "ip -f mpls route replace 200 via inet 192.168.2.1 dev ce"):
        net.run("PE2", command)
    net.tell("PE2", "session set blue-in policy monitor")
    with reaches(net, 1, b"hop"), told(net, [("blue", 200)]), enters(net, verified=1, dropped=1):
        attacker.inject([200], packet)
        attacker.inject_bytes(stamped(net.east, packet))
    net.tell("PE2", "session set blue-in policy strict")
    for move, dropped in (("master blue", 3), ("nomaster", 0), ("master blue", 3)):
        net.run("PE2", f"ip link set ce9 {move}")
        with leaves(net, "ce9", 3 - dropped), enters(net, dropped=dropped):
            attacker.inject([300], packet, 3)
    net.tell("PE2", "vrf set blue policy permissive")
    with leaves(net, "ce9", 3), enters(net, bare=3):
        attacker.inject([300], packet, 3)
    # What the VRF's own routes send there is none of this.
    with leaves(net, "ce9", 3), enters(net):
        net.run("CE2", "ping -c 3 -i 0.1 -W 0.1 192.168.9.1", ok=False)
    # Nor is what a bridge sends there, by a VLAN of the same device.
    for device, kind in (("br9", "type bridge"), ("a9", "type veth peer name b9"),
                         ("ce9.5", "link ce9 type vlan id 5")):
        net.run("PE2", f"ip link add {device} {kind}")
    for device, master in (("br9", ""), ("a9", ""), ("ce9.5", "master br9"), ("b9", "master br9")):
        net.run("PE2", f"sysctl -qw net/ipv6/conf/{device}/disable_ipv6=1")
        net.run("PE2", f"ip link set {device} up {master}")
    frame = frames.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:09:02", 0x800, packet)
    with leaves(net, "ce9", 1), enters(net):
        net.sender("PE2", "a9").send(frame)
    net.tell("PE2", "vrf del blue")
    with leaves(net, "ce9", 3):
        attacker.inject([300], packet, 3)
    for device in ("br9", "a9", "ce9"):
        net.run("PE2", f"ip link del {device}")


@test("ports: what comes by another device is bare, as nothing verifies it")
def ports(net):
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"port")
    net.tell("PE2", "port add ce")
    with reaches(net, 0, b"port"), enters(net, dropped=2):
        attacker.inject([200], packet)
        attacker.inject([200], packet)
    net.tell("PE2", "port add core")
    with reaches(net, 1, b"port"), enters(net, verified=1):
        attacker.inject_bytes(stamped(net.east, packet))


@test("session flush takes no protection away; refusals")
def kept(net):
    net.unprotect()
    ktap.equal("VRFs", [v["name"] for v in net.ask("PE2", "vrf show")], ["blue"])
    # A second name of a device is none that labelhop knows: it is a VRF's that is to come.
    net.run("PE2", "ip link property add dev core altname second")
    net.tell("PE2", "vrf add second")
    ktap.equal("state", shown(net, "second")["state"], "no-device")
    net.run("PE2", "ip link property del dev core altname second")
    for command, sentence in (
            ("vrf add blue", "this VRF is protected already (attribute name)"),
            ("vrf add core", "the device of this name is not a VRF (attribute name)"),
            ("vrf del red", "this VRF is not protected (attribute name)"),
            ("vrf show red", "this VRF is not protected (attribute name)"),
            ("vrf set red policy strict", "this VRF is not protected (attribute name)")):
        said = net.labelhop("PE2", command, ok=False)
        ktap.check(sentence in said[2], f"{command}: {said!r}")


@test("what the kernel refuses about protected VRFs: errno, sentence and attribute")
def refusals(net):
    genl = Genl(net, "PE2")
    blue, policy = attribute(NAME, b"blue\0"), attribute(POLICY, b"\1")
    for what, command, body, kind, sentence, errno in (
            ("no name", VRF_NEW, policy, None, "the VRF's name is missing", EINVAL),
            ("no name", VRF_DEL, b"", None, "the VRF's name is missing", EINVAL),
            ("no name", VRF_GET, b"", None, "the VRF's name is missing", EINVAL),
            ("empty", VRF_NEW, attribute(NAME, b"\0"), NAME, "no device can have this name", EINVAL),
            ("a slash", VRF_NEW, attribute(NAME, b"a/b\0"), NAME, "no device can have", EINVAL),
            ("too long", VRF_NEW, attribute(NAME, b"a" * 16 + b"\0"), NAME, "", EINVAL),
            ("a policy", VRF_NEW, attribute(NAME, b"red\0") + attribute(POLICY, b"\3"), POLICY,
             "", ERANGE),
            ("no name", VRF_SET, policy, None, "the VRF's name is missing", EINVAL),
            ("no policy", VRF_SET, blue, None, "the policy is missing", EINVAL),
            ("twice", VRF_NEW, blue, NAME, "this VRF is protected already", EEXIST),
            ("no VRF", VRF_NEW, attribute(NAME, b"core\0"), NAME, "is not a VRF", EINVAL),
            ("unknown", VRF_SET, attribute(NAME, b"red\0") + policy, NAME, "is not protected", ENOENT),
            ("read only", VRF_NEW, attribute(NAME, b"red\0") + attribute(IFINDEX, bytes(4)),
             IFINDEX, "", EINVAL)):
        refused(genl, what, body, kind, sentence, command, errno)
    ktap.equal("VRFs", [(v["name"], v["policy"]) for v in net.ask("PE2", "vrf show")],
               [("blue", "strict")])


@test("session add names the VRF that its label leads into, unless it is protected")
def hint(net):
    def said(label, direction="in", payload="ip"):
        net.tell("PE2", "session flush")
        path = net.file(make_params(label))
        result = net.labelhop("PE2", f"session add new dir {direction} params {path} "
                              f"payload {payload}", ok=False)
        return result[2]

    net.run("PE2", "ip -f mpls route add 300 via inet 10.0.5.1 dev core")
    ktap.equal("protected", said(200), "")
    net.tell("PE2", "vrf del blue")
    sentence = ("Warning: labelhop: label 200 leads into VRF blue, "
                "which other labels may enter: see vrf add.\n")
    ktap.equal("not protected", said(200), sentence)
    ktap.equal("and another command", net.labelhop("PE2", "session set new delay 1ms"), "")
    ktap.equal("no route", said(301),
               "Warning: labelhop: no route here has label 301 of session new.\n")
    for what, arguments in (("a label of another device", [300]), ("direction out", [200, "out"]), ("a pseudowire's", [200, "in", "pw"])):
        ktap.equal(what, said(*arguments), "")


@ktap.test("what a tail PE gets: a transport label, popped to lo, or explicit nulls")
def tails():
    for tail, above in (("nophp", 2102), ("null", 0)):
        with Lab(TAIL=tail) as net:
            protect(net)
            attacker = Attacker(net)
            packet = attacker.customer_packet(b"tail")
            with reaches(net, 21, b"tail"), enters(net, verified=21, dropped=2):
                net.customer_send(20, b"tail")
                net.run("PE2", "ip -f mpls route add 300 dev blue")
                attacker.inject([above, 300], packet)
                attacker.inject([above, above, 300], packet)
                attacker.inject_bytes(frames.stack([frames.Entry(above, s=0)])
                                      + stamped(net.east, packet))
            net.run("CE2", f"ping -c 1 -W 5 {CE1}")


if __name__ == "__main__":
    with Lab() as lab:
        ktap.main(lab)
