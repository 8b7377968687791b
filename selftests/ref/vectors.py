# SPDX-License-Identifier: GPL-2.0
"""Makes the test vectors; see files().

The randomness is SHA-256 of a counter, not Python's, so that the files are the
same with every version of Python.
"""

import hashlib
import json

import labelhop_ref as ref

HOUR = 3600 * 10**9
DAY = 24 * HOUR
YEAR_2024 = 1704067237 * 10**9
YEAR_2100 = 4102444837 * 10**9
ALL_BITS = 0xFFFFFFFFFFFFFFFF


class Random:
    def __init__(self, name):
        self.name, self.counter = name, 0

    def data(self, length):
        out = b""
        while len(out) < length:
            out += hashlib.sha256(f"{self.name}/{self.counter}".encode()).digest()
            self.counter += 1
        return out[:length]

    def below(self, limit):
        return int.from_bytes(self.data(16), "big") % limit

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def choice(self, options):
        return options[self.below(len(options))]

    def mask(self, bits, positions):
        """A mask with that many bits, at some of the positions."""
        left, mask = list(positions), 0
        for _ in range(bits):
            mask |= 1 << left.pop(self.below(len(left)))
        return mask

    def labels(self, count, but):
        out = {}
        while len(out) < count:
            label = self.between(ref.LABEL_MIN, ref.LABEL_MAX)
            if label != but:
                out[label] = None
        return list(out)


def make_set(rnd, **members):
    """A parameter set in JSON, random where no member is given."""
    label = members.get("label", rnd.between(ref.LABEL_MIN, ref.LABEL_MAX))
    obj = {
        "labelhop": 1,
        "id": rnd.data(8).hex(),
        "generation": rnd.between(1, 2**32 - 1),
        "label": label,
        "labels": rnd.labels(rnd.between(2, 5), label),
        "slots": [rnd.between(1000, 10**9) for _ in range(rnd.between(1, 3))],
        "hash": "siphash-2-4",
        "hash-len": "full",
        "tags": 1,
        "epoch": YEAR_2024 + rnd.below(10**12),
        "lifetime": 0,
        "seed": rnd.data(32).hex(),
    }
    if "and" not in members:
        obj["select"] = f"0x{ALL_BITS:016x}"
    for member, value in members.items():
        obj[member] = f"0x{value:016x}" if member in ref.MODES else value
    return obj


def make_payload(rnd, kind, length, pad=0):
    """A payload of IP version 4 or 6, or 0 for none, and padding after it."""
    data = bytearray(rnd.data(length))
    if kind == 4:
        data[0] = 0x45
        data[2:4] = length.to_bytes(2, "big")
    elif kind == 6:
        data[0] = 0x60 | data[0] & 0xF
        data[4:6] = (length - 40).to_bytes(2, "big")
    elif length:
        data[0] = rnd.choice((0, 1, 2, 3, 5, 7, 8, 15)) << 4 | data[0] & 0xF
    return bytes(data) + rnd.data(pad)


def dump(doc):
    """JSON with one line for a case: neither a wall nor a scroll."""
    def compact(value):
        return json.dumps(value, separators=(",", ":"))

    def value_lines(value):
        if isinstance(value, list):
            return "[\n" + ",\n".join("  " + compact(entry) for entry in value) + "\n]"
        return compact(value)

    return "{\n" + ",\n".join(f"{compact(k)}:{value_lines(v)}" for k, v in doc.items()) + "\n}\n"


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


