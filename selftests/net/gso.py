#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Traps 1 and 2: super-packets and unfinished checksums. A tag is for a packet on
the wire: what TCP hands down must be segmented and summed up before it is hashed.
Kernels differ in: segmentation."""

import json

import frames
import ktap
from bulk import BYTES, bulk, no_drops, offloads
from lab import CE1, CE2, CE2_6, TOOLS, Lab, ref

def check_wire(lines, params, mtu):
    """Every captured frame fits and has its own right tag, says the reference."""
    p, good, payloads, longest = ref.validate(params), 0, 0, 0
    for line in lines:
        entries = [frames.Entry(*e) for e in line["stack"]]
        if len(entries) < p.tags + 2 or entries[-1 - p.tags].label not in p.labels:
            continue
        payload = bytes.fromhex(line["payload"])
        payloads += 1
        longest = max(longest, 4 * len(entries) + len(payload))
        verdict, _ = ref.verify(p, line["t"], 0, 0, frames.stack(entries[-1 - p.tags:]) + payload)
        good += verdict == ref.VERIFIED
    ktap.check(payloads >= 20, f"only {payloads} frames captured")
    ktap.equal("frames with the right tag", good, payloads)
    ktap.check(longest <= mtu, f"a frame of {longest} bytes on a link of {mtu}")
    return payloads


def captured_bulk(net, to, mtu, bytes_=BYTES):
    capture = net.tool("P1", "lh-cap", "--count", 200, "--dir", "in", "west")
    sent = bulk(net, to, bytes_)
    out, _ = capture.communicate()
    ktap.say(f"{json.dumps(sent)}")
    lines = [json.loads(line) for line in out.splitlines()]
    check_wire(lines, net.east, mtu)
    return sent


@ktap.test("1 GSO: TCP in bulk at core MTU 1500, mtu on the customer's routes, IPv4 and IPv6")
def core_1500():
    # 1500 less a tag; the kernel takes off its own labels.
    with Lab(MTU=1500, ROUTE_MTU=1496) as net:
        # An IPv6 packet-too-big of the kernel's finds no way back into a VRF.
        net.run("CE1", "ip -6 route replace ::/0 via fd01::fe mtu 1484")
        net.protect(hash_len="full")
        offloads(net)
        for to in (CE2, CE2_6):
            captured_bulk(net, to, 1500)
            no_drops(net)
        stamped = net.stats("PE1", "blue-out")["stamped"]
        # Fewer would mean that a super-packet was counted, or left, as one.
        ktap.check(stamped >= 2 * BYTES // 1500, f"only {stamped} packets stamped")


def wide_core(net):
    offloads(net)
    for to in (CE2, CE2_6):
        sent = captured_bulk(net, to, 1516)
        ktap.check(sent["pmtu"] == 1500, f"the customer was told an MTU of {sent['pmtu']}")
        no_drops(net)


def gro_off(net):
    offloads(net, "off")
    bulk(net, CE2)
    no_drops(net)


def both_ways(net):
    offloads(net)
    receiver = net.tool("CE1", "lh-tcp", "recv", 5002)
    back = net.tool("CE2", "lh-tcp", "send", CE1, 5002, BYTES)
    bulk(net, CE2)
    net.result(back)
    ktap.equal("what came back", net.result(receiver), {"bytes": BYTES, "good": True})
    no_drops(net)


def pe_itself(net):
    """TCP of the PE's own, out of the VRF: its super-packets were never received."""
    receiver = net.tool("CE2", "lh-tcp", "recv", 5003)
    command = f"{TOOLS}/lh-tcp send {CE2} 5003 {BYTES // 4} blue"
    sent = net.start("PE1", command)
    ktap.equal("what arrived", net.result(receiver), {"bytes": BYTES // 4, "good": True})
    net.result(sent)
    no_drops(net)


@ktap.test("1 GSO: TCP in bulk at core MTU 1516, GSO and GRO on")
def core_wide():
    with Lab(MTU=1516) as net:
        # Three labels, one hop label for the VPN label, one tag.
        net.protect(hash_len="full")
        for part in (wide_core, gro_off, both_ways, pe_itself):
            ktap.say(part.__name__)
            part(net)


@ktap.test("2 checksum offload: UDP and TCP, forwarded and from the PE, checksums left to the device")
def checksums():
    with Lab(MTU=1516) as net:
        net.protect(hash_len="full")
        for state in ("on", "off"):
            for name, device in (("CE1", "pe"), ("PE1", "core")):
                net.run(name, f"ethtool -K {device} tx {state}")
            flow = net.tool("CE2", "lh-flow", "recv", 5004, 300, 10000)
            for size in (8, 9, 333, 1400):
                with net.expect("PE2", "blue-in", verified=50):
                    net.customer_send(50, b"c" * size)
            net.result(net.tool("CE1", "lh-flow", "send", CE2, 5004, 300, 700, 0))
            result = net.result(flow)
            ktap.equal("flow", (result["received"], result["bad"]), (300, 0))
            bulk(net, CE2, 1 << 20)
            no_drops(net)


if __name__ == "__main__":
    ktap.main()
