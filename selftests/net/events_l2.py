# SPDX-License-Identifier: GPL-2.0
"""The events of pseudowires and links in Documentation/decisions.rst. Each is a function
that is given the topology, makes what it needs, and returns what sends one frame."""

import contextlib
import dataclasses

import frames
from attack import ASBR1, ASBR2, TRANSPORT, Attacker, change_entry, stamped, wrong_tag
from frames import Entry
from lab import make_params, ref, tai
from phases import fault
from pwlab import A, EAST, PE2, control_word, cw_for, frame

MAGIC = b"decision"
LINK_LABEL = 900000
FRAME = frame(MAGIC * 10)
SHORT = frame(MAGIC)
BELOW = cw_for(FRAME) + FRAME


@dataclasses.dataclass
class Event:
    """make: the function; fault: what lh_fault does meanwhile, and where; some: not every
    frame is counted, as the kernel drops once it has seen that there is no carrier; end:
    undoes what the topology keeps."""
    make: object
    fault: tuple = ()
    some: bool = False
    end: object = None


events = {}


def event(name, **how):
    """A decorator: the function makes the event of that row."""
    def register(function):
        events[name] = Event(function, **how)
        return function
    return register


def around(net, name):
    where = events[name].fault
    return fault(net, *where) if where else contextlib.nullcontext()


# Pseudowires, direction in: to PE2

def injecting(net, labelled):
    attacker = Attacker(net)
    return lambda: attacker.inject_bytes(labelled)


def received(name, entries, payload, options="", **how):
    """A row about what comes to an unprotected pseudowire."""
    @event(name, **how)
    def make(net):
        net.pws(options)
        return injecting(net, frames.stack(entries) + payload)


received("pw-in.good", [EAST], BELOW)
received("pw-in.reserved", [EAST], control_word(first=0x0F) + FRAME)
received("pw-in.padded", [EAST], cw_for(SHORT) + SHORT + b"\xff" * 30)
received("pw-in.flow", [EAST, 777], BELOW, "flow-label")
received("pw-in.stack", [EAST, 777], BELOW)
received("pw-in.cut", [Entry(EAST, s=0)], b"")
received("pw-in.channel", [EAST], control_word(first=0x10) + FRAME)
received("pw-in.nibble", [EAST], control_word(first=0x45) + FRAME)
received("pw-in.length", [EAST], control_word(length=17) + SHORT)
received("pw-in.short", [EAST], control_word() + FRAME[:13])
received("pw-in.no-memory", [EAST], cw_for(SHORT) + SHORT + b"\xff" * 30,
         fault=("PE2", "fail=pskb_trim_rcsum_slow"))
received("pw-in.other-label", [EAST + 7], BELOW)


def verified(name, policy="strict", bare=False, spoil=False, more=""):
    """A row about what comes to a pseudowire with a session."""
    @event(name)
    def make(net):
        net.secure_pws(policy=policy, more=more)
        good = frames.stack([EAST]) + BELOW if bare else stamped(net.east, BELOW)
        return injecting(net, wrong_tag(good) if spoil else good)


verified("pw-in.bare-strict", bare=True)
verified("pw-in.bare-permissive", "permissive", bare=True)
verified("pw-in.bare-monitor", "monitor", bare=True)
verified("pw-in.verified")
verified("pw-in.bad-tag", spoil=True)
verified("pw-in.bad-monitor", "monitor", spoil=True)
verified("pw-in.mac", bare=True, more=f"mac {A}")
verified("pw-in.mac-other", bare=True, more="mac 02:00:00:00:0c:01")


@event("pw-in.not-named")
def not_named(net):
    net.secure_pws()
    net.tell("PE2", f"pw set pw0 in-label {EAST}")
    return injecting(net, stamped(net.east, BELOW))


@event("pw-in.no-session")
def no_session_in(net):
    net.secure_pws()
    net.tell("PE2", "session del red-in")
    return injecting(net, frames.stack([EAST]) + BELOW)


@event("pw-in.other-bare")
def other_bare(net):
    no_session_in(net)
    net.add("PE2", "other", "in", make_params(EAST, 700000), "payload pw policy permissive")
    return injecting(net, frames.stack([EAST]) + BELOW)


