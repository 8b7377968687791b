# SPDX-License-Identifier: GPL-2.0
"""What a request should do: Documentation/netlink.rst once more, as a model."""

from nl_make import IN, OUT, tag_bits

SECRET = {"params": ("seed",)}
# What changes by itself.
MOVING = ("stats", "slot", "hop", "fails", "now", "tai-offset", "offset")
HOLD = 1


def settled(values):
    """A reply without what changes by itself."""
    return {k: v for k, v in values.items() if k not in MOVING}


class State:
    """Configuration of a network namespace."""

    def __init__(self):
        self.sessions, self.ports, self.clock = {}, [], {"source": 0, "state": 0}

    def copy(self):
        """A copy; what is in the sessions is never changed."""
        new = State()
        new.sessions, new.ports, new.clock = dict(self.sessions), list(self.ports), self.clock
        return new

    def __eq__(self, other):
        return vars(self) == vars(other)

    @classmethod
    def read(cls, sock):
        """What the kernel says it is."""
        state = cls()
        error, sessions, _ = sock.dump("session-get")
        port_error, ports, _ = sock.dump("port-get")
        clock = sock.request("clock-get")
        if error or port_error or clock.error:
            raise AssertionError(f"no dump: errors {error}, {port_error}, {clock.error}")
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
        session.setdefault("policy", 0)
        session.setdefault("loss", 0)
        if session["dir"] == IN:
            session.setdefault("tolerance", 10**8)
            session.setdefault("delay", 0)
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


def _session(spec, values):
    if {"name", "dir", "params"} - values.keys():
        yield "a required attribute is missing"
        return
    if not all(0x21 <= ord(c) < 0x7F for c in values["name"]):
        yield f"the name is {values['name']!r}"
    wrong = ("vrf", "outer") if values["dir"] == IN else ("tolerance", "delay")
    if values.keys() & set(wrong):
        yield f"direction {values['dir']} with one of {wrong}"
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
                set(p["labels"]) & {*q["labels"], q["label"]} or p["label"] in q["labels"]):
            yield f"a label is that of {other['name']}"


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
