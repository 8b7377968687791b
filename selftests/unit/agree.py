#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Compares the C core with the reference on random parameter sets, in KTAP.

Usage: agree.py DERIVE [SEED [COUNT]], where DERIVE is the built helper. The
committed vectors could be learnt by heart; these cases are made when they are
compared, and another seed makes others.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "ref"))

import gen  # noqa: E402
import labelhop_ref as ref  # noqa: E402


def random_set(rnd):
    tags = rnd.between(1, 3)
    label = rnd.choice((16, 1048575, rnd.between(17, 1048574)))
    kind = rnd.below(4)
    count = rnd.choice((1, 2, 3, 7, 8, 30, 256))
    if kind == 0:
        slots = [1000] * count
    elif kind == 1:
        slots = [rnd.choice((1000, gen.DAY)) for _ in range(count)]
    else:
        slots = [rnd.between(1000, rnd.choice((2000, 10**9, gen.DAY))) for _ in range(count)]
    epoch = rnd.choice((0, 1, gen.YEAR_2024 + rnd.below(10**18), rnd.below(2**64),
                        ref.U64_MAX - rnd.below(5000)))
    lifetime = rnd.choice((0, 0, 1, 5000, 10**12, rnd.below(2**64)))
    members = {
        "generation": rnd.choice((1, 2**32 - 1, rnd.between(1, 1000))),
        "label": label,
        "labels": rnd.labels(rnd.choice((1, 2, 3, 5, 16, 200)), label),
        "slots": slots,
        "hash-len": rnd.choice(("full", 1, rnd.between(1, 100), 65535)),
        "tags": tags,
        "epoch": epoch,
        "lifetime": min(lifetime, ref.U64_MAX - epoch),
    }
    if rnd.below(2):
        members["select"] = rnd.mask(rnd.between(16 * tags, 64), range(64))
    else:
        members["and"] = rnd.below(2**4) << 60 | sum(
            rnd.mask(rnd.between(16, 20), range(j * 20, j * 20 + 20)) for j in range(tags))
    return gen.make_set(rnd, **members)


def random_payload(rnd):
    kind = rnd.choice((0, 4, 6))
    length = rnd.between({0: 0, 4: 20, 6: 40}[kind], rnd.choice((64, 64, 300)))
    payload = gen.make_payload(rnd, kind, length, rnd.choice((0, 0, 0, 1, 20)))
    # Some are malformed, and the random ones are allowed to look like IP.
    how = rnd.below(12)
    if how == 0:
        payload = payload[:rnd.below(len(payload) + 1)]
    elif how == 1 and len(payload) > 6:
        payload = gen.flip(payload, rnd.between(0, 6), rnd.below(8))
    return payload


def random_time(rnd, params):
    """A time of the set, often at the limit of a slot."""
    life = (params.over or ref.U64_MAX + 1) - params.epoch
    t = params.epoch + rnd.below(min(life, rnd.choice((5000, 10**9, 10**16, 2**64))))
    if rnd.below(2):
        t = rnd.choice(ref.slot(params, t)[1:]) + rnd.between(-1, 1)
    return min(max(t, params.epoch), params.epoch + life - 1)


def random_settings(rnd, params):
    """(now, tolerance, delay) for a time of the set, or just outside of it."""
    most = min(params.slots) // 2
    tolerance = rnd.choice((0, 1, most, rnd.below(most + 1)))
    delay = rnd.choice((0, 0, 1, rnd.below(10**7), rnd.below(gen.DAY)))
    t = rnd.choice((params.epoch, params.over or ref.U64_MAX, random_time(rnd, params),
                    random_time(rnd, params), random_time(rnd, params), rnd.below(2**64)))
    now = t + delay + rnd.choice((-1, 0, 1)) * tolerance + rnd.between(-1, 1)
    return min(max(now, 0), ref.U64_MAX), tolerance, delay


