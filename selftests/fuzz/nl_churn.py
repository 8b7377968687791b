# SPDX-License-Identifier: GPL-2.0
"""What goes on around the fuzzer: devices, namespaces and packets come and go."""

import ctypes
import os
import random
import socket
import struct
import subprocess

from nl_make import DEVICES, LABELS, Maker
from nl_model import State
from nl_socket import Socket
from nl_spec import encode

CLONE_NEWNET = 0x40000000
MPLS = b"\x88\x47"
libc = ctypes.CDLL(None, use_errno=True)


def new_namespace():
    """This task gets a network namespace of its own."""
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def ip(*lines, force=False):
    """Commands of ip; with force those that fail do not matter."""
    options = ["-force"] if force else []
    subprocess.run(["ip", *options, "-batch", "-"], input="\n".join(lines), text=True,
                   check=not force, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL if force else None)


def set_up():
    """The devices that the requests name."""
    ip("link set lo up", "link add red type vrf table 10", "link set red up",
       "link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
       *(f"link add {d} type dummy" for d in DEVICES if d[0] == "d"),
       *(f"link set {d} up" for d in DEVICES if d[0] == "d"))


class Around:
    """One process of it. step() is called again and again."""

    def __init__(self, rng, spec, ours=False):
        self.rng, self.spec = rng, spec
        self.names = DEVICES[:3] if ours else ("c0", "c1", "c2", "c3")

    def step(self):
        raise NotImplementedError

    def close(self):
        pass


class Devices(Around):
    """Devices come, go, get other names and move to another namespace and back.
    ours: those that the requests name."""

    def __init__(self, rng, spec, ours=False):
        super().__init__(rng, spec, ours)
        self.holder = subprocess.Popen(["unshare", "-n", "cat"], stdin=subprocess.PIPE)
        self.there = f"/proc/{self.holder.pid}/ns/net"

    def line(self):
        name, other = self.rng.sample(self.names, 2)
        return self.rng.choice((
            f"link add {name} type dummy", f"link add {name} type veth peer name {other}",
            f"link add {name} link v0 type vlan id {self.rng.randint(1, 4094)}",
            f"link del {name}", f"link set {name} name {other}", f"link set {name} up",
            f"link set {name} netns {self.holder.pid}", f"link set {name} master red"))

    def step(self):
        ip(*(self.line() for _ in range(8)), force=True)
        if os.stat(self.there).st_ino != os.stat("/proc/self/ns/net").st_ino:
            back = [f"link set {name} netns {os.getpid()}" for name in self.names]
            subprocess.run(["nsenter", f"--net={self.there}", "ip", "-force", "-batch", "-"],
                           input="\n".join(back), text=True, check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return 8

    def close(self):
        self.holder.stdin.close()
        self.holder.wait()


class Namespaces(Around):
    """Network namespaces with devices and sessions come and go."""

    def step(self):
        seed = self.rng.random()
        pid = os.fork()
        if not pid:
            status = 1
            try:
                self.live(random.Random(seed))
                status = 0
            finally:
                os._exit(status)
        if os.waitpid(pid, 0)[1]:
            raise AssertionError("a namespace could not be made, or refused what is valid")
        return 1

    def live(self, rng):
        new_namespace()
        set_up()
        maker = Maker(rng, self.spec)
        with Socket(self.spec) as sock:
            for _ in range(rng.randrange(6)):
                op, values = maker.request(State.read(sock))
                answer = sock.request(op, encode(self.spec.attrs(self.spec.set_of(op), values)))
                if answer.error:
                    raise AssertionError(f"{op}: error {answer.error}: {answer.text}")


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
        for _ in range(32):
            side = self.rng.randrange(2)
            try:
                self.sockets[side].send(self.frame(1 - side))
            except OSError:
                # The device is down, or its queue full.
                continue
        return 32

    def close(self):
        for s in self.sockets:
            s.close()
