#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a pseudowire follows: routes, next hops, MTUs, and the end of devices, namespaces
and the module."""

import collections
import os

import frames
import ktap
from ktap import busywait
from pwlab import (A, B, BROADCAST, EAST, PE1, PE2, PE2_6, WEST, PwLab, arrives, cw_for, frame,
                   random_frame, test, through, wire)
from traffic import has_device, repeated

TEST = random_frame(100)


def ways(net, *sent):
    """The second label of what leaves, which tells the route."""
    return [f.stack[1].label for f in wire(net, *sent)]


@test("the route decides: gone, unreachable, changed, another encapsulation")
def route(net):
    net.pws()
    net.state("PE1", "up")
    ktap.equal("label", ways(net, TEST), [3002])
    net.route("PE1", PE2, "1001/3009 via inet 10.0.1.2", "replace")
    ktap.equal("label", ways(net, TEST), [3009])
    host = f"{PE2}/32"
    others = ("unreachable {}", "blackhole {}", "prohibit {}",
              "{} encap ip id 7 dst 10.0.1.2 via 10.0.1.2 dev core")
    with net.tap("P1", "west", mpls=True) as tap:
        net.run("PE1", f"ip route del {host}")
        net.send("PE1", "pw0", TEST)
        net.state("PE1", "no-route")
        for other in others:
            net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2")
            net.state("PE1", "up")
            net.run("PE1", f"ip route del {host}")
            net.run("PE1", "ip route add " + other.format(host))
            net.send("PE1", "pw0", TEST)
            net.state("PE1", "no-route")
            net.send("PE1", "pw0", TEST)
            net.run("PE1", f"ip route del {host}")
        net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2")
        net.state("PE1", "up")
        arrives(net, TEST)
        # Frames keep their order: no other has left before.
        ktap.equal("frames that left", len(tap.wait(1)), 1)
    # Without a carrier the kernel does not hand frames on, so not all are counted here.
    stats = net.link("PE1", "pw0")["stats64"]["tx"]
    ktap.check(stats["carrier_errors"] >= 1, "no frame was counted")


@test("a route of IPv6 decides the same: gone, unreachable, changed")
def route6(net):
    via, host = "via inet6 fd00:1::2", f"{PE2_6}/128"
    net.pws(six=True)
    net.state("PE1", "up")
    net.route("PE1", PE2_6, f"1001/3009 {via}", "replace")
    ktap.equal("label", ways(net, TEST), [3009])
    with net.tap("P1", "west", mpls=True) as tap:
        net.run("PE1", f"ip -6 route del {host}")
        net.send("PE1", "pw0", TEST)
        net.state("PE1", "no-route")
        net.run("PE1", f"ip -6 route add unreachable {host}")
        net.send("PE1", "pw0", TEST)
        net.state("PE1", "no-route")
        net.run("PE1", f"ip -6 route del {host}")
        net.route("PE1", PE2_6, f"1001/3002 {via}")
        net.state("PE1", "up")
        arrives(net, TEST)
        ktap.equal("labels", [f.stack[1].label for f in tap.wait(1)], [3002])


@test("a route without labels: the pseudowire's own alone goes to the remote PE itself only")
def plain(net):
    """Or where the user says that whoever is next may have it."""
    def labels():
        return frames.labels(wire(net, TEST)[0])
    ends = f"in-label {WEST} out-label {EAST}"
    net.run("PE1", "ip route add 10.255.0.9/32 via 10.0.1.2 dev core")
    net.pw("PE1", "pw0", "10.255.0.9", ends, "tunnel any")
    ktap.equal("labels", labels(), [EAST])
    ktap.equal("tunnel", net.pw_show("PE1")["tunnel"], "any")
    net.tell("PE1", "pw del pw0")
    # Of the neighbour, on the link; by itself as a gateway; and by another address.
    net.run("PE1", "ip route replace 10.255.0.9/32 via 10.255.0.9 dev core onlink")
    net.run("PE1", "ip neighbour replace 10.255.0.9 lladdr 02:00:00:00:01:02 dev core")
    for remote in ("10.0.1.2", "fd00:1::2", "10.255.0.9"):
        net.pw("PE1", "pw0", remote, ends)
        net.state("PE1", "up")
        ktap.equal("labels", labels(), [EAST])
        net.tell("PE1", "pw del pw0")
    net.run("PE1", "ip route replace 10.255.0.9/32 via 10.0.1.2 dev core")
    net.run("PE1", "ip -6 route add fd00:255::9/128 via fd00:1::2 dev core")
    # The next hop has the remote PE's family, and then the other one.
    for _ in range(2):
        for remote in ("10.255.0.9", "fd00:255::9"):
            net.pw("PE1", "pw0", remote, ends)
            net.state("PE1", "no-tunnel")
            ktap.equal("tunnel", net.pw_show("PE1")["tunnel"], "required")
            net.tell("PE1", "pw del pw0")
        net.run("PE1", "ip route replace 10.255.0.9/32 via inet6 fd00:1::2 dev core")
        net.run("PE1", "ip -6 route replace fd00:255::9/128 via ::ffff:10.0.1.2 dev core onlink")
    net.run("PE1", "ip route del 10.255.0.9/32")
    net.run("PE1", "ip neighbour del 10.255.0.9 dev core")
    net.run("PE1", "ip -6 route del fd00:255::9/128")


def label_goes(net, six):
    """The transport label goes away and comes back under traffic."""
    ip, to = ("ip -6", f"{PE2_6}/128") if six else ("ip", f"{PE2}/32")
    via = "via fd00:1::2 dev core" if six else "via 10.0.1.2 dev core"
    with_label = f"{ip} route replace {to} encap mpls 1001/3002 {via}"
    net.pws(six=six)
    net.state("PE1", "up")
    sender = net.sender("PE1", "pw0")
    with net.tap("P1", "west", mpls=True) as tap:
        with repeated(lambda: sender.send(*[TEST] * 20), 0):
            for _ in range(5):
                net.run("PE1", f"{ip} route replace {to} {via}")
                net.state("PE1", "no-tunnel")
                net.run("PE1", with_label)
                net.state("PE1", "up")
        seen = collections.Counter(tuple(frames.labels(f)) for f in tap.wait(1))
    ktap.say(f"{sum(seen.values())} frames")
    ktap.equal("stacks of the frames that left", set(seen), {(1001, 3002, EAST)})
    # One of two next hops loses its label: its flows go by the other one.
    net.run("PE1", f"{ip} route del {to}")
    net.run("PE1", f"{ip} route add {to} nexthop encap mpls 1001/3002 {via} nexthop {via}")
    net.state("PE1", "up")
    ktap.equal("ways", collections.Counter(ways(net, *flows(40))), {3002: 40})
    net.run("PE1", f"{ip} route del {to}")
    net.run("PE1", with_label)


@test("the transport label goes away under traffic: no frame leaves with the pseudowire's alone")
def tunnel(net):
    label_goes(net, False)
    net.no_pws()
    label_goes(net, True)


@test("next hops of the other family, and a route's own TTL")
def families(net):
    net.route("PE1", PE2, "1001/3002 ttl 77 via inet6 fd00:1::2", "replace")
    net.pws()
    arrives(net, TEST)
    ktap.equal("TTLs", [e.ttl for e in wire(net, TEST)[0].stack], [77, 77, 77])
    net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2", "replace")
    net.no_pws()
    # RFC 4798: an IPv4 next hop is written as an address that is mapped.
    net.run("PE1", f"ip -6 route replace {PE2_6}/128 encap mpls 1001/3002 "
                   "via ::ffff:10.0.1.2 dev core onlink")
    net.pws(six=True)
    arrives(net, TEST)
    net.route("PE1", PE2_6, "1001/3002 via inet6 fd00:1::2", "replace")


@test("the remote PE is this one: no route")
def itself(net):
    for address, length in (("10.255.0.77", 32), ("fd00:255::77", 128)):
        net.run("PE1", f"ip address add {address}/{length} dev lo")
        net.pw("PE1", "pw0", address, f"in-label {WEST} out-label {EAST}")
        net.state("PE1", "no-route")
        net.tell("PE1", "pw del pw0")
        net.run("PE1", f"ip address del {address}/{length} dev lo")


@test("the next hop does not answer: no carrier; it is asked again until it does")
def neighbour(net):
    net.run("PE1", f"ip route replace {PE2}/32 encap mpls 1001/3002 via inet 10.0.1.77 "
                   "dev core onlink")
    net.pws()
    net.send("PE1", "pw0", TEST)
    net.state("PE1", "no-neighbour")
    net.run("P1", "ip address add 10.0.1.77/32 dev west")
    net.state("PE1", "up")
    arrives(net, TEST)
    net.run("P1", "ip address del 10.0.1.77/32 dev west")
    net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2", "replace")


@test("the device to the core goes down and comes back")
def core_down(net):
    net.pws()
    net.state("PE1", "up")
    for name, device in (("PE1", "core"), ("P1", "west")):
        net.run(name, f"ip link set {device} down")
        net.state("PE1", "no-route")
        net.run(name, f"ip link set {device} up")
        if name == "PE1":
            # The kernel has forgotten what it knew of the device.
            net.run("PE1", "ip address replace fd00:1::1/64 dev core nodad")
            for hop in ("10.0.1.2", "fd00:1::2"):
                net.run("PE1", f"ip neighbour replace {hop} lladdr 02:00:00:00:01:02 dev core "
                               "nud permanent")
            net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2", "replace")
            net.route("PE1", PE2_6, "1001/3002 via inet6 fd00:1::2", "replace")
        net.state("PE1", "up")
    busywait(5, lambda: len(through(net, TEST)) == 1)
    arrives(net, TEST)


def set_core_mtu(net, mtu):
    for name, device in (("PE1", "core"), ("P1", "west")):
        net.run(name, f"ip link set {device} mtu {mtu}")


@test("MTU: the path's less our bytes, unless one is set; a VLAN tag more has room")
def mtu(net):
    # Two transport labels; label, control word, MAC header and a VLAN tag.
    net.pws()
    net.mtu("PE1", 1600 - 8 - 4 - 4 - 14 - 4)
    set_core_mtu(net, 1700)
    net.mtu("PE1", 1666)
    net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2 mtu 1500", "replace")
    net.mtu("PE1", 1500 - 8 - 26)
    net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2", "replace")
    set_core_mtu(net, 1600)
    net.mtu("PE1", 1566)
    with net.tap("P1", "west", mpls=True) as tap:
        full = random_frame(1580)
        tagged = frame(os.urandom(1566), vlans=[(0x8100, 5)])
        arrives(net, full, tagged)
        ktap.equal("longest on the wire", max(len(f.raw) for f in tap.frames()), 14 + 1600)
    net.tell("PE1", "pw del pw0")
    net.pw("PE1", "pw0", PE2, f"in-label {WEST} out-label {EAST}", "mtu 1400")
    ktap.equal("mtu", (net.link("PE1", "pw0")["mtu"], net.pw_show("PE1").get("mtu")), (1400, 1400))
    net.run("PE1", "ip link set pw0 mtu 1300")
    net.pw("PE1", "pw1", PE2, "in-label 444 out-label 333")
    set_core_mtu(net, 1590)
    # When the other one has followed, this one has been looked after.
    net.mtu("PE1", 1590 - 8 - 26, "pw1")
    ktap.equal("mtu", (net.link("PE1", "pw0")["mtu"], net.pw_show("PE1").get("mtu")), (1300, 1300))
    set_core_mtu(net, 1600)


@test("what does not fit is dropped and counted, with and without a session")
def too_big(net):
    net.pws("mtu 9000")
    before = net.link("PE1", "pw0")["stats64"]["tx"]["dropped"]
    with net.tap("P1", "west", mpls=True) as tap:
        net.send("PE1", "pw0", random_frame(1585), random_frame(5000), random_frame(1584))
        ktap.equal("frames", len(tap.wait(1)), 1)
    ktap.equal("dropped", net.link("PE1", "pw0")["stats64"]["tx"]["dropped"] - before, 2)
    net.no_pws()
    net.secure_pws("mtu 9000")
    with net.expect("PE1", "red-out", drop_too_big=1, stamped=1):
        net.send("PE1", "pw0", random_frame(1577), random_frame(1576))


@test("MTU with a session: its labels less")
def session_mtu(net):
    net.secure_pws()
    net.mtu("PE1", 1566 - 8)
    arrives(net, random_frame(1558 + 14))


@test("jumbo frames")
def jumbo(net):
    set_core_mtu(net, 9600)
    for name, device in (("P1", "east"), ("ASBR1", "west"), ("ASBR1", "east"), ("WIRE", "w1"),
                         ("WIRE", "w2"), ("ASBR2", "west"), ("ASBR2", "east"), ("P2", "west"),
                         ("P2", "east"), ("PE2", "core")):
        net.run(name, f"ip link set {device} mtu 9600")
    net.secure_pws(hash_len="full")
    net.mtu("PE1", 9600 - 8 - 8 - 26)
    arrives(net, random_frame(9014), random_frame(9558 + 14))
    set_core_mtu(net, 1600)


def flows(count):
    return [frames.ethernet(B, A, frames.ETH_P_IP,
                            frames.ipv4("10.1.1.1", f"10.2.{i >> 8}.{i & 255}", b"flow"))
            for i in range(count)]


def by_way(net, count=400):
    """How many flows have each way, of which a flow has one."""
    chosen = ways(net, *flows(count) * 2)
    ktap.equal("ways of the same flows", chosen[:count], chosen[count:])
    return collections.Counter(chosen)


def balanced(net):
    """Half of the flows with each of two ways; a fifth is six standard deviations off."""
    counts = by_way(net)
    ktap.equal("ways", set(counts), {3002, 3009})
    ktap.check(min(counts.values()) >= 80, f"flows by way: {counts}")


def hops(*labels, via="inet 10.0.1.2"):
    return " ".join(f"nexthop encap mpls 1001/{label} via {via} dev core" for label in labels)


@test("equal-cost paths by flow, IPv4 and IPv6")
def ecmp(net):
    net.run("PE1", f"ip route replace {PE2}/32 {hops(3002, 3009)}")
    net.pws()
    balanced(net)
    net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2", "replace")
    ktap.equal("ways", set(ways(net, *flows(8))), {3002})
    net.no_pws()
    net.run("PE1", f"ip -6 route del {PE2_6}/128")
    net.run("PE1", f"ip -6 route add {PE2_6}/128 {hops(3002, 3009, via='inet6 fd00:1::2')}")
    net.pws(six=True)
    balanced(net)
    net.run("PE1", f"ip -6 route del {PE2_6}/128")
    net.route("PE1", PE2_6, "1001/3002 via inet6 fd00:1::2")


@test("eight equal-cost paths: none is left out")
def eight(net):
    labels = range(3002, 3010)
    net.run("PE1", f"ip route replace {PE2}/32 {hops(*labels)}")
    net.pws()
    ktap.equal("ways", set(by_way(net)), set(labels))
    net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2", "replace")


@test("TCP in bulk through it, with all offloads that the system likes")
def offloads(net):
    net.secure_pws(hash_len="full")
    for name, address in (("PE1", "10.77.0.1/24"), ("PE2", "10.77.0.2/24")):
        net.run(name, f"ip address add {address} dev pw0")
    longest = 0
    with net.tap("P1", "west", mpls=True) as tap:
        receiver = net.tool("PE2", "lh-tcp", "recv", 5001)
        net.result(net.tool("PE1", "lh-tcp", "send", "10.77.0.2", 5001, 4 << 20))
        ktap.equal("what arrived", net.result(receiver), {"bytes": 4 << 20, "good": True})
        longest = max(len(f.raw) for f in tap.frames())
    ktap.check(1500 < longest <= 1614, f"the longest frame had {longest} bytes")
    for name in ("PE1", "PE2"):
        for session, counts in net.all_stats(name).items():
            ktap.equal(f"drops of {session} on {name}",
                       {k: v for k, v in counts.items() if k.startswith("drop") and v}, {})
    features = net.run("PE1", "ethtool -k pw0")
    ktap.check("tx-checksumming: off" in features, "it promises checksums")
    ktap.check("tcp-segmentation-offload: off" in features, "it promises segmentation")


@test("the device: its kind, its name, its end")
def device(net):
    net.pws()
    info = net.link("PE1", "pw0")
    ktap.equal("kind", info["linkinfo"]["info_kind"], "labelhop")
    ktap.equal("type", info["link_type"], "ether")
    for command, word in (("ip link add pw9 type labelhop", "not supported"),
                          ("ip link set pw0 netns 1", "")):
        status, _, error = net.run("PE1", command, ok=False)
        ktap.check(status and word in error, f"{command}: {status} {error}")
    net.run("PE1", "ip link set pw0 down")
    net.run("PE1", "ip link set pw0 name pwx up")
    ktap.equal("names", [pw["name"] for pw in net.ask("PE1", "pw show")], ["pwx"])
    net.run("PE1", "ip link del pwx")
    ktap.equal("pseudowires", net.ask("PE1", "pw show"), [])
    # Label and name are free again.
    net.pw("PE1", "pw0", PE2, f"in-label {WEST} out-label {EAST}")
    arrives(net, TEST)


@test("a namespace with pseudowires in a bridge dies under traffic, 5 times")
def namespace(net):
    net.pws()
    for _ in range(5):
        ns = f"lh-dying-{os.urandom(4).hex()}"
        net.shell(f"ip netns add {ns} && ip link add n0 netns {ns} address 02:00:00:00:09:01 "
                  "type veth peer name n1 netns $P2 address 02:00:00:00:09:02 && "
                  f"ip -n {ns} link set n0 up && ip -n $P2 link set n1 up && "
                  f"ip -n {ns} address add 10.0.9.1/24 dev n0 && "
                  f"ip -n {ns} link add lan type bridge forward_delay 0 && ip -n {ns} link set lan up")
        net.adopt("dying", ns)
        net.run("dying", "ip neighbour add 10.0.9.2 lladdr 02:00:00:00:09:02 dev n0 nud permanent")
        for i in range(3):
            net.run("dying", f"ip route add 10.255.9.{i}/32 encap mpls {1000 + i} via inet 10.0.9.2 "
                    "dev n0")
            net.pw("dying", f"pw{i}", f"10.255.9.{i}", f"in-label {700 + i} out-label {800 + i}")
            net.run("dying", f"ip link set pw{i} master lan")
        sender = net.sender("P2", "n1")
        flood = frame(b"flood" * 20, dst=BROADCAST)
        packet = frames.ethernet("02:00:00:00:09:01", "02:00:00:00:09:02", frames.ETH_P_MPLS,
                                 frames.stack([700]) + cw_for(flood) + flood)
        with net.tap("P2", "n1", mpls=True) as tap:
            sender.send(*[packet] * 50)
            ktap.check(len(tap.wait(50)) >= 50, "the bridge forwards nothing")
        sender.send(*[packet] * 200)
        net.forget("dying")
        net.shell(f"ip netns del {ns}")
        ktap.check(busywait(20, lambda: not has_device(net, "P2", "n1")),
                   "the device outlives its namespace")
    arrives(net, TEST)


@test("the module is removed and loaded with pseudowires, 3 times")
def module(net):
    for _ in range(3):
        net.pws()
        arrives(net, TEST)
        net.dismiss("PE1", "PE2")
        net.run("PE1", "rmmod labelhop")
        ktap.check(not has_device(net, "PE1", "pw0"), "a device without its module")
        net.run("PE1", "modprobe labelhop")


@test("thousands of pseudowires on one PE, and the last of them carries frames")
def thousands(net):
    count = int(os.environ.get("LABELHOP_PWS", "2000"))
    # A message of any length is the one that has no room any more.
    names = [f"t{i}" + "x" * (i % 8) for i in range(count)]
    lines = "".join(f"pw add {name} remote {PE2} in-label {20000 + i} out-label {40000 + i}\n"
                    for i, name in enumerate(names))
    path = os.path.join(net.tmp.name, "pws")
    with open(path, "w", encoding="ascii") as f:
        f.write(lines)
    net.run("PE1", f"labelhop -b {path}")
    ktap.equal("pseudowires", len(net.ask("PE1", "pw show")), count)
    last = names[-1]
    net.run("PE1", f"ip link set {last} up")
    net.state("PE1", "up", last, 60)
    net.pw("PE2", "pw0", PE1, f"in-label {40000 + count - 1} out-label {20000 + count - 1}")
    with net.tap("PE2", "pw0") as tap:
        net.send("PE1", last, TEST)
        ktap.equal("frames", [f.raw for f in tap.wait(1)], [TEST])
    # All at once, as when the namespace ends.
    net.dismiss("PE1", "PE2")
    net.run("PE1", "rmmod labelhop")
    net.run("PE1", "modprobe labelhop")
    ktap.equal("pseudowires", net.ask("PE1", "pw show"), [])


if __name__ == "__main__":
    with PwLab() as lab:
        ktap.main(lab)
