# SPDX-License-Identifier: GPL-2.0
"""What comes and goes, by netlink from this process or many commands at once: a process
for each thing would be most of the time."""

import ctypes
import errno
import os
import sys

import ktap
from lab import SELFTESTS
from traffic import FIRST_MAC, SECOND_MAC

sys.path.insert(0, os.path.join(SELFTESTS, "fuzz"))
# pylint: disable=wrong-import-position
from nl_churn import elsewhere, libc, this_namespace  # noqa: E402
from nl_socket import Socket  # noqa: E402
from nl_spec import Attr, Spec, encode  # noqa: E402
from rtnl import ADDRESS, GROUP, NET_NS_FD, Rtnl, u32  # noqa: E402

# Of x86_64.
DELETE_MODULE, FINIT_MODULE = 176, 313
# Rounds of one batch, devices of one group, namespaces that die at once.
ROUNDS, DEVICES, NAMESPACES = 20, 16, 8
OUR_GROUP = 7
IN, OUT = 0, 1
WINDOW = 900 * 10**6
# While session pin is there and strict, label 300 lets nothing in that is bare, whichever
# pseudowire has it.
SET_ALL = ["pw add pw1 remote 10.0.5.1 in-label 410 out-label 411 tunnel any"] + [
    f"pw set {change}" for change in (
        "pw0 remote 10.255.0.9", "pw0 remote 10.0.5.1", "pw0 mtu 1400", "pw0 mtu path",
        "pw0 tunnel any", "pw0 tunnel required", "pw0 out-label none", "pw0 out-label 401",
        "pw1 in pin steal", "pw0 in pin steal", "pw1 in-label 410", "pw1 control-word off",
        "pw1 flow-label on", "pw1 in-label 300 steal", "pw1 control-word on", "pw0 in pin steal",
        "pw1 in-label none out-label none", "pw1 flow-label off", "pw1 in-label 410 out-label 411",
        "pw0 out-label 400")] + ["pw del pw1"]
NO_MEMORY = (errno.ENOMEM, errno.ENOBUFS)


def must(error, what):
    if error:
        raise OSError(error, what)


def mac(address):
    return Attr(ADDRESS, bytes.fromhex(address.replace(":", "")))


def session(name, direction, params, **more):
    """Values of a request for a session with a set of make_params()."""
    given = [("id", int(params["id"], 16)), *((k, params[k]) for k in (
        "generation", "label", "epoch", "lifetime", "labels", "slots")), ("hash", 1),
        ("hash-len", params["hash-len"]), ("tags", params["tags"]), ("select", 0),
        ("mask", int(params["select"], 16)), ("seed", bytes.fromhex(params["seed"]))]
    if direction == IN:
        more["tolerance"] = WINDOW
    return [("name", name), ("dir", direction), *more.items(), ("params", given)]


def attempt(sock, op, attrs, failing):
    """A request that may fail for want of memory: 0, an errno, or None if the answer is
    lost, so that it may or may not have been done."""
    try:
        with failing:
            return sock.request(op, attrs).error
    except OSError as error:
        must(error.errno not in NO_MEMORY and error.errno, op)
    except MemoryError:
        # The fault hit Python.
        pass
    # Nothing of it may be left for the next.
    sock.pending()
    return None


