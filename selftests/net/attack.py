# SPDX-License-Identifier: GPL-2.0
"""The attacker on the link between the two ASes, and one right before PE2."""

import random

import frames
from lab import CE2, CE2_6, ref, tai

ASBR1, ASBR2 = "02:00:00:00:03:01", "02:00:00:00:03:02"
P2, PE2 = "02:00:00:00:05:01", "02:00:00:00:05:02"
# What is above the hop label in a packet to PE2 that comes over the wire.
TRANSPORT = 3102


class Attacker:
    """Injects what claims to come from ASBR1, or from P2."""

    def __init__(self, net):
        self.net = net
        self.wire = net.sender("WIRE", "w2")
        # The VLAN, where there is one, is between P2 and PE2.
        self.near = net.sender("P2", "east")

    @staticmethod
    def customer_packet(data, src="192.168.1.1", dst=None, **options):
        """An IP packet to CE2 that holds data."""
        if ":" in src:
            return frames.ipv6(src, dst or CE2_6, data, **options)
        return frames.ipv4(src, dst or CE2, data, **options)

    def inject_wire_bytes(self, labelled, count=1):
        """Send stack and payload, below a transport label, as ASBR1 would."""
        above = frames.stack([frames.Entry(TRANSPORT, s=0)])
        frame = frames.ethernet(ASBR2, ASBR1, frames.ETH_P_MPLS, above + labelled)
        self.wire.send(*[frame] * count)

    def inject_wire(self, entries, payload, count=1):
        self.inject_wire_bytes(frames.stack(entries) + payload, count)

    @staticmethod
    def near_frame(labelled, vlans=()):
        return frames.ethernet(PE2, P2, frames.ETH_P_MPLS, labelled, vlans)

    def inject_bytes(self, labelled, count=1, vlans=()):
        """Send stack and payload, as they are, as P2 would to PE2."""
        self.near.send(*[self.near_frame(labelled, vlans)] * count)

    def inject(self, entries, payload, count=1, vlans=()):
        self.inject_bytes(frames.stack(entries) + payload, count, vlans)


def stamped(params, payload, ttl=64, tc=0, when=None):
    """What a sender makes of a payload: stack and payload as bytes."""
    p = ref.validate(params)
    verdict, out = ref.stamp(p, tai() if when is None else when,
                             frames.stack([frames.Entry(p.label, tc, 1, ttl)]), payload)
    if verdict != ref.STAMPED:
        raise ValueError(verdict)
    return out


def hop_now(params, offset=0):
    """The hop label of the slot that is now, or of one that is offset away."""
    p = ref.validate(params)
    return ref.hop_label(p, ref.slot(p, tai())[0] + offset)


def other_hop(params):
    """A label of K that isn't the hop label now."""
    return random.choice([k for k in params["labels"] if k != hop_now(params)])


def change_entry(labelled, position, **fields):
    """The same with other fields in one entry of the stack."""
    entries, payload = frames.parse_stack(labelled)
    entries[position] = entries[position]._replace(**fields)
    return frames.stack(entries) + payload


def wrong_tag(labelled):
    """Stamped bytes with a bit of the last tag label turned."""
    entries, _ = frames.parse_stack(labelled)
    last = len(entries) - 1
    return change_entry(labelled, last, label=entries[last].label ^ 1)
