#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Which of many sessions of a VPN label decides over what comes bare: those of a device and
those of all devices, with prefixes and without, by policy; and how many there may be."""

import itertools

import ktap
from attack import Attacker
from lab import Lab, make_params

COUNT = 3
# What a bare packet counts as, by the policy of the session that decides.
COUNTERS = {"strict": "drop-bare", "permissive": "bare", "monitor": "pass-bare"}
OTHERS = "prefix 10.0.0.0/8"
CUSTOMERS = "prefix 192.168.2.0/24"


LABELS = itertools.count(500000)


def new_params():
    """A set whose K is no other's."""
    return {**make_params(200), "labels": [next(LABELS)]}


def lines_to_add(net, sessions):
    """The commands for sessions in, each with its options."""
    return [f"session add {name} dir in params {net.file(new_params())} tolerance 900ms {options}"
            for name, options in sessions.items()]


def decides(net, sessions, decider=None, orders=(1, -1)):
    """Whether a session decides over a customer's bare packets, and which. The order in
    which the sessions are added must not matter."""
    for order in ([*sessions][::step] for step in orders):
        net.unprotect("PE2")
        net.tell("PE2", *lines_to_add(net, {name: sessions[name] for name in order}))
        counted(net, decider, sessions.get(decider, "policy none").split()[1], sessions)


def counted(net, decider, policy, what):
    """Customers' bare packets are counted by that session alone, with that policy."""
    wanted = {decider: {COUNTERS[policy]: COUNT}} if decider else {}
    before, change = net.all_stats("PE2"), {}

    def enough():
        change.clear()
        for name, stats in net.all_stats("PE2").items():
            moved = {k: v - before[name][k] for k, v in stats.items() if v != before[name][k]}
            change.update({name: moved} if moved else {})
        return sum(sum(moved.values()) for moved in change.values()) >= (COUNT if wanted else 0)

    with net.tap("CE2", "pe", magic=b"decide") as tap:
        net.attacker.inject([200], Attacker.customer_packet(b"decide"), COUNT)
        passed = 0 if policy == "strict" else COUNT
        tap.wait(passed)
        ktap.busywait(20, enough)
        ktap.equal(f"{what}: at the customer", len(tap.frames()), passed)
    ktap.equal(f"{what}: counters", change, wanted)


@ktap.test("the strictest decides, be it one of the device or of all devices")
def strictest(net):
    for one, other in (("policy monitor dev core", "policy strict"),
                       ("policy monitor", "policy strict dev core"),
                       ("policy permissive dev core", f"policy strict {CUSTOMERS}"),
                       (f"policy monitor {CUSTOMERS}", f"policy strict dev core {CUSTOMERS}")):
        decides(net, {"one": one, "other": other}, "other")
    # One of another device has no say, nor has one for other destinations.
    for not_asked in ("policy strict dev ce", f"policy strict dev core {OTHERS}",
                      f"policy strict {OTHERS}", f"policy strict dev ce {CUSTOMERS}"):
        for asked in ("policy monitor", f"policy monitor dev core {CUSTOMERS}"):
            decides(net, {"asked": asked, "not-asked": not_asked}, "asked", orders=(1,))
    decides(net, {"one": f"policy strict {OTHERS}", "other": f"policy strict dev core {OTHERS}",
                  "third": "policy strict dev ce"}, orders=(1,))


@ktap.test("a policy that is set decides from then on, with prefixes too; set again, as before")
def policy_set(net):
    for options in ("", CUSTOMERS, "dev core", f"dev core {CUSTOMERS}"):
        decides(net, {"one": f"policy monitor {options}", "other": f"policy permissive {options}"},
                "other")
        for _ in range(2):
            net.tell("PE2", "session set one policy strict")
            counted(net, "one", "strict", options)
        net.tell("PE2", "session set one policy monitor")
        counted(net, "other", "permissive", options)


@ktap.test("no more than 16 sessions of a VPN label have prefixes, for a device and for all")
def too_many(net):
    net.unprotect("PE2")
    for options in ("", "dev core"):
        name = options[-4:] or "all"
        net.tell("PE2", *lines_to_add(net, {f"{name}-{i}": f"{options} prefix 10.{i}.0.0/16"
                                            for i in range(16)}))
        status, _, err = net.add("PE2", "over", "in", new_params(),
                                 f"{options} {CUSTOMERS}", ok=False)
        ktap.equal(f"status of one more, {options!r}", status, 2)
        ktap.check("no more than 16 sessions" in err, f"{err!r}")
        # One without prefixes costs nothing, nor does one of another device.
        net.tell("PE2", *lines_to_add(net, {f"{name}-wide": options,
                                            f"{name}-else": f"dev ce {CUSTOMERS}"}),
                 f"session del {name}-else")
        counted(net, f"{name}-wide", "strict", f"wide {options}")
        net.tell("PE2", f"session del {name}-wide", f"session del {name}-3",
                 *lines_to_add(net, {f"{name}-last": f"{options} {CUSTOMERS}"}))
        counted(net, f"{name}-last", "strict", f"last {options}")
        net.tell("PE2", f"session del {name}-last")
    ktap.equal("sessions", len(net.all_stats("PE2")), 30)


if __name__ == "__main__":
    with Lab() as lab:
        lab.clocks()
        lab.attacker = Attacker(lab)
        ktap.main(lab)
