#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the reference itself, in KTAP; arguments choose tests by name."""

import json
import os
import sys
import traceback

import gen
import labelhop_ref as ref
import vectors

HERE = os.path.dirname(os.path.abspath(__file__))


def random_sets(name, count, **members):
    """Random sets with few, short slots, so that a scan of all times is cheap."""
    rnd = gen.Random(name)
    for _ in range(count):
        tag_count = rnd.between(1, 3)
        own = {"tags": tag_count, "hash-len": rnd.choice(("full", 1, 20, 64)),
               "slots": [rnd.between(1000, 1010) for _ in range(rnd.between(1, 5))]}
        if rnd.below(2):
            own["select"] = rnd.mask(rnd.between(16 * tag_count, 64), range(64))
        else:
            own["and"] = sum(rnd.mask(rnd.between(16, 20), range(j * 20, j * 20 + 20))
                             for j in range(tag_count))
        own.update(members)
        yield rnd, ref.validate(gen.make_set(rnd, **own))


def random_payload(rnd):
    kind = rnd.choice((0, 4, 6))
    least = {0: 0, 4: 20, 6: 40}[kind]
    return gen.make_payload(rnd, kind, rnd.between(least, 90), rnd.choice((0, 0, 5)))


def test_siphash():
    ref.siphash_selftest()


def test_hkdf():
    """RFC 5869, A.1: info and PRK, of which the first 16 bytes of OKM are a key."""
    prk = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    info = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9")
    okm = bytes.fromhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                        "34007208d5b887185865")
    assert ref.hkdf_expand(prk, info, 42) == okm
    assert ref.hkdf_expand(prk, info, 16) == okm[:16]


def test_keys_differ():
    """Each of seed, id, generation, label and purpose changes the keys."""
    rnd = gen.Random("keys")
    base = gen.make_set(rnd, label=100, labels=[300], generation=1)
    sets = [base] + [{**base, **patch} for patch in (
        {"seed": "00" * 32}, {"id": "0" * 16}, {"generation": 2}, {"label": 101})]
    keys = [key for obj in sets for key in ref.derive_keys(ref.validate(obj))]
    assert len(set(keys)) == 2 * len(sets)
    # What is not in info does not.
    other = {**base, "labels": [301, 302], "slots": [1000], "epoch": 0, "lifetime": 7}
    assert ref.derive_keys(ref.validate(other)) == ref.derive_keys(ref.validate(base))


