# SPDX-License-Identifier: GPL-2.0
"""Pseudowires between PE1 and PE2, and the frames in them."""

import json
import os
import struct

import frames
import ktap
from ktap import busywait
from lab import Lab, make_params

# Addresses of the PEs, to which the transport labels lead.
PE1, PE2 = "10.255.0.1", "10.255.0.2"
PE1_6, PE2_6 = "fd00:255::1", "fd00:255::2"
EAST, WEST = 300, 400          # labels of frames that go to PE2, and to PE1
A, B = "02:00:00:00:0a:01", "02:00:00:00:0b:01"
BROADCAST = "ff:ff:ff:ff:ff:ff"
ETH_P_TEST = 0x88B5            # IEEE 802, for experiments


class PwLab(Lab):
    """The topology with routes from each PE to the other's address."""

    def __init__(self, **settings):
        settings.setdefault("MTU", 1600)
        super().__init__(**settings)
        # A pseudowire shall send nothing of its own, such as a router's MLD reports.
        for name in ("PE1", "PE2"):
            self.run(name, "sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
        for family, east, west in (("", "10.0.1.2", "10.0.5.1"), ("6", "fd00:1::2", "fd00:5::1")):
            inet = "inet" + family
            self.route("PE1", PE2_6 if family else PE2, f"1001/3002 via {inet} {east}")
            self.route("PE2", PE1_6 if family else PE1, f"2001/3101 via {inet} {west}")

    def route(self, name, to, via, command="add"):
        bits = 128 if ":" in to else 32
        self.run(name, f"ip route {command} {to}/{bits} encap mpls {via} dev core")

    def pw(self, name, device, remote, ends, options="", up=True):
        """labelhop pw add, and its device up."""
        self.tell(name, f"pw add {device} remote {remote} {ends} {options}")
        if up:
            self.run(name, f"ip link set {device} up")

    def pws(self, options="", six=False):
        """An unprotected pseudowire between PE1 and PE2, pw0 on both."""
        east, west = (PE2_6, PE1_6) if six else (PE2, PE1)
        self.pw("PE1", "pw0", east, f"in-label {WEST} out-label {EAST}", options)
        self.pw("PE2", "pw0", west, f"in-label {EAST} out-label {WEST}", options)

    def secure(self, payload="pw", policy="strict", tags=2, more="", **members):
        """Sessions for both directions; the sets are in self.east and self.west."""
        self.clocks()
        self.east = make_params(EAST, 500000, tags=tags, **members)
        self.west = make_params(WEST, 600000, tags=tags, **members)
        into = f"payload {payload} policy {policy} {more}"
        self.add("PE2", "red-in", "in", self.east, into)
        self.add("PE1", "red-in", "in", self.west, into)
        self.add("PE1", "red-out", "out", self.east, f"payload {payload} {more}")
        self.add("PE2", "red-out", "out", self.west, f"payload {payload} {more}")

    def secure_pws(self, options="", **settings):
        """The same, protected."""
        self.secure(**settings)
        self.pw("PE1", "pw0", PE2, "in red-in out red-out", options)
        self.pw("PE2", "pw0", PE1, "in red-in out red-out", options)

    def no_pws(self):
        for name in ("PE1", "PE2"):
            for pw in self.ask(name, "pw show"):
                self.tell(name, f"pw del {pw['name']}")
        self.unprotect()

    def pw_show(self, name, device="pw0"):
        return self.ask(name, f"pw show {device}")[0]

    def state(self, name, wanted, device="pw0", seconds=10):
        """The pseudowire's state becomes this, and its carrier what belongs to it."""
        busywait(seconds, lambda: self.pw_show(name, device)["state"] == wanted)
        ktap.equal(f"state of {device} on {name}", self.pw_show(name, device)["state"], wanted)
        # The kernel tells of a carrier up to a second later.
        def carrier():
            return "NO-CARRIER" not in self.link(name, device)["flags"]
        busywait(5, lambda: carrier() == (wanted == "up"))
        ktap.equal("carrier", carrier(), wanted == "up")

    def mtu(self, name, wanted, device="pw0", seconds=10):
        busywait(seconds, lambda: self.link(name, device)["mtu"] == wanted)
        ktap.equal(f"MTU of {device} on {name}", self.link(name, device)["mtu"], wanted)

    def link(self, name, device, options="-s"):
        """What the kernel says of a device."""
        return json.loads(self.run(name, f"ip {options} -d -j link show {device}"))[0]

    def send(self, name, device, *sent):
        self.sender(name, device).send(*sent)


test = ktap.leaving(PwLab.no_pws)


def frame(data, dst=B, src=A, proto=ETH_P_TEST, vlans=()):
    return frames.ethernet(dst, src, proto, data, vlans)


def control_word(length=0, first=0, fragment=0, sequence=0):
    """RFC 4385: length 0 for all."""
    return struct.pack("!BBH", first, fragment << 6 | length, sequence)


def cw_for(sent):
    """The control word that belongs to a frame."""
    length = 4 + len(sent)
    return control_word(length if length < 64 else 0)


def random_frame(length, **options):
    """A frame of so many bytes."""
    return frame(os.urandom(length - 14 - 4 * len(options.get("vlans", ()))), **options)


def through(net, *sent, device="pw0", src="PE1", dst="PE2"):
    """What comes out of the other end, in any order, with padding if there is any."""
    with net.tap(dst, device) as tap:
        net.send(src, device, *sent)
        return [f.raw for f in tap.wait(len(sent))]


def arrives(net, *sent, **where):
    ktap.equal("frames at the other end", sorted(f.hex() for f in through(net, *sent, **where)),
               sorted(f.hex() for f in sent))


def wire(net, *sent):
    """What leaves PE1 for frames in pw0."""
    with net.tap("P1", "west", mpls=True) as tap:
        net.send("PE1", "pw0", *sent)
        return tap.wait(len(sent))
