# SPDX-License-Identifier: GPL-2.0
"""The netlink specification, read when it is needed, and its messages as bytes."""

import struct
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parents[2] / "Documentation/netlink/specs/labelhop.yaml"
NESTED, BYTEORDER, KIND = 0x8000, 0x4000, 0x3FFF
NUMBERS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q", "s32": "=i"}


@dataclass
class Attr:
    """An attribute: data is bytes or a list of attributes. length, if given, is
    what the header says in place of the truth."""
    kind: int
    data: object
    flags: int = 0
    length: int = None

    def copy(self):
        """A copy; bytes are never changed."""
        data = [a.copy() for a in self.data] if isinstance(self.data, list) else self.data
        return Attr(self.kind, data, self.flags, self.length)


def encode(attrs):
    """Attributes as bytes."""
    out = bytearray()
    for a in attrs:
        body = encode(a.data) if isinstance(a.data, list) else a.data
        length = 4 + len(body) if a.length is None else a.length
        out += struct.pack("=HH", length & 0xFFFF, a.kind | a.flags) + body
        out += bytes(-len(out) % 4)
    return bytes(out)


def walk(data, base=0):
    """(offset, type with flags, payload) of each attribute, as the kernel finds them."""
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4 or at + length > len(data):
            return
        yield base + at, kind, data[at + 4:at + length]
        at += length + -length % 4


class Spec:
    """Attribute sets and operations by name."""

    def __init__(self):
        raw = yaml.safe_load(FILE.read_text("utf-8"))
        self.name = raw["name"]
        self.consts = {d["name"]: d["value"] for d in raw["definitions"] if d["type"] == "const"}
        self.enums = {d["name"]: [e if isinstance(e, str) else e["name"] for e in d["entries"]]
                      for d in raw["definitions"] if d["type"] == "enum"}
        self.sets = {s["name"]: self._numbered(s["attributes"]) for s in raw["attribute-sets"]}
        self.ops = self._numbered(raw["operations"]["list"])
        self.by_value = {op["value"]: name for name, op in self.ops.items()}
        self.requests = [n for n, op in self.ops.items() if "do" in op]

    @staticmethod
    def _numbered(entries):
        value, out = 0, {}
        for entry in entries:
            value = entry.get("value", value + 1)
            out[entry["name"]] = {**entry, "value": value}
        return out

    def set_of(self, op):
        """Name of the attribute set of an operation or event."""
        op = self.ops[op]
        return op["attribute-set"] if "attribute-set" in op else self.set_of(op["notify"])

    def requested(self, op):
        """Names of the attributes that a request may have."""
        return self.ops[op]["do"].get("request", {}).get("attributes", [])

    # Values to attributes

    def attrs(self, group, values):
        """Attributes of (name, value) pairs."""
        return [self.attr(group, name, value) for name, value in values]

    def attr(self, group, name, value):
        a = self.sets[group][name]
        kind = a["type"]
        if kind == "nest":
            return Attr(a["value"], self.attrs(a["nested-attributes"], value), NESTED)
        if kind in NUMBERS:
            return Attr(a["value"], struct.pack(NUMBERS[kind], value))
        if kind == "string":
            return Attr(a["value"], value.encode("latin-1") + b"\0")
        if "sub-type" in a:
            value = b"".join(struct.pack(NUMBERS[a["sub-type"]], v) for v in value)
        return Attr(a["value"], value)

    # Bytes to values

    def decode(self, group, data):
        """Values by name. As in the kernel, the last of its kind counts, and what those
        before it hold is not looked at."""
        names = {a["value"]: a for a in self.sets[group].values()}
        last, out = {}, {}
        for _, kind, payload in walk(data):
            a = names.get(kind & KIND)
            if not a or a["type"] == "pad":
                continue
            if a.get("multi-attr"):
                out.setdefault(a["name"], []).append(self._value(a, payload))
            else:
                last[a["name"]] = a, payload
        out.update((name, self._value(*found)) for name, found in last.items())
        return out

    def _value(self, a, payload):
        kind = a["type"]
        if kind == "nest":
            return self.decode(a["nested-attributes"], payload)
        if kind in NUMBERS:
            return struct.unpack(NUMBERS[kind], payload)[0]
        if kind == "string":
            return payload.split(b"\0")[0].decode("latin-1")
        if "sub-type" in a:
            return [v for v, in struct.iter_unpack(NUMBERS[a["sub-type"]], payload)]
        return payload

    def limits(self, a):
        """Least and greatest of a number, by the checks or by the type."""
        bits = struct.calcsize(NUMBERS[a["type"]]) * 8
        signed = a["type"][0] == "s"
        low, high = (-1 << bits - 1, (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        checks = a.get("checks", {})
        return checks.get("min", low), checks.get("max", high)
