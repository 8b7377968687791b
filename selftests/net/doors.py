#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 14: devices that others take, let go of, rename and move. Nothing forged comes in
whatever a strict session's door is made of; what is good is verified once, and delivered.
Kernels differ in: devices, and how they take frames."""

import contextlib
import errno
import os
import sys
import time

import frames
import ktap
from attack import P2, PE2, stamped, wrong_tag
from ktap import busywait
from lab import CE2, SELFTESTS, Lab, make_params
from ovs import Ovs

sys.path.insert(0, os.path.join(SELFTESTS, "fuzz"))
# pylint: disable=wrong-import-position
from nl_spec import Attr, encode  # noqa: E402
from rtnl import ADDRESS, IFNAME, NET_NS_FD, Rtnl, text, u32  # noqa: E402

Q = frames.ETH_P_8021Q
# linux/if_link.h
NETKIT_PEER, NETKIT_MODE, NETKIT_L2 = 1, 5, 0
FORGED, GOOD = b"forged!", b"as good as gold"
# A round is a device taken and let go of. On a stock kernel one in ten let forgeries in.
ROUNDS = 12


def packet(data):
    return frames.ipv4("192.168.1.1", CE2, data)


def framed(labelled, vlans=(), dst=PE2):
    return frames.ethernet(dst, P2, frames.ETH_P_MPLS, labelled, vlans)


class Door:
    """The PE with a strict session in."""

    def __init__(self, net):
        self.net = net
        self.east = make_params(200)
        self.far = net.sender("FAR", "far")
        self.tap = net.tap("CE", "pe")
        net.clocks("PE")
        net.add("PE", "blue-in", "in", self.east)

    def policy(self, policy):
        self.net.tell("PE", f"session set blue-in policy {policy}")

    def ip(self, *lines):
        """Lines for ip -b, in the PE."""
        path = f"{self.net.tmp.name}/lines"
        with open(path, "w", encoding="ascii") as f:
            f.writelines(f"{line}\n" for line in lines)
        return self.net.run("PE", f"ip -b {path}")

    def inputs(self, *devices):
        for device in devices:
            self.net.run("PE", f"sysctl -qw net.mpls.conf.{device}.input=1")

    def loads(self, module):
        """A kernel may lack a kind of device by right."""
        if self.net.run("PE", f"modprobe -q {module}", ok=False)[0]:
            ktap.say(f"this kernel has no {module}")
            return False
        return True

    def needs(self, module):
        if not self.loads(module):
            ktap.skip(f"this kernel has no {module}")

    def bare(self, data=FORGED):
        return frames.stack([200]) + packet(data)

    def forgeries(self):
        """Frames that must not come in, however they are wrapped."""
        bad = wrong_tag(stamped(self.east, packet(FORGED)))
        null = frames.stack([frames.Entry(0, s=0)]) + self.bare()
        return [framed(self.bare()), framed(bad), framed(self.bare(), [(Q, 0)]), framed(null),
                framed(self.bare(), [(Q, 0), (Q, 0)])]

    def good(self, dst=PE2, vlans=()):
        return framed(stamped(self.east, packet(GOOD)), vlans, dst)

    def came(self, data):
        return sum(data in f.raw for f in self.tap.frames())

    def opens(self, dst, vlans):
        """Bridge ports and carriers come up in their own time."""
        def sent():
            self.far.send(self.good(dst, vlans))
            return self.came(GOOD)
        self.tap.clear()
        busywait(10, sent)
        # None of these is still on its way.
        count = None
        while count != (now := self.net.stats("PE", "blue-in")):
            count = now
        self.tap.clear()

    def delivers(self, what, dst=PE2, vlans=(), good=5, bare=5):
        """Good frames are verified once each and reach the CE; bare ones do not, and are
        counted once each."""
        self.opens(dst, vlans)
        with self.net.expect("PE", "blue-in", verified=good, drop_bare=bare):
            self.far.send(*[self.good(dst, vlans)] * good)
            self.far.send(*[framed(self.bare(), vlans, dst)] * bare)
        busywait(5, lambda: self.came(GOOD) >= good)
        ktap.equal(f"{what}: good ones at the CE", self.came(GOOD), good)
        ktap.equal(f"{what}: forged ones at the CE", self.came(FORGED), 0)

    @contextlib.contextmanager
    def flood(self):
        """Forgeries come meanwhile, as fast as they go; none may reach the CE."""
        path = f"{self.net.tmp.name}/forged"
        with open(path, "w", encoding="ascii") as f:
            f.writelines(frame.hex() + "\n" for frame in self.forgeries())
        counter = self.net.tool("CE", "lh-count", "pe", FORGED.hex())
        flood = self.net.tool("FAR", "lh-inject", "--count", 1 << 40, "--file", path, "far")
        try:
            yield
        finally:
            flood.terminate()
            flood.communicate()
            counter.terminate()
            seen = self.net.result(counter)
        dropped = sum(n for k, n in self.net.stats("PE", "blue-in").items() if k.startswith("drop"))
        ktap.say(f"{dropped} dropped")
        ktap.check(dropped > 1000, f"only {dropped} forgeries were dropped: nothing is shown")
        ktap.equal("forgeries at the CE, and not seen", seen, {"count": 0, "missed": 0})


def as_before(d):
    """Undo what a test made, whether it came to its end or not."""
    for line in ("link del top", "link del mv", "link del e1", "link set e0 nomaster",
                 "link set e0 up"):
        d.net.run("PE", f"ip {line}", ok=False)
    d.policy("strict")


test = ktap.leaving(as_before)


def over(kind, options=""):
    """A device `top` of a kind that takes e0, with e0's address."""
    return ["link set e0 down", f"link add top address {PE2} type {kind} {options}",
            "link set e0 master top", "link set e0 up", "link set top up"]


