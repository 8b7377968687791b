# SPDX-License-Identifier: GPL-2.0
"""Requests that are nearly valid, and random ones."""

from dataclasses import dataclass, field, replace

from nl_socket import ACK, DUMP, HEADERS, REQUEST, pack
from nl_spec import BYTEORDER, KIND, NESTED, Attr, encode, walk

# The kernel sends no larger attribute, and a socket takes no larger message.
HUGE = 60000


@dataclass
class Request:
    """A request before it is bytes. op names what it was to be; how, what was done
    to it, empty if nothing; body, if there is one, replaces the attributes."""
    op: str
    cmd: int
    attrs: list
    how: list = field(default_factory=list)
    flags: int = REQUEST | ACK
    length: int = None
    reserved: int = 0
    body: bytes = None

    def bytes(self, family, seq):
        body = encode(self.attrs) if self.body is None else self.body
        length = None if self.length is None else HEADERS + len(body) + self.length
        return pack(family, self.cmd, body, self.flags, seq, length, 1, self.reserved)

    def answered(self):
        """Does the kernel always answer it?"""
        return self.length is None and self.flags & REQUEST and (
            self.flags & ACK or self.flags & DUMP == DUMP)


def places(attrs):
    """Each list that holds an attribute, with the attribute's index."""
    for i, a in enumerate(attrs):
        yield attrs, i
        if isinstance(a.data, list):
            yield from places(a.data)


def boundary(rng, size):
    top = 1 << size * 8
    value = rng.choice((0, 1, 15, 16, 0xFFFFF, 0x100000, top >> 1, (top >> 1) - 1, top - 1,
                        rng.randrange(top), 1 << rng.randrange(size * 8)))
    return (value % top).to_bytes(size, "little")


# Each spoils one attribute of a list, in place.

def drop(_rng, attrs, i):
    del attrs[i]


def double(rng, attrs, i):
    attrs.insert(rng.randint(0, len(attrs)), attrs[i].copy())


def many(rng, attrs, i):
    if len(encode(attrs[i:i + 1])) < 400:
        attrs += [attrs[i].copy() for _ in range(rng.choice((64, 65, 300)))]


def move(rng, attrs, i):
    attrs.insert(rng.randrange(len(attrs)), attrs.pop(i))


def value(rng, attrs, i):
    data = attrs[i].data
    if not isinstance(data, list) and len(data) in (1, 2, 4, 8):
        attrs[i].data = boundary(rng, len(data))
    else:
        flip(rng, attrs, i)


