#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: packets.py [--seconds N] [--seed S] [--first I] [--rounds N]

The packet fuzzer, inside the lab. Each round makes a frame, gives it to a hook in
several shapes and compares what becomes of it with the reference. What is wrong is
printed with the seed, the round and the first bytes: --seed S --first I --rounds 1
does that round again, and prints all."""

import argparse
import glob
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../net"))
import egress  # noqa: E402
import ingress  # noqa: E402
import ktap  # noqa: E402
from lab import HOUR, Lab, make_params, tai  # noqa: E402
from odd import Odd  # noqa: E402

options = None
COMPLAINTS_MAX = 5
# Digits of a packet that are printed.
DIGITS_MAX = 160
# As many skbs may lie about in the caches of the CPUs.
SLACK = 3000


def members(rng, **more):
    return dict(id=rng.randbytes(8).hex(), seed=rng.randbytes(32).hex(), **more)


def session(net, rng, name, direction, label, policy, prefix="", **more):
    params = make_params(label, 400000 + 10000 * (label - 200), **members(rng, **more))
    if direction == "in":
        words = f"policy {policy} {prefix and 'prefix ' + prefix} tolerance 900ms"
        net.add("PE2", name, "in", params, words)
    else:
        net.add("PE1", name, "out", params, f"policy {policy}" if policy == "monitor" else "")
    return ingress.Session(name, params, policy, prefix)


def sessions_in(net, rng):
    now = tai()
    return [
        session(net, rng, "strict", "in", 200, "strict"),
        session(net, rng, "permissive", "in", 201, "permissive", tags=2, hash_len="full"),
        session(net, rng, "monitor", "in", 202, "monitor", tags=3, hash_len=20),
        session(net, rng, "early", "in", 203, "strict", epoch=now + 40 * HOUR),
        session(net, rng, "late", "in", 204, "monitor", epoch=now - 2 * HOUR,
                lifetime=HOUR),
        session(net, rng, "prefix", "in", 205, "strict", prefix="192.168.2.0/24", hash_len=1),
    ]


def sessions_out(net, rng):
    return [
        session(net, rng, "strict", "out", 200, "strict"),
        session(net, rng, "full", "out", 201, "strict", tags=3, hash_len="full"),
        session(net, rng, "monitor", "out", 202, "monitor", tags=2),
    ]


def skbs():
    """skbs that are in use, those that KASAN keeps after they were freed left out."""
    total = 0
    for path in glob.glob("/sys/kernel/slab/skbuff_*/shrink"):
        with open(path, "w", encoding="ascii") as f:
            f.write("1")
    with open("/proc/slabinfo", encoding="ascii") as f:
        for line in f:
            if line.startswith("skbuff_"):
                total += int(line.split()[1])
    return total


def brief(complaint):
    """Without the greater part of long packets, unless it is about one round."""
    if options.rounds == 1:
        return complaint
    return re.sub(f"([0-9a-f]{{{DIGITS_MAX}}})[0-9a-f]+",
                  lambda match: f"{match[1]}...({len(match[0]) // 2} bytes)", complaint)


def fuzz(fuzzer, kind):
    """Rounds until the time is over; nothing may be wrong and no skb left."""
    before, end = skbs(), time.monotonic() + options.seconds
    complaints, i = 0, options.first
    while complaints < COMPLAINTS_MAX and time.monotonic() < end and (
            not options.rounds or i < options.first + options.rounds):
        for complaint in fuzzer.round(random.Random(f"{kind} {options.seed} {i}")):
            complaints += 1
            ktap.check(False, f"--seed {options.seed} --first {i}: {brief(complaint)}")
        i += 1
    ktap.say(f"{i - options.first} packets, {sum(fuzzer.words.values())} shapes: "
             f"{dict(fuzzer.words.most_common())}")
    more = skbs() - before
    ktap.check(more < SLACK, f"{more} skbs more are in use than before")


def counters(net, name, fuzzer):
    """The module counted what the reference says, and nothing else."""
    for one in {key[0] for key in fuzzer.expected if key[0]}:
        wanted = {key[1]: n for key, n in fuzzer.expected.items() if key[0] == one and n}
        got = {k: v for k, v in net.stats(name, one).items() if v}
        ktap.equal(f"counters of {one}", got, wanted)


@ktap.test("odd packets at the ingress hook")
def at_ingress(net, odd):
    fuzzer = ingress.Fuzzer(odd, sessions_in(net, random.Random(f"in {options.seed}")), tai())
    with net.inside("PE2"):
        fuzz(fuzzer, "in")
    counters(net, "PE2", fuzzer)
    net.labelhop("PE2", "session flush")


@ktap.test("odd packets at the egress hook")
def at_egress(net, odd):
    fuzzer = egress.Fuzzer(odd, sessions_out(net, random.Random(f"out {options.seed}")), tai())
    with net.inside("PE1"):
        fuzz(fuzzer, "out")
    counters(net, "PE1", fuzzer)
    net.labelhop("PE1", "session flush")


def main():
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=30, help="for each hook")
    parser.add_argument("--seed", default=str(int.from_bytes(os.urandom(4), "big")))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=0)
    options = parser.parse_args()
    ktap.say(f"seed {options.seed}")
    random.seed(options.seed)
    with Lab(MTU=egress.MTU) as net:
        net.clocks()
        odd = net.keep(Odd(net))
        odd.watch("PE2", "core")
        odd.watch("P1", "west")
        ktap.main(net, odd)


if __name__ == "__main__":
    main()
