#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Every allocation of every operation fails once. Needs root, the module and a kernel
with fault injection: selftests/vm/run --kernel uml-6.1 -- selftests/faults/fail_nth.py

After each fault the operation has failed for want of memory and nothing has changed, or
it was done wholly: configuration, events and hooks are looked at, the hooks with packets.
With --dry-run there are no faults, and any kernel will do.
"""

import argparse
import contextlib
import ctypes
import importlib
import ipaddress
import os
import subprocess
import sys

import bench
import fault
from bench import CLOCK, LOST, MAIN, NO_MEMORY, VPN_OUT, Bench, session
from nl_churn import CLONE_NEWNET, elsewhere, libc, set_namespace, this_namespace
from nl_make import IN, OUT
from nl_socket import DUMP, REQUEST
import ktap  # pylint: disable=wrong-import-order

# More than the longest operation has, so that one that never ends is found.
MOST = 20000
# Of x86_64.
DELETE_MODULE, FINIT_MODULE = 176, 313
V4, V6 = [("addr", bytes((10, 0, 0, 0))), ("len", 8)], [("addr", bytes(16)), ("len", 0)]
BASE = [("session-new", session("in", IN, 100)),
        ("session-new", session("out", OUT, VPN_OUT, origin=MAIN)), *CLOCK]
PORTS = [("port-new", [("dev", d)]) for d in ("v0", "w1")]
FULL_IN = session("new", IN, 300, policy=1, tolerance=5, delay=7, dev="v0",
                  prefixes=[V4, V6], labels=list(range(5000, 6100)))
FULL_OUT = session("new", OUT, 300, policy=1, dev="v0", outer=17, vrf="red", prefixes=[V4, V6])


class Run:
    """The bench, the faults, and how many there were."""

    def __init__(self, options):
        self.bench = Bench()
        self.nth = fault.NoFaults() if options.dry_run else fault.Nth()
        self.dry = options.dry_run
        self.warned = False

    def each(self, what, attempt, first=1, ours=True):
        """attempt(n) for n = first, ... until there is no nth allocation. What is not
        ours may fail with any errno: the kernel has many for a lack of memory."""
        results = {"failed": 0, "done": 0, "lost": 0}
        for n in range(first, MOST):
            try:
                outcome = attempt(n)
            except MemoryError:
                # The fault hit Python.
                outcome = LOST
            happened = self.nth.happened
            if fault.warned() and not self.warned:
                self.warned = True
                ktap.check(False, f"{what}: fault {n}: the kernel warns")
            if not happened:
                break
            results["lost" if outcome == LOST else "failed" if outcome else "done"] += 1
            ktap.check(outcome == LOST or outcome in (0, *NO_MEMORY) or not ours,
                       f"{what}: fault {n}: errno {outcome}")
        ktap.equal(f"{what}: outcome without a fault", outcome, 0)
        ktap.check(not happened, f"{what}: more than {MOST} allocations")
        ktap.check(self.dry or n > first, f"{what}: no allocation can fail")
        ktap.say(f"{what}: {n - first} faults: {results}")

    def netlink(self, setup, op, values=(), dump=False, ours=True, more=0, crowded=False):
        """An operation of the module, with each of its allocations failing, and some more
        after it; crowded, in hash tables that have to grow at this operation."""
        b = self.bench
        flags = {"flags": REQUEST | DUMP} if dump else {}
        message = b.message(op, values, **flags)
        b.reset(setup)
        before = b.state()
        wanted, events = before.after(op, dict_of(b.spec, op, values))
        changed = False

        def attempt(n):
            nonlocal changed
            with crowd(b) if crowded else contextlib.nullcontext():
                if changed or crowded:
                    b.reset(setup)
                with self.nth(n, more):
                    outcome = b.do(message, dump)
            state = self.judge(f"{op}, fault {n}", outcome, before, wanted, events)
            changed = state != before
            return outcome

        self.each(op, attempt, ours=ours)

    def judge(self, what, outcome, before, wanted, events):
        """Nothing has changed, or all has. What there is now."""
        b = self.bench
        state = b.state()
        done = state == wanted if outcome == LOST else outcome == 0
        ktap.check(state == (wanted if done else before),
                   f"{what}: errno {outcome}, but there is {vars(state)}")
        heard = b.events.pending()
        if heard is not None:
            # That a pseudowire's state is another follows when it is looked after.
            got = [op for op in (b.spec.by_value[m.cmd] for m in heard) if op != "pw-state-ntf"]
            ktap.equal(f"{what}: events", got, [op for op, _ in events] if done else [])
        for sentence in b.wrong_hooks(state, list(b.senders)):
            ktap.check(False, f"{what}: errno {outcome}: {sentence}")
        return state

    # Devices

    def pair(self, route, name="x0"):
        """Devices x0, or so, and x1, which nobody knows yet."""
        ktap.equal("a pair is made", route.do(route.make_veth(name, "x1")), 0)

    def clear(self):
        """These are gone, if they were there."""
        self.bench.part(*(d for d in self.bench.senders if d[0] not in "vw"))
        for name in ("x0", "x1"):
            self.bench.route.delete(name)

    def protected(self, what, *pair, kept=()):
        """Devices that can be put up are hooked as they should be."""
        b = self.bench
        if all([b.route.up(name) == 0 for name in pair]):
            b.join(*pair)
            for sentence in b.wrong_hooks(b.state(), ["v0", *pair], kept):
                ktap.check(False, f"{what}: {sentence}")

    def bare(self, what, name, label, device):
        """A session drops what comes bare by that device, if it is up."""
        b = self.bench
        if device in b.senders:
            before = b.count([name], IN)
            b.send_in(device, label)
            ktap.check(bench.busywait(5, b.counted, [name], IN, before + 1),
                       f"{what}: bare packets pass session {name}")


@contextlib.contextmanager
def crowd(b):
    """A worker of the kernel's makes hash tables grow before they are full, and shrink. Let
    it make them as small as can be, and not come by within: what is added fills them."""
    b.reset([])
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    for _ in range(4):
        os.sched_yield()
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def dict_of(spec, op, values):
    """The values as a reply has them."""
    group = spec.set_of(op)
    return spec.decode(group, bench.encode(spec.attrs(group, values)))


def remote(device):
    """The PE that the bench has a labelled route to, by that device."""
    return ipaddress.ip_address(bench.address(9, device)).packed


@ktap.test("faults: session-new")
def session_new(run):
    run.netlink(CLOCK, "session-new", session("first", IN, 100))
    run.netlink(CLOCK, "session-new", session("first", OUT, VPN_OUT, origin=MAIN))
    run.netlink(BASE, "session-new", FULL_OUT)
    with fault.pages():
        run.netlink(BASE, "session-new", FULL_IN)
    run.netlink(BASE + PORTS, "session-new",
                session("new", IN, 100, id=101, labels=[7000, 900000]))
    run.netlink(BASE, "session-new", session("new", OUT, 300, remote=remote("v0")))


@ktap.test("faults: session-new, two allocations in a row")
def session_new_two(run):
    run.netlink(CLOCK, "session-new", session("first", IN, 100), more=1)
    run.netlink(CLOCK, "session-new", session("first", OUT, VPN_OUT, origin=MAIN), more=1)
    run.netlink(CLOCK, "session-new", session("first", IN, 100, dev="v0"), more=1)


# One more than these is too many for a hash table that is as small as can be.
FULL = range(5)


@ktap.test("faults: session-new, where hash tables have to grow")
def session_new_crowded(run):
    bench.ip(*(f"link add r{i} type vrf table {100 + i}" for i in (*FULL, len(FULL))))
    new = {"dev": f"r{len(FULL)}"}

    def crowded(full, values):
        run.netlink(CLOCK + [("session-new", s) for s in full], "session-new", values, crowded=True)
    crowded([session(f"s{i}", OUT, 300, id=i + 1, vrf=f"r{i}") for i in FULL],
            session("new", OUT, 300, vrf=new["dev"]))
    crowded([session(f"s{i}", OUT, 300, id=i + 1, dev=f"r{i}") for i in FULL],
            session("new", OUT, 301, dev="r0", vrf=new["dev"]))
    crowded([session(f"s{i}", IN, 300, id=i + 1, dev=f"r{i}", labels=[2000 + i]) for i in FULL],
            session("new", IN, 300, **new))
    crowded([session(f"s{i}", IN, 300 + 10 * i) for i in FULL], session("new", IN, 400, **new))
    crowded([session(f"s{i}", OUT, 300 + i, remote=remote("v0")) for i in FULL],
            session("new", OUT, 400, remote=remote("v0")))
    for i in (*FULL, len(FULL)):
        run.bench.route.delete(f"r{i}")


@ktap.test("faults: VRFs, links and pseudowires, where hash tables have to grow")
def others_crowded(run):
    new = len(FULL)
    every = [*FULL, new]
    run.netlink(CLOCK + [("vrf-new", [("name", f"n{i}")]) for i in FULL], "vrf-new",
                [("name", f"n{new}")], crowded=True)
    bench.ip(*(f"link add d{i} type dummy" for i in every))
    links_of = [[("name", f"l{i}"), ("dev", f"d{i}"), ("session", f"s{i}")] for i in every]
    run.netlink(BASE + [("session-new", session(f"s{i}", IN, 300 + 10 * i, payload=3))
                        for i in every] + [("link-new", link) for link in links_of[:new]],
                "link-new", links_of[new], crowded=True)
    for i in every:
        run.bench.route.delete(f"d{i}")
    sessions = CLOCK + [("session-new", session(f"s{i}", IN, 300 + 10 * i, payload=1))
                        for i in every]
    pws = [[("name", f"pw{i}"), ("remote", bytes((10, 9, 9, 9)))] for i in every]
    full = sessions + [("pw-new", [*pw, ("in", f"s{i}")]) for i, pw in zip(FULL, pws)]
    run.netlink(full + [("pw-new", pws[new])], "pw-set",
                [("name", f"pw{new}"), ("in", f"s{new}")], crowded=True)


@ktap.test("faults: session-set, session-del and session-flush")
def session_others(run):
    run.netlink(BASE, "session-set",
                [("name", "in"), ("policy", 0), ("tolerance", 5), ("delay", 7)])
    run.netlink(BASE, "session-del", [("name", "in")])
    run.netlink(BASE, "session-del", [("name", "out")])
    run.netlink(BASE + [("session-new", FULL_IN)], "session-flush")


@ktap.test("faults: session-get")
def session_get(run):
    run.netlink(BASE + [("session-new", FULL_IN)], "session-get", [("name", "new")])
    run.netlink(BASE + [("session-new", FULL_IN)], "session-get", dump=True)


@ktap.test("faults: ports")
def ports(run):
    run.netlink(BASE, "port-new", [("dev", "v0")])
    run.netlink(BASE + PORTS, "port-new", [("dev", "v1")])
    run.netlink(BASE + PORTS, "port-del", [("dev", "v0")])
    run.netlink(BASE + PORTS[:1], "port-del", [("dev", "v0")])
    run.netlink(BASE + PORTS, "port-get", [("dev", "v0")])
    run.netlink(BASE + PORTS, "port-get", dump=True)


@ktap.test("faults: protected VRFs")
def vrfs(run):
    one = BASE + [("vrf-new", [("name", "red")])]
    run.netlink(BASE, "vrf-new", [("name", "red"), ("policy", 1)])
    run.netlink(BASE, "vrf-new", [("name", "none")])
    run.netlink(one, "vrf-set", [("name", "red"), ("policy", 2)])
    run.netlink(one, "vrf-del", [("name", "red")])
    run.netlink(one, "vrf-get", [("name", "red")])
    run.netlink(one, "vrf-get", dump=True)


@ktap.test("faults: links")
def links(run):
    base = BASE + [("session-new", session("wire-in", IN, 400, payload=3)),
                   ("session-new", session("wire-out", OUT, 401, payload=3))]
    run.netlink(base, "link-new", [("name", "l"), ("dev", "v0"), ("session", "wire-in"),
                                   ("transport", 17), ("lsp", 18), ("lsp", 19)])
    # Its device becomes one that is hooked; and the packets that show it are not the link's.
    run.netlink(base + PORTS, "link-new", [("name", "l"), ("dev", "v1"),
                                           ("session", "wire-out"), ("lsp", 18)])
    one = base + [("link-new", [("name", "l"), ("dev", "v0"), ("session", "wire-out"),
                                ("neighbour", bytes((2, 0, 0, 0, 0, 1)))])]
    run.netlink(one, "link-del", [("name", "l")])
    run.netlink(one, "link-get", [("name", "l")])
    run.netlink(one, "link-get", dump=True)


@ktap.test("faults: pseudowires")
def pseudowires(run):
    base = BASE + [("session-new", session("red-in", IN, 300, payload=1)),
                   ("session-new", session("red-out", OUT, 301, payload=1))]
    ends = [("in", "red-in"), ("out", "red-out")]
    pw = [("name", "pw0"), ("remote", bytes((10, 9, 9, 9)))]
    one = base + [("pw-new", [*pw, ("in-label", 310), ("out-label", 311)])]
    run.netlink(one, "pw-set", [("name", "pw0"), *ends])
    run.netlink(one, "pw-get", [("name", "pw0")])
    run.netlink(one, "pw-get", dump=True)
    run.netlink(one, "pw-del", [("name", "pw0")])
    run.netlink(base, "pw-new", [*pw, *ends], ours=False)
    # Nothing is hooked before; and a label that another has.
    labels = [("in-label", 310), ("out-label", 311)]
    run.netlink(CLOCK, "pw-new", [*pw, *labels], ours=False)
    two = [*CLOCK, ("pw-new", [*pw, *labels]),
           ("pw-new", [("name", "pw1"), *pw[1:], ("in-label", 312), ("out-label", 313)])]
    run.netlink(two, "pw-set", [("name", "pw0"), ("in-label", 312), ("steal", 1)])


@ktap.test("faults: clock")
def clock(run):
    run.netlink(BASE, "clock-set", [("source", 2), ("utc-offset", 5)])
    run.netlink(BASE, "clock-get")


@ktap.test("faults: a device is made where there are sessions")
def device_new(run):
    b = run.bench
    b.reset(BASE)

    def attempt(n):
        run.clear()
        message = b.route.make_veth("x0", "x1")
        outcome = b.do_link(message, run.nth(n))
        if outcome == 0:
            run.protected(f"device, fault {n}", "x0", "x1")
        return outcome

    run.each("device", attempt, ours=False)
    run.clear()


@ktap.test("faults: a device gets the name of a port")
def device_renamed(run):
    b = run.bench

    def attempt(n):
        # A name that could not be given is not always to be had again: sysfs keeps it.
        port = f"p{n}"
        run.clear()
        run.pair(b.route, port)
        b.reset(BASE + [("port-new", [("dev", port)]),
                        ("session-new", session("named", IN, 500, dev=port)),
                        ("session-new", session("named-out", OUT, 501, dev=port))])
        ktap.equal("the port loses its name", b.route.do(b.route.make_renamed(port, "x0")), 0)
        message = b.route.make_renamed("x0", port)
        outcome = b.do_link(message, run.nth(n))
        names = {name for _, name in bench.socket.if_nameindex()}
        ktap.check(outcome == LOST or (port in names) == (outcome == 0),
                   f"rename, fault {n}: errno {outcome}, but there is {names}")
        kept = () if port in names else ("x0",)
        run.protected(f"rename, fault {n}", *kept or (port,), "x1", kept=kept)
        run.bare(f"rename, fault {n}", "named", 500, *kept or (port,))
        return outcome

    run.each("rename", attempt, ours=False)
    run.clear()


importlib.import_module("vrf_devices")


# How many of the last allocations fail where the kernel warns if one of those before does:
# it renames a device that moves, and gives a module its trace points. Labelhop comes last,
# but a fault in what comes before it keeps the kernel from telling it of a device.
LAST_OF_MOVE, LAST_OF_MODULE = 36, 40


@ktap.test("faults: a device moves to a namespace with sessions")
def device_moved(run):
    b = run.bench
    b.reset(BASE)
    here = this_namespace()
    with elsewhere():
        there, away = this_namespace(), bench.Rtnl()

        def move(fault_or_not):
            set_namespace(here)
            run.clear()
            set_namespace(there)
            run.pair(away)
            ktap.equal("the other end moves", away.do(away.make_moved("x1", here)), 0)
            message = away.make_moved("x0", here)
            with fault_or_not:
                outcome = attempt_move(away, message)
            set_namespace(here)
            return outcome

        def attempt(n):
            outcome = move(run.nth(n))
            names = {name for _, name in bench.socket.if_nameindex()}
            # Whatever comes of it, a device that is here and up is hooked.
            if "x0" in names:
                run.protected(f"move, fault {n}", "x0", "x1")
            return outcome

        ktap.equal("without a fault", move(run.nth.count()), 0)
        ktap.say(f"{run.nth.passed} allocations in a move")
        run.each("move", attempt, max(1, run.nth.passed - LAST_OF_MOVE), ours=False)
        run.clear()
        away.close()
    os.close(here)
    os.close(there)


def attempt_move(route, message):
    try:
        return route.do(message)
    except OSError as error:
        if error.errno not in NO_MEMORY:
            raise
        return error.errno


@ktap.test("faults: a namespace is made")
def namespace(run):
    here = this_namespace()

    def attempt(n):
        with run.nth(n):
            failed = libc.unshare(CLONE_NEWNET)
        outcome = ctypes.get_errno() if failed else 0
        set_namespace(here)
        return outcome

    run.each("namespace", attempt, ours=False)
    os.close(here)


def unload():
    if libc.syscall(DELETE_MODULE, b"labelhop", 0):
        raise OSError(ctypes.get_errno(), "the module can't be removed")


@ktap.test("faults: the module is loaded")
def module(run):
    run.bench.close()
    # The VRF has devices already.
    bench.ip("link add x0 type veth peer name x1",
             *(f"link set {device} master red" for device in ("x0", "x1")))
    unload()
    fd = os.open(os.environ["LABELHOP_KO"], os.O_RDONLY)

    def load(fault_or_not):
        with fault_or_not:
            failed = libc.syscall(FINIT_MODULE, fd, b"", 0)
        outcome = ctypes.get_errno() if failed else 0
        loaded = os.path.exists("/sys/module/labelhop")
        ktap.equal(f"errno {outcome}: loaded", loaded, outcome == 0)
        if loaded:
            unload()
        return outcome

    load(run.nth.count())
    ktap.say(f"{run.nth.passed} allocations in all")
    run.each("module", lambda n: load(run.nth(n)), max(1, run.nth.passed - LAST_OF_MODULE))
    os.close(fd)
    subprocess.run(["modprobe", "labelhop"], check=True)
    run.bench = Bench()
    run.bench.reset(BASE)
    for sentence in run.bench.wrong_hooks(run.bench.state(), list(run.bench.senders)):
        ktap.check(False, f"loaded again: {sentence}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="without faults")
    options = parser.parse_args()
    if not options.dry_run and not fault.available():
        sys.exit("fail_nth.py: this kernel has no fault injection")
    subprocess.run(["modprobe", "-a", "labelhop", "veth", "vrf", "mpls_iptunnel"], check=True)
    fault.prepare()
    ktap.main(Run(options))


if __name__ == "__main__":
    main()
