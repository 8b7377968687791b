# SPDX-License-Identifier: GPL-2.0
"""A device with a link, direction out: packets in all shapes, and what must leave."""

import egress
import frames
from lab import ref

TRANSPORT = 18


def words(session):
    return f"link add {session.name} dev core session {session.name} transport {TRANSPORT}"


class Fuzzer(egress.Fuzzer):
    """Rounds at PE1, all of whose labelled packets are the link's."""

    def __init__(self, odd, session, now):
        super().__init__(odd, [session], now)
        self.link = session
        self.growth = 4 * (2 + session.params.tags)

    def round(self, rng):
        packet = egress.Packet(rng, [999])
        for shape in packet.memory(rng):
            here = rng.random() < 0.5
            session = None if packet.proto != frames.ETH_P_MPLS else self.link
            # A veth may not be handed what is shared or to be segmented.
            if session is None and ("shared" in shape or packet.kind != "any"):
                continue
            route = (egress.ROUTES[packet.version], "blue") if here else ("-",)
            # Who forwards by label, or can't find the bottom, fragments nothing.
            self.fragments = here and len(packet.above) <= 31 * 4
            self.odd.inject(("out", "core", shape, packet.raw.hex(), *route))
            for complaint in self.look(packet, session):
                yield f"out core {shape} {packet.raw.hex()} {' '.join(route)}: {complaint}"

    def judge(self, packet, session):
        if session is None:
            return super().judge(packet, None)
        stack = packet.above + packet.vpn
        if "gso" in packet.kind:
            return packet.segments(), "stamped"
        payload = packet.payload if packet.kind == "any" else egress.final(packet.payload)
        room = egress.MTU - len(stack) - self.growth
        if len(payload) > room:
            if self.fragments and payload[0] >> 4 == 4 and not payload[6] & 0x40:
                head = (payload[0] & 15) * 4
                return -(-(len(payload) - head) // ((room - head) & ~7)), "stamped"
            return [], "drop-too-big"
        out = ref.stamp_link(session.params, self.now, stack + payload)
        _, tc, _, ttl = ref.parse_entry((stack + payload)[:4])
        return [ref.entry(TRANSPORT, tc, 0, ttl) + out], "stamped"

    def taken_out(self, packet, session, data):
        """What was protected, of a packet with right labels."""
        word, out = ref.verify(session.params, self.now, 0, 0, data[4:], "link")
        stack = packet.above + packet.vpn
        right = ref.parse_entry(data[:4])[0] == TRANSPORT and word == ref.VERIFIED
        return out[len(stack):] if right and out.startswith(stack) else None