def derive_vectors():
    rnd = Random("derive")
    groups = []

    def some(params):
        """A few times and payloads, for what does not depend on them."""
        return [(min(params.epoch + rnd.below(10**15), ref.U64_MAX),
                 make_payload(rnd, 0, rnd.between(1, 24))) for _ in range(2)]

    def add(name, pairs=None, **members):
        obj = make_set(rnd, **members)
        params = ref.validate(obj)
        groups.append(derive_group(name, obj, pairs(params) if pairs else some(params)))

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
                                    make_payload(rnd, kind, length)))
            for kind, length, pad in ((4, 20, 26), (4, 63, 1), (6, 40, 6)):
                out.append((params.epoch + rnd.below(10**15),
                            make_payload(rnd, kind, length, pad)))
            return out
        add(f"payload lengths, hash-len {hash_len}", sweep, **{"hash-len": hash_len})
    for hash_len in (64, "full"):
        add(f"payload length 1500, hash-len {hash_len}",
            lambda params: [(params.epoch + 10**12, make_payload(rnd, 4, 1500))],
            **{"hash-len": hash_len})

    def hash_edges(limit):
        return lambda params: [(params.epoch, make_payload(rnd, 0, limit + d)) for d in (-1, 0, 1)]
    for limit in (8, 255):
        add(f"hash-len {limit}", hash_edges(limit), **{"hash-len": limit})
    add("hash-len 65535", **{"hash-len": 65535})

    def many(params):
        return [(params.epoch + k * params.slots[0], bytes([0x10, k])) for k in range(6)]
    for count in (1, 2, 3, 16, 4096):
        label = rnd.between(ref.LABEL_MIN, ref.LABEL_MAX)
        add(f"{count} labels", many, slots=[10**6], label=label, labels=rnd.labels(count, label))
    add("labels at the limits", many, label=500000, labels=[1048575, 16, 1048574, 17])
    add("label 16", label=16, labels=[17])
    add("label 1048575", label=1048575, labels=[16])

    def edges(turns):
        return lambda params: [(t, b"\x10") for t in boundaries(params, turns)]
    day = 86400 * 10**9
    add("1 slot", edges((1000,)), slots=[10**9])
    add("1 slot of 1 us", edges((123456789,)), slots=[1000])
    add("1 slot of a day", edges((30000,)), slots=[day])
    add("8 equal slots", edges((77,)), slots=[10**7] * 8)
    add("8 unequal slots", edges((10**9,)),
        slots=[1000, 2000, 1001, 3600 * 10**9, 1000, 999999, 12345, 1000])
    add("1 us and a day in turn", edges((5,)), slots=[1000, day, 1000, day])
    add("256 unequal slots", edges((3,)), slots=[rnd.between(1000, 10**6) for _ in range(256)])
    add("256 slots, the last ones", lambda params: [
        (params.epoch + params.cycle * 9 - d, b"\x10") for d in (1000, 1001, 2000, 2001, 1, 0)],
        slots=[1000] * 256)

    add("epoch 0", edges((0, 1)), epoch=0, slots=[5000, 1000])
    add("epoch 0, year 2100", lambda params: [
        (YEAR_2100 + d, b"\x20\x01") for d in (0, 1, 10**9)], epoch=0, slots=[1000, 1001])
    add("year 2100", lambda params: [
        (YEAR_2100 + k * 10**17, b"\x20\x02") for k in range(3)], slots=[10**6, 10**7])
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
    add("epoch 2^64 - 1", lambda params: [(top, b"\x33")], epoch=top, slots=[day] * 8)
    add("a slot of a day that is cut", lambda params: [
        (top - d, b"\x34") for d in (10, 9, 1, 0)], epoch=top - 10, slots=[day])
    add("lifetime up to 2^64 - 1", lambda params: [(top - 1, b"\x35"), (top - 2000, b"\x35")],
        epoch=top - 5000, lifetime=5000, slots=[1000])

    positions = range(64)
    for tag_count, counts in ((1, (16, 17, 20, 33, 48, 64)), (2, (32, 33, 41, 64)),
                              (3, (48, 50, 57, 64))):
        for bits in counts:
            add(f"{tag_count} tags, select with {bits} bits", tags=tag_count,
                select=rnd.mask(bits, positions))
    add("select, low 16 bits", select=0xFFFF)
    add("select, high 16 bits", select=0xFFFF << 48)
    add("select, every second bit, 2 tags", select=0xAAAAAAAAAAAAAAAA, tags=2)
    for tag_count in (1, 2, 3):
        for bits in (16, 18):
            mask = sum(rnd.mask(bits, range(j * 20, j * 20 + 20)) for j in range(tag_count))
            add(f"{tag_count} tags, and with {bits} bits each", tags=tag_count, **{"and": mask})
        add(f"{tag_count} tags, and with all bits", tags=tag_count, **{"and": ALL_BITS})
    add("and, 16 to 20 bits and others above", tags=2,
        **{"and": 0xF000_0000_0000_0000 | 0xFFFF << 20 | 0xFFFFF | 0xA << 40})

    add("generation 1", generation=1)
    add("generation 2^32 - 1", generation=2**32 - 1)
    add("id 0", id="0" * 16)
    add("id of ones", id="f" * 16)
    add("seed of zeros", seed="0" * 64)

    for tag_count, bits in ((1, 16), (2, 32), (3, 48)):
        groups.append(reserved_group(
            f"reserved values, {tag_count} tags, select", rnd,
            make_set(rnd, tags=tag_count, select=rnd.mask(bits, positions))))
    groups.append(reserved_group(
        "reserved values, 3 tags, and", rnd,
        make_set(rnd, tags=3, **{"and": 0x0FFFF0FFFF0FFFF})))
    groups.append(reserved_group("reserved values, all 20 bits", rnd, make_set(rnd)))
    return {"groups": groups}


