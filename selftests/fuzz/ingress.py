# SPDX-License-Identifier: GPL-2.0
"""The ingress hook: frames in all shapes, and what must become of them."""

import ipaddress
from collections import Counter, namedtuple

import frames
import mutate
from attack import PE2, P2
from lab import SECOND, ref

TOLERANCE = 9 * SECOND // 10
# SKB_GSO_: TCP for IPv4 and IPv6, SCTP, UDP_L4, FRAGLIST.
GSO = (1, 1 << 4, 1 << 14, 1 << 17, 1 << 18)
LABELLED = (frames.ETH_P_MPLS, frames.ETH_P_8021Q, frames.ETH_P_8021AD)

# A frame without shape: link is what stands between addresses and stack.
Link = namedtuple("Link", "dst tags proto accelerated")


class Fate(namedtuple("Fate", "session counter passes proto stack", defaults=(None,))):
    """passes: the bytes that go on, or None. stack: they, if they may be a pseudowire's."""

    def __str__(self):
        passes = "nothing" if self.passes is None else self.passes.hex() or "no byte"
        return f"{self.session} {self.counter} {passes} {self.proto:#06x}"


LOST = Fate(None, None, None, 0)


class Session:
    """One on PE2, as the oracle knows it."""

    def __init__(self, name, params, policy, prefix=None, kind="ip"):
        self.name, self.policy, self.kind = name, policy, kind
        self.params = ref.validate(params)
        self.prefix = prefix and ipaddress.ip_network(prefix)

    def takes(self, labelled):
        """Is a bare packet for the customer's prefix? If in doubt, it is."""
        entries, rest = frames.parse_stack(labelled)
        while len(entries) > 1 and entries[0].label in ref.EXPLICIT_NULLS:
            entries.pop(0)
        if not self.prefix or len(entries) > 1 or not entries[0].s or not rest:
            return True
        if rest[0] >> 4 == 4 and len(rest) >= 20:
            return ipaddress.ip_address(rest[16:20]) in self.prefix
        return not (rest[0] >> 4 == 6 and len(rest) >= 40)

    def verify(self, now, labelled):
        """The reference's word, and what goes on if it may."""
        return ref.verify(self.params, now, TOLERANCE, 0, labelled, self.kind)


def verdict(sessions, now, labelled, gso=False):
    """(session, the reference's word, what goes on if it may)"""
    for session in sessions:
        word, out = session.verify(now, labelled)
        if word == ref.NOT_OURS:
            continue
        if word == ref.BARE:
            if not session.takes(labelled):
                break
        elif gso and word not in (ref.MALFORMED, ref.TOO_MANY):
            word = ref.MALFORMED
        return session, word, out
    return None, ref.NOT_OURS, labelled


def counted(session, word, out, before):
    """What the policy makes of a word."""
    if word == ref.VERIFIED:
        return Fate(session.name, word, out, frames.ETH_P_MPLS, out)
    if session.policy == "monitor":
        return Fate(session.name, f"pass-{word}", out, frames.ETH_P_MPLS, out)
    if word == ref.BARE and session.policy == "permissive":
        return Fate(session.name, ref.BARE, before, frames.ETH_P_MPLS, before)
    return Fate(session.name, f"drop-{word}", None, 0)


