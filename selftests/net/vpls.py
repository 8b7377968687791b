#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A VPLS: three sites in a full mesh of pseudowires, with the bridge of Linux."""

import contextlib
import json
import os

import frames
import ktap
from attack import stamped, wrong_tag
from ktap import busywait
from lab import Lab, make_params
from pwlab import BROADCAST, cw_for, frame

SITES = (1, 2, 3)


def mac(n):
    """Of a site."""
    return f"02:00:00:00:01:0{n}"


def pairs():
    return [(n, other) for n in SITES for other in SITES if n != other]


def label(n, other):
    """Of what PE n takes from the other PE."""
    return 300 + 10 * n + other


class Vpls(Lab):
    """The topology of vpls.sh."""

    def __init__(self, **settings):
        super().__init__("vpls", **settings)
        self.sets = {}

    def sessions(self, policy="strict", settings="", **members):
        """Two sessions for each pseudowire; the sets are in self.sets by their PEs: who
        takes and who sends."""
        self.clocks("PE1", "PE2", "PE3")
        for n, other in pairs():
            params = make_params(label(n, other), 100000 * n + 10000 * other, tags=2,
                                 labels=16, **members)
            self.sets[n, other] = params
            self.add(f"PE{n}", f"in{other}", "in", params, f"payload pw policy {policy} {settings}")
            self.add(f"PE{other}", f"out{n}", "out", params, f"payload pw {settings}")

    def protect_vpls(self, **settings):
        self.sessions(**settings)
        for n, other in pairs():
            self.tell(f"PE{n}", f"pw set pw{other} in in{other} out out{other}")

    def unprotect_vpls(self):
        """The pseudowires as they were at first."""
        if not self.sets:
            return
        self.sets = {}
        for n, other in pairs():
            self.tell(f"PE{n}", f"pw set pw{other} in-label {label(n, other)} "
                                f"out-label {label(other, n)}")
        self.unprotect("PE1", "PE2", "PE3")

    def table(self, n):
        """The bridge's MAC addresses that it has learnt: their ports."""
        shown = json.loads(self.run(f"PE{n}", "bridge -j fdb show br lan dynamic"))
        return {each["mac"]: each["ifname"] for each in shown}

    def forget_macs(self):
        for n in SITES:
            self.run(f"PE{n}", "ip link set lan type bridge fdb_flush")

    def inject(self, n, *labelled):
        """Send stacks and what is below them to PE n, as P would."""
        self.sender("P", f"to{n}").send(*[
            frames.ethernet(f"02:00:00:00:02:{n}1", f"02:00:00:00:02:{n}2", frames.ETH_P_MPLS, data)
            for data in labelled])

    @contextlib.contextmanager
    def at_sites(self, magic, counts, mark=True):
        """What is done within brings so many frames to each site, and no more."""
        taps = {n: self.tap(f"SITE{n}", "lan", magic=magic) for n in SITES}
        yield
        for n, count in counts.items():
            taps[n].wait(count)
        if mark:
            # Frames keep their order: when this one has come, so would others have.
            self.sender("SITE1", "lan").send(frame(magic + b"mark" * 12, dst=BROADCAST, src=mac(1)))
            for n in (2, 3):
                taps[n].wait(1 + counts.get(n, 0))
                got = [f for f in taps[n].frames() if b"markmark" in f.raw]
                ktap.equal(f"marks at site {n}", len(got), 1)
                taps[n].taken = [f for f in taps[n].taken if f not in got]
        ktap.equal("frames at the sites", {n: len(taps[n].frames()) for n in SITES},
                   {n: counts.get(n, 0) for n in SITES})
        for tap in taps.values():
            tap.close()


test = ktap.leaving(Vpls.unprotect_vpls, Vpls.forget_macs)


def pings(net):
    for n, other in pairs():
        net.run(f"SITE{n}", f"ping -q -c 2 -i 0.1 -w 5 192.168.100.{other}")