# tags.json

def tags_vectors():
    """Digests that are chosen, so that values reach where no search gets to."""
    rnd = Random("tags")
    cases = []

    def add(mode, mask, count, value):
        cases.append({mode: f"0x{mask:016x}", "tags": count, "digest": f"0x{value:016x}",
                      "labels": ref.tags_of(mode, mask, count, value)})

    for value in list(range(18)) + [0x7FFFF, 0x80000, 0x8000F, 0x80010, 0xFFFFF]:
        for mode in ref.MODES:
            add(mode, ALL_BITS, 3, value | value << 20 | value << 40)
        add("select", 0xFFFF << 7, 1, (value & 0xFFFF) << 7)
    for count, bits in ((1, 16), (1, 24), (2, 37), (2, 64), (3, 48), (3, 55), (3, 64)):
        mask = rnd.mask(bits, range(64))
        for value in (0, ALL_BITS, mask, mask ^ ALL_BITS, rnd.below(2**64), rnd.below(2**64)):
            add("select", mask, count, value)
    for count in (1, 2, 3):
        mask = sum(rnd.mask(17, range(j * 20, j * 20 + 20)) for j in range(count))
        for value in (0, ALL_BITS, mask, mask ^ ALL_BITS, rnd.below(2**64), rnd.below(2**64)):
            add("and", mask, count, value)
    return {"cases": cases}


# payload.json

def payload_vectors():
    cases = []

    def add(payload):
        cases.append({"payload": payload.hex(), "length": ref.payload_length(payload)})

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
    return {"cases": cases}


# window.json

def window_vectors():
    rnd = Random("window")
    groups = []

    def group(name, settings, nows, **members):
        obj = make_set(rnd, **members)
        params = ref.validate(obj)
        cases = []
        for tolerance, delay in settings:
            ref.check_tolerance(params, tolerance)
            for now in sorted(set(nows(params, tolerance, delay))):
                if 0 <= now <= ref.U64_MAX:
                    cases.append([now, tolerance, delay,
                                  ref.window(params, now, tolerance, delay)])
        groups.append({"name": name, "params": obj, "cases": cases})

    def around(points):
        """The points, and where the window's ends pass them."""
        def nows(params, tolerance, delay):
            return [p + delay + sign * tolerance + d for p in points(params)
                    for sign in (-1, 0, 1) for d in (-1, 0, 1)]
        return nows

    def limits(params):
        out = [params.epoch]
        for q in (0, 1000):
            t = params.epoch + q * params.cycle
            for duration in params.slots:
                t += duration
                out.append(t)
        return out

    def ends(params):
        return [params.epoch, params.over]

    group("equal slots", [(0, 0), (1, 0), (500, 0), (500, 3000)],
          around(limits), slots=[1000])
    group("unequal slots", [(0, 0), (500, 10000)], around(limits),
          slots=[1000, 5000, 1001])
    group("long slots", [(43200 * 10**9, 86400 * 10**9)], around(limits),
          slots=[86400 * 10**9])
    group("lifetime of cycles", [(0, 0), (500, 0), (400, 12345)], around(ends),
          slots=[1000, 2000], lifetime=30000)
    group("lifetime that ends inside of a slot", [(0, 0), (500, 0), (500, 100)], around(ends),
          slots=[1000], lifetime=10500)
    group("lifetime of 1 ns", [(0, 0), (1, 0), (500, 0)], around(ends), slots=[1000], lifetime=1)
    group("lifetime under the tolerance", [(500, 0), (400, 100)], around(ends), slots=[1000],
          lifetime=300)

    def low(params, tolerance, delay):
        return [0, 1, 2, 499, 500, 501, 999, 1000, 1001, 1499, 1500, 1501, 2000, 2500]
    settings = [(0, 0), (500, 0), (500, 500), (300, 2000),
                (500, 86400 * 10**9)]
    group("epoch 0, times near 0", settings, low, epoch=0, slots=[1000])
    group("epoch 1, times near 0", settings[:4], low, epoch=1, slots=[1000])
    group("epoch 700 of lifetime 800", settings[:5], low, epoch=700, lifetime=800, slots=[1000])

    def high(params, tolerance, delay):
        return [ref.U64_MAX - d for d in (0, 1, 2, 499, 500, 501, 999, 1000, 1001, 1002, 2000)]
    top = ref.U64_MAX
    settings = [(0, 0), (1, 0), (500, 0), (500, 500)]
    group("times near 2^64 - 1", settings, high, epoch=top - 10500, slots=[1000])
    group("a slot that ends at 2^64 - 1", settings, high, epoch=top - 10000, slots=[1000])
    group("epoch 2^64 - 1", settings, high, epoch=top, slots=[1000])
    group("the end at 2^64 - 1", settings, high, epoch=top - 1500, lifetime=1500, slots=[1000])
    group("the end at 2^64 - 2", settings[:3], high, epoch=top - 1500, lifetime=1499, slots=[1000])
    group("a day up to 2^64 - 1", [(43200 * 10**9, 0)], high, epoch=0, slots=[86400 * 10**9])
    return {"groups": groups}


