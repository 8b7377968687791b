# SPDX-License-Identifier: GPL-2.0
"""The events of direction in: what comes to PE2, by the rows' names."""

import struct

import frames
from attack import change_entry, wrong_tag
from cells import event
from lab import CE1, CE2, HOUR, SECOND, tai

Q, AD = frames.ETH_P_8021Q, frames.ETH_P_8021AD
PRIORITY, HIDDEN = ((Q, 0),), ((AD, 0), (Q, 0))
# A label that PE2 pops, and hands what is below to the customer.
FREE = 64000
OUTSIDE = "prefix 192.168.9.0/24"
# 10 minutes into the second slot, or before its begin.
SECOND_SLOT = {"epoch": -HOUR - HOUR // 6}
FIRST_SLOT = {"epoch": -HOUR + HOUR // 6}
NEIGHBOUR = HOUR // 4
# Slots that leave nothing to the clock's error.
SHORT = {"slots": [SECOND]}


def entry(label, s=0):
    return frames.stack([frames.Entry(label, s=s)])


@event("in.unknown")
def unknown(cell):
    return entry(FREE, 1) + cell.packet()


@event("in.deep")
def deep(cell):
    return entry(FREE) + good(cell)


@event("in.null-end", arrives=False)
def null_end(cell):
    return entry(0, 1) + good(cell)


@event("in.short", arrives=False)
def short(cell):
    return good(cell)[:3]


@event("in.dev-bare", options="dev ce")
@event("in.prefix", options=OUTSIDE)
@event("in.no-port", phase="port")
@event("in.bare")
@event("in.bare-priority", vlans=PRIORITY)
@event("in.bare-several", more=("permissive", "monitor"))
@event("in.hidden-bare", vlans=HIDDEN)
@event("in.hidden-several", vlans=HIDDEN, more=("permissive", "monitor"))
def bare(cell):
    return entry(cell.label, 1) + cell.packet()


@event("in.bare-deep")
def bare_deep(cell):
    return entry(cell.label) + entry(FREE, 1) + cell.packet()


@event("in.bare-null-dev", options="dev core")
@event("in.bare-null")
def bare_null(cell):
    return entry(2) + entry(0) + bare(cell)


@event("in.bare-nulls")
def bare_nulls(cell):
    return entry(0) * 12 + bare(cell)


@event("in.nulls")
def nulls(cell):
    return entry(0) * 129 + bare(cell)


@event("in.bare-unread", options=OUTSIDE, arrives=False)
def bare_unread(cell):
    return entry(cell.label, 1) + cell.packet()[:19]


@event("in.entries-none")
def entries_none(cell):
    return entry(cell.hop(), 1) + cell.packet()


@event("in.entries-many")
def entries_many(cell):
    return entry(cell.hop()) + entry(FREE) + good(cell)[4:]


@event("in.entries-null")
def entries_null(cell):
    return entry(0) * 2 + entries_many(cell)


@event("in.entries-s")
def entries_s(cell):
    return change_entry(good(cell), 1, s=0)


@event("in.entries-cut", arrives=False)
def entries_cut(cell):
    return good(cell)[:7]


@event("in.payload")
def payload(cell):
    return cell.stamped(cell.packet(b"cut"))[:-1]


@event("in.bad-hop")
def bad_hop(cell):
    return change_entry(good(cell), 0, label=cell.other_hop())


@event("in.bad-tag")
def bad_tag(cell):
    return wrong_tag(good(cell))


@event("in.changed")
def changed(cell):
    packet = cell.packet()
    # The source port, so that the magic bytes stay.
    return good(cell)[:8] + packet[:20] + b"\x15\xb4" + packet[22:]


@event("in.mixed", members=SECOND_SLOT, options="tolerance 25m")
def mixed(cell):
    return change_entry(last(cell), 0, label=cell.hop())


@event("in.multicast", proto=0x8848, arrives=False)
@event("in.other-host", to="02:00:00:00:05:99", arrives=False)
@event("in.vlan", vlans=((Q, 7),), arrives=False)
@event("in.dev-hop", options="dev ce")
@event("in.hidden-hop", vlans=HIDDEN)
@event("in.hidden-tags", vlans=PRIORITY * 130)
@event("in.no-clock", state="no clock")
@event("in.failed", state="clock failed")
@event("in.failed-over", options="on-clock-loss hold 5s", state="clock failed")
@event("in.clock-error", members=SHORT, options="tolerance 500ms", phase="clock error")
@event("in.unset-pass", options="on-clock-loss pass", state="no clock")
@event("in.failed-pass", options="on-clock-loss pass", state="clock failed")
@event("in.error-pass", members=SHORT, options="tolerance 500ms on-clock-loss pass",
       phase="clock error")
@event("in.good-hold", options="on-clock-loss hold 1h", state="clock failed")
@event("in.not-yet", state="before epoch")
@event("in.expired", state="after lifetime")
@event("in.no-memory", phase="fail skb_ensure_writable")
@event("in.shared-memory", phase="hold and fail skb_clone")
@event("in.shared-again", phase="hold again")
@event("in.good")
@event("in.good-priority", vlans=PRIORITY)
@event("in.good-prefix", options=OUTSIDE)
@event("in.shared", phase="hold")
def good(cell):
    return cell.stamped(cell.packet())


@event("in.old-slot", members=SECOND_SLOT, options="tolerance 1s")
@event("in.good-last", members=SECOND_SLOT, options="tolerance 25m")
def last(cell):
    return cell.stamped(cell.packet(), tai() - NEIGHBOUR)


@event("in.good-next", members=FIRST_SLOT, options="tolerance 25m")
def next_slot(cell):
    return cell.stamped(cell.packet(), tai() + NEIGHBOUR)


@event("in.good-null")
def good_null(cell):
    return entry(2) + entry(0) + good(cell)


@event("in.good-padded")
def good_padded(cell):
    return good(cell) + b"E" * 17


@event("in.gso", gso=True)
def super_packet(cell):
    """TCP that a device is to make segments of."""
    head = struct.pack("!HHIIBBHHH", 5555, 4242, 1, 0, 0x50, 0x18, 1000, 0, 0)
    return cell.stamped(frames.ipv4(CE1, CE2, head + cell.magic + b"s" * 400, proto=6))
