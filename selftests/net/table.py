# SPDX-License-Identifier: GPL-2.0
"""The tables of Documentation/decisions.rst as data. A library of net/decisions.py and
net/decisions_l2.py, which prove them by run, and of lint/decisions.py, which looks for
gaps."""

import os
import re
from collections import namedtuple

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "../../Documentation/decisions.rst")
POLICIES = ("strict", "permissive", "monitor")
STATES = ("no clock", "clock failed", "before epoch", "after lifetime")
VERDICTS = ("pass", "restore", "stamp", "segment", "fragment", "drop", "drop and ICMP")

VERDICTS_L2 = ("deliver", "send", "restore", "stamp", "pass", "drop")

# counter None: none may move.
Decision = namedtuple("Decision", "verdict counter")
# Of pseudowires and links. device: counters of the device; counter: a session's, or None;
# reason: of a drop, or None.
Fate = namedtuple("Fate", "verdict device counter reason")


class TableError(Exception):
    """The page can't be read as tables."""


def cells(line, border):
    """What a line of a simple table holds, cut where its border says."""
    for match in re.finditer("=+", border):
        yield line[match.start():match.end()].strip()


def rows(lines, border):
    """A line whose first cell is blank continues the row above it."""
    out = []
    for line in lines:
        new = list(cells(line, border))
        if new[0]:
            out.append(new)
        else:
            out[-1] = [f"{old} {more}".strip() for old, more in zip(out[-1], new)]
    return out


def tables(text):
    """(head, rows) of each simple table, as lists of strings."""
    lines = text.splitlines()
    borders = [i for i, line in enumerate(lines) if re.fullmatch("=+( +=+)+", line)]
    if len(borders) % 3:
        raise TableError("a table lacks one of its three borders")
    for top, middle, bottom in zip(*[iter(borders)] * 3):
        head, = rows(lines[top + 1:middle], lines[top])
        yield head, rows(lines[middle + 1:bottom], lines[top])


def counter_named(words):
    return words.replace("dropped ", "drop-").replace("passed ", "pass-") or None


def decision(name, cell):
    verdict, _, counter = cell.partition(", ")
    if verdict not in VERDICTS:
        raise TableError(f"{name}: {verdict!r} is no verdict")
    return Decision(verdict, counter_named(counter))


def fate(name, verdict, counters, reason):
    """The device's counters, by the kernel's names, come first."""
    if verdict not in VERDICTS_L2:
        raise TableError(f"{name}: {verdict!r} is no verdict")
    words = counters.replace(",", "").split()
    device = [word for word in words if word[:3] in ("rx_", "tx_")]
    return Fate(verdict, device, counter_named(" ".join(words[len(device):])), reason or None)


class Page:
    """decisions: by row's name, by policy; times: the row that holds instead of one in
    a state, by both; fates: those of pseudowires and links, by row's name; others: the names of the tests that prove what isn't run here;
    places: by file and function, how many places there decide, and rows."""

    def __init__(self):
        self.decisions, self.times, self.others, self.places = {}, {}, [], {}
        self.fates = {}
        with open(PATH, encoding="ascii") as f:
            for head, body in tables(f.read()):
                for row in body:
                    self.take(head, row)

    def take(self, head, row):
        name = row[0]
        if head == ["event", "packet", *POLICIES]:
            if name in self.decisions:
                raise TableError(f"{name} is there twice")
            self.decisions[name] = {policy: decision(name, cell)
                                    for policy, cell in zip(POLICIES, row[2:])}
        elif head[2:] == ["verdict", "counters", "reason"]:
            if name in self.fates:
                raise TableError(f"{name} is there twice")
            self.fates[name] = fate(name, *row[2:])
        elif head == ["event", *STATES]:
            self.times.update({(name, state): cell for state, cell in zip(STATES, row[1:])})
        elif head[0] == "file, function":
            self.places[tuple(name.split(", "))] = (int(row[1]), row[2].split())
        elif head[-1] == "test":
            self.others.append(row[-1])
