# SPDX-License-Identifier: GPL-2.0
"""What goes on around the fuzzer: devices, namespaces and packets come and go. All of it
is done by the process that sends the requests, between two of them."""

import contextlib
import ctypes
import os
import socket
import struct

from nl_make import DEVICES, LABELS, VRF, Maker
from nl_model import State
from nl_socket import Socket
from nl_spec import encode
from rtnl import Rtnl

CLONE_NEWNET = 0x40000000
MPLS = b"\x88\x47"
libc = ctypes.CDLL(None, use_errno=True)


def new_namespace():
    """This task gets a network namespace of its own."""
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def set_namespace(fd):
    """This task goes to a network namespace."""
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def this_namespace():
    """A descriptor of the network namespace that this task is in."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


@contextlib.contextmanager
def elsewhere():
    """Within, this task is in a new namespace."""
    home = this_namespace()
    try:
        new_namespace()
        yield
    finally:
        set_namespace(home)
        os.close(home)


def set_up():
    """The devices that the requests name."""
    with Rtnl() as route:
        dummies = [d for d in DEVICES if d[0] == "d"]
        for message in (route.make_vrf(VRF, 10), route.make_veth("v0", "v1"),
                        *(route.make(d, "dummy") for d in dummies)):
            error = route.do(message)
            if error:
                raise OSError(error, "a device can't be made")
        for name in ("lo", VRF, "v0", "v1", *dummies):
            route.up(name)


class Around:
    """One thing that goes on. step() is called again and again. With ours it meets the
    devices that the requests name."""

    def __init__(self, rng, spec, ours=False):
        self.rng, self.spec = rng, spec
        self.names = DEVICES[:3] if ours else ("c0", "c1", "c2", "c3")

    def step(self):
        """Do some of it; how much."""
        raise NotImplementedError

    def close(self):
        pass


class Devices(Around):
    """Devices come, go, get other names and move to another namespace and back."""

    def __init__(self, rng, spec, ours=False):
        super().__init__(rng, spec, ours)
        self.route, self.here = Rtnl(), this_namespace()
        with elsewhere():
            self.away, self.there = Rtnl(), this_namespace()

    def message(self):
        r, (name, other) = self.route, self.rng.sample(self.names, 2)
        return self.rng.choice((
            lambda: r.make(name, "dummy"), lambda: r.make_veth(name, other),
            lambda: r.make_vlan(name, "v0", self.rng.randint(1, 4094)),
            lambda: r.make_gone(name), lambda: r.make_renamed(name, other),
            lambda: r.make_up(name), lambda: r.make_moved(name, self.there),
            lambda: r.make_enslaved(name, VRF)))()

    def step(self):
        # Many are refused, since the device is not there, or is up.
        with contextlib.suppress(OSError):
            self.route.do(self.message())
        if self.rng.random() < 0.2:
            for name in self.names:
                self.away.do(self.away.make_moved(name, self.here))
        return 1

    def close(self):
        for thing in (self.route, self.away):
            thing.close()
        for fd in (self.here, self.there):
            os.close(fd)


class Namespaces(Around):
    """Network namespaces with devices and sessions come and go."""

    def step(self):
        with elsewhere():
            set_up()
            maker = Maker(self.rng, self.spec)
            with Socket(self.spec) as sock:
                for _ in range(self.rng.randrange(4)):
                    op, values = maker.request(State.read(sock))
                    body = encode(self.spec.attrs(self.spec.set_of(op), values))
                    answer = sock.request(op, body)
                    if answer.error:
                        raise AssertionError(f"{op}: error {answer.error}: {answer.text}")
        return 1


class Traffic(Around):
    """MPLS packets go out of one end of a veth pair and in by the other."""

    def __init__(self, rng, spec, ours=False):
        super().__init__(rng, spec, ours)
        self.sockets = []
        for device in ("v0", "v1"):
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            s.bind((device, 0))
            self.sockets.append(s)
        self.macs = [s.getsockname()[4] for s in self.sockets]

    def frame(self, to):
        n = self.rng.randint(1, 5)
        stack = b"".join(struct.pack("!I", self.rng.randrange(16, LABELS) << 12 |
                                     (i == n - 1) << 8 | 64) for i in range(n))
        head = bytes((0x45, 0, 0, 84)) + bytes(4) + bytes((64, 17, 0, 0)) + bytes(8)
        return self.macs[to] + self.macs[1 - to] + MPLS + stack + head + self.rng.randbytes(64)

    def step(self):
        for _ in range(16):
            side = self.rng.randrange(2)
            # The device is down, or its queue full.
            with contextlib.suppress(OSError):
                self.sockets[side].send(self.frame(1 - side))
        return 16

    def close(self):
        for s in self.sockets:
            s.close()
