# SPDX-License-Identifier: GPL-2.0
"""Devices by route netlink, from this very thread, so that faults hit the request."""

import os
import socket
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fuzz"))
# pylint: disable=wrong-import-position
from nl_socket import ACK, REQUEST, split, verdict  # noqa: E402
from nl_spec import NESTED, Attr, encode  # noqa: E402

NEWLINK, DELLINK, CREATE, EXCL = 16, 17, 0x400, 0x200
IFNAME, LINKINFO, NET_NS_FD = 3, 18, 28
INFO_KIND, INFO_DATA, VETH_PEER, UP = 1, 2, 1, 1


class Rtnl:
    """A route netlink socket of this thread's network namespace."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.buffer = bytearray(1 << 16)

    def close(self):
        self.socket.close()

    def message(self, kind, attrs, index=0, flags=0, up=False):
        body = struct.pack("=BxHiII", 0, 0, index, up, up) + encode(attrs)
        return struct.pack("=IHHII", 16 + len(body), kind, REQUEST | ACK | flags, 1, 0) + body

    def do(self, message):
        """Carry it out: 0 or an errno."""
        self.socket.send(message)
        size = self.socket.recv_into(self.buffer)
        return verdict(next(split(bytes(self.buffer[:size]))))[0]

    def veth(self, name, peer):
        """The message that makes a pair."""
        end = bytes(16) + encode([Attr(IFNAME, peer.encode() + b"\0")])
        info = [Attr(INFO_KIND, b"veth"),
                Attr(INFO_DATA, [Attr(VETH_PEER, end)], NESTED)]
        return self.message(NEWLINK, [Attr(IFNAME, name.encode() + b"\0"),
                                      Attr(LINKINFO, info, NESTED)], flags=CREATE | EXCL)

    def rename(self, name, new):
        return self.message(NEWLINK, [Attr(IFNAME, new.encode() + b"\0")],
                            socket.if_nametoindex(name))

    def move(self, name, fd):
        return self.message(NEWLINK, [Attr(NET_NS_FD, struct.pack("=I", fd))],
                            socket.if_nametoindex(name))

    def up(self, name):
        return self.do(self.message(NEWLINK, [], socket.if_nametoindex(name), up=True))

    def delete(self, name):
        return self.do(self.message(DELLINK, [], socket.if_nametoindex(name)))
