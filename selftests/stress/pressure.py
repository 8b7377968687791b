# SPDX-License-Identifier: GPL-2.0
"""Memory that is short, and processors that come and go."""

import contextlib
import glob
import mmap
import os

FAILSLAB = "/sys/kernel/debug/failslab"


def write(path, value):
    with open(path, "w", encoding="ascii") as f:
        f.write(str(value))


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read().strip()


@contextlib.contextmanager
def failing_allocations():
    """One in ten allocations of those that can't wait fails, as packets' can't. Only
    in a debug kernel; says whether it is one."""
    if not os.path.isdir(FAILSLAB):
        yield False
        return
    settings = {"ignore-gfp-wait": "Y", "task-filter": "N", "verbose": 0, "times": -1,
                "interval": 1, "probability": 10}
    for name, value in settings.items():
        write(f"{FAILSLAB}/{name}", value)
    try:
        yield True
    finally:
        write(f"{FAILSLAB}/probability", 0)


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
