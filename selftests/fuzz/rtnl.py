# SPDX-License-Identifier: GPL-2.0
"""Devices and their routes by route netlink, from this very thread: nothing is spawned,
and faults hit the request."""

import errno
import socket
import struct

from nl_socket import ACK, REQUEST, split, verdict
from nl_spec import NESTED, Attr, encode

NEWLINK, DELLINK, NEWNEIGH, NEWROUTE, CREATE, EXCL, REPLACE = 16, 17, 28, 24, 0x400, 0x200, 0x100
ADDRESS, IFNAME, LINK, MASTER, LINKINFO, GROUP, NET_NS_FD = 1, 3, 5, 10, 18, 27, 28
INFO_KIND, INFO_DATA, VETH_PEER, VLAN_ID, VRF_TABLE, UP = 1, 2, 1, 1, 1, 1
NEIGH_DST, NEIGH_MAC, PERMANENT = 1, 2, 0x80
DST, OIF, GATEWAY, ENCAP_TYPE, ENCAP, ENCAP_MPLS, ONLINK = 1, 4, 5, 21, 22, 1, 4


def text(kind, string):
    return Attr(kind, string.encode() + b"\0")


def u32(kind, value):
    return Attr(kind, struct.pack("=I", value))


def index(name):
    """A device's number. socket.if_nametoindex() has the kernel look for a module if there
    is no such device, in a process."""
    for number, other in socket.if_nameindex():
        if other == name:
            return number
    raise OSError(errno.ENODEV, f"there is no device {name}")


class Rtnl:
    """A route netlink socket of this thread's network namespace. make_... and change()
    give a message for do(); the others carry it out."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.buffer = bytearray(1 << 16)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @staticmethod
    def message(kind, body, attrs, flags=0):
        body += encode(attrs)
        return struct.pack("=IHHII", 16 + len(body), kind, REQUEST | ACK | flags, 1, 0) + body

    def do(self, message):
        """Carry it out: 0 or an errno."""
        self.socket.send(message)
        size = self.socket.recv_into(self.buffer)
        return verdict(next(split(bytes(self.buffer[:size]))))[0]

    # Devices

    def link(self, kind, attrs, number=0, flags=0, up=None):
        """A message about a device; up is whether it is to be, if that is to change."""
        body = struct.pack("=BxHiII", 0, 0, number, bool(up), up is not None)
        return self.message(kind, body, attrs, flags)

    def make(self, name, kind, data=(), attrs=()):
        """The message that makes a device of a kind."""
        info = [text(INFO_KIND, kind)]
        if data:
            info.append(Attr(INFO_DATA, list(data), NESTED))
        return self.link(NEWLINK, [text(IFNAME, name), *attrs, Attr(LINKINFO, info, NESTED)],
                         flags=CREATE | EXCL)

    def make_veth(self, name, peer, attrs=(), peer_attrs=()):
        end = bytes(16) + encode([text(IFNAME, peer), *peer_attrs])
        return self.make(name, "veth", [Attr(VETH_PEER, end)], attrs)

    def make_vlan(self, name, below, number):
        return self.make(name, "vlan", [Attr(VLAN_ID, struct.pack("=H", number))],
                         [u32(LINK, index(below))])

    def make_vrf(self, name, table):
        return self.make(name, "vrf", [u32(VRF_TABLE, table)])

    def change(self, name, *attrs):
        """The message that changes a device."""
        return self.link(NEWLINK, [text(IFNAME, name), *attrs])

    def make_renamed(self, name, new):
        return self.link(NEWLINK, [text(IFNAME, new)], index(name))

    def make_moved(self, name, fd):
        return self.change(name, u32(NET_NS_FD, fd))

    def make_enslaved(self, name, master):
        return self.change(name, u32(MASTER, index(master)))

    def make_up(self, name):
        return self.link(NEWLINK, [text(IFNAME, name)], up=True)

    def make_gone(self, name):
        return self.link(DELLINK, [text(IFNAME, name)])

    def up(self, name):
        return self.do(self.make_up(name))

    def down(self, name):
        return self.do(self.link(NEWLINK, [text(IFNAME, name)], up=False))

    def delete(self, name):
        return self.do(self.make_gone(name))

    def delete_group(self, number):
        """All devices of a group at once."""
        return self.do(self.link(DELLINK, [u32(GROUP, number)]))

    # Neighbours and routes

    def neighbour(self, device, address, mac):
        body = struct.pack("=BxHiHBB", socket.AF_INET, 0, index(device),
                           PERMANENT, 0, 0)
        return self.do(self.message(NEWNEIGH, body, [
            Attr(NEIGH_DST, socket.inet_aton(address)), Attr(NEIGH_MAC, mac)], CREATE | REPLACE))

    def labelled_route(self, to, label, device, gateway):
        """To an address below a label, by a gateway that needs no address of ours."""
        table, protocol, unicast = 254, 4, 1
        body = struct.pack("=BBBBBBBBI", socket.AF_INET, 32, 0, 0, table, protocol, 0, unicast,
                           ONLINK)
        stack = Attr(1, struct.pack("!I", label << 12 | 0x100))
        return self.do(self.message(NEWROUTE, body, [
            Attr(DST, socket.inet_aton(to)), u32(OIF, index(device)),
            Attr(GATEWAY, socket.inet_aton(gateway)), Attr(ENCAP, [stack], NESTED),
            Attr(ENCAP_TYPE, struct.pack("=H", ENCAP_MPLS))], CREATE | REPLACE))