# verify.json and stamp.json

def wire_sets():
    rnd = Random("wire")
    start = YEAR_2024
    return {
        "one": make_set(rnd, label=200, labels=rnd.labels(16, 200), slots=[10**7], epoch=start),
        "two": make_set(rnd, label=16, labels=rnd.labels(4, 16), tags=2,
                        select=rnd.mask(40, range(64)), slots=[10**6, 3 * 10**6, 10**6],
                        epoch=start, **{"hash-len": 24}),
        "three": make_set(rnd, label=1048575, labels=rnd.labels(64, 1048575), tags=3,
                          slots=[10**6], epoch=start, lifetime=DAY, **{"and": ALL_BITS}),
        "still": make_set(rnd, label=300, labels=[301], slots=[10**6], epoch=start),
    }


def entry_with(packet, index, label=None, tc=None, s=None, ttl=None):
    """The packet with one entry changed."""
    old = ref.parse_entry(packet[index * 4:index * 4 + 4])
    new = [a if b is None else b for a, b in zip(old, (label, tc, s, ttl))]
    return packet[:index * 4] + ref.entry(*new) + packet[index * 4 + 4:]


def flip(packet, at, bit=0):
    return packet[:at] + bytes([packet[at] ^ 1 << bit]) + packet[at + 1:]


def next_slot_time(params, t, same_hop):
    """A time in a later slot whose hop label is, or is not, that of t's slot."""
    number = ref.slot(params, t)[0]
    while True:
        t = ref.slot(params, t)[2]
        again = ref.slot(params, t)[0]
        if (ref.hop_label(params, number) == ref.hop_label(params, again)) == same_hop:
            return t


