#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What leaves and who stamps it: the ways of a packet to the core that are not the plain
one. The table of that name in operation.rst has a row for each."""

import frames
import ktap
from attack import Attacker
from events_out import P1_MAC, PE1_CORE_MAC
from lab import CE2, CE2_6, PORT, Lab, make_params, socket

SOL_UDP, UDP_SEGMENT = 17, 103
COUNT = 20


def has_modules(net, *modules):
    for module in modules:
        if net.run("PE1", f"modprobe {module}", ok=False)[0]:
            ktap.skip(f"this kernel has no {module}")


@ktap.test("customers shaped through an ifb are stamped, IPv4 and IPv6")
def through_ifb(net):
    has_modules(net, "ifb", "act_mirred", "cls_matchall")
    net.run("PE1", "ip link add shaper type ifb")
    net.run("PE1", "ip link set shaper up")
    net.run("PE1", "tc qdisc add dev shaper root tbf rate 100mbit burst 64k latency 50ms")
    net.run("PE1", "tc qdisc add dev ce clsact")
    net.run("PE1", "tc filter add dev ce ingress matchall action mirred egress redirect dev shaper")
    try:
        for to in (CE2, CE2_6):
            with net.expect("PE1", "blue-out", stamped=COUNT), \
                    net.expect("PE2", "blue-in", verified=COUNT):
                net.customer_send(COUNT, b"shaped", to)
    finally:
        net.run("PE1", "tc qdisc del dev ce clsact")
        net.run("PE1", "ip link del shaper")


@ktap.test("packets that GRO keeps as a list arrive, each with its own tag")
def gro_list(net):
    net.run("PE1", "ethtool -K ce gro on")
    if net.run("PE1", "ethtool -K ce rx-gro-list on", ok=False)[0]:
        ktap.skip("this kernel has no rx-gro-list")
    net.run("CE1", "ethtool -K pe tx-udp-segmentation off")
    each, rounds = 20, 10
    try:
        # Somebody who looks on holds what the list is made of, too.
        with net.tap("PE1", "ce", magic=b"listed"), net.tap("CE2", "pe", magic=b"listed") as tap:
            with net.expect("PE1", "blue-out", stamped=each * rounds), \
                    net.expect("PE2", "blue-in", verified=each * rounds):
                with net.inside("CE1"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.setsockopt(SOL_UDP, UDP_SEGMENT, 1000)
                    for _ in range(rounds):
                        s.sendto(b"listed" * 3333 + b"ok", (CE2, PORT))
            ktap.equal("at the customer", len(tap.wait(each * rounds)), each * rounds)
    finally:
        net.run("CE1", "ethtool -K pe tx-udp-segmentation on")
        net.run("PE1", "ethtool -K ce rx-gro-list off")


@ktap.test("packet sockets past the queue discipline beside softirqs: each tag of a link is right")
def qdisc_bypass():
    with Lab(MTU=1520) as net:
        net.clocks("PE1", "P1")
        params = make_params(300, 700000, hash_len="full")
        net.add_link("P1", "west", "up-in", params)
        net.add_link("PE1", "core", "up-out", params)
        before = net.stats("P1", "up-in")
        frame = frames.ethernet(P1_MAC, PE1_CORE_MAC, frames.ETH_P_MPLS, frames.stack([1001, 777]) +
                                Attacker.customer_packet(b"bypass"))
        senders = [net.tool("PE1", "lh-inject", "--count", 10000, "--pad", size, "core", frame.hex())
                   for size in (300, 1400)]
        flow = net.tool("CE1", "lh-flow", "send", CE2, 6000, 10000, 1200, 0)
        for process in senders + [flow]:
            net.result(process)
        ktap.busywait(20, lambda: sum(net.stats("P1", "up-in").values()) -
                      sum(before.values()) >= net.stats("PE1", "up-out")["stamped"])
        got = {k: v for k, v in net.stats("P1", "up-in").items() if v and k != "verified"}
        ktap.equal("all that was not verified", got, {})
        ktap.check(net.stats("P1", "up-in")["verified"] > 20000, "too little came")


if __name__ == "__main__":
    with Lab(MTU=1516) as lab:
        lab.protect(hash_len="full")
        ktap.main(lab)
