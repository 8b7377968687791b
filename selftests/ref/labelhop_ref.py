#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""An implementation of Documentation/protocol.rst, and of nothing else.

It was written from that page alone and shares no code with the kernel module,
so that where the two agree, they do so because of the page. Integers of Python
have no width; whatever has to wrap or to saturate does so where the page says.
"""

import hmac
import json
import os
import sys
from dataclasses import dataclass

from siphash import siphash, siphash_selftest

U64_MAX = 2**64 - 1
LABEL_MIN, LABEL_MAX = 16, 2**20 - 1
EXPLICIT_NULLS = (0, 2)
NULLS_MAX = 128

VERIFIED, MALFORMED, BAD_HOP, BAD_TAG = "verified", "malformed", "bad-hop", "bad-tag"
BARE, EXPIRED, NOT_YET, NOT_OURS = "bare", "expired", "not-yet", "not-ours"
TOO_MANY = "too-many"
STAMPED, TOO_BIG, CLOCK_ERROR = "stamped", "too-big", "clock-error"


def le64(x):
    return x.to_bytes(8, "little")


# The parameter set

class ParamError(ValueError):
    """A parameter set that MUST be refused; `member` is the one at fault."""

    def __init__(self, member, why):
        super().__init__(f"{member}: {why}")
        self.member = member


@dataclass(frozen=True)
class Params:
    id: int
    generation: int
    label: int
    labels: tuple
    slots: tuple
    hash: str
    hash_len: int
    tags: int
    mode: str
    mask: int
    epoch: int
    lifetime: int
    seed: bytes

    @property
    def cycle(self):
        return sum(self.slots)

    @property
    def over(self):
        """The time at which the set ends, None if never."""
        return self.epoch + self.lifetime if self.lifetime else None


def _integer(member, value, low, high):
    if not isinstance(value, int) or isinstance(value, bool):
        raise ParamError(member, "not an integer")
    if not low <= value <= high:
        raise ParamError(member, f"not in {low}..{high}")
    return value


def _hex(member, value, digits):
    good = isinstance(value, str) and len(value) == digits
    if not good or any(c not in "0123456789abcdefABCDEF" for c in value):
        raise ParamError(member, f"not {digits} hex digits")
    return bytes.fromhex(value)


def _mask(member, value):
    if not isinstance(value, str) or not value.startswith("0x") or not 3 <= len(value) <= 18:
        raise ParamError(member, "not 0x and up to 16 hex digits")
    return int.from_bytes(_hex(member, value[2:].rjust(16, "0"), 16), "big")


def _list(member, value, most, low, high):
    if not isinstance(value, list):
        raise ParamError(member, "not a list")
    if not 1 <= len(value) <= most:
        raise ParamError(member, f"not 1..{most} entries")
    return tuple(_integer(member, entry, low, high) for entry in value)


REQUIRED = ("labelhop", "id", "generation", "label", "labels", "slots", "hash", "hash-len",
            "tags", "epoch", "lifetime", "seed")
MODES = ("select", "and")


def chosen_bits(mode, mask, tags):
    """How many digest bits each of the N tag labels takes, one number a tag."""
    if mode == "select":
        return [min(20, mask.bit_count() // tags)] * tags
    return [(mask >> j * 20 & 0xFFFFF).bit_count() for j in range(tags)]


def validate(obj):
    """Params of a decoded JSON parameter set; raises ParamError if it is refused."""
    if not isinstance(obj, dict):
        raise ParamError("labelhop", "not an object")
    for member in obj:
        if member not in REQUIRED + MODES:
            raise ParamError(member, "unknown")
    for member in REQUIRED:
        if member not in obj:
            raise ParamError(member, "missing")
    if "select" in obj and "and" in obj:
        raise ParamError("and", "given together with select")
    if "select" not in obj and "and" not in obj:
        raise ParamError("select", "missing, and so is and")
    mode = "select" if "select" in obj else "and"

    _integer("labelhop", obj["labelhop"], 1, 1)
    id_ = int.from_bytes(_hex("id", obj["id"], 16), "big")
    generation = _integer("generation", obj["generation"], 1, 2**32 - 1)
    label = _integer("label", obj["label"], LABEL_MIN, LABEL_MAX)
    labels = _list("labels", obj["labels"], 4096, LABEL_MIN, LABEL_MAX)
    if len(set(labels)) != len(labels):
        raise ParamError("labels", "not distinct")
    if label in labels:
        raise ParamError("labels", "holds label")
    slots = _list("slots", obj["slots"], 256, 1000, 86400 * 10**9)
    if obj["hash"] != "siphash-2-4":
        raise ParamError("hash", "unknown")
    hash_len = 0
    if obj["hash-len"] != "full":
        hash_len = _integer("hash-len", obj["hash-len"], 1, 65535)
    tags = _integer("tags", obj["tags"], 1, 3)
    mask = _mask(mode, obj[mode])
    if min(chosen_bits(mode, mask, tags)) < 16:
        raise ParamError(mode, "fewer than 16 bits for a tag")
    epoch = _integer("epoch", obj["epoch"], 0, U64_MAX)
    lifetime = _integer("lifetime", obj["lifetime"], 0, U64_MAX)
    if epoch + lifetime > U64_MAX:
        raise ParamError("lifetime", "ends after 2^64 - 1")
    seed = _hex("seed", obj["seed"], 64)
    return Params(id_, generation, label, labels, slots, obj["hash"], hash_len, tags, mode, mask,
                  epoch, lifetime, seed)


def check_tolerance(params, tolerance):
    """Raises ParamError if a receiver with this tolerance must refuse the set."""
    if min(params.slots) < 2 * tolerance:
        raise ParamError("tolerance", "more than half of the shortest slot")


# Keys, slots, hop label

def hkdf_expand(prk, info, length):
    """RFC 5869, section 2.3, over HMAC-SHA-256."""
    out, block, i = b"", b"", 0
    while len(out) < length:
        i += 1
        block = hmac.digest(prk, block + info + bytes([i]), "sha256")
        out += block
    return out[:length]


def derive_keys(params):
    """(k_hop, k_tag)"""
    def info(purpose):
        return (b"labelhop-1 " + purpose + params.id.to_bytes(8, "big")
                + params.generation.to_bytes(4, "big") + params.label.to_bytes(4, "big"))

    return tuple(hkdf_expand(params.seed, info(purpose), 16) for purpose in (b"hop", b"tag"))


def slot(params, t):
    """(slot, start, end) of a time that is not before the epoch."""
    if not params.epoch <= t <= U64_MAX:
        raise ValueError("no slot holds that time")
    q, r = divmod(t - params.epoch, params.cycle)
    before = 0
    for i, duration in enumerate(params.slots):
        if r < before + duration:
            break
        before += duration
    start = params.epoch + q * params.cycle + before
    return q * len(params.slots) + i, start, min(start + duration, U64_MAX)


def window(params, now, tolerance, delay):
    """The list of valid slots, or the word "not-yet" or "expired"."""
    lo = max(now - delay - tolerance, 0)
    hi = min(max(now - delay + tolerance, 0), U64_MAX)
    if hi < params.epoch:
        return NOT_YET
    if params.over is not None and lo >= params.over:
        return EXPIRED
    first, last = max(lo, params.epoch), hi
    if params.over is not None:
        last = min(last, params.over - 1)
    return list(range(slot(params, first)[0], slot(params, last)[0] + 1))


def hop_label(params, number):
    k_hop, _ = derive_keys(params)
    return params.labels[siphash(k_hop, le64(number)) % len(params.labels)]


def slot_key(params, number):
    _, k_tag = derive_keys(params)
    return b"".join(le64(siphash(k_tag, le64(number) + le64(half))) for half in (0, 1))


# Digest and tags

def control_word_length(payload):
    """Length of a control word and its frame, None if they are malformed. RFC 4448, 4.6:
    what a receiver finds in it is ignored, but for the first nibble and, as RFC 4385 has
    it, the length of what is shorter than 64 bytes."""
    present = len(payload)
    if present < 4 or payload[0] >> 4:
        return None
    length = payload[1] & 63 if present < 64 else 0
    length = length or present
    return length if 18 <= length <= present else None


def payload_length(payload, kind="ip"):
    """The payload's true length without padding, None if it is malformed."""
    present = len(payload)
    length = present
    version = payload[0] >> 4 if payload and kind == "ip" else None
    if kind == "pw":
        length = control_word_length(payload)
        if length is None:
            return None
    elif version == 4:
        if present < 20:
            return None
        length = int.from_bytes(payload[2:4], "big")
        if length < 20:
            return None
    elif version == 6:
        if present < 40:
            return None
        length = 40 + int.from_bytes(payload[4:6], "big")
    return length if length <= min(present, 65575) else None


