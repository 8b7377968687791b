#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Without labelhop: model C works, and anyone on the way gets into the VPN. If
these fail, what the other tests show about labelhop proves nothing."""

import frames
import ktap
from attack import Attacker
from lab import CE2, CE2_6, Lab


def reaches(settings):
    with Lab(**settings) as net:
        for address in (CE2, CE2_6):
            net.run("CE1", f"ping -q -c 3 -i 0.01 -W 2 {address}")


@ktap.test("model C without PHP, core on VLANs")
def no_php():
    reaches({"TAIL": "nophp", "CORE": "vlan"})


@ktap.test("model C with explicit null, next hops by IPv6")
def explicit_null():
    reaches({"TAIL": "null", "VIA": "inet6"})


@ktap.test("model C with PHP: the label stack on the wire")
def wire_stack(net):
    with net.tap("WIRE", "w1", magic=b"baseline", mpls=True) as tap:
        net.customer_send(1, b"baseline")
        seen = tap.wait(1)
    ktap.equal("stack", [frames.labels(f) for f in seen], [[3102, 200]])


@ktap.test("without labelhop every injected packet reaches the customer")
def injected(net):
    attacker = Attacker(net)
    with net.tap("CE2", "pe", magic=b"injected") as tap:
        for source in ("192.168.1.66", "fd01::66"):
            packet = attacker.customer_packet(b"injected", src=source)
            attacker.inject_wire([200], packet, count=50)
            attacker.inject([200], packet, count=50)
        ktap.equal("reached CE2", len(tap.wait(200)), 200)


if __name__ == "__main__":
    with Lab() as lab:
        ktap.main(lab)
