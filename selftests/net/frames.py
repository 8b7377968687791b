# SPDX-License-Identifier: GPL-2.0
"""Frames as bytes: built, taken apart, spoilt. And sockets that take and give them."""

import fcntl
import os
import socket
import struct
import time
from collections import namedtuple

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86DD
ETH_P_8021Q, ETH_P_8021AD, ETH_P_MPLS = 0x8100, 0x88A8, 0x8847

# s None: 1 for the last entry, 0 for the others.
Entry = namedtuple("Entry", "label tc s ttl", defaults=(0, None, 64))
Frame = namedtuple("Frame", "dst src vlans proto stack payload raw outgoing")


# Building

def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(src, dst, data, sport=5555, dport=4242):
    """A UDP datagram; src and dst are the packed addresses."""
    length = 8 + len(data)
    pseudo = src + dst + struct.pack("!IHBB", length, 0, 0, 17)
    if len(src) == 4:
        pseudo = src + dst + struct.pack("!BBH", 0, 17, length)
    head = struct.pack("!HHHH", sport, dport, length, 0)
    total = checksum(pseudo + head + data) or 0xFFFF
    return head[:6] + struct.pack("!H", total) + data


def ipv4(src, dst, data, proto=17, ttl=64, options=b"", df=False):
    src, dst = socket.inet_pton(socket.AF_INET, src), socket.inet_pton(socket.AF_INET, dst)
    options += b"\0" * (-len(options) % 4)
    if proto == 17:
        data = udp(src, dst, data)
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(data), 1, 0x4000 if df else 0,
                       ttl, proto, 0, src, dst) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + data


def ipv6(src, dst, data, proto=17, ttl=64):
    src, dst = socket.inet_pton(socket.AF_INET6, src), socket.inet_pton(socket.AF_INET6, dst)
    if proto == 17:
        data = udp(src, dst, data)
    return struct.pack("!IHBB", 6 << 28, len(data), proto, ttl) + src + dst + data


def stack(entries):
    """Entries, or bare labels, as bytes."""
    entries = [e if isinstance(e, Entry) else Entry(e) for e in entries]
    out = b""
    for i, (label, tc, s, ttl) in enumerate(entries):
        s = int(i == len(entries) - 1) if s is None else s
        out += struct.pack("!I", label << 12 | tc << 9 | s << 8 | ttl)
    return out


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ethernet(dst, src, proto, data, vlans=()):
    """vlans are (protocol, TCI) pairs, outermost first."""
    tags = b"".join(struct.pack("!HH", *vlan) for vlan in vlans)
    return mac(dst) + mac(src) + tags + struct.pack("!H", proto) + data


# Taking apart

def parse_stack(data):
    """The entries up to S = 1, or up to the end, and what follows."""
    entries, at = [], 0
    while at + 4 <= len(data):
        x, = struct.unpack_from("!I", data, at)
        entries.append(Entry(x >> 12, x >> 9 & 7, x >> 8 & 1, x & 255))
        at += 4
        if entries[-1].s:
            break
    return entries, data[at:]


def parse(raw, outgoing=False):
    at, vlans = 12, []
    proto, = struct.unpack_from("!H", raw, at)
    while proto in (ETH_P_8021Q, ETH_P_8021AD):
        vlans.append(struct.unpack_from("!HH", raw, at))
        at += 4
        proto, = struct.unpack_from("!H", raw, at)
    rest, entries = raw[at + 2:], []
    if proto == ETH_P_MPLS:
        entries, rest = parse_stack(rest)
    return Frame(raw[:6], raw[6:12], vlans, proto, entries, rest, raw, outgoing)


def labels(frame):
    return [e.label for e in frame.stack]


def true_payload(payload):
    """Without padding, if it is IP."""
    if payload[:1] and payload[0] >> 4 == 4:
        return payload[:int.from_bytes(payload[2:4], "big")]
    if payload[:1] and payload[0] >> 4 == 6:
        return payload[:40 + int.from_bytes(payload[4:6], "big")]
    return payload


# Sockets

SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
SO_RCVBUFFORCE = 33
VLAN_VALID = 0x10


def with_tag(raw, ancillary):
    """The frame with the VLAN tag that the kernel has taken off it."""
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & VLAN_VALID:
                return raw[:12] + struct.pack("!HH", tpid or ETH_P_8021Q, tci) + raw[12:]
    return raw


class Tap:
    """Takes the frames of a device, or of all if it is None; made within the device's
    namespace.

    magic: only frames that hold these bytes. direction: "in", "out" or "both".
    """

    def __init__(self, device, magic=b"", direction="in", mpls=False):
        self.magic, self.direction, self.mpls = magic, direction, mpls
        self.taken = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                    0 if device else socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        if device:
            self.socket.bind((device, ETH_P_ALL))
        self.socket.setblocking(False)

    def wanted(self, frame):
        side = "out" if frame.outgoing else "in"
        return (self.direction in ("both", side) and self.magic in frame.raw
                and (not self.mpls or frame.proto == ETH_P_MPLS))

    def frames(self):
        """All taken so far."""
        while True:
            try:
                raw, ancillary, _, address = self.socket.recvmsg(66000, 256)
            except BlockingIOError:
                return self.taken
            frame = parse(with_tag(raw, ancillary), address[2] == PACKET_OUTGOING)
            if self.wanted(frame):
                self.taken.append(frame)

    def wait(self, count, seconds=10):
        """All taken when there are count, or at the end of the time."""
        end = time.monotonic() + seconds
        while len(self.frames()) < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.taken

    def clear(self):
        self.frames()
        self.taken = []

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


TUNSETIFF, IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x400454CA, 0x0002, 0x1000, 0x4000


class SuperSender:
    """A device that is made, and that takes TCP super-packets in: a frame of which is
    said, right or wrong, that it is to be segmented."""

    def __init__(self, device, address):
        self.address = address
        self.file = os.open("/dev/net/tun", os.O_RDWR)
        request = struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)
        fcntl.ioctl(self.file, TUNSETIFF, request)

    def send(self, proto, data, transport, size):
        """transport: where in data TCP begins; size: of a segment."""
        frame = ethernet(self.address, "02:00:00:00:99:99", proto, data)
        start = 14 + transport
        os.write(self.file, struct.pack("=BBHHHH", 1, 1, start + 20, size, start, 16) + frame)

    def close(self):
        os.close(self.file)


class Sender:
    """Sends frames on a device; made within the device's namespace."""

    def __init__(self, device):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.bind((device, 0))

    def send(self, *frames):
        for frame in frames:
            self.socket.send(frame)

    def close(self):
        self.socket.close()
