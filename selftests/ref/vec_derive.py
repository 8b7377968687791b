# SPDX-License-Identifier: GPL-2.0
"""derive.json, tags.json and payload.json: what is computed of one payload."""

import gen
import labelhop_ref as ref

# derive.json

def boundaries(params, turns):
    """Times around slot limits: the epoch, and of slots in the given cycles."""
    out = {params.epoch, params.epoch + 1}
    for q in turns:
        t = params.epoch + q * params.cycle
        for duration in params.slots[:2]:
            out |= {t - 1, t, t + 1}
            t += duration
        out |= {t - 1, t, t + 1}
    return sorted(t for t in out if params.epoch <= t <= ref.U64_MAX)


def derive_group(name, obj, pairs):
    params = ref.validate(obj)
    k_hop, k_tag = ref.derive_keys(params)
    cases = [{"at": t, "payload": payload.hex(), **ref.derive(params, t, payload)}
             for t, payload in pairs]
    return {"name": name, "params": obj, "k_hop": k_hop.hex(), "k_tag": k_tag.hex(),
            "cases": cases}


def reserved_group(name, rnd, obj):
    """For each tag label, payloads of which it is a value below 16, mapped out."""
    params = ref.validate(obj)
    t = params.epoch + rnd.below(10**12)
    key = ref.slot_key(params, ref.slot(params, t)[0])
    pairs, nonce = [], 0
    for j in range(params.tags):
        for _ in range(2):
            while True:
                payload = bytes([0x10]) + nonce.to_bytes(7, "big")
                nonce += 1
                tag = ref.tags(params, ref.digest(params, key, payload))[j]
                if 524288 <= tag < 524304:
                    break
            pairs.append((t, payload))
    group = derive_group(name, obj, pairs)
    hit = [any(524288 <= case["tags"][j] < 524304 for case in group["cases"])
           for j in range(params.tags)]
    assert all(hit), name
    return group


def payload_groups(rnd, add):
    lengths = (0, 1, 19, 20, 21, 39, 40, 41, 63, 64, 65, 127, 128, 129)
    sweeps = {1: lengths[:4], 64: lengths[-6:-3], 128: lengths[-3:], "full": lengths}
    for hash_len, lengths in sweeps.items():
        def sweep(params):
            out = []
            for kind, least in ((0, 0), (4, 20), (6, 40)):
                for length in lengths:
                    # The long ones are the bulk of the files.
                    if length >= least and (not kind or length in (least, least + 1, 64, 65)):
                        out.append((params.epoch + rnd.below(10**15),
                                    gen.make_payload(rnd, kind, length)))
            for kind, length, pad in ((4, 20, 26), (4, 63, 1), (6, 40, 6)):
                out.append((params.epoch + rnd.below(10**15),
                            gen.make_payload(rnd, kind, length, pad)))
            return out
        add(f"payload lengths, hash-len {hash_len}", sweep, **{"hash-len": hash_len})
    for hash_len in (64, "full"):
        add(f"payload length 1500, hash-len {hash_len}",
            lambda params: [(params.epoch + 10**12, gen.make_payload(rnd, 4, 1500))],
            **{"hash-len": hash_len})

    def hash_edges(limit):
        return lambda params: [(params.epoch, gen.make_payload(rnd, 0, limit + d))
                               for d in (-1, 0, 1)]

    for limit in (8, 255):
        add(f"hash-len {limit}", hash_edges(limit), **{"hash-len": limit})
    add("hash-len 65535", **{"hash-len": 65535})


def label_groups(rnd, add):
    def many(params):
        return [(params.epoch + k * params.slots[0], bytes([0x10, k])) for k in range(6)]

    for count in (1, 2, 3, 16, 4096):
        label = rnd.between(ref.LABEL_MIN, ref.LABEL_MAX)
        add(f"{count} labels", many, slots=[10**6], label=label, labels=rnd.labels(count, label))
    add("labels at the limits", many, label=500000, labels=[1048575, 16, 1048574, 17])
    add("label 16", label=16, labels=[17])
    add("label 1048575", label=1048575, labels=[16])