def test_slots_accumulated():
    """The closed form is what counting slot after slot gives."""
    for _, params in random_sets("slots", 20, epoch=777):
        number, start = 0, params.epoch
        while number < 40:
            end = start + params.slots[number % len(params.slots)]
            for t in (start, start + 1, (start + end) // 2, end - 1):
                assert ref.slot(params, t) == (number, start, end)
            number, start = number + 1, end


def test_slot_limits():
    for _, params in random_sets("limits", 20, epoch=ref.U64_MAX - 3000, slots=[1000, 1500]):
        assert ref.slot(params, ref.U64_MAX) == (2, ref.U64_MAX - 500, ref.U64_MAX)
        assert ref.slot(params, ref.U64_MAX - 500)[0] == 2
        assert ref.slot(params, ref.U64_MAX - 501) == (
            1, ref.U64_MAX - 2000, ref.U64_MAX - 500)
        for t in (-1, params.epoch - 1, ref.U64_MAX + 1):
            try:
                ref.slot(params, t)
            except ValueError:
                continue
            raise AssertionError(t)


def test_window_scanned():
    """The window is what a scan of every time in it finds, at most two slots."""
    for lifetime in (0, 1, 700, 2500):
        for rnd, params in random_sets(f"window {lifetime}", 8, epoch=1500, lifetime=lifetime):
            tolerance, delay = rnd.between(0, 500), rnd.between(0, 2000)
            for now in sorted({rnd.below(9000) for _ in range(25)}
                              | {params.epoch + delay + tolerance * k + d
                                 for k in (-1, 0, 1) for d in (-1, 0, 1)}):
                times = [t for t in range(now - delay - tolerance, now - delay + tolerance + 1)
                         if t >= 0] or [0]
                inside = [t for t in times if t >= params.epoch
                          and (params.over is None or t < params.over)]
                if times[-1] < params.epoch:
                    expected = ref.NOT_YET
                elif params.over is not None and times[0] >= params.over:
                    expected = ref.EXPIRED
                else:
                    expected = sorted({ref.slot(params, t)[0] for t in inside})
                    assert 1 <= len(expected) <= 2
                assert ref.window(params, now, tolerance, delay) == expected


def test_hop_uniform():
    """Chi-square of 16 labels over 8000 slots: under the 0.9999 quantile."""
    rnd = gen.Random("hop")
    params = ref.validate(gen.make_set(rnd, label=16, labels=list(range(100, 116))))
    k_hop, _ = ref.derive_keys(params)
    counts = dict.fromkeys(params.labels, 0)
    for number in range(8000):
        index = ref.siphash(k_hop, ref.le64(number)) % 16
        counts[params.labels[index]] += 1
        if number < 50:
            assert params.labels[index] == ref.hop_label(params, number)
    assert sum((count - 500) ** 2 / 500 for count in counts.values()) < 44.3
    # And no slot's label tells that of the next: all pairs occur.
    pairs = {(ref.hop_label(params, n), ref.hop_label(params, n + 1)) for n in range(3000)}
    assert len(pairs) == 256


def test_tags_bits():
    """Each tag is made of its own digest bits, and of no other."""
    for rnd, params in random_sets("tags", 40):
        value = rnd.below(2**64)
        before = ref.tags(params, value)
        assert all(16 <= tag < 2**20 for tag in before)
        touched = [set() for _ in before]
        for bit in range(64):
            for j, (a, b) in enumerate(zip(before, ref.tags(params, value ^ 1 << bit))):
                if a != b:
                    touched[j].add(bit)
        assert [len(bits) for bits in touched] == ref.chosen_bits(params.mode, params.mask,
                                                                  params.tags)
        assert len(set().union(*touched)) == sum(len(bits) for bits in touched)
        assert all(params.mask >> bit & 1 for bits in touched for bit in bits)


def test_tags_reserved():
    """The 16 reserved labels and only those are mapped out, to one label each."""
    out = [ref.tags_of("and", gen.ALL_BITS, 1, v)[0] for v in range(2**20)]
    assert out[:16] == list(range(524288, 524304))
    assert out[16:] == list(range(16, 2**20))


def test_pext():
    assert ref.pext(0x0123456789ABCDEF, 0xF0F0F0F0F0F0F0F0) == 0x02468ACE
    assert ref.pext(gen.ALL_BITS, 0x8000000000000001) == 3
    assert ref.pext(0x8000000000000000, 0x8000000000000001) == 2


def test_stamp_verify():
    """What is stamped is verified and restored, with each payload."""
    for rnd, params in random_sets("stamp", 60):
        t, delay = params.epoch + rnd.below(10**15), rnd.below(10**6)
        payload = random_payload(rnd)
        vpn = ref.entry(params.label, rnd.below(8), 1, rnd.below(256))
        above = ref.entry(1000, 0, 0, 64) * rnd.below(3)
        verdict, packet = ref.stamp(params, t, above + vpn, payload)
        assert verdict == ref.STAMPED and packet.startswith(above)
        assert len(packet) == len(above + vpn + payload) + 4 * params.tags
        nulls = ref.entry(rnd.choice((0, 2)), 0, 0, 3) * rnd.below(3)
        for tolerance in (0, 300):
            result = ref.verify(params, t + delay, tolerance, delay, nulls + packet[len(above):])
            assert result == (ref.VERIFIED, vpn + payload)


def test_flips():
    """A packet with any bit changed that is hashed, a tag or the hop is refused."""
    for rnd, params in random_sets("flips", 12):
        t = params.epoch + rnd.below(10**15)
        payload = random_payload(rnd)
        vpn = ref.entry(params.label, 1, 1, 64)
        packet = ref.stamp(params, t, vpn, payload)[1]
        stack = 4 * params.tags + 4
        hashed = ref.payload_length(payload)
        if params.hash_len:
            hashed = min(hashed, params.hash_len)
        for at in range(stack + hashed):
            for bit in range(8):
                verdict, _ = ref.verify(params, t, 0, 0, gen.flip(packet, at, bit))
                if at < 4:
                    # The hop label's bits, and S; TC and TTL are the path's.
                    changed = at < 2 or at == 2 and (bit >= 4 or bit == 0)
                elif at < stack:
                    changed = at % 4 < 2 or at % 4 == 2 and (bit >= 4 or bit == 0)
                else:
                    changed = True
                assert (verdict == ref.VERIFIED) == (not changed), (at, bit, verdict)
                if changed:
                    assert verdict in (ref.BAD_HOP, ref.BAD_TAG, ref.MALFORMED, ref.NOT_OURS)


def test_cut():
    """A packet cut anywhere but in its padding is refused."""
    for rnd, params in random_sets("cut", 12):
        t = params.epoch + rnd.below(10**15)
        payload = random_payload(rnd)
        packet = ref.stamp(params, t, ref.entry(params.label, 1, 1, 64), payload)[1]
        least = len(packet) - len(payload) + ref.payload_length(payload)
        for length in range(len(packet)):
            verdict, _ = ref.verify(params, t, 0, 0, packet[:length])
            assert (verdict == ref.VERIFIED) == (length >= least), (length, verdict)


def test_other_set():
    """A set that differs in one member only does not verify."""
    rnd = gen.Random("other")
    base = gen.make_set(rnd, label=100, labels=[300], slots=[10**6], generation=1)
    params = ref.validate(base)
    packet = ref.stamp(params, params.epoch, ref.entry(100, 0, 1, 64), bytes([0x10]) * 30)[1]
    assert ref.verify(params, params.epoch, 0, 0, packet)[0] == ref.VERIFIED
    for patch in ({"seed": "00" * 32}, {"id": "0" * 16}, {"generation": 2}, {"label": 101},
                  {"hash-len": 29}, {"select": "0xfffffffffffffff0"}):
        other = ref.validate({**base, **patch})
        assert ref.verify(other, params.epoch, 0, 0, packet)[0] == ref.BAD_TAG, patch


def test_lists_too_long():
    """Too many labels and slots; the files have no room for these."""
    base = gen.make_set(gen.Random("long"), label=16)
    for member, good, bad in (("labels", list(range(17, 4113)), list(range(17, 4114))),
                              ("slots", [1000] * 256, [1000] * 257)):
        ref.validate({**base, member: good})
        try:
            ref.validate({**base, member: bad})
        except ref.ParamError as error:
            assert error.member == member
            continue
        raise AssertionError(member)


def test_vectors_committed():
    """The generator gives the committed files, to the byte."""
    directory = os.path.join(HERE, "..", "vectors")
    made = vectors.files()
    assert sorted(os.listdir(directory)) == sorted(made)
    for name, text in made.items():
        with open(os.path.join(directory, name), encoding="utf-8") as f:
            assert f.read() == text, name
        json.loads(text)


def main(names):
    tests = [name for name in globals() if name.startswith("test_")]
    tests = [name for name in tests if not names or name in names]
    failed = 0
    print(f"KTAP version 1\n1..{len(tests)}")
    for number, name in enumerate(tests, 1):
        try:
            globals()[name]()
            print(f"ok {number} ref.{name[5:]}", flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} ref.{name[5:]}", flush=True)
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
