# SPDX-License-Identifier: GPL-2.0
"""What a request should do: Documentation/netlink.rst once more, as a model."""

from nl_make import DEVICES, IN, OUT, tag_bits

SECRET = {"params": ("seed",)}
# What changes by itself.
MOVING = ("stats", "slot", "hop", "fails", "now", "tai-offset", "offset", "ifindex",
          "verified", "bare", "dropped")
HOLD = 1
PW, PW_NO_CW, LINK = 1, 2, 3
PW_PAIRS = (("in", "in-label"), ("out", "out-label"))
PW_ENDS = {name for pair in PW_PAIRS for name in pair}
PW_CHANGES = ("remote", "control-word", "flow-label", "mtu", "tunnel")


def settled(values):
    """A reply without what changes by itself."""
    return {k: v for k, v in values.items() if k not in MOVING}


def settled_pw(values):
    """The same of a pseudowire, whose state follows routes."""
    return {k: v for k, v in settled(values).items() if k != "state"}


class State:
    """Configuration of a network namespace."""

    def __init__(self):
        self.sessions, self.ports, self.clock = {}, [], {"source": 0, "state": 0}
        self.links, self.pws, self.vrfs = {}, {}, {}

    def copy(self):
        """A copy; what is in the sessions is never changed."""
        new = State()
        new.sessions, new.ports, new.clock = dict(self.sessions), list(self.ports), self.clock
        new.links, new.pws, new.vrfs = dict(self.links), dict(self.pws), dict(self.vrfs)
        return new

    def __eq__(self, other):
        return vars(self) == vars(other)

    @classmethod
    def read(cls, sock):
        """What the kernel says it is."""
        state = cls()
        error, sessions, _ = sock.dump("session-get")
        port_error, ports, _ = sock.dump("port-get")
        link_error, links, _ = sock.dump("link-get")
        pw_error, pws, _ = sock.dump("pw-get")
        clock = sock.request("clock-get")
        vrf_error, vrfs, _ = sock.dump("vrf-get")
        errors = error, port_error, link_error, pw_error, vrf_error, clock.error
        if any(errors):
            raise AssertionError(f"no dump: errors {errors}")
        state.links = {link["name"]: link for link in links}
        state.pws = {pw["name"]: settled_pw(pw) for pw in pws}
        state.vrfs = {vrf["name"]: settled(vrf) for vrf in vrfs}
        state.sessions = {s["name"]: settled(s) for s in sessions}
        if len(state.sessions) != len(sessions):
            raise AssertionError("a dump has a session twice")
        state.ports = [p["dev"] for p in ports]
        state.clock = settled(sock.spec.decode("clock", clock.replies[0].data))
        return state

    def after(self, op, values):
        """The state after the request has succeeded, and the events of it."""
        new = self.copy()
        events = getattr(new, "_" + op.replace("-", "_"), lambda _: [])(values)
        return new, events

    def _session_new(self, values):
        session = {k: v for k, v in values.items() if k != "params"}
        for name in ("policy", "loss", "payload"):
            session.setdefault(name, 0)
        if session["dir"] == IN:
            session.setdefault("tolerance", 10**8)
            session.setdefault("delay", 0)
        elif not session["payload"]:
            session.setdefault("origin", 0)
            session.setdefault("unmatched", 0)
        session["params"] = {k: v for k, v in values["params"].items() if k != "seed"}
        self.sessions[session["name"]] = session
        return [("session-new-ntf", session)]

    def _session_set(self, values):
        session = {**self.sessions[values["name"]], **values}
        if session["loss"] != HOLD:
            session.pop("hold", None)
        self.sessions[values["name"]] = session
        return [("session-set-ntf", session)]

    def _session_del(self, values):
        return [("session-del-ntf", self.sessions.pop(values["name"]))]

    def _session_flush(self, _values):
        gone, self.sessions = self.sessions, {}
        return [("session-del-ntf", session) for session in gone.values()]

    def _port_new(self, values):
        self.ports.append(values["dev"])
        return [("port-new-ntf", values)]

    def _port_del(self, values):
        self.ports.remove(values["dev"])
        return [("port-del-ntf", values)]

    def _link_new(self, values):
        self.links[values["name"]] = values
        return [("link-new-ntf", values)]

    def _link_del(self, values):
        return [("link-del-ntf", self.links.pop(values["name"]))]

    def _vrf_new(self, values):
        self.vrfs[values["name"]] = {"policy": 0, **values}
        return [("vrf-new-ntf", self.vrfs[values["name"]])]

    def _vrf_set(self, values):
        self.vrfs[values["name"]] = values
        return [("vrf-set-ntf", values)]

    def _vrf_del(self, values):
        return [("vrf-del-ntf", self.vrfs.pop(values["name"]))]

    def _pw(self, pw, values):
        """A pseudowire with these ends in place of its own."""
        new = {k: v for k, v in pw.items() if k not in PW_ENDS}
        new.update((k, values[k]) for k in PW_CHANGES if k in values)
        if new.get("mtu") == 0:
            del new["mtu"]
        for session, label in PW_PAIRS:
            given = {k: values[k] for k in (session, label) if k in values}
            new.update(given or {k: pw[k] for k in (session, label) if k in pw})
            if session in given:
                new[label] = self.sessions[values[session]]["params"]["label"]
            if new.get(label) == 0:
                del new[label]
        return new

    def _pw_new(self, values):
        pw = self._pw({"control-word": 1, "flow-label": 0, "tunnel": 0, **values}, values)
        self.pws[pw["name"]] = pw
        return [("pw-new-ntf", pw)]

    def _pw_set(self, values):
        pw = self._pw(self.pws[values["name"]], values)
        self.pws[pw["name"]] = pw
        told = [("pw-set-ntf", pw)]
        for other in list(self.pws.values()):
            if values.get("steal") and other is not pw and "in-label" in pw and \
                    other.get("in-label") == pw["in-label"]:
                robbed = {k: v for k, v in other.items() if k not in ("in", "in-label")}
                self.pws[other["name"]] = robbed
                told.append(("pw-set-ntf", robbed))
        return told

    def _pw_del(self, values):
        return [("pw-del-ntf", self.pws.pop(values["name"]))]

    def _clock_set(self, values):
        self.clock = {"source": values["source"], "state": int(values["source"] > 0)}
        if values["source"] == 2:
            self.clock["utc-offset"] = values.get("utc-offset", 37)
        return [("clock-set-ntf", self.clock)]


