#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Links: hop and tag labels above the whole stack, between ASBR1 and ASBR2.
Kernels differ in: the hooks without VPN labels."""

import frames
import ktap
from attack import ASBR1, ASBR2, TRANSPORT, Attacker, change_entry
from bulk import bulk, offloads
from frames import Entry
from ktap import busywait
from lab import CE2, CE2_6, Lab, make_params, ref, tai

LABEL = 900000                 # of the set; on no packet
MILLI = 10**6


def links(net, settings="", options="", **members):
    """ASBR1 to ASBR2, one direction."""
    net.params = make_params(LABEL, 700000, **members)
    net.clocks("ASBR1", "ASBR2")
    net.add_link("ASBR1", "east", "wire-out", net.params, options)
    net.add_link("ASBR2", "west", "wire-in", net.params, "", settings)


def no_links(net):
    for name in ("PE1", "P1", "ASBR1", "ASBR2", "P2", "PE2", "CE1"):
        for each in net.ask(name, "link show"):
            net.tell(name, f"link del {each['name']}")
        net.unprotect(name)


test = ktap.leaving(no_links)


def stamped(params, protected, when=None):
    """What a link's sender makes of a stack and what is below it."""
    p = ref.validate(params)
    return ref.stamp_link(p, tai() if when is None else when, protected)


def arrive(net, count, to=CE2, seconds=10, data=b"link"):
    """Packets from CE1 that reach CE2."""
    with net.tap("CE2", "pe", magic=data) as tap:
        net.customer_send(count, data, to)
        return len(tap.wait(count, seconds))


@test("every packet of the link has the labels, on the wire and not behind")
def on_the_wire(net):
    links(net, tags=2)
    with net.tap("WIRE", "w1", mpls=True) as tap, net.tap("P2", "west", mpls=True) as behind:
        with net.expect("ASBR2", "wire-in", verified=8):
            with net.expect("ASBR1", "wire-out", stamped=8):
                ktap.equal("arrived", arrive(net, 4), 4)
                ktap.equal("arrived", arrive(net, 4, CE2_6), 4)
        for frame in tap.wait(8):
            ktap.equal("entries", len(frame.stack), 5)
            hop, first, second, top, bottom = frame.stack
            ktap.equal("S bits", [e.s for e in frame.stack], [0, 0, 0, 0, 1])
            ktap.equal("labels below", (top.label, bottom.label), (TRANSPORT, 200))
            ktap.equal("TTL and TC of the hop label", hop[1::2], top[1::2])
            ktap.equal("TTLs of the tags", (first.ttl, second.ttl), (0, 0))
            wanted = stamped(net.params, frames.stack([top, bottom]) + frame.payload)
            ktap.equal("stack", frames.stack(frame.stack).hex(),
                       wanted[:20].hex())
        ktap.equal("behind", {tuple(frames.labels(f)) for f in behind.wait(8)}, {(2002, 200)})


def evil(net):
    """Packets with the wire's addresses that lack, or spoil, the labels."""
    packet = Attacker.customer_packet(b"evil")
    bare = [frames.stack(labels) + packet for labels in
            ([TRANSPORT, 200], [200], [3001, 100], [2002, 200], [0, TRANSPORT, 200])]
    bare += [frames.stack([Entry(0, s=1)]) + packet, frames.stack([Entry(TRANSPORT, s=1)]) + packet]
    good = stamped(net.params, bare[0])
    entries, _ = frames.parse_stack(good)
    bad = [change_entry(good, 1, label=entries[1].label ^ 1), good[:-1] + b"\xff",
           change_entry(good, 2, ttl=7), change_entry(good, 3, label=201)]
    malformed = [change_entry(good, 1, s=1), good[:4], change_entry(good, 0, s=1)]
    return good, bare, bad, malformed


def inject(net, packets):
    sender = net.sender("WIRE", "w2")
    for data in packets:
        sender.send(frames.ethernet(ASBR2, ASBR1, frames.ETH_P_MPLS, data))


