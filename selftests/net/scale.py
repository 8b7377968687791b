#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Numbers: a PE with many VPNs, a million forgeries, a hundred thousand packets; or as
many as the environment says."""

import os

import ktap
from attack import Attacker, stamped
from lab import CE2, PORT, SECOND, Lab, make_params, ref, socket, tai

FORGERIES = int(os.environ.get("LABELHOP_FORGERIES", 1000000))
PACKETS = int(os.environ.get("LABELHOP_PACKETS", 100000))
LABELS, VRFS, EACH = 200, 64, 5


def every_session(net, prefix, count, sent):
    """All sessions have stamped, and verified, just what was sent."""
    def done():
        into = net.all_stats("PE2")
        return all(into[f"in{i}"]["verified"] == sent for i in range(count))
    ktap.busywait(20, done)
    out, into = net.all_stats("PE1"), net.all_stats("PE2")
    bad = [i for i in range(count) if out[f"out{i}"]["stamped"] != sent
           or {k: n for k, n in into[f"in{i}"].items() if n} != {"verified": sent}]
    ktap.equal(f"{prefix} sessions that failed", bad, [])


@ktap.test("many VPNs: 200 VPN labels without VRFs of their own")
def many_labels(net):
    net.unprotect()
    route = "\\n".join(f"route add vrf blue 10.200.{i}.0/24 encap mpls 1001/3002/{3100 + i} "
                      "via inet 10.0.1.2 dev core" for i in range(LABELS))
    net.shell(f'printf "{route}\\n" | topo_ip "$PE1"')
    route = "\\n".join(f"mpls route add {3100 + i} via inet 192.168.2.1 dev ce" for i in range(LABELS))
    net.shell(f'printf "{route}\\n" | topo_ip "$PE2"')
    net.run("CE2", "ip route add local 10.200.0.0/16 dev lo")
    # K are drawn at random from ranges that may meet: give each its own.
    sets = []
    for i in range(LABELS):
        params = make_params(3100 + i)
        params["labels"] = list(range(500000 + 16 * i, 500016 + 16 * i))
        sets.append(net.file(params))
    net.tell("PE2", *(f"session add in{i} dir in params {p} tolerance 900ms"
                      for i, p in enumerate(sets)))
    net.tell("PE1", *(f"session add out{i} dir out params {p}" for i, p in enumerate(sets)))
    for i in range(LABELS):
        net.customer_send(EACH, b"many", f"10.200.{i}.1")
    every_session(net, "label", LABELS, EACH)
    # Without the sessions those labels are open, and the next tests guess labels.
    net.shell(f'printf "{route}\\n" | sed s/add/del/ | topo_ip "$PE2"')


@ktap.test("many VPNs: 64 VRFs")
def many_vrfs():
    with Lab(VPNS=VRFS + 1) as net:
        net.clocks()
        sets = []
        for i in range(VRFS):
            params = make_params(20002 + i)
            params["labels"] = list(range(500000 + 16 * i, 500016 + 16 * i))
            sets.append(net.file(params))
        net.tell("PE2", *(f"session add in{i} dir in params {p} tolerance 900ms"
                          for i, p in enumerate(sets)))
        net.tell("PE1", *(f"session add out{i} dir out params {p} vrf v{i + 2}"
                          for i, p in enumerate(sets)))
        with net.inside("PE1"):
            for i in range(2, VRFS + 2):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, f"v{i}\0".encode())
                    for _ in range(EACH):
                        s.sendto(b"vrf", (f"172.17.{i // 256}.{i % 256}", PORT))
        every_session(net, "VRF", VRFS, EACH)


def forge(net, tags):
    """(forged, passed, reached CE2) with the right hop label and random tags."""
    net.unprotect()
    net.east = make_params(200, tags=tags)
    net.add("PE2", "blue-in", "in", net.east)
    magic = os.urandom(8)
    frame = Attacker.near_frame(stamped(net.east, Attacker.customer_packet(magic)))
    counter = net.tool("CE2", "lh-count", "pe", magic.hex())
    positions = [word for n in range(tags) for word in ("--random", n + 1)]
    sent = net.result(net.tool("P2", "lh-inject", "--count", FORGERIES, *positions,
                               "east", frame.hex()))

    def handled():
        stats = net.stats("PE2", "blue-in")
        return stats if stats["verified"] + stats["drop-bad-tag"] >= sent["sent"] else None
    stats = ktap.busywait(60, handled) or net.stats("PE2", "blue-in")
    counter.terminate()
    reached = net.result(counter)
    ktap.say(f"{tags} tags: {sent['sent']} forgeries in {sent['ms']} ms, {stats['verified']} passed")
    ktap.equal("forgeries sent", sent["sent"], FORGERIES)
    ktap.equal("dropped or verified", stats["drop-bad-tag"] + stats["verified"], FORGERIES)
    ktap.equal("reached CE2", reached, {"count": stats["verified"], "missed": 0})
    return stats["verified"]


@ktap.test("10 forgeries, right hop label and random tag: one in about a million passes")
def forgeries_one(net):
    # With 2^-20 each, more than 8 of a million come once in a million runs.
    ktap.check(forge(net, 1) <= 8, "more than 8 forgeries passed")


@ktap.test("10 forgeries, right hop label and two random tags: none passes")
def forgeries_two(net):
    ktap.equal("forgeries passed", forge(net, 2), 0)


@ktap.test("10 guessed hop labels: none passes, but those of K are counted")
def guessed_hops(net):
    net.unprotect()
    net.east = make_params(200)
    net.add("PE2", "blue-in", "in", net.east)
    frame = Attacker.near_frame(stamped(net.east, Attacker.customer_packet(b"hop")))
    with net.tap("CE2", "pe", magic=b"hop") as tap:
        sent = net.result(net.tool("P2", "lh-inject", "--count", 100000, "--random", 0,
                                   "--random", 1, "east", frame.hex()))
        stats = net.stats("PE2", "blue-in")
        ktap.say(f"{sent['sent']} sent, {stats['drop-bad-hop']} bad-hop, {stats['drop-bad-tag']} bad-tag")
        ktap.equal("reached CE2", len(tap.frames()), stats["verified"])
        ktap.check(stats["verified"] <= 1, "guesses passed")


@ktap.test("a flow of 100,000 packets over at least ten slots loses none")
def long_flow(net):
    net.unprotect()
    net.protect(slots=[SECOND, 900 * 10**6, 1100 * 10**6], tolerance="450ms", labels=64)
    p = ref.validate(net.east)
    receiver = net.tool("CE2", "lh-flow", "recv", 6000, PACKETS, 15000)
    first = ref.slot(p, tai())[0]
    sent = net.result(net.tool("CE1", "lh-flow", "send", CE2, 6000, PACKETS, 200, 12000))
    slots = ref.slot(p, tai())[0] - first
    result = net.result(receiver)
    ktap.say(f"{sent['sent']} packets in {sent['ms']} ms over {slots} slots: {result}")
    ktap.check(slots >= 10, f"only {slots} slots")
    ktap.equal("received, lost, bad", (result["received"], result["lost"], result["bad"]),
               (PACKETS, 0, 0))
    ktap.equal("stamped", net.stats("PE1", "blue-out")["stamped"], PACKETS)
    stats = {k: v for k, v in net.stats("PE2", "blue-in").items() if v}
    ktap.equal("counters of blue-in", stats, {"verified": PACKETS})


if __name__ == "__main__":
    with Lab(MTU=1520) as lab:
        # A burst must not be lost before it comes to us.
        with open("/proc/sys/net/core/netdev_max_backlog", "w", encoding="ascii") as f:
            f.write("100000")
        lab.clocks()
        ktap.main(lab)