BOND, BRIDGE = ("bond", "mode active-backup"), ("bridge", "forward_delay 0")


@test("14 bond and bridge: good is verified above, once; bare is dropped below, once")
def taken(d):
    for kind, options in (BOND, BRIDGE):
        d.ip(*over(kind, options))
        d.inputs("top")
        d.delivers(kind)
        d.ip("link del top", "link set e0 up")
        d.delivers(f"after {kind}")


def races(d, taking, leaving):
    with d.flood():
        for _ in range(ROUNDS):
            d.ip(*taking)
            d.ip(*leaving)
    d.delivers("afterwards")


@test("14 a flood of forgeries while a bond takes e0 and lets go of it: none comes in")
def bond_race(d):
    d.ip(f"link add top address {PE2} type bond mode active-backup", "link set top up")
    d.inputs("top")
    races(d, ["link set e0 down", "link set e0 master top"],
          ["link set e0 nomaster", "link set e0 up"])


@test("14 the same with a bridge")
def bridge_race(d):
    d.ip(f"link add top address {PE2} type bridge forward_delay 0", "link set top up")
    d.inputs("top")
    races(d, ["link set e0 master top"], ["link set e0 nomaster"])


@test("14 the same with a team")
def team_race(d):
    d.needs("team")
    d.ip(f"link add top address {PE2} type team", "link set top up")
    d.inputs("top")
    races(d, ["link set e0 down", "link set e0 master top", "link set e0 up"],
          ["link set e0 nomaster", "link set e0 up"])


@test("14 the same with Open vSwitch")
def ovs_race(d):
    d.needs("openvswitch")
    ovs = Ovs(d.net, "PE")
    try:
        with d.flood():
            for _ in range(5 * ROUNDS):
                ovs.take("e0")
                ovs.leave("e0")
        d.delivers("afterwards")
    finally:
        ovs.end()


@test("14 the same while a port is renamed, and moves to another namespace and back")
def port_race(d):
    names = d.net.names
    d.net.tell("PE", "port add e0")
    try:
        with d.flood():
            for _ in range(3):
                for old, new in (("e0", "e9"), ("e9", "e0")):
                    d.ip(f"link set {old} down", f"link set {old} name {new}",
                         f"link set {new} up")
                d.ip(f"link set e0 netns {names['FAR']}")
                d.net.run("FAR", f"ip link set e0 netns {names['PE']}")
                d.ip("link set e0 up")
                d.inputs("e0")
        d.delivers("afterwards")
    finally:
        d.net.tell("PE", "port del e0")


