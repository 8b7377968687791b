# SPDX-License-Identifier: GPL-2.0
"""Runs the cells of the decision table: what must be so, phase by phase, the sending,
and what moved and was seen. PE2 has a route for every label, K's too, which pops it and
hands on what is below: so all that passes is seen at CE2, just as it was let through."""

import contextlib
import time

import events_in
import events_out
import frames
import ktap
import phc
from attack import P2
from cells import EACH
from lab import CE2, ref, tai

TOLERANCE = 900 * 10**6
# The labels above the VPN label in what PE1 sends.
ABOVE = (1001, 3002)
PHASES = ("no clock", "clock failed", "clock error", "plain", "port", "spoil", "hold", "fail skb_ensure_writable",
          "fail skb_clone", "fail __skb_gso_segment", "hold and fail skb_clone", "hold again")


def is_in(cell):
    return cell.name.startswith("in.")


# The network

def labels_of_pe2(cells):
    yield events_in.FREE
    for cell in cells:
        yield cell.label
        yield from cell.params["labels"]


def network(net, cells):
    into, out = [c for c in cells if is_in(c)], [c for c in cells if not is_in(c)]
    lines = [f"mpls route add {label} via inet {CE2} dev ce" for label in labels_of_pe2(into)]
    ip_batch(net, "PE2", lines)
    lines = ["link add red type vrf table 20", "link set red up"]
    for vlan, mtu in ((7, 1500), (8, 83)):
        lines += [f"link add link core name core{vlan} type vlan id {vlan}",
                  f"address add 10.0.{vlan}{vlan}.1/30 dev core{vlan}",
                  f"link set core{vlan} up mtu {mtu}",
                  f"neighbour replace 10.0.{vlan}{vlan}.2 lladdr {events_out.P1_MAC} "
                  f"dev core{vlan} nud permanent"]
    for cell in out:
        stack = "/".join(str(label) for label in (*ABOVE, cell.pushed))
        lines += [f"route add vrf blue {cell.to}/32 encap mpls {stack} {cell.event.way}",
                  f"route add vrf blue {cell.to_6}/128 encap mpls {stack} "
                  "via inet6 fd00:1::2 dev core",
                  f"mpls route add {cell.transit} as {stack} via inet 10.0.1.2 dev core"]
    ip_batch(net, "PE1", lines)
    add_sessions(net, "PE2", "in", into)
    add_sessions(net, "PE1", "out", out)


def ip_batch(net, name, lines):
    net.script(f'topo_ip "${name}" <<-END\n' + "\n".join(lines) + "\nEND\n")


def add_sessions(net, name, direction, cells):
    lines = []
    for cell in cells:
        options = cell.event.options
        if direction == "in" and "tolerance" not in options:
            options += f" tolerance {TOLERANCE}ns"
        sets = [(cell.session, cell.policy, cell.params)]
        sets += [(f"{cell.session}+{i}", policy, params)
                 for i, (policy, params) in enumerate(cell.more_sets())]
        # Whichever comes first, the strictest holds.
        if "hidden" in cell.name:
            sets.reverse()
        lines += [f"session add {session} dir {direction} params {net.file(params)} "
                  f"policy {policy} {options}" for session, policy, params in sets]
    net.tell(name, *lines)


# Phases

@contextlib.contextmanager
def fault(net, name, *settings):
    """With our module of that name, which does harm to labelhop in a namespace."""
    if net.run(name, "modprobe -n lh_fault", ok=False)[0]:
        raise ktap.Skip("there is no lh_fault for this kernel")
    net.run(name, ["modprobe", "lh_fault", *settings])
    try:
        yield
    finally:
        net.run(name, "rmmod lh_fault")


@contextlib.contextmanager
def port(net):
    """PE2's only port is one by which nothing comes."""
    net.labelhop("PE2", "port add ce")
    yield
    net.labelhop("PE2", "port del ce")


@contextlib.contextmanager
def clock(net, name, phase):
    """With a PTP hardware clock that is lost, or off by up to a millisecond each time."""
    with phc.Phc(net, name) as device:
        net.labelhop(name, f"clock set phc dev {device.dev}")
        if phase == "clock failed":
            device.turn("fail", 5)
            device.wait(20, state="failed")
        else:
            device.turn("jitter", 10**6)
            ktap.busywait(20, lambda: device.show()["error"] > 10**4)
        yield
        net.labelhop(name, "clock set unset")


def around(net, phase, name):
    if phase.startswith("clock"):
        return clock(net, name, phase)
    if phase == "port":
        return port(net)
    settings = [f"fail={phase.rpartition(' ')[2]}"] if "fail" in phase else []
    settings += [f"{what}=core" for what in ("hold", "spoil") if what in phase]
    settings += ["again=1"] if "again" in phase else []
    return fault(net, name, *settings) if settings else contextlib.nullcontext()


# Sending

def super_sender(net, name, more):
    """A device `super` on a PE."""
    net.shell("need_module tun")
    address = "02:00:00:00:88:01"
    with net.inside(name):
        sender = net.keep(frames.SuperSender("super", address))
    ip_batch(net, name, [f"link set super address {address} {more}", "link set super up"])
    net.run(name, "sysctl -qw net.mpls.conf.super.input=1")
    return sender


