# SPDX-License-Identifier: GPL-2.0
"""A device with links, direction in: packets in all shapes, and what must become of them."""

from collections import namedtuple

import ingress
import mutate
from lab import ref

STRICTNESS = ("strict", "permissive", "monitor")


class Link(namedtuple("Link", "session lsps transport")):
    """One on PE2's core."""

    @property
    def name(self):
        return self.session.name

    def words(self):
        lsps = "".join(f" lsp {lsp}" for lsp in self.lsps)
        return (f"link add {self.name} dev core session {self.name}{lsps}"
                f"{f' transport {self.transport}' * bool(self.transport)}")

    def takes(self, label):
        return label is None or not self.lsps or label in self.lsps


def top(stack, above=0):
    """(its first label that is no explicit null, its S bit, what is from there on, the number
    of nulls so far); None where it ends before, or the reference's word for too many."""
    for nulls in range(above, ref.NULLS_MAX + 1):
        if len(stack) < 4:
            return None
        label, _, s, _ = ref.parse_entry(stack[:4])
        if s or label not in ref.EXPLICIT_NULLS:
            return label, s, stack, nulls
        stack = stack[4:]
    return ref.TOO_MANY


class Fuzzer(ingress.Fuzzer):
    """As at any ingress, but it is the links that judge."""

    def __init__(self, odd, links, now):
        super().__init__(odd, [link.session for link in links], now)
        self.links = links

    def labelled(self, rng):
        link = rng.choice(self.links)
        lsp = rng.choice((*link.lsps, 4000, rng.randrange(16, 1 << 20)))
        data = ref.entry(lsp, rng.randrange(8), 0, 64) + ref.entry(
            rng.randrange(16, 1 << 20), 0, 1, 64) + mutate.payload(rng)
        if rng.random() < 0.85:
            data = ref.stamp_link(link.session.params, self.now, data)
            transport = link.transport and rng.choice((link.transport, 17))
            data = (ref.entry(transport, 0, 0, 64) if transport else b"") + data
        return mutate.spoilt(rng, data, self.sessions)

    def bare(self, label, labelled):
        """What the strictest of those links says that want a label; None is any."""
        wanting = [link.session for link in self.links if link.takes(label)]
        if not wanting:
            return None
        session = min(wanting, key=lambda s: STRICTNESS.index(s.policy))
        return ingress.counted(session, ref.BARE, labelled, labelled)

    def in_sight(self, labelled, gso):
        found, below, own = top(labelled), False, None
        if isinstance(found, tuple) and not found[1] and \
                found[0] in [link.transport for link in self.links]:
            found, below = top(found[2][4:], found[3]), True
        if found == ref.TOO_MANY:
            return ingress.LOST
        if isinstance(found, tuple):
            own = [s for s in self.sessions if found[0] in s.params.labels]
        if not own:
            exact = isinstance(found, tuple) and not below
            return self.bare(found[0] if exact else None, labelled)
        _, word, out = ingress.verdict(own, self.now, found[2], gso)
        # No label was taken off of what has no such labels.
        return ingress.counted(own[0], word, labelled if out == found[2] else out, labelled)

    def hidden(self, labelled, untouched):
        wanted = self.bare(None, untouched.passes)
        if wanted.passes is None:
            return wanted
        return wanted._replace(proto=untouched.proto)
