#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 5: what no longer fits with our labels must come back to its source as a
path MTU, not vanish. Core 1500, so that an IP packet has 1500 - 4 * (3 + tags).
Kernels differ in: path MTUs."""

import frames
import ktap
from bulk import bulk, no_drops
from ktap import busywait
from lab import CE2, CE2_6, Lab

V6 = {CE2: 0, CE2_6: 20}


def ping(net, to, ip_size, source="CE1", df="do", more=""):
    """Whether an echo of an IP packet of that size came back."""
    size = ip_size - 28 - V6[to]
    status, _, _ = net.run(
        source, f"ping -q -c 1 -W 1 -M {df} -s {size} {more} {to}", ok=False)
    return status == 0


def signals(tap):
    """(kind, MTU) of the ICMP errors that a tap has taken."""
    out = []
    for frame in tap.frames():
        p = frame.payload
        if frame.proto == frames.ETH_P_IP and p[9] == 1 and p[20:22] == b"\x03\x04":
            out.append(("frag-needed", int.from_bytes(p[26:28], "big")))
        elif frame.proto == frames.ETH_P_IPV6 and p[6] == 58 and p[40] == 2:
            out.append(("too-big", int.from_bytes(p[44:48], "big")))
    return out


def forget_pmtu(net):
    for name in ("CE1", "PE1", "PE2", "CE2"):
        net.run(name, "ip route flush cache")
        net.run(name, "ip -6 route flush cache")


def too_big(net, to, tags):
    limit = 1500 - 4 * (3 + tags)
    kind = "too-big" if V6[to] else "frag-needed"
    ktap.check(ping(net, to, limit), f"{limit} bytes, which fit, don't reach {to}")
    with net.tap("CE1", "pe") as tap:
        # More than this the kernel refuses by itself, by its three labels.
        with net.expect("PE1", "blue-out", drop_too_big=1):
            ktap.check(not ping(net, to, 1488), "1488 bytes reach it")
        busywait(5, signals, tap)
        ktap.equal(f"signals to CE1 for {to}", signals(tap), [(kind, limit)])
    ktap.check(f"mtu {limit}" in net.run("CE1", f"ip route get {to}"),
               f"CE1 has not learned the MTU of {to}")
    # What its source now splits up arrives, and nothing more is too big.
    before = net.stats("PE1", "blue-out")["drop-too-big"]
    ktap.check(busywait(5, ping, net, to, 1488, "CE1", "want"),
               f"1488 bytes in fragments don't reach {to}, or not back")
    ktap.equal("too big after that", net.stats("PE1", "blue-out")["drop-too-big"], before)


@ktap.test("5 MTU: packet too big after our labels, IPv4 and IPv6: the source learns the path's MTU")
def learned(net):
    for tags in (1, 3):
        net.unprotect()
        net.protect(tags=tags)
        for to in (CE2, CE2_6):
            forget_pmtu(net)
            too_big(net, to, tags)


@ktap.test("5 MTU: IPv4 without DF is fragmented, each fragment stamped, and none is too big")
def no_df(net):
    forget_pmtu(net)
    fragments = 2
    with net.expect("PE1", "blue-out", stamped=fragments), \
            net.expect("PE2", "blue-out", stamped=fragments), \
            net.expect("PE2", "blue-in", verified=fragments):
        ktap.check(ping(net, CE2, 1486, df="dont"), "1486 bytes without DF don't come back")


@ktap.test("5 MTU: TCP finds its way: bulk through a core without room")
def tcp(net):
    # An IPv6 packet-too-big of the kernel's own finds no way back into a VRF, so let
    # the customer know what MPLS itself needs.
    net.run("CE1", "ip -6 route replace ::/0 via fd01::fe mtu 1488")
    for to in (CE2, CE2_6):
        forget_pmtu(net)
        sent = bulk(net, to, 1 << 20)
        ktap.equal("path MTU of the customer's TCP", sent["pmtu"], 1500 - 4 * 6)


@ktap.test("5 MTU: the PE's own packets out of the VRF")
def own(net):
    forget_pmtu(net)
    for to in (CE2, CE2_6):
        ping(net, to, 1486, "PE1", "want", "-I blue")
        ktap.check(busywait(10, ping, net, to, 1486, "PE1", "want", "-I blue"),
                   f"the PE itself can't send 1486 bytes to {to}")


@ktap.test("5 MTU: with the route's mtu as the documentation says nothing is ever too big")
def route_mtu():
    with Lab(MTU=1500, ROUTE_MTU=1496) as net:
        net.protect()
        with net.tap("CE1", "pe") as tap:
            ktap.check(not ping(net, CE2, 1485), "1485 bytes reach CE2")
            busywait(5, signals, tap)
            ktap.equal("signals to CE1", signals(tap), [("frag-needed", 1484)])
        ktap.check(ping(net, CE2, 1484), "1484 bytes don't reach CE2")
        ktap.check(ping(net, CE2_6, 1484), "1484 bytes don't reach CE2 by IPv6")
        bulk(net, CE2, 1 << 20)
        no_drops(net)


@ktap.test("5 MTU: policy monitor drops nothing")
def monitor():
    with Lab(MTU=1500) as net:
        net.protect(out="policy monitor")
        for name in ("PE1", "PE2"):
            net.labelhop(name, "session set blue-in policy monitor")
        with net.expect("PE1", "blue-out", pass_too_big=1):
            ktap.check(ping(net, CE2, 1488), "monitor dropped a packet")


if __name__ == "__main__":
    with Lab(MTU=1500) as lab:
        ktap.main(lab)
