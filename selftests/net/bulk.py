# SPDX-License-Identifier: GPL-2.0
"""TCP in bulk through the protected path."""

import ktap
from lab import CE2

BYTES = 8 << 20


def offloads(net, gro="on"):
    for name, device in (("CE1", "pe"), ("PE1", "ce"), ("PE1", "core"), ("PE2", "core"),
                         ("PE2", "ce"), ("CE2", "pe")):
        net.run(name, f"ethtool -K {device} gro {gro} gso on tso on tx on")


def bulk(net, to=CE2, bytes_=BYTES, source="CE1", target="CE2", port=5001):
    """TCP in bulk; what the sender says about it."""
    receiver = net.tool(target, "lh-tcp", "recv", port)
    sent = net.result(net.tool(source, "lh-tcp", "send", to, port, bytes_))
    received = net.result(receiver)
    ktap.equal("what arrived", received, {"bytes": bytes_, "good": True})
    return sent


def no_drops(net):
    for name in ("PE1", "PE2"):
        out, into = net.stats(name, "blue-out"), net.stats(name, "blue-in")
        for what, counts in (("blue-out", out), ("blue-in", into)):
            drops = {k: v for k, v in counts.items() if k.startswith("drop-") and v}
            ktap.equal(f"drops of {what} on {name}", drops, {})
    for sender, receiver in (("PE1", "PE2"), ("PE2", "PE1")):
        stamped = net.stats(sender, "blue-out")["stamped"]
        verified = net.stats(receiver, "blue-in")["verified"]
        ktap.equal(f"verified of what {sender} stamped", verified, stamped)
