#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The running module agrees with the reference, both ways: what it stamps the
reference verifies, what the reference stamps it accepts, for the parameter sets of
selftests/vectors and for random ones."""

import json
import os
import random

import frames
import ktap
from attack import Attacker, stamped, wrong_tag
from lab import HOUR, SECOND, SELFTESTS, Lab, make_params, ref, tai

RANDOM_SETS = 8
LENGTHS = (0, 1, 35, 36, 37, 63, 64, 65, 100, 101, 300, 1300)


def vector_sets():
    """The sets of derive.json, brought to now, with slots that outlast the test. Keys,
    hop labels and tags depend on neither epoch nor duration but by the slot number."""
    with open(os.path.join(SELFTESTS, "vectors/derive.json"), encoding="ascii") as f:
        groups = json.load(f)["groups"]
    # The largest K, and of the others as many as emulation has time for.
    groups.sort(key=lambda group: len(group["params"]["labels"]))
    for group in groups[::6] + groups[-1:]:
        params = dict(group["params"])
        params.update(label=200, epoch=tai() - random.randrange(3) * HOUR - 60 * SECOND,
                      lifetime=0, slots=[HOUR] * min(len(params["slots"]), 256))
        if 200 in params["labels"] or any(k < 20000 for k in params["labels"]):
            params["labels"] = random.sample(range(500000, 510000), len(params["labels"]))
        yield params


def random_sets():
    for _ in range(RANDOM_SETS):
        tags = random.randint(1, 3)
        members = {"tags": tags, "hash_len": random.choice(["full", 1, 20, 64, 128, 1000]),
                   "lifetime": random.choice([0, 100 * HOUR]),
                   "generation": random.randint(1, 2**32 - 1)}
        mask = random.getrandbits(64) | random.getrandbits(64)
        if random.random() < 0.4:
            members["and"] = f"0x{mask | (0xffff << 4) * 0x10000100001 & (2**64 - 1):016x}"
        else:
            members["select"] = f"0x{mask:016x}"
        params = make_params(200, labels=random.choice([1, 2, 16, 500]), **members)
        try:
            ref.validate(params)
        except ValueError:
            params = make_params(200, tags=tags)
        yield params


def payloads():
    for length in random.sample(LENGTHS, 6):
        yield os.urandom(length)


def agree(net, params):
    net.unprotect()
    east = ref.validate(params)
    net.add("PE2", "in", "in", params)
    net.add("PE1", "out", "out", params)
    attacker = Attacker(net)

    # What the module stamps.
    magic = os.urandom(8)
    sent = [magic + data for data in payloads()]
    with net.tap("WIRE", "w1", magic=magic, mpls=True) as tap:
        with net.expect("PE2", "in", verified=2 * len(sent)):
            for data in sent:
                net.customer_send(1, data)
                net.customer_send(1, data, to="fd02::1")
        seen = tap.wait(2 * len(sent))
    ktap.equal("stamped packets seen", len(seen), 2 * len(sent))
    for frame in seen:
        labelled = frames.stack(frame.stack[1:]) + frame.payload
        verdict = ref.verify(east, tai(), 900 * 10**6, 0, labelled)[0]
        ktap.equal("the reference's verdict", verdict, ref.VERIFIED)

    # What the reference stamps, and the same with one bit turned.
    good = [stamped(params, attacker.customer_packet(magic + data, src=src))
            for data in payloads() for src in ("192.168.1.66", "fd01::66")]
    with net.expect("PE2", "in", verified=len(good)):
        for labelled in good:
            attacker.inject_bytes(labelled)
    with net.expect("PE2", "in", drop_bad_tag=len(good)):
        for labelled in good:
            attacker.inject_bytes(wrong_tag(labelled))


@ktap.test("vectors: module and reference agree on the sets of the vectors")
def of_vectors(net):
    sets = list(vector_sets())
    ktap.check(len(sets) > 10, "the vectors hold more than ten sets")
    for params in sets:
        agree(net, params)


@ktap.test("vectors: module and reference agree on random sets")
def of_random(net):
    seed = random.getrandbits(32)
    random.seed(seed)
    ktap.say(f"seed {seed}")
    for params in random_sets():
        agree(net, params)


if __name__ == "__main__":
    with Lab() as topology:
        topology.clocks()
        ktap.main(topology)
