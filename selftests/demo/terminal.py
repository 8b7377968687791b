#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: terminal.py SECONDS PROMPT LINE... -- COMMAND...

Runs COMMAND on a terminal of its own and types the LINEs, one at each PROMPT.
Shows what the terminal shows; exits with COMMAND's status, 124 after SECONDS.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def shown(fd):
    """What is there to read; empty at the end."""
    try:
        return os.read(fd, 65536)
    except OSError:
        return b""


def drive(fd, deadline, prompt, lines):
    """Whether COMMAND closed the terminal in time."""
    seen = b""
    while time.monotonic() < deadline:
        if not select.select([fd], [], [], 1)[0]:
            continue
        data = shown(fd)
        if not data:
            return True
        os.write(1, data)
        seen += data
        if lines and prompt in seen:
            os.write(fd, lines.pop(0) + b"\r")
            seen = b""
    return False


def main():
    arguments = [os.fsencode(a) for a in sys.argv[1:]]
    at = arguments.index(b"--")
    seconds, prompt, lines = float(arguments[0]), arguments[1], arguments[2:at]
    command = arguments[at + 1:]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    if not drive(fd, time.monotonic() + seconds, prompt, lines):
        os.kill(pid, 15)
        os.waitpid(pid, 0)
        sys.exit(124)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