def link(rng):
    """Mostly none of the oddities of a link."""
    tags, accelerated = (), None
    kind = rng.choice(("",) * 6 + ("tag", "tag2", "both", "beside", "other"))
    one = (rng.choice((frames.ETH_P_8021Q, frames.ETH_P_8021AD)), rng.choice((0, 0, 0xE000, 100)))
    if kind in ("tag", "both"):
        tags = (one,)
    elif kind == "tag2":
        tags = (one, (frames.ETH_P_8021Q, rng.choice((0, 0, 7))))
    if kind in ("beside", "both"):
        accelerated = rng.choice((0, 0, 0x6000, 5))
    dst = rng.choice(("02:00:00:00:05:77", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01")) \
        if kind == "other" else PE2
    proto = rng.choice((0x8848, 0x0800, 0x86DD, 0x0806)) \
        if rng.random() < 0.03 else frames.ETH_P_MPLS
    return Link(dst, tags, proto, accelerated)


def shapes(rng, length):
    """Ways in which the same bytes may lie in memory: (words, is it GSO?)."""
    cut = rng.randrange(14, length + 1)
    room = rng.choice((0, 64, 110, 127, 128))
    words = ["-", f"paged={cut}", f"list={cut}", "paged=14", "list=14", "clone", "shared",
             f"clone,paged={cut}", f"shared,list={cut}", f"shared,paged={cut}", "room=128",
             "complete", f"complete,paged={cut}", f"complete,clone,room={room}",
             "shared,complete", "nomac", f"nomac,paged={cut}", "nomac,shared"]
    picked = ["-"] + rng.sample(words, 4)
    super_packet = f"gso={rng.choice(GSO)},size={rng.choice((1, 100, 1448))}"
    return [(w, False) for w in picked] + [(super_packet, True)]


class Fuzzer:
    """Rounds at PE2; expected counters are added up."""

    def __init__(self, odd, sessions, now):
        self.odd, self.sessions, self.now = odd, sessions, now
        self.expected = Counter()
        self.words = Counter()

    def round(self, rng):
        """One frame in several shapes; yields what is wrong."""
        where = link(rng)
        labelled = self.labelled(rng)
        raw = frames.ethernet(where.dst, P2, where.proto, labelled, where.tags)
        for shape, gso in shapes(rng, len(raw)):
            wanted = self.fate(where, labelled, gso)
            words = shape
            if where.accelerated is not None:
                words = f"{shape},tag={where.accelerated + 1}".replace("-,", "", 1)
            for complaint in self.one(raw, words, wanted):
                yield f"in core {words} {raw.hex()}: {complaint}"

    def labelled(self, rng):
        """What is behind the link's header."""
        return mutate.labelled(rng, self.sessions, self.now)

    def fate(self, where, labelled, gso):
        """What must become of a frame."""
        data, proto, tags = labelled, where.proto, list(where.tags)
        for tpid, tci in reversed(where.tags):
            data = tci.to_bytes(2, "big") + proto.to_bytes(2, "big") + data
            proto = tpid
        hidden = where.accelerated is not None and tags
        tci = where.accelerated
        if tci is None and tags:
            # The kernel takes the outermost tag off, and drops what has none whole.
            if len(data) < 6:
                return LOST
            tci = tags.pop(0)[1]
            proto, data = int.from_bytes(data[2:4], "big"), data[4:]
            hidden = bool(tags)
        untouched = Fate(None, None, data, proto)
        if where.dst != PE2 or where.proto != frames.ETH_P_MPLS or (tci or 0) & 0xFFF or \
                any(tag[1] & 0xFFF for tag in tags):
            return untouched
        if not hidden:
            return self.in_sight(labelled, gso) or untouched._replace(stack=data)
        return self.hidden(labelled, untouched) or untouched

    def in_sight(self, labelled, gso):
        """What becomes of a stack that isn't hidden, None if it is no session's. What
        passes below explicit nulls is counted on lo, and the fuzzer ends its way before."""
        session, word, out = verdict(self.sessions, self.now, labelled, gso)
        if word == ref.TOO_MANY:
            return LOST
        if not session:
            return None
        wanted = counted(session, word, out, labelled)
        if wanted.passes == labelled and ref.parse_entry(labelled[:4])[0] in ref.EXPLICIT_NULLS:
            return wanted._replace(session=None, counter=None, stack=None)
        return wanted

    def hidden(self, labelled, untouched):
        """The same of one behind priority tags."""
        if verdict(self.sessions, self.now, labelled)[1] == ref.TOO_MANY:
            return LOST
        for session in self.sessions:
            if session.verify(self.now, labelled)[0] != ref.NOT_OURS:
                wanted = counted(session, ref.MALFORMED, untouched.passes, untouched.passes)
                return wanted._replace(proto=untouched.proto, stack=None)
        return None

    def one(self, raw, words, wanted):
        self.words[wanted.counter or ("passes" if wanted.passes is not None else "lost")] += 1
        self.expected[wanted.session, wanted.counter] += 1
        self.odd.inject(("in", "core", words, raw.hex()))
        same, seen = self.odd.seen()
        if not same:
            yield "who else held the packet found it changed"
        # P2 has things of its own to say, but not by MPLS.
        own = [s for s in seen if s.dev == "core" and (
            s.proto in LABELLED or s.data == wanted.passes)]
        if [s.data for s in own] != ([] if wanted.passes is None else [wanted.passes]):
            yield f"wanted {wanted}, seen {'; '.join(map(str, own)) or 'nothing'}"
        for s in own:
            if s.proto != wanted.proto or s.sum not in ("-", "good"):
                yield f"checksum or protocol: {s}"
            if "nomac" in words:
                if s.mac:
                    yield f"a MAC header out of nothing: {s}"
            elif s.mac[:12] != raw[:12]:
                yield f"the MAC header was changed: {s}"
