# SPDX-License-Identifier: GPL-2.0
"""BPF programs of four instructions, by bpf(2): no compiler is needed. A library."""

import ctypes
import errno
import os
import struct
import subprocess

import ktap

BPF = 321                       # the system call, of x86_64
PROG_LOAD, OBJ_PIN = 5, 6
SCHED_CLS, XDP = 3, 6           # enum bpf_prog_type
REDIRECT = 23                   # the helper
FILESYSTEM = "/sys/fs/bpf"
_libc = ctypes.CDLL(None, use_errno=True)


def call(command, *values, layout):
    data = struct.pack(layout, *values).ljust(128, b"\0")
    result = _libc.syscall(BPF, command, data, len(data))
    if result < 0:
        raise OSError(ctypes.get_errno(), "bpf")
    return result


def instruction(code, register=0, value=0):
    return struct.pack("=BBhi", code, register, 0, value)


def pin_redirect(kind, ifindex, path):
    """Make a program that sends all that it is given by a device, and give it a name."""
    code = (instruction(0xB7, 1, ifindex) + instruction(0xB7, 2, 0) +
            instruction(0x85, 0, REDIRECT) + instruction(0x95))
    program, terms = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
    try:
        fd = call(PROG_LOAD, kind, len(code) // 8, ctypes.addressof(program),
                  ctypes.addressof(terms), layout="=IIQQ")
    except OSError as error:
        if error.errno == errno.ENOSYS:
            ktap.skip("this kernel has no bpf(2)")
        raise
    if not os.path.ismount(FILESYSTEM):
        subprocess.run(["mount", "-t", "bpf", "bpf", FILESYSTEM], check=True)
    name = ctypes.create_string_buffer(path.encode())
    call(OBJ_PIN, ctypes.addressof(name), fd, 0, layout="=QII")
    os.close(fd)


def unpin(path):
    os.unlink(path)
