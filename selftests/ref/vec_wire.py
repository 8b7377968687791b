# SPDX-License-Identifier: GPL-2.0
"""window.json, verify.json and stamp.json: what sender and receiver do."""

import gen
import labelhop_ref as ref

# window.json

def window_vectors():
    rnd = gen.Random("window")
    groups = []

    def group(name, settings, nows, **members):
        obj = gen.make_set(rnd, **members)
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
    rnd = gen.Random("wire")
    start = gen.YEAR_2024
    return {
        "one": gen.make_set(rnd, label=200, labels=rnd.labels(16, 200), slots=[10**7], epoch=start),
        "two": gen.make_set(rnd, label=16, labels=rnd.labels(4, 16), tags=2,
                            select=rnd.mask(40, range(64)), slots=[10**6, 3 * 10**6, 10**6],
                            epoch=start, **{"hash-len": 24}),
        "three": gen.make_set(rnd, label=1048575, labels=rnd.labels(64, 1048575), tags=3,
                              slots=[10**6], epoch=start, lifetime=gen.DAY,
                              **{"and": gen.ALL_BITS}),
        "still": gen.make_set(rnd, label=300, labels=[301], slots=[10**6], epoch=start),
    }


def next_slot_time(params, t, same_hop):
    """A time in a later slot whose hop label is, or is not, that of t's slot."""
    number = ref.slot(params, t)[0]
    while True:
        t = ref.slot(params, t)[2]
        again = ref.slot(params, t)[0]
        if (ref.hop_label(params, number) == ref.hop_label(params, again)) == same_hop:
            return t