def digest(params, k_slot, payload, kind="ip"):
    """The digest of a payload that is not malformed."""
    length = payload_length(payload, kind)
    n = min(length, params.hash_len) if params.hash_len else length
    return siphash(k_slot, le64(length) + payload[:n])


def pext(value, mask):
    out = count = 0
    for bit in range(64):
        if mask >> bit & 1:
            out |= (value >> bit & 1) << count
            count += 1
    return out


def tags_of(mode, mask, count, value):
    """The tag labels of a digest."""
    if mode == "select":
        bits, width = pext(value, mask), min(20, mask.bit_count() // count)
    else:
        bits, width = value & mask, 20
    values = [bits >> j * width & (1 << width) - 1 for j in range(count)]
    return [v + 524288 if v < 16 else v for v in values]


def tags(params, value):
    return tags_of(params.mode, params.mask, params.tags, value)


# The wire

def entry(label, tc, s, ttl):
    return (label << 12 | tc << 9 | s << 8 | ttl).to_bytes(4, "big")


def parse_entry(four):
    """(label, tc, s, ttl)"""
    x = int.from_bytes(four, "big")
    return x >> 12, x >> 9 & 7, x >> 8 & 1, x & 255


def labels_at(params, t, payload, kind):
    """(hop label, tag labels) for a payload at a time."""
    number = slot(params, t)[0]
    return (hop_label(params, number),
            tags(params, digest(params, slot_key(params, number), payload, kind)))


def stamp_link(params, t, protected, transport=0):
    """Link mode: the labels above a stack and what is below it, as bytes. t is within
    the set's time."""
    _, tc, _, ttl = parse_entry(protected[:4])
    # What Ethernet may have to pad, with the labels, is padded before.
    protected += bytes(max(0, 46 - 4 * (1 + params.tags) - len(protected)))
    hop, labels = labels_at(params, t, protected, "link")
    above = entry(transport, tc, 0, ttl) if transport else b""
    return (above + entry(hop, tc, 0, ttl) + b"".join(entry(tag, 0, 0, 0) for tag in labels)
            + protected)


def growth(params, kind, transport=0):
    """Bytes that are added to the labels and the payload, padding aside."""
    return 4 * params.tags + (4 * (1 + bool(transport)) if kind == "link" else 0)


def state_at(params, t, error):
    """Why nothing can be stamped at t, or None."""
    if min(params.slots) < 2 * error:
        return CLOCK_ERROR
    if t < params.epoch:
        return NOT_YET
    return EXPIRED if params.over is not None and t >= params.over else None


def stamp(params, t, stack, payload, kind="ip", transport=0, error=0, mtu=0):
    """The sender's steps: (verdict, bytes), the bytes None unless "stamped".

    The stack is what the packet would have without labelhop, with the VPN
    label at the bottom. On a link it is not looked into but for its first entry.
    """
    if len(stack) < 4 or len(stack) % 4:
        raise ValueError("not a label stack")
    entries = [parse_entry(stack[i:i + 4]) for i in range(0, len(stack), 4)]
    label, tc, _, ttl = entries[-1]
    if kind != "link" and (label != params.label or
                           [e[2] for e in entries] != [0] * (len(entries) - 1) + [1]):
        raise ValueError("not a stack with the VPN label at the bottom")
    if kind == "pw-no-cw":
        payload += bytes(max(0, 60 - len(payload)))
    if mtu and len(stack) + len(payload) + growth(params, kind, transport) > mtu:
        return TOO_BIG, None
    state = state_at(params, t, error)
    if state:
        return state, None
    if kind == "link":
        return STAMPED, stamp_link(params, t, stack + payload, transport)
    if payload_length(payload, kind) is None:
        return MALFORMED, None
    hop, labels = labels_at(params, t, payload, kind)
    out = stack[:-4] + entry(hop, tc, 0, ttl)
    for j, tag in enumerate(labels, 1):
        out += entry(tag, 0, int(j == params.tags), 0)
    return STAMPED, out + payload


def top_entry(packet, transports=()):
    """Offset of the entry that a receiver looks at: past explicit nulls and, on a link, one
    of its transport labels. None where the packet ends before, or TOO_MANY."""
    nulls, passed = 0, False
    for at in range(0, len(packet) - 3, 4):
        label, _, s, _ = parse_entry(packet[at:at + 4])
        if s:
            return at
        if label in EXPLICIT_NULLS:
            nulls += 1
            if nulls > NULLS_MAX:
                return TOO_MANY
        elif label in transports and not passed:
            passed = True
        else:
            return at
    return None


def verify(params, now, tolerance, delay, packet, kind="ip", transports=(), error=0):
    """The receiver's steps: (verdict, bytes). On a link whatever has not its labels is not
    protected, which its policy judges.

    The bytes are what goes on if nothing is dropped, that is if the packet is
    verified or if the session's policy is "monitor".
    """
    check_tolerance(params, tolerance)
    at = top_entry(packet, transports)
    if at == TOO_MANY:
        return TOO_MANY, packet
    if at is None:
        return BARE if kind == "link" else NOT_OURS, packet
    label, tc, s, ttl = parse_entry(packet[at:at + 4])
    if kind == "link" and label not in params.labels:
        return BARE, packet
    if label == params.label and kind != "link":
        return BARE, packet
    if label not in params.labels:
        return NOT_OURS, packet

    rest = packet[at + 4:]
    following = [parse_entry(rest[i:i + 4]) for i in range(0, params.tags * 4, 4)]
    payload = rest[params.tags * 4:]
    wanted = [0] * params.tags + [int(kind != "link")]
    if len(rest) < params.tags * 4 or [s] + [e[2] for e in following] != wanted:
        return MALFORMED, packet
    out = payload if kind == "link" else entry(params.label, tc, 1, ttl) + payload
    if payload_length(payload, kind) is None:
        return MALFORMED, out
    if min(params.slots) < 2 * (tolerance + error):
        return CLOCK_ERROR, out
    valid = window(params, now, tolerance + error, delay)
    if isinstance(valid, str):
        return valid, out
    valid = [number for number in valid if hop_label(params, number) == label]
    if not valid:
        return BAD_HOP, out
    found = [e[0] for e in following]
    for number in valid:
        if tags(params, digest(params, slot_key(params, number), payload, kind)) == found:
            return VERIFIED, out
    return BAD_TAG, out


def derive(params, t, payload):
    """Everything that the page computes for one packet at one time."""
    number, start, end = slot(params, t)
    k_slot = slot_key(params, number)
    value = digest(params, k_slot, payload)
    return {"slot": number, "start": start, "end": end, "hop": hop_label(params, number),
            "k_slot": k_slot.hex(), "digest": f"0x{value:016x}", "tags": tags(params, value)}


# The command

def main(argv):
    usage = ("usage: labelhop_ref.py derive PARAMS.json at TAI-NS payload HEX\n"
             "       labelhop_ref.py vectors OUTDIR")
    if len(argv) == 6 and argv[0] == "derive" and argv[2] == "at" and argv[4] == "payload":
        with open(argv[1], encoding="utf-8") as f:
            params = validate(json.load(f))
        payload = bytes.fromhex(argv[5])
        if payload_length(payload) is None:
            raise ValueError("payload: malformed")
        print(json.dumps(derive(params, int(argv[3]), payload)))
    elif len(argv) == 2 and argv[0] == "vectors":
        # Not at the top: an importer of the reference needs no generator.
        import vectors
        os.makedirs(argv[1], exist_ok=True)
        for name, text in vectors.files().items():
            with open(os.path.join(argv[1], name), "w", encoding="utf-8") as f:
                f.write(text)
    else:
        print(usage, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    siphash_selftest()
    try:
        sys.exit(main(sys.argv[1:]))
    except (OSError, ValueError) as error:
        sys.exit(f"labelhop_ref.py: {error}")