@event("pw-in.customer")
def customer(net):
    net.pws()
    address = net.link("PE2", "ce")["address"]
    data = frames.ethernet(address, "02:00:00:00:07:02", frames.ETH_P_MPLS,
                           frames.stack([EAST]) + BELOW)
    sender, tap = net.sender("CE2", "pe"), net.tap("PE2", "ce", mpls=True, magic=MAGIC)

    def send():
        before = len(tap.frames())
        # Packets keep their order: with the second, the first is through the hook.
        sender.send(data, data)
        tap.wait(before + 2)
    return send


# Pseudowires, direction out: from PE1

def sending(net, sent=FRAME):
    sender = net.sender("PE1", "pw0")
    return lambda: sender.send(sent)


def sent(name, data=FRAME, options="", before=(), **how):
    """A row about what an unprotected pseudowire sends, after these commands of ip."""
    @event(name, **how)
    def make(net):
        net.pws(options)
        if how.get("some"):
            net.state("PE1", "up")
        for line in before:
            net.run("PE1", line)
        return sending(net, data)


def back(net):
    net.run("PE1", f"ip route del {PE2}/32", ok=False)
    net.route("PE1", PE2, "1001/3002 via inet 10.0.1.2")


def no_queue(net):
    net.run("PE1", "tc qdisc del dev core root")


BIG = frame(MAGIC * 500)
sent("pw-out.good")
sent("pw-out.no-route", before=[f"ip route del {PE2}/32"], some=True, end=back)
sent("pw-out.no-tunnel", before=[f"ip route replace {PE2}/32 via 10.0.1.2 dev core"], some=True,
     end=back)
sent("pw-out.too-big", BIG, "mtu 9000")
sent("pw-out.no-memory", fault=("PE1", "fail=pskb_expand_head"))
sent("pw-out.pad-memory", SHORT, "control-word off", fault=("PE1", "fail=__skb_pad"))
sent("pw-out.queue", before=["tc qdisc add dev core root pfifo limit 0"], end=no_queue)


def stamping(name, *commands, data=FRAME, options="", more="", **how):
    """A row about what a pseudowire with a session sends, after these commands."""
    @event(name, **how)
    def make(net):
        # What leaves bare is dropped nowhere.
        net.secure_pws(options, policy="permissive", more=more)
        if how.get("some"):
            net.state("PE1", "up")
        net.tell("PE1", *commands)
        return sending(net, data)


def sudden(name, command):
    """A row about the moment before the kernel has seen that there is no carrier. It looks
    once a second: just now it has, for another pseudowire."""
    @event(name, some=True)
    def make(net):
        net.secure_pws(policy="permissive")
        net.pw("PE1", "pw1", PE2, "in-label 444 out-label 333")
        for device in ("pw0", "pw1"):
            net.state("PE1", "up", device)
        sender, commands = net.sender("PE1", "pw0"), [command]

        def send():
            if commands:
                net.tell("PE1", "pw set pw1 out-label none")
                net.state("PE1", "idle", "pw1")
                net.tell("PE1", commands.pop())
            sender.send(FRAME)
        return send


sudden("pw-out.idle", "pw set pw0 out-label none")
sudden("pw-out.no-session", "session del red-out")
MONITOR = "session set red-out policy monitor"
# It fits with the pseudowire's label, and not with hop and tag labels.
ALMOST = frame((MAGIC * 200)[:1577 - 14])
stamping("pw-out.stamped")
stamping("pw-out.mac-other", more="mac 02:00:00:00:0c:01")
stamping("pw-out.too-big-session", data=ALMOST, options="mtu 9000")
stamping("pw-out.too-big-monitor", MONITOR, data=ALMOST, options="mtu 9000")
stamping("pw-out.no-clock", "clock set unset")
stamping("pw-out.clock-monitor", MONITOR, "clock set unset")


# Links, direction in: from the wire to ASBR2

PACKET = Attacker.customer_packet(MAGIC)
BARE = frames.stack([TRANSPORT, 200]) + PACKET
ABOVE = frames.stack([Entry(3600, s=0)])


def on_the_wire(net, labelled, vlans=()):
    sender = net.sender("WIRE", "w2")
    data = frames.ethernet(ASBR2, ASBR1, frames.ETH_P_MPLS, labelled, vlans)
    return lambda: sender.send(data)


