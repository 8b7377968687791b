#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the dissector for Wireshark: captures that the reference makes, and what tshark
says of them."""

import json
import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../net"), os.path.join(HERE, "../ref")]
import frames  # noqa: E402 pylint: disable=wrong-import-position
import ktap  # noqa: E402 pylint: disable=wrong-import-position
import labelhop_ref as ref  # noqa: E402 pylint: disable=wrong-import-position

LUA = os.path.join(HERE, "../../tools/wireshark/labelhop.lua")
SECOND, TAI_UTC = 10**9, 37
EPOCH = 1795409534 * SECOND
NOW = EPOCH + 1000 * SECOND
IP4 = frames.ipv4("10.0.0.1", "10.0.0.2", b"payload of a packet" * 3)
IP6 = frames.ipv6("fd00::1", "fd00::2", b"payload of a packet" * 3)
INNER = frames.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", 0x0800, IP4)
SHORT = frames.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", 0x88B5, b"short")


def params(label=200, first=500000, slots=(2 * SECOND,) * 3, **members):
    out = {"labelhop": 1, "id": f"{label:016x}", "generation": 1, "label": label,
           "labels": list(range(first, first + 16)), "slots": list(slots), "hash": "siphash-2-4",
           "hash-len": 64, "tags": 2, "epoch": EPOCH, "lifetime": 0, "seed": "5a" * 32}
    if "and" not in members:
        out["select"] = "0xffffffffffffffff"
    out.update({key.replace("_", "-"): value for key, value in members.items()})
    return out


def control_word(frame):
    return struct.pack("!BBH", 0, 4 + len(frame) if len(frame) < 60 else 0, 0)


class Capture:
    """Frames with times, and what is to be said of them."""

    def __init__(self):
        self.frames, self.wanted = [], []

    def add(self, verdict, labelled, layout="", payload="", when=NOW, vlans=()):
        frame = frames.ethernet("02:00:00:00:00:11", "02:00:00:00:00:12", frames.ETH_P_MPLS, labelled,
                                vlans)
        self.frames.append((when, frame + bytes(max(0, 60 - len(frame)))))
        self.wanted.append((verdict, layout, payload))

    def good(self, made, payload, kind, wanted, when=NOW, above=(), **where):
        p = ref.validate(made)
        above = frames.stack([frames.Entry(label, s=0) for label in above])
        if kind == "link":
            data = ref.stamp_link(p, when, payload)
        else:
            entry = frames.stack([frames.Entry(p.label, 0, 1, 64)])
            data = ref.stamp(p, when, entry, payload, kind)[1]
        self.add("right", above + data, "link" if kind == "link" else "edge", wanted, when, **where)
        return data

    def write(self, path):
        with open(path, "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
            for when, frame in self.frames:
                utc = when - TAI_UTC * SECOND
                f.write(struct.pack("<IIII", utc // SECOND, utc % SECOND, len(frame), len(frame)))
                f.write(frame)


def tshark(directory, capture, sets, **environment):
    """The lines of verdicts.sh, split."""
    paths = []
    for i, each in enumerate(sets):
        paths.append(os.path.join(directory, f"{i}.json"))
        with open(paths[-1], "w", encoding="ascii") as f:
            f.write(each if isinstance(each, str) else json.dumps(each))
    pcap = os.path.join(directory, "capture.pcap")
    capture.write(pcap)
    run = subprocess.run([os.path.join(HERE, "verdicts.sh"), pcap, *paths], text=True,
                         capture_output=True, env=dict(os.environ, **environment), check=False)
    said = [line for line in run.stderr.splitlines() if "as user" not in line]
    ktap.equal("status", run.returncode, 0)
    return [(line + "\t\t\t\t").split("\t")[:5] for line in run.stdout.splitlines()], said


def compare(capture, sets, **environment):
    with tempfile.TemporaryDirectory() as directory:
        lines, said = tshark(directory, capture, sets, **environment)
    ktap.equal("messages", said, [])
    ktap.equal("frames", len(lines), len(capture.wanted))
    for line, wanted in zip(lines, capture.wanted):
        ktap.equal(f"frame {line[0]}", tuple(line[1:4]), wanted)
        ktap.equal(f"frame {line[0]}: malformed", line[4], "")


def spoilt(data, position, **fields):
    entries, payload = frames.parse_stack(data)
    entries[position] = entries[position]._replace(**fields)
    return frames.stack(entries) + payload


@ktap.test("right: IP, pseudowires and links, below transport labels and VLAN tags, padded")
def right():
    made, capture = params(), Capture()
    capture.good(made, IP4, "ip", "ip")
    capture.good(made, IP6, "ip", "ip", above=(16, 3102))
    capture.good(made, frames.ipv4("10.0.0.1", "10.0.0.2", b""), "ip", "ip")
    for inner in (INNER, SHORT):
        capture.good(made, control_word(inner) + inner, "pw", "pw", above=(1002,))
    # RFC 4448, 4.6: bits that a receiver ignores.
    capture.good(made, b"\0\x71\1\0" + INNER, "pw", "pw", above=(1002,))
    capture.good(made, b"\x0f\xd7\1\0" + SHORT, "pw", "pw", above=(1002,))
    padded = SHORT + bytes(60 - len(SHORT))
    capture.good(made, b"\x52" + padded[1:], "pw-no-cw", "pw-no-cw")
    capture.good(made, b"\x42" + padded[1:], "pw-no-cw", "pw-no-cw")
    protected = frames.stack([3102, 200]) + IP4
    capture.good(made, protected, "link", "link")
    capture.good(made, protected, "link", "link", above=(3500,))
    capture.good(made, frames.stack([17]) + b"\x10", "link", "link")
    for vlans in ([(0x8100, 5)], [(0x88A8, 6), (0x8100, 7)]):
        capture.good(made, IP4, "ip", "ip", vlans=vlans)
    compare(capture, [made])


@ktap.test("right: each way to make tags of a digest, hash lengths, slots of a microsecond")
def ways():
    capture, sets = Capture(), []
    for i, members in enumerate((
            {"tags": 1}, {"tags": 3}, {"hash_len": "full"}, {"hash_len": 8}, {"hash_len": 65535},
            {"tags": 1, "select": "0xffff000000000000"}, {"tags": 2, "select": "0x0f0f0f0f0f0f0f0f"},
            {"tags": 2, "and": "0xffffffffff"}, {"tags": 1, "and": "0x0ffff"},
            {"generation": 7}, {"slots": (1000, 2000, 86400 * SECOND)}, {"lifetime": 2000 * SECOND})):
        made = params(1000 + i, 100000 + 1000 * i, **members)
        sets.append(made)
        for payload in (IP4, IP6):
            capture.good(made, payload, "ip", "ip")
    compare(capture, sets)


@ktap.test("wrong: bare, hop label, tag, payload, stack; and what is none of ours")
def wrong():
    made, capture = params(), Capture()
    good = capture.good(made, IP4, "ip", "ip")
    capture.add("bare", frames.stack([3102, 200]) + IP4)
    hop = frames.parse_stack(good)[0][0].label
    other = next(k for k in made["labels"] if k != hop)
    capture.add("bad hop label", spoilt(good, 0, label=other), "edge")
    capture.add("bad tag", spoilt(good, 1, label=77), "edge")
    capture.add("bad tag", spoilt(good, 2, label=77), "edge")
    capture.add("bad tag", good[:-50] + b"\0" + good[-49:], "edge")
    # Outside of the first 64 bytes.
    capture.add("right", good[:-1] + b"\0", "edge", "ip")
    capture.add("malformed", spoilt(good, 1, s=1))
    capture.add("malformed", frames.stack([hop]) + IP4)
    capture.add("", frames.stack([3102, 201]) + IP4)
    # Up to 128 explicit nulls, also where a transport label is among them.
    null = frames.stack([frames.Entry(0, s=0)])
    link = ref.stamp_link(ref.validate(made), NOW, frames.stack([3102, 200]) + IP4)
    transport = frames.stack([frames.Entry(3500, s=0)])
    capture.add("right", null * 128 + good, "edge", "ip")
    capture.add("malformed", null * 129 + good)
    capture.add("right", null * 3 + transport + null * 125 + link, "link", "link")
    capture.add("malformed", null * 3 + transport + null * 126 + link)
    # A control word whose length has no room for a frame.
    p, tiny = ref.validate(made), b"\0\x11\0\0" + bytes(13)
    tags = ref.tags(p, ref.siphash(ref.slot_key(p, ref.slot(p, NOW)[0]), ref.le64(17) + tiny))
    entries = [frames.Entry(hop, s=0), frames.Entry(tags[0], s=0), frames.Entry(tags[1], s=1)]
    capture.add("bad tag", frames.stack(entries) + tiny + bytes(5), "edge")
    compare(capture, [made])


@ktap.test("slots: the one of before within the tolerance, and no other; the set's life")
def slots():
    made, capture = params(lifetime=1100 * SECOND), Capture()
    start = ref.slot(ref.validate(made), NOW)[1]
    data = ref.stamp(ref.validate(made), start - 1000, frames.stack([200]), IP4)[1]
    capture.add("right", data, "edge", "ip", when=start + SECOND // 20)
    capture.add("bad hop label", data, "edge", when=start + 2 * SECOND)
    capture.add("not yet", data, "edge", when=EPOCH - SECOND)
    capture.add("expired", data, "edge", when=EPOCH + 1102 * SECOND)
    # Another hop label for the slot after, or the test would prove nothing.
    p = ref.validate(made)
    number = ref.slot(p, start - 1000)[0]
    if ref.hop_label(p, number) == ref.hop_label(p, number + 1):
        ktap.check(False, "the slots have the same hop label: take another seed")
    compare(capture, [made])


@ktap.test("no parameters, or a file that is none: a message, and all else as before")
def no_parameters():
    capture = Capture()
    capture.good(params(), IP4, "ip", "ip")
    for text, sentence in (("", "is no parameter file"), ("{}", "is no parameter file"),
                           ('{"labelhop": 1, "hash": "md5"}', "has another hash"),
                           ('{"labelhop": 1, "hash": "siphash-2-4"}', "lacks a member"),
                           (json.dumps(params()).replace("5a5a", "5x5a", 1), "lacks a member"),
                           (json.dumps(params(slots=())), "has no labels or no slots")):
        with tempfile.TemporaryDirectory() as directory:
            lines, said = tshark(directory, capture, [text])
        ktap.equal("verdict", lines[0][1], "")
        ktap.check(len(said) == 1 and sentence in said[0], f"{text!r}: {said}")
    with tempfile.TemporaryDirectory() as directory:
        capture.write(os.path.join(directory, "x.pcap"))
        run = subprocess.run(["tshark", "-n", "-X", f"lua_script:{LUA}", "-r",
                              os.path.join(directory, "x.pcap"), "-o", "labelhop.params:/nowhere"],
                             text=True, capture_output=True, check=False)
        ktap.check("/nowhere" in run.stderr and "Error" not in run.stderr, run.stderr)
        ktap.equal("status", run.returncode, 0)


@ktap.test("neither seed nor keys are shown")
def secrets():
    made, capture = params(), Capture()
    capture.good(made, IP4, "ip", "ip")
    with tempfile.TemporaryDirectory() as directory:
        tshark(directory, capture, [made])
        run = subprocess.run(["tshark", "-n", "-V", "-X", f"lua_script:{LUA}", "-o",
                              f"labelhop.params:{directory}/0.json", "-r",
                              f"{directory}/capture.pcap"], text=True, capture_output=True, check=True)
    p = ref.validate(made)
    ktap.check("Verdict: right" in run.stdout, "no verdict")
    for secret in ("5a" * 32, *(key.hex() for key in ref.derive_keys(p)), ref.slot_key(p, 0).hex()):
        ktap.check(secret not in run.stdout, "a secret is shown")


if __name__ == "__main__":
    ktap.main()