def flip(rng, attrs, i):
    data = bytearray(encode(attrs[i].data) if isinstance(attrs[i].data, list) else attrs[i].data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    attrs[i].data = bytes(data)


def entry(rng, attrs, i):
    """One number of an array, or two of them equal."""
    data, size = attrs[i].data, rng.choice((4, 8))
    if isinstance(data, list) or len(data) < 2 * size:
        flip(rng, attrs, i)
        return
    numbers = [data[n:n + size] for n in range(0, len(data), size)]
    numbers[rng.randrange(len(numbers))] = rng.choice((boundary(rng, size), numbers[0]))
    attrs[i].data = b"".join(numbers)


def blank(_rng, attrs, i):
    """All zero, an empty string if it is one."""
    attrs[i].data = bytes(len(encode(attrs[i].data)) if isinstance(attrs[i].data, list)
                          else len(attrs[i].data))


def resize(rng, attrs, i):
    data = encode(attrs[i].data) if isinstance(attrs[i].data, list) else attrs[i].data
    size = rng.choice((0, 1, 3, 5, 17, len(data) - 1, len(data) + 1, len(data) + 4, 2 * len(data)))
    attrs[i].data = (data + rng.randbytes(max(0, size - len(data))))[:max(0, size)]


def huge(rng, attrs, i):
    data = encode(attrs[i].data) if isinstance(attrs[i].data, list) else attrs[i].data
    size = rng.choice((4100, 16388, HUGE))
    attrs[i].data = ((data or b"\0") * (size // max(1, len(data)) + 1))[:size]


def length(rng, attrs, i):
    """The header lies: a truncated nest if the attribute is one."""
    true = 4 + len(encode([attrs[i]])) - 4
    attrs[i].length = rng.choice((0, 1, 3, 4, 5, true - 1, true + 1, true + 4, 0xFFFF, true // 2))


def kind(rng, attrs, i):
    attrs[i].kind = rng.choice((0, 1, attrs[i].kind + 1, 31, 255, KIND, rng.randrange(20)))


def flag(rng, attrs, i):
    attrs[i].flags ^= rng.choice((NESTED, BYTEORDER, NESTED | BYTEORDER))


def wrap(_rng, attrs, i):
    attrs[i] = Attr(attrs[i].kind, [attrs[i]], NESTED)


def unwrap(_rng, attrs, i):
    if isinstance(attrs[i].data, list):
        attrs[i:i + 1] = attrs[i].data
    else:
        attrs[i].data = b""


SPOILERS = (drop, double, many, move, value, value, flip, entry, blank, resize, huge, length,
            kind, flag, wrap, unwrap)


class Spoiler:
    """Makes requests worse."""

    def __init__(self, rng, spec):
        self.rng, self.spec = rng, spec

    def spoil(self, request, times):
        """A copy that is spoilt some times."""
        out = replace(request, attrs=[a.copy() for a in request.attrs], how=list(request.how))
        for _ in range(times):
            spots = list(places(out.attrs))
            if not spots or self.rng.random() < 0.15:
                self._message(out)
                continue
            # As often what is deep inside as what is not.
            attrs, i = self.rng.choice(spots)
            spoiler = self.rng.choice(SPOILERS)
            out.how.append(f"{spoiler.__name__} {attrs[i].kind}")
            spoiler(self.rng, attrs, i)
        return out if len(encode(out.attrs)) < 1 << 17 else request

    def _message(self, out):
        how = self.rng.choice(("command", "length", "flags", "reserved", "tail", "stranger"))
        out.how.append(how)
        if how == "command":
            out.cmd = self.rng.choice((0, *self.spec.by_value, 255))
        elif how == "length":
            out.length = self.rng.choice((-HEADERS, -8, -4, -1, 1, 4, 1 << 20, -(1 << 16)))
        elif how == "flags":
            out.flags ^= self.rng.choice((REQUEST, ACK, DUMP, 0x100, 0x400, 0x1000, 8))
        elif how == "reserved":
            out.reserved = self.rng.choice((1, 0xFFFF))
        elif how == "tail":
            out.body = encode(out.attrs) + self.rng.randbytes(self.rng.randint(1, 9))
        else:
            out.attrs.append(self.stranger())

    def stranger(self):
        """An attribute of any set, or of none."""
        group = self.rng.choice(list(self.spec.sets.values()))
        a = self.rng.choice(list(group.values()))
        size = {"u8": 1, "u16": 2, "u32": 4, "s32": 4, "u64": 8}.get(a["type"])
        data = boundary(self.rng, size) if size else self.rng.randbytes(self.rng.randrange(40))
        return Attr(a["value"], data, self.rng.choice((0, 0, NESTED, BYTEORDER)))

    def soup(self, depth=0):
        """Random attributes, some of them nests."""
        out = []
        for _ in range(self.rng.randrange(6)):
            a = self.stranger()
            if depth < 12 and self.rng.random() < 0.3:
                a.data, a.flags = self.soup(depth + 1), NESTED
            out.append(a)
        return out

    def random(self):
        """Nothing of it makes sense but the family."""
        op = self.rng.choice(self.spec.requests)
        out = Request(op, self.spec.ops[op]["value"], self.soup(), ["soup"])
        if self.rng.random() < 0.3:
            out.body, out.how = self.rng.randbytes(self.rng.randrange(200)), ["noise"]
        if self.rng.random() < 0.1:
            out.cmd = self.rng.randrange(256)
        return out


def offsets(data, base=HEADERS):
    """Where the attributes of a message are, and those within."""
    for at, kind_and_flags, payload in walk(data[base:], base):
        yield at
        if kind_and_flags & NESTED:
            yield from offsets(data[:at + 4 + len(payload)], at + 4)