# What no accepted request may have

def _limits(spec, group, values):
    for name, value in values.items():
        a = spec.sets[group][name]
        checks = a.get("checks", {})
        for item in value if a.get("multi-attr") else [value]:
            if a["type"] == "nest":
                yield from _limits(spec, a["nested-attributes"], item)
            elif isinstance(item, int):
                low, high = spec.limits(a)
                if not low <= item <= high:
                    yield f"{name} is {item}"
            elif "exact-len" in checks and len(item) != checks["exact-len"]:
                yield f"{name} has {len(item)} bytes"
            elif a["type"] == "string" and not 1 <= len(item) <= checks["max-len"]:
                yield f"{name} has {len(item)} characters"


def _params(spec, p):
    needed = {n for n, a in spec.sets["params"].items() if a["type"] != "pad"}
    if needed - p.keys():
        yield f"the set lacks {needed - p.keys()}"
        return
    k, low, high = p["labels"], spec.consts["label-min"], spec.consts["label-max"]
    if not 1 <= len(k) <= spec.consts["labels-max"] or len(set(k)) != len(k) or p["label"] in k:
        yield "the label set is not one"
    if not all(low <= label <= high for label in k):
        yield "a label of the set is out of range"
    if not 1 <= len(p["slots"]) <= spec.consts["slots-max"] or not all(
            spec.consts["slot-ns-min"] <= s <= spec.consts["slot-ns-max"] for s in p["slots"]):
        yield "a slot is out of range"
    if p["hash"] != 1 or p["epoch"] + p["lifetime"] >= 1 << 64:
        yield "hash or lifetime"
    if tag_bits(p["select"], p["mask"], p["tags"]) < spec.consts["tag-bits-min"]:
        yield "the mask is too small"


def _name(values):
    if not all(0x21 <= ord(c) < 0x7F for c in values["name"]):
        yield f"the name is {values['name']!r}"