def send_in(net, cell):
    event = cell.event
    cell.sent = event.send(cell)
    frame = frames.ethernet(event.to, P2, event.proto, cell.sent, event.vlans)
    for _ in range(EACH):
        if event.gso:
            labels = len(cell.sent) - len(frames.parse_stack(cell.sent)[1])
            net.super_2.send(event.proto, cell.sent, labels + 20, 100)
        else:
            net.east_of_p2.send(frame)


class Watch:
    """What moves, and what is seen at CE2, on the core before P1, and at CE1."""

    def __init__(self, net, cells):
        self.net, self.cells = net, cells
        self.sessions = {cell.session: cell for cell in cells}
        self.taps = [net.tap("CE2", "pe"), net.tap("P1", "west"), net.tap("CE1", "pe")]

    def owner(self, raw):
        return next((cell for cell in self.cells if cell.owns(raw)), None)

    def look(self, *names):
        """What there is by now, of counters on these PEs."""
        for i, tap in enumerate(self.taps):
            for frame in tap.frames():
                cell = self.owner(frame.raw)
                if cell and i < 2:
                    cell.seen.append(frame)
                elif cell:
                    cell.errors += 1
            tap.taken.clear()
        for name in names:
            shown = self.net.all_stats(name)
            for session in shown:
                self.sessions[session.partition("+")[0]].moved = {}
            for session, stats in shown.items():
                # Sessions that share a cell's label are NAME+NUMBER.
                session, plus, number = session.partition("+")
                self.sessions[session].moved.update(
                    (counter + plus + number, count) for counter, count in stats.items() if count)


def run(net, cells, wanted):
    """Make the events of all cells."""
    net.east_of_p2, net.west = net.sender("P2", "east"), net.sender("P1", "west")
    net.super_1, net.super_2 = super_sender(net, "PE1", "master blue"), super_sender(net, "PE2", "")
    network(net, cells)
    watch = Watch(net, cells)
    for phase in PHASES:
        if phase == "plain":
            net.clocks()
        for name in ("PE2", "PE1"):
            chosen = [c for c in cells if c.phase == phase and is_in(c) == (name == "PE2")]
            if chosen:
                run_phase(net, watch, phase, name, chosen, wanted)
    watch.look("PE1", "PE2")


def run_phase(net, watch, phase, name, cells, wanted):
    def done():
        watch.look(name)
        return not any(any(complaints(cell, *wanted(cell))) for cell in cells)
    start = time.monotonic()
    try:
        with around(net, phase, name):
            for cell in cells:
                send_in(net, cell) if is_in(cell) else cell.event.send(cell)
            ktap.busywait(5, done)
            ktap.say(f"{phase} {name}: {len(cells)} cells, {time.monotonic() - start:.1f} s")
    except ktap.Skip as reason:
        for cell in cells:
            cell.skipped = str(reason)


# Comparing

def same(frame, wanted):
    """The frame holds these bytes; an IP header has passed a router."""
    got = frame.raw[14:]
    if frame.proto == frames.ETH_P_MPLS:
        return got == wanted
    return got[:8] + got[12:] == wanted[:8] + wanted[12:]


def below(labelled):
    """What is below the top label that is no explicit null."""
    while frames.parse_stack(labelled[:4])[0][0][:3] in ((0, 0, 0), (2, 0, 0)):
        labelled = labelled[4:]
    return labelled[4:]


def right_in(cell, verdict, frame):
    if verdict == "pass":
        return same(frame, below(cell.sent))
    return same(frame, frames.parse_stack(cell.sent)[1])


def right_out(cell, verdict, frame):
    labels, depth = frames.labels(frame), len(ABOVE)
    if verdict == "pass":
        return labels == [*ABOVE, cell.pushed]
    labelled = frames.stack(frame.stack[depth:]) + frame.payload
    result, _ = ref.verify(ref.validate(cell.params), tai(), TOLERANCE, 0, labelled)
    return labels[:depth] == [*ABOVE] and result == ref.VERIFIED


def complaints(cell, decision, count):
    """What is not as it is to be."""
    right, seen = right_in if is_in(cell) else right_out, cell.seen
    moved = {decision.counter: count} if decision.counter else {}
    dropped, arrives = decision.verdict.startswith("drop"), cell.event.arrives
    arrive = count if arrives and not dropped else 0
    errors = count if decision.verdict == "drop and ICMP" else 0
    if cell.moved != moved:
        yield f"counters moved by {cell.moved}, not {moved}"
    if len(seen) != arrive and (dropped or arrives is not None):
        yield f"{len(seen)} packets seen, not {arrive}"
    wrong = [frame for frame in seen if not right(cell, decision.verdict, frame)]
    if wrong:
        yield f"{len(wrong)} packets aren't as {decision.verdict!r} says: {wrong[0].raw.hex()}"
    if cell.errors != errors:
        yield f"{cell.errors} ICMP errors, not {errors}"


def compare(cell, decision, count):
    """The test fails if the cell isn't proved."""
    if cell.skipped:
        ktap.skip(cell.skipped)
    for complaint in complaints(cell, decision, count):
        ktap.check(False, f"{cell.title()}: {complaint}")
