# SPDX-License-Identifier: GPL-2.0
"""The netlink family by hand: messages as bytes, which the command would not send, and what
is said of them."""

import socket
import struct

import ktap

EINVAL, EEXIST = 22, 17
SOL_NETLINK, CAP_ACK, EXT_ACK = 270, 10, 11
EBADF, ENOTTY = 9, 25
CONTROLLER, NEW, SET, DEL, GET, FLUSH = 16, 1, 2, 3, 4, 5
PORT_NEW, PORT_DEL, PORT_GET, CLOCK_SET = 6, 7, 8, 9
LOSS, HOLD = 15, 16
SOURCE, UTC_OFFSET, FD = 2, 3, 5
TAI, REALTIME, PHC = b"\1", b"\2", b"\3"
NESTED = 0x8000
NAME, DIR, POLICY, TOLERANCE, DELAY, DEV, OUTER, VRF, PREFIX, PARAMS = range(2, 12)
(ID, GENERATION, LABEL, EPOCH, LIFETIME, LABELS, SLOTS, HASH, HASH_LEN, TAGS, SELECT, MASK,
 SEED) = range(2, 15)
GOOD = {
    ID: struct.pack("=Q", 7), GENERATION: struct.pack("=I", 1), LABEL: struct.pack("=I", 200),
    EPOCH: bytes(8), LIFETIME: bytes(8), LABELS: struct.pack("=3I", 300, 301, 302),
    SLOTS: struct.pack("=2Q", 10**9, 2 * 10**9), HASH: b"\1", HASH_LEN: bytes(2), TAGS: b"\1",
    SELECT: b"\0", MASK: b"\xff" * 8, SEED: bytes(32),
}


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def attributes(values):
    return b"".join(attribute(kind, data) for kind, data in values.items())


def prefix(address, bits):
    return attribute(NESTED | PREFIX, attribute(1, address) + attribute(2, bytes([bits])))


def session(extra=b"", direction=0, name=b"refused\0", **changes):
    """A request for a session that is good but for what is given."""
    params = {**GOOD, **changes.get("params", {})}
    # No two sessions have the same seed.
    if SEED not in changes.get("params", {}):
        params[SEED] = (params[ID] or b"").ljust(32)[:32]
    params = {kind: data for kind, data in params.items() if data is not None}
    return (attribute(NAME, name) + attribute(DIR, bytes([direction])) +
            attribute(NESTED | PARAMS, attributes(params)) + extra)


class Genl:
    """The family, by hand."""

    def __init__(self, net, name):
        self.socket = net.socket(name, socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.socket.settimeout(10)
        for option in (CAP_ACK, EXT_ACK):
            self.socket.setsockopt(SOL_NETLINK, option, 1)
        self.family = CONTROLLER
        answer = self._ask(3, attribute(2, b"labelhop\0"), 1)
        at = answer.index(struct.pack("=HH", 6, 1), 20)
        self.family, = struct.unpack_from("=H", answer, at + 4)

    def _ask(self, command, body, flags=5, reserved=0):
        body = struct.pack("=BBH", command, 1, reserved) + body
        self.sent = struct.pack("=IHHII", 16 + len(body), self.family, flags, 1, 0) + body
        self.socket.send(self.sent)
        return self.socket.recv(65536)

    def echo(self, command, body, **header):
        """errno of the answer, and the request as it echoes it."""
        self.socket.setsockopt(SOL_NETLINK, CAP_ACK, 0)
        answer = self._ask(command, body, **header)
        self.socket.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        length, = struct.unpack_from("=I", answer, 20)
        return -struct.unpack_from("=i", answer, 16)[0], answer[20:20 + length]

    def answer(self, command, body):
        """The first message of the answer, as bytes."""
        return self._ask(command, body, 1)

    def ask(self, command, body):
        """(errno, sentence, attribute at fault) of the answer."""
        answer = self._ask(command, body)
        _, _, flags = struct.unpack_from("=IHH", answer)
        errno = -struct.unpack_from("=i", answer, 16)[0]
        sentence, kind, at = "", None, 36
        while flags & 0x200 and at + 4 <= len(answer):
            length, tlv = struct.unpack_from("=HH", answer, at)
            data = answer[at + 4:at + length]
            if tlv == 1:
                sentence = data.rstrip(b"\0").decode()
            elif tlv == 2:
                kind = struct.unpack_from("=H", self.sent, struct.unpack("=I", data)[0] + 2)[0]
                kind &= ~NESTED
            at += (length + 3) & ~3
        return errno, sentence, kind


def refused(genl, what, body, kind, sentence, command=NEW, errno=EINVAL):
    got, said, at = genl.ask(command, body)
    ktap.equal(f"{what}: errno", got, errno)
    ktap.check(sentence in said, f"{what}: {said!r} doesn't say {sentence!r}")
    ktap.equal(f"{what}: attribute", at, kind)