def verify_vectors():
    rnd = Random("verify")
    sets = wire_sets()
    cases = []

    def add(name, which, now, tolerance, delay, packet, expected):
        params = ref.validate(sets[which])
        verdict, out = ref.verify(params, now, tolerance, delay, packet)
        assert verdict == expected, (which, name, verdict, expected)
        cases.append({"name": name, "params": which, "now": now, "tolerance": tolerance,
                      "delay": delay, "packet": packet.hex(), "verdict": verdict,
                      "out": out.hex()})

    for which, obj in sets.items():
        params = ref.validate(obj)
        n, tolerance, delay = params.tags, min(params.slots) // 2, 12345
        t = params.epoch + 10**10 + 77
        now = t + delay
        payload = make_payload(rnd, 4, 30)
        vpn = ref.entry(params.label, 5, 1, 63)
        good = ref.stamp(params, t, vpn, payload)[1]
        top = ref.LABEL_MAX if params.label < ref.LABEL_MAX else 777777

        def case(name, packet, expected, now=now, tolerance=tolerance, delay=delay):
            add(name, which, now, tolerance, delay, packet, expected)

        case("good", good, ref.VERIFIED)
        case("good, no tolerance", good, ref.VERIFIED, tolerance=0)
        for kind, length, pad in ((0, 0, 0), (0, 1, 0), (0, 65, 0), (4, 20, 26), (4, 20, 0),
                                  (6, 40, 0), (6, 48, 7)):
            packet = ref.stamp(params, t, vpn, make_payload(rnd, kind, length, pad))[1]
            case(f"good, version {kind}, length {length}, padding {pad}", packet, ref.VERIFIED)
        case("padding changed", flip(packet, len(packet) - 1), ref.VERIFIED)
        case("padding removed", packet[:-pad], ref.VERIFIED)

        # Time.
        first = ref.stamp(params, params.epoch, vpn, payload)[1]
        case("at the epoch", first, ref.VERIFIED, now=params.epoch + delay)
        case("1 ns inside of the tolerance", first, ref.VERIFIED,
             now=params.epoch + delay - tolerance)
        case("not-yet", first, ref.NOT_YET, now=params.epoch + delay - tolerance - 1)
        case("not-yet, bad tag", flip(first, n * 4 + 4), ref.NOT_YET, now=0)
        case("not-yet, wrong hop", entry_with(first, 0, label=params.labels[-1]), ref.NOT_YET,
             now=params.epoch - 1, delay=0, tolerance=0)
        _, start, end = ref.slot(params, t)
        early, late = start - tolerance + delay, end - 1 + tolerance + delay
        case("first time of the window", good, ref.VERIFIED, now=early)
        case("last time of the window", good, ref.VERIFIED, now=late)
        hop = ref.parse_entry(good[:4])[0]
        for name, when in (("before", early - 1), ("after", late + 1)):
            hops = [ref.hop_label(params, v) for v in ref.window(params, when, tolerance, delay)]
            case(f"1 ns {name} the window", good, ref.BAD_TAG if hop in hops else ref.BAD_HOP,
                 now=when)
        if len(params.labels) > 1:
            other = next_slot_time(params, t, same_hop=False)
            case("a slot with another hop label", good, ref.BAD_HOP, now=other + delay, tolerance=0)
        other = next_slot_time(params, t, same_hop=True)
        case("replay in a slot with this hop label", good, ref.BAD_TAG, now=other + delay,
             tolerance=0)
        if params.over is not None:
            last = ref.stamp(params, params.over - 1, vpn, payload)[1]
            case("last time", last, ref.VERIFIED, now=params.over - 1 + delay)
            case("last time and tolerance", last, ref.VERIFIED,
                 now=params.over - 1 + delay + tolerance)
            case("expired", last, ref.EXPIRED, now=params.over + delay + tolerance)
            case("expired, bad tag", flip(last, n * 4 + 4), ref.EXPIRED, now=ref.U64_MAX)
        if which == "still":
            continue

        # TC and TTL are not looked at, the hop label's go to the VPN label.
        case("hop label's TC and TTL", entry_with(good, 0, tc=0, ttl=0), ref.VERIFIED)
        case("hop label's TC 7, TTL 255", entry_with(good, 0, tc=7, ttl=255), ref.VERIFIED)
        for j in range(1, n + 1):
            case(f"tag {j}'s TC and TTL", entry_with(good, j, tc=3, ttl=200), ref.VERIFIED)

        # Explicit nulls.
        null4, null6 = ref.entry(0, 1, 0, 9), ref.entry(2, 0, 0, 255)
        case("explicit null 0 above", null4 + good, ref.VERIFIED)
        case("explicit null 2 above", null6 + good, ref.VERIFIED)
        case("explicit nulls above", null4 + null6 + null4 + good, ref.VERIFIED)
        case("explicit null with S above", ref.entry(0, 0, 1, 9) + good, ref.NOT_OURS)
        case("explicit null over one with S", null4 + ref.entry(2, 0, 1, 9) + good, ref.NOT_OURS)
        case("explicit null, then foreign", null4 + ref.entry(top, 0, 0, 9) + good, ref.NOT_OURS)
        case("explicit null, then bare", null4 + vpn + payload, ref.BARE)
        case("explicit null, then bad tag", null4 + flip(good, n * 4 + 4), ref.BAD_TAG)
        case("explicit null, then S of the hop label", null6 + entry_with(good, 0, s=1),
             ref.MALFORMED)
        case("explicit null only", null4, ref.NOT_OURS)
        for label in (1, 3, 7, 15):
            case(f"reserved label {label} above", ref.entry(label, 0, 0, 9) + good, ref.NOT_OURS)

        # Not ours, and bare.
        case("foreign label above", ref.entry(top, 0, 0, 9) + good, ref.NOT_OURS)
        case("no bytes", b"", ref.NOT_OURS)
        case("3 bytes", good[:3], ref.NOT_OURS)
        case("bare", vpn + payload, ref.BARE)
        case("bare without payload", vpn, ref.BARE)
        case("bare with S 0", ref.entry(params.label, 0, 0, 1) + good, ref.BARE)
        case("bare before the epoch", vpn + payload, ref.BARE, now=0)

        # The stack.
        for j in range(n + 1):
            wrong = entry_with(good, j, s=int(j != n))
            case(f"S of entry {j}", wrong, ref.MALFORMED)
        case("a tag too few", good[:n * 4 - 4] + entry_with(good, n - 1, s=1)[n * 4 - 4:n * 4]
             + payload, ref.MALFORMED)
        case("a tag too many", good[:4] + ref.entry(100, 0, 0, 0) + good[4:], ref.MALFORMED)
        for length in range(4, n * 4 + 4) if n == 2 else (4, n * 4 + 3):
            case(f"cut to {length}", good[:length], ref.MALFORMED)

        # The payload.
        stack = good[:n * 4 + 4]
        case("no payload", stack, ref.BAD_TAG)
        case("payload cut", good[:-1], ref.MALFORMED)
        case("IPv4 of 19 bytes", stack + make_payload(rnd, 4, 46)[:19], ref.MALFORMED)
        case("IPv4 with total length 19", stack + b"\x45\0\0\x13" + bytes(42), ref.MALFORMED)
        case("IPv6 of 39 bytes", stack + make_payload(rnd, 6, 40)[:39], ref.MALFORMED)
        case("IPv6 with a byte missing", stack + make_payload(rnd, 6, 48)[:47], ref.MALFORMED)
        case("malformed, wrong S, expired", entry_with(good[:-1], n, s=0), ref.MALFORMED,
             now=ref.U64_MAX, tolerance=0)
        case("malformed comes before not-yet", good[:-1], ref.MALFORMED, now=0)

        # Hop and tags.
        for label in [label for label in params.labels if label != hop][:2]:
            case(f"hop label {label}", entry_with(good, 0, label=label), ref.BAD_HOP, tolerance=0)
        for j in range(1, n + 1):
            for bit in (0, 19):
                tag = ref.parse_entry(good[j * 4:j * 4 + 4])[0] ^ 1 << bit
                case(f"bit {bit} of tag {j}", entry_with(good, j, label=tag), ref.BAD_TAG)
            case(f"tag {j} a reserved label", entry_with(good, j, label=j), ref.BAD_TAG)
        if n > 1:
            swapped = good[:4] + good[8:12] + good[4:8] + good[12:]
            for j in range(1, n + 1):
                swapped = entry_with(swapped, j, s=int(j == n))
            case("tags 1 and 2 swapped", swapped, ref.BAD_TAG)
        at = n * 4 + 4
        case("first byte's low bit", flip(good, at), ref.BAD_TAG)
        case("byte 23", flip(good, at + 23, 7), ref.BAD_TAG)
        case("byte 24", flip(good, at + 24, 7),
             ref.VERIFIED if params.hash_len == 24 else ref.BAD_TAG)
        case("last byte", flip(good, len(good) - 1),
             ref.VERIFIED if params.hash_len == 24 else ref.BAD_TAG)
        shorter = bytearray(good)
        shorter[at + 3] -= 1
        case("total length 1 less", bytes(shorter), ref.BAD_TAG)

    seen = {case["verdict"] for case in cases}
    assert seen == {ref.VERIFIED, ref.MALFORMED, ref.BAD_HOP, ref.BAD_TAG, ref.BARE, ref.EXPIRED,
                    ref.NOT_YET, ref.NOT_OURS}
    return {"params": sets, "cases": cases}


