# SPDX-License-Identifier: GPL-2.0
"""What one session more, and one packet, cost when there are many sessions. Run in a
machine whose clock counts instructions, so that nothing depends on this one's speed:

  selftests/vm/run --cpus 1 --memory 3072M --insmod \\
      --qemu -icount --qemu shift=0,sleep=off -- python3 selftests/net/growth.py [N]...

All sessions have the same VPN label, as those of many senders have at a receiver. Prints
instructions by number of sessions, and KTAP: none may grow by more than a quarter."""

import socket
import struct
import subprocess
import sys
import time

import frames
import ktap
from genl import DEL, GET, GOOD, ID, LABELS, NAME, NEW, SEED, Genl, attribute, session

COUNTS = [int(word) for word in sys.argv[1:]] or [1000, 10000, 100000]
BATCH, PACKETS, FIRST = 200, 1000, 100000
GROWTH = 1.25


class Here:
    """What Genl wants of a lab: sockets of this namespace."""

    @staticmethod
    def socket(_name, *arguments):
        return socket.socket(*arguments)


def request(i):
    return session(name=b"s%d\0" % i, params={
        ID: struct.pack("=Q", i + 1), LABELS: struct.pack("=I", FIRST + i),
        **{k: v for k, v in GOOD.items() if k not in (ID, LABELS, SEED)},
        SEED: struct.pack("=4Q", i, 0, 0, 0)})


def add(genl, first, last):
    for i in range(first, last):
        errno, sentence, _ = genl.ask(NEW, request(i))
        if errno:
            raise OSError(errno, sentence)


def each(n, function, *arguments):
    """Nanoseconds, here instructions, of one of n."""
    start = time.monotonic_ns()
    function(*arguments)
    return (time.monotonic_ns() - start) // n


def remove(genl, first, last):
    for i in range(first, last):
        genl.ask(DEL, attribute(NAME, b"s%d\0" % i))


def get(genl, n):
    for i in range(0, n, max(1, n // BATCH)):
        genl.answer(GET, attribute(NAME, b"s%d\0" % i))


def dump():
    subprocess.run(["labelhop", "-j", "session", "show"], stdout=subprocess.DEVNULL, check=True)


def forge(wire):
    frame = frames.ethernet("02:00:00:00:00:02", "02:00:00:00:00:01", frames.ETH_P_MPLS,
                            frames.stack([200]) + frames.ipv4("10.0.0.1", "10.0.0.2", b"x" * 40))
    for _ in range(PACKETS):
        wire.send(frame)


def main():
    for command in ("ip link add w1 address 02:00:00:00:00:01 type veth peer name w2 "
                    "address 02:00:00:00:00:02", "ip link set w1 up", "ip link set w2 up"):
        subprocess.run(command.split(), check=True)
    genl, wire, have, rows = Genl(Here, None), frames.Sender("w1"), 0, []
    forge(wire)
    for n in COUNTS:
        add(genl, have, n - BATCH)
        have = n
        row = {"add": each(BATCH, add, genl, n - BATCH, n), "get": each(BATCH, get, genl, n),
               "bare packet": each(PACKETS, forge, wire), "dump": each(n, dump)}
        row["del"] = each(BATCH, remove, genl, n - BATCH, n)
        add(genl, n - BATCH, n)
        ktap.say(f"{n} sessions: {row}")
        rows.append(row)
    print(f"KTAP version 1\n1..{len(rows[0])}")
    failed = False
    for i, what in enumerate(rows[0], 1):
        growth = rows[-1][what] / rows[0][what]
        bad = growth > GROWTH
        failed |= bad
        print(f"{'not ok' if bad else 'ok'} {i} growth of {what}: {growth:.2f} from "
              f"{COUNTS[0]} to {COUNTS[-1]} sessions")
    return failed


if __name__ == "__main__":
    sys.exit(main())
