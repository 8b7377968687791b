# SPDX-License-Identifier: GPL-2.0
"""Which code of the module a task runs: Documentation/dev-tools/kcov.rst of the kernel."""

import ctypes
import fcntl
import mmap
import os

FILE = "/sys/kernel/debug/kcov"
INIT_TRACE, ENABLE, TRACE_PC = 0x80086301, 0x6364, 0
ENTRIES = 1 << 17


def text_of(module):
    """Where the module is in memory."""
    with open(f"/sys/module/{module}/sections/.text", encoding="ascii") as f:
        start = int(f.read(), 16)
    with open("/proc/modules", encoding="ascii") as f:
        size = next(int(line.split()[1]) for line in f if line.split()[0] == module)
    return start, start + size


def shared(fd, entries):
    """The numbers that a file shares with this task. Python's own mmap() refuses a file
    that has no size."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    address = libc.mmap(None, ctypes.c_size_t(entries * 8), mmap.PROT_READ | mmap.PROT_WRITE,
                        mmap.MAP_SHARED, fd, ctypes.c_long(0))
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return (ctypes.c_uint64 * entries).from_address(address)


class Kcov:
    """Follows the calling task from now on. Without KCOV nothing is ever reached."""

    def __init__(self, module):
        self.seen, self.area = set(), None
        if not os.path.exists(FILE):
            return
        self.start, self.end = text_of(module)
        fd = os.open(FILE, os.O_RDWR)
        fcntl.ioctl(fd, INIT_TRACE, ENTRIES)
        self.area = shared(fd, ENTRIES)
        fcntl.ioctl(fd, ENABLE, TRACE_PC)

    def begin(self):
        if self.area:
            self.area[0] = 0

    def reached(self):
        """Is there a place that was never reached before?"""
        if not self.area:
            return False
        pcs = self.area[1:min(self.area[0], ENTRIES - 1) + 1]
        new = {pc for pc in pcs if self.start <= pc < self.end} - self.seen
        self.seen |= new
        return bool(new)
