#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 4: others look on. A capture holds a clone of every packet, which must not
change under its eyes, nor change what becomes of the packet.
Kernels differ in: packet sockets."""

import json
import os
import re
import struct
import time
from collections import Counter

import frames
import ktap
from bulk import bulk, no_drops, offloads
from lab import CE2, CE2_6, Lab

PORTS = {"PE1": ("lo", "blue", "ce", "core"), "PE2": ("lo", "blue", "ce", "core"),
         "P1": ("west", "east"), "P2": ("west", "east")}


def read_pcap(path):
    """The frames of a pcap file."""
    with open(path, "rb") as f:
        data = f.read()
    at, out = 24, []
    while at + 16 <= len(data):
        length, = struct.unpack_from("=I", data, at + 8)
        out.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return out


class Dumps:
    """tcpdump on every port."""

    def __init__(self, net):
        self.net, self.processes, self.paths = net, [], {}
        for name, devices in PORTS.items():
            for device in devices:
                path = os.path.join(net.tmp.name, f"{name}-{device}.pcap")
                self.paths[name, device] = path
                process = net.start(
                    name, f"tcpdump -Z root -B 16384 -s 2000 -U -n -i {device} -w {path}",
                    stderr=-1)
                self.processes.append(process)
        for process in self.processes:
            for line in process.stderr:
                if "listening on" in line:
                    break

    def stop(self):
        """The frames by port; and how many the kernel couldn't hand to tcpdump."""
        # What is still on its way to it would be lost, and nobody would say so.
        sizes, since = None, time.monotonic()
        while time.monotonic() < since + 1.5:
            now = [os.path.getsize(path) for path in self.paths.values()]
            if now != sizes:
                sizes, since = now, time.monotonic()
            time.sleep(0.1)
        for process in self.processes:
            process.terminate()
        missed = 0
        for process in self.processes:
            said = process.communicate()[1]
            missed += sum(int(n) for n in re.findall(r"(\d+) packets? dropped by kernel", said))
        return {key: read_pcap(path) for key, path in self.paths.items()}, missed


def customer_traffic(net):
    for to in (CE2, CE2_6):
        net.customer_send(100, b"looked at" * 10, to)
    net.run("CE1", f"ping -q -c 20 -i 0.01 -W 3 -s 1300 {CE2}")
    bulk(net, CE2, 1 << 20)


def vpn_frames(seen, depth):
    """The MPLS frames to PE2 with that many labels, as they are on the wire."""
    parsed = [frames.parse(raw) for raw in seen]
    return [f.raw[14:] for f in parsed if f.proto == frames.ETH_P_MPLS and len(f.stack) == depth]


def compare(dumped, one, other, depth):
    captured, missed = dumped
    a, b = (vpn_frames(captured[key], depth) for key in (one, other))
    ktap.check(len(a) >= 200, f"only {len(a)} frames of {depth} labels on {one}")
    # Two CPUs may send at once, so the order of two captures can differ.
    only = sum((Counter(a) - Counter(b)).values()), sum((Counter(b) - Counter(a)).values())
    ktap.check(sum(only) <= missed,
               f"{only} frames only on {one} or {other}, and tcpdump missed {missed}")
    ktap.say(f"{len(a)} frames on {one}, as on {other}; tcpdump missed {missed}")


def looked_at(net, gro):
    net.protect(hash_len="full", tags=2)
    offloads(net, gro)
    dumps = Dumps(net)
    customer_traffic(net)
    no_drops(net)
    dumped = dumps.stop()
    # 1001 3002 hop tag tag, and at the end hop tag tag.
    compare(dumped, ("PE1", "core"), ("P1", "west"), 5)
    compare(dumped, ("P2", "east"), ("PE2", "core"), 3)
    bare = [f for f in dumped[0]["PE2", "core"] + dumped[0]["PE1", "core"]
            if (p := frames.parse(f)).stack and p.stack[-1].label in (100, 200)]
    ktap.equal("frames captured on the PEs with a bare VPN label", len(bare), 0)


@ktap.test("4 tcpdump on every port: captures are as the wire, and all is verified")
def all_ports():
    with Lab(MTU=1520) as net:
        looked_at(net, "on")


@ktap.test("4 tcpdump on every port, without PHP: lo is a port too")
def all_ports_lo():
    with Lab(MTU=1520, TAIL="nophp") as net:
        net.protect(hash_len="full", tags=2)
        dumps = Dumps(net)
        customer_traffic(net)
        no_drops(net)
        dumped = dumps.stop()
        compare(dumped, ("P2", "east"), ("PE2", "core"), 4)
        inside = vpn_frames(dumped[0]["PE2", "lo"], 3)
        ktap.check(len(inside) >= 200, f"only {len(inside)} frames with the hop label on lo")


@ktap.test("4 a packet that another holds: tc mirrors it, and both are verified")
def mirrored():
    with Lab(MTU=1516) as net:
        net.protect(hash_len="full")
        # The copy leaves by the same device: it must be stamped just once as well.
        net.run("PE2", "tc qdisc add dev core clsact")
        net.run("PE2", "tc filter add dev core ingress matchall action mirred ingress mirror dev lo")
        with net.expect("PE2", "blue-in", verified=100):
            net.customer_send(50, b"mirror" * 20)
        ktap.say(json.dumps(net.stats("PE2", "blue-in")))


if __name__ == "__main__":
    ktap.main()
