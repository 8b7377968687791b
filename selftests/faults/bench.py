# SPDX-License-Identifier: GPL-2.0
"""A network namespace whose configuration and hooks can be seen from outside."""

import errno
import os
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../fuzz"), os.path.join(HERE, "../net")]
# pylint: disable=wrong-import-position
from ktap import busywait  # noqa: E402
from nl_churn import new_namespace  # noqa: E402
from nl_make import IN, OUT  # noqa: E402
from nl_model import State  # noqa: E402
from nl_socket import ACK, REQUEST, Socket, pack, split, verdict  # noqa: E402
from nl_spec import Spec, encode  # noqa: E402
from rtnl import Rtnl, index  # noqa: E402

# linux/if_packet.h
SOL_PACKET, PACKET_QDISC_BYPASS = 263, 20
MPLS = b"\x88\x47"
# IPv4 from and to nowhere.
PAYLOAD = bytes((0x45, 0, 0, 28)) + bytes(4) + bytes((64, 17, 0, 0)) + bytes(16)
PAIRS = (("v0", "v1"), ("w0", "w1"))
# VPN label of every session out that sees all packets.
VPN_OUT = 200
# The bench has no VRF: its packets are of the main table.
MAIN = 1
HOUR = 3600 * 10**9
CLOCK = [("clock-set", [("source", 1)])]
# What a lack of memory may be called.
NO_MEMORY = (errno.ENOMEM, errno.ENOBUFS, errno.EFAULT)
# The outcome when the answer itself was lost: done, or not done, but not by half.
LOST = "lost"


def session(name, direction, label, **more):
    """A request for a session with two labels in K; what else there is, by name."""
    first, number = 1000 + label, more.pop("id", label)
    params = [("id", number), ("generation", 1), ("label", label), ("epoch", 0),
              ("lifetime", 0), ("labels", more.pop("labels", [first, first + 1])),
              ("slots", [HOUR]), ("hash", 1), ("hash-len", 64), ("tags", 1), ("select", 0),
              ("mask", (1 << 64) - 1), ("seed", str(number).encode().ljust(32))]
    prefixes = [("prefix", p) for p in more.pop("prefixes", [])]
    return [("name", name), ("dir", direction), *more.items(), *prefixes, ("params", params)]


def sees_all(values):
    """Does a session count each packet with its label alone?"""
    return values["policy"] == 0 and values.get("origin", MAIN) == MAIN and \
        not values.keys() & {"dev", "vrf", "outer", "prefix"}


def packet_socket(device):
    """It sends past the queue of the device, which drops all for a moment after it came up."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    s.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
    s.bind((device, 0))
    return s


def address(net, device):
    """One that no other device has had."""
    n = index(device)
    return f"10.{net}.{n >> 8}.{n & 255}"


def ip(*lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)


class Bench:
    """The namespace, in which this thread then is."""

    def __init__(self):
        new_namespace()
        ip("link set lo up", "address add 10.7.0.1/32 dev lo",
           "link add red type vrf table 10", "link set red up",
           *(f"link add {a} type veth peer name {b}" for a, b in PAIRS),
           *(f"link set {d} up" for pair in PAIRS for d in pair))
        self.spec = Spec()
        self.sock = Socket(self.spec)
        self.events = Socket(self.spec, group=True)
        self.route = Rtnl()
        self.buffer = bytearray(1 << 18)
        # To send to a device: its peer, and its address.
        self.senders = {}
        # A device that came when memory was short may not know IPv4.
        self.routed = set()
        for pair in PAIRS:
            self.join(*pair)
        if self.routed != self.senders.keys():
            raise AssertionError(f"only {self.routed} have a route")

    def close(self):
        self.part(*self.senders)
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

    def do_link(self, message, faults):
        """As do(), for devices, within these faults."""
        try:
            with faults:
                return self.route.do(message)
        except OSError as error:
            if error.errno not in NO_MEMORY:
                raise
            self.route.close()
            self.route = Rtnl()
            return LOST

    def reset(self, requests):
        """Exactly what the requests make."""
        state = self.state()
        begin = [("session-flush", [])] + [("port-del", [("dev", p)]) for p in state.ports]
        begin += [(f"{kind}-del", [("name", name)])
                  for kind, names in (("pw", state.pws), ("link", state.links), ("vrf", state.vrfs))
                  for name in names]
        for op, values in [*begin, ("clock-set", [("source", 0)]), *requests]:
            answer = self.sock.request(op, encode(self.spec.attrs(self.spec.set_of(op), values)))
            if answer.error:
                raise AssertionError(f"{op} {values}: {answer.error} {answer.text}")
        self.events.pending()

    def state(self):
        return State.read(self.sock)

    # Hooks

    def count(self, names, direction):
        """Packets that sessions have dropped as bare, if in, or stamped, if out."""
        total = 0
        for name in names:
            group = self.spec.attrs("session", [("name", name)])
            reply = self.sock.request("session-get", encode(group)).replies[0]
            stats = self.spec.decode("session", reply.data)["stats"]
            total += stats["dropped"]["bare"] if direction == IN else stats["stamped"]
        return total

    def counted(self, names, direction, wanted):
        return self.count(names, direction) >= wanted

    def join(self, *pair):
        """These two are the ends of a pair, and up."""
        self.part(*pair)
        ends = [packet_socket(device) for device in pair]
        for device, end, peer in zip(pair, ends, ends[::-1]):
            self.senders[device] = peer, end.getsockname()[4]
            gateway = address(8, device)
            if self.route.neighbour(device, gateway, peer.getsockname()[4]) == 0 == \
                    self.route.labelled_route(address(9, device), VPN_OUT, device, gateway):
                self.routed.add(device)

    def part(self, *devices):
        """Forget these devices."""
        for device in devices:
            if device in self.senders:
                self.senders.pop(device)[0].close()
            self.routed.discard(device)

    def send_in(self, device, label):
        """A packet with that label only comes in."""
        peer, mac = self.senders[device]
        peer.send(mac + peer.getsockname()[4] + MPLS +
                  struct.pack("!I", label << 12 | 0x140) + PAYLOAD)

    def send_out(self, device):
        """A packet gets the label VPN_OUT here and goes out."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"out", (address(9, device), 9))

    def wrong_hooks(self, state, devices, kept=()):
        """Where a packet is not looked at as sessions, ports and links ask for, seen by
        packets: those that must not be counted go first, and none overtakes another. kept
        are devices with another name now, which are ports all the same."""
        here = {name for _, name in socket.if_nameindex()}
        narrowed = state.ports and len(set(state.ports) - here) <= len(kept)
        for direction in (IN, OUT):
            seen = [s for s in state.sessions.values() if s["dir"] == direction and sees_all(s)]
            if not seen:
                continue
            label = seen[0]["params"]["label"]
            names = [s["name"] for s in seen if s["params"]["label"] == label]
            asked = {*state.ports, *kept, *(link["dev"] for link in state.links.values())}
            hooked = {d: not narrowed or d in asked for d in devices
                      if direction == IN or d in self.routed}
            before = self.count(names, direction)
            for device in sorted(hooked, key=hooked.get):
                if direction == IN:
                    self.send_in(device, label)
                else:
                    self.send_out(device)
            wanted = sum(hooked.values())
            busywait(5, self.counted, names, direction, before + wanted)
            got = self.count(names, direction) - before
            if got != wanted:
                yield f"direction {direction}: hooked should be {hooked}, but {got} are"
