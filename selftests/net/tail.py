#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 7: what is left of the transport labels when a packet reaches its PE, and what
becomes of the TTL."""

import frames
import ktap
from attack import Attacker, stamped, wrong_tag
from ktap import busywait
from lab import CE2, CE2_6, PORT, Lab, socket

ROUTERS = ("PE1", "P1", "ASBR1", "ASBR2", "P2", "PE2")


def ttls(net, to):
    """The TTL at CE2 of packets that left CE1 with some TTLs; those that arrive."""
    family, level, option = socket.AF_INET, socket.IPPROTO_IP, socket.IP_TTL
    at = 8
    if ":" in to:
        family, level, option = socket.AF_INET6, socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS
        at = 7
    out = {}
    with net.tap("CE2", "pe", magic=b"ttl") as tap, net.inside("CE1"):
        with socket.socket(family, socket.SOCK_DGRAM) as s:
            # They keep their order: when the last has come, so have the others.
            for ttl in (1, 2, 3, 4, 5, 6, 64, 255):
                s.setsockopt(level, option, ttl)
                s.sendto(b"ttl%d " % ttl, (to, PORT))
        busywait(5, lambda: any(b"ttl255 " in f.payload for f in tap.frames()))
        for frame in tap.frames():
            sent = int(frame.payload.split(b"ttl")[1].split()[0])
            out[sent] = frame.payload[at]
    return out


def propagate(net, on):
    for name in ROUTERS:
        net.run(name, f"sysctl -qw net.mpls.ip_ttl_propagate={on}")


def models(net, nulls=0):
    """Uniform and pipe: the TTLs at CE2 are those of before."""
    before = {(on, to): (propagate(net, on), ttls(net, to))[1]
              for on in (1, 0) for to in (CE2, CE2_6)}
    for key, seen in before.items():
        ktap.check(64 in seen, f"{key}: nothing reaches CE2 without labelhop")
    ktap.check(before[1, CE2] != before[0, CE2], "uniform and pipe are the same here")
    ktap.say(f"{before}")
    net.protect(hash_len="full")
    for (on, to), seen in before.items():
        propagate(net, on)
        now = ttls(net, to)
        # labelhop takes explicit nulls off without asking for their TTL, so that what
        # would just expire there arrives.
        more = {ttl for ttl in now if ttl not in seen}
        ktap.check(len(more) <= nulls, f"TTLs {more} arrive, and did not without labelhop")
        ktap.equal(f"TTLs at CE2 for {to}, propagation {on}", {k: now.get(k) for k in seen}, seen)
    propagate(net, 1)


def traffic(net, depth):
    """A packet each way and kind is verified; how many labels PE2 gets."""
    with net.tap("PE2", "core", mpls=True) as tap:
        with net.expect("PE2", "blue-in", verified=40), net.expect("PE1", "blue-out", stamped=40):
            net.customer_send(20, b"tail")
            net.customer_send(20, b"tail", CE2_6)
        depths = {len(f.stack) for f in tap.wait(40)}
    ktap.equal("labels that PE2 gets", depths, {depth})


def entry_fields(net):
    """The hop label has the VPN label's TTL and TC, tag labels 0."""
    with net.tap("P1", "west", mpls=True, magic=b"entry") as tap:
        net.customer_send(3, b"entry")
        for frame in tap.wait(3):
            hop, tag = frame.stack[-2:]
            ktap.equal("hop label's TC, S", (hop.tc, hop.s), (0, 0))
            ktap.equal("hop label's TTL", hop.ttl, frame.stack[0].ttl)
            ktap.equal("tag label's TC, S, TTL", tag[1:], (0, 1, 0))


def rewritten(net):
    """TTL and TC on the way are nobody's business: they aren't hashed."""
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"tc", ttl=30)
    with net.tap("CE2", "pe", magic=b"tc") as tap:
        with net.expect("PE2", "blue-in", verified=4):
            for tc, ttl in ((0, 64), (7, 64), (3, 2), (0, 255)):
                attacker.inject_bytes(stamped(net.east, packet, ttl, tc))
        # The uniform model hands the label's TTL, one less, to the IP header.
        ktap.equal("TTLs at CE2", sorted(f.payload[8] for f in tap.wait(4)), [1, 63, 63, 254])


@ktap.test("7 PHP: verified; TTL uniform and pipe as without labelhop")
def php():
    with Lab(MTU=1516) as net:
        models(net)
        traffic(net, 2)
        entry_fields(net)
        rewritten(net)


@ktap.test("7 no PHP: the PE pops its transport label to lo; the same")
def no_php():
    with Lab(MTU=1516, TAIL="nophp") as net:
        models(net)
        traffic(net, 3)
        attacker = Attacker(net)
        bare = attacker.customer_packet(b"bare")
        with net.tap("CE2", "pe", magic=b"bare") as tap:
            with net.expect("PE2", "blue-in", drop_bare=3, drop_bad_tag=1):
                attacker.inject([200], bare)
                attacker.inject([2102, 200], bare)
                attacker.inject([2102, 2102, 200], bare)
                attacker.inject_bytes(frames.stack([frames.Entry(2102, s=0)])
                                      + wrong_tag(stamped(net.east, bare)))
            ktap.equal("reached CE2", len(tap.frames()), 0)


@ktap.test("7 explicit null above the hop label: the same, IPv4's and IPv6's, one or more")
def explicit_null():
    with Lab(MTU=1516, TAIL="null") as net:
        models(net, 1)
        traffic(net, 3)
        attacker = Attacker(net)
        packet = attacker.customer_packet(b"null")
        good = stamped(net.east, packet)
        with net.tap("CE2", "pe", magic=b"null") as tap:
            for nulls in ([], [0], [2], [0, 0], [2, 0, 2]):
                above = b"".join(frames.stack([frames.Entry(n, s=0)]) for n in nulls)
                with net.expect("PE2", "blue-in", verified=1, drop_bad_tag=1, drop_bare=1):
                    attacker.inject_bytes(above + good)
                    attacker.inject_bytes(above + wrong_tag(good))
                    attacker.inject_bytes(above + frames.stack([200]) + packet)
            ktap.equal("reached CE2", len(tap.wait(5)), 5)
            # With S = 1 an explicit null ends the stack: the packet isn't the VPN's.
            with net.expect("PE2", "blue-in"):
                attacker.inject_bytes(frames.stack([frames.Entry(0, s=1)]) + good)


@ktap.test("7 more explicit nulls than anyone counts: no way around by lo, dev or not")
def many_nulls():
    with Lab(MTU=1516, TAIL="null") as net:
        net.protect()
        attacker = Attacker(net)
        packet = attacker.customer_packet(b"nulls")
        bare = frames.stack([200]) + packet
        for dev in ("", "dev core"):
            net.unprotect("PE2")
            net.add("PE2", "blue-in", "in", net.east, dev)
            with net.tap("CE2", "pe", magic=b"nulls") as tap:
                for count in (7, 8, 9, 128):
                    nulls = frames.stack([frames.Entry(0, s=0)]) * count
                    with net.expect("PE2", "blue-in", verified=1, drop_bare=1):
                        attacker.inject_bytes(nulls + bare)
                        attacker.inject_bytes(nulls + stamped(net.east, packet))
                ktap.equal("reached CE2", len(tap.wait(4)), 4)


if __name__ == "__main__":
    ktap.main()
