# SPDX-License-Identifier: GPL-2.0
"""The events of direction out: what PE1 is made to encapsulate, by the rows' names."""

import frames
from cells import EACH, event
from lab import CE1, PORT, socket

# Bytes of UDP of an IP packet that fits with three labels, and not with one more.
BIG, BIG_6 = 1486 - 28, 1486 - 48
SEGMENT, SEGMENTS = 400, 5
SOL_UDP, UDP_SEGMENT = 17, 103
# With PROBE a packet has DF, whatever MTU of the path is known.
IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, PMTUDISC_DONT, PMTUDISC_PROBE = 10, 23, 0, 3
P1_MAC, PE1_CORE_MAC = "02:00:00:00:01:02", "02:00:00:00:01:01"
# A sender has no tolerance: it takes a short slot for the clock's error to matter.
SHORTEST = {"slots": [1000]}
BY_VLAN = "via inet 10.0.77.2 dev core7"
BY_TINY = "via inet 10.0.88.2 dev core8"


def udp(cell, data, to=None, df=True, segment=0, src="CE1", device=b""):
    to = to or cell.to
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    with cell.net.inside(src), socket.socket(family, socket.SOCK_DGRAM) as s:
        if device:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_PROBE)
        else:
            s.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER,
                         PMTUDISC_PROBE if df else PMTUDISC_DONT)
        if segment:
            s.setsockopt(SOL_UDP, UDP_SEGMENT, segment)
        for _ in range(EACH):
            s.sendto(data, (to, PORT))


def filled(cell, size):
    return (cell.magic * (size // 8 + 1))[:size]


@event("out.other-label", other=True)
@event("out.other-vrf", options="vrf red")
@event("out.other-outer", options="outer 3003")
@event("out.other-dev", options="dev ce")
@event("out.unmatched", options="outer 3003 unmatched drop")
@event("out.other-prefix", options="prefix 10.99.0.0/16")
@event("out.lower-dev", options="dev core", way=BY_VLAN)
@event("out.again", way=BY_VLAN)
@event("out.no-clock", state="no clock")
@event("out.failed", state="clock failed")
@event("out.failed-over", options="on-clock-loss hold 5s", state="clock failed")
@event("out.clock-error", members=SHORTEST, phase="clock error")
@event("out.unset-pass", options="on-clock-loss pass", state="no clock")
@event("out.failed-pass", options="on-clock-loss pass", state="clock failed")
@event("out.error-pass", members=SHORTEST, options="on-clock-loss pass", phase="clock error")
@event("out.good-hold", options="on-clock-loss hold 1h", state="clock failed")
@event("out.not-yet", state="before epoch")
@event("out.expired", state="after lifetime")
@event("out.malformed", phase="spoil")
@event("out.no-memory", phase="fail skb_ensure_writable")
@event("out.shared", phase="hold")
@event("out.shared-memory", phase="hold and fail skb_clone")
@event("out.good")
def good(cell):
    udp(cell, cell.magic)


@event("out.good-v6")
def good_v6(cell):
    udp(cell, cell.magic, cell.to_6)


@event("out.local")
def local(cell):
    udp(cell, cell.magic, src="PE1", device=b"blue")


@event("out.transit")
def transit(cell):
    """PE1 has a route of labels for it: see decisions.py."""
    labelled = frames.stack([cell.transit]) + cell.packet()
    frame = frames.ethernet(PE1_CORE_MAC, P1_MAC, frames.ETH_P_MPLS, labelled)
    cell.net.west.send(*[frame] * EACH)


@event("out.too-big-df")
def too_big_df(cell):
    udp(cell, filled(cell, BIG))


@event("out.too-big-v6")
def too_big_v6(cell):
    udp(cell, filled(cell, BIG_6), cell.to_6)


@event("out.too-big-small", way=BY_TINY)
def too_big_small(cell):
    udp(cell, filled(cell, 70 - 28), df=False)


@event("out.too-big-cut", way=BY_TINY, parts=2, each=True)
def too_big_cut(cell):
    udp(cell, filled(cell, 2 * (70 - 28)), df=False, segment=70 - 28)


@event("out.too-big-gso", parts=2)
def too_big_gso(cell):
    udp(cell, filled(cell, 2 * BIG), segment=BIG)


@event("out.frag", parts=2)
@event("out.frag-memory", phase="fail skb_clone")
def fragmented(cell):
    udp(cell, filled(cell, BIG), df=False)


@event("out.frag-gso", parts=4)
def fragmented_segments(cell):
    udp(cell, filled(cell, 2 * BIG), df=False, segment=BIG)


@event("out.gso", parts=SEGMENTS)
@event("out.gso-memory", phase="fail __skb_gso_segment")
def segmented(cell):
    udp(cell, filled(cell, SEGMENT * SEGMENTS), segment=SEGMENT)


@event("out.gso-broken")
def gso_broken(cell):
    """It is to be TCP and is UDP, but has what a kernel that looks takes for the
    length of TCP's header."""
    packet = frames.ipv4(CE1, cell.to, b"\0\0\0\0\x50" + filled(cell, 500))
    for _ in range(EACH):
        cell.net.super_1.send(frames.ETH_P_IP, packet, 20, 100)
