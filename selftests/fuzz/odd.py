# SPDX-License-Identifier: GPL-2.0
"""lh_odd_skb, the module that gives skbs of odd shapes to the network stack."""

import contextlib
import os
from collections import namedtuple

DEBUGFS = "/sys/kernel/debug/lh_odd_skb"


class Seen(namedtuple("Seen", "dev proto sum mac data")):
    """A packet as it came past."""

    def __str__(self):
        return (f"{self.dev} {self.proto:#06x} checksum {self.sum} MAC {self.mac.hex()} "
                f"{self.data.hex() or 'no byte'}")



def _bytes(word):
    return b"" if word == "-" else bytes.fromhex(word)


class Odd:
    """Injects, and sees what came past the ingress hooks of the watched devices."""

    def __init__(self, net):
        self.net = net
        self.files = contextlib.ExitStack()
        self.fd = os.open(f"{DEBUGFS}/inject", os.O_WRONLY)
        self.files.callback(os.close, self.fd)

    def watch(self, name, device):
        """Until forget(), for the device's hooks must go before it does."""
        with self.net.inside(name), open(f"{DEBUGFS}/watch", "w", encoding="ascii") as f:
            f.write(device)

    def inject(self, words):
        """A line for `inject`; the namespace is the caller's."""
        os.write(self.fd, " ".join(words).encode("ascii"))

    def seen(self):
        """Is what others hold the same as before, and the packets that were seen."""
        with open(f"{DEBUGFS}/seen", encoding="ascii") as f:
            held, *lines = f.read().splitlines()
        packets = []
        for line in lines:
            dev, proto, total, mac, data = line.split(" ")
            packets.append(Seen(dev, int(proto, 16), total, _bytes(mac), _bytes(data)))
        return held == "same", packets

    def forget(self):
        """Watch nothing any more."""
        with open(f"{DEBUGFS}/watch", "w", encoding="ascii") as f:
            f.write("-")

    def close(self):
        self.forget()
        self.files.close()
