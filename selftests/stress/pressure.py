# SPDX-License-Identifier: GPL-2.0
"""Memory that is short, and processors that come and go."""

import contextlib
import glob
import mmap
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../faults"))
# pylint: disable=wrong-import-position
import fault  # noqa: E402

FAILSLAB = "/sys/kernel/debug/failslab"


def write(path, value):
    with open(path, "w", encoding="ascii") as f:
        f.write(str(value))


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read().strip()


def can_fail():
    """Can allocations be made to fail? Only in a debug kernel."""
    return os.path.isdir(FAILSLAB)


def set_failslab(probability, **settings):
    """So many in a hundred allocations fail, of all but what the kernel needs to check
    itself, where that can be told apart. Gives a function that says how many have."""
    most = (1 << 31) - 1
    apart = os.path.exists(fault.SLABS_TO_FAIL) and fault.told_apart()
    for name, value in {"cache-filter": "NY"[apart], "verbose": 0, "times": most, "interval": 1,
                        **settings, "probability": probability}.items():
        write(f"{FAILSLAB}/{name}", value)
    return lambda: most - int(read(f"{FAILSLAB}/times"))


@contextlib.contextmanager
def failing_allocations():
    """One in ten allocations of those that can't wait fails, as packets' can't. Gives a
    function that says how many have."""
    try:
        yield set_failslab(10, **{"ignore-gfp-wait": "Y", "task-filter": "N"})
    finally:
        write(f"{FAILSLAB}/probability", 0)


class FailingThread:
    """Of this thread's allocations of any kind, one in 25 fails within `with`."""

    def __init__(self):
        self.count = set_failslab(4, **{"ignore-gfp-wait": "N", "task-filter": "Y"})
        self.fd = os.open("/proc/thread-self/make-it-fail", os.O_WRONLY)

    def close(self):
        os.close(self.fd)
        write(f"{FAILSLAB}/probability", 0)
        write(f"{FAILSLAB}/task-filter", "N")

    def __enter__(self):
        os.pwrite(self.fd, b"1", 0)

    def __exit__(self, *_):
        os.pwrite(self.fd, b"0", 0)


def available():
    """Bytes of memory that can be had."""
    for line in open("/proc/meminfo", encoding="ascii"):
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    raise ValueError("MemAvailable")


@contextlib.contextmanager
def hog(leave):
    """Hold all memory but so many bytes, and let the kernel have no reserve."""
    reserve = "/proc/sys/vm/min_free_kbytes"
    before = read(reserve)
    write(reserve, 64)
    held = []
    try:
        while available() > leave + (8 << 20):
            piece = mmap.mmap(-1, 8 << 20)
            for at in range(0, len(piece), mmap.PAGESIZE):
                piece[at] = 1
            held.append(piece)
        yield sum(map(len, held))
    finally:
        for piece in held:
            piece.close()
        write(reserve, before)


@contextlib.contextmanager
def on_one_processor(really=True):
    """All that this process does and starts is on one processor. Two that are emulated in
    turns wait long for each other whenever a device comes or goes."""
    all_of_them = os.sched_getaffinity(0)
    if really:
        os.sched_setaffinity(0, {min(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def processors():
    """The switches of those that can be taken away."""
    return sorted(glob.glob("/sys/devices/system/cpu/cpu[0-9]*/online"))
