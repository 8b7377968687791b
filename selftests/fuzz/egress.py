# SPDX-License-Identifier: GPL-2.0
"""The egress hook: packets in all shapes, and what must leave."""

import socket
import struct
from collections import Counter

import frames
import ktap
import mutate
from lab import ref

PE1, P1 = "02:00:00:00:01:01", "02:00:00:00:01:02"
MTU = 1516
TCP4, TCP6, UDP_L4 = 1, 1 << 4, 1 << 17
ROUTES = {4: "192.168.2.1", 6: "fd02::1"}


def transport_sum(packet):
    """0 if the checksum of a TCP or UDP packet below an IP header is right."""
    if packet[0] >> 4 == 4:
        proto, head, addresses = packet[9], (packet[0] & 15) * 4, packet[12:20]
    else:
        proto, head, addresses = packet[6], 40, packet[8:40]
    body = packet[head:]
    return frames.checksum(addresses + struct.pack("!II", len(body), proto) + body)


def tcp(rng, version, data):
    """An IP packet with TCP, whose checksum is that of the pseudo header."""
    head = struct.pack("!HHIIBBHHH", 4000, 5000, rng.randrange(1 << 31), 1, 0x50, 0x10, 100, 0, 0)
    return partial(version, 6, head + data, 16)


def udp(rng, version, data):
    return partial(version, 17, struct.pack("!HHHH", rng.randrange(1, 60000), 4242, 8 + len(data),
                                            0) + data, 6)


def partial(version, proto, body, at):
    """With what the device is to sum up left to it."""
    if version == 4:
        packet = frames.ipv4("192.168.1.1", ROUTES[4], body, proto=proto, df=True) \
            if proto != 17 else _udp4(body)
        addresses = packet[12:20]
    else:
        packet = _ipv6(proto, body)
        addresses = packet[8:40]
    head = len(packet) - len(body)
    total = ~frames.checksum(addresses + struct.pack("!II", len(body), proto)) & 0xFFFF
    return packet[:head + at] + total.to_bytes(2, "big") + packet[head + at + 2:]


def _udp4(body):
    """frames.ipv4() would put a header of its own in front."""
    packet = bytearray(frames.ipv4("192.168.1.1", ROUTES[4], body, proto=6, df=True))
    packet[9] = 17
    packet[10:12] = b"\0\0"
    packet[10:12] = frames.checksum(bytes(packet[:20])).to_bytes(2, "big")
    return bytes(packet)


def _ipv6(proto, body):
    src, dst = (socket.inet_pton(socket.AF_INET6, a) for a in ("fd01::1", ROUTES[6]))
    return struct.pack("!IHBB", 6 << 28, len(body), proto, 64) + src + dst + body


