#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What is changed of a pseudowire that lives: all of it, under traffic, with its device."""

import frames
import ktap
from attack import Attacker, stamped
from pwlab import (EAST, PE1, PE1_6, PE2, PE2_6, WEST, PwLab, arrives, cw_for, frame,
                   random_frame, test, wire)
from traffic import repeated

TEST = random_frame(100)


def said(net, name, command):
    """What the command warns of, which succeeds."""
    status, _, errors = net.labelhop(name, command, ok=False)
    ktap.equal(f"status of {command}", status, 0)
    return errors


@test("a pseudowire without labels is idle; it gets them, and loses them again")
def idle(net):
    for name, remote in (("PE1", PE2), ("PE2", PE1)):
        net.pw(name, "pw0", remote, "")
        net.state(name, "idle")
        ktap.check(not {"in-label", "out-label"} & net.pw_show(name).keys(), "it has labels")
    net.run("PE2", "ip link add lan type bridge forward_delay 0")
    net.run("PE2", "ip link set pw0 master lan")
    index = net.link("PE2", "pw0")["ifindex"]
    attacker = Attacker(net)
    try:
        for _ in range(2):
            net.tell("PE1", f"pw set pw0 in-label {WEST} out-label {EAST}")
            net.tell("PE2", f"pw set pw0 in-label {EAST}")
            net.state("PE1", "up")
            net.state("PE2", "idle")
            net.tell("PE2", f"pw set pw0 out-label {WEST}")
            net.state("PE2", "up")
            ktap.equal("device", (net.link("PE2", "pw0")["ifindex"],
                                  net.link("PE2", "pw0")["master"]), (index, "lan"))
            arrives(net, TEST)
            net.tell("PE2", "pw set pw0 in-label none out-label none")
            net.state("PE2", "idle")
            with net.tap("PE2", "pw0") as tap, net.tap("P2", "east", mpls=True) as leaves:
                attacker.inject([EAST], cw_for(TEST) + TEST)
                net.send("PE2", "pw0", TEST)
                net.tell("PE2", f"pw set pw0 in-label {EAST} out-label {WEST}")
                net.state("PE2", "up")
                last = random_frame(200)
                net.send("PE1", "pw0", last)
                ktap.equal("frames in", [f.raw for f in tap.wait(1) if len(f.raw) != len(TEST)],
                           [last])
                net.send("PE2", "pw0", last)
                ktap.equal("frames out", [len(f.payload) for f in leaves.wait(1)], [204])
            net.tell("PE2", "pw set pw0 in-label none out-label none")
    finally:
        net.run("PE2", "ip link del lan")


@test("control word, remote PE, MTU and tunnel are set; the device stays, in its bridge")
def all_of_it(net):
    net.pws()
    net.run("PE1", "ip link add lan type bridge forward_delay 0")
    net.run("PE1", "ip link set pw0 master lan")
    before = net.link("PE1", "pw0")
    short = frame(b"short")
    try:
        ktap.equal("with", wire(net, short)[0].payload, cw_for(short) + short)
        for name in ("PE1", "PE2"):
            net.tell(name, "pw set pw0 control-word off")
        ktap.equal("without", wire(net, short)[0].payload, short + bytes(60 - len(short)))
        arrives(net, TEST)
        for name, remote in (("PE1", PE2_6), ("PE2", PE1_6)):
            net.tell(name, f"pw set pw0 remote {remote} control-word on")
        net.route("PE1", PE2_6, "1001/3011 via inet6 fd00:1::2", "replace")
        ktap.equal("labels", frames.labels(wire(net, TEST)[0]), [1001, 3011, EAST])
        net.route("PE1", PE2_6, "1001/3002 via inet6 fd00:1::2", "replace")
        arrives(net, TEST)
        net.tell("PE1", "pw set pw0 mtu 1400")
        net.mtu("PE1", 1400)
        ktap.equal("mtu", net.pw_show("PE1")["mtu"], 1400)
        net.tell("PE1", "pw set pw0 mtu path")
        net.mtu("PE1", 1566)
        ktap.check("mtu" not in net.pw_show("PE1"), "it has an MTU of its own")
        net.tell("PE1", "pw set pw0 remote 10.255.0.9")
        net.run("PE1", "ip route add 10.255.0.9/32 via 10.0.1.2 dev core")
        net.state("PE1", "no-tunnel")
        net.tell("PE1", "pw set pw0 tunnel any")
        net.state("PE1", "up")
        net.run("PE1", "ip route del 10.255.0.9/32")
        after = net.link("PE1", "pw0")
        for key in ("ifindex", "master", "address"):
            ktap.equal(key, after[key], before[key])
    finally:
        net.run("PE1", "ip link del lan")


