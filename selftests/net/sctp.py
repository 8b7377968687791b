#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Traps 1 and 2 for SCTP, whose checksum is a CRC32c and not the internet's sum. A
customer's veth leaves it to the device, and packets to be segmented in one piece."""

import contextlib
import os
import socket
import threading

import ktap
from bulk import no_drops, offloads
from lab import CE2, CE2_6, Lab

PORT = 5005
# One packet, some that are no multiple of four, and some for segmentation.
SIZES = (1, 13, 333, 1400, 20000, 60001)


def snmp(net, name, key):
    """A counter of SCTP in a namespace."""
    for line in net.run(name, "cat /proc/net/sctp/snmp").splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    raise ValueError(key)


@contextlib.contextmanager
def association(net, to):
    """A socket of CE1 and one of CE2 with an association between them, or None."""
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    arguments = (family, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
    with net.inside("CE2"):
        listener = socket.socket(*arguments)
    with net.inside("CE1"):
        client = socket.socket(*arguments)
    with listener, client:
        listener.bind((to, PORT))
        listener.listen()
        listener.settimeout(20)
        client.settimeout(20)
        client.connect((to, PORT))
        with listener.accept()[0] as server:
            server.settimeout(20)
            yield client, server


def take(server, size):
    data = b""
    while len(data) < size:
        part = server.recv(1 << 16)
        if not part:
            break
        data += part
    return data


def messages(net, to):
    """Messages of all sizes get there as they were sent, without a packet lost."""
    with association(net, to) as (client, server):
        for size in SIZES:
            data = os.urandom(size)
            sender = threading.Thread(target=client.sendall, args=(data,))
            sender.start()
            ktap.check(take(server, size) == data, f"{size} bytes to {to} were changed")
            sender.join()


def through(net, what):
    ktap.say(what)
    for to in (CE2, CE2_6):
        messages(net, to)
    ktap.equal("checksum errors at CE2", snmp(net, "CE2", "SctpChecksumErrors"), 0)
    no_drops(net)


@ktap.test("2 checksum offload: SCTP's CRC is left to the device")
def checksums():
    with Lab(MTU=1516) as net:
        net.shell("modprobe sctp")
        net.protect(hash_len="full")
        offloads(net, "off")
        for state in ("on", "off"):
            net.run("CE1", f"ethtool -K pe tx-checksum-sctp {state}")
            through(net, f"CRC offload {state}")


@ktap.test("1 GSO: SCTP's packets in one piece, whose sizes differ")
def segments():
    with Lab(MTU=1516) as net:
        net.shell("modprobe sctp")
        net.protect(hash_len="full")
        offloads(net)
        net.run("CE1", "ethtool -K pe tx-sctp-segmentation on tx-checksum-sctp on")
        through(net, "GSO on")


if __name__ == "__main__":
    ktap.main()