@test("14 macvlan: what is for the device below is verified there, what is above, above")
def macvlan(d):
    d.needs("macvlan")
    for mode in ("private", "vepa", "bridge", "source"):
        d.ip(f"link add mv link e0 address 02:00:00:00:05:09 type macvlan mode {mode}",
             "link set mv up")
        d.inputs("mv")
        d.delivers(f"{mode}, to e0")
        if mode != "source":
            d.delivers(f"{mode}, to the macvlan", "02:00:00:00:05:09")
        d.ip("link del mv")


@test("14 macvlan passthru: verified above, once, and delivered")
def passthru(d):
    d.needs("macvlan")
    d.ip("link add mv link e0 type macvlan mode passthru", "link set mv up")
    d.inputs("mv")
    d.delivers("passthru")
    d.ip("link del mv")
    d.delivers("without")


@test("14 permissive and monitor count a packet once, whichever device takes it")
def counted_once(d):
    d.ip(*over(*BOND))
    d.inputs("top")
    d.opens(PE2, ())
    hidden = framed(d.bare(), [(Q, 0), (Q, 0)])
    for policy, count, counts in (
            ("permissive", 4, {"bare": 4, "drop_malformed": 1}),
            ("monitor", 5, {"pass_bare": 4, "pass_malformed": 1})):
        d.policy(policy)
        d.tap.clear()
        with d.net.expect("PE", "blue-in", verified=3, **counts):
            d.far.send(*[d.good()] * 3, *[framed(d.bare())] * 4, hidden)
        ktap.check(busywait(5, lambda: d.came(FORGED) == count and d.came(GOOD) == 3),
                   f"{policy}: {d.came(FORGED)} and {d.came(GOOD)} reach the CE")


@test("14 ipvlan, MACsec, PRP: verified once, and delivered")
def others(d):
    prp = ["link add e1 type veth peer name e2", "link set e1 up", "link set e2 up",
           "link add top type hsr slave1 e0 slave2 e1 proto 1"]
    for module, lines in (("ipvlan", ["link add top link e0 type ipvlan mode l2"]),
                          ("macsec", ["link add link e0 top type macsec"]), ("hsr", prp)):
        if not d.loads(module):
            continue
        d.ip(*lines, "link set top up")
        d.inputs("top")
        d.delivers(module)
        d.ip("link del top")


@test("14 QinQ, a VRF and a team: verified once, and delivered")
def more(d):
    d.ip("link add link e0 name top type vlan protocol 802.1ad id 5", "link set top up",
         "link add link top name mv type vlan id 6", "link set mv up")
    d.inputs("mv")
    d.delivers("QinQ", vlans=[(frames.ETH_P_8021AD, 5), (Q, 6)])
    d.ip("link del mv", "link del top", "link add top type vrf table 99", "link set top up",
         "link set e0 master top")
    d.delivers("a VRF's")
    d.ip("link set e0 nomaster", "link del top")
    d.delivers("no VRF's any more")
    if d.loads("team"):
        d.ip(*over("team"))
        d.inputs("top")
        d.delivers("team")
        d.ip("link del top", "link set e0 up")


@test("14 a flood of forgeries while a VRF takes e0 and lets go of it: none comes in")
def vrf_race(d):
    d.ip("link add top type vrf table 99", "link set top up")
    races(d, ["link set e0 master top"], ["link set e0 nomaster"])


@test("14 Open vSwitch's own port: verified there, once, and delivered")
def ovs_good(d):
    d.needs("openvswitch")
    ovs = Ovs(d.net, "PE")
    try:
        d.ip(f"link set ovs0 address {PE2} up")
        d.inputs("ovs0")
        ovs.take("e0", 1)
        ovs.forward(1, 0)
        d.delivers("ovs0")
    finally:
        ovs.end()