class Churn:
    """Each of its generators lets something come and go, for ever, and yields how much."""

    def __init__(self, net):
        self.net, self.spec, self.routes = net, Spec(), {}
        # Devices of P2's to which traffic can be sent.
        self.live = []

    def route(self, name):
        """A route netlink socket in a namespace."""
        if name not in self.routes:
            with self.net.inside(name):
                self.routes[name] = self.net.keep(Rtnl())
        return self.routes[name]

    def do(self, sock, op, values):
        """A request to labelhop, which must succeed."""
        answer = sock.request(op, encode(self.spec.attrs(self.spec.set_of(op), values)))
        must(answer.error, f"{op}: {answer.text}")

    def batch(self, lines):
        """Commands of labelhop's on PE2, each of which must succeed."""
        path = os.path.join(self.net.tmp.name, "churn")
        with open(path, "w", encoding="ascii") as f:
            f.writelines(line + "\n" for line in lines)
        self.net.labelhop("PE2", ["-b", path])

    def sessions(self, east, other, out):
        """Sets replace each other and the label is never without one; other sessions are
        made and flushed, policies set, ports taken and given back. east: two files of
        sets for the label, the second being in use; other and out: one more each way."""
        names = ("b", "a")
        while True:
            lines = []
            for i in range(ROUNDS):
                new, old = names[i % 2], names[1 - i % 2]
                lines += [
                    f"session add {new} dir in params {east[i % 2]} tolerance 900ms",
                    f"session del {old}",
                    f"session add x dir in params {other} policy monitor tolerance 900ms",
                    "port add core", "session set x policy strict", "port add ce",
                    f"session add y dir out params {out} dev core vrf blue prefix 10.0.0.0/8",
                    # With core away and ce left, core would be open.
                    "session set x policy permissive", "port del ce", "port del core",
                    "session del y", "session del x"]
            self.batch(lines)
            yield len(lines)

    def pseudowires(self, into, out, wire):
        """A pseudowire to P2 comes and goes, and so do its sessions, whose sets are in
        those files, and a link with LSPs that nothing has. All that a pseudowire is made of
        is set meanwhile, and another one steals its label."""
        route, lines = self.route("PE2"), [
            f"session add pin dir in params {into} payload pw tolerance 900ms",
            f"session add pout dir out params {out} payload pw",
            f"session add wire dir in params {wire} payload link tolerance 900ms",
            "pw add pw0 remote 10.0.5.1 in pin out-label 400",
            "link add l dev core session wire lsp 16"]
        gone = ["link del l", "pw del pw0", "session del wire", "session del pout",
                "session del pin"]
        while True:
            self.batch(lines)
            must(route.up("pw0"), "pw0 can't be put up")
            yield len(lines)
            changes = [*SET_ALL, "pw set pw0 out pout", "session del pin", "session del pout",
                       "pw set pw0 out-label 400", "session del wire", *lines[:3]]
            self.batch(changes + gone)
            yield len(changes) + len(gone)

    def refused(self, params, failing):
        """A session comes and goes, and a port, with allocations failing within `with
        failing`: all of a request is done, or nothing. Yields whether it was refused."""
        objects = (
            ("session", "name", "short", session("short", IN, params)), ("port", "dev", "core", ()))
        there = dict.fromkeys(("session", "port"), False)
        with self.net.inside("PE2"), Socket(self.spec) as sock:
            while True:
                for kind, key, name, values in objects:
                    op = f"{kind}-{'del' if there[kind] else 'new'}"
                    values = values if values and not there[kind] else [(key, name)]
                    attrs = encode(self.spec.attrs(self.spec.set_of(op), values))
                    error = attempt(sock, op, attrs, failing)
                    _, found, _ = sock.dump(f"{kind}-get")
                    now = name in [one[key] for one in found]
                    if error is not None:
                        must(error not in (0, *NO_MEMORY) and error, op)
                        ktap.equal(f"{op}, errno {error}: done", now != there[kind], not error)
                    there[kind] = now
                    yield 1 if error is None or error else 0

    def spare(self):
        """The message that makes device s0 in PE2, and s1 in P2."""
        return self.route("PE2").make_veth(
            "s0", "s1", [mac(FIRST_MAC)],
            [mac(SECOND_MAC), u32(NET_NS_FD, self.net.fds["P2"])])

    def devices(self):
        """The device of a session vanishes, returns, is renamed and moves; and many come,
        of which the first has traffic too, and go at once."""
        here, there, peers = (self.route(name) for name in ("PE2", "CE2", "P2"))
        self.live = ["s1", "n0"]
        while True:
            must(here.do(self.spare()), "s0 can't be made")
            must(peers.up("s1"), "s1 can't be put up")
            for name, other in (("s0", "s9"), ("s9", "s0")):
                must(here.up(name), f"{name} can't be put up")
                must(here.down(name), f"{name} can't be put down")
                with self.net.inside("PE2"):
                    renamed = here.make_renamed(name, other)
                must(here.do(renamed), f"{name} can't be renamed")
            must(here.up("s0"), "s0 can't be put up")
            must(here.do(here.make_moved("s0", self.net.fds["CE2"])), "s0 can't go")
            must(there.up("s0"), "s0 can't be put up there")
            must(there.do(there.make_moved("s0", self.net.fds["PE2"])), "s0 can't return")
            must(here.up("s0"), "s0 can't be put up again")
            must(here.delete("s0"), "s0 can't be deleted")
            yield 7
            for i in range(DEVICES):
                must(here.do(here.make_veth(f"m{i}", f"n{i}", [u32(GROUP, OUR_GROUP)], [
                    u32(NET_NS_FD, self.net.fds["P2"])])), f"m{i} can't be made")
                must(here.up(f"m{i}"), f"m{i} can't be put up")
            must(peers.up("n0"), "n0 can't be put up")
            must(here.delete_group(OUR_GROUP), "a group can't be deleted")
            yield 2 * DEVICES

    def namespaces(self, params):
        """Namespaces with a session and traffic die together."""
        values, number = session("dies", IN, params), 0
        while True:
            held, self.live = [], []
            for _ in range(NAMESPACES):
                number += 1
                with elsewhere(), Rtnl() as route, Socket(self.spec) as sock:
                    must(route.do(route.make_veth("d0", f"e{number}", [mac(FIRST_MAC)], [
                        mac(SECOND_MAC), u32(NET_NS_FD, self.net.fds["P2"])])), "no device")
                    must(route.up("d0"), "d0 can't be put up")
                    self.do(sock, "clock-set", [("source", 1)])
                    self.do(sock, "session-new", values)
                    held.append(this_namespace())
                must(self.route("P2").up(f"e{number}"), "the other end can't be put up")
                self.live.append(f"e{number}")
            for fd in held:
                os.close(fd)
            yield NAMESPACES

    def reloads(self, sets):
        """The module goes and comes, with all sessions: (namespace, name, direction, set)."""
        fd = os.open(os.environ["LABELHOP_KO"], os.O_RDONLY)
        try:
            while True:
                for number, arguments in ((DELETE_MODULE, (b"labelhop", 0)),
                                          (FINIT_MODULE, (fd, b"", 0))):
                    if libc.syscall(number, *arguments):
                        raise OSError(ctypes.get_errno(), f"system call {number}")
                for name in {name for name, *_ in sets}:
                    with self.net.inside(name), Socket(self.spec) as sock:
                        self.do(sock, "clock-set", [("source", 1)])
                        for where, *what in sets:
                            if where == name:
                                self.do(sock, "session-new", session(*what))
                yield 1
        finally:
            os.close(fd)
