#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 13: a packet passes several hooks on its way out: the VLAN, bond or bridge and
the device below, and its segments come by once more. It must be stamped just once.
Kernels differ in: the order of the hooks."""

import json

import frames
import ktap
from bulk import bulk, no_drops, offloads
from lab import CE2, CE2_6, Lab

COUNT = 60


def depths(net, device):
    """What PE1 sends has two transport labels, one hop label, one tag; no more."""
    k = set(net.east["labels"])
    # It ends when nothing comes any more, TCP's last word included.
    capture = net.tool("P1", "lh-cap", "--dir", "in", "--idle", 3000, device)
    with net.expect("PE1", "blue-out", stamped=2 * COUNT), \
            net.expect("PE2", "blue-in", verified=2 * COUNT):
        net.customer_send(COUNT, b"once" * 50)
        net.customer_send(COUNT, b"once" * 50, CE2_6)
    bulk(net, CE2, 1 << 20)
    stacks = [[e[0] for e in json.loads(line)["stack"]]
              for line in capture.communicate()[0].splitlines()]
    ktap.equal("stacks with other than 4 labels", [s for s in stacks if len(s) != 4], [])
    ktap.equal("stacks with other than one hop label",
               [s for s in stacks if len(k.intersection(s[:-1])) != 1], [])
    stamped = net.stats("PE1", "blue-out")["stamped"]
    ktap.equal("frames on the wire for packets stamped", len(stacks), stamped)
    no_drops(net)


def core_over(kind, device):
    with Lab(CORE=kind, MTU=1516) as net:
        net.protect(hash_len="full")
        offloads(net)
        depths(net, device)


@ktap.test("13 re-entrancy: core is a VLAN device")
def over_vlan():
    core_over("vlan", "west")


@ktap.test("13 re-entrancy: core is a bond")
def over_bond():
    core_over("bond", "west")


@ktap.test("13 re-entrancy: core is a bridge")
def over_bridge():
    core_over("bridge", "west")


@ktap.test("13 re-entrancy: segments and a queue discipline of their own")
def over_qdisc():
    with Lab(MTU=1516) as net:
        net.protect(hash_len="full")
        offloads(net)
        net.run("PE1", "tc qdisc add dev core root handle 1: prio")
        net.run("PE1", "tc qdisc add dev core clsact")
        net.run("PE1", "tc filter add dev core egress matchall action pass")
        depths(net, "west")


@ktap.test("13 re-entrancy: lo without PHP: what comes to lo is verified, not stamped")
def over_lo():
    with Lab(MTU=1516, TAIL="nophp") as net:
        net.protect()
        with net.tap("PE2", "lo", mpls=True, direction="both") as tap:
            with net.expect("PE2", "blue-in", verified=COUNT), \
                    net.expect("PE2", "blue-out"):
                net.customer_send(COUNT, b"loop")
            seen = {len(f.stack) for f in tap.frames()}
        ktap.check(seen <= {1, 2}, f"stacks of {seen} labels on lo")


@ktap.test("13 re-entrancy: a stamped packet that is routed back to its sender is not stamped again")
def loop_back():
    with Lab(MTU=1516) as net:
        net.protect()
        # P1 sends the VPN's packets back: PE1 gets its own stamp, for which it has no
        # session in, and forwards it by a label route for the hop label.
        hop = net.show("PE1", "blue-out")["hop"]
        net.run("PE1", "sysctl -qw net.mpls.platform_labels=1048575")
        net.run("PE1", f"ip -f mpls route add {hop} as 4000/{hop} via inet 10.0.1.2 dev core")
        net.run("P1", "ip -f mpls route replace 1001 as 1500 via inet 10.0.1.1 dev west")
        net.run("PE1", "ip -f mpls route add 1500 dev lo")
        net.run("PE1", "ip -f mpls route add 3002 dev lo")
        with net.tap("P1", "west", mpls=True, magic=b"round") as tap:
            with net.expect("PE1", "blue-out", stamped=5):
                net.customer_send(5, b"round")
            stacks = {tuple(frames.labels(f)) for f in tap.wait(10, 3)}
        ktap.say(f"{stacks}")
        tags = [{s[-1] for s in stacks if s[0] == top} for top in (1001, 4000)]
        ktap.equal("tags after the loop", tags[1], tags[0])
        ktap.check(all(s.count(hop) == 1 for s in stacks), "a packet has two hop labels")


if __name__ == "__main__":
    ktap.main()