class Packet:
    """What the encapsulation hands to the hook: labels above, VPN label, payload."""

    vlans = ()

    def __init__(self, rng, labels):
        self.vlans = ((frames.ETH_P_8021Q, 100),) if rng.random() < 0.1 else ()
        self.label = rng.choice(labels)
        above = rng.choice(((1001, 3002), (1001, 3002), (), (17,) * 20, (17,) * 33))
        self.above = b"".join(ref.entry(x, 0, 0, 64) for x in above)
        self.vpn = ref.entry(self.label, rng.randrange(8), 1, rng.randrange(1, 256))
        # Deeper than any route can push, or none of labelhop's at all.
        self.proto = rng.choice((frames.ETH_P_MPLS,) * 30 + (0x8848, frames.ETH_P_IP))
        self.strange = len(above) > 31 or self.proto != frames.ETH_P_MPLS
        self._payload(rng, len(self.above) + 4)

    def _payload(self, rng, labels):
        """labels: bytes between the MAC header and the payload."""
        self.version = rng.choice((4, 6))
        self.kind = rng.choice(("any", "any", "tcp", "udp", "gso-tcp", "gso-udp"))
        self.words = []
        make = tcp if "tcp" in self.kind else udp
        if self.kind == "any":
            self.payload = mutate.payload(rng)
            # The IP layer hands down no IPv4 that isn't, so nor do we to fragment.
            while self.payload[:1] and len(self.payload) > 1400 and \
                    self.payload[0] >> 4 == 4 and frames.checksum(
                        self.payload[:(self.payload[0] & 15) * 4]):
                self.payload = mutate.payload(rng)
            return
        size = rng.choice((0, 1, 7, 100, 1200))
        if "gso" in self.kind:
            size = rng.choice((3000, 9001, 30000))
            segment = rng.choice((100, 1200))
            gso = UDP_L4
            if self.kind == "gso-tcp":
                gso = TCP4 if self.version == 4 else TCP6
            self.words += [f"gso={gso}", f"size={segment}"]
            size = min(size, 60 * segment)
        self.payload = make(rng, self.version, rng.randbytes(size))
        body = 20 if self.version == 4 else 40
        start = 14 + 4 * len(self.vlans) + labels + body
        self.words += [f"inner={start - body}", f"start={start}",
                       f"sum={16 if 'tcp' in self.kind else 6}"]

    @property
    def raw(self):
        return frames.ethernet(P1, PE1, self.proto,
                               self.above + self.vpn + self.payload, self.vlans)

    def segments(self):
        """How many there will be."""
        head = (20 if self.version == 4 else 40) + (20 if "tcp" in self.kind else 8)
        return -(-(len(self.payload) - head) // int(self.words[1].split("=")[1]))

    def memory(self, rng):
        """Ways in which it may lie in memory."""
        length = len(self.raw)
        cut = rng.randrange(14, length + 1)
        # What a device sums up it wants to have in one piece up to there.
        if self.kind != "any":
            cut = rng.randrange(min(length, length - len(self.payload) + 100), length + 1)
        words = [f"paged={cut}", f"list={cut}", "clone", "shared", f"clone,paged={cut}",
                 f"shared,paged={cut}", "room=128", "room=128,clone", "room=127,shared"]
        if "gso" in self.kind:
            # A list of other sizes than the segments' no protocol makes.
            words = [w for w in words if "list" not in w]
        for word in ["-"] + rng.sample(words, 3):
            yield ",".join([w for w in [word] if w != "-"] + self.words) or "-"


def final(packet):
    """With the checksum that was left to a device."""
    head, at = (20, 9) if packet[0] >> 4 == 4 else (40, 6)
    where = head + (16 if packet[at] == 6 else 6)
    blank = packet[:where] + b"\0\0" + packet[where + 2:]
    # The kernel writes 0 as 0xffff, for TCP as well.
    total = transport_sum(blank) or 0xFFFF
    return packet[:where] + total.to_bytes(2, "big") + packet[where + 2:]


def fragments_sane(packets, whole):
    """Do the fragments' bytes make the whole's?"""
    head = (whole[0] & 15) * 4
    return b"".join(p[head:] for p in packets) == whole[head:] and \
        all(p[20:head] == whole[20:head] for p in packets)


def segments_sane(packets, whole, is_tcp):
    """Do the segments' bytes make the whole's, with right checksums?"""
    head = 20 if whole[0] >> 4 == 4 else 40
    skip = head + (20 if is_tcp else 8)
    return b"".join(p[skip:] for p in packets) == whole[skip:] and \
        all(transport_sum(p) == 0 for p in packets)


class Fuzzer:
    """Rounds at PE1; what leaves is seen where it comes in, at P1."""

    def __init__(self, odd, sessions, now):
        self.odd, self.now = odd, now
        self.sessions = {s.params.label: s for s in sessions}
        self.expected = Counter()
        self.words = Counter()

    def round(self, rng):
        packet = Packet(rng, [*self.sessions, 999])
        for words in packet.memory(rng):
            routed = rng.random() < 0.9
            # A veth may not be handed what is shared: only labelhop sees to that.
            session = self.sessions.get(packet.label) if routed and not packet.strange else None
            if session is None and ("shared" in words or packet.kind != "any"):
                continue
            route = (ROUTES[packet.version], "blue") if routed else ("-",)
            self.odd.inject(("out", "core", words, packet.raw.hex(), *route))
            for complaint in self.look(packet, session):
                yield f"out core {words} {packet.raw.hex()} {' '.join(route)}: {complaint}"

    def came(self, count, proto):
        """What P1 got, when it is as much as it should be or does not come."""
        def own():
            same, seen = self.odd.seen()
            return same, [s for s in seen if s.dev == "west" and s.proto == proto
                          and s.mac[6:12] == frames.mac(PE1)]
        ktap.busywait(5, lambda: len(own()[1]) >= count)
        return own()

    def look(self, packet, session):
        wanted, counter = self.judge(packet, session)
        self.words[counter or "passes"] += 1
        count = len(wanted) if isinstance(wanted, list) else wanted
        same, own = self.came(count, packet.proto)
        if packet.kind == "any" and not isinstance(wanted, list):
            # The route may have learnt that less gets through.
            count = wanted = max(wanted, len(own))
        if session:
            self.expected[session.name, counter] += count if counter == "stamped" else 1
        if not same:
            yield "who else held the packet found it changed"
        if isinstance(wanted, list) and [s.data for s in own] != wanted:
            yield (f"wanted {[w.hex() for w in wanted]} ({counter}), "
                   f"seen {'; '.join(map(str, own)) or 'nothing'}")
        elif not isinstance(wanted, list):
            yield from self.segments(packet, session, own, wanted)
        for s in own:
            if s.mac[:12] != packet.raw[:12]:
                yield f"the MAC header was changed: {s}"

    def judge(self, packet, session):
        """(what must come: a list, or the number of segments, the counter)"""
        stack = packet.above + packet.vpn
        before = [stack + packet.payload]
        # What no veth takes, with or without labelhop.
        if len(packet.raw) > 14 + MTU + 4:
            before = []
        if session is None:
            return before, None
        if "gso" in packet.kind:
            return packet.segments(), "stamped"
        payload = packet.payload if packet.kind == "any" else final(packet.payload)
        verdict, out = ref.stamp(session.params, self.now, stack, payload)
        growth = 4 * session.params.tags
        room = MTU - len(stack) - growth
        if len(payload) > room:
            if payload[0] >> 4 == 4 and not payload[6] & 0x40:
                head = (payload[0] & 15) * 4
                return -(-(len(payload) - head) // ((room - head) & ~7)), "stamped"
            verdict = "too-big"
        if verdict == ref.STAMPED:
            return [out], verdict
        if session.policy == "monitor":
            return before, f"pass-{verdict}"
        return [], f"drop-{verdict}"

    def taken_out(self, packet, session, data):
        """The payload of a packet that has the right labels."""
        depth = len(packet.above)
        word, out = ref.verify(session.params, self.now, 0, 0, data[depth:])
        return out[4:] if data[:depth] == packet.above and word == ref.VERIFIED else None

    def segments(self, packet, session, own, count):
        """Each segment is a packet with a tag of its own."""
        good = [self.taken_out(packet, session, s.data) for s in own]
        good = [payload for payload in good if payload is not None]
        if packet.kind == "any":
            sane = fragments_sane(good, packet.payload)
        else:
            sane = segments_sane(good, packet.payload, "tcp" in packet.kind)
        if len(own) != count or len(good) != count or not sane:
            yield f"{count} wanted, {len(own)} came, {len(good)} with the right tags, sane {sane}"
