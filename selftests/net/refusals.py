#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel refuses of a session's attributes: errno, sentence and attribute of
each refusal. The messages are made here, as the command checks what it sends."""

import struct

import ktap
from genl import (CLOCK_SET, DEL, DELAY, DEV, DIR, EBADF, EEXIST, EINVAL, ENOTTY, EPOCH, FD, FLUSH,
                  GENERATION, GET, GOOD, HASH, HASH_LEN, HOLD, ID, LABEL, LABELS, LIFETIME, LOSS,
                  MASK, NAME, NESTED, NEW, OUTER, PARAMS, PHC, PORT_DEL, PORT_GET, PORT_NEW,
                  PREFIX, SEED, SELECT, SET, SLOTS, SOURCE, TAGS, TAI, TOLERANCE, UTC_OFFSET, VRF,
                  Genl, attribute, attributes, prefix, refused, session)
from lab import Lab

# Each attribute of a set: what it must not be, and what is said then.
BAD_PARAMS = [
    (LABEL, struct.pack("=I", 300), LABELS, "must not hold the VPN label"),
    (LABELS, b"", LABELS, "1 to 4096 labels"),
    (LABELS, bytes(7), LABELS, "an array of u32"),
    (LABELS, struct.pack("=2I", 300, 300), LABELS, "must be distinct"),
    (LABELS, struct.pack("=I", 15), LABELS, "must be in 16..1048575"),
    (SLOTS, b"", SLOTS, "1 to 256 slots"),
    (SLOTS, bytes(9), SLOTS, "an array of u64"),
    (SLOTS, struct.pack("=Q", 999), SLOTS, "1 us to 1 day"),
    (HASH, b"\2", HASH, "the hash is not known"),
    (MASK, bytes(8), MASK, "at least 16 bits"),
]
MISSING = {
    ID: "the set's id", GENERATION: "the generation", LABEL: "the VPN label",
    EPOCH: "the epoch", LIFETIME: "the lifetime", LABELS: "the label set", SLOTS: "the slots",
    HASH: "the hash", HASH_LEN: "the hash length", TAGS: "the number of tags",
    SELECT: "the selection", MASK: "the mask", SEED: "the seed",
}
BAD_NAMES = [b"\0", b"a b\0", b"a\tb\0", b"a\x7f\0", b"\xc3\xa4\0"]


def nothing(net):
    ktap.equal("sessions", net.labelhop("PE2", "-j session show").strip(), "[]")


@ktap.test("a parameter set with a member missing or out of range")
def params(net, genl):
    for kind, what in MISSING.items():
        refused(genl, what, session(params={kind: None}), PARAMS, what + " ")
    for kind, data, at, sentence in BAD_PARAMS:
        refused(genl, f"{kind} {data.hex()}", session(params={kind: data}), at, sentence)
    refused(genl, "lifetime beyond 2^64", session(params={EPOCH: b"\1" + bytes(7),
                                                          LIFETIME: b"\xff" * 8}),
            LIFETIME, "must not exceed 64 bits")
    nothing(net)


@ktap.test("a name that is empty or can't be printed")
def names(net, genl):
    for name in BAD_NAMES:
        refused(genl, repr(name), session(name=name), NAME, "1 to 31 printable characters")
    nothing(net)


@ktap.test("a prefix that is none, and more prefixes than there may be")
def prefixes(net, genl):
    address = attribute(1, bytes(4))
    sentence = "needs an address and a length"
    for what, body, kind, sentence in (
            ("no length", attribute(NESTED | PREFIX, address), PREFIX, sentence),
            ("no address", attribute(NESTED | PREFIX, attribute(2, b"\0")), PREFIX, sentence),
            ("address of 5 bytes", prefix(bytes(5), 0), 1, "4 or 16 bytes"),
            ("IPv4, 33 bits", prefix(bytes(4), 33), 2, "at most 32 for IPv4"),
            ("a bit in the byte", prefix(b"\x0a\x01\0\0", 15), 1, "zero beyond its length"),
            ("a byte after it", prefix(b"\x0a\0\0\x01", 8), 1, "zero beyond its length"),
            ("the last bit", prefix(bytes(15) + b"\1", 127), 1, "zero beyond its length"),
            ("65 of them", prefix(bytes(4), 0) * 65, PREFIX, "at most 64 prefixes")):
        refused(genl, what, session(body), kind, sentence)
    nothing(net)


@ktap.test("what is of the other direction, and a tolerance that the slots don't allow")
def settings(net, genl):
    label, second = struct.pack("=I", 3002), struct.pack("=Q", 10**9)
    vrf = attribute(VRF, b"blue\0")
    refused(genl, "vrf, in", session(vrf), VRF, "only for direction out")
    refused(genl, "outer, in", session(attribute(OUTER, label)), OUTER, "only for direction out")
    refused(genl, "tolerance, out", session(attribute(TOLERANCE, second), 1), TOLERANCE,
            "only for direction in")
    refused(genl, "delay, out", session(attribute(DELAY, second), 1), DELAY,
            "only for direction in")
    refused(genl, "tolerance", session(attribute(TOLERANCE, second)), TOLERANCE,
            "at least twice the tolerance")
    # The tolerance that is not given can not be named: the set is at fault.
    refused(genl, "default tolerance", session(params={SLOTS: struct.pack("=Q", 1000)}), PARAMS,
            "at least twice the tolerance")
    nothing(net)


@ktap.test("a time to hold that is missing, or for nothing")
def losses(net, genl):
    hold = attribute(HOLD, struct.pack("=Q", 10**9))
    refused(genl, "hold without a time", session(attribute(LOSS, b"\1")), LOSS,
            "a time is needed with on-clock-loss hold")
    for what, body in (("drop", attribute(LOSS, b"\0") + hold), ("nothing", hold),
                       ("pass", attribute(LOSS, b"\2") + hold)):
        refused(genl, f"a time with {what}", session(body), HOLD,
                "a time to hold is only for on-clock-loss hold")
    nothing(net)


@ktap.test("a clock that is none")
def clocks(net, genl):
    def fd(number):
        return attribute(FD, struct.pack("=I", number))
    for what, body, kind, sentence, errno in (
            ("nothing", b"", None, "the clock's source is missing", EINVAL),
            ("no file", attribute(SOURCE, PHC), None,
             "the file of the PTP hardware clock is missing", EINVAL),
            ("tai with a file", attribute(SOURCE, TAI) + fd(0), FD,
             "a file is only for the source phc", EINVAL),
            ("an offset with phc", attribute(SOURCE, PHC) + fd(0) +
             attribute(UTC_OFFSET, bytes(4)), UTC_OFFSET,
             "a UTC offset is only for the source realtime", EINVAL),
            ("a socket", attribute(SOURCE, PHC) + fd(genl.socket.fileno()), FD,
             "fd is not a PTP hardware clock", ENOTTY),
            ("no open file", attribute(SOURCE, PHC) + fd(1 << 20), FD,
             "fd is not a PTP hardware clock", EBADF),
            ("-1", attribute(SOURCE, PHC) + fd(0xffffffff), FD,
             "fd is not a PTP hardware clock", EBADF)):
        refused(genl, what, body, kind, sentence, CLOCK_SET, errno)
    ktap.check("source tai" in net.labelhop("PE2", "clock show"), "the clock was changed")


@ktap.test("a device or a VRF without a name, and requests that don't say which")
def nameless(net, genl):
    for kind in (DEV, VRF):
        refused(genl, "empty name", session(attribute(kind, b"\0"), 1), kind, "must not be empty")
    for command in (SET, DEL, GET):
        refused(genl, f"request {command}", b"", None, "the session's name is missing", command)
    for command in (PORT_NEW, PORT_DEL, PORT_GET):
        refused(genl, f"request {command}", b"", None, "the port's device is missing", command)
    nothing(net)


SECRET = bytes(range(0xb0, 0xd0))


def seeded():
    """Requests that are refused, each with a seed somewhere: (what, command, body, header)."""
    whole, cut = session(params={SEED: SECRET}), attributes({**GOOD, SEED: SECRET})
    seed = attribute(SEED, SECRET)
    first = attribute(NAME, b"refused\0") + attribute(DIR, b"\0")
    odd = struct.pack("=HH", 300, SEED) + SECRET
    yield "unknown attribute after", NEW, whole + attribute(99, bytes(4)), {}
    yield "unknown attribute before", NEW, attribute(99, bytes(4)) + whole, {}
    yield "name too long", NEW, session(name=b"n" * 40 + b"\0", params={SEED: SECRET}), {}
    yield "direction out of range", NEW, session(direction=9, params={SEED: SECRET}), {}
    yield "label out of range", NEW, session(params={LABEL: bytes(4), SEED: SECRET}), {}
    yield "unknown hash", NEW, session(params={HASH: b"\2", SEED: SECRET}), {}
    yield "no name", NEW, whole[12:], {}
    for length in (31, 33, 64):
        yield f"seed of {length} bytes", NEW, session(params={SEED: (SECRET * 2)[:length]}), {}
    yield "not marked as nested", NEW, first + attribute(PARAMS, cut), {}
    yield "several sets", NEW, whole + attribute(NESTED | PARAMS, cut) * 2 + seed[:8], {}
    yield "in a prefix", NEW, whole + attribute(NESTED | PREFIX, cut), {}
    yield "beside the set", NEW, whole + seed, {}
    yield "nested deeper", NEW, first + attribute(NESTED | PARAMS, attribute(NESTED | 1, seed)), {}
    for less in (1, 4, 20, 36, 40):
        yield (f"nest {less} bytes short", NEW,
               first + struct.pack("=HH", 4 + len(cut) - less, NESTED | PARAMS) + cut, {})
    yield "nest too long", NEW, first + struct.pack("=HH", 4000, NESTED | PARAMS) + cut, {}
    yield "attribute too long", NEW, first + attribute(NESTED | PARAMS, odd), {}
    yield "attribute too short", NEW, b"\1\0\0\0" + whole, {}
    yield "bytes left over", NEW, whole + SECRET[:3], {}
    yield "no attribute at all", NEW, SECRET, {}
    yield "reserved bits", NEW, whole, {"reserved": 1}
    yield "flags", NEW, whole, {"flags": 0x405}
    for command in (SET, DEL, GET, FLUSH):
        yield f"command {command}", command, whole, {}
    yield "dump", GET, whole, {"flags": 0x305}


@ktap.test("no refusal echoes a seed, whatever else is wrong")
def echoes(net, genl):
    for what, command, body, header in seeded():
        errno, echo = genl.echo(command, body, **header)
        ktap.check(errno, f"{what}: not refused")
        ktap.equal(f"{what}: length of the echo", len(echo), len(genl.sent))
        at = [i for i in range(len(SECRET) - 2) if SECRET[i:i + 3] in echo]
        ktap.check(not at, f"{what}: the echo has bytes {at} of the seed")
    nothing(net)


@ktap.test("what is at the limits is taken")
def limits(net, genl):
    most = {LABELS: struct.pack("=4096I", *range(300, 4396)),
            SLOTS: struct.pack("=256Q", *[10**9] * 256)}
    body = session(prefix(bytes(4), 0) * 64 + attribute(DELAY, bytes(8)), params=most)
    ktap.equal("errno", genl.ask(NEW, body)[0], 0)
    ktap.equal("prefixes", len(net.show("PE2", "refused")["prefixes"]), 64)
    refused(genl, "again", session(), NAME, "a session with this name exists", errno=EEXIST)
    net.labelhop("PE2", "session flush")
    for address, bits in ((bytes(4), 32), (bytes(16), 128), (b"\xff" * 16, 128), (bytes(16), 0)):
        ktap.equal("errno", genl.ask(NEW, session(prefix(address, bits)))[0], 0)
        net.labelhop("PE2", "session flush")


if __name__ == "__main__":
    with Lab() as lab:
        lab.clocks()
        ktap.main(lab, Genl(lab, "PE2"))
