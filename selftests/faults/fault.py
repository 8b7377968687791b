# SPDX-License-Identifier: GPL-2.0
"""Faults for this thread: Documentation/fault-injection/fault-injection.rst of the kernel."""

import contextlib
import os
import re
import time

DEBUGFS = "/sys/kernel/debug"
SLAB = "/sys/kernel/slab"
FAIL_NTH = "/proc/thread-self/fail-nth"
# Every allocation is to fail, those that may sleep and single pages too; a backtrace of
# each would hide what the kernel says of a true fault.
SETTINGS = {
    "failslab": {"ignore-gfp-wait": "N", "verbose": "0"},
    "fail_page_alloc": {"ignore-gfp-wait": "N", "min-order": "0", "verbose": "0"},
    "fail_usercopy": {"verbose": "0"},
}


def available():
    return os.path.exists(FAIL_NTH) and os.path.isdir(f"{DEBUGFS}/failslab")


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def prepare():
    """Let all kinds of allocations fail, without a word."""
    for kind, settings in SETTINGS.items():
        for name, value in settings.items():
            if os.path.exists(f"{DEBUGFS}/{kind}/{name}"):
                write(f"{DEBUGFS}/{kind}/{name}", value)


@contextlib.contextmanager
def of_sizes(*sizes):
    """Within, only slab objects of these sizes are allocations."""
    wanted = re.compile(rf"kmalloc(-\w+)*-({'|'.join(sizes)})")
    caches = [name for name in os.listdir(SLAB) if wanted.fullmatch(name)] \
        if available() else []
    try:
        for name in caches:
            write(f"{SLAB}/{name}/failslab", "1")
        if caches:
            write(f"{DEBUGFS}/failslab/cache-filter", "Y")
            write(f"{DEBUGFS}/fail_page_alloc/min-order", "10")
        yield
    finally:
        if caches:
            write(f"{DEBUGFS}/failslab/cache-filter", "N")
            write(f"{DEBUGFS}/fail_page_alloc/min-order", "0")
        for name in caches:
            write(f"{SLAB}/{name}/failslab", "0")


class Nth:
    """Within `with nth(n) as fault`, the nth allocation of this thread fails; afterwards
    fault.happened says whether there were as many."""

    def __init__(self):
        self.fd = os.open(FAIL_NTH, os.O_RDWR)
        self.happened = False

    def close(self):
        os.close(self.fd)

    @contextlib.contextmanager
    def __call__(self, n):
        text = str(n).encode()
        os.pwrite(self.fd, text, 0)
        try:
            yield self
        finally:
            self.happened = int(os.pread(self.fd, 20, 0)) == 0
            os.pwrite(self.fd, b"0", 0)


class NoFaults:
    """In place of Nth where the kernel has no fault injection: all goes well, so that
    the tests can be tried."""

    happened = False

    @contextlib.contextmanager
    def __call__(self, _n):
        yield self

    def close(self):
        pass


def leaks():
    """What kmemleak reports. It does so only of what was there for some seconds, and
    only if two scans agree."""
    start, scans = time.monotonic(), 0
    while scans < 3 or time.monotonic() < start + 8:
        write(f"{DEBUGFS}/kmemleak", "scan")
        scans += 1
    with open(f"{DEBUGFS}/kmemleak", encoding="latin-1") as f:
        return f.read()
