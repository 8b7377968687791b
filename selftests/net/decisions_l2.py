#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The tables of pseudowires and links in Documentation/decisions.rst, row by row: the
event is made; exactly the counters of its row must move, by exactly the number of frames,
the tracepoint must say just the row's reason for each drop, and that must come out, or
nothing, which the verdict says. The tables of the page are this test's data."""

import contextlib
import os
import re
import socket
import subprocess

import ktap
from events_l2 import FRAME, MAGIC, SHORT, around, events
from ktap import busywait
from pwlab import ETH_P_TEST, PwLab
from table import Page

EACH = 3
TRIES = 8
# Who decides in a row, by how it begins, and where what comes out is seen.
SIDES = {"pw-in": ("PE2", "PE2", "pw0"), "pw-out": ("PE1", "P1", "west"),
         "link-in": ("ASBR2", "P2", "west"), "link-out": ("ASBR1", "WIRE", "w1")}
# What the kernel's own routes have no way for.
UNSEEN = ("pw-in.other-label", "pw-in.customer")
TRACING = "/sys/kernel/tracing"
# What an emulated machine needs minutes for, and meets nothing that differs between
# kernels, is for the debug kernel, which has no faults of lh_fault's.
ON_STOCK = {name for name, event in events.items() if event.fault}
IS_STOCK = not os.environ.get("LABELHOP_KERNEL", "").startswith("uml")
page = Page()


class Trace:
    """What the tracepoint says, in an instance of its own."""

    def __init__(self):
        if not os.path.isdir(f"{TRACING}/instances"):
            subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACING], check=True)
        self.path = f"{TRACING}/instances/l2"
        os.makedirs(self.path, exist_ok=True)
        self.write("events/labelhop/labelhop_drop/enable", "1")

    def write(self, name, text):
        with open(f"{self.path}/{name}", "w", encoding="ascii") as f:
            f.write(text)

    def drops(self):
        """(name, reason) of each."""
        with open(f"{self.path}/trace", encoding="ascii", errors="replace") as f:
            return re.findall(r"labelhop_drop: name=(\S+) .*?reason=(\S+)", f.read())

    def close(self):
        self.write("events/labelhop/labelhop_drop/enable", "0")
        os.rmdir(self.path)


def device_counters(net, where):
    """Those of pw0, by the kernel's names."""
    shown = net.link(where, "pw0", "-s -s")["stats64"]
    return {f"{way}_{name}": count for way in ("rx", "tx") for name, count in shown[way].items()
            if name not in ("bytes", "multicast", "carrier_changes")}


def counters(net, name):
    """The device's, and all of all sessions."""
    where = SIDES[name.partition(".")[0]][0]
    counts = device_counters(net, where) if name.startswith("pw") else {}
    for session, stats in net.all_stats(where).items():
        counts.update({(session, counter): count for counter, count in stats.items()})
    return counts


class Seen:
    """What happens while a row's frames are sent."""

    def __init__(self, net, name):
        self.net, self.name, self.fate = net, name, page.fates[name]
        _, where, device = SIDES[name.partition(".")[0]]
        self.tap = net.tap(where, device, magic=MAGIC)
        # Without one that wants them the kernel drops frames, and counts it.
        self.taker = net.socket(where, socket.AF_PACKET, socket.SOCK_RAW,
                                socket.htons(ETH_P_TEST))
        net.trace.write("trace", "")
        self.before = counters(net, name)

    def close(self):
        self.tap.close()
        self.taker.close()

    def look(self):
        """Counters that moved, drops that were told, frames that came out."""
        now = counters(self.net, self.name)
        self.moved = {key[1] if isinstance(key, tuple) else key: count - self.before[key]
                      for key, count in now.items() if count != self.before[key]}
        self.drops = self.net.trace.drops()
        self.frames = [f for f in self.tap.frames() if not f.outgoing]
        return self.moved, [reason for _, reason in self.drops], len(self.frames)

    def wanted(self, count):
        """The same, as the row says for so many frames."""
        fate = self.fate
        moved = dict.fromkeys([*fate.device, *([fate.counter] if fate.counter else [])], count)
        reasons = [fate.reason] * count if fate.reason else []
        seen = 0 if fate.verdict == "drop" or self.name in UNSEEN else count
        return moved, reasons, seen

    def told_by(self):
        """Whom the tracepoint may name: a session that counts the drop, or who does not."""
        if (self.fate.counter or "").startswith("drop-"):
            return {"red-in", "red-out", "wire-in", "wire-out"}
        return {"pw0"} if self.name.startswith("pw") else {"wire-in", "wire-out", "-"}


def attempt(net, name):
    """Make a row's event and compare; False if the kernel was first and nothing is shown."""
    event = events[name]
    try:
        send = event.make(net)
        with around(net, name), contextlib.closing(Seen(net, name)) as seen:
            for _ in range(EACH):
                send()
            busywait(0.5 if event.some else 10, lambda: seen.look() == seen.wanted(EACH))
        if not event.some:
            compare(seen, EACH)
            return True
        for counter in seen.fate.device:
            ktap.check(seen.moved.get(counter, 0) >= len(seen.drops), f"{counter}: {seen.moved}")
        seen.moved = dict.fromkeys(seen.fate.device, len(seen.drops))
        compare(seen, len(seen.drops))
        return len(seen.drops) > 0
    finally:
        if event.end:
            event.end(net)


def compare(seen, count):
    moved, reasons, frames = seen.wanted(count)
    ktap.equal("counters", seen.moved, moved)
    ktap.equal("reasons", [reason for _, reason in seen.drops], reasons)
    ktap.equal("frames that came out", len(seen.frames), frames)
    names = {name for name, _ in seen.drops}
    ktap.check(names <= seen.told_by(), f"the tracepoint names {names}")
    for frame in seen.frames:
        right(seen, frame)


def right(seen, frame):
    """A frame that came out is as it was sent, or has the labels that it is to have."""
    if seen.name.startswith("pw-in"):
        ktap.check(frame.raw in (FRAME, SHORT), f"another frame: {frame.raw.hex()}")
    elif seen.name.startswith("pw-out"):
        ktap.equal("entries", len(frame.stack), 5 if seen.fate.counter == "stamped" else 3)
    else:
        ktap.equal("entries", len(frame.stack), 4 if seen.fate.verdict == "stamp" else 2)


def leave(net, row):
    if row.startswith("pw"):
        net.no_pws()
        return
    for name in ("ASBR1", "ASBR2"):
        for link in net.ask(name, "link show"):
            net.tell(name, f"link del {link['name']}")
        net.unprotect(name)


def register(name):
    @ktap.test(f"decisions: {name}")
    def row(net):
        for _ in range(TRIES):
            try:
                if attempt(net, name):
                    return
            finally:
                leave(net, name)
        ktap.check(False, f"the kernel drops before in each of {TRIES} rounds")


@ktap.test("decisions: the rows of pseudowires and links are those that can be made")
def rows(_net):
    ktap.equal("rows without event", sorted(set(page.fates) - set(events)), [])
    ktap.equal("events without row", sorted(set(events) - set(page.fates)), [])


for row_name in page.fates:
    if not IS_STOCK or row_name in ON_STOCK or os.environ.get("KTAP_ONLY"):
        register(row_name)


if __name__ == "__main__":
    with PwLab() as lab:
        with contextlib.closing(Trace()) as lab.trace:
            ktap.main(lab)
