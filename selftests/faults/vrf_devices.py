# SPDX-License-Identifier: GPL-2.0
"""Tests of fail_nth.py: VRF devices come and get names, and devices, where VRFs are protected."""

import json
import subprocess

import bench
from bench import CLOCK, LOST
import ktap  # pylint: disable=wrong-import-order


def guarded(b, what, *names):
    """The VRF devices of these names are protected, those that there are."""
    there = {name: number for number, name in bench.socket.if_nameindex()}
    _, vrfs, _ = b.sock.dump("vrf-get")
    got = {vrf["name"]: vrf.get("ifindex") for vrf in vrfs}
    for name in there.keys() & set(names):
        ktap.equal(f"{what}: device of VRF {name}", got.get(name), there[name])


def vrf_made(run, more):
    b = run.bench

    def attempt(n):
        run.clear()
        message = b.route.make_vrf("x0", 20)
        outcome = b.do_link(message, run.nth(n, more))
        guarded(b, f"VRF, fault {n}", "x0")
        return outcome

    run.each("VRF", attempt, ours=False)
    run.clear()


@ktap.test("faults: a VRF device is made whose name is protected, also two in a row")
def vrfs_made(run):
    b = run.bench
    run.clear()
    b.reset([*CLOCK, ("vrf-new", [("name", "x0")])])
    vrf_made(run, 0)
    # As the first VRF its entry needs memory, which is asked for twice.
    b.route.delete("red")
    vrf_made(run, 1)
    bench.ip("link add red type vrf table 10", "link set red up")


def vrf_renamed(run, protected):
    """A VRF device gets a name; it, or the name, is protected."""
    b = run.bench

    def attempt(n):
        new = f"q{n}"
        run.clear()
        ktap.equal("a VRF is made", b.route.do(b.route.make_vrf("x0", 20)), 0)
        b.reset([*CLOCK, ("vrf-new", [("name", protected or new)])])
        message = b.route.make_renamed("x0", new)
        outcome = b.do_link(message, run.nth(n))
        names = {name for _, name in bench.socket.if_nameindex()}
        ktap.check(outcome == LOST or (new in names) == (outcome == 0),
                   f"rename, fault {n}: errno {outcome}, but there is {names}")
        guarded(b, f"rename, fault {n}", new, protected)
        b.route.delete(new)
        return outcome

    run.each("rename", attempt, ours=False)
    run.clear()


@ktap.test("faults: a VRF that is protected gets a name, and one that is not a protected name")
def vrfs_renamed(run):
    vrf_renamed(run, "x0")
    vrf_renamed(run, None)


def master(name):
    """The device that has taken that one."""
    links = json.loads(subprocess.run(["ip", "-j", "link", "show", "dev", name], check=True,
                                      capture_output=True).stdout)
    return links[0].get("master")


@ktap.test("faults: a device enters a protected VRF, and a VRF that has devices is protected")
def entered(run):
    b = run.bench
    b.reset([*CLOCK, ("vrf-new", [("name", "red")])])

    def attempt(n):
        run.clear()
        run.pair(b.route)
        message = b.route.make_enslaved("x0", "red")
        outcome = b.do_link(message, run.nth(n))
        ktap.check(outcome == LOST or (master("x0") == "red") == (outcome == 0),
                   f"entering, fault {n}: errno {outcome}, but its master is {master('x0')}")
        return outcome

    run.each("entering", attempt, ours=False)
    run.netlink(CLOCK, "vrf-new", [("name", "red"), ("policy", 1)])
    run.clear()