def stamp_vectors():
    rnd = Random("stamp")
    sets = wire_sets()
    del sets["still"]
    cases = []

    def add(name, which, t, above, payload, tc=0, ttl=64):
        params = ref.validate(sets[which])
        stack = b"".join(ref.entry(label, 6, 0, 254) for label in above)
        stack += ref.entry(params.label, tc, 1, ttl)
        verdict, out = ref.stamp(params, t, stack, payload)
        cases.append({"name": name, "params": which, "at": t, "stack": stack.hex(),
                      "payload": payload.hex(), "verdict": verdict,
                      "out": out.hex() if out is not None else None})

    for which, obj in sets.items():
        params = ref.validate(obj)
        t = params.epoch + rnd.below(DAY)
        for above in ((), (1048575,), (0,), tuple(range(100, 108))):
            add(f"{len(above)} labels above", which, t, above, make_payload(rnd, 4, 30))
        for tc, ttl in ((0, 0), (7, 255), (3, 1)):
            add(f"TC {tc}, TTL {ttl}", which, t, (5000,), make_payload(rnd, 6, 42), tc, ttl)
        add("no payload", which, t, (), b"")
        add("padding", which, t, (), make_payload(rnd, 4, 28, 18))
        add("IPv4 cut", which, t, (), make_payload(rnd, 4, 28)[:-1])
        add("IPv4 of 19 bytes", which, t, (), make_payload(rnd, 4, 20)[:19])
        add("IPv6 cut", which, t, (), make_payload(rnd, 6, 41)[:40])
        add("at the epoch", which, params.epoch, (), b"\x10")
        add("before the epoch", which, params.epoch - 1, (), b"\x10")
        add("at 0", which, 0, (), b"\x10")
        if params.over is not None:
            add("last time", which, params.over - 1, (), b"\x10")
            add("at the end", which, params.over, (), b"\x10")
        add("at 2^64 - 1", which, ref.U64_MAX, (), b"\x10")
    return {"params": sets, "cases": cases}