@test("14 HSR without its tag: neither good nor forged comes in, as operation.rst says")
def untagged(d):
    d.needs("hsr")
    d.ip("link add e1 type veth peer name e2", "link set e1 up", "link set e2 up",
         "link add top type hsr slave1 e0 slave2 e1 proto 0", "link set top up")
    d.inputs("top")
    d.tap.clear()
    with d.net.expect("PE", "blue-in", drop_bare=5):
        d.far.send(*[d.good()] * 5)
        d.far.send(*[framed(d.bare())] * 5)
    ktap.equal("at the CE", (d.came(GOOD), d.came(FORGED)), (0, 0))
    d.ip("link del top")
    d.delivers("without HSR")


@test("14 netkit: verified once, and delivered")
def netkit(d):
    """In its mode for Ethernet, for which the ip command may have no words yet."""
    peer = bytes(16) + encode([text(IFNAME, "nkfar"), u32(NET_NS_FD, d.net.fds["FAR"])])
    with d.net.inside("PE"), Rtnl() as route:
        error = route.do(route.make("top", "netkit", [Attr(NETKIT_PEER, peer),
                                                      u32(NETKIT_MODE, NETKIT_L2)],
                                    [Attr(ADDRESS, frames.mac(PE2))]))
    if error == errno.EOPNOTSUPP:
        ktap.skip("this kernel has no netkit")
    ktap.equal("netkit", error, 0)
    d.ip("link set top up")
    d.net.run("FAR", "ip link set nkfar up")
    d.inputs("top")
    veth, d.far = d.far, d.net.sender("FAR", "nkfar")
    try:
        d.delivers("netkit")
    finally:
        d.far = veth


@test("14 VLAN 0 above the device that e0 belongs to is none of e0's")
def vlan_zero(d):
    d.delivers("VLAN 0", vlans=[(Q, 0)])
    d.ip("link add link e0 name top type vlan id 0", "link set top up")
    d.inputs("top")
    d.delivers("a VLAN 0 of its own", vlans=[(Q, 0)])
    d.ip("link del top")
    for kind, options in (BOND, BRIDGE):
        d.ip(*over(kind, options), "link add link top name mv type vlan id 0", "link set mv up")
        d.inputs("mv")
        d.delivers(f"above a {kind}", vlans=[(Q, 0)])
        d.ip("link del top", "link set e0 up")
    # batman-adv's is the one upper that takes no labelled frames off its ports.
    d.needs("batman_adv")
    d.ip("link add top type batadv", "link set e0 master top", "link set top up",
         "link add link top name mv type vlan id 0", "link set mv up")
    d.delivers("below batman-adv", vlans=[(Q, 0)])


@test("14 a port that is renamed stays one; without its device, all devices are covered")
def port_renamed(d):
    d.ip("link add e1 type veth peer name e2", "link set e1 up", "link set e2 up")
    d.net.tell("PE", "port add e0", "port add lo")
    try:
        d.delivers("a port")
        for name in ("e9", "e0"):
            d.ip(f"link set {'e0' if name == 'e9' else 'e9'} down")
            d.ip(f"link set {'e0' if name == 'e9' else 'e9'} name {name}", f"link set {name} up")
            d.delivers(f"renamed {name}")
        # The name of e0 is another device's now: e0 is what ports leave open.
        d.ip("link set e0 down", "link set e0 name e9", "link set e9 up")
        d.ip("link set e1 down", "link set e1 name e0")
        d.tap.clear()
        with d.net.expect("PE", "blue-in"):
            d.far.send(*[framed(d.bare())] * 3)
            ktap.check(busywait(5, lambda: d.came(FORGED) == 3), "e9 is covered, and no port")
        # It goes, and the port has no device: better all than none.
        d.ip("link del e0")
        d.delivers("all")
        d.ip("link set e9 down", "link set e9 name e0", "link set e0 up")
        d.delivers("the port again")
    finally:
        d.net.tell("PE", "port del e0", "port del lo")


