# SPDX-License-Identifier: GPL-2.0
"""Cells of the decision table at work. Each has a session and a VPN label of its own,
so that all events can be made at once and each counter still belongs to one cell.

An event is a function that is given a cell. In direction in it returns what comes to
PE2, stack and payload; in direction out it sends what PE1 is to encapsulate.
"""

import dataclasses
import os
import random
import socket

import attack
import frames
from lab import CE1, HOUR, SECOND, make_params, ref, tai
from table import POLICIES

EACH = 2
LABELS_OF_K = 4
# Where the labels begin: VPN labels, those of no session, K, of transit packets, more K.
FIRST_LABEL, FIRST_OTHER, FIRST_K, FIRST_TRANSIT, FIRST_MORE = 20000, 25000, 30000, 40000, 50000

# States that are phases, too.
NO_TIME = ("no clock", "clock failed")
# Parameters of a set that is in a state, and the phase in which it is.
STATES = {
    None: {},
    "no clock": {},
    "clock failed": {},
    "before epoch": {"epoch": HOUR},
    "after lifetime": {"epoch": -2 * HOUR, "lifetime": HOUR},
}


@dataclasses.dataclass
class Event:
    """How an event is made.

    members: of the parameter set, an epoch being from now; options: of session add;
    phase: what must be so meanwhile, see phases.py; state: of time;
    parts: packets that the verdicts segment and fragment, or if each then all, make of one;
    arrives: whether what passes is then seen, None if the kernel may drop it or not;
    more: policies of other sessions of the label.
    """
    send: object
    members: dict = dataclasses.field(default_factory=dict)
    options: str = ""
    phase: str = "plain"
    state: str = None
    parts: int = 1
    each: bool = False
    arrives: bool = True
    more: tuple = ()
    # Direction in: the frame.
    vlans: tuple = ()
    proto: int = frames.ETH_P_MPLS
    to: str = attack.PE2
    gso: bool = False
    # Direction out: the way, and whether the label is one of no session.
    way: str = "via inet 10.0.1.2 dev core"
    other: bool = False


events = {}


def event(name, **how):
    """A decorator: the function makes the event of that row, and maybe of others."""
    def register(function):
        events[name] = Event(function, **how)
        return function
    return register


class Cell:
    """An event under a policy, in a state of time; row is the row that holds then."""

    def __init__(self, net, number, name, policy, state=None, row=None):
        self.net, self.name, self.policy = net, name, policy
        self.event = events[name]
        self.state, self.row = state or self.event.state, row or name
        self.phase = self.state if self.state in NO_TIME else self.event.phase
        self.number, self.magic = number, os.urandom(8)
        self.session = f"{name}-{number}"
        self.label = FIRST_LABEL + number
        self.params = self.make_set(FIRST_K + LABELS_OF_K * number)
        # Direction out: the label that is pushed, where it is sent to, a transit label.
        self.pushed = (FIRST_OTHER if self.event.other else FIRST_LABEL) + number
        self.to, self.to_6 = f"172.20.{number // 250}.{number % 250 + 1}", f"fd03::{number + 1:x}"
        self.addresses = socket.inet_aton(CE1) + socket.inet_aton(self.to)
        self.transit = FIRST_TRANSIT + number
        # What phases.py finds: what was sent, what moved and what was seen.
        self.sent, self.moved, self.seen, self.errors, self.skipped = b"", {}, [], 0, None

    def make_set(self, first):
        members = {**self.event.members, **STATES[self.state]}
        members["epoch"] = tai() + members.get("epoch", -60 * SECOND)
        params = make_params(self.label, **members)
        params["labels"] = list(range(first, first + LABELS_OF_K))
        # Slots that are neighbours must differ in their labels.
        p = ref.validate(params)
        while len({ref.hop_label(p, slot) for slot in range(2)}) < 2:
            params["seed"] = os.urandom(32).hex()
            p = ref.validate(params)
        return params

    def more_sets(self):
        """(policy, set) of the sessions that share the label, all laxer."""
        for i, policy in enumerate(self.event.more):
            if POLICIES.index(policy) > POLICIES.index(self.policy):
                first = FIRST_MORE + LABELS_OF_K * (len(self.event.more) * self.number + i)
                yield policy, self.make_set(first)

    def title(self):
        return f"{self.name}, {self.policy}" + (f", {self.state}" if self.state else "")

    def when(self):
        """Now, or a time in the life of the set."""
        return None if self.state in (None, *NO_TIME) else self.params["epoch"] + SECOND

    def stamped(self, packet, when=None):
        return attack.stamped(self.params, packet, when=when or self.when())

    def hop(self):
        when = self.when() or tai()
        p = ref.validate(self.params)
        return ref.hop_label(p, ref.slot(p, when)[0])

    def other_hop(self):
        return random.choice([k for k in self.params["labels"] if k != self.hop()])

    def packet(self, more=b""):
        """An IP packet of the cell's, from the customer to the other one."""
        return attack.Attacker.customer_packet(self.magic + more)

    def owns(self, raw):
        """Whether these bytes are of the cell; a small fragment has but its addresses."""
        return self.magic in raw or self.addresses in raw
