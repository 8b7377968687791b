# SPDX-License-Identifier: GPL-2.0
"""params.json: which sets are refused, and why."""

import gen
import labelhop_ref as ref


class Cases:
    def __init__(self, base):
        self.base = base
        self.refused, self.accepted, self.tolerance = [], [], []

    def apply(self, patch):
        out = {**self.base, **patch}
        return {member: value for member, value in out.items() if value is not None}

    def bad(self, kind, member, patch):
        try:
            ref.validate(self.apply(patch))
        except ref.ParamError as error:
            assert error.member == member, (error.member, member, patch)
        else:
            raise AssertionError(f"accepted: {patch}")
        self.refused.append({"kind": kind, "member": member, "patch": patch})

    def good(self, patch):
        ref.validate(self.apply(patch))
        self.accepted.append({"patch": patch})


def bits(mask):
    return f"0x{mask:016x}"


def add_numbers(out):
    for generation in (0, 2**32, 2**63):
        out.bad("form" if generation else "range", "generation", {"generation": generation})
    out.good({"generation": 1})
    out.good({"generation": 2**32 - 1})
    for label in (0, 1, 15, 1048576, 2**31, 2**32 - 1):
        out.bad("range", "label", {"label": label})
        out.bad("range", "labels", {"labels": [300, label, 301]})
        out.bad("range", "labels", {"labels": [label]})
    out.good({"label": 16})
    out.good({"label": 1048575})
    out.good({"labels": [1048575, 16]})
    out.bad("range", "labels", {"labels": []})
    out.bad("range", "labels", {"labels": [300, 301, 300]})
    out.bad("range", "labels", {"labels": [16, 17, 17]})
    out.bad("range", "labels", {"labels": [200]})
    out.bad("range", "labels", {"labels": [300, 200, 301]})
    out.bad("range", "labels", {"labels": [300, 301, 200]})
    for slots in ([], [0], [999], [1000, 999, 1000], [gen.DAY, gen.DAY + 1], [2**64 - 1],
                  [1000] * 257):
        out.bad("range", "slots", {"slots": slots})
    out.good({"slots": [1000]})
    out.good({"slots": [gen.DAY] * 256})
    out.good({"hash-len": 1})
    out.good({"hash-len": 65535})
    out.bad("form", "hash-len", {"hash-len": 0})
    out.bad("form", "hash-len", {"hash-len": 65536})
    out.bad("form", "hash", {"hash": "md5"})
    out.bad("form", "hash", {"hash": "siphash"})


def add_selections(out):
    ones = gen.ALL_BITS
    for count in (0, 4, 255):
        out.bad("range", "tags", {"tags": count, "select": bits(ones)})
    for count, mask in ((1, 0), (1, 1), (1, 0x7FFF), (1, 0x8000_0000_0000_3FFF), (2, 0xFFFF),
                        (2, 0x7FFF_FFFF), (3, 0xFFFF_FFFF_FFFF >> 1), (3, 0xFFFF_FFFF)):
        out.bad("range", "select", {"tags": count, "select": bits(mask)})
    out.good({"tags": 1, "select": bits(0xFFFF)})
    out.good({"tags": 2, "select": bits(0xFFFF_FFFF << 32)})
    out.good({"tags": 3, "select": bits(0xFFFF_FFFF_FFFF << 9)})
    drop = {"select": None}
    for count, mask in ((1, 0), (1, 0x7FFF), (1, ones << 20 & ones), (1, 0xFFFF << 5),
                        (2, 0xFFFFF), (2, 0x7FFF << 20 | 0xFFFFF), (2, 0xFFFFF << 20 | 0x7FFF),
                        (3, ones ^ 0x1F << 40), (3, 0xFFFF_FFFF_FFFF)):
        out.bad("range", "and", {**drop, "tags": count, "and": bits(mask)})
    out.good({**drop, "tags": 1, "and": bits(0xFFFF)})
    out.good({**drop, "tags": 1, "and": bits(0xFFFF << 4)})
    out.good({**drop, "tags": 2, "and": bits(0xFFFF << 4 | 0xFFFF << 20)})
    out.good({**drop, "tags": 3, "and": bits(ones >> 8)})


def add_times(out):
    top = ref.U64_MAX
    out.bad("range", "lifetime", {"epoch": 1, "lifetime": top})
    out.bad("range", "lifetime", {"epoch": top, "lifetime": 1})
    out.bad("range", "lifetime", {"epoch": top, "lifetime": top})
    out.bad("range", "lifetime", {"epoch": 2**63, "lifetime": 2**63})
    out.good({"epoch": 0, "lifetime": top})
    out.good({"epoch": top, "lifetime": 0})
    out.good({"epoch": 2**63 - 1, "lifetime": 2**63})
    out.good({"epoch": 0, "lifetime": 0})
    out.good({"lifetime": 1})


def add_forms(out):
    for member in ref.REQUIRED + ("select",):
        out.bad("form", member, {member: None})
    out.bad("form", "labelhop", {"labelhop": 2})
    out.bad("form", "and", {"and": bits(gen.ALL_BITS)})
    out.bad("form", "secret", {"secret": 1})
    for member in ("generation", "label", "tags", "epoch", "lifetime", "hash-len"):
        out.bad("form", member, {member: "seven"})
        out.bad("form", member, {member: -1})
        out.bad("form", member, {member: 1.5})
        out.bad("form", member, {member: True})
    out.bad("form", "labels", {"labels": 300})
    out.bad("form", "labels", {"labels": ["300"]})
    out.bad("form", "slots", {"slots": 10**6})
    out.bad("form", "epoch", {"epoch": 2**64})
    out.bad("form", "lifetime", {"lifetime": 2**64})
    for text in ("", "0" * 15, "0" * 17, "g" * 16, "0x" + "0" * 14, 7):
        out.bad("form", "id", {"id": text})
    for text in ("", "00" * 31, "00" * 33, "0" * 63 + " ", "xy" * 32, 7):
        out.bad("form", "seed", {"seed": text})
    for text in ("", "0x", "ffff", "0x" + "f" * 17, "0xfffg", "0x-ffff", 65535):
        out.bad("form", "select", {"select": text})


def add_tolerances(out):
    for slots, most in (([1000], 500), ([1001], 500), ([10**9, 5000, 10**9], 2500),
                        ([gen.DAY], gen.DAY // 2)):
        patch = {"slots": slots}
        params = ref.validate(out.apply(patch))
        for value, fine in ((0, True), (most, True), (most + 1, False), (gen.DAY, False)):
            try:
                ref.check_tolerance(params, value)
            except ref.ParamError as error:
                assert not fine and error.member == "tolerance"
            else:
                assert fine
            out.tolerance.append({"patch": patch, "tolerance": value, "accepted": fine})


def params_vectors():
    """Sets to refuse, as changes to a good one (null takes a member away).

    "range" cases have a member of the right form out of its range, "form"
    cases are not even that, so that what gets a set in binary has none of them.
    """
    rnd = gen.Random("params")
    out = Cases(gen.make_set(rnd, label=200, labels=[300, 301, 302], slots=[10**6, 2 * 10**6],
                             generation=7, epoch=gen.YEAR_2024, lifetime=gen.DAY))
    add_numbers(out)
    add_selections(out)
    add_times(out)
    add_forms(out)
    add_tolerances(out)
    return {"base": out.base, "refused": out.refused, "accepted": out.accepted,
            "tolerance": out.tolerance}
