#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 6: VLAN tags, accelerated or not. A tag that the kernel takes off after the
hook must not hide a bare VPN label, and none may keep a good packet out."""

import frames
import ktap
from attack import Attacker, stamped, wrong_tag
from lab import CE2, CE2_6, Lab

Q, AD = frames.ETH_P_8021Q, frames.ETH_P_8021AD
PRIORITY = [[(Q, 0)], [(Q, 5 << 13)], [(AD, 0)]]
HIDDEN = [[(Q, 0), (Q, 0)], [(AD, 0), (Q, 0)], [(Q, 0), (AD, 0)], [(Q, 0)] * 3, [(Q, 7 << 13)] * 2]
OTHERS = [[(Q, 7)], [(Q, 7), (Q, 0)], [(Q, 0), (Q, 7)]]


@ktap.test("6 priority tags, one or more, do not bypass")
def priority_tags():
    with Lab() as net:
        # The wire's devices would not see them all: they belong before PE2.
        attacker = Attacker(net)
        bare = frames.stack([200]) + attacker.customer_packet(b"tagged")
        every = PRIORITY + HIDDEN + OTHERS
        with net.tap("CE2", "pe", magic=b"tagged") as tap:
            for vlans in every:
                attacker.inject_bytes(bare, vlans=vlans)
            attacker.inject_bytes(bare)
            before = len(tap.wait(len(PRIORITY + HIDDEN) + 1, 2))
            ktap.say(f"without labelhop {before} of {len(every) + 1} reach CE2")
            ktap.check(before > len(PRIORITY), "the kernel takes no priority tags: nothing is shown")
            tap.clear()

            net.protect()
            for vlans in every:
                attacker.inject_bytes(bare, vlans=vlans)
            with net.expect("PE2", "blue-in", drop_bare=1):
                attacker.inject_bytes(bare)
            ktap.equal("bare packets that reach CE2", len(tap.frames()), 0)

            for vlans in PRIORITY:
                with net.expect("PE2", "blue-in", drop_bare=1, verified=1, drop_bad_tag=1):
                    attacker.inject_bytes(bare, vlans=vlans)
                    good = stamped(net.east, bare[4:])
                    attacker.inject_bytes(good, vlans=vlans)
                    attacker.inject_bytes(wrong_tag(good), vlans=vlans)
            for vlans in HIDDEN:
                with net.expect("PE2", "blue-in", drop_malformed=1):
                    attacker.inject_bytes(bare, vlans=vlans)
            ktap.equal("good ones that reach CE2", len(tap.wait(3)), 3)


@ktap.test("6 the core is a VLAN device: verified, also with a priority tag inside")
def vlan_core():
    with Lab(CORE="vlan", MTU=1516) as net:
        net.protect()
        attacker = Attacker(net)
        with net.expect("PE2", "blue-in", verified=40), net.expect("PE1", "blue-out", stamped=40):
            net.customer_send(20, b"v")
            net.customer_send(20, b"v", CE2_6)
        with net.tap("CE2", "pe", magic=b"tagged") as tap:
            bare = frames.stack([200]) + attacker.customer_packet(b"tagged")
            with net.expect("PE2", "blue-in", drop_bare=1):
                attacker.inject_bytes(bare)
            for vlans in PRIORITY + HIDDEN:
                attacker.inject_bytes(bare, vlans=vlans)
            good = stamped(net.east, bare[4:])
            with net.expect("PE2", "blue-in", verified=2):
                attacker.inject_bytes(good)
                # The VLAN's tag, and a priority tag inside it: seen on `core`.
                attacker.inject_bytes(good, vlans=PRIORITY[0])
            ktap.equal("what reaches CE2", len(tap.wait(2)), 2)
        # Untagged, on the device below: there is no MPLS input on it.
        net.run("CE1", f"ping -q -c 2 -i 0.05 -W 3 {CE2}")


@ktap.test("6 VLAN acceleration off: the tag is in the frame")
def unaccelerated():
    with Lab(CORE="vlan", MTU=1516) as net:
        for name, device in (("PE1", "core0"), ("PE2", "core0"), ("P1", "west0"), ("P2", "east0")):
            net.run(name, f"ethtool -K {device} txvlan off rxvlan off", ok=False)
        net.protect(tags=3, hash_len="full")
        with net.expect("PE2", "blue-in", verified=40), net.expect("PE1", "blue-out", stamped=40):
            net.customer_send(20, b"v" * 500)
            net.customer_send(20, b"v" * 500, CE2_6)


if __name__ == "__main__":
    ktap.main()
