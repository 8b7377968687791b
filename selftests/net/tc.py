#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The other end of an unprotected pseudowire is not labelhop but tc, whose actions mpls and
vlan are an implementation of RFC 4448 of their own (without control word)."""

import frames
import ktap
from pwlab import EAST, PE2, WEST, PwLab, frame, random_frame, test

# Without control word a frame below 60 bytes would arrive padded.
SAMPLES = [frame(b"s" * 46), random_frame(61), random_frame(1500),
           frame(b"v" * 60, vlans=[(0x8100, 5)]),
           frame(b"w" * 60, vlans=[(0x88A8, 0x2007), (0x8100, 6)]),
           frame(b"x" * 46, dst="45:00:00:00:00:01"),
           frame(b"y" * 46, dst="60:00:00:00:00:01"),
           frames.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:0b:01", frames.ETH_P_IP,
                           frames.ipv4("10.1.1.2", "10.1.1.1", b"to all" * 9))]
SITE = """
ip link add ac mtu 1600 type veth peer name site mtu 1600
ip link set ac up
ip link set site up
tc qdisc add dev ac clsact
tc qdisc add dev core clsact
"""


def other_end(net):
    """PE2 has a site behind device ac. tc puts its frames below the labels to PE1, and
    takes those with our label out of the core."""
    for line in SITE.strip().splitlines():
        net.run("PE2", line)
    labels = " ".join(f"action mpls mac_push label {label} bos {bos} ttl 255"
                      for label, bos in ((WEST, 1), (3101, 0), (2001, 0)))
    net.run("PE2", f"tc filter add dev ac ingress matchall {labels} "
            "action vlan push_eth dst_mac 02:00:00:00:05:01 src_mac 02:00:00:00:05:02 "
            "action mirred egress redirect dev core")
    net.run("PE2", f"tc filter add dev core ingress protocol mpls_uc flower mpls_label {EAST} "
            "action vlan pop_eth action mpls pop protocol teb "
            "action mirred egress redirect dev ac")


def no_other_end(net):
    net.run("PE2", "ip link del ac")
    net.run("PE2", "tc qdisc del dev core clsact")


def crosses(net, src, there, dst, here):
    for sent in SAMPLES:
        with net.tap(dst, here) as tap:
            net.send(src, there, sent)
            ktap.equal("frames", [f.raw.hex() for f in tap.wait(1)], [sent.hex()])


@test("frames to and from a pseudowire of tc's")
def exchange(net):
    other_end(net)
    try:
        net.pw("PE1", "pw0", PE2, f"in-label {WEST} out-label {EAST}", "control-word off")
        crosses(net, "PE1", "pw0", "PE2", "site")
        crosses(net, "PE2", "site", "PE1", "pw0")
    finally:
        no_other_end(net)


if __name__ == "__main__":
    with PwLab() as lab:
        ktap.main(lab)
