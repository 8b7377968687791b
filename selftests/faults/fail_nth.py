#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Every allocation of every operation fails once. Needs root, the module and a kernel
with fault injection: selftests/vm/run --kernel uml-6.1 -- selftests/faults/fail_nth.py

After each fault the operation has failed for want of memory and nothing has changed, or
it was done wholly: configuration, events and hooks are looked at, the hooks with packets.
With --dry-run there are no faults, and any kernel will do.
"""

import argparse
import ctypes
import os
import subprocess
import sys

import bench
import fault
from bench import LOST, NO_MEMORY, VPN_OUT, Bench, session, set_namespace
from nl_churn import libc, new_namespace
from nl_make import IN, OUT
from nl_socket import DUMP, REQUEST
import ktap  # pylint: disable=wrong-import-order

# More than the longest operation has, so that one that never ends is found.
MOST = 20000
INIT_MODULE = {"x86_64": 313}
V4, V6 = [("addr", bytes((10, 0, 0, 0))), ("len", 8)], [("addr", bytes(16)), ("len", 0)]
CLOCK = [("clock-set", [("source", 1)])]
BASE = [("session-new", session("in", IN, 100)),
        ("session-new", session("out", OUT, VPN_OUT)), *CLOCK]
PORTS = [("port-new", [("dev", d)]) for d in ("v0", "w1")]
FULL_IN = session("new", IN, 300, policy=1, tolerance=5, delay=7, dev="v0",
                  prefixes=[V4, V6], labels=list(range(5000, 9096)))
FULL_OUT = session("new", OUT, 300, policy=1, dev="v0", outer=17, vrf="red", prefixes=[V4, V6])


class Run:
    """The bench, the faults, and how many there were."""

    def __init__(self, options):
        self.bench = Bench()
        self.nth = fault.NoFaults() if options.dry_run else fault.Nth()
        self.dry = options.dry_run

    def each(self, what, attempt):
        """attempt(n) for n = 1, 2, ... until there is no nth allocation."""
        results = {"failed": 0, "done": 0, "lost": 0}
        for n in range(1, MOST):
            try:
                outcome = attempt(n)
            except MemoryError:
                # The fault hit Python.
                outcome = LOST
            happened = self.nth.happened
            if not happened:
                break
            results["lost" if outcome == LOST else "failed" if outcome else "done"] += 1
            ktap.check(outcome == LOST or outcome in (0, *NO_MEMORY),
                       f"{what}: fault {n}: errno {outcome}")
        ktap.equal(f"{what}: outcome without a fault", outcome, 0)
        ktap.check(not happened, f"{what}: more than {MOST} allocations")
        ktap.check(self.dry or n > 1, f"{what}: no allocation can fail")
        ktap.say(f"{what}: {n - 1} faults: {results}")

    def netlink(self, setup, op, values=(), dump=False):
        """An operation of the module, with each of its allocations failing."""
        b = self.bench
        flags = {"flags": REQUEST | DUMP} if dump else {}
        message = b.message(op, values, **flags)

        def attempt(n):
            b.reset(setup)
            before = b.state()
            wanted, events = before.after(op, dict_of(b.spec, op, values))
            with self.nth(n):
                outcome = b.do(message, dump)
            self.judge(f"{op}, fault {n}", outcome, before, wanted, events)
            return outcome

        self.each(op, attempt)

    def judge(self, what, outcome, before, wanted, events):
        """Nothing has changed, or all has."""
        b = self.bench
        state = b.state()
        done = state == wanted if outcome == LOST else outcome == 0
        ktap.check(state == (wanted if done else before),
                   f"{what}: errno {outcome}, but there is {vars(state)}")
        heard = b.events.pending()
        if heard is not None:
            got = [b.spec.by_value[m.cmd] for m in heard]
            ktap.equal(f"{what}: events", got, [op for op, _ in events] if done else [])
        for sentence in b.open_hooks(state, list(b.peers)):
            ktap.check(False, f"{what}: errno {outcome}: {sentence}")

    # Devices

    def pair(self):
        """Devices x0 and x1, which nobody knows yet, away or here."""
        return self.bench.route.do(self.bench.route.veth("x0", "x1"))

    def clear(self, *names):
        """Those of the devices that there are, are gone."""
        for name in names:
            try:
                self.bench.route.delete(name)
            except OSError:
                continue
        self.bench.peers = {k: v for k, v in self.bench.peers.items() if k[0] in "vw"}

    def protected(self, what, *pair):
        """Devices that can be put up are hooked as they should be."""
        b = self.bench
        if all(b.route.up(name) == 0 for name in pair):
            b.join(*pair)
            for sentence in b.open_hooks(b.state(), pair):
                ktap.check(False, f"{what}: {sentence}")


def dict_of(spec, op, values):
    """The values as a reply has them."""
    group = spec.set_of(op)
    return spec.decode(group, bench.encode(spec.attrs(group, values)))


@ktap.test("faults: session-new")
def session_new(run):
    run.netlink(CLOCK, "session-new", session("first", IN, 100))
    run.netlink(CLOCK, "session-new", session("first", OUT, VPN_OUT))
    run.netlink(BASE, "session-new", FULL_IN)
    run.netlink(BASE, "session-new", FULL_OUT)
    run.netlink(BASE + PORTS, "session-new", session("new", IN, 100, labels=[7000, 900000]))


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


@ktap.test("faults: clock")
def clock(run):
    run.netlink(BASE, "clock-set", [("source", 2), ("utc-offset", 5)])
    run.netlink(BASE, "clock-get")


@ktap.test("faults: a device is made where there are sessions")
def device_new(run):
    b = run.bench
    b.reset(BASE)

    def attempt(n):
        run.clear("x0", "x1")
        message = b.route.veth("x0", "x1")
        with run.nth(n):
            outcome = attempt_link(b, message)
        if outcome == 0:
            run.protected(f"device, fault {n}", "x0", "x1")
        return outcome

    run.each("device", attempt)
    run.clear("x0")


def attempt_link(b, message):
    """As Bench.do(), for devices."""
    try:
        return b.route.do(message)
    except OSError as error:
        if error.errno not in NO_MEMORY:
            raise
        b.route.close()
        b.route = bench.Rtnl()
        return LOST


@ktap.test("faults: a device gets the name of a port")
def device_renamed(run):
    b = run.bench
    run.clear("x0", "p0")
    run.pair()
    b.route.do(b.route.rename("x0", "p0"))
    b.reset(BASE + [("port-new", [("dev", "p0")])])

    def attempt(n):
        run.clear("x0", "p0")
        run.pair()
        message = b.route.rename("x0", "p0")
        with run.nth(n):
            outcome = attempt_link(b, message)
        names = {name for _, name in bench.socket.if_nameindex()}
        ktap.check(outcome == LOST or ("p0" in names) == (outcome == 0),
                   f"rename, fault {n}: errno {outcome}, but there is {names}")
        run.protected(f"rename, fault {n}", "p0" if "p0" in names else "x0", "x1")
        return outcome

    run.each("rename", attempt)
    run.clear("p0")


@ktap.test("faults: a device moves to a namespace with sessions")
def device_moved(run):
    b = run.bench
    b.reset(BASE)
    # The kernel warns when it has no memory for a name. What labelhop needs is larger.
    with b.other_namespace() as (here, there), fault.of_sizes("96", "128", "192", "256", "512"):
        away = bench.Rtnl()

        def attempt(n):
            set_namespace(here)
            run.clear("x0", "x1")
            set_namespace(there)
            away.do(away.veth("x0", "x1"))
            messages = [away.move(name, here) for name in ("x0", "x1")]
            with run.nth(n):
                outcomes = [attempt_move(away, m) for m in messages]
            set_namespace(here)
            names = {name for _, name in bench.socket.if_nameindex()}
            if {"x0", "x1"} <= names:
                run.protected(f"move, fault {n}", "x0", "x1")
            else:
                set_namespace(there)
                away.delete("x0" if "x0" not in names else "x1")
                set_namespace(here)
            return max(outcomes)

        run.each("move", attempt)
        run.clear("x0", "x1")
        set_namespace(there)
        away.close()


def attempt_move(route, message):
    try:
        return route.do(message)
    except OSError as error:
        if error.errno not in NO_MEMORY:
            raise
        return error.errno


@ktap.test("faults: a namespace is made")
def namespace(run):
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)

    def attempt(n):
        with run.nth(n):
            failed = libc.unshare(bench.CLONE_NEWNET)
        outcome = ctypes.get_errno() if failed else 0
        set_namespace(here)
        return outcome

    run.each("namespace", attempt)
    os.close(here)


@ktap.test("faults: the module is loaded")
def module(run):
    run.bench.close()
    subprocess.run(["rmmod", "labelhop"], check=True)
    path = os.environ["LABELHOP_KO"]
    number = INIT_MODULE[os.uname().machine]

    def loaded():
        return os.path.exists("/sys/module/labelhop")

    def attempt(n):
        fd = os.open(path, os.O_RDONLY)
        with run.nth(n):
            failed = libc.syscall(number, fd, b"", 0)
        outcome = ctypes.get_errno() if failed else 0
        os.close(fd)
        ktap.equal(f"module, fault {n}: loaded", loaded(), outcome == 0)
        if loaded():
            subprocess.run(["rmmod", "labelhop"], check=True)
        return outcome

    run.each("module", attempt)
    subprocess.run(["modprobe", "labelhop"], check=True)
    new_namespace()
    run.bench = Bench()
    run.bench.reset(BASE)


@ktap.test("faults: nothing has leaked")
def leaks(_run):
    if not os.path.exists(f"{fault.DEBUGFS}/kmemleak"):
        ktap.skip("this kernel has no kmemleak")
    found = fault.leaks()
    ktap.check(not found, f"kmemleak: {found[:3000]}")


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
