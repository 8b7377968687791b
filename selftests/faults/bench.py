# SPDX-License-Identifier: GPL-2.0
"""A network namespace whose configuration and hooks can be seen from outside."""

import contextlib
import ctypes
import errno
import os
import socket
import struct
import sys

from rtnl import Rtnl

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../fuzz"), os.path.join(HERE, "../net")]
# pylint: disable=wrong-import-position
from ktap import busywait  # noqa: E402
from nl_churn import CLONE_NEWNET, ip, libc, new_namespace  # noqa: E402
from nl_make import IN, OUT  # noqa: E402
from nl_model import State  # noqa: E402
from nl_socket import ACK, REQUEST, Socket, pack, split, verdict  # noqa: E402
from nl_spec import Spec, encode  # noqa: E402

MPLS = b"\x88\x47"
# IPv4 from and to nowhere.
PAYLOAD = bytes((0x45, 0, 0, 28)) + bytes(4) + bytes((64, 17, 0, 0)) + bytes(16)
PAIRS = (("v0", "v1"), ("w0", "w1"))
# VPN label of every session out that sees all packets.
VPN_OUT = 200
HOUR = 3600 * 10**9
# What a lack of memory may be called.
NO_MEMORY = (errno.ENOMEM, errno.ENOBUFS, errno.EFAULT)
# The outcome when the answer itself was lost: done, or not done, but not by half.
LOST = "lost"


def session(name, direction, label, **more):
    """A request for a session with two labels in K; what else there is, by name."""
    first = 1000 + label
    params = [("id", label), ("generation", 1), ("label", label), ("epoch", 0), ("lifetime", 0),
              ("labels", more.pop("labels", [first, first + 1])), ("slots", [HOUR]), ("hash", 1),
              ("hash-len", 64), ("tags", 1), ("select", 0), ("mask", (1 << 64) - 1),
              ("seed", bytes(32))]
    prefixes = [("prefix", p) for p in more.pop("prefixes", [])]
    return [("name", name), ("dir", direction), *more.items(), *prefixes, ("params", params)]


def sees_all(values):
    """Does a session count each packet with its label alone?"""
    return values["policy"] == 0 and not values.keys() & {"dev", "vrf", "outer", "prefix"}


def packet_socket(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.bind((device, 0))
    return s


def set_namespace(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Bench:
    """The namespace, in which this thread then is."""

    def __init__(self):
        new_namespace()
        ip("link set lo up", "link add red type vrf table 10", "link set red up",
           *(f"link add {a} type veth peer name {b}" for a, b in PAIRS),
           *(f"link set {d} up" for pair in PAIRS for d in pair))
        self.spec = Spec()
        self.sock = Socket(self.spec)
        self.events = Socket(self.spec, group=True)
        self.route = Rtnl()
        self.buffer = bytearray(1 << 18)
        self.peers = {}
        for pair in PAIRS:
            self.join(*pair)

    def close(self):
        self.route.close()
        self.events.close()
        self.sock.close()

    # Configuration

    def message(self, op, values, flags=REQUEST | ACK):
        body = encode(self.spec.attrs(self.spec.set_of(op), values))
        return pack(self.sock.family, self.spec.ops[op]["value"], body, flags)

    def do(self, message, dump=False):
        """0, an errno, or LOST; allocates as little as can be, in Python too."""
        try:
            self.sock.send(message)
        except OSError as error:
            return error.errno
        result = None
        try:
            while result is None:
                size = self.sock.socket.recv_into(self.buffer)
                for m in split(bytes(self.buffer[:size])):
                    if m.kind in (2, 3):
                        result = verdict(m)[0]
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            # An interrupted dump is closed with its socket; an answer may have come before.
            result = LOST
        if dump and result:
            self.sock.close()
            self.sock = Socket(self.spec)
        return result

    def reset(self, requests):
        """Exactly what the requests make."""
        state = self.state()
        begin = [("session-flush", [])] + [("port-del", [("dev", p)]) for p in state.ports]
        for op, values in [*begin, ("clock-set", [("source", 0)]), *requests]:
            answer = self.sock.request(op, encode(self.spec.attrs(self.spec.set_of(op), values)))
            if answer.error:
                raise AssertionError(f"{op} {values}: {answer.error} {answer.text}")
        self.events.pending()

    def state(self):
        return State.read(self.sock)

    # Hooks

    def count(self, name):
        """(dropped as bare, stamped)"""
        group = self.spec.attrs("session", [("name", name)])
        reply = self.sock.request("session-get", encode(group)).replies[0]
        stats = self.spec.decode("session", reply.data)["stats"]
        return stats["dropped"]["bare"], stats["stamped"]

    def join(self, *pair):
        """These two are the ends of a pair, and up."""
        for device, peer in (pair, pair[::-1]):
            self.peers[device] = peer
            with packet_socket(peer) as s:
                mac = s.getsockname()[4].hex(":")
            n = socket.if_nametoindex(device) & 255
            ip(f"address replace 10.8.{n}.1/24 dev {device}",
               f"neigh replace 10.8.{n}.2 lladdr {mac} dev {device} nud permanent",
               f"route replace 10.9.{n}.1/32 encap mpls {VPN_OUT} via inet 10.8.{n}.2 dev {device}")

    def send_in(self, device, label):
        """A packet with that label only comes in."""
        with packet_socket(self.peers[device]) as s, packet_socket(device) as to:
            s.send(to.getsockname()[4] + s.getsockname()[4] + MPLS +
                   struct.pack("!I", label << 12 | 0x140) + PAYLOAD)

    def send_out(self, device):
        """A packet gets the label VPN_OUT here and goes out."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"out", (f"10.9.{socket.if_nametoindex(device) & 255}.1", 9))

    def hooked(self, state, device, direction, wanted):
        """Is the hook there? Seen by a packet, if there is a session for that; else as
        wanted."""
        seen = [s for s in state.sessions.values() if s["dir"] == direction and sees_all(s)]
        if not seen:
            return wanted
        name, label = seen[0]["name"], seen[0]["params"]["label"]
        before = self.count(name)[direction]
        if direction == IN:
            self.send_in(device, label)
        else:
            self.send_out(device)
        return bool(busywait(5 if wanted else 0.05,
                             lambda: self.count(name)[direction] > before))

    def open_hooks(self, state, devices):
        """Where a hook is not as sessions and ports ask for."""
        for device in devices:
            for direction in (IN, OUT):
                wanted = not state.ports or device in state.ports
                if self.hooked(state, device, direction, wanted) != wanted:
                    yield f"{device} is {'not ' if wanted else ''}hooked, direction {direction}"

    @contextlib.contextmanager
    def other_namespace(self):
        """A second namespace: this thread is there within."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        new_namespace()
        there = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            yield here, there
        finally:
            set_namespace(here)
            os.close(here)
            os.close(there)

