#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Trap 10: every way to get in with less than a right tag, under each policy. The
attacks go over the wire between the ASes, where the attacker of model C is."""

import os

import frames
import ktap
from attack import Attacker, change_entry, hop_now, other_hop, stamped, wrong_tag
from ktap import busywait
from lab import CE2, SECOND, Lab, make_params, ref, tai

COUNT = 20
MALFORMED, BARE, BAD_HOP, BAD_TAG = "malformed", "bare", "bad-hop", "bad-tag"


def entries(*labels):
    return frames.stack(list(labels))


def attacks(params, packet):
    """(name, labelled bytes, reason, whether the entries are well-formed)"""
    hop, tags = hop_now(params), params["tags"]
    good = stamped(params, packet)
    rest = frames.parse_stack(good)[0][1:]
    tag = rest[0]
    yield "bare VPN label", entries(200) + packet, BARE, True
    yield "bare VPN label, S = 0 and a label below", entries(200, 77) + packet, BARE, True
    yield "bare VPN label with a right tag", entries(200, *rest) + packet, BARE, True
    for depth in (0, 1, 2, 3, 4):
        if depth != tags:
            extra = [tag._replace(s=None)] * depth
            yield f"hop label with {depth} tags", entries(hop, *extra) + packet, MALFORMED, False
    yield "hop label with S = 1, and a tag", entries(frames.Entry(hop, s=1), *rest) + packet, MALFORMED, False
    yield ("last tag with S = 0", entries(hop, *rest[:-1], rest[-1]._replace(s=0)) + packet,
           MALFORMED, False)
    if tags > 1:
        yield ("first tag with S = 1", entries(hop, rest[0]._replace(s=1), *rest[1:]) + packet,
               MALFORMED, False)
        yield ("tags in the wrong order", entries(hop, *(e._replace(s=None) for e in rest[::-1]))
               + packet, BAD_TAG, True)
    yield "right tag, another label of K", change_entry(good, 0, label=other_hop(params)), BAD_HOP, True
    yield "right hop label, wrong tag", wrong_tag(good), BAD_TAG, True
    yield ("right hop label, the tag of another set",
           change_entry(stamped(dict(params, seed=os.urandom(32).hex()), packet), 0, label=hop),
           BAD_TAG, True)
    yield "payload modified", good[:-4] + bytes([good[-4] ^ 1]) + good[-3:], BAD_TAG, True
    yield ("payload's TTL modified", good.replace(packet, packet[:8] + b"\x07" + packet[9:]),
           BAD_TAG, True)
    shorter = packet[:2] + (len(packet) - 1).to_bytes(2, "big") + packet[4:]
    yield "payload shortened", good.replace(packet, shorter), BAD_TAG, True
    yield "payload replaced", good.replace(packet, os.urandom(len(packet))), None, True
    yield ("payload cut off", good[:-1], MALFORMED, False)


def all_attacks(net, policy, tags):
    """Each attack: the one counter that it may change, and what CE2 gets."""
    net.unprotect()
    net.east = make_params(200, tags=tags, hash_len="full")
    net.add("PE2", "blue-in", "in", net.east, f"policy {policy}")
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"attack!!!!")
    with net.tap("CE2", "pe", magic=b"attack!!") as tap:
        for name, labelled, reason, well_formed in attacks(net.east, packet):
            ktap.say(f"{policy}: {name}")
            reason = reason or payload_reason(labelled)
            passed = policy == "monitor" or (policy == "permissive" and reason == BARE)
            key = ("bare" if passed and policy == "permissive" else
                   ("pass_" if passed else "drop_") + reason.replace("-", "_"))
            with net.expect("PE2", "blue-in", **{key: COUNT}):
                attacker.inject_wire_bytes(labelled, COUNT)
            # What the kernel makes of a stack of several labels is not ours.
            simple = well_formed and b"attack!!" in labelled and "below" not in name \
                and "with a right" not in name and not name.startswith("payload")
            if passed and simple:
                ktap.equal(f"{name}: reached CE2", len(tap.wait(COUNT)), COUNT)
            if not passed:
                ktap.equal(f"{name}: reached CE2", len(tap.frames()), 0)
            tap.clear()
        with net.expect("PE2", "blue-in", verified=COUNT):
            attacker.inject_wire_bytes(stamped(net.east, packet), COUNT)
        ktap.equal("good packets that reach CE2", len(tap.wait(COUNT)), COUNT)


def payload_reason(labelled):
    """Random bytes may claim to be IP of an impossible length."""
    _, payload = frames.parse_stack(labelled)
    return MALFORMED if ref.payload_length(payload) is None else BAD_TAG


@ktap.test("10 downgrade: policy strict lets none of the attacks in")
def strict(net):
    all_attacks(net, "strict", 1)
    all_attacks(net, "strict", 2)


@ktap.test("10 downgrade: policy permissive lets in what is bare, and nothing else")
def permissive(net):
    all_attacks(net, "permissive", 1)


@ktap.test("10 downgrade: policy monitor drops nothing and counts everything")
def monitor(net):
    all_attacks(net, "monitor", 3)


@ktap.test("10 downgrade: several sessions of one VPN label: the strictest holds")
def strictest(net):
    net.unprotect()
    attacker = Attacker(net)
    net.add("PE2", "one", "in", make_params(200, 510000), "policy permissive")
    net.add("PE2", "two", "in", make_params(200, 520000), "policy strict")
    net.add("PE2", "three", "in", make_params(200, 530000), "policy monitor")
    with net.expect("PE2", "two", drop_bare=5), net.expect("PE2", "one"), \
            net.expect("PE2", "three"):
        attacker.inject([200], attacker.customer_packet(b"x"), 5)
    net.labelhop("PE2", "session del two")
    with net.expect("PE2", "one", bare=5), net.expect("PE2", "three"):
        attacker.inject([200], attacker.customer_packet(b"x"), 5)


def capture_good(net, magic):
    """A packet of the customer's, as it is on the wire."""
    with net.tap("WIRE", "w1", magic=magic, mpls=True) as tap:
        net.customer_send(1, magic)
        return tap.wait(1)[0].raw