@test("attack: bare, forged and spoilt packets are dropped, also those for ASBR2's own labels")
def attack(net):
    links(net, hash_len="full")
    good, bare, bad, malformed = evil(net)
    hidden = frames.ethernet(ASBR2, ASBR1, frames.ETH_P_MPLS, bare[0],
                             vlans=[(0x8100, 0), (0x8100, 0)])
    with net.tap("P2", "west", mpls=True) as behind, net.tap("CE2", "pe", magic=b"evil") as tap:
        with net.expect("ASBR2", "wire-in", drop_bare=len(bare) + 1, drop_bad_tag=len(bad),
                        drop_malformed=len(malformed)):
            inject(net, bare + bad + malformed)
            net.sender("WIRE", "w2").send(hidden)
        ktap.equal("got through", (len(behind.frames()), len(tap.frames())), (0, 0))
        # The labels are good on this link only.
        with net.expect("ASBR2", "wire-in", verified=1):
            net.sender("P2", "west").send(frames.ethernet(
                "02:00:00:00:04:01", "02:00:00:00:04:02", frames.ETH_P_MPLS, good))
            inject(net, [good])
        ktap.equal("the good one", len(tap.wait(1)), 1)
        ktap.equal("behind", len(behind.frames()), 1)


@test("128 explicit nulls are passed over in all, on both sides of the transport label")
def nulls(net):
    net.params = make_params(LABEL, 700000)
    net.clocks("ASBR2")
    net.add_link("ASBR2", "west", "wire-in", net.params, "transport 3600", "policy monitor")
    packet = frames.stack([TRANSPORT, 200]) + Attacker.customer_packet(b"nulls")
    good, above = stamped(net.params, packet), frames.stack([Entry(3600, s=0)])

    def verdict(data):
        return ref.verify(ref.validate(net.params), tai(), 0, 0, data, "link", (3600,))[0]

    with net.tap("P2", "west", mpls=True, magic=b"nulls") as behind:
        # Before the transport label and after it, or without one.
        for before, after in ((0, 0), (128, None), (129, None), (128, 0), (0, 128), (129, 0),
                              (0, 129), (3, 125), (3, 126), (3, 127), (64, 64), (65, 64)):
            null, total = frames.stack([Entry(0, s=0)]), before + (after or 0)
            data = null * before + (b"" if after is None else above + null * after) + good
            wanted = ref.VERIFIED if total <= 128 else ref.TOO_MANY
            ktap.equal(f"{before}, {after}: the reference", verdict(data), wanted)
            with net.expect("ASBR2", "wire-in", verified=1 + (total <= 128)):
                inject(net, [data, good])
        # The kernel would find its own label below them.
        with net.expect("ASBR2", "wire-in", pass_bare=1):
            inject(net, [null * 129 + packet, null * 3 + above + null * 126, packet])
        ktap.equal("behind", len(behind.wait(6 + 12 + 1)), 6 + 12 + 1)


@test("ports do not open the device of a link")
def ports(net):
    net.tell("ASBR2", "port add east")
    links(net)
    _, bare, _, _ = evil(net)
    with net.expect("ASBR2", "wire-in", drop_bare=1, verified=2):
        inject(net, bare[:1])
        ktap.equal("arrived", arrive(net, 2), 2)
    net.tell("ASBR2", "port del east", "port add east")
    with net.expect("ASBR2", "wire-in", drop_bare=1):
        inject(net, bare[:1])
    # A port may have the same device. It goes and the link stays, or the other way round.
    net.tell("ASBR2", "port add west", "port del west")
    with net.expect("ASBR2", "wire-in", drop_bare=1):
        inject(net, bare[:1])
    net.tell("ASBR2", "port add west", "link del wire-in")
    ktap.equal("ports", [port["dev"] for port in net.ask("ASBR2", "port show")], ["east", "west"])
    net.tell("ASBR2", "link add wire-in dev west session wire-in")
    with net.expect("ASBR2", "wire-in", drop_bare=1):
        inject(net, bare[:1])
    net.tell("ASBR2", "port del west", "port del east")


@test("policies: monitor and permissive let bare packets pass and count them")
def policies(net):
    links(net, "policy permissive")
    _, bare, bad, _ = evil(net)
    with net.tap("CE2", "pe", magic=b"evil") as tap:
        with net.expect("ASBR2", "wire-in", bare=1, drop_bad_tag=1):
            inject(net, [bare[0], bad[0]])
        ktap.equal("arrived", len(tap.wait(1)), 1)
        net.tell("ASBR2", "session set wire-in policy monitor")
        with net.expect("ASBR2", "wire-in", pass_bare=1, pass_bad_tag=1):
            inject(net, [bare[0], bad[0]])
        ktap.equal("arrived", len(tap.wait(3)), 3)


