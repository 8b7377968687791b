# SPDX-License-Identifier: GPL-2.0
"""Frames of pseudowires in all shapes, and what must come out of their devices."""

from collections import Counter, namedtuple

import frames
import ingress
import mutate
from lab import ref

HEADER = 14
VLANS = (frames.ETH_P_8021Q, frames.ETH_P_8021AD)


class Pw(namedtuple("Pw", "device label session control_word flow_label")):
    """One on PE2; session is the name of the one that lets frames in, or None."""

    def ends(self):
        into = f"in {self.session}" if self.session else f"in-label {self.label}"
        return (f"{into} out-label {self.label + 100} control-word "
                f"{'on' if self.control_word else 'off'}{' flow-label' * self.flow_label}")

    def frame(self, session, stack):
        """(None, the frame), or (the device's counter that moves, None)."""
        bottom = [i for i in range(1 + self.flow_label)
                  if len(stack) >= 4 * i + 4 and ref.parse_entry(stack[4 * i:4 * i + 4])[2]]
        if not bottom:
            return "frame_errors", None
        if self.session and session != self.session:
            return "dropped", None
        payload = stack[4 * bottom[0] + 4:]
        if self.control_word:
            length = ref.control_word_length(payload)
            payload = payload[4:length] if length else b""
        return ("packets", payload) if len(payload) >= HEADER else ("length_errors", None)


def below_nulls(stack):
    while len(stack) >= 4:
        label, _, s, _ = ref.parse_entry(stack[:4])
        if s or label not in ref.EXPLICIT_NULLS:
            break
        stack = stack[4:]
    return stack


class Fuzzer(ingress.Fuzzer):
    """As at any ingress, but what may be a pseudowire's comes out of its device."""

    COUNTERS = ("packets", "frame_errors", "length_errors", "dropped")

    def __init__(self, odd, sessions, pws, now):
        super().__init__(odd, sessions, now)
        self.pws, self.moved = pws, Counter()
        self.by_label = {pw.label: pw for pw in pws}

    def labelled(self, rng):
        if rng.random() < 0.6:
            return super().labelled(rng)
        pw = rng.choice(self.pws)
        data = mutate.framed(rng, pw.control_word)
        if pw.flow_label:
            data = ref.entry(rng.randrange(16, 1 << 20), 0, 1, 64) + data
        data = ref.entry(pw.label, 0, not pw.flow_label, 64) + data
        return mutate.spoilt(rng, data, self.sessions)

    def one(self, raw, words, wanted):
        stack = below_nulls(wanted.stack or b"")
        pw = self.by_label.get(ref.parse_entry(stack[:4])[0]) if len(stack) >= 4 else None
        if not pw:
            yield from super().one(raw, words, wanted)
            return
        counter, frame = pw.frame(wanted.session, stack)
        self.words[f"pw {counter}"] += 1
        self.expected[wanted.session, wanted.counter] += 1
        self.moved[pw.device, counter] += 1
        self.odd.inject(("in", "core", words, raw.hex()))
        same, seen = self.odd.seen()
        if not same:
            yield "who else held the packet found it changed"
        got = [s for s in seen if s.dev == pw.device or s.proto == frames.ETH_P_MPLS]
        if not tagged(frame) and [s.mac + s.data for s in got] != ([frame] if frame else []):
            yield (f"wanted {pw.device} {counter} {frame and frame.hex()}, "
                   f"seen {'; '.join(map(str, got)) or 'nothing'}")
        for s in got:
            if s.dev != pw.device or s.sum not in ("-", "good"):
                yield f"device or checksum: {s}"


def tagged(frame):
    """Then the kernel takes the tag off, or drops the frame, before it is seen."""
    return frame is not None and int.from_bytes(frame[12:14], "big") in VLANS
