# SPDX-License-Identifier: GPL-2.0
"""Traffic to do things under: good, forged and bare packets at once, on the wire and
at PE1; and a spare link for it."""

import contextlib
import socket
import threading

import frames
import ktap
from attack import Attacker, stamped, wrong_tag
from lab import CE2

FIRST_MAC, SECOND_MAC = "02:00:00:00:09:01", "02:00:00:00:09:02"
# Seconds between two rounds of packets: an emulated machine has other things to do.
BREATH = 0.02
# What all packets hold that must not reach a customer.
FORGED = b"forged!"


def has_device(net, name, device):
    with net.inside(name):
        return device in (each for _, each in socket.if_nameindex())


def change_vrf(net, words):
    """PE1's device to CE1 leaves its VRF, or joins it. The kernel takes its IPv6 address
    away; CE1 would soon notice that its router is gone."""
    net.run("PE1", f"ip link set ce {words}")
    net.run("PE1", "ip address replace fd01::fe/64 dev ce nodad")


def attack_frames(params, attacker, dst=None, src=None):
    """Frames: verified, forged, bare and with half a stack."""
    good = stamped(params, attacker.customer_packet(b"lifecycle"))
    packet = attacker.customer_packet(FORGED)
    bare = frames.stack([params["label"]]) + packet
    out = []
    for labelled in (good, wrong_tag(stamped(params, packet)), bare, good[:6]):
        if dst:
            frame = frames.ethernet(dst, src, frames.ETH_P_MPLS, labelled)
        else:
            frame = attacker.near_frame(labelled)
        out.append(frame)
    return out


@contextlib.contextmanager
def repeated(send, pause=BREATH):
    """Call send again and again meanwhile, in a thread."""
    over = threading.Event()

    def run():
        while not over.wait(pause):
            send()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def blast(net, name, device, wire):
    """Send the frames on a device again and again, with breaths for the rest of an
    emulated machine; the device may be gone before this ends."""
    sender = net.sender(name, device)

    def send():
        with contextlib.suppress(OSError):
            sender.send(*wire)
    return repeated(send)


@contextlib.contextmanager
def traffic(net):
    """Towards PE2 the attacker's mix, from CE1 the customer's own."""
    flow = net.start("CE1", f"ping -q -i {BREATH} -s 1400 {CE2}")
    with blast(net, "P2", "east", attack_frames(net.east, Attacker(net))):
        try:
            yield
        finally:
            flow.terminate()
            flow.communicate()


def works(net):
    """Every ping passes and is stamped and verified."""
    before = net.stats("PE2", "blue-in")["verified"]
    net.run("CE1", f"ping -q -c 5 -i 0.05 -W 5 {CE2}")
    after = net.stats("PE2", "blue-in")["verified"]
    ktap.check(after >= before + 5, f"verified grew from {before} to {after} only")


def spare(net, action):
    """A second core link of PE2: device s0 there, s1 in P2."""
    if action == "del":
        return net.shell("ip -n $PE2 link del s0")
    return net.shell(
        f"ip link add s0 netns $PE2 address {FIRST_MAC} type veth peer name s1 netns $P2 "
        f"address {SECOND_MAC} && ip -n $PE2 link set s0 up && ip -n $P2 link set s1 up && "
        "ip netns exec $PE2 sysctl -qw net.mpls.conf.s0.input=1")