def _payload(spec, values):
    """What the payload does not have can't narrow a session."""
    payload = values.get("payload", 0)
    if payload and values.keys() & {"prefix", "outer", "vrf", "origin", "remote", "unmatched"}:
        yield f"payload {payload} with what only IP packets have"
    if "mac" in values and (payload not in (PW, PW_NO_CW) or
                            len(values["mac"]) > spec.consts["macs-max"]):
        yield f"payload {payload} with {len(values['mac'])} MAC addresses"
    if "dev" in values and (payload == LINK or payload and values["dir"] == OUT):
        yield f"payload {payload} with a device"


def _remotes(values):
    remotes = values.get("remote", [])
    if remotes and values.keys() & {"outer", "dev", "vrf", "origin", "prefix"}:
        yield "a remote PE and what does not go with it"
    if len(remotes) > 4 or not all(len(r) in (4, 16) and any(r) for r in remotes):
        yield f"remote PEs are {remotes}"


def _session(spec, values):
    if {"name", "dir", "params"} - values.keys():
        yield "a required attribute is missing"
        return
    yield from _name(values)
    yield from _payload(spec, values)
    wrong = ("vrf", "outer", "origin", "remote", "unmatched") if values["dir"] == IN else \
        ("tolerance", "delay")
    if values.keys() & set(wrong):
        yield f"direction {values['dir']} with one of {wrong}"
    if "vrf" in values and values.get("origin"):
        yield "a VRF for packets of none"
    yield from _remotes(values)
    yield from _params(spec, values["params"])
    if len(values.get("prefix", [])) > spec.consts["prefixes-max"]:
        yield "too many prefixes"
    for p in values.get("prefix", []):
        if len(p) < 2 or len(p["addr"]) not in (4, 16) or p["len"] > len(p["addr"]) * 8 or \
                int.from_bytes(p["addr"], "big") << p["len"] & (1 << len(p["addr"]) * 8) - 1:
            yield f"the prefix is {p}"


def _loss(values):
    if ("hold" in values) != (values.get("loss") == HOLD):
        yield f"loss {values.get('loss')} with hold {values.get('hold')}"


def _fits(session):
    if session["dir"] == IN and session["tolerance"] > min(session["params"]["slots"]) // 2:
        yield "a slot is shorter than twice the tolerance"


def _meets(state, values):
    """Other sessions that are in the way of one direction in."""
    p = values["params"]
    for other in state.sessions.values():
        q = other["params"]
        if p["id"] == q["id"] or values["name"] == other["name"]:
            yield f"it is already there as {other['name']}"
        elif (values["dir"], other["dir"]) == (IN, IN) and (
                set(p["labels"]) & {*q["labels"], *own_label(other)} or
                set(own_label(values)) & set(q["labels"])):
            yield f"a label is that of {other['name']}"
    if values["dir"] == IN and set(p["labels"]) & {pw.get("in-label") for pw in state.pws.values()}:
        yield "a label is that of a pseudowire"


def own_label(session):
    """The label that a session's packets come with if they are bare."""
    return [] if session.get("payload", 0) == LINK else [session["params"]["label"]]


def _link(state, values):
    if {"name", "dev", "session"} - values.keys():
        yield "a required attribute is missing"
        return
    yield from _name(values)
    session = state.sessions.get(values["session"])
    if not session or session["payload"] != LINK:
        yield f"the session is {session}"
        return
    if "neighbour" in values and (session["dir"] == IN or values["neighbour"][0] & 1 or
                                  not any(values["neighbour"])):
        yield f"the neighbour is {values['neighbour']}"
    if len(values.get("lsp", [])) > 64:
        yield "too many LSPs"
    if values["name"] in state.links:
        yield "it is already there"