def damaged(rnd, params, packet):
    how = rnd.below(10)
    if how == 0:
        return packet[:rnd.below(len(packet) + 1)]
    if how == 1:
        return gen.flip(packet, rnd.below(len(packet)), rnd.below(8))
    if how == 2:
        return gen.entry_with(packet, 0, label=rnd.choice(params.labels))
    if how == 3:
        return ref.entry(rnd.choice((0, 2)), 1, 0, 9) * rnd.between(1, 3) + packet
    if how == 4:
        return ref.entry(params.label, 1, rnd.below(2), 9) + packet[4:]
    if how == 5:
        return gen.entry_with(packet, rnd.below(params.tags + 1), s=rnd.below(2))
    return packet


def cases_of(rnd, params):
    derive = [[random_time(rnd, params), random_payload(rnd)] for _ in range(6)]
    window = [list(random_settings(rnd, params)) for _ in range(12)]
    verify = []
    while len(verify) < 8:
        t = random_time(rnd, params)
        vpn = ref.entry(params.label, rnd.below(8), 1, rnd.below(256))
        verdict, packet = ref.stamp(params, t, vpn, random_payload(rnd))
        if verdict != ref.STAMPED:
            continue
        now, tolerance, delay = random_settings(rnd, params)
        if rnd.below(4):
            now = min(max(t + delay + rnd.choice((-1, 0, 0, 0, 1)) * tolerance, 0), ref.U64_MAX)
        verify.append([now, tolerance, delay, damaged(rnd, params, packet)])
    return {"derive": derive, "window": window, "verify": verify}


def limit_sets(rnd):
    """Sets whose times are at the limits of 64 bits."""
    for epoch in (0, 1, 2**63, ref.U64_MAX - 1000, ref.U64_MAX):
        for lifetime in sorted({0, min(1, ref.U64_MAX - epoch), ref.U64_MAX - epoch}):
            for slots in ([1000], [gen.DAY], [1000, gen.DAY], [gen.DAY] * 256):
                yield gen.make_set(rnd, epoch=epoch, lifetime=lifetime, slots=slots)


