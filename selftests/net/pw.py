#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A pseudowire: its frames on the wire, what it takes, and what it follows.
Kernels differ in: the device's own interface to the kernel."""

import frames
import ktap
from attack import Attacker, stamped, wrong_tag
from frames import Entry
from ktap import busywait
from pwlab import (A, B, BROADCAST, EAST, PE1, PE2, PE2_6, PwLab, arrives, control_word,
                   cw_for, frame, random_frame, test, through, wire)
from traffic import repeated


def both_ways(net, *sent):
    arrives(net, *sent)
    arrives(net, *sent, src="PE2", dst="PE1")


def padded(raw, length=60):
    return raw + bytes(max(0, length - len(raw)))


# Some that matter: IPv4's and IPv6's first nibble in the address, padding, VLAN tags.
SAMPLES = [frame(b"short"), random_frame(60), random_frame(61), random_frame(1200),
           frame(b"x" * 46, dst="45:00:00:00:00:01"), frame(b"y" * 46, dst="60:00:00:00:00:01"),
           frame(b"z", dst="02:00:00:00:00:99"), frame(b"to all", dst=BROADCAST),
           frame(b"v" * 60, vlans=[(0x8100, 5)]),
           frame(b"w" * 60, vlans=[(0x88A8, 0x2007), (0x8100, 6)]),
           frame(b"stp", dst="01:80:c2:00:00:00")]


@test("an unprotected pseudowire: labels, control word and frame on the wire")
def on_the_wire(net):
    net.pws()
    for sent in SAMPLES:
        got = wire(net, sent)
        if not ktap.equal("frames on the wire", len(got), 1):
            continue
        ktap.equal("labels", [e[:3] for e in got[0].stack],
                   [(1001, 0, 0), (3002, 0, 0), (EAST, 0, 1)])
        ktap.equal("control word and frame", got[0].payload, cw_for(sent) + sent)
    both_ways(net, *SAMPLES)
    stats = net.link("PE2", "pw0")["stats64"]
    ktap.equal("received", stats["rx"]["packets"], 2 * len(SAMPLES))
    ktap.equal("errors", stats["rx"]["errors"] + stats["tx"]["errors"], 0)


@test("without control word short frames are padded, long ones not")
def no_control_word(net):
    net.pws("control-word off")
    for sent in SAMPLES:
        got = wire(net, sent)
        if ktap.equal("frames on the wire", len(got), 1):
            ktap.equal("frame", got[0].payload, padded(sent))
    ktap.equal("frames at the other end", sorted(f.hex() for f in through(net, *SAMPLES)),
               sorted(padded(f).hex() for f in SAMPLES))


@test("the remote PE has an IPv6 address")
def six(net):
    net.pws(six=True)
    both_ways(net, *SAMPLES)
    ktap.equal("remote", net.pw_show("PE1")["remote"], PE2_6)


@test("a flow label, the same for a flow and another for another")
def flow_label(net):
    net.pws("flow-label")
    flows = [[frames.ethernet(B, A, frames.ETH_P_IP,
                              frames.ipv4("10.1.1.1", f"10.1.{flow}.2", b"data %d" % n))
              for n in range(3)] for flow in range(8)]
    seen = []
    for flow in flows:
        got = wire(net, *flow)
        labels = {f.stack[-1].label for f in got}
        ktap.equal("flow labels of a flow", len(labels), 1)
        ktap.equal("depth", {len(f.stack) for f in got}, {4})
        ktap.check(min(labels) >= 16, "a reserved flow label")
        seen += labels
    ktap.check(len(set(seen)) > 4, f"flow labels of 8 flows: {seen}")
    both_ways(net, *SAMPLES)


