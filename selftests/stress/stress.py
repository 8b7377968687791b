#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: stress.py [--seconds N]

Sessions, devices, namespaces and the module come and go under traffic, memory is
short, processors vanish, each for N seconds. All the while no forged or bare packet
may reach the customer, and at the end all works and all is counted. selftests/net/
lifecycle.py has what must happen in each case; this is to meet the rare ones."""

import argparse
import contextlib
import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../net"))
import ktap  # noqa: E402
import pressure  # noqa: E402
from attack import Attacker  # noqa: E402
from churn import SPARE, Churn  # noqa: E402
from ktap import busywait  # noqa: E402
from lab import CE2, TOOLS, Lab, make_params  # noqa: E402
from traffic import (FIRST_MAC, FORGED, SECOND_MAC, attack_frames, blast, traffic,  # noqa: E402
                     works)

EVER = 1 << 30
options = None


@contextlib.contextmanager
def nothing_forged(net):
    """What is forged or bare does not reach the customer."""
    with net.tap("CE2", "pe", magic=FORGED) as tap:
        yield
        ktap.equal("forged packets that reached the customer", len(tap.frames()), 0)


def for_seconds(steps):
    """Take steps until the time is over, but two at least; their number."""
    end, n = time.monotonic() + options.seconds, 0
    for _ in steps:
        n += 1
        if n > 1 and time.monotonic() > end:
            break
    steps.close()
    return n


def fresh(net):
    net.unprotect()
    net.protect()


@ktap.test("11 sessions replace each other, ports and policies change, under traffic")
def sessions(net, churn):
    fresh(net)
    east = {"a": net.file(net.east), "b": net.file(make_params(200, 800000))}
    net.labelhop("PE2", f"session add a dir in params {net.file(make_params(200, 900000))}"
                        " tolerance 900ms")
    with nothing_forged(net), traffic(net):
        # The one that the sender uses, and the label is never without another.
        net.labelhop("PE2", "session del blue-in")
        n = for_seconds(churn.sessions(east, EVER))
    ktap.say(f"{n} rounds, of 12 changes each")
    net.labelhop("PE2", "session flush")
    net.add("PE2", "blue-in", "in", net.east)
    net.add("PE2", "blue-out", "out", net.west)
    works(net)


@ktap.test("11 devices vanish, return, are renamed and move, under traffic")
def devices(net, churn):
    fresh(net)
    params = make_params(300, 700000)
    churn.batch("ip", [SPARE])
    net.add("PE2", "spare", "in", params, "dev s0")
    churn.batch("ip", ["link del s0"])
    wire = attack_frames(params, Attacker(net), FIRST_MAC, SECOND_MAC)
    with nothing_forged(net), traffic(net), returning(net, "P2", "s1", wire):
        n = for_seconds(churn.devices(EVER))
    ktap.say(f"{n} rounds, of 7 comings and goings each")
    works(net)


@contextlib.contextmanager
def returning(net, name, device, wire):
    """Traffic on a device whenever it is there."""
    inject, hexes = f"{TOOLS}/lh-inject", os.path.join(net.tmp.name, f"{device}.hex")
    with open(hexes, "w", encoding="ascii") as f:
        f.writelines(frame.hex() + "\n" for frame in wire)
    process = net.start(name, ["bash", "-c", f"while :; do {inject} --count 200 --file {hexes} "
                               f"{device}; sleep 0.01; done >/dev/null 2>&1"])
    try:
        yield
    finally:
        process.terminate()
        process.communicate()


@ktap.test("11 namespaces with sessions die, under traffic")
def namespaces(net, churn):
    fresh(net)
    params = make_params(300, 700000)
    wire = attack_frames(params, Attacker(net), FIRST_MAC, SECOND_MAC)
    with nothing_forged(net), traffic(net), returning(net, "P2", "e0", wire), \
            returning(net, "P2", "e1", wire):
        n = for_seconds(churn.namespaces(params, EVER))
    ktap.say(f"{4 * n} namespaces")
    works(net)


def reloads(net, sets):
    """The module goes and comes, with all sessions."""
    for name, session, direction in sets:
        sets[name, session, direction] = net.file(sets[name, session, direction])
    commands = {name: ["clock set tai"] + [
        f"session add {session} dir {direction} params {path}"
        + (" tolerance 900ms" if direction == "in" else "")
        for (where, session, direction), path in sets.items() if where == name]
        for name in ("PE1", "PE2")}
    churn = Churn(net)
    while True:
        net.dismiss("PE1", "PE2")
        net.run("PE2", "rmmod labelhop")
        net.run("PE2", "modprobe labelhop")
        for name, lines in commands.items():
            churn.batch("labelhop", lines, name)
        yield


@ktap.test("11 the module is removed and loaded, under traffic")
def module(net):
    fresh(net)
    sets = {("PE2", "blue-in", "in"): net.east, ("PE1", "blue-out", "out"): net.east,
            ("PE1", "blue-in", "in"): net.west, ("PE2", "blue-out", "out"): net.west}
    good, forged, _, half = attack_frames(net.east, Attacker(net))
    flow = net.start("CE1", f"ping -q -i 0.005 -s 1400 {CE2}")
    # What is bare passes by right while there is no module.
    with nothing_forged(net), blast(net, "P2", "east", [good, forged, half]):
        n = for_seconds(reloads(net, sets))
    flow.terminate()
    flow.communicate()
    ktap.say(f"{n} times")
    works(net)


@contextlib.contextmanager
def counted(net, lossy=False):
    """Rounds of the attacker's mix, by calling what is yielded: each is counted as
    what it is. With lossy, good packets may be lost, but not be too many."""
    names = ("verified", "drop-bad-tag", "drop-bare", "drop-malformed")
    mix, sent = attack_frames(net.east, Attacker(net)), [0]
    sender = net.sender("P2", "east")
    before = net.stats("PE2", "blue-in")

    def send():
        for frame in mix:
            with contextlib.suppress(OSError):
                sender.send(frame)
        sent[0] += 1

    def change():
        now = net.stats("PE2", "blue-in")
        return {name: now[name] - before[name] for name in now if now[name] != before[name]}

    yield send
    wanted = dict.fromkeys(names, sent[0])
    busywait(10, lambda: change() == wanted)
    got = change()
    ktap.say(f"{sent[0]} of each sent, counted {got}")
    if lossy:
        ktap.check(got.get("verified"), "no good packet was verified")
        ktap.check(sum(got.values()) <= 4 * sent[0] and all(
            got.get(name, 0) <= sent[0] for name in names), f"more than was sent: {got}")
    else:
        ktap.equal("counted", got, wanted)


def never_back(net, last):
    """The session's counters, which must not be less than they were."""
    now = net.stats("PE2", "blue-in")
    less = {k: (v, now[k]) for k, v in last.items() if now[k] < v}
    ktap.equal("counters that went backwards", less, {})
    return now