# params.json

def params_vectors():
    """Sets to refuse, as changes to a good one (null takes a member away).

    "range" cases have a member of the right form out of its range, "form"
    cases are not even that, so that what gets a set in binary has none of them.
    """
    rnd = Random("params")
    base = make_set(rnd, label=200, labels=[300, 301, 302], slots=[10**6, 2 * 10**6],
                    generation=7, epoch=YEAR_2024, lifetime=DAY)
    refused, accepted, tolerance = [], [], []

    def apply(patch):
        out = {**base, **patch}
        return {member: value for member, value in out.items() if value is not None}

    def bad(kind, member, patch):
        try:
            ref.validate(apply(patch))
        except ref.ParamError as error:
            assert error.member == member, (error.member, member, patch)
        else:
            raise AssertionError(f"accepted: {patch}")
        refused.append({"kind": kind, "member": member, "patch": patch})

    def good(patch):
        ref.validate(apply(patch))
        accepted.append({"patch": patch})

    def bits(mask):
        return f"0x{mask:016x}"

    for generation in (0, 2**32, 2**63):
        bad("form" if generation else "range", "generation", {"generation": generation})
    good({"generation": 1})
    good({"generation": 2**32 - 1})
    for label in (0, 1, 15, 1048576, 2**31, 2**32 - 1):
        bad("range", "label", {"label": label})
        bad("range", "labels", {"labels": [300, label, 301]})
        bad("range", "labels", {"labels": [label]})
    good({"label": 16})
    good({"label": 1048575})
    good({"labels": [1048575, 16]})
    bad("range", "labels", {"labels": []})
    bad("range", "labels", {"labels": [300, 301, 300]})
    bad("range", "labels", {"labels": [16, 17, 17]})
    bad("range", "labels", {"labels": [200]})
    bad("range", "labels", {"labels": [300, 200, 301]})
    bad("range", "labels", {"labels": [300, 301, 200]})
    for slots in ([], [0], [999], [1000, 999, 1000], [DAY, DAY + 1], [2**64 - 1], [1000] * 257):
        bad("range", "slots", {"slots": slots})
    good({"slots": [1000]})
    good({"slots": [DAY] * 256})
    good({"hash-len": 1})
    good({"hash-len": 65535})
    bad("form", "hash-len", {"hash-len": 0})
    bad("form", "hash-len", {"hash-len": 65536})
    bad("form", "hash", {"hash": "md5"})
    bad("form", "hash", {"hash": "siphash"})
    for count in (0, 4, 255):
        bad("range", "tags", {"tags": count, "select": bits(ALL_BITS)})
    for count, mask in ((1, 0), (1, 1), (1, 0x7FFF), (1, 0x8000_0000_0000_3FFF), (2, 0xFFFF),
                        (2, 0x7FFF_FFFF), (3, 0xFFFF_FFFF_FFFF >> 1), (3, 0xFFFF_FFFF)):
        bad("range", "select", {"tags": count, "select": bits(mask)})
    good({"tags": 1, "select": bits(0xFFFF)})
    good({"tags": 2, "select": bits(0xFFFF_FFFF << 32)})
    good({"tags": 3, "select": bits(0xFFFF_FFFF_FFFF << 9)})
    drop = {"select": None}
    for count, mask in ((1, 0), (1, 0x7FFF), (1, ALL_BITS << 20 & ALL_BITS), (1, 0xFFFF << 5),
                        (2, 0xFFFFF), (2, 0x7FFF << 20 | 0xFFFFF), (2, 0xFFFFF << 20 | 0x7FFF),
                        (3, ALL_BITS ^ 0x1F << 40), (3, 0xFFFF_FFFF_FFFF)):
        bad("range", "and", {**drop, "tags": count, "and": bits(mask)})
    good({**drop, "tags": 1, "and": bits(0xFFFF)})
    good({**drop, "tags": 1, "and": bits(0xFFFF << 4)})
    good({**drop, "tags": 2, "and": bits(0xFFFF << 4 | 0xFFFF << 20)})
    good({**drop, "tags": 3, "and": bits(ALL_BITS >> 8)})
    top = ref.U64_MAX
    bad("range", "lifetime", {"epoch": 1, "lifetime": top})
    bad("range", "lifetime", {"epoch": top, "lifetime": 1})
    bad("range", "lifetime", {"epoch": top, "lifetime": top})
    bad("range", "lifetime", {"epoch": 2**63, "lifetime": 2**63})
    good({"epoch": 0, "lifetime": top})
    good({"epoch": top, "lifetime": 0})
    good({"epoch": 2**63 - 1, "lifetime": 2**63})
    good({"epoch": 0, "lifetime": 0})
    good({"lifetime": 1})

    for member in ref.REQUIRED + ("select",):
        bad("form", member, {member: None})
    bad("form", "labelhop", {"labelhop": 2})
    bad("form", "and", {"and": bits(ALL_BITS)})
    bad("form", "secret", {"secret": 1})
    for member in ("generation", "label", "tags", "epoch", "lifetime", "hash-len"):
        bad("form", member, {member: "seven"})
        bad("form", member, {member: -1})
        bad("form", member, {member: 1.5})
        bad("form", member, {member: True})
    bad("form", "labels", {"labels": 300})
    bad("form", "labels", {"labels": ["300"]})
    bad("form", "slots", {"slots": 10**6})
    bad("form", "epoch", {"epoch": 2**64})
    bad("form", "lifetime", {"lifetime": 2**64})
    for text in ("", "0" * 15, "0" * 17, "g" * 16, "0x" + "0" * 14, 7):
        bad("form", "id", {"id": text})
    for text in ("", "00" * 31, "00" * 33, "0" * 63 + " ", "xy" * 32, 7):
        bad("form", "seed", {"seed": text})
    for text in ("", "0x", "ffff", "0x" + "f" * 17, "0xfffg", "0x-ffff", 65535):
        bad("form", "select", {"select": text})

    for slots, most in (([1000], 500), ([1001], 500), ([10**9, 5000, 10**9], 2500),
                        ([DAY], DAY // 2)):
        for value, fine in ((0, True), (most, True), (most + 1, False), (DAY, False)):
            try:
                ref.check_tolerance(ref.validate(apply({"slots": slots})), value)
            except ref.ParamError as error:
                assert not fine and error.member == "tolerance"
            else:
                assert fine
            tolerance.append({"patch": {"slots": slots}, "tolerance": value, "accepted": fine})
    return {"base": base, "refused": refused, "accepted": accepted, "tolerance": tolerance}


def files():
    """The text of each file of selftests/vectors."""
    makers = {"derive.json": derive_vectors, "tags.json": tags_vectors,
              "payload.json": payload_vectors, "window.json": window_vectors,
              "verify.json": verify_vectors, "stamp.json": stamp_vectors,
              "params.json": params_vectors}
    return {name: dump({"license": "SPDX-License-Identifier: GPL-2.0", **make()})
            for name, make in makers.items()}