@test("what is no frame is counted and goes nowhere: channel, lengths, stack")
def not_a_frame(net):
    net.pws()
    attacker = Attacker(net)
    good = random_frame(50)
    spoilt = [
        [EAST], control_word(first=0x10) + good,            # RFC 5586: an associated channel
        [EAST], control_word(first=0x45) + good,
        [EAST], control_word(first=0x60) + good,
        [EAST], control_word(length=17) + good,             # shorter than a header
        [EAST], control_word(length=3) + good,
        [EAST], control_word() + good[:13],
        [EAST], b"\0\0",
        [EAST], b"",
        [EAST, 17], control_word() + good,                  # no flow label was agreed on
        [Entry(EAST, s=0)], b"",
    ]
    with net.tap("PE2", "pw0") as tap:
        before = net.link("PE2", "pw0")["stats64"]["rx"]
        for entries, payload in zip(spoilt[::2], spoilt[1::2]):
            attacker.inject(entries, payload)
        attacker.inject([EAST], control_word(sequence=77) + good)      # not ours to check
        got = tap.wait(1)
        ktap.equal("frames", [f.raw for f in got], [good])
    after = net.link("PE2", "pw0")["stats64"]["rx"]
    # Ethernet pads what is short, so some lengths can't be told from good ones.
    ktap.equal("errors", after["errors"] - before["errors"], len(spoilt) // 2)


# The 19 bytes that no ARP request is longer than; 0x17 is 4 + 19.
SHORT = bytes.fromhex("02000000 0b01 02000000 0a01 88b5 73686f7274")


@test("a short frame on the wire, byte by byte: the control word has its length")
def short_on_the_wire(net):
    """RFC 4385, section 3. The length once was that of the frame with the control word."""
    net.pws()
    entry = frames.stack([Entry(EAST, s=1, ttl=255)])
    got = wire(net, SHORT)
    ktap.equal("frames on the wire", len(got), 1)
    at = got[0].raw.index(entry[:3]) + len(entry)
    ktap.equal("bytes", got[0].raw[at:at + 23].hex(), "00170000" + SHORT.hex())
    arrives(net, SHORT)


@test("reserved bits of the control word are ignored, also where frames are verified")
def reserved_bits(net):
    """RFC 4448, section 4.6. RFC 4385's fragmentation bits are two of them."""
    net.pws()
    attacker = Attacker(net)
    # As a router of another vendor sends: sequence number 256, and what would be a
    # length of 49, if the length of a long frame counted.
    seen = bytes.fromhex("00710100 02000000aa01 02000000bb01 88b5") + bytes(range(200)) * 3
    seen = seen[:4 + 600]
    length = bytes.fromhex("0fd70000") + SHORT                  # 0x17 with both high bits
    with net.tap("PE2", "pw0") as tap:
        attacker.inject_bytes(bytes.fromhex("0012c1ff") + seen)
        attacker.inject_bytes(bytes.fromhex("0012c1ff") + length + b"\xff" * 30)
        for first, fragment in ((0x0F, 0), (0, 1), (0, 2), (0, 3)):
            attacker.inject([EAST], control_word(first=first, fragment=fragment) + SAMPLES[1])
        ktap.equal("frames", [f.raw.hex() for f in tap.wait(6)],
                   [seen[4:].hex(), SHORT.hex()] + [SAMPLES[1].hex()] * 4)
    ktap.equal("errors", net.link("PE2", "pw0")["stats64"]["rx"]["errors"], 0)
    net.no_pws()
    net.secure_pws()
    with net.tap("PE2", "pw0") as tap, net.expect("PE2", "red-in", verified=2):
        for payload in (seen, length):
            attacker.inject_bytes(stamped(net.east, payload))
        ktap.equal("frames", [f.raw.hex() for f in tap.wait(2)], [seen[4:].hex(), SHORT.hex()])


@test("padding of any content is taken off by the control word's length")
def padding(net):
    net.pws()
    attacker = Attacker(net)
    short = frame(b"short")
    with net.tap("PE2", "pw0") as tap:
        attacker.inject([EAST], cw_for(short) + short + b"\xff" * 30)
        ktap.equal("frame", [f.raw for f in tap.wait(1)], [short])


@test("protected: frames are verified, forged and bare ones reach nothing")
def protected(net):
    net.secure_pws()
    attacker = Attacker(net)
    with net.expect("PE2", "red-in", verified=len(SAMPLES)):
        arrives(net, *SAMPLES)
    with net.expect("PE1", "red-in", verified=len(SAMPLES)):
        arrives(net, *SAMPLES, src="PE2", dst="PE1")
    with net.tap("PE2", "pw0", magic=b"evil") as tap:
        with net.expect("PE2", "red-in", drop_bare=3, drop_bad_tag=3, drop_malformed=1):
            evil = frame(b"evil")
            payload = cw_for(evil) + evil
            attacker.inject([EAST], payload, 3)
            good = stamped(net.east, payload)
            attacker.inject_bytes(wrong_tag(good), 2)
            # The right tags, and another frame.
            at = len(good) - len(payload)
            attacker.inject_bytes(good[:at] + cw_for(evil) + frame(b"evil", src=B))
            attacker.inject_bytes(good[:at] + control_word(first=0x10) + evil)
        with net.expect("PE2", "red-in", verified=1):
            attacker.inject_bytes(good + b"\xff" * 20)
        ktap.equal("frames", [f.raw for f in tap.wait(1)], [evil])


@test("protected, without control word: whatever the first nibble is")
def protected_no_cw(net):
    net.secure_pws("control-word off", payload="pw-no-cw", hash_len="full")
    with net.expect("PE2", "red-in", verified=len(SAMPLES)):
        ktap.equal("frames", sorted(f.hex() for f in through(net, *SAMPLES)),
                   sorted(padded(f).hex() for f in SAMPLES))


@test("a session that is missing: nothing leaves, nothing enters, no carrier; it comes back")
def session_gone(net):
    net.secure_pws()
    arrives(net, SAMPLES[1])
    attacker = Attacker(net)
    net.tell("PE2", "session del red-in")
    net.tell("PE1", "session del red-out")
    with net.tap("PE2", "pw0", magic=b"bare") as tap, net.tap("P1", "west", mpls=True) as leaves:
        bare = frame(b"bare" * 20)
        attacker.inject([EAST], cw_for(bare) + bare, 3)
        net.send("PE1", "pw0", bare)
        for name in ("PE1", "PE2"):
            net.state(name, "no-session")
        # The other end can be changed meanwhile.
        net.tell("PE2", "pw set pw0 out red-out")
        net.add("PE1", "red-out", "out", net.east, "payload pw")
        net.add("PE2", "red-in", "in", net.east, "payload pw")
        for name in ("PE1", "PE2"):
            net.state(name, "up")
        # Frames keep their order: when this one has come, so would those have.
        arrives(net, SAMPLES[1])
        ktap.equal("frames", (len(tap.frames()), len(leaves.wait(1))), (0, 1))
    # One of that name that is for something else is not the one.
    net.tell("PE1", "session del red-out")
    net.add("PE1", "red-out", "out", dict(net.east, label=EAST + 1), "payload pw")
    net.state("PE1", "no-session")


@test("from unprotected to protected without losing a frame, and back")
def migrate(net):
    net.pws()
    arrives(net, *SAMPLES)
    net.clocks()
    net.secure(policy="permissive")
    with net.expect("PE2", "red-in", bare=len(SAMPLES)):
        arrives(net, *SAMPLES)
    net.tell("PE2", "pw set pw0 in red-in")
    with net.expect("PE2", "red-in", bare=len(SAMPLES)):
        arrives(net, *SAMPLES)
    net.tell("PE1", "pw set pw0 out red-out")
    with net.expect("PE2", "red-in", verified=len(SAMPLES)):
        arrives(net, *SAMPLES)
    net.tell("PE2", "session set red-in policy strict")
    arrives(net, *SAMPLES)
    shown = net.pw_show("PE2")
    ktap.equal("in", (shown["in"], shown["in-label"]), ("red-in", EAST))
    net.tell("PE2", "session set red-in policy permissive")
    net.tell("PE1", f"pw set pw0 out-label {EAST}")
    net.tell("PE2", f"pw set pw0 in-label {EAST}")
    with net.expect("PE2", "red-in", bare=1):
        arrives(net, SAMPLES[1])


@test("what a session has verified goes to the pseudowire that names it, and to no other")
def belongs(net):
    """As with FRR: ldpd gives the label of one pseudowire to another, and the far end of
    the first still stamps."""
    net.secure_pws()
    attacker = Attacker(net)
    arrives(net, SAMPLES[3])
    net.tell("PE2", f"pw set pw0 in-label {EAST + 1}")
    net.pw("PE2", "pw1", "10.255.0.9", f"in-label {EAST} out-label {EAST + 101}", "tunnel any")

    def dropped(wanted, send):
        before = net.link("PE2", "pw1")["stats64"]["rx"]["dropped"]
        send()

        def more():
            return net.link("PE2", "pw1")["stats64"]["rx"]["dropped"] - before
        busywait(10, lambda: more() >= wanted)
        ktap.equal("dropped", more(), wanted)
    with net.tap("PE2", "pw1") as tap, \
            net.expect("PE2", "red-in", verified=50, bare=1, pass_bad_tag=1):
        dropped(50, lambda: net.send("PE1", "pw0", *[SAMPLES[3]] * 50))
        net.tell("PE2", "session set red-in policy monitor")
        evil = wrong_tag(stamped(net.east, cw_for(SAMPLES[3]) + SAMPLES[3]))
        dropped(1, lambda: attacker.inject_bytes(evil))
        # What is bare is pw1's; a session that is strict would let none in.
        net.tell("PE2", "session set red-in policy permissive")
        attacker.inject([EAST], cw_for(SAMPLES[1]) + SAMPLES[1])
        ktap.equal("frames", [f.raw for f in tap.wait(1)], [SAMPLES[1]])
    # The pseudowire that names the session has them again.
    net.tell("PE2", "pw del pw1", "session set red-in policy strict", "pw set pw0 in red-in")
    arrives(net, SAMPLES[3])


def traffic(net):
    """Frames from PE1 meanwhile."""
    sender = net.sender("PE1", "pw0")
    return repeated(lambda: sender.send(*[SAMPLES[3]] * 50), 0)


def alternate(net, name, *settings):
    net.tell(name, *[f"pw set pw0 {setting}" for setting in settings] * 500)


@test("sessions and labels replace each other under traffic: no frame is lost")
def change(net):
    net.pws()
    net.secure(policy="permissive")
    net.tell("PE2", "pw set pw0 in red-in")
    with traffic(net):
        alternate(net, "PE1", "out red-out", f"out-label {EAST}")
        alternate(net, "PE2", "in red-in", f"in-label {EAST}")
    sent, got = net.link("PE1", "pw0")["stats64"]["tx"], net.link("PE2", "pw0")["stats64"]["rx"]
    ktap.say(f"{sent['packets']} frames")
    ktap.equal("sent and dropped", (sent["packets"] > 1000, sent["dropped"]), (True, 0))
    ktap.equal("received", got["packets"], sent["packets"])


@test("a session replaces another label under traffic: no frame is bare with the session's")
def exchange(net):
    net.pws()
    net.secure(policy="permissive")
    net.tell("PE1", "pw set pw0 out-label 311")
    with traffic(net):
        alternate(net, "PE1", "out red-out", "out-label 311")
    counts = net.stats("PE2", "red-in")
    ktap.say(f"{counts}")
    ktap.equal("verified, and bare", (counts["verified"] > 100, counts["bare"]), (True, 0))


@test("a session out with policy monitor sends what it can't stamp with the bare label")
def monitor(net):
    net.secure_pws(policy="permissive")
    net.tell("PE1", "session set red-out policy monitor", "clock set unset")
    with net.expect("PE1", "red-out", pass_clock=1), net.expect("PE2", "red-in", bare=1):
        arrives(net, SAMPLES[3])
    net.tell("PE1", "session set red-out policy strict")
    with net.expect("PE1", "red-out", drop_clock=1):
        net.send("PE1", "pw0", SAMPLES[3])
    net.tell("PE1", "clock set tai")


@test("labels move; those of before are nobody's")
def relabel(net):
    net.pws()
    net.tell("PE2", "pw set pw0 in-label 311")
    net.tell("PE1", "pw set pw0 out-label 311")
    arrives(net, *SAMPLES)
    attacker = Attacker(net)
    with net.tap("PE2", "pw0") as tap:
        attacker.inject([EAST], cw_for(SAMPLES[1]) + SAMPLES[1])
        attacker.inject([311], cw_for(SAMPLES[3]) + SAMPLES[3])
        ktap.equal("frames", [f.raw for f in tap.wait(1)], [SAMPLES[3]])


@test("what customers send with a pseudowire's label is no frame of it")
def customers(net):
    net.pws()
    # A VRF has CE2; a bridge has a site and another pseudowire, and one more is routed.
    for name, remote, labels in (("PE1", PE2, (410, 310)), ("PE2", PE1, (310, 410))):
        for i, device in enumerate(("bridged", "routed")):
            net.pw(name, device, remote, f"in-label {labels[0] + i} out-label {labels[1] + i}")
    # VLANs are there before and after what is below them; the one of two moves away.
    for line in ("add lan type bridge forward_delay 0", "add ac type veth peer name site",
                 "add link lan name lan.5 type vlan id 5", "set ac master lan up",
                 "set bridged master lan", "set site up", "set lan up", "set lan.5 up",
                 "add link lan name lan.6 type vlan id 6", "set lan.6 up",
                 "add link routed name r7 type vlan id 7", "add link r7 name r8 type vlan id 8",
                 f"set r7 netns {net.names['CE2']}"):
        net.run("PE2", f"ip link {line}")
    net.run("CE2", "ip link set r7 up")
    net.run("PE2", "ip link set r8 up")
    evil, good = frame(b"evil" * 20), frame(b"good" * 20)

    def behind(device, *vlans):
        return frames.ethernet(net.link("PE2", device)["address"], A, frames.ETH_P_MPLS,
                               frames.stack([Entry(EAST)]) + cw_for(evil) + evil,
                               [(0x8100, vlan) for vlan in vlans])
    ways = [("CE2", "pe", "ce"), ("PE2", "site", "lan"), ("PE1", "bridged", "lan"),
            ("PE2", "site", "lan.5", 5), ("PE1", "bridged", "lan.6", 6),
            ("PE1", "routed", "routed"), ("PE1", "routed", "r8", 7, 8)]
    try:
        with net.tap("PE2", "pw0", magic=b"evil") as tap:
            for src, by, to, *vlans in ways:
                # It does come to the device.
                with net.tap("PE2", to, mpls=True) as seen:
                    net.send(src, by, behind(to, *vlans))
                    ktap.equal(f"seen on {to}", len(seen.wait(1)), 1)
            arrives(net, good)
            ktap.equal("frames of a customer's", tap.frames(), [])
            # Who says that a device is a port knows what is behind it.
            net.tell("PE2", "port add core", "port add lan")
            net.send("PE2", "site", behind("lan"))
            ktap.equal("frames by a port", [f.raw for f in tap.wait(1)], [evil])
        net.tell("PE2", "port del lan", "port del core")
    finally:
        net.run("PE2", "ip link del lan")
        net.run("PE2", "ip link del ac")
        net.run("CE2", "ip link del r7")


@test("MAC addresses in a session: only their frames are protected")
def macs(net):
    net.secure_pws(more=f"mac {A}")
    attacker = Attacker(net)
    other = frame(b"other" * 20, dst="02:00:00:00:0b:02", src="02:00:00:00:0b:03")
    to_a = frame(b"to a" * 20, dst=A, src="02:00:00:00:0b:03")
    with net.expect("PE2", "red-in", verified=2):
        arrives(net, SAMPLES[3], to_a)
    with net.expect("PE2", "red-in"):
        arrives(net, other)
    ktap.equal("labels", frames.labels(wire(net, other)[0]), [1001, 3002, EAST])
    with net.tap("PE2", "pw0") as tap:
        with net.expect("PE2", "red-in", drop_bare=2):
            for evil in (SAMPLES[3], to_a):
                attacker.inject([EAST], cw_for(evil) + evil)
        attacker.inject([EAST], cw_for(other) + other)
        ktap.equal("frames", [f.raw for f in tap.wait(1)], [other])


@test("the same without control word; what is too short for addresses is the session's")
def macs_no_cw(net):
    net.secure_pws("control-word off", payload="pw-no-cw", more=f"mac {A}")
    attacker = Attacker(net)
    other = frame(b"other" * 20, dst="02:00:00:00:0b:02", src="02:00:00:00:0b:03")
    with net.expect("PE2", "red-in", verified=1):
        arrives(net, SAMPLES[3])
    with net.tap("PE2", "pw0") as tap:
        with net.expect("PE2", "red-in", drop_bare=2):
            attacker.inject([EAST], SAMPLES[3])
            attacker.inject([EAST], SAMPLES[3][:11])
        attacker.inject([EAST], other)
        ktap.equal("frames", [f.raw for f in tap.wait(1)], [other])


if __name__ == "__main__":
    with PwLab() as lab:
        ktap.main(lab)
