#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: packets.py [--seconds N] [--seed S] [--first I] [--rounds N]

The packet fuzzer, inside the lab. Each round makes a frame, gives it to a hook in
several shapes and compares what becomes of it with the reference. What is wrong is
printed with the seed, the round and the first bytes: --seed S --first I --rounds 1
does that round again, and prints all."""

import argparse
import contextlib
import glob
import json
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
import link_in  # noqa: E402
import link_out  # noqa: E402
import pw_in  # noqa: E402
import pw_out  # noqa: E402
from lab import HOUR, make_params, tai  # noqa: E402
from odd import Odd  # noqa: E402
from pwlab import PE1, PE2, PwLab  # noqa: E402

options = None
COMPLAINTS_MAX = 5
# Digits of a packet that are printed.
DIGITS_MAX = 160
# As many skbs may lie about in the caches of the CPUs.
SLACK = 3000


def members(rng, **more):
    return dict(id=rng.randbytes(8).hex(), seed=rng.randbytes(32).hex(), **more)


def session(net, rng, name, direction, label, policy, prefix="", kind="ip", **more):
    params = make_params(label, 400000 + 10000 * (label - 200), **members(rng, **more))
    if direction == "in":
        words = (f"policy {policy} {prefix and 'prefix ' + prefix} tolerance 900ms "
                 f"payload {kind}")
        net.add("PE2", name, "in", params, words)
    else:
        words = f"policy {policy}" if policy == "monitor" else ""
        net.add("PE1", name, "out", params, f"{words} payload {kind}")
    return ingress.Session(name, params, policy, prefix, kind)


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


def sessions_pw_in(net, rng):
    return [
        session(net, rng, "strict", "in", 200, "strict", kind="pw"),
        session(net, rng, "full", "in", 201, "strict", kind="pw-no-cw", tags=2, hash_len="full"),
        session(net, rng, "permissive", "in", 202, "permissive", kind="pw", tags=3),
        session(net, rng, "monitor", "in", 203, "monitor", kind="pw-no-cw", hash_len=20),
    ]


PWS_IN = (pw_in.Pw("pw0", 200, "strict", True, False), pw_in.Pw("pw1", 201, "full", False, False),
       pw_in.Pw("pw2", 202, "permissive", True, False),
       pw_in.Pw("pw3", 203, "monitor", False, False), pw_in.Pw("pw4", 210, None, True, False),
       pw_in.Pw("pw5", 211, None, False, False), pw_in.Pw("pw6", 212, None, True, True))


def sessions_pw_out(net, rng):
    return [
        session(net, rng, "strict", "out", 200, "strict", kind="pw"),
        session(net, rng, "full", "out", 201, "strict", kind="pw-no-cw", tags=2, hash_len="full"),
        session(net, rng, "monitor", "out", 202, "monitor", kind="pw", tags=3),
    ]


PWS_OUT = (pw_out.Pw("pw0", 200, "strict", True), pw_out.Pw("pw1", 201, "full", False),
           pw_out.Pw("pw2", 202, "monitor", True), pw_out.Pw("pw3", 210, None, True),
           pw_out.Pw("pw4", 211, None, False))


def links_in(net, rng):
    return [
        link_in.Link(session(net, rng, "strict", "in", 200, "strict", kind="link"), (3000, 3001),
                     18),
        link_in.Link(session(net, rng, "permissive", "in", 201, "permissive", kind="link", tags=2,
                             hash_len="full"), (3002, 3003), None),
        link_in.Link(session(net, rng, "monitor", "in", 202, "monitor", kind="link", tags=3),
                     (), None),
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


def at(net, odd, name, fuzzer, kind, *watched):
    """Fuzz in a namespace, with these devices of others' or its own watched."""
    for device in watched:
        odd.watch(*device)
    with net.inside(name):
        fuzz(fuzzer, kind)
    counters(net, name, fuzzer)
    odd.forget()
    net.labelhop(name, "session flush")


@ktap.test("odd packets at the ingress hook")
def ingress_hook(net, odd):
    sessions = sessions_in(net, random.Random(f"in {options.seed}"))
    at(net, odd, "PE2", ingress.Fuzzer(odd, sessions, tai()), "in", ("PE2", "core"))


@contextlib.contextmanager
def pseudowires(net, name, remote, fuzzer, way):
    """Its pseudowires exist within, and their devices have counted what was expected."""
    for pw in fuzzer.pws:
        net.tell(name, f"pw add {pw.device} remote {remote} {pw.ends()}")
        net.run(name, f"ip link set {pw.device} up")
    yield
    shown = {one["ifname"]: one["stats64"][way]
             for one in json.loads(net.run(name, "ip -s -s -j link"))}
    for pw in fuzzer.pws:
        got = {what: shown[pw.device][what] for what in fuzzer.COUNTERS}
        ktap.equal(f"counters of {pw.device}", got,
                   {what: fuzzer.moved[pw.device, what] for what in fuzzer.COUNTERS})
        net.tell(name, f"pw del {pw.device}")


@ktap.test("odd frames of pseudowires at the ingress hook")
def pw_in_hook(net, odd):
    sessions = sessions_pw_in(net, random.Random(f"pw {options.seed}"))
    fuzzer = pw_in.Fuzzer(odd, sessions, PWS_IN, tai())
    with pseudowires(net, "PE2", PE1, fuzzer, "rx"):
        at(net, odd, "PE2", fuzzer, "pw", ("PE2", "core"), *(("PE2", pw.device) for pw in PWS_IN))


@ktap.test("odd frames sent on pseudowires")
def pw_sent(net, odd):
    sessions = sessions_pw_out(net, random.Random(f"pw out {options.seed}"))
    fuzzer = pw_out.Fuzzer(odd, sessions, PWS_OUT, tai())
    with pseudowires(net, "PE1", PE2, fuzzer, "tx"):
        at(net, odd, "PE1", fuzzer, "pw out", ("P1", "west"))


@contextlib.contextmanager
def linked(net, name, links, words):
    """Links exist within; words() has the command that makes one, of its session's name."""
    for link in links:
        net.tell(name, words(link))
    yield
    for link in links:
        net.tell(name, f"link del {link.name}")


@ktap.test("odd packets that leave by a device with a link")
def link_out_hook(net, odd):
    rng = random.Random(f"link out {options.seed}")
    wire = session(net, rng, "wire", "out", 200, "strict", kind="link", tags=2)
    with linked(net, "PE1", [wire], link_out.words):
        at(net, odd, "PE1", link_out.Fuzzer(odd, wire, tai()), "link out", ("P1", "west"))


@ktap.test("odd packets that come by a device with links")
def link_in_hook(net, odd):
    links = links_in(net, random.Random(f"link {options.seed}"))
    with linked(net, "PE2", links, link_in.Link.words):
        at(net, odd, "PE2", link_in.Fuzzer(odd, links, tai()), "link", ("PE2", "core"))


@ktap.test("odd packets at the egress hook")
def egress_hook(net, odd):
    sessions = sessions_out(net, random.Random(f"out {options.seed}"))
    at(net, odd, "PE1", egress.Fuzzer(odd, sessions, tai()), "out", ("P1", "west"))


def main():
    global options
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=30, help="for each test")
    parser.add_argument("--seed", default=str(int.from_bytes(os.urandom(4), "big")))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=0)
    options = parser.parse_args()
    ktap.say(f"seed {options.seed}")
    random.seed(options.seed)
    with PwLab(MTU=egress.MTU) as net:
        net.clocks()
        ktap.main(net, net.keep(Odd(net)))


if __name__ == "__main__":
    main()
