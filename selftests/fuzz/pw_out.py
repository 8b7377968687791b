# SPDX-License-Identifier: GPL-2.0
"""Frames that are sent on pseudowires, in all shapes, and what must leave for them."""

from collections import Counter, namedtuple

import egress
import frames
from lab import ref

A, B = "02:00:00:00:0a:01", "02:00:00:00:0b:01"
# Of the route to the remote PE.
ABOVE = b"".join(ref.entry(label, 0, 0, 255) for label in (1001, 3002))
ROOM = egress.MTU - len(ABOVE)


class Pw(namedtuple("Pw", "device label session control_word")):
    """One on PE1; session is the name of the one that stamps, or None."""

    def ends(self):
        out = f"out {self.session}" if self.session else f"out-label {self.label}"
        return (f"in-label {self.label + 100} {out} "
                f"control-word {'on' if self.control_word else 'off'}")

    def payload(self, frame):
        """What is below the labels."""
        if not self.control_word:
            return frame + bytes(max(0, 60 - len(frame)))
        length = 4 + len(frame)
        return (length << 16 if length < 64 else 0).to_bytes(4, "big") + frame


class Frame(egress.Packet):
    """What the kernel hands to a device: a frame with an IP packet, or with what is none."""

    proto = frames.ETH_P_MPLS

    def __init__(self, rng):
        self._payload(rng, 0)
        self.version = 6 if self.payload[:1] and self.payload[0] >> 4 == 6 else 4

    def around(self, payload):
        return frames.ethernet(B, A, frames.ETH_P_IPV6 if self.version == 6 else frames.ETH_P_IP,
                               payload)

    @property
    def raw(self):
        return self.around(self.payload)

    @property
    def final(self):
        """As it is on the wire."""
        return self.raw if self.kind == "any" else self.around(egress.final(self.payload))


class Fuzzer(egress.Fuzzer):
    """Rounds at PE1."""

    COUNTERS = ("packets", "dropped")

    def __init__(self, odd, sessions, pws, now):
        super().__init__(odd, sessions, now)
        self.by_name = {s.name: s for s in sessions}
        self.pws, self.moved = pws, Counter()

    def round(self, rng):
        frame = Frame(rng)
        for words in frame.memory(rng):
            # No device like ours is handed what is shared.
            if "shared" in words:
                continue
            pw = rng.choice(self.pws)
            self.odd.inject(("out", pw.device, words, frame.raw.hex()))
            for complaint in self.look_at(frame, pw):
                yield f"out {pw.device} {words} {frame.raw.hex()}: {complaint}"

    def look_at(self, frame, pw):
        session = self.by_name.get(pw.session)
        gso = "gso" in frame.kind
        if gso:
            wanted, counter = frame.segments(), "stamped"
        else:
            wanted, counter = self.leaves(frame, pw, session)
        count = wanted if gso else len(wanted)
        self.words[counter if session else "sent" if count else "too big"] += 1
        self.moved[pw.device, "packets" if count else "dropped"] += count or 1
        if session:
            self.expected[session.name, counter] += count if counter == "stamped" else 1
        same, own = self.came(count, frame.proto)
        if not same:
            yield "who else held the frame found it changed"
        if not gso and [s.data for s in own] != wanted:
            yield (f"wanted {[w.hex() for w in wanted]}, "
                   f"seen {'; '.join(map(str, own)) or 'nothing'}")
        elif gso:
            yield from self.segments_in(frame, pw, session, own, count)

    def leaves(self, frame, pw, session):
        """(what must come, the session's counter)"""
        stack, payload = ref.entry(pw.label, 0, 1, 255), pw.payload(frame.final)
        bare = [ABOVE + stack + payload] if len(stack) + len(payload) <= ROOM else []
        if not session:
            return bare, None
        verdict, out = ref.stamp(session.params, self.now, stack, payload,
                                 "pw" if pw.control_word else "pw-no-cw")
        if len(payload) + 4 * (1 + session.params.tags) > ROOM:
            verdict = "too-big"
        if verdict == ref.STAMPED:
            return [ABOVE + out], verdict
        if session.policy == "monitor":
            return bare, f"pass-{verdict}"
        return [], f"drop-{verdict}"

    def segments_in(self, frame, pw, session, own, count):
        """Each segment is a frame of its own."""
        kind, good = "pw" if pw.control_word else "pw-no-cw", []
        for s in own:
            below = s.data[len(ABOVE):]
            if session:
                word, below = ref.verify(session.params, self.now, 0, 0, below, kind)
                if word != ref.VERIFIED:
                    yield f"a segment is {word}: {s}"
            length = ref.payload_length(below[4:], kind)
            inner = below[4 + 4 * pw.control_word:4 + (length or 0)]
            if inner[:14] == frame.raw[:14]:
                good.append(inner[14:])
        sane = egress.segments_sane(good, frame.payload, "tcp" in frame.kind)
        if len(own) != count or len(good) != count or not sane:
            yield f"{count} wanted, {len(own)} came, {len(good)} with the frame's, sane {sane}"
