# SPDX-License-Identifier: GPL-2.0
"""Valid requests: what the specification and Documentation/netlink.rst allow."""

import ipaddress

DEVICES, VRF = ("d0", "d1", "d2", "v0", "v1", "lo"), "red"
# The others never exist.
VRFS = (VRF, "r0", "r" * 15)
# Few, so that random packets hit labels and that sessions get into each other's way.
LABELS = 2048
SESSIONS = 12
PWS = 6
PAYLOADS = IP, PW, PW_NO_CW, LINK = range(4)
IN, OUT = 0, 1


def bits(mask):
    return bin(mask).count("1")


def tag_bits(select, mask, tags):
    """Digest bits of the weakest tag label: protocol.rst, "Tag labels"."""
    if select == 0:
        return min(20, bits(mask) // tags)
    return min(bits(mask >> 20 * i & 0xFFFFF) for i in range(tags))


class Maker:
    """Makes requests that the kernel must accept in the state that it is in."""

    def __init__(self, rng, spec):
        self.rng, self.spec, self.names = rng, spec, 0
        self.secrets = []

    def number(self, group, name):
        """Within the limits, and often at one."""
        low, high = self.spec.limits(self.spec.sets[group][name])
        return self.rng.choice((low, high, self.rng.randint(low, high),
                                min(high, low + self.rng.randrange(100))))

    def request(self, state):
        """(operation, values)"""
        op = self.rng.choices(
            ("session-new", "session-set", "session-del", "session-get", "session-flush",
             "port-new", "port-del", "port-get", "clock-set", "clock-get",
             "link-new", "link-del", "link-get", "pw-new", "pw-set", "pw-del", "pw-get",
             "vrf-new", "vrf-set", "vrf-del", "vrf-get"),
            (40, 15, 15, 10, 1, 8, 8, 5, 5, 5, 12, 5, 3, 10, 8, 5, 3, 6, 4, 4, 2))[0]
        if op == "link-new" and not self.free_links(state):
            op = "session-new"
        if op in ("link-del", "link-get") and not state.links or \
                op in ("pw-set", "pw-del", "pw-get") and not state.pws:
            op = "pw-new"
        if op in ("vrf-set", "vrf-del", "vrf-get") and not state.vrfs:
            op = "vrf-new"
        if op == "vrf-new" and set(VRFS) <= state.vrfs.keys():
            op = "vrf-del"
        if op == "pw-new" and len(state.pws) >= PWS:
            op = "pw-del"
        if op == "session-new" and len(state.sessions) >= SESSIONS:
            op = "session-del"
        if op in ("session-set", "session-del", "session-get") and not state.sessions:
            op = "session-new"
        if op in ("port-del", "port-get") and not state.ports:
            op = "port-new"
        if op == "port-new" and len(state.ports) == len(DEVICES):
            op = "port-del"
        return op, getattr(self, op.replace("-", "_"))(state)

    # Sessions

    def name(self):
        self.names += 1
        first = f"s{self.names}"
        printable = "".join(map(chr, range(0x21, 0x7F)))
        if self.rng.random() < 0.2:
            return first + "".join(self.rng.choices(printable, k=31 - len(first)))
        return first

    def slots(self, at_least):
        low, high = self.spec.consts["slot-ns-min"], self.spec.consts["slot-ns-max"]
        n = self.rng.choice((1, 1, 2, 3, 8, self.spec.consts["slots-max"]))
        low = max(low, at_least)
        return [self.rng.choice((low, high, self.rng.randint(low, high))) for _ in range(n)]

    def labels(self, state, direction):
        """(VPN label, K) that no session of the state is in the way of."""
        sessions = [s for s in state.sessions.values() if s["dir"] == direction]
        vpns = {s["params"]["label"] for s in sessions}
        taken = set(vpns)
        # Of sets out no label is in the way of another but the VPN label.
        if direction == IN:
            taken.update(label for s in sessions for label in s["params"]["labels"])
            taken.update(pw.get("in-label") for pw in state.pws.values())
        free = [label for label in range(16, LABELS) if label not in taken]
        n = max(1, min(self.rng.choice((1, 2, 3, 8, 16, 16, 64)), len(free) // 8))
        if (direction == OUT or not sessions) and self.rng.random() < 0.1:
            n = self.spec.consts["labels-max"]
            free += [label for label in range(LABELS, LABELS + n) if label not in vpns]
        vpn, *k = self.rng.sample(free, n + 1)
        if direction == IN and vpns and self.rng.random() < 0.3:
            vpn = self.rng.choice(sorted(vpns))
        return vpn, k

    def params(self, state, direction, tolerance):
        label, labels = self.labels(state, direction)
        tags, select = self.rng.randint(1, 3), self.rng.randint(0, 1)
        mask = (1 << 64) - 1
        for _ in range(self.rng.randrange(20)):
            less = mask & ~(1 << self.rng.randrange(64))
            if tag_bits(select, less, tags) >= self.spec.consts["tag-bits-min"]:
                mask = less
        epoch = self.number("params", "epoch")
        lifetime = self.number("params", "lifetime")
        if epoch + lifetime >= 1 << 64:
            lifetime = 0
        seed = self.rng.randbytes(32)
        self.secrets = self.secrets[-31:] + [seed]
        return [
            ("id", self.rng.getrandbits(64)), ("generation", self.number("params", "generation")),
            ("label", label), ("epoch", epoch), ("lifetime", lifetime), ("labels", labels),
            ("slots", self.slots(2 * tolerance)), ("hash", 1),
            ("hash-len", self.number("params", "hash-len")), ("tags", tags),
            ("select", select), ("mask", mask), ("seed", seed)]

    def prefix(self):
        size = self.rng.choice((4, 16))
        length = self.rng.choice((0, size * 8, self.rng.randint(0, size * 8)))
        address = ipaddress.ip_network((self.rng.randbytes(size), length), strict=False)
        return [("addr", address.network_address.packed), ("len", length)]

    def window(self):
        """(tolerance or None, what it is then)"""
        if self.rng.random() < 0.3:
            return None, 10**8
        tolerance = self.rng.choice((0, 1, 500, 10**8, self.rng.randint(0, 4 * 10**13)))
        return tolerance, tolerance

    def session_new(self, state):
        direction = self.rng.choice((IN, OUT))
        payload = self.rng.choice((IP, *PAYLOADS))
        values = [("name", self.name()), ("dir", direction)]
        if payload or self.rng.random() < 0.2:
            values.append(("payload", payload))
        need = 0
        if direction == IN:
            tolerance, need = self.window()
            if tolerance is not None:
                values.append(("tolerance", tolerance))
            if self.rng.random() < 0.5:
                values.append(("delay", self.number("session", "delay")))
        elif payload == IP:
            if self.rng.random() < 0.3:
                values.append(("outer", self.number("session", "outer")))
            if self.rng.random() < 0.3:
                values.append(("vrf", VRF))
        if self.rng.random() < 0.5:
            values.append(("policy", self.number("session", "policy")))
        values += self.loss()
        if payload != LINK and (payload == IP or direction == IN) and self.rng.random() < 0.4:
            values.append(("dev", self.rng.choice(DEVICES)))
        if payload in (PW, PW_NO_CW) and self.rng.random() < 0.3:
            n = self.rng.choice((1, 2, self.spec.consts["macs-max"]))
            values += [("mac", self.rng.randbytes(6)) for _ in range(n)]
        if payload == IP and self.rng.random() < 0.3:
            n = self.rng.choice((1, 2, 3, self.spec.consts["prefixes-max"]))
            values += [("prefix", self.prefix()) for _ in range(n)]
        values.append(("params", self.params(state, direction, need)))
        if self.rng.random() < 0.3:
            self.rng.shuffle(values)
        return values

    def loss(self):
        if self.rng.random() < 0.5:
            return []
        loss = self.number("session", "loss")
        return [("loss", loss)] + [("hold", self.number("session", "hold"))] * (loss == 1)

    def old(self, state):
        return self.rng.choice(list(state.sessions.values()))

    def session_set(self, state):
        session = self.old(state)
        values = [("name", session["name"])]
        if self.rng.random() < 0.7:
            values.append(("policy", self.number("session", "policy")))
        if session["dir"] == IN and self.rng.random() < 0.7:
            most = min(session["params"]["slots"]) // 2
            values.append(("tolerance", self.rng.choice((0, most, self.rng.randint(0, most)))))
        if session["dir"] == IN and self.rng.random() < 0.5:
            values.append(("delay", self.number("session", "delay")))
        return values + self.loss()

    def session_del(self, state):
        return [("name", self.old(state)["name"])]

    session_get = session_del

    def session_flush(self, _state):
        return []

    # Links and pseudowires

    def free_links(self, state):
        """(session, device) pairs that no link is in the way of."""
        taken = {(state.sessions[link["session"]]["dir"], link["dev"])
                 for link in state.links.values() if link["session"] in state.sessions}
        # One whose session is gone has a direction all the same.
        closed = {link["dev"] for link in state.links.values()
                  if link["session"] not in state.sessions}
        return [(s, dev) for s in state.sessions.values() if s["payload"] == LINK
                for dev in DEVICES if (s["dir"], dev) not in taken and dev not in closed]

    def link_new(self, state):
        session, dev = self.rng.choice(self.free_links(state))
        values = [("name", self.name()), ("dev", dev), ("session", session["name"])]
        if self.rng.random() < 0.3:
            values.append(("transport", self.number("link", "transport")))
        if session["dir"] == OUT and self.rng.random() < 0.3:
            values.append(("neighbour", b"\2" + self.rng.randbytes(5)))
        if self.rng.random() < 0.3:
            n = self.rng.choice((1, 2, self.spec.consts["lsps-max"]))
            values += [("lsp", self.number("link", "lsp")) for _ in range(n)]
        return values

    def link_del(self, state):
        return [("name", self.rng.choice(list(state.links)))]

    link_get = link_del

    def ends(self, state, payload, flow_label=0):
        """Sessions or labels for both directions."""
        values = []
        used = {pw.get("in-label") for pw in state.pws.values()}
        used.update(label for s in state.sessions.values() if s["dir"] == IN
                    for label in s["params"]["labels"])
        for direction, name in ((IN, "in"), (OUT, "out")):
            fit = [s for s in state.sessions.values()
                   if (s["dir"], s["payload"]) == (direction, payload)
                   and (direction == OUT or s["params"]["label"] not in used)]
            if fit and self.rng.random() < 0.7 and not (direction == OUT and flow_label):
                values.append((name, self.rng.choice(fit)["name"]))
            else:
                label = self.rng.choice([n for n in range(16, LABELS) if n not in used])
                label = label if self.rng.random() < 0.9 else 0
                values.append((name + "-label", label))
        return values

    def pw_new(self, state):
        self.names += 1
        cw, flow = self.rng.choice((0, 1, 1)), self.rng.choice((0, 0, 1))
        remote = self.rng.choice((b"\x0a" + self.rng.randbytes(3), b"\xfd" + self.rng.randbytes(15)))
        values = [("name", f"p{self.names}"), ("remote", remote),
                  *self.ends(state, PW if cw else PW_NO_CW, flow)]
        if not cw or self.rng.random() < 0.3:
            values.append(("control-word", cw))
        if flow or self.rng.random() < 0.3:
            values.append(("flow-label", flow))
        if self.rng.random() < 0.3:
            values.append(("mtu", self.rng.choice((0, self.rng.randint(68, 65521)))))
        if self.rng.random() < 0.5:
            values.append(("tunnel", self.rng.choice((0, 1))))
        return values

    def pw_set(self, state):
        pw = self.rng.choice(list(state.pws.values()))
        cw = pw["control-word"] if self.rng.random() < 0.7 else 1 - pw["control-word"]
        # Its own session may have been replaced by one that does not fit.
        values = [("name", pw["name"]),
                  *self.ends(state, PW if cw else PW_NO_CW, pw["flow-label"])]
        if cw != pw["control-word"] or self.rng.random() < 0.3:
            values.append(("control-word", cw))
        if self.rng.random() < 0.3:
            values.append(("remote", b"\x0a" + self.rng.randbytes(3)))
        if self.rng.random() < 0.3:
            values.append(("mtu", self.rng.choice((0, self.rng.randint(68, 65521)))))
        if self.rng.random() < 0.3:
            values.append(("tunnel", self.rng.choice((0, 1))))
        others = [p["in-label"] for p in state.pws.values()
                  if "in-label" in p and p["name"] != pw["name"]]
        into = [v for v in values if v[0] in ("in", "in-label")]
        if others and into[0][0] == "in-label" and self.rng.random() < 0.3:
            values.remove(into[0])
            values += [("in-label", self.rng.choice(others)), ("steal", 1)]
        return values

    def pw_del(self, state):
        return [("name", self.rng.choice(list(state.pws)))]

    pw_get = pw_del

    # Protected VRFs

    def vrf_new(self, state):
        values = [("name", self.rng.choice([v for v in VRFS if v not in state.vrfs]))]
        if self.rng.random() < 0.5:
            values.append(("policy", self.number("vrf", "policy")))
        return values

    def vrf_set(self, state):
        return [*self.vrf_del(state), ("policy", self.number("vrf", "policy"))]

    def vrf_del(self, state):
        return [("name", self.rng.choice(list(state.vrfs)))]

    vrf_get = vrf_del

    # Ports and the clock

    def port_new(self, state):
        return [("dev", self.rng.choice([d for d in DEVICES if d not in state.ports]))]

    def port_del(self, state):
        return [("dev", self.rng.choice(state.ports))]

    port_get = port_del

    def clock_set(self, _state):
        # There is no PTP hardware clock.
        source = self.rng.choice((0, 1, 2))
        values = [("source", source)]
        if source == 2 and self.rng.random() < 0.5:
            values.append(("utc-offset", self.number("clock", "utc-offset")))
        return values

    def clock_get(self, _state):
        return []
