# SPDX-License-Identifier: GPL-2.0
"""A generic netlink socket that hands out all that the kernel answers."""

import errno
import socket
import struct
from collections import namedtuple

from nl_spec import walk

GENERIC, SOL_NETLINK = 16, 270
ADD_MEMBERSHIP, EXT_ACK = 1, 11
NLMSG_ERROR, NLMSG_DONE = 2, 3
REQUEST, MULTI, ACK, DUMP, DUMP_INTR, CAPPED, ACK_TLVS = 1, 2, 4, 0x300, 0x10, 0x100, 0x200
GENL_CTRL, GETFAMILY = 16, 3
HEADERS = 20
# An error echoes its request, of which a socket sends 208 KiB at the most.
LARGEST = 1 << 18
# No answer takes longer, however slow the machine: the kernel hangs.
HANG = 120

Message = namedtuple("Message", "kind flags seq cmd data raw")
# error None: there was no verdict. offset and missing: the attribute at fault.
Answer = namedtuple("Answer", "error text offset missing replies interrupted")


class Hang(Exception):
    """The kernel did not answer."""


def pack(kind, cmd, body, flags=REQUEST | ACK, seq=1, length=None, version=1, reserved=0):
    """A generic netlink message; length, if given, in place of the truth."""
    length = HEADERS + len(body) if length is None else length
    return struct.pack("=IHHIIBBH", length & 0xFFFFFFFF, kind, flags, seq, 0, cmd, version,
                       reserved) + body


def split(data):
    """The messages of what was received."""
    at = 0
    while at + 16 <= len(data):
        length, kind, flags, seq, _ = struct.unpack_from("=IHHII", data, at)
        raw = data[at:at + length]
        if kind in (NLMSG_ERROR, NLMSG_DONE):
            yield Message(kind, flags, seq, None, raw[16:], raw)
        else:
            yield Message(kind, flags, seq, raw[16], raw[HEADERS:], raw)
        at += length + -length % 4


def verdict(message):
    """(error, text, offset, missing type) of an error, ack or end of a dump."""
    error, = struct.unpack_from("=i", message.data)
    at = 4
    if message.kind == NLMSG_ERROR:
        echoed, = struct.unpack_from("=I", message.data, 4)
        at += 16 if message.flags & CAPPED or not error else echoed + -echoed % 4
    text, offset, missing = "", None, None
    if message.flags & ACK_TLVS:
        for _, kind, payload in walk(message.data[at:]):
            if kind == 1:
                text = payload.rstrip(b"\0").decode("latin-1")
            elif kind == 2:
                offset, = struct.unpack("=I", payload)
            elif kind == 5:
                missing, = struct.unpack("=I", payload)
    return -error, text, offset, missing


class Socket:
    """family is that of labelhop in this task's network namespace."""

    def __init__(self, spec, group=False, receive=1 << 22):
        self.spec, self.seq = spec, 1
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, GENERIC)
        self.socket.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO,
                               struct.pack("@ll", HANG, 0))
        self.socket.bind((0, 0))
        self.family, self.group = self._resolve()
        if group:
            self.socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, self.group)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _resolve(self):
        name = self.spec.name.encode() + b"\0"
        body = struct.pack("=HH", 4 + len(name), 2) + name + b"\0" * (-len(name) % 4)
        self.socket.send(pack(GENL_CTRL, GETFAMILY, body, REQUEST))
        message = next(split(self.receive()))
        if message.kind == NLMSG_ERROR:
            raise OSError(verdict(message)[0], "there is no family labelhop")
        found = {kind & 0x3FFF: payload for _, kind, payload in walk(message.data)}
        group = next(walk(found[7]))[2]
        group = {kind & 0x3FFF: payload for _, kind, payload in walk(group)}
        return struct.unpack("=H", found[1])[0], struct.unpack("=I", group[2])[0]

    def receive(self, size=LARGEST):
        try:
            return self.socket.recv(size)
        except BlockingIOError:
            raise Hang(f"no answer within {HANG} s") from None

    def pending(self):
        """What has been received by now; None if something was lost."""
        out = []
        while True:
            try:
                out += split(self.socket.recv(LARGEST, socket.MSG_DONTWAIT))
            except BlockingIOError:
                return out
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
                return None

    def next_seq(self):
        self.seq += 1
        return self.seq

    def send(self, data):
        self.socket.send(data)

    def answer(self, seq, last=None):
        """Everything up to the verdict on message seq; up to that on message last, if
        there may be none on seq."""
        last = last or seq
        replies, got, interrupted = [], None, False
        while True:
            for message in split(self.receive()):
                ends = message.kind in (NLMSG_ERROR, NLMSG_DONE)
                if message.seq == seq:
                    interrupted |= bool(message.flags & DUMP_INTR)
                    if ends:
                        got = verdict(message)
                    else:
                        replies.append(message)
                if ends and message.seq == last:
                    return Answer(*(got or (None, "", None, None)), replies, interrupted)

    def request(self, op, attrs=b"", flags=REQUEST | ACK):
        """Send an operation and take its answer."""
        seq = self.next_seq()
        self.send(pack(self.family, self.spec.ops[op]["value"], attrs, flags, seq))
        return self.answer(seq)

    def dump(self, op):
        """(error, [values], interrupted) of all objects."""
        answer = self.request(op, flags=REQUEST | DUMP)
        group = self.spec.set_of(op)
        return (answer.error, [self.spec.decode(group, m.data) for m in answer.replies],
                answer.interrupted)
