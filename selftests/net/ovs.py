# SPDX-License-Identifier: GPL-2.0
"""Open vSwitch's kernel part, by netlink, as its commands need its daemons. A library."""

import socket
import struct

import ktap
from genl import NESTED, attribute

# enum ovs_flow_attr, ovs_key_attr, ovs_action_attr.
FLOW_KEY, FLOW_ACTIONS, FLOW_MASK = 1, 2, 7
KEY_IN_PORT, KEY_ETHERNET, KEY_ETHERTYPE, KEY_IPV4 = 3, 4, 6, 7
ACTION_OUTPUT, ACTION_PUSH_MPLS = 1, 9
ETH_P_IP, ETH_P_MPLS = 0x0800, 0x8847


def nest(kind, *parts):
    return attribute(NESTED | kind, b"".join(parts))


class Ovs:
    """A datapath `ovs0` in a namespace."""

    def __init__(self, net, name):
        self.socket = net.socket(name, socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.socket.settimeout(10)
        self.index = 0
        self.datapath, self.port = self.family("ovs_datapath"), self.family("ovs_vport")
        self.ask(self.datapath, 2, 1, attribute(1, b"ovs0\0") + attribute(2, bytes(4)))
        with net.inside(name):
            self.index = socket.if_nametoindex("ovs0")

    def send(self, family, version, command, body):
        body = struct.pack("=BBH", command, version, 0) + body
        self.socket.send(struct.pack("=IHHII", 16 + len(body), family, 5, 1, 0) + body)
        return self.socket.recv(65536)

    def family(self, name):
        answer = self.send(16, 1, 3, attribute(2, name.encode() + b"\0"))
        self.socket.recv(65536)
        at = answer.index(struct.pack("=HH", 6, 1), 20)
        return struct.unpack_from("=H", answer, at + 4)[0]

    def ask(self, family, version, command, body):
        answer = self.send(family, version, command, struct.pack("=i", self.index) + body)
        error = struct.unpack_from("=i", answer, 16)[0]
        ktap.check(struct.unpack_from("=H", answer, 4)[0] == 2 and not error,
                   f"Open vSwitch refuses {family} {command}: {error}")

    def take(self, device, number=None):
        """Make a port of a device, of that number if it matters."""
        body = attribute(1, struct.pack("=I", number)) if number else b""
        self.ask(self.port, 1, 1, body + attribute(2, struct.pack("=I", 1)) +
                 attribute(3, device.encode() + b"\0") + attribute(5, bytes(4)))

    def leave(self, device):
        self.ask(self.port, 1, 2, attribute(3, device.encode() + b"\0"))

    def end(self):
        self.ask(self.datapath, 2, 2, attribute(1, b"ovs0\0"))

    def flow(self, key, mask, *actions):
        self.ask(self.family("ovs_flow"), 1, 1, nest(FLOW_KEY, key) + nest(FLOW_MASK, mask) +
                 nest(FLOW_ACTIONS, *actions))

    def forward(self, come, go):
        """What comes by a port leaves by another as it is."""
        self.flow(attribute(KEY_IN_PORT, struct.pack("=I", come)) +
                  attribute(KEY_ETHERNET, bytes(12)), attribute(KEY_IN_PORT, b"\xff" * 4),
                  attribute(ACTION_OUTPUT, struct.pack("=I", go)))

    def push_mpls(self, come, go, entry):
        """IPv4 that comes by a port gets a label stack entry and leaves by another."""
        # With an IP protocol of 0, nothing is wanted of what is behind the header.
        key = (attribute(KEY_IN_PORT, struct.pack("=I", come)) +
               attribute(KEY_ETHERNET, bytes(12)) +
               attribute(KEY_ETHERTYPE, struct.pack("!H", ETH_P_IP)) +
               attribute(KEY_IPV4, bytes(12)))
        mask = (attribute(KEY_IN_PORT, b"\xff" * 4) + attribute(KEY_ETHERTYPE, b"\xff" * 2))
        self.flow(key, mask, attribute(ACTION_PUSH_MPLS, entry +
                                       struct.pack("!HH", ETH_P_MPLS, 0)),
                  attribute(ACTION_OUTPUT, struct.pack("=I", go)))
