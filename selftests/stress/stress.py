#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: stress.py [--seconds N] [--spread]

Sessions, devices, namespaces and the module come and go under traffic, memory is
short, processors vanish, each for N seconds. All the while no forged or bare packet
may reach the customer, and at the end all works and all is counted. selftests/net/
lifecycle.py has what must happen in each case; this is to meet the rare ones."""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../net"))
import ktap  # noqa: E402
import pressure  # noqa: E402
import frames  # noqa: E402
from attack import Attacker, stamped, wrong_tag  # noqa: E402
from churn import IN, OUT, Churn, must  # noqa: E402
from ktap import busywait  # noqa: E402
from lab import CE2, Lab, make_params  # noqa: E402
from pwlab import ETH_P_TEST, cw_for, frame as pw_frame  # noqa: E402
from traffic import (BREATH, FIRST_MAC, FORGED, SECOND_MAC, attack_frames, blast,  # noqa: E402
                     repeated, traffic, works)

# What frames of pseudowires hold.
GOOD = b"good" * 20
options = None


@contextlib.contextmanager
def nothing_forged(net):
    """What is forged or bare does not reach the customer."""
    with net.tap("CE2", "pe", magic=FORGED) as tap:
        yield
        ktap.equal("forged packets that reached the customer", len(tap.frames()), 0)


def for_seconds(steps):
    """Take steps until the time is over, but two at least; the sum of what they say."""
    end, n, sum_of_all = time.monotonic() + options.seconds, 0, 0
    for amount in steps:
        n, sum_of_all = n + 1, sum_of_all + amount
        if n > 1 and time.monotonic() > end:
            break
    steps.close()
    return sum_of_all


def on_one():
    return pressure.on_one_processor(not options.spread)


def fresh(net):
    net.unprotect()
    net.protect()


@ktap.test("11 sessions replace each other, ports and policies change, under traffic")
def sessions(net, churn):
    fresh(net)
    # The sender uses the second, and the label is never without one.
    net.labelhop("PE2", "session del blue-in")
    net.add("PE2", "a", "in", net.east)
    files = [net.file(p) for p in (make_params(200, 800000), net.east, make_params(300, 700000),
                                   make_params(301, 700000))]
    with nothing_forged(net), traffic(net):
        n = for_seconds(churn.sessions(files[:2], *files[2:]))
    ktap.say(f"{n} changes, a quarter of them new sessions")
    net.labelhop("PE2", "session flush")
    net.add("PE2", "blue-in", "in", net.east)
    net.add("PE2", "blue-out", "out", net.west)
    works(net)


@ktap.test("11 devices vanish, return, are renamed and move, under traffic")
def devices(net, churn):
    fresh(net)
    params = make_params(300, 700000)
    must(churn.route("PE2").do(churn.spare()), "s0 can't be made")
    net.add("PE2", "spare", "in", params, "dev s0")
    must(churn.route("PE2").delete("s0"), "s0 can't be deleted")
    with on_one(), nothing_forged(net), traffic(net), returning(net, churn, params):
        n = for_seconds(churn.devices())
    ktap.say(f"{n} comings and goings")
    works(net)


@contextlib.contextmanager
def returning(net, churn, params):
    """The attacker's mix on those of P2's devices that are there."""
    wire = attack_frames(params, Attacker(net), FIRST_MAC, SECOND_MAC)
    with sending(net, "P2", wire, lambda: churn.live):
        yield


@contextlib.contextmanager
def sending(net, name, wire, devices):
    """Send these on those of devices() that are there, again and again."""
    sender = net.socket(name, socket.AF_PACKET, socket.SOCK_RAW, 0)
    sent = [0]

    def send():
        for device in devices():
            with contextlib.suppress(OSError):
                for frame in wire:
                    sender.sendto(frame, (device, 0))
                    sent[0] += 1

    with repeated(send):
        yield
    ktap.say(f"{sent[0]} packets to devices that come and go")
    ktap.check(sent[0], "nothing could be sent")


def pw_frames(params):
    """Frames for a pseudowire, as P2 would send them: verified, forged, and bare."""
    good, forged = (cw_for(raw) + raw for raw in (pw_frame(GOOD), pw_frame(FORGED)))
    return [Attacker.near_frame(labelled) for labelled in (
        stamped(params, good), wrong_tag(stamped(params, forged)),
        frames.stack([params["label"]]) + forged)]


@ktap.test("11 pseudowires and links come and go, under traffic")
def pseudowires(net, churn):
    fresh(net)
    into, *others = make_params(300, 700000), make_params(301, 710000), make_params(302, 720000)
    files = [net.file(params) for params in (into, *others)]
    # On the core's device the frames are below their labels.
    with net.tap("PE2", None) as tap:
        with on_one(), nothing_forged(net), traffic(net), \
                blast(net, "P2", "east", pw_frames(into)), \
                sending(net, "PE2", [pw_frame(b"out" * 50)], lambda: ["pw0"]):
            n = for_seconds(churn.pseudowires(*files))
        taken = [f.raw for f in tap.frames() if f.proto == ETH_P_TEST]
    ktap.say(f"{n} changes, {len(taken)} frames taken out of their labels")
    ktap.equal("frames", set(taken), {pw_frame(GOOD)})
    works(net)


@ktap.test("11 namespaces with sessions die, under traffic")
def namespaces(net, churn):
    fresh(net)
    params = make_params(300, 700000)
    with on_one(), nothing_forged(net), traffic(net), returning(net, churn, params):
        n = for_seconds(churn.namespaces(params))
    ktap.say(f"{n} namespaces")
    works(net)


@ktap.test("11 the module is removed and loaded, under traffic")
def module(net, churn):
    fresh(net)
    sets = [("PE2", "blue-in", IN, net.east), ("PE1", "blue-out", OUT, net.east),
            ("PE1", "blue-in", IN, net.west), ("PE2", "blue-out", OUT, net.west)]
    good, forged, _, half = attack_frames(net.east, Attacker(net))
    net.dismiss("PE1", "PE2")
    # What is bare passes by right while there is no module.
    with on_one(), nothing_forged(net), blast(net, "P2", "east", [good, forged, half]):
        flow = net.start("CE1", f"ping -q -i {BREATH} -s 1400 {CE2}")
        n = for_seconds(churn.reloads(sets))
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


@contextlib.contextmanager
def short_memory(net):
    """Within, allocations fail: where they can be made to, and else for want of memory."""
    if not pressure.can_fail():
        with pressure.hog(48 << 20) as held:
            ktap.say(f"{held >> 20} MiB held")
            yield
        return
    before = net.stats("PE2", "blue-in")["drop-no-memory"]
    with pressure.failing_allocations() as failed:
        yield
        ktap.say(f"{failed()} allocations failed")
    lost = net.stats("PE2", "blue-in")["drop-no-memory"] - before
    ktap.check(lost, "labelhop lost no packet for want of memory")


@ktap.test("memory is short: good packets may be lost, nothing forged passes")
def memory(net):
    fresh(net)
    with nothing_forged(net), counted(net, lossy=True) as send:
        send()
        with short_memory(net):
            end = time.monotonic() + options.seconds
            while time.monotonic() < end:
                send()
    works(net)
    with nothing_forged(net), counted(net) as send:
        for _ in range(20):
            send()


@ktap.test("11 memory is short for requests: each is done, or refused and changes nothing")
def requests(net, churn):
    if not pressure.can_fail():
        ktap.skip("this kernel can't have allocations fail")
    fresh(net)
    with contextlib.closing(pressure.FailingThread()) as failing:
        with nothing_forged(net), traffic(net):
            refused = for_seconds(churn.refused(make_params(300, 700000), failing))
        failed = failing.count()
    ktap.say(f"{failed} allocations failed, {refused} requests were refused or their answers lost")
    ktap.check(refused and failed, "no request was refused")
    # One may be left.
    net.labelhop("PE2", "port del core", ok=False)
    works(net)


def unplugged(net):
    """Processors go and come, the traffic's and others."""
    last = net.stats("PE2", "blue-in")
    while True:
        for switch in pressure.processors():
            pressure.write(switch, 0)
            last = never_back(net, last)
            pressure.write(switch, 1)
            last = never_back(net, last)
            yield 1