@test("the control word changes under traffic: a frame is whole, the old way or the new one")
def whole(net):
    net.pws()
    sender = net.sender("PE1", "pw0")
    short = frame(b"short")
    with net.tap("P1", "west", mpls=True) as tap:
        with repeated(lambda: sender.send(*[short] * 20), 0):
            net.tell("PE1", *["pw set pw0 control-word off out-label 311",
                              f"pw set pw0 control-word on out-label {EAST}"] * 300)
        seen = {(f.stack[-1].label, f.payload) for f in tap.wait(100)}
    ktap.equal("labels and what is below them", seen,
               {(EAST, cw_for(short) + short), (311, short + bytes(60 - len(short)))})


@test("labels of two pseudowires are swapped: none of their frames goes astray")
def swapped(net):
    net.pws()
    net.pw("PE2", "pw1", PE1, f"in-label {EAST + 1} out-label {WEST + 1} control-word off")
    status, _, errors = net.labelhop("PE2", f"pw set pw0 in-label {EAST + 1}", ok=False)
    ktap.check(status and "already used by device pw1" in errors, f"{status} {errors}")
    net.tell("PE2", f"pw set pw0 in-label {EAST + 1} steal")
    net.state("PE2", "idle", "pw1")
    shown = net.pw_show("PE2", "pw1")
    ktap.equal("labels", (shown.get("in-label"), shown["out-label"]), (None, WEST + 1))
    net.tell("PE2", f"pw set pw1 in-label {EAST}")
    net.state("PE2", "up", "pw1")
    attacker = Attacker(net)
    with net.tap("PE2", "pw0") as first, net.tap("PE2", "pw1") as second:
        attacker.inject([EAST + 1], cw_for(TEST) + TEST)
        attacker.inject([EAST], TEST)
        ktap.equal("frames", ([f.raw for f in first.wait(1)], [f.raw for f in second.wait(1)]),
                   ([TEST], [TEST]))
    # Under traffic, one label is always of a pseudowire with control word and the other
    # of one without, whichever that is: what sees a mixture cuts a frame wrong.
    ring = [f"pw set pw0 in-label {EAST} control-word on steal",
            f"pw set pw1 in-label {EAST + 1} control-word off",
            f"pw set pw0 in-label {EAST + 1} control-word off steal",
            f"pw set pw1 in-label {EAST} control-word on"]
    net.tell("PE2", "pw set pw0 control-word off", "pw set pw1 control-word on")
    sender = net.sender("P2", "east")
    flood = [attacker.near_frame(frames.stack([EAST]) + cw_for(TEST) + TEST),
             attacker.near_frame(frames.stack([EAST + 1]) + TEST)] * 10
    with net.tap("PE2", "pw0") as first, net.tap("PE2", "pw1") as second:
        with repeated(lambda: sender.send(*flood), 0):
            net.tell("PE2", *ring * 100)
        seen = {f.raw for f in first.wait(1)} | {f.raw for f in second.wait(1)}
    ktap.equal("frames, none of them cut wrong", seen, {TEST})


@test("a change says which session it takes away, and which session nobody names")
def warnings(net):
    net.secure_pws()
    ktap.check("session red-in protects it no more" in
               said(net, "PE2", f"pw set pw0 in-label {EAST}"), "no warning")
    net.tell("PE2", "pw set pw0 in red-in")
    ktap.check("session red-out protects it no more" in
               said(net, "PE2", f"pw set pw0 out-label {WEST}"), "no warning")
    net.tell("PE2", f"pw set pw0 in-label {EAST + 1}")
    for command in (f"pw set pw0 in-label {EAST}",
                    f"pw add pw1 remote {PE1} in-label {EAST} out-label {WEST + 1}"):
        warning = said(net, "PE2", command)
        ktap.check("no pseudowire names session red-in, whose label it is" in warning,
                   f"{command}: {warning!r}")
        net.tell("PE2", "pw set pw0 in-label none")
    ktap.equal("nothing to say", said(net, "PE2", f"pw set pw0 in-label {EAST + 2}"), "")
    # The label is taken from the one that names the session.
    net.tell("PE2", "pw del pw1", "pw set pw0 in red-in",
             f"pw add pw1 remote {PE1} out-label {WEST + 1}")
    ktap.check("no pseudowire names session red-in, whose label it is" in
               said(net, "PE2", f"pw set pw1 in-label {EAST} steal"), "no warning")
    # One that waits for the session to have its old label again still names it.
    net.tell("PE2", "pw set pw0 in red-in steal", "session del red-in")
    net.add("PE2", "red-in", "in", dict(net.east, label=EAST + 5), "payload pw")
    ktap.equal("named", said(net, "PE2", f"pw set pw1 in-label {EAST + 5}"), "")


