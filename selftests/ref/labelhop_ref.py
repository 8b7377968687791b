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

U64_MAX = 2**64 - 1
LABEL_MIN, LABEL_MAX = 16, 2**20 - 1
EXPLICIT_NULLS = (0, 2)
NULLS_MAX = 128

VERIFIED, MALFORMED, BAD_HOP, BAD_TAG = "verified", "malformed", "bad-hop", "bad-tag"
BARE, EXPIRED, NOT_YET, NOT_OURS = "bare", "expired", "not-yet", "not-ours"
TOO_MANY = "too-many"
STAMPED = "stamped"


# SipHash

# Official outputs for the key 00 01 .. 0f and the messages "", 00, 00 01, ...
SIPHASH_VECTORS = (
    0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
    0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
    0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
    0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
    0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
    0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
    0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad,
    0xde4daaaca71dc9a5, 0xa6a2506687956571, 0xad87a3535c49ef28, 0x32d892fad841c342,
    0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238, 0x15e034d40fa197ae,
    0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
    0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95,
    0xf935451de4f21df2, 0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb,
    0xe612a3cb9ecba951, 0xc766e62cfcadaf96, 0xee64435a9752fe72, 0xa192d576b245165a,
    0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea, 0x245731c13ca42499,
    0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
    0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
)


def siphash(key, message):
    """SipHash-2-4 with 64-bit output, as an integer."""
    k0 = int.from_bytes(key[:8], "little")
    k1 = int.from_bytes(key[8:16], "little")
    v0 = k0 ^ 0x736F6D6570736575
    v1 = k1 ^ 0x646F72616E646F6D
    v2 = k0 ^ 0x6C7967656E657261
    v3 = k1 ^ 0x7465646279746573
    whole = len(message) - len(message) % 8
    words = [int.from_bytes(message[i:i + 8], "little") for i in range(0, whole, 8)]
    words.append(int.from_bytes(message[whole:], "little") | (len(message) & 0xFF) << 56)

    def rounds(count, v0, v1, v2, v3):
        for _ in range(count):
            v0 = (v0 + v1) & U64_MAX
            v1 = (v1 << 13 | v1 >> 51) & U64_MAX ^ v0
            v0 = (v0 << 32 | v0 >> 32) & U64_MAX
            v2 = (v2 + v3) & U64_MAX
            v3 = (v3 << 16 | v3 >> 48) & U64_MAX ^ v2
            v0 = (v0 + v3) & U64_MAX
            v3 = (v3 << 21 | v3 >> 43) & U64_MAX ^ v0
            v2 = (v2 + v1) & U64_MAX
            v1 = (v1 << 17 | v1 >> 47) & U64_MAX ^ v2
            v2 = (v2 << 32 | v2 >> 32) & U64_MAX
        return v0, v1, v2, v3

    for word in words:
        v0, v1, v2, v3 = rounds(2, v0, v1, v2, v3 ^ word)
        v0 ^= word
    v0, v1, v2, v3 = rounds(4, v0, v1, v2 ^ 0xFF, v3)
    return v0 ^ v1 ^ v2 ^ v3


def siphash_selftest():
    """Compare with the official vectors; a wrong PRF would make all else wrong."""
    key = bytes(range(16))
    for length, expected in enumerate(SIPHASH_VECTORS):
        if siphash(key, bytes(range(length))) != expected:
            raise AssertionError(f"SipHash-2-4 of {length} bytes")


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


def stamp_link(params, t, protected):
    """Link mode: the labels above a stack and what is below it, as bytes. t is within
    the set's time."""
    _, tc, _, ttl = parse_entry(protected[:4])
    # What Ethernet may have to pad, with the labels, is padded before.
    protected += bytes(max(0, 46 - 4 * (1 + params.tags) - len(protected)))
    hop, labels = labels_at(params, t, protected, "link")
    return (entry(hop, tc, 0, ttl) + b"".join(entry(tag, 0, 0, 0) for tag in labels)
            + protected)


def stamp(params, t, stack, payload, kind="ip"):
    """The sender's steps: (verdict, bytes), the bytes None unless "stamped".

    The stack is what the packet would have without labelhop, with the VPN
    label at the bottom.
    """
    if len(stack) < 4 or len(stack) % 4:
        raise ValueError("not a label stack")
    entries = [parse_entry(stack[i:i + 4]) for i in range(0, len(stack), 4)]
    label, tc, _, ttl = entries[-1]
    if [e[2] for e in entries] != [0] * (len(entries) - 1) + [1] or label != params.label:
        raise ValueError("not a stack with the VPN label at the bottom")
    if t < params.epoch:
        return NOT_YET, None
    if params.over is not None and t >= params.over:
        return EXPIRED, None
    if payload_length(payload, kind) is None:
        return MALFORMED, None
    hop, labels = labels_at(params, t, payload, kind)
    out = stack[:-4] + entry(hop, tc, 0, ttl)
    for j, tag in enumerate(labels, 1):
        out += entry(tag, 0, int(j == params.tags), 0)
    return STAMPED, out + payload


def verify(params, now, tolerance, delay, packet, kind="ip"):
    """The receiver's steps: (verdict, bytes).

    The bytes are what goes on if nothing is dropped, that is if the packet is
    verified or if the session's policy is "monitor".
    """
    check_tolerance(params, tolerance)
    at = 0
    while at + 4 <= len(packet):
        label, tc, s, ttl = parse_entry(packet[at:at + 4])
        if label not in EXPLICIT_NULLS or s:
            break
        at += 4
        if at > 4 * NULLS_MAX:
            return TOO_MANY, packet
    else:
        return NOT_OURS, packet
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
    valid = window(params, now, tolerance, delay)
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