@test("three sites reach each other, each with what it is sent and no copies")
def mesh(net):
    pings(net)
    with net.at_sites(b"to all", {1: 0, 2: 1, 3: 1}):
        net.sender("SITE1", "lan").send(frame(b"to all" * 10, dst=BROADCAST, src=mac(1)))
    with net.at_sites(b"unknown", {1: 1, 2: 0, 3: 1}):
        net.sender("SITE2", "lan").send(frame(b"unknown" * 9, dst="02:00:00:00:01:77", src=mac(2)))
    with net.at_sites(b"to one", {1: 0, 2: 1, 3: 0}):
        net.sender("SITE1", "lan").send(frame(b"to one" * 9, dst=mac(2), src=mac(1)))


@test("addresses are learnt on the pseudowire that they come by, and move with their station")
def learning(net):
    net.protect_vpls()
    pings(net)
    wanted = {mac(n): "ce" if n == 2 else f"pw{n}" for n in SITES}
    ktap.equal("PE2's table", {k: v for k, v in net.table(2).items() if k in wanted}, wanted)
    guest = "02:00:00:00:01:88"
    for site, port in ((1, "pw1"), (3, "pw3"), (2, "ce")):
        net.sender(f"SITE{site}", "lan").send(frame(b"here I am" * 8, dst=BROADCAST, src=guest))
        ktap.check(busywait(5, lambda: net.table(2).get(guest) == port),
                   f"at site {site}, PE2 has it at {net.table(2).get(guest)}")
    with net.at_sites(b"to guest", {2: 1}):
        net.sender("SITE1", "lan").send(frame(b"to guest" * 8, dst=guest, src=mac(1)))


def forged(net, thief):
    """A frame that claims to come from site 3, as it would be sent to PE2: bare, stamped
    with a wrong tag, with a good tag of another frame, and on the pseudowire to PE1."""
    evil = frame(b"evil" * 15, dst=BROADCAST, src=thief)
    payload = cw_for(evil) + evil
    out = [frames.stack([label(2, 3)]) + payload, frames.stack([label(2, 1)]) + payload]
    if net.sets:
        good = stamped(net.sets[2, 3], payload)
        at = len(good) - len(payload)
        other = frame(b"evil" * 15, dst=BROADCAST, src=mac(1))
        out += [wrong_tag(good), good[:at] + cw_for(other) + other,
                wrong_tag(stamped(net.sets[2, 1], payload))]
    return out


@test("attack: forged frames reach no port of a bridge nor its table")
def attack(net):
    pings(net)
    # Without labelhop's sessions they take a site's address away.
    with net.at_sites(b"evil", {2: 2}):
        net.inject(2, *forged(net, mac(3)))
    ktap.equal("where PE2 has the site's address", net.table(2)[mac(3)], "pw1")
    net.forget_macs()
    net.protect_vpls()
    pings(net)
    before, thief = net.table(2), "02:00:00:00:01:99"
    with net.at_sites(b"evil", {}), net.expect("PE2", "in3", drop_bare=2, drop_bad_tag=4):
        with net.expect("PE2", "in1", drop_bare=2, drop_bad_tag=2):
            net.inject(2, *forged(net, mac(3)))
            net.inject(2, *forged(net, thief))
    after = net.table(2)
    ktap.equal("PE2's table", (after.get(mac(3)), thief in after), (before[mac(3)], False))
    pings(net)


@test("only some addresses are protected, the rest passes")
def some_addresses(net):
    pings(net)
    net.protect_vpls(settings=f"mac {mac(3)}")
    pings(net)
    table = net.table(2)
    with net.at_sites(b"evil", {}), net.expect("PE2", "in3", drop_bare=1):
        with net.expect("PE2", "in1", drop_bare=1):
            net.inject(2, *forged(net, mac(3))[:2])
    ktap.equal("PE2's table", net.table(2)[mac(3)], table[mac(3)])
    with net.at_sites(b"evil", {2: 2}):
        net.inject(2, *forged(net, "02:00:00:00:01:99")[:2])