@test("a session that is missing closes the link in both directions, until it is back")
def session_gone(net):
    links(net)
    ktap.equal("arrived", arrive(net, 2), 2)
    net.tell("ASBR2", "session del wire-in")
    # Packets keep their order: when those after it have come, so would these have.
    with net.tap("P2", "west", mpls=True) as behind:
        good, bare, _, _ = evil(net)
        with net.tap("WIRE", "w1", mpls=True, magic=b"closed") as wire:
            net.customer_send(2, b"closed")
            ktap.equal("on the wire", len(wire.wait(2)), 2)
        inject(net, bare + [good])
        net.add("ASBR2", "wire-in", "in", net.params, "payload link")
        ktap.equal("arrived", arrive(net, 2), 2)
        ktap.equal("behind", [b"link" in f.payload for f in behind.frames()], [True, True])
    net.tell("ASBR1", "session del wire-out")
    with net.tap("WIRE", "w1", mpls=True) as tap:
        with net.tap("ASBR1", "west", mpls=True, magic=b"closed") as before:
            net.customer_send(2, b"closed")
            ktap.equal("before ASBR1", len(before.wait(2)), 2)
        net.add("ASBR1", "wire-out", "out", net.params, "payload link")
        ktap.equal("arrived", arrive(net, 2), 2)
        ktap.equal("on the wire", [b"link" in f.payload for f in tap.frames()], [True, True])


@test("only some LSPs: the others pass as they are")
def lsps(net):
    net.params = make_params(LABEL, 700000)
    net.clocks("ASBR1", "ASBR2")
    net.add_link("ASBR1", "east", "wire-out", net.params, f"lsp {TRANSPORT} lsp 3103")
    net.add_link("ASBR2", "west", "wire-in", net.params, f"lsp {TRANSPORT} lsp 3103")
    net.run("P1", "ip route add 10.9.9.9/32 encap mpls 3009 via inet 10.0.2.2 dev east")
    net.run("ASBR1", "ip -f mpls route add 3009 as 3109 via inet 10.0.3.2 dev east")
    net.run("ASBR2", "ip -f mpls route add 3109 as 2009 via inet 10.0.4.2 dev east")
    with net.expect("ASBR2", "wire-in", verified=3):
        ktap.equal("arrived", arrive(net, 3), 3)
    with net.tap("P2", "west", mpls=True, magic=b"others") as tap, net.expect("ASBR2", "wire-in"):
        net.customer_send(2, b"others", "10.9.9.9", "P1")
        ktap.equal("labels", [frames.labels(f) for f in tap.wait(2)], [[2009], [2009]])
    with net.expect("ASBR2", "wire-in", drop_bare=1):
        inject(net, [frames.stack([TRANSPORT, 200]) + Attacker.customer_packet(b"evil")])
    net.run("P1", "ip route del 10.9.9.9/32")
    net.run("ASBR1", "ip -f mpls route del 3009")
    net.run("ASBR2", "ip -f mpls route del 3109")


@test("only towards a neighbour: what goes to another has no labels")
def neighbour(net):
    net.params = make_params(LABEL, 700000)
    net.clocks("ASBR1", "ASBR2")
    net.add_link("ASBR1", "east", "wire-out", net.params, f"neighbour {ASBR2}")
    with net.tap("WIRE", "w1", mpls=True) as tap:
        arrive(net, 1, seconds=0)
        ktap.equal("depth", [len(f.stack) for f in tap.wait(1)], [4])
        net.run("ASBR1", "ip neighbour replace 10.0.3.2 lladdr 02:00:00:00:03:77 dev east nud permanent")
        arrive(net, 1, seconds=0)
        ktap.equal("depth", [len(f.stack) for f in tap.wait(2)], [4, 2])
    net.run("ASBR1", f"ip neighbour replace 10.0.3.2 lladdr {ASBR2} dev east nud permanent")


