# SPDX-License-Identifier: GPL-2.0
"""What vectors and tests are made of: fixed randomness, sets, payloads, entries.

The randomness is SHA-256 of a counter, not Python's, so that the vectors are the
same with every version of Python.
"""

import hashlib

import labelhop_ref as ref

DAY = 86400 * 10**9
YEAR_2024 = 1704067237 * 10**9
YEAR_2100 = 4102444837 * 10**9
ALL_BITS = 0xFFFFFFFFFFFFFFFF


class Random:
    def __init__(self, name):
        self.name, self.counter = name, 0

    def data(self, length):
        out = b""
        while len(out) < length:
            out += hashlib.sha256(f"{self.name}/{self.counter}".encode()).digest()
            self.counter += 1
        return out[:length]

    def below(self, limit):
        return int.from_bytes(self.data(16), "big") % limit

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def choice(self, options):
        return options[self.below(len(options))]

    def mask(self, bits, positions):
        """A mask with that many bits, at some of the positions."""
        left, mask = list(positions), 0
        for _ in range(bits):
            mask |= 1 << left.pop(self.below(len(left)))
        return mask

    def labels(self, count, but):
        out = {}
        while len(out) < count:
            label = self.between(ref.LABEL_MIN, ref.LABEL_MAX)
            if label != but:
                out[label] = None
        return list(out)


def make_set(rnd, **members):
    """A parameter set in JSON, random where no member is given."""
    label = members.get("label", rnd.between(ref.LABEL_MIN, ref.LABEL_MAX))
    obj = {
        "labelhop": 1,
        "id": rnd.data(8).hex(),
        "generation": rnd.between(1, 2**32 - 1),
        "label": label,
        "labels": rnd.labels(rnd.between(2, 5), label),
        "slots": [rnd.between(1000, 10**9) for _ in range(rnd.between(1, 3))],
        "hash": "siphash-2-4",
        "hash-len": "full",
        "tags": 1,
        "epoch": YEAR_2024 + rnd.below(10**12),
        "lifetime": 0,
        "seed": rnd.data(32).hex(),
    }
    if "and" not in members:
        obj["select"] = f"0x{ALL_BITS:016x}"
    for member, value in members.items():
        obj[member] = f"0x{value:016x}" if member in ref.MODES else value
    return obj


def make_payload(rnd, kind, length, pad=0):
    """A payload of IP version 4 or 6, or 0 for none, and padding after it."""
    data = bytearray(rnd.data(length))
    if kind == 4:
        data[0] = 0x45
        data[2:4] = length.to_bytes(2, "big")
    elif kind == 6:
        data[0] = 0x60 | data[0] & 0xF
        data[4:6] = (length - 40).to_bytes(2, "big")
    elif length:
        data[0] = rnd.choice((0, 1, 2, 3, 5, 7, 8, 15)) << 4 | data[0] & 0xF
    return bytes(data) + rnd.data(pad)


def entry_with(packet, index, label=None, tc=None, s=None, ttl=None):
    """The packet with one entry changed."""
    old = ref.parse_entry(packet[index * 4:index * 4 + 4])
    new = [a if b is None else b for a, b in zip(old, (label, tc, s, ttl))]
    return packet[:index * 4] + ref.entry(*new) + packet[index * 4 + 4:]


def flip(packet, at, bit=0):
    return packet[:at] + bytes([packet[at] ^ 1 << bit]) + packet[at + 1:]