def slot_groups(rnd, add):
    def edges(turns):
        return lambda params: [(t, b"\x10") for t in boundaries(params, turns)]

    add("1 slot", edges((1000,)), slots=[10**9])
    add("1 slot of 1 us", edges((123456789,)), slots=[1000])
    add("1 slot of a day", edges((30000,)), slots=[gen.DAY])
    add("8 equal slots", edges((77,)), slots=[10**7] * 8)
    add("8 unequal slots", edges((10**9,)),
        slots=[1000, 2000, 1001, 3600 * 10**9, 1000, 999999, 12345, 1000])
    add("1 us and a day in turn", edges((5,)), slots=[1000, gen.DAY, 1000, gen.DAY])
    add("256 unequal slots", edges((3,)), slots=[rnd.between(1000, 10**6) for _ in range(256)])
    add("256 slots, the last ones", lambda params: [
        (params.epoch + params.cycle * 9 - d, b"\x10") for d in (1000, 1001, 2000, 2001, 1, 0)],
        slots=[1000] * 256)

    add("epoch 0", edges((0, 1)), epoch=0, slots=[5000, 1000])
    add("epoch 0, year 2100", lambda params: [
        (gen.YEAR_2100 + d, b"\x20\x01") for d in (0, 1, 10**9)], epoch=0, slots=[1000, 1001])
    add("year 2100", lambda params: [
        (gen.YEAR_2100 + k * 10**17, b"\x20\x02") for k in range(3)], slots=[10**6, 10**7])


def last_slot_groups(add):
    """Times up to the last that there is."""
    top = ref.U64_MAX
    add("times up to 2^64 - 1", lambda params: [
        (top - d, b"\x30") for d in (2001, 2000, 1999, 1001, 1000, 999, 1, 0)],
        epoch=top - 5000, slots=[1000, 1001])
    add("epoch 0, times up to 2^64 - 1", lambda params: [
        (top - d, b"\x31") for d in (10**15, 1001, 1000, 616, 615, 614, 1, 0)],
        epoch=0, slots=[1000])
    add("8 slots, times up to 2^64 - 1", lambda params: [
        (top - d, b"\x31") for d in (10**15, 10**6, 2, 1, 0)],
        epoch=0, slots=[1000] * 8)
    add("a slot that ends at 2^64 - 1", lambda params: [
        (top - d, b"\x32") for d in (1001, 1000, 999, 2, 1, 0)], epoch=top - 3000, slots=[1000])
    add("epoch 2^64 - 1", lambda params: [(top, b"\x33")], epoch=top, slots=[gen.DAY] * 8)
    add("a slot of a day that is cut", lambda params: [
        (top - d, b"\x34") for d in (10, 9, 1, 0)], epoch=top - 10, slots=[gen.DAY])
    add("lifetime up to 2^64 - 1", lambda params: [(top - 1, b"\x35"), (top - 2000, b"\x35")],
        epoch=top - 5000, lifetime=5000, slots=[1000])


def tag_groups(rnd, add):
    for tag_count, counts in ((1, (16, 17, 20, 33, 48, 64)), (2, (32, 33, 41, 64)),
                              (3, (48, 50, 57, 64))):
        for bits in counts:
            add(f"{tag_count} tags, select with {bits} bits", tags=tag_count,
                select=rnd.mask(bits, range(64)))
    add("select, low 16 bits", select=0xFFFF)
    add("select, high 16 bits", select=0xFFFF << 48)
    add("select, every second bit, 2 tags", select=0xAAAAAAAAAAAAAAAA, tags=2)
    for tag_count in (1, 2, 3):
        for bits in (16, 18):
            mask = sum(rnd.mask(bits, range(j * 20, j * 20 + 20)) for j in range(tag_count))
            add(f"{tag_count} tags, and with {bits} bits each", tags=tag_count, **{"and": mask})
        add(f"{tag_count} tags, and with all bits", tags=tag_count, **{"and": gen.ALL_BITS})
    add("and, 16 to 20 bits and others above", tags=2,
        **{"and": 0xF000_0000_0000_0000 | 0xFFFF << 20 | 0xFFFFF | 0xA << 40})