def two_hops(net, php):
    """From P1, by ASBR1, to ASBR2: a link of two hops."""
    net.params = make_params(LABEL, 700000, tags=3, hash_len="full")
    net.clocks("P1", "ASBR2")
    net.add_link("P1", "east", "wire-out", net.params, "transport 3500")
    net.add_link("ASBR2", "west", "wire-in", net.params, "" if php else "transport 3600")
    net.run("ASBR1", "ip -f mpls route add 3500 " + ("" if php else "as 3600 ") +
            "via inet 10.0.3.2 dev east")
    net.run("ASBR2", "ip -f mpls route add 3002 as 2002 via inet 10.0.4.2 dev east")
    with net.tap("WIRE", "w1", mpls=True) as tap:
        with net.expect("ASBR2", "wire-in", verified=9):
            for size in (1, 9, 400):
                ktap.equal("arrived", arrive(net, 3, data=b"x" * size), 3)
        ktap.equal("depth", {len(f.stack) for f in tap.wait(9)}, {6 if php else 7})
    packet = Attacker.customer_packet(b"evil")
    above = b"" if php else frames.stack([Entry(3600, s=0)])
    good = stamped(net.params, frames.stack([3002, 200]) + packet)
    with net.tap("P2", "west", mpls=True, magic=b"evil") as behind:
        with net.expect("ASBR2", "wire-in", drop_bare=4, drop_bad_tag=1, verified=1):
            inject(net, [frames.stack([3002, 200]) + packet, frames.stack([3600, 3002, 200]) + packet,
                         frames.stack([3600, 200]) + packet, frames.stack([3600]) + packet,
                         above + good[:-1] + b"\xff", above + good])
        ktap.equal("behind", len(behind.wait(1)), 1)
    net.run("ASBR1", "ip -f mpls route del 3500")
    net.run("ASBR2", "ip -f mpls route del 3002")


@test("two hops with a transport label, popped on the way")
def two_hops_php(net):
    two_hops(net, True)


@test("two hops with a transport label, popped by the receiver")
def two_hops_no_php(net):
    two_hops(net, False)


@test("edge and link at once: both are verified")
def both(net):
    net.protect()
    links(net)
    with net.expect("ASBR2", "wire-in", verified=5), net.expect("PE2", "blue-in", verified=5):
        ktap.equal("arrived", arrive(net, 5), 5)
    # On the same device: what this router encapsulates, and what it passes on.
    params = make_params(LABEL + 1, 720000)
    net.clocks("P1")
    net.add_link("PE1", "core", "core-out", params)
    net.add_link("P1", "west", "core-in", params)
    with net.expect("P1", "core-in", verified=5), net.expect("PE2", "blue-in", verified=5):
        ktap.equal("arrived", arrive(net, 5), 5)


@test("TCP in bulk over a link; IPv4 too big for it is fragmented or its source told")
def in_bulk(net):
    links(net, hash_len="full")
    params = make_params(LABEL + 1, 720000, hash_len="full")
    net.clocks("PE1", "P1")
    net.add_link("PE1", "core", "core-out", params)
    net.add_link("P1", "west", "core-in", params)
    offloads(net)
    for to in (CE2, CE2_6):
        bulk(net, to, 1 << 20)
    for name, session in (("ASBR2", "wire-in"), ("P1", "core-in")):
        drops = {k: v for k, v in net.stats(name, session).items() if k.startswith("drop") and v}
        ktap.equal(f"drops on {name}", drops, {})
    # 1516 has room for three labels and a tag; the link wants two more.
    before = net.stats("PE1", "core-out")
    with net.tap("CE2", "pe", magic=b"fragment") as tap:
        net.run("CE1", "sysctl -qw net.ipv4.ip_no_pmtu_disc=1")
        net.customer_send(1, b"fragment" * 184)
        ktap.check(len(tap.wait(1)) >= 1, "no fragment arrived")
        net.run("CE1", "sysctl -qw net.ipv4.ip_no_pmtu_disc=0")
    ktap.check(net.stats("PE1", "core-out")["stamped"] >= before["stamped"] + 2, "not fragmented")


@test("option B: the VPN label is swapped at the ASBRs; the link closes what is between them")
def option_b(net):
    # PE1 to ASBR1's label for the VPN, ASBR1 to ASBR2's, ASBR2 to PE2's.
    net.run("PE1", "ip route replace vrf blue 192.168.2.0/24 encap mpls 1001/4000 "
                   "via inet 10.0.1.2 dev core")
    net.run("ASBR1", "ip -f mpls route add 4000 as 4100 via inet 10.0.3.2 dev east")
    net.run("ASBR2", "ip -f mpls route add 4100 as 2002/200 via inet 10.0.4.2 dev east")
    packet = Attacker.customer_packet(b"evil")
    with net.tap("CE2", "pe", magic=b"evil") as tap:
        inject(net, [frames.stack([4100]) + packet])
        ktap.equal("injected without labelhop", len(tap.wait(1)), 1)
        links(net, tags=2)
        with net.tap("WIRE", "w1", mpls=True) as wire:
            with net.expect("ASBR2", "wire-in", verified=5):
                ktap.equal("arrived", arrive(net, 5), 5)
            ktap.equal("labels", {tuple(frames.labels(f)[3:]) for f in wire.wait(5)}, {(4100,)})
        with net.expect("ASBR2", "wire-in", drop_bare=2):
            inject(net, [frames.stack([4100]) + packet, frames.stack([2002, 200]) + packet])
        ktap.equal("injected with labelhop", len(tap.frames()), 1)
    net.run("PE1", "ip route replace vrf blue 192.168.2.0/24 encap mpls 1001/3002/200 "
                   "via inet 10.0.1.2 dev core")
    net.run("ASBR1", "ip -f mpls route del 4000")
    net.run("ASBR2", "ip -f mpls route del 4100")