def link_good(net):
    """What the link's sender makes of a packet."""
    return ref.stamp_link(ref.validate(net.params), tai(), BARE)


def link_in(net, policy="strict", options=""):
    net.params = make_params(LINK_LABEL, 700000)
    net.clocks("ASBR2")
    net.add_link("ASBR2", "west", "wire-in", net.params, options, f"policy {policy}")


def linked(name, labelled, *commands, policy="strict", options="", vlans=()):
    """A row about what comes to a link: labelled(net) makes it."""
    @event(name)
    def make(net):
        link_in(net, policy, options)
        net.tell("ASBR2", *commands)
        return on_the_wire(net, labelled(net), vlans)


def bare(_net):
    return BARE


def spoilt(net):
    return change_entry(link_good(net), 1, label=frames.parse_stack(link_good(net))[0][1].label ^ 1)


linked("link-in.good", link_good)
linked("link-in.transport", lambda net: ABOVE + link_good(net), options="transport 3600")
linked("link-in.bad-tag", spoilt)
linked("link-in.bad-monitor", spoilt, policy="monitor")
linked("link-in.malformed", lambda net: change_entry(link_good(net), 0, s=1))
linked("link-in.bare-strict", bare)
linked("link-in.bare-permissive", bare, policy="permissive")
linked("link-in.bare-monitor", bare, policy="monitor")
linked("link-in.bare-transport", lambda net: ABOVE + BARE, options="transport 3600")
linked("link-in.hidden", bare, vlans=[(0x8100, 0), (0x8100, 0)])
linked("link-in.nulls", lambda net: frames.stack([Entry(0, s=0)]) * 129 + BARE)
linked("link-in.other-lsp", bare, options="lsp 3999")
linked("link-in.closed", bare, "session del wire-in")


@event("link-in.strictest")
def strictest(net):
    link_in(net)
    net.add_link("ASBR2", "west", "lax-in", make_params(LINK_LABEL + 1, 720000), "",
                 "policy permissive")
    return on_the_wire(net, BARE)


@event("link-in.no-link")
def no_link(net):
    link_in(net)
    net.tell("ASBR2", "link del wire-in", "link add wire-in dev east session wire-in")
    return on_the_wire(net, BARE)


# Links, direction out: ASBR1 passes on what PE1 has labelled

def linked_out(name, *commands, options="", data=MAGIC, **how):
    """A row about what leaves by a link."""
    @event(name, **how)
    def make(net):
        net.params = make_params(LINK_LABEL, 700000)
        net.clocks("ASBR1")
        net.add_link("ASBR1", "east", "wire-out", net.params, options)
        net.tell("ASBR1", *commands)
        if len(data) > 1000:
            net.run("ASBR1", "ip link set east mtu 1500")
        return lambda: net.customer_send(1, data)


def wide(net):
    net.run("ASBR1", "ip link set east mtu 1600")


OUT_MONITOR = "session set wire-out policy monitor"
# 1500 bytes with IP and UDP headers, and the two labels that it comes with.
FULL = (MAGIC * 200)[:1500 - 28 - 8]
linked_out("link-out.good")
linked_out("link-out.other-lsp", options="lsp 3999")
linked_out("link-out.other-neighbour", options="neighbour 02:00:00:00:03:77")
linked_out("link-out.too-big", data=FULL, end=wide)
linked_out("link-out.too-big-monitor", OUT_MONITOR, data=FULL, end=wide)
linked_out("link-out.no-clock", "clock set unset")
linked_out("link-out.clock-monitor", OUT_MONITOR, "clock set unset")
linked_out("link-out.closed", "session del wire-out")
linked_out("link-out.memory", fault=("ASBR1", "fail=skb_ensure_writable"))


@event("link-out.cut")
def cut(net):
    net.params = make_params(LINK_LABEL, 700000)
    net.clocks("ASBR1")
    net.add_link("ASBR1", "east", "wire-out", net.params)
    sender = net.sender("ASBR1", "east")

    def send():
        # Newer kernels tell the socket that the hook has dropped it.
        with contextlib.suppress(OSError):
            sender.send(frames.ethernet(ASBR2, ASBR1, frames.ETH_P_MPLS, b"\0\0"))
    return send
