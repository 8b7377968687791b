# SPDX-License-Identifier: GPL-2.0
"""Faults for this thread: Documentation/fault-injection/fault-injection.rst of the kernel."""

import contextlib
import os

DEBUGFS = "/sys/kernel/debug"
FAIL_NTH, MAKE_IT_FAIL = "/proc/thread-self/fail-nth", "/proc/thread-self/make-it-fail"
# How many of this thread's allocations of slabs are still to fail.
TIMES = f"{DEBUGFS}/failslab/times"
# The lab boots debug kernels so that these are told apart from what they allocate for
# their checks.
SLABS_TO_FAIL = "/sys/kernel/slab/kmalloc-64/failslab"
# Every allocation is to fail, those that may sleep too. Now and then a slab needs a page:
# the nth allocation is not always the same unless pages are left out.
MIN_ORDER, NO_PAGE, ALL_PAGES = f"{DEBUGFS}/fail_page_alloc/min-order", "10", "0"
SETTINGS = {
    "failslab": {"ignore-gfp-wait": "N", "verbose": "0", "times": "0", "task-filter": "Y",
                 "probability": "100"},
    "fail_page_alloc": {"ignore-gfp-wait": "N", "min-order": NO_PAGE, "verbose": "0"},
    "fail_usercopy": {"verbose": "0"},
}
MANY = 1 << 30
# What of the kernel's messages is shown at all times, and while a fault may happen: some
# code prints a backtrace for want of memory. True faults are errors, or taint the kernel.
LEVEL, SHOW_ALL, SHOW_ERRORS = "/proc/sys/kernel/printk", "8", "4"


def available():
    return os.path.exists(FAIL_NTH) and os.path.isdir(f"{DEBUGFS}/failslab")


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def told_apart():
    with open(SLABS_TO_FAIL, encoding="ascii") as f:
        return f.read().strip() == "1"


def prepare():
    """Let all kinds of allocations fail, without a word."""
    write("/sys/module/printk/parameters/ignore_loglevel", "N")
    write(LEVEL, SHOW_ALL)
    for kind, settings in SETTINGS.items():
        for name, value in settings.items():
            if os.path.exists(f"{DEBUGFS}/{kind}/{name}"):
                write(f"{DEBUGFS}/{kind}/{name}", value)
    if available() and told_apart():
        write(f"{DEBUGFS}/failslab/cache-filter", "Y")


@contextlib.contextmanager
def pages():
    """Within, pages are allocations too."""
    if available():
        write(MIN_ORDER, ALL_PAGES)
    yield
    if available():
        write(MIN_ORDER, NO_PAGE)


def warned():
    """Has the kernel warned, of what it would not have shown?"""
    with open("/proc/sys/kernel/tainted", encoding="ascii") as f:
        return int(f.read()) & 1 << 9


class Nth:
    """Within `with nth(n)`, the nth allocation of this thread fails, and of slabs as many
    more after it as are wanted: some code asks twice. Afterwards nth.happened says whether
    there were n."""

    def __init__(self):
        write(MAKE_IT_FAIL, "1")
        self.fd, self.times = os.open(FAIL_NTH, os.O_RDWR), os.open(TIMES, os.O_RDWR)
        self.happened, self.passed = False, 0

    def close(self):
        os.close(self.fd)
        os.close(self.times)

    @contextlib.contextmanager
    def __call__(self, n, more=0):
        text, times = str(n).encode(), str(more + 1).encode()
        write(LEVEL, SHOW_ERRORS)
        os.pwrite(self.fd, text, 0)
        # The kernel does not look at this before the nth allocation.
        os.write(self.times, times)
        try:
            yield self
        finally:
            os.write(self.times, b"0")
            left = int(os.pread(self.fd, 20, 0))
            os.pwrite(self.fd, b"0", 0)
            write(LEVEL, SHOW_ALL)
            self.happened, self.passed = left == 0, n - left

    def count(self):
        """As with a fault, but there is none; then self.passed is how many there were."""
        return self(MANY)


class NoFaults:
    """In place of Nth where the kernel has no fault injection: all goes well, so that
    the tests can be tried."""

    happened, passed = False, 0

    @contextlib.contextmanager
    def __call__(self, _n=None, more=0):
        yield self

    count = __call__

    def close(self):
        pass