@test("carrier's carrier: the customer carrier's packets to the PE are labelled, and protected")
def carriers_carrier(net):
    # CE1 is a router of the customer carrier, with a VPN (label 700) of its own.
    net.run("PE1", "sysctl -qw net.mpls.conf.ce.input=1")
    net.run("PE1", "ip -f mpls route add 5001 as 1001/3002/201 via inet 10.0.1.2 dev core")
    net.run("PE2", "ip -f mpls route add 201 via inet 192.168.2.1 dev ce")
    net.run("CE1", "ip route add 172.30.0.1/32 encap mpls 5001/700 via inet 192.168.1.254 dev pe")
    params = make_params(LABEL, 700000, tags=2)
    net.clocks("CE1", "PE1")
    net.add_link("CE1", "pe", "carrier-out", params)
    net.add_link("PE1", "ce", "carrier-in", params)
    with net.tap("CE2", "pe", mpls=True, magic=b"carried") as tap:
        with net.expect("PE1", "carrier-in", verified=3):
            net.customer_send(3, b"carried", "172.30.0.1")
        ktap.equal("labels", [frames.labels(f) for f in tap.wait(3)], [[700]] * 3)
        # A customer that takes a label which it was not given.
        net.tell("CE1", "link del carrier-out")
        with net.expect("PE1", "carrier-in", drop_bare=2):
            for labels in ([5001, 701], [1101, 3002, 200]):
                net.sender("CE1", "pe").send(frames.ethernet(
                    "02:00:00:00:06:02", "02:00:00:00:06:01", frames.ETH_P_MPLS,
                    frames.stack(labels) + Attacker.customer_packet(b"carried")))
        ktap.equal("forged", len(tap.frames()), 3)
    net.run("CE1", "ip route del 172.30.0.1/32")
    net.run("PE1", "ip -f mpls route del 5001")
    net.run("PE2", "ip -f mpls route del 201")


@test("slots of a microsecond to milliseconds")
def short_slots(net):
    # How long a packet takes over the wire here, and how exactly, is the machine's
    # affair. So the receiver only counts: whatever slots, nothing else is amiss.
    for slot, tolerance in ((1000, 500), (50000, 25000), (4 * MILLI, 2 * MILLI)):
        links(net, f"policy monitor tolerance {tolerance}ns", slots=(slot,) * 4)
        ktap.equal("arrived", arrive(net, 50), 50)
        counts = {k: v for k, v in net.stats("ASBR2", "wire-in").items() if v}
        ktap.say(f"slots of {slot} ns: {counts}")
        ktap.equal("packets", sum(counts.values()), 50)
        ktap.check(set(counts) <= {"verified", "pass-bad-hop", "pass-bad-tag"}, f"{counts}")
        no_links(net)


@test("the device is renamed: the link stays with it, until another has the name")
def device(net):
    links(net)
    net.run("ASBR2", "ip link set west down")
    net.run("ASBR2", "ip link set west name other up")
    _, bare, _, _ = evil(net)
    busywait(5, lambda: net.run("ASBR2", "ip -o link show other").find("LOWER_UP") > 0)
    with net.expect("ASBR2", "wire-in", drop_bare=1):
        inject(net, bare[:1])
    net.run("ASBR2", "ip link add west type dummy")
    with net.tap("ASBR2", "other", mpls=True) as tap, net.expect("ASBR2", "wire-in"):
        inject(net, bare[:1])
        ktap.equal("frames that come by the device", len(tap.wait(1)), 1)
    net.run("ASBR2", "ip link del west")
    net.run("ASBR2", "ip link set other down")
    net.run("ASBR2", "ip link set other name west up")
    busywait(5, lambda: net.run("ASBR2", "ip -o link show west").find("LOWER_UP") > 0)
    with net.expect("ASBR2", "wire-in", drop_bare=1):
        inject(net, bare[:1])


if __name__ == "__main__":
    with Lab(MTU=1516) as lab:
        ktap.main(lab)