class VerifyCases:
    """The cases of one set, around one packet that is good."""

    def __init__(self, rnd, which, obj, cases):
        self.rnd, self.which, self.cases = rnd, which, cases
        self.params = params = ref.validate(obj)
        self.n, self.tolerance, self.delay = params.tags, min(params.slots) // 2, 12345
        self.t = params.epoch + 10**10 + 77
        self.payload = gen.make_payload(rnd, 4, 30)
        self.vpn = ref.entry(params.label, 5, 1, 63)
        self.good = ref.stamp(params, self.t, self.vpn, self.payload)[1]

    def case(self, name, packet, expected, **settings):
        settings = {"now": self.t + self.delay, "tolerance": self.tolerance,
                    "delay": self.delay, **settings}
        verdict, out = ref.verify(self.params, packet=packet, **settings)
        assert verdict == expected, (self.which, name, verdict, expected)
        self.cases.append({"name": name, "params": self.which, **settings,
                           "packet": packet.hex(), "verdict": verdict, "out": out.hex()})

    def add_good(self):
        case, params, good, rnd = self.case, self.params, self.good, self.rnd
        t, vpn = self.t, self.vpn
        case("good", good, ref.VERIFIED)
        case("good, no tolerance", good, ref.VERIFIED, tolerance=0)
        for kind, length, pad in ((0, 0, 0), (0, 1, 0), (0, 65, 0), (4, 20, 26), (4, 20, 0),
                                  (6, 40, 0), (6, 48, 7)):
            packet = ref.stamp(params, t, vpn, gen.make_payload(rnd, kind, length, pad))[1]
            case(f"good, version {kind}, length {length}, padding {pad}", packet, ref.VERIFIED)
        case("padding changed", gen.flip(packet, len(packet) - 1), ref.VERIFIED)
        case("padding removed", packet[:-pad], ref.VERIFIED)

    def add_times(self):
        case, params, good, n, t = self.case, self.params, self.good, self.n, self.t
        payload, vpn, tolerance, delay = self.payload, self.vpn, self.tolerance, self.delay
        first = ref.stamp(params, params.epoch, vpn, payload)[1]
        case("at the epoch", first, ref.VERIFIED, now=params.epoch + delay)
        case("1 ns inside of the tolerance", first, ref.VERIFIED,
             now=params.epoch + delay - tolerance)
        case("not-yet", first, ref.NOT_YET, now=params.epoch + delay - tolerance - 1)
        case("not-yet, bad tag", gen.flip(first, n * 4 + 4), ref.NOT_YET, now=0)
        case("not-yet, wrong hop", gen.entry_with(first, 0, label=params.labels[-1]), ref.NOT_YET,
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
            case("expired, bad tag", gen.flip(last, n * 4 + 4), ref.EXPIRED, now=ref.U64_MAX)

    def add_ttl(self):
        """TC and TTL are not looked at; the hop label's go to the VPN label."""
        case, good, n = self.case, self.good, self.n
        case("hop label's TC and TTL", gen.entry_with(good, 0, tc=0, ttl=0), ref.VERIFIED)
        case("hop label's TC 7, TTL 255", gen.entry_with(good, 0, tc=7, ttl=255), ref.VERIFIED)
        for j in range(1, n + 1):
            case(f"tag {j}'s TC and TTL", gen.entry_with(good, j, tc=3, ttl=200), ref.VERIFIED)

    def add_nulls(self):
        case, good, n, payload, vpn = self.case, self.good, self.n, self.payload, self.vpn
        null4, null6 = ref.entry(0, 1, 0, 9), ref.entry(2, 0, 0, 255)
        case("explicit null 0 above", null4 + good, ref.VERIFIED)
        case("explicit null 2 above", null6 + good, ref.VERIFIED)
        case("explicit nulls above", null4 + null6 + null4 + good, ref.VERIFIED)
        case("explicit null with S above", ref.entry(0, 0, 1, 9) + good, ref.NOT_OURS)
        case("explicit null over one with S", null4 + ref.entry(2, 0, 1, 9) + good, ref.NOT_OURS)
        case("explicit null, then foreign", null4 + ref.entry(777777, 0, 0, 9) + good, ref.NOT_OURS)
        case("explicit null, then bare", null4 + vpn + payload, ref.BARE)
        case("explicit null, then bad tag", null4 + gen.flip(good, n * 4 + 4), ref.BAD_TAG)
        case("explicit null, then S of the hop label", null6 + gen.entry_with(good, 0, s=1),
             ref.MALFORMED)
        case("explicit null only", null4, ref.NOT_OURS)
        for label in (1, 3, 7, 15):
            case(f"reserved label {label} above", ref.entry(label, 0, 0, 9) + good, ref.NOT_OURS)

    def add_not_protected(self):
        case, params, good = self.case, self.params, self.good
        payload, vpn = self.payload, self.vpn
        case("foreign label above", ref.entry(777777, 0, 0, 9) + good, ref.NOT_OURS)
        case("no bytes", b"", ref.NOT_OURS)
        case("3 bytes", good[:3], ref.NOT_OURS)
        case("bare", vpn + payload, ref.BARE)
        case("bare without payload", vpn, ref.BARE)
        case("bare with S 0", ref.entry(params.label, 0, 0, 1) + good, ref.BARE)
        case("bare before the epoch", vpn + payload, ref.BARE, now=0)

    def add_stacks(self):
        case, good, n, payload = self.case, self.good, self.n, self.payload
        for j in range(n + 1):
            wrong = gen.entry_with(good, j, s=int(j != n))
            case(f"S of entry {j}", wrong, ref.MALFORMED)
        case("a tag too few", good[:n * 4 - 4] + gen.entry_with(good, n - 1, s=1)[n * 4 - 4:n * 4]
             + payload, ref.MALFORMED)
        case("a tag too many", good[:4] + ref.entry(100, 0, 0, 0) + good[4:], ref.MALFORMED)
        for length in range(4, n * 4 + 4) if n == 2 else (4, n * 4 + 3):
            case(f"cut to {length}", good[:length], ref.MALFORMED)

    def add_payloads(self):
        case, good, n, rnd = self.case, self.good, self.n, self.rnd
        stack = good[:n * 4 + 4]
        case("no payload", stack, ref.BAD_TAG)
        case("payload cut", good[:-1], ref.MALFORMED)
        case("IPv4 of 19 bytes", stack + gen.make_payload(rnd, 4, 46)[:19], ref.MALFORMED)
        case("IPv4 with total length 19", stack + b"\x45\0\0\x13" + bytes(42), ref.MALFORMED)
        case("IPv6 of 39 bytes", stack + gen.make_payload(rnd, 6, 40)[:39], ref.MALFORMED)
        case("IPv6 with a byte missing", stack + gen.make_payload(rnd, 6, 48)[:47], ref.MALFORMED)
        case("malformed, wrong S, expired", gen.entry_with(good[:-1], n, s=0), ref.MALFORMED,
             now=ref.U64_MAX, tolerance=0)
        case("malformed comes before not-yet", good[:-1], ref.MALFORMED, now=0)

    def add_labels(self):
        case, params, good, n = self.case, self.params, self.good, self.n
        hop = ref.parse_entry(good[:4])[0]
        for label in [label for label in params.labels if label != hop][:2]:
            case(f"hop label {label}", gen.entry_with(good, 0, label=label), ref.BAD_HOP,
                 tolerance=0)
        for j in range(1, n + 1):
            for bit in (0, 19):
                tag = ref.parse_entry(good[j * 4:j * 4 + 4])[0] ^ 1 << bit
                case(f"bit {bit} of tag {j}", gen.entry_with(good, j, label=tag), ref.BAD_TAG)
            case(f"tag {j} a reserved label", gen.entry_with(good, j, label=j), ref.BAD_TAG)
        if n > 1:
            swapped = good[:4] + good[8:12] + good[4:8] + good[12:]
            for j in range(1, n + 1):
                swapped = gen.entry_with(swapped, j, s=int(j == n))
            case("tags 1 and 2 swapped", swapped, ref.BAD_TAG)

    def add_bytes(self):
        case, params, good, n = self.case, self.params, self.good, self.n
        at = n * 4 + 4
        case("first byte's low bit", gen.flip(good, at), ref.BAD_TAG)
        case("byte 23", gen.flip(good, at + 23, 7), ref.BAD_TAG)
        unhashed = ref.VERIFIED if params.hash_len == 24 else ref.BAD_TAG
        case("byte 24", gen.flip(good, at + 24, 7), unhashed)
        case("last byte", gen.flip(good, len(good) - 1), unhashed)
        shorter = bytearray(good)
        shorter[at + 3] -= 1
        case("total length 1 less", bytes(shorter), ref.BAD_TAG)


class KindCases:
    """The cases of one set that are not of a VPN's IP packets."""

    def __init__(self, rnd, which, obj, cases):
        self.rnd, self.which, self.cases = rnd, which, cases
        self.params = ref.validate(obj)
        self.tolerance = min(self.params.slots) // 4
        self.t = self.params.epoch + 10**10 + 77
        self.vpn = ref.entry(self.params.label, 5, 1, 63)

    def case(self, name, packet, expected, kind, transport=0, error=0, tolerance=None, now=None):
        settings = {"now": self.t if now is None else now, "delay": 0,
                    "tolerance": self.tolerance if tolerance is None else tolerance}
        transports = (transport,) if transport else ()
        verdict, out = ref.verify(self.params, packet=packet, kind=kind, transports=transports,
                                  error=error, **settings)
        assert verdict == expected, (self.which, name, verdict, expected)
        self.cases.append({"name": name, "params": self.which, **settings, "kind": kind,
                           "transport": transport, "error": error, "packet": packet.hex(),
                           "verdict": verdict, "out": out.hex()})

    def stamped(self, payload, kind):
        return ref.stamp(self.params, self.t, self.vpn, payload, kind)[1]

    def add_pw(self):
        case, rnd, n = self.case, self.rnd, self.params.tags * 4 + 4
        short, long = rnd.data(30), rnd.data(90)
        good = self.stamped(b"\0\x22\0\0" + short, "pw")
        case("pw, short", good, ref.VERIFIED, "pw")
        case("pw, short, padded", good + rnd.data(12), ref.VERIFIED, "pw")
        case("pw, length field 1 less", gen.flip(gen.flip(good, n + 1), n + 1, 1), ref.BAD_TAG,
             "pw")
        case("pw, short, no length", self.stamped(bytes(4) + short, "pw"), ref.VERIFIED, "pw")
        case("pw, long", self.stamped(bytes(4) + long, "pw"), ref.VERIFIED, "pw")
        case("pw, long with a length", self.stamped(b"\0\x22\0\0" + long, "pw"), ref.VERIFIED,
             "pw")
        case("pw, other bits and a sequence number", self.stamped(b"\x0f\xc0\1\2" + long, "pw"),
             ref.VERIFIED, "pw")
        case("pw, a bit of them changed", gen.flip(good, n), ref.BAD_TAG, "pw")
        case("pw, first nibble 1", gen.flip(good, n, 4), ref.MALFORMED, "pw")
        case("pw, length beyond the end", good[:-1], ref.MALFORMED, "pw")
        case("pw, length 17", good[:n] + b"\0\x11" + good[n + 2:], ref.MALFORMED, "pw")
        case("pw, no whole control word", good[:n + 3], ref.MALFORMED, "pw")
        case("pw, bare", self.vpn + good[n:], ref.BARE, "pw")

    def add_pw_no_cw(self):
        case, rnd, n = self.case, self.rnd, self.params.tags * 4 + 4
        good = self.stamped(b"\x45" + rnd.data(20), "pw-no-cw")
        assert len(good) == n + 60
        case("pw-no-cw", good, ref.VERIFIED, "pw-no-cw")
        case("pw-no-cw, a byte more", good + b"\0", ref.BAD_TAG, "pw-no-cw")
        case("pw-no-cw, a byte less", good[:-1], ref.BAD_TAG, "pw-no-cw")
        case("pw-no-cw, bare", self.vpn + good[n:], ref.BARE, "pw-no-cw")

    def add_link(self):
        case, params, n = self.case, self.params, self.params.tags * 4 + 4
        null, transport = ref.entry(0, 0, 0, 9), ref.entry(4000, 1, 0, 9)
        below = ref.entry(3002, 2, 0, 62) + ref.entry(200, 0, 1, 63) + self.rnd.data(50)
        good = ref.stamp_link(params, self.t, below)
        for name, packet, verdict in (
                ("", good, ref.VERIFIED), ("transport label", transport + good, ref.VERIFIED),
                ("short", ref.stamp_link(params, self.t, below[:9]), ref.VERIFIED),
                ("two transport labels", transport * 2 + good, ref.BARE),
                ("transport label only", transport + below, ref.BARE),
                ("TTL of the stack", gen.entry_with(good, params.tags + 1, ttl=61), ref.BAD_TAG),
                ("TC and TTL of the hop label", gen.entry_with(good, 0, tc=7, ttl=1), ref.VERIFIED),
                ("S of the hop label", gen.entry_with(good, 0, s=1), ref.MALFORMED),
                ("S of the last tag", gen.entry_with(good, params.tags, s=1), ref.MALFORMED),
                ("cut", good[:n - 1], ref.MALFORMED), ("nothing below", good[:n], ref.BAD_TAG),
                ("bare", below, ref.BARE), ("the set's label", self.vpn + below, ref.BARE),
                ("no bytes", b"", ref.BARE), ("nulls, then no more", null * 3, ref.BARE),
                ("null with S", ref.entry(0, 0, 1, 9) + good, ref.BARE)):
            case(f"link, {name}".rstrip(", "), packet, verdict, "link", 4000)
        for above, under in ((128, None), (129, None), (128, 0), (0, 128), (3, 125), (3, 126),
                             (3, 127), (129, 0), (0, 129)):
            data = null * above + (b"" if under is None else transport + null * under)
            total = above + (under or 0)
            verdict = ref.VERIFIED if total <= 128 else ref.TOO_MANY
            case(f"link, {above} nulls, {under} below a transport label", data + good, verdict,
                 "link", 4000)
            if total > 128:
                case(f"link, {above} nulls, {under} below, bare", data + below, ref.TOO_MANY,
                     "link", 4000)

    def add_nulls(self):
        good, null = self.stamped(b"\x10nulls", "ip"), ref.entry(2, 0, 0, 9)
        for nulls, verdict in ((128, ref.VERIFIED), (129, ref.TOO_MANY), (200, ref.TOO_MANY)):
            self.case(f"{nulls} explicit nulls", null * nulls + good, verdict, "ip")
        self.case("129 explicit nulls, then bare", null * 129 + self.vpn, ref.TOO_MANY, "ip")
        self.case("129 explicit nulls, then no more", null * 129, ref.TOO_MANY, "ip")

    def add_errors(self):
        case, params = self.case, self.params
        good, half = self.stamped(b"\x10errors", "ip"), min(params.slots) // 2
        case("the largest error", good, ref.VERIFIED, "ip", error=half, tolerance=0)
        case("the largest error beside a tolerance", good, ref.VERIFIED, "ip", error=half - 1,
             tolerance=1)
        case("error and tolerance 1 ns too many", good, ref.CLOCK_ERROR, "ip", error=half,
             tolerance=1)
        case("error 1 ns too large", good, ref.CLOCK_ERROR, "ip", error=half + 1, tolerance=0)
        case("malformed comes before clock-error", good[:4], ref.MALFORMED, "ip", error=half + 1)
        case("clock-error comes before not-yet", good, ref.CLOCK_ERROR, "ip", error=half + 1,
             now=0)
        case("the error widens the window", good, ref.VERIFIED, "ip", error=half, tolerance=0,
             now=self.t - half)


def verify_vectors():
    rnd = gen.Random("verify")
    sets = wire_sets()
    cases = []
    for which, obj in sets.items():
        some = VerifyCases(rnd, which, obj, cases)
        some.add_good()
        some.add_times()
        # With a single label only time is different.
        if which == "still":
            continue
        some.add_ttl()
        some.add_nulls()
        some.add_not_protected()
        some.add_stacks()
        some.add_payloads()
        some.add_labels()
        some.add_bytes()
    rnd = gen.Random("kinds")
    for which, obj in sets.items():
        if which == "still":
            continue
        some = KindCases(rnd, which, obj, cases)
        some.add_pw()
        some.add_pw_no_cw()
        some.add_link()
        some.add_nulls()
        some.add_errors()

    seen = {case["verdict"] for case in cases}
    assert seen == {ref.VERIFIED, ref.MALFORMED, ref.BAD_HOP, ref.BAD_TAG, ref.BARE, ref.EXPIRED,
                    ref.NOT_YET, ref.NOT_OURS, ref.TOO_MANY, ref.CLOCK_ERROR}
    return {"params": sets, "cases": cases}


def stamp_vectors():
    rnd = gen.Random("stamp")
    sets = wire_sets()
    del sets["still"]
    cases = []

    def add(name, which, t, above, payload, tc=0, ttl=64, **how):
        params = ref.validate(sets[which])
        stack = b"".join(ref.entry(label, 6, 0, 254) for label in above)
        stack += ref.entry(params.label, tc, 1, ttl)
        verdict, out = ref.stamp(params, t, stack, payload, **how)
        cases.append({"name": name, "params": which, "at": t, **how, "stack": stack.hex(),
                      "payload": payload.hex(), "verdict": verdict,
                      "out": out.hex() if out is not None else None})

    def add_kinds(which, t):
        half = min(ref.validate(sets[which]).slots) // 2
        add("pw, short", which, t, (5000,), b"\0\x22\0\0" + rnd.data(30), kind="pw")
        add("pw, long", which, t, (), bytes(4) + rnd.data(70), kind="pw")
        add("pw, no frame", which, t, (), bytes(17), kind="pw")
        add("pw-no-cw, short", which, t, (), rnd.data(14), kind="pw-no-cw")
        add("pw-no-cw", which, t, (7000,), rnd.data(60), kind="pw-no-cw")
        for transport in (0, 4000):
            for length in (0, 1, 40):
                add(f"link, {length} bytes", which, t, (3002,), rnd.data(length), 5, 61,
                    kind="link", transport=transport)
        add("the largest error", which, t, (), b"\x10", error=half)
        add("error 1 ns too large", which, t, (), b"\x10", error=half + 1)
        add("clock-error comes before not-yet", which, 0, (), b"\x10", error=half + 1)

    def add_sizes(which, t):
        """Around the largest packet that fits."""
        tags = ref.validate(sets[which]).tags
        for kind, transport, added in (("ip", 0, tags), ("pw", 0, tags), ("link", 0, 1 + tags),
                                       ("link", 4000, 2 + tags)):
            for more in (0, 1):
                payload = bytes(4) + rnd.data(96 + more) if kind == "pw" else \
                    gen.make_payload(rnd, 4, 100 + more)
                add(f"MTU less {added} labels and {-more} bytes", which, t, (5000, 5001), payload,
                    kind=kind, transport=transport, mtu=112 + 4 * added)
        add("too-big comes before not-yet", which, 0, (), bytes(100), mtu=100)

    for which, obj in sets.items():
        params = ref.validate(obj)
        t = params.epoch + rnd.below(gen.DAY)
        for above in ((), (1048575,), (0,), tuple(range(100, 108))):
            add(f"{len(above)} labels above", which, t, above, gen.make_payload(rnd, 4, 30))
        for tc, ttl in ((0, 0), (7, 255), (3, 1)):
            add(f"TC {tc}, TTL {ttl}", which, t, (5000,), gen.make_payload(rnd, 6, 42), tc, ttl)
        add("no payload", which, t, (), b"")
        add("padding", which, t, (), gen.make_payload(rnd, 4, 28, 18))
        add("IPv4 cut", which, t, (), gen.make_payload(rnd, 4, 28)[:-1])
        add("IPv4 of 19 bytes", which, t, (), gen.make_payload(rnd, 4, 20)[:19])
        add("IPv6 cut", which, t, (), gen.make_payload(rnd, 6, 41)[:40])
        add("at the epoch", which, params.epoch, (), b"\x10")
        add("before the epoch", which, params.epoch - 1, (), b"\x10")
        add("at 0", which, 0, (), b"\x10")
        if params.over is not None:
            add("last time", which, params.over - 1, (), b"\x10")
            add("at the end", which, params.over, (), b"\x10")
        add("at 2^64 - 1", which, ref.U64_MAX, (), b"\x10")
    for which, obj in sets.items():
        t = ref.validate(obj).epoch + rnd.below(gen.DAY)
        add_kinds(which, t)
        add_sizes(which, t)
    return {"params": sets, "cases": cases}