def sent_between(steps, send):
    """The steps, with the attacker's mix sent all the while."""
    with repeated(send):
        yield from steps


@ktap.test("processors vanish and return, under traffic")
def processors(net):
    if not pressure.processors():
        ktap.skip("no processor of this machine can be taken away")
    fresh(net)
    with nothing_forged(net), counted(net) as send:
        n = for_seconds(sent_between(unplugged(net), send))
    ktap.say(f"{n} times")
    works(net)


MIRRORS = (("PE2", "core"), ("PE1", "ce"))


def mirror(net):
    """Copies of what is stamped and verified are sent elsewhere, and wait there, so that
    labelhop is given packets that others hold too."""
    for name, device in MIRRORS:
        for command in ("ip link add copies type dummy", "ip link set copies up",
                        "tc qdisc add dev copies root netem delay 2ms limit 1000",
                        f"tc qdisc add dev {device} clsact",
                        f"tc filter add dev {device} ingress matchall action mirred egress "
                        "mirror dev copies"):
            net.run(name, command)


@ktap.test("all this with copies of the packets sent elsewhere")
def mirrored(net):
    for name, _ in MIRRORS:
        shown = json.loads(net.run(name, "ip -j -s link show copies"))
        copies = shown[0]["stats64"]["tx"]["packets"]
        ktap.say(f"{name}: {copies} copies")
        ktap.check(copies, f"nothing was copied on {name}")


def main():
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=8, help="for each test")
    parser.add_argument("--spread", action="store_true",
                        help="use all processors, for devices, namespaces and the module too")
    options = parser.parse_args()
    # A burst must not be lost in a queue before it comes to labelhop.
    pressure.write("/proc/sys/net/core/netdev_max_backlog", 100000)
    subprocess.run(["modprobe", "-a", "sch_ingress", "sch_netem", "cls_matchall", "act_mirred", "dummy"],
                   check=True)
    with Lab() as net:
        mirror(net)
        # Else each packet to a device that is not there has the kernel run modprobe.
        pressure.write("/proc/sys/kernel/modprobe", "")
        ktap.main(net, Churn(net))


if __name__ == "__main__":
    main()