@test("a session that is missing may come back with whatever the control word is then")
def kept(net):
    net.secure_pws()
    net.tell("PE2", "pw set pw0 control-word on",
             f"pw set pw0 out-label {WEST}", "session del red-in", "pw set pw0 control-word off")
    net.state("PE2", "no-session")
    # One with the control word, or with the other direction, is not the one.
    net.add("PE2", "red-in", "in", net.east, "payload pw")
    status, _, errors = net.labelhop("PE2", "pw set pw0 control-word off", ok=False)
    ktap.check(status and "session red-in must have payload pw-no-cw" in errors, errors)
    net.state("PE2", "no-session")
    net.tell("PE2", "session del red-in")
    net.add("PE2", "red-in", "out", net.east, "payload pw")
    net.tell("PE2", "pw set pw0 control-word off")
    net.state("PE2", "no-session")
    net.tell("PE2", "session del red-in")
    net.add("PE2", "red-in", "in", net.east, "payload pw-no-cw")
    net.state("PE2", "up")
    net.tell("PE1", "pw set pw0 in-label none out-label none", "session flush",
             f"pw set pw0 control-word off in-label {WEST}")
    net.add("PE1", "red-out", "out", net.east, "payload pw-no-cw")
    net.tell("PE1", "pw set pw0 out red-out")
    with net.expect("PE2", "red-in", verified=1):
        arrives(net, TEST)


@test("a change that the kernel refuses for its MTU changes nothing else")
def all_or_nothing(net):
    if net.run("PE2", "modprobe -q team", ok=False)[0]:
        ktap.skip("this kernel has no team, whose devices keep their MTU")
    net.pws()
    net.pw("PE2", "pw1", PE1, f"in-label {EAST + 1} out-label {WEST + 1}")
    net.run("PE2", "ip link add bundle type team")
    net.run("PE2", "ip link set pw0 down")
    net.run("PE2", "ip link set pw0 master bundle")
    try:
        before = net.pw_show("PE2"), net.pw_show("PE2", "pw1")
        for change in (f"in-label {EAST + 1} steal", f"in-label {EAST + 2}", "in-label none"):
            status, _, errors = net.labelhop("PE2", f"pw set pw0 {change} mtu 1400", ok=False)
            ktap.check(status and "attribute mtu" in errors, f"{change}: {status} {errors}")
        ktap.equal("both", (net.pw_show("PE2"), net.pw_show("PE2", "pw1")), before)
    finally:
        net.run("PE2", "ip link del bundle")
    # The label that it was to have is free.
    net.tell("PE2", f"pw set pw1 in-label {EAST + 2}")
    net.run("PE2", "ip link set pw0 up")
    net.state("PE2", "up")
    arrives(net, TEST)


@test("one of many pseudowires is found by the session that it names, and by its name")
def many(net):
    net.secure_pws()
    net.tell("PE2", *[f"pw add p{i} remote {PE1} in-label {20000 + i} out-label {30000 + i}"
                      for i in range(30)])
    net.run("PE2", "ip link set p15 up")
    net.tell("PE2", "pw set p15 in red-in steal")
    net.state("PE2", "idle")
    net.tell("PE2", "session del red-in")
    net.state("PE2", "no-session", "p15")
    net.add("PE2", "red-in", "in", net.east, "payload pw")
    net.state("PE2", "up", "p15")
    with net.tap("PE2", "p15") as tap:
        Attacker(net).inject_bytes(stamped(net.east, cw_for(TEST) + TEST))
        ktap.equal("frames", [f.raw for f in tap.wait(1)], [TEST])
    # The name that ip link gave, and no other device's.
    net.run("PE2", "ip link set p15 down")
    net.run("PE2", "ip link set p15 name px")
    ktap.equal("renamed", net.pw_show("PE2", "px")["in-label"], EAST)
    for name in ("p15", "core", "lo"):
        status, _, errors = net.labelhop("PE2", f"pw show {name}", ok=False)
        ktap.check(status and "there is no such pseudowire" in errors, f"{name}: {errors}")
    ktap.equal("others", len(net.ask("PE2", "pw show")), 31)


if __name__ == "__main__":
    with PwLab() as lab:
        ktap.main(lab)