def derive_vectors():
    rnd = gen.Random("derive")
    groups = []

    def some(params):
        """A few times and payloads, for what does not depend on them."""
        return [(min(params.epoch + rnd.below(10**15), ref.U64_MAX),
                 gen.make_payload(rnd, 0, rnd.between(1, 24))) for _ in range(2)]

    def add(name, pairs=some, **members):
        obj = gen.make_set(rnd, **members)
        groups.append(derive_group(name, obj, pairs(ref.validate(obj))))

    payload_groups(rnd, add)
    label_groups(rnd, add)
    slot_groups(rnd, add)
    last_slot_groups(add)
    tag_groups(rnd, add)
    add("generation 1", generation=1)
    add("generation 2^32 - 1", generation=2**32 - 1)
    add("id 0", id="0" * 16)
    add("id of ones", id="f" * 16)
    add("seed of zeros", seed="0" * 64)

    for tag_count, bits in ((1, 16), (2, 32), (3, 48)):
        groups.append(reserved_group(
            f"reserved values, {tag_count} tags, select", rnd,
            gen.make_set(rnd, tags=tag_count, select=rnd.mask(bits, range(64)))))
    groups.append(reserved_group(
        "reserved values, 3 tags, and", rnd,
        gen.make_set(rnd, tags=3, **{"and": 0x0FFFF0FFFF0FFFF})))
    groups.append(reserved_group("reserved values, all 20 bits", rnd, gen.make_set(rnd)))
    return {"groups": groups}


# tags.json

def tags_vectors():
    """Digests that are chosen, so that values reach where no search gets to."""
    rnd = gen.Random("tags")
    ones = gen.ALL_BITS
    cases = []

    def add(mode, mask, count, value):
        cases.append({mode: f"0x{mask:016x}", "tags": count, "digest": f"0x{value:016x}",
                      "labels": ref.tags_of(mode, mask, count, value)})

    for value in list(range(18)) + [0x7FFFF, 0x80000, 0x8000F, 0x80010, 0xFFFFF]:
        for mode in ref.MODES:
            add(mode, ones, 3, value | value << 20 | value << 40)
        add("select", 0xFFFF << 7, 1, (value & 0xFFFF) << 7)
    for count, bits in ((1, 16), (1, 24), (2, 37), (2, 64), (3, 48), (3, 55), (3, 64)):
        mask = rnd.mask(bits, range(64))
        for value in (0, ones, mask, mask ^ ones, rnd.below(2**64), rnd.below(2**64)):
            add("select", mask, count, value)
    for count in (1, 2, 3):
        mask = sum(rnd.mask(17, range(j * 20, j * 20 + 20)) for j in range(count))
        for value in (0, ones, mask, mask ^ ones, rnd.below(2**64), rnd.below(2**64)):
            add("and", mask, count, value)
    return {"cases": cases}


# payload.json

def payload_vectors():
    cases = []

    def add(payload, kind="ip"):
        cases.append({"payload": payload.hex(), "kind": kind,
                      "length": ref.payload_length(payload, kind)})

    def head(version, length, present):
        data = bytearray(present)
        field = slice(2, 4) if version == 4 else slice(4, 6)
        data[0:1] = bytes([version << 4 | (5 if version == 4 else 0)])[:present]
        data[field] = length.to_bytes(2, "big")
        return bytes(data[:present])

    add(b"")
    for nibble in range(16):
        for present in (1, 19, 20, 39, 40, 46) if nibble in (4, 6) else (1, 21):
            add(bytes([nibble << 4]) + bytes(present - 1))
    for present in (20, 46):
        for length in (0, 1, 19, 20, 21, present - 1, present, present + 1, 255, 256, 65535):
            add(head(4, length, present))
    for present in (39, 40, 46):
        for length in (0, 1, present - 40, present - 41, present - 39, 255, 256, 65495, 65535):
            if length >= 0:
                add(head(6, length, present))
    # A header length that is no header, options, and fields beside the length.
    for first in (0x40, 0x44, 0x4F):
        add(bytes([first]) + head(4, 24, 30)[1:])
    add(head(4, 0x0100, 257))
    add(head(6, 0x0100, 297))

    def control_word(first, second, present):
        return (bytes([first, second, 0xab, 0xcd]) + bytes(present))[:present]
    # First nibble, reserved bits and fragmentation, and a length of any kind.
    for first, second in ((0, 0), (0x0f, 0xc0), (0x10, 0), (0x40, 18), (0xf0, 18)):
        for present in (0, 3, 4, 17, 18, 63, 64):
            add(control_word(first, second, present), "pw")
    for length in (1, 4, 17, 18, 19, 39, 40, 41, 62, 63):
        for present in (40, 63, 64, 100):
            add(control_word(0, length, present), "pw")
            add(control_word(0, 0xc0 | length, present), "pw")
    for kind in ("pw-no-cw", "link"):
        for payload in (b"", b"\x45", head(4, 19, 20), head(4, 100, 60), head(6, 100, 46),
                        control_word(0, 18, 40), control_word(0x10, 0, 64)):
            add(payload, kind)
    return {"cases": cases}