@ktap.test("memory is short: good packets may be lost, nothing forged passes")
def memory(net):
    fresh(net)
    with nothing_forged(net), counted(net, lossy=True) as send:
        send()
        with pressure.hog(24 << 20) as held, pressure.failing_allocations() as failing:
            ktap.say(f"{held >> 20} MiB held; allocations that fail: {failing}")
            end = time.monotonic() + options.seconds
            while time.monotonic() < end:
                send()
    works(net)
    with nothing_forged(net), counted(net) as send:
        for _ in range(20):
            send()


def unplugged(net):
    """Processors go and come, the traffic's and others."""
    last = net.stats("PE2", "blue-in")
    while True:
        for switch in pressure.processors():
            pressure.write(switch, 0)
            last = never_back(net, last)
            pressure.write(switch, 1)
            last = never_back(net, last)
            yield


def sent_between(steps, send):
    """The steps, with the attacker's mix sent all the while."""
    over = threading.Event()

    def sending():
        while not over.wait(0.005):
            send()

    thread = threading.Thread(target=sending)
    thread.start()
    try:
        yield from steps
    finally:
        over.set()
        thread.join()


@ktap.test("processors vanish and return, under traffic")
def processors(net):
    if not pressure.processors():
        ktap.skip("no processor of this machine can be taken away")
    fresh(net)
    with nothing_forged(net), counted(net) as send:
        n = for_seconds(sent_between(unplugged(net), send))
    ktap.say(f"{n} times")
    works(net)


def main():
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10, help="for each test")
    options = parser.parse_args()
    # A burst must not be lost in a queue before it comes to labelhop.
    pressure.write("/proc/sys/net/core/netdev_max_backlog", 100000)
    with Lab() as net:
        ktap.main(net, Churn(net))


if __name__ == "__main__":
    main()