def _pw_ends(state, values, pw):
    """What is wrong with the sessions and labels of a pseudowire that is, or will be."""
    stamps = "out" in values or "out" in pw and "out-label" not in values
    if stamps and values.get("flow-label", pw.get("flow-label")):
        yield "a flow label with a session"
    for (session, label), direction in zip(PW_PAIRS, (IN, OUT)):
        if session in values and label in values:
            yield f"both {session} and {label}"
        if 0 < values.get(label, 0) < 16:
            yield f"{label} is reserved"
        name = values.get(session)
        wanted = PW if values.get("control-word", pw.get("control-word", 1)) else PW_NO_CW
        if name is None:
            kept = state.sessions.get(pw.get(session)) if label not in values else None
            if "control-word" in values and kept and kept["dir"] == direction and \
                    kept["payload"] != wanted:
                yield f"the session that stays is {kept}"
            continue
        found = state.sessions.get(name)
        if not found or found["dir"] != direction or found["payload"] != wanted:
            yield f"the session is {found}"


def _pw_remote(values):
    remote = values["remote"]
    if len(remote) not in (4, 16) or not any(remote):
        yield f"the remote PE is {remote}"


def _pw_label(state, label, name):
    if label is None:
        return
    if any(pw.get("in-label") == label for pw in state.pws.values() if pw["name"] != name) or any(
            label in s["params"]["labels"] for s in state.sessions.values() if s["dir"] == IN):
        yield f"label {label} is used"


def _pw_mtu(values):
    if 0 < values.get("mtu", 0) < 68:
        yield "the MTU is too small"


def _pw_new(state, values):
    if {"name", "remote"} - values.keys():
        yield "a required attribute is missing"
        return
    if values["name"] in state.pws or values["name"] in (".", "..") or \
            any(c in "/:% \t\n\v\f\r" for c in values["name"]):
        yield f"the name is {values['name']!r}"
    yield from _pw_remote(values)
    yield from _pw_ends(state, values, {})
    yield from _pw_mtu(values)


def _vrf(state, op, values):
    if "name" not in values or op == "vrf-set" and "policy" not in values:
        yield "a required attribute is missing"
        return
    if values["name"] in (".", "..", *DEVICES) or \
            any(c in "/: \t\n\v\f\r" for c in values["name"]):
        yield f"the name is {values['name']!r}"
    if (values["name"] in state.vrfs) == (op == "vrf-new"):
        yield f"VRF {values['name']!r}"


def faults(spec, state, op, values):
    """Why the request should have been refused."""
    extra = values.keys() - set(spec.requested(op))
    if extra:
        yield f"{op} may not have {extra}"
        return
    yield from _limits(spec, spec.set_of(op), values)
    if op in ("session-new", "session-set"):
        yield from _loss(values)
    if op == "session-new":
        yield from _session(spec, values)
        yield from _meets(state, values)
    elif op.startswith("session-") and op != "session-flush":
        if values.get("name") not in state.sessions:
            yield f"there is no session {values.get('name')!r}"
        elif state.sessions[values["name"]]["dir"] == OUT and \
                values.keys() & {"tolerance", "delay"}:
            yield "a window for direction out"
        elif "unmatched" in values and (state.sessions[values["name"]]["dir"] == IN or
                                        state.sessions[values["name"]]["payload"]):
            yield "unmatched for a session that is found otherwise"
    elif op == "link-new":
        yield from _link(state, values)
    elif op.startswith("link-") and values.get("name") not in state.links:
        yield f"there is no link {values.get('name')!r}"
    elif op == "pw-new":
        yield from _pw_new(state, values)
    elif op.startswith("pw-") and values.get("name") not in state.pws:
        yield f"there is no pseudowire {values.get('name')!r}"
    elif op == "pw-set":
        if "remote" in values:
            yield from _pw_remote(values)
        yield from _pw_ends(state, values, state.pws[values["name"]])
        yield from _pw_mtu(values)
    elif op.startswith("vrf-"):
        yield from _vrf(state, op, values)
    elif op.startswith("port-") and (values.get("dev") in state.ports) == (op == "port-new"):
        yield f"port {values.get('dev')!r}"
    elif op == "clock-set" and "utc-offset" in values and values["source"] != 2:
        yield "a UTC offset without realtime"
    elif op == "clock-set" and ("fd" in values or values["source"] == 3):
        yield "a PTP hardware clock where there is none"


def fault_after(op, state, name):
    """The same of what came of it."""
    if op in ("session-new", "session-set"):
        yield from _fits(state.sessions[name])
    elif op in ("pw-new", "pw-set"):
        yield from _pw_label(state, state.pws[name].get("in-label"), name)