def limit_cases(params):
    over = params.over or ref.U64_MAX + 1
    times = {params.epoch, params.epoch + 1, params.epoch + params.cycle - 1,
             params.epoch + params.cycle, 2**63, over - 1, ref.U64_MAX - 1, ref.U64_MAX}
    nows = {0, 1, params.epoch - 1, params.epoch, 2**63, over - 1, over, ref.U64_MAX - 1,
            ref.U64_MAX}
    return {"derive": [[t, b""] for t in sorted(times) if params.epoch <= t <= ref.U64_MAX],
            "window": [[now, tolerance, delay]
                       for now in sorted(nows) if 0 <= now <= ref.U64_MAX
                       for tolerance in (0, 1, min(params.slots) // 2)
                       for delay in (0, 1, gen.DAY, ref.U64_MAX)],
            "verify": []}


def year_sets(rnd):
    """Sets that live for decades: each New Year's Day from 2024 to 2110, and near it."""
    for slots in ([1000], [1000, 1001, 999_999_937], [gen.DAY, 1000], [2 * 10**9] * 8):
        obj = gen.make_set(rnd, epoch=gen.YEAR_2024, lifetime=0, slots=slots)
        years = [gen.YEAR_2024 + round(365.2425 * n) * gen.DAY for n in range(87)]
        times = [t + off for t in years for off in (0, rnd.below(gen.DAY))]
        most = min(slots) // 2
        yield obj, {"derive": [[t, b""] for t in times],
                    "window": [[t, rnd.below(most + 1), rnd.below(10**9)] for t in times[1:]],
                    "verify": []}


def sets(rnd, count):
    """Sets, each with its cases: at the limits, over the years, and at random."""
    for obj in limit_sets(rnd):
        params = ref.validate(obj)
        yield obj, params, limit_cases(params)
    for obj, cases in year_sets(rnd):
        yield obj, ref.validate(obj), cases
    for _ in range(count):
        obj = random_set(rnd)
        params = ref.validate(obj)
        yield obj, params, cases_of(rnd, params)


def expected_of(params, cases):
    def derive(t, payload):
        if ref.payload_length(payload) is None:
            return None
        out = ref.derive(params, t, payload)
        return [out["slot"], out["start"], out["end"], out["hop"], out["k_slot"],
                int(out["digest"], 16), *out["tags"]]

    def verify(*case):
        verdict, out = ref.verify(params, *case)
        return [verdict, out.hex()]

    return {"keys": [key.hex() for key in ref.derive_keys(params)],
            "derive": [derive(*case) for case in cases["derive"]],
            "window": [ref.window(params, *case) for case in cases["window"]],
            "verify": [verify(*case) for case in cases["verify"]]}


def spoiled(rnd, obj):
    """The set with one member out of its range."""
    obj = dict(obj)
    mode = "select" if "select" in obj else "and"
    member = rnd.choice(("generation", "label", "labels", "slots", "tags", mode, "lifetime"))
    bad_label = rnd.choice((0, rnd.below(16), 2**20, rnd.between(2**20, 2**32 - 1)))
    if member == "generation":
        obj[member] = 0
    elif member == "label":
        obj[member] = bad_label
    elif member == "labels":
        labels = list(obj[member])
        labels.insert(rnd.below(len(labels) + 1),
                      rnd.choice((bad_label, obj["label"], rnd.choice(labels))))
        obj[member] = labels
    elif member == "slots":
        slots = list(obj[member])
        slots[rnd.below(len(slots))] = rnd.choice(
            (0, 999, gen.DAY + 1, rnd.between(gen.DAY + 1, ref.U64_MAX)))
        obj[member] = slots
    elif member == "tags":
        obj[member] = rnd.choice((0, rnd.between(4, 255)))
    elif member == mode:
        bits = rnd.mask(rnd.below(16), range(rnd.choice((0, 0, 20)), 64))
        obj[member] = f"0x{bits:x}"
        obj["tags"] = rnd.between(1, 3)
    else:
        obj["epoch"] = rnd.between(1, ref.U64_MAX)
        obj["lifetime"] = rnd.between(ref.U64_MAX - obj["epoch"] + 1, ref.U64_MAX)
    return obj


def jsonable(cases):
    return {name: [[x.hex() if isinstance(x, bytes) else x for x in case] for case in some]
            for name, some in cases.items()}


def main(argv):
    helper = argv[0]
    rnd = gen.Random(argv[1] if len(argv) > 1 else "agree")
    count = int(argv[2]) if len(argv) > 2 else 400
    requests, expected = [], []
    for obj, params, cases in sets(rnd, count):
        requests.append({"params": obj, **jsonable(cases)})
        expected.append(expected_of(params, cases))
        bad = spoiled(rnd, obj)
        try:
            ref.validate(bad)
            raise AssertionError(f"the reference accepts {bad}")
        except ref.ParamError as error:
            requests.append({"params": bad})
            expected.append({"fault": error.member})

    run = subprocess.run([helper], input="".join(json.dumps(r) + "\n" for r in requests),
                         stdout=subprocess.PIPE, text=True, check=False)
    answers = []
    for line in run.stdout.splitlines():
        try:
            answers.append(json.loads(line))
        except ValueError:
            print(f"# {line}")
    parts = ("fault", "keys", "derive", "window", "verify")
    print(f"KTAP version 1\n1..{len(parts) + 1}")
    failed = 0
    for number, part in enumerate(parts, 1):
        compared, wrong = 0, []
        for request, want, got in zip(requests, expected, answers):
            if part not in want and part not in got:
                continue
            pairs = [(request["params"], want.get(part), got.get(part))]
            if part in request and part in want and part in got:
                pairs = list(zip(request[part], want[part], got[part], strict=True))
            compared += len(pairs)
            wrong += [(request, *pair) for pair in pairs if pair[1] != pair[2]]
        for request, case, want, have in wrong[:3]:
            print(f"# set {json.dumps(request['params'])}\n# case {json.dumps(case)}")
            print(f"# reference {json.dumps(want)}\n# C core {json.dumps(have)}")
        bad = bool(wrong) or not compared
        failed += bad
        print(f"{'not ' * bad}ok {number} agree.{part} # {len(wrong)} of {compared} differ")
    bad = run.returncode != 0 or len(answers) != len(requests)
    failed += bad
    print(f"{'not ' * bad}ok {len(parts) + 1} agree.answers # {len(answers)} of {len(requests)}, "
          f"exit status {run.returncode}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
