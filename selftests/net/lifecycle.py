#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 11: sessions, devices, namespaces and the module come and go under traffic.
What is proved besides the counters is that the kernel survives: the lab fails on any
splat. Traffic is good, forged and bare packets at once, on the wire and at PE1.
Kernels differ in: what ends in which order."""

import os
import subprocess

import frames
import ktap
from attack import Attacker, stamped
from ktap import busywait
from lab import TOOLS, Lab, make_params
from traffic import (FIRST_MAC, SECOND_MAC, attack_frames, blast, has_device, spare, traffic,
                     works)


@ktap.test("11 sessions are replaced under traffic, 30 times")
def sessions(net):
    net.unprotect()
    net.protect()
    east, west = net.file(net.east), net.file(net.west)
    with traffic(net):
        for _ in range(30):
            net.tell("PE2", "session flush",
                     f"session add blue-in dir in params {east} tolerance 900ms",
                     f"session add blue-out dir out params {west}")
            net.tell("PE1", "session del blue-out", f"session add blue-out dir out params {east}")
            ktap.check(busywait(10, lambda: net.stats("PE2", "blue-in")["verified"]),
                       "a new session verified nothing")
    works(net)


@ktap.test("11 a device vanishes and comes back under traffic, 8 times")
def devices(net):
    net.unprotect()
    net.protect()
    spare(net, "add")
    net.unprotect("PE2")
    net.add("PE2", "blue-in", "in", net.east, "dev s0")
    net.add("PE2", "blue-out", "out", net.west)
    hexes = attack_frames(net.east, Attacker(net), FIRST_MAC, SECOND_MAC)
    for _ in range(8):
        with blast(net, "P2", "s1", hexes):
            before = net.stats("PE2", "blue-in")["verified"]
            busywait(10, lambda: net.stats("PE2", "blue-in")["verified"] > before)
            after = net.stats("PE2", "blue-in")["verified"]
            ktap.check(after > before, "nothing was verified on the device that came back")
            spare(net, "del")
        spare(net, "add")
    spare(net, "del")


def rename_spare(net, old, new):
    """A sender towards the device that has a new name. Its peer comes up last: one that
    only gets its carrier back drops all until the kernel looks at it, a second later."""
    net.shell(f"ip -n $P2 link set s1 down && ip -n $PE2 link set {old} down && "
              f"ip -n $PE2 link set {old} name {new} && ip -n $PE2 link set {new} up && "
              "ip -n $P2 link set s1 up")
    return net.sender("P2", "s1")


@ktap.test("11 a device is renamed: the session is for all devices until one has the name")
def renamed(net):
    net.unprotect()
    net.protect()
    spare(net, "add")
    net.unprotect("PE2")
    net.add("PE2", "blue-in", "in", net.east, "dev s0")
    attacker = Attacker(net)
    good = frames.ethernet(FIRST_MAC, SECOND_MAC, frames.ETH_P_MPLS,
                           stamped(net.east, attacker.customer_packet(b"renamed")))
    sender = net.sender("P2", "s1")
    with net.expect("PE2", "blue-in", verified=3):
        sender.send(good, good, good)
    sender = rename_spare(net, "s0", "s9")
    with net.expect("PE2", "blue-in", verified=3):
        sender.send(good, good, good)
    sender = rename_spare(net, "s9", "s0")
    with net.expect("PE2", "blue-in", verified=3):
        sender.send(good, good, good)
    spare(net, "del")


@ktap.test("11 a device moves to another namespace under traffic, 8 times")
def moved(net):
    net.unprotect()
    net.protect()
    spare(net, "add")
    with traffic(net), blast(net, "P2", "s1", attack_frames(
            net.east, Attacker(net), FIRST_MAC, SECOND_MAC)):
        net.script("""for i in {1..8}; do
            ip -n $PE2 link set s0 netns $CE2 && ip -n $CE2 link set s0 up &&
            ip -n $CE2 link set s0 netns $PE2 && ip -n $PE2 link set s0 up || break
        done; [ $i = 8 ]""")
    works(net)
    spare(net, "del")


@ktap.test("11 a namespace with sessions dies under traffic, 4 times")
def namespaces(net):
    net.unprotect()
    net.protect()
    params = make_params(300, 700000)
    path = net.file(params)
    hexfile = os.path.join(net.tmp.name, "dying.hex")
    with open(hexfile, "w", encoding="ascii") as f:
        f.writelines(frame.hex() + "\n" for frame in attack_frames(
            params, Attacker(net), FIRST_MAC, SECOND_MAC))
    # Past the queues of a device that dies, packet_pick_tx_queue() divides by their
    # number, which is 0 by then (7.3; the older kernels are seldom preempted there).
    inject = os.path.abspath(os.path.join(TOOLS, "lh-inject"))
    flood = [inject, "--qdisc", "--count", "20000", "--file", hexfile, "s1"]
    with traffic(net):
        for _ in range(4):
            ns = f"lh-dying-{os.urandom(4).hex()}"
            net.shell(f"ip netns add {ns} && ip link add s0 netns {ns} address {FIRST_MAC} "
                      f"type veth peer name s1 netns $P2 address {SECOND_MAC} && "
                      f"ip -n {ns} link set lo up && ip -n {ns} link set s0 up && "
                      "ip -n $P2 link set s1 up")
            net.adopt("dying", ns)
            net.clocks("dying")
            net.tell("dying", "port add s0",
                     f"session add dying dir in params {path} tolerance 900ms")
            flow = net.start("P2", flood, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ktap.check(busywait(20, lambda: net.stats("dying", "dying")["verified"]),
                       "nothing was verified in the new namespace")
            net.forget("dying")
            net.shell(f"ip netns del {ns}")
            ktap.check(busywait(20, lambda: not has_device(net, "P2", "s1")),
                       "the device outlives its namespace")
            flow.wait()
    works(net)


@ktap.test("11 the module is removed and loaded under traffic, 5 times")
def module(net):
    net.unprotect()
    net.protect()
    east, west = net.file(net.east), net.file(net.west)
    with traffic(net):
        for _ in range(5):
            net.dismiss("PE1", "PE2")
            net.run("PE2", "rmmod labelhop")
            net.run("PE2", "modprobe labelhop")
            net.clocks()
            net.tell("PE2", f"session add blue-in dir in params {east} tolerance 900ms",
                     f"session add blue-out dir out params {west}")
            net.tell("PE1", f"session add blue-in dir in params {west} tolerance 900ms",
                     f"session add blue-out dir out params {east}")
    works(net)


if __name__ == "__main__":
    with Lab() as topology:
        ktap.main(topology)