@test("spanning tree's frames, and others for bridges, go as the bridge is configured")
def reserved(net):
    net.protect_vpls()
    bpdu = frame(b"bpdu!" * 10, dst="01:80:c2:00:00:00", src=mac(1))
    lldp = frame(b"lldp!" * 10, dst="01:80:c2:00:00:0e", src=mac(1), proto=0x88CC)
    with net.at_sites(b"bpdu!", {2: 1, 3: 1}):
        net.sender("SITE1", "lan").send(bpdu)
    for n in SITES:
        net.run(f"PE{n}", "ip link set lan type bridge stp_state 1")
    # With it a bridge that is asked anew passes nothing for a while, so nothing marks the
    # end: the bridge has dealt with the first when it is given the third.
    with net.at_sites(b"bpdu!", {}, mark=False), net.tap("PE1", "ce", magic=b"bpdu!") as tap:
        net.sender("SITE1", "lan").send(bpdu, bpdu, bpdu)
        ktap.equal("frames at the bridge", len(tap.wait(3)), 3)
    for n in SITES:
        net.run(f"PE{n}", "ip link set lan type bridge stp_state 0")
    with net.at_sites(b"lldp!", {}):
        net.sender("SITE1", "lan").send(lldp)
    for n in SITES:
        net.run(f"PE{n}", "ip link set lan type bridge group_fwd_mask 0x4000")
    with net.at_sites(b"lldp!", {2: 1, 3: 1}):
        net.sender("SITE1", "lan").send(lldp)


@test("VLAN tags of the customer are kept whole")
def vlans(net):
    net.protect_vpls()
    for tags in ([(0x8100, 0x6005)], [(0x88A8, 7), (0x8100, 8)]):
        sent = frame(os.urandom(40) + b"tagged", dst=BROADCAST, src=mac(1), vlans=tags)
        with net.tap("SITE2", "lan", magic=b"tagged") as tap:
            net.sender("SITE1", "lan").send(sent)
            ktap.equal("frame", [f.raw for f in tap.wait(1)], [sent])


@test("a pseudowire that is down: the others go on; it comes back by itself")
def one_down(net):
    net.protect_vpls()
    pings(net)
    net.run("P", "ip link set to3 down")
    for n in (1, 2):
        # Nobody tells PE1 and PE2: there is no routing protocol here.
        net.run(f"PE{n}", "ip route del 10.255.0.3/32")
        ktap.check(busywait(10, lambda: net.ask(f"PE{n}", "pw show pw3")[0]["state"] == "no-route"),
                   f"PE{n}: {net.ask(f'PE{n}', 'pw show pw3')}")
    net.run("SITE1", "ping -q -c 2 -i 0.1 -w 5 192.168.100.2")
    net.run("P", "ip link set to3 up")
    net.run("P", "ip neighbour replace 10.0.3.1 lladdr 02:00:00:00:02:31 dev to3 nud permanent")
    net.run("P", "ip -f mpls route replace 1003 via inet 10.0.3.1 dev to3")
    for n in (1, 2):
        net.run(f"PE{n}", f"ip route add 10.255.0.3/32 encap mpls 1003 via inet 10.0.{n}.2 dev core")
    ktap.check(busywait(15, lambda: not net.run("SITE1", "ping -q -c 1 -w 1 192.168.100.3",
                                                ok=False)[0]), "site 3 is not back")
    pings(net)


@ktap.test("jumbo frames between the sites")
def jumbo():
    with Vpls(MTU=9600, VPLS_MTU=9000) as net:
        net.protect_vpls(hash_len="full")
        for n, other in pairs():
            net.run(f"SITE{n}", f"ping -q -c 1 -w 5 -s 8972 -M do 192.168.100.{other}")


if __name__ == "__main__":
    with Vpls() as lab:
        ktap.main(lab)