@test("14 a session whose dev is renamed is for all devices")
def dev_renamed(d):
    d.ip("link add e1 type dummy")
    d.net.tell("PE", "session del blue-in")
    d.net.add("PE", "blue-in", "in", d.east, "dev e1")
    with d.net.expect("PE", "blue-in"):
        d.tap.clear()
        d.far.send(framed(d.bare()))
        ktap.check(busywait(5, lambda: d.came(FORGED) == 1), "e0 is none of the session's")
    d.ip("link set e1 name e8")
    d.delivers("renamed")
    d.ip("link del e8")
    d.delivers("gone")
    d.net.tell("PE", "session del blue-in")
    d.net.add("PE", "blue-in", "in", d.east)


@test("14 a session of another device leaves this one alone, taken or not, hidden or not")
def other_device(d):
    d.ip("link add e1 type dummy")
    d.net.tell("PE", "session del blue-in")
    d.net.add("PE", "blue-in", "in", d.east, "dev e1")
    sent = [framed(d.bare(b"plain")), framed(d.bare(b"hidden"), [(Q, 0), (Q, 0)])]

    def all_come():
        d.far.send(*sent)
        return d.came(b"plain") and d.came(b"hidden")
    d.tap.clear()
    try:
        with d.net.expect("PE", "blue-in"):
            ktap.check(busywait(10, all_come), "not all reach the CE")
            d.ip(*over(*BOND))
            d.inputs("top")
            d.tap.clear()
            ktap.check(busywait(10, all_come), "below a bond: not all reach the CE")
    finally:
        d.net.tell("PE", "session del blue-in")
        d.net.add("PE", "blue-in", "in", d.east)


@test("14 a strict link does not open when its device joins a bridge or a bond")
def link_taken(d):
    wire = make_params(300, 700000)
    d.net.add_link("PE", "e0", "wire-in", wire)
    bare = [framed(frames.stack([17]) + packet(FORGED))] * 5
    try:
        for kind, options in (BOND, BRIDGE):
            d.ip(*over(kind, options))
            with d.net.expect("PE", "wire-in", drop_bare=5):
                d.far.send(*bare)
            d.net.tell("PE", "link del wire-in")
            _, _, said = d.net.labelhop("PE", "link add wire-in dev e0 session wire-in", ok=False)
            ktap.check("belongs to another" in said, f"link add says {said!r}")
            with d.net.expect("PE", "wire-in", drop_bare=5):
                d.far.send(*bare)
            d.ip("link del top", "link set e0 up")
    finally:
        d.net.tell("PE", "link del wire-in", "session del wire-in")


def added(d, files):
    """The least time that it takes to add sessions and delete them again."""
    adds = [f"session add s{i} dir in params {file}" for i, file in enumerate(files)]
    times = []
    for _ in range(4):
        start = time.monotonic()
        d.net.tell("FAR", *adds, *(f"session del s{i}" for i in range(len(files))))
        times.append(time.monotonic() - start)
    return min(times)


@test("14 cost: with 800 devices, all ports, sessions come and go as fast as with 8")
def cost(d):
    if not os.environ.get("LABELHOP_KERNEL", "").startswith("uml"):
        ktap.skip("an emulated machine takes a minute to make the devices")
    files = [d.net.file(make_params(300 + i, 20000 + 10000 * i, labels=1)) for i in range(20)]
    d.net.clocks("FAR")
    # One stays: with the first and the last all devices are hooked and unhooked.
    d.net.add("FAR", "stays", "in", make_params(200))
    took = []
    for numbers in (range(8), range(8, 800)):
        path = f"{d.net.tmp.name}/devices"
        with open(path, "w", encoding="ascii") as f:
            f.writelines(f"link add x{i} group 9 type dummy\n" for i in numbers)
        d.net.run("FAR", f"ip -b {path}")
        d.net.tell("FAR", *(f"port add x{i}" for i in numbers))
        took.append(added(d, files))
    d.net.run("FAR", "ip link del group 9")
    ktap.say(f"{took[0] * 1000:.1f} ms, {took[1] * 1000:.1f} ms")
    ktap.check(took[1] < 3 * took[0], f"{took[1] / took[0]:.1f} times as long")


if __name__ == "__main__":
    with Lab("door") as lab:
        ktap.main(Door(lab))
