#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Traps 3 and 6: what follows the label stack may be short, padded, odd or absent."""

import os
import random

import frames
import ktap
from attack import Attacker, hop_now, stamped, wrong_tag
from lab import CE1, CE2, CE2_6, Lab, make_params, ref


def fresh(net, **members):
    """A new session in on PE2."""
    net.labelhop("PE2", "session flush")
    net.east = make_params(200, **members)
    net.add("PE2", "blue-in", "in", net.east)


def tagged(params, tags_of, payload):
    """Stack and payload of a packet whose tags are those of other bytes."""
    p = ref.validate(params)
    number = 0
    tags = ref.tags(p, ref.siphash(ref.slot_key(p, number), ref.le64(len(tags_of))
                                   + tags_of[:p.hash_len or None]))
    return frames.stack([hop_now(params)] + [frames.Entry(t, ttl=0) for t in tags]) + payload


@ktap.test("3 Ethernet padding: short frames with random padding verify")
def padded(net):
    fresh(net, hash_len="full")
    attacker = Attacker(net)
    with net.tap("CE2", "pe", magic=b"pad") as tap:
        with net.expect("PE2", "blue-in", verified=100):
            for i in range(100):
                src = "fd01::9" if i % 3 == 0 else CE1
                packet = stamped(net.east, attacker.customer_packet(b"pad", src=src))
                attacker.inject_bytes(packet + os.urandom(random.randint(1, 60)))
        got = tap.wait(100)
    ktap.equal("reached CE2", len(got), 100)
    lengths = {len(frames.true_payload(f.payload)) for f in got}
    ktap.equal("lengths of the IP packets", lengths, {31, 51})


@ktap.test("3 Ethernet padding: what it holds can't turn a verdict")
def padding_verdict(net):
    attacker = Attacker(net)
    packet = stamped(net.east, attacker.customer_packet(b"x"))
    forged = wrong_tag(packet)
    paddings = [b"\0" * 17, b"\xff" * 17, packet[:17], b"E" * 17, b"\x60" * 40]
    with net.expect("PE2", "blue-in", verified=len(paddings), drop_bad_tag=len(paddings)):
        for padding in paddings:
            attacker.inject_bytes(packet + padding)
            attacker.inject_bytes(forged + padding)
    # One byte less than the IP header says is no padding.
    with net.expect("PE2", "blue-in", drop_malformed=1):
        attacker.inject_bytes(packet[:-1])


@ktap.test("3 Ethernet padding: short packets from a customer, stamped and verified")
def padded_customer(net):
    net.unprotect()
    net.protect(hash_len="full")
    with net.expect("PE1", "blue-out", stamped=20), net.expect("PE2", "blue-in", verified=20):
        net.customer_send(10, b"")
        net.customer_send(10, b"1")


@ktap.test("6 IPv6 payloads")
def ipv6(net):
    with net.tap("CE2", "pe", magic=b"six") as tap:
        with net.expect("PE2", "blue-in", verified=30):
            for size in (0, 100, 1300):
                net.customer_send(10, b"six" + b"s" * size, CE2_6)
        ktap.equal("reached CE2", len(tap.wait(30)), 30)


@ktap.test("6 IP options, and IPv6 extension headers")
def options(net):
    attacker = Attacker(net)
    fresh(net, hash_len=40)
    with_options = [attacker.customer_packet(b"opt", options=b"\x01" * n)
                    for n in (4, 20, 40)]
    # Hop-by-hop options of 8 bytes: padding (PadN 4), then UDP.
    inner = bytes([17, 0, 1, 4, 0, 0, 0, 0]) + b"opt" * 4
    with_options.append(attacker.customer_packet(inner, src="fd01::9", proto=0))
    with net.tap("CE2", "pe", magic=b"opt") as tap:
        with net.expect("PE2", "blue-in", verified=len(with_options)):
            for packet in with_options:
                attacker.inject_bytes(stamped(net.east, packet))
        ktap.equal("reached CE2", len(tap.wait(len(with_options))), len(with_options))


@ktap.test("6 payloads shorter than the hash length")
def short(net):
    attacker = Attacker(net)
    for hash_len in (1, 20, 29, 30, 64, 65535, "full"):
        fresh(net, hash_len=hash_len)
        packets = [stamped(net.east, attacker.customer_packet(data)) for data in (b"", b"a", b"ab")]
        with net.expect("PE2", "blue-in", verified=3, drop_bad_tag=3):
            attacker.near.send(*(attacker.near_frame(p) for p in packets))
            attacker.near.send(*(attacker.near_frame(wrong_tag(p)) for p in packets))


@ktap.test("6 empty payload: the stack and nothing else")
def empty(net):
    attacker = Attacker(net)
    for tags in (1, 2, 3):
        fresh(net, tags=tags)
        with net.expect("PE2", "blue-in", verified=5, drop_bad_tag=5):
            attacker.inject_bytes(stamped(net.east, b""), 5)
            attacker.inject_bytes(wrong_tag(stamped(net.east, b"")), 5)
        # Cut off within the stack.
        whole = stamped(net.east, b"")
        with net.expect("PE2", "blue-in", drop_malformed=len(whole) - 4):
            for length in range(4, len(whole)):
                attacker.inject_bytes(whole[:length])
    attacker.inject_bytes(b"")
    attacker.inject_bytes(b"\x7a")


@ktap.test("6 payloads that claim to be IP and are too short are malformed")
def too_short(net):
    attacker = Attacker(net)
    fresh(net, hash_len="full")
    packet = attacker.customer_packet(b"abc")
    six = attacker.customer_packet(b"abc", src="fd01::9")
    bad = [packet[:n] for n in (1, 2, 19, 30)] + [six[:n] for n in (1, 39, 50)]
    bad.append(packet[:2] + b"\x00\x13" + packet[4:])
    bad.append(packet[:2] + b"\xff\xff" + packet[4:])
    with net.expect("PE2", "blue-in", drop_malformed=len(bad)):
        for payload in bad:
            attacker.inject_bytes(tagged(net.east, payload, payload))


@ktap.test("6 payloads that aren't IP are hashed as they are")
def not_ip(net):
    attacker = Attacker(net)
    payloads = [b"\x00\x00\x00\x01" + os.urandom(60), b"\xff" * 100, b"\x10", b"\x75"]
    with net.expect("PE2", "blue-in", verified=len(payloads), drop_bad_tag=len(payloads)):
        for payload in payloads:
            good = tagged(net.east, payload, payload)
            attacker.inject_bytes(good)
            # Padding can't be told from such a payload.
            attacker.inject_bytes(good + b"\0")


@ktap.test("3 fragments, and a datagram that the customer's router fragmented")
def fragments(net):
    net.unprotect()
    net.protect(hash_len="full")
    net.run("CE1", f"ping -q -c 3 -i 0.05 -W 3 -s 4000 {CE2}")
    for session in (("PE1", "blue-out"), ("PE2", "blue-in")):
        stats = net.stats(*session)
        drops = {k: v for k, v in stats.items() if k.startswith("drop-") and v}
        ktap.equal(f"drops of {session}", drops, {})


if __name__ == "__main__":
    with Lab(MTU=1516) as lab:
        lab.clocks()
        ktap.main(lab)