@ktap.test("10 replay at once passes within its slot (a documented limit), and changed bytes don't")
def replay_now(net):
    net.unprotect()
    net.protect(hash_len="full")
    attacker = Attacker(net)
    with net.expect("PE2", "blue-in", verified=1):
        frame = capture_good(net, b"replayed")
    with net.tap("CE2", "pe", magic=b"replayed") as tap:
        with net.expect("PE2", "blue-in", verified=7):
            attacker.wire.send(*[frame] * 7)
        ktap.equal("replays that reach CE2", len(tap.wait(7)), 7)
    with net.expect("PE2", "blue-in", drop_bad_tag=7):
        attacker.wire.send(*[frame[:-1] + bytes([frame[-1] ^ 1])] * 7)


@ktap.test("10 hash length 64: bytes beyond are covered by their number alone (a documented limit)")
def beyond_hash(net):
    net.unprotect()
    net.protect(hash_len=64)
    attacker = Attacker(net)
    with net.expect("PE2", "blue-in", verified=1):
        frame = capture_good(net, b"beyond" * 20)
    with net.expect("PE2", "blue-in", verified=1, drop_bad_tag=1):
        attacker.wire.send(frame[:-1] + b"X", frame[:-90] + b"X" + frame[-89:])


@ktap.test("10 replay after its slot is dropped")
def replay_later(net):
    net.unprotect()
    net.protect(slots=[SECOND], labels=64, tolerance="400ms")
    attacker = Attacker(net)
    p = ref.validate(net.east)
    frame = capture_good(net, b"later")
    stamped_in = ref.slot(p, tai())[0]
    busywait(10, lambda: ref.window(p, tai(), 400 * 10**6, 0)[0] > stamped_in + 1)
    before = net.stats("PE2", "blue-in")
    with net.tap("CE2", "pe", magic=b"later") as tap:
        attacker.wire.send(*[frame] * 10)

        def dropped():
            now = net.stats("PE2", "blue-in")
            return sum(now[k] - before[k] for k in ("drop-bad-hop", "drop-bad-tag"))
        busywait(5, lambda: dropped() >= 10)
        ktap.equal("replays dropped", dropped(), 10)
        ktap.equal("replays that reach CE2", len(tap.frames()), 0)
    net.run("CE1", f"ping -q -c 3 -i 0.1 -W 3 {CE2}")


@ktap.test("10 the tag of this slot with the hop label of the last one")
def last_hop(net):
    net.unprotect()
    # The last slot has ended long ago, and this one lasts.
    east = make_params(200, slots=[30 * SECOND, 3600 * SECOND], epoch=tai() - 60 * SECOND)
    while hop_now(east) == hop_now(east, -1):
        east["seed"] = os.urandom(32).hex()
    net.east = east
    net.add("PE2", "blue-in", "in", east)
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"last")
    good = stamped(east, packet)
    late = stamped(east, packet, when=tai() - 45 * SECOND)
    with net.expect("PE2", "blue-in", verified=1, drop_bad_hop=2, drop_bad_tag=1):
        attacker.inject_bytes(good)
        attacker.inject_bytes(late)
        attacker.inject_bytes(change_entry(good, 0, label=hop_now(east, -1)))
        attacker.inject_bytes(change_entry(late, 0, label=hop_now(east)))


if __name__ == "__main__":
    with Lab(MTU=1520) as lab:
        lab.clocks()
        ktap.main(lab)
