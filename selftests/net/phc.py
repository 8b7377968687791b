# SPDX-License-Identifier: GPL-2.0
"""The test clock of selftests/phc, for tests in Python. A library."""

import contextlib
import json
import os
import pathlib
import subprocess
import time

import ktap
from lab import tai

KNOBS = "/sys/kernel/debug/lh_phc/0"


class Phc:
    """lh_phc, loaded as long as this is in use; its network device is in the namespace."""

    def __init__(self, net, name):
        self.net, self.name, self.dev = net, name, "lhphc0"

    def __enter__(self):
        if self.net.run(self.name, "modprobe lh_phc", ok=False)[0]:
            raise ktap.Skip("there is no lh_phc for this kernel")
        if not os.path.exists(KNOBS):
            subprocess.run(["mount", "-t", "debugfs", "none", "/sys/kernel/debug"], check=True)
        return self

    def __exit__(self, *_):
        self.net.run(self.name, "rmmod lh_phc")

    def turn(self, knob, number):
        with open(KNOBS, "w", encoding="ascii") as f:
            f.write(f"{knob} {number}\n")

    def knobs(self):
        with open(KNOBS, encoding="ascii") as f:
            return {word: int(number) for word, number in map(str.split, f)}

    def readings(self):
        """How many were begun."""
        return self.knobs()["readings"]

    def file(self):
        return f"/dev/ptp{self.knobs()['ptp']}"

    def show(self):
        return json.loads(self.net.labelhop(self.name, "-j clock show"))

    def wait(self, seconds, **wanted):
        """Until `clock show` says so, or the test fails."""
        shown = {}

        def so():
            shown.update(self.show())
            return all(shown.get(key) == value for key, value in wanted.items())
        ktap.check(ktap.busywait(seconds, so), f"not {wanted} within {seconds} s: {shown}")
        return shown

    def off(self):
        """(by how much labelhop's time is off the clock, by how much that may be wrong): the
        best of some comparisons of both with CLOCK_TAI."""
        best = None
        fd = os.open(self.file(), os.O_RDONLY)
        clock = (~fd << 3) | 3
        with contextlib.closing(os.fdopen(fd, "rb", buffering=0)):
            for _ in range(20):
                before, reading, after = tai(), time.clock_gettime_ns(clock), tai()
                found = (after - before, reading - (before + after) // 2)
                best = min(best, found) if best else found
            shown = self.show()
        return shown["offset"] - best[1], best[0] // 2 + shown["error"]


@contextlib.contextmanager
def events(net, name):
    """The words of the clock's events meanwhile, and their states."""
    path = os.path.join(net.tmp.name, "events")
    with open(path, "w", encoding="ascii") as f:
        process = net.start(name, "labelhop -j monitor", stdout=f)
    seen = []
    try:
        # It listens when it prints an event.
        ktap.check(ktap.busywait(20, lambda: net.labelhop(name, "port add lo", ok=False) and
                                 net.labelhop(name, "port del lo", ok=False) and
                                 os.path.getsize(path)), "no events are printed")
        yield seen
        # Events keep their order: when this one has come, all before it have.
        net.labelhop(name, "port add core")
        net.labelhop(name, "port del core")
        printed = pathlib.Path(path)
        ktap.check(ktap.busywait(20, lambda: printed.read_text("ascii").count('"core"') == 2),
                   "the monitor is silent")
    finally:
        process.kill()
        process.wait()
        with open(path, encoding="ascii") as f:
            seen += [(event["event"], event["state"]) for event in map(json.loads, f)
                     if event["event"].startswith("clock")]


def equal_events(what, told, wanted):
    """The events are these. A machine that stands still for a second has no reading
    meanwhile: it adds a holdover that ends. Returns how many it added."""
    told, begins, ends = list(told), ("clock-state", "holdover"), ("clock-state", "locked")
    added = 0
    while len(told) > len(wanted):
        pairs = [(told.index(ends, i) - i, i) for i, event in enumerate(told)
                 if event == begins and ends in told[i:]]
        if not pairs:
            break
        apart, i = min(pairs)
        del told[i + apart], told[i]
        added += 1
    ktap.equal(what, told, wanted)
    if added:
        ktap.say(f"{what}: {added} holdovers more, as the machine stood still")
    return added
