# SPDX-License-Identifier: GPL-2.0
"""Requests that were answered wrongly once, and that chance would not often find."""

from nl_make import IN, OUT
from nl_spec import Attr
from nl_spoil import Request


def session(spec, direction, how, slot=3600 * 10**9, **more):
    """A request for a session of direction in or out that must be refused."""
    params = [("id", 1), ("generation", 1), ("label", 100), ("epoch", 0), ("lifetime", 0),
              ("labels", [1000]), ("slots", [slot]), ("hash", 1), ("hash-len", 64), ("tags", 1),
              ("select", 0), ("mask", (1 << 64) - 1), ("seed", bytes(32))]
    values = [("name", "known"), ("dir", direction), *more.items(), ("params", params)]
    return Request("session-new", spec.ops["session-new"]["value"],
                   spec.attrs("session", values), [how])


def requests(spec):
    """All of them."""
    yield session(spec, IN, "a device without a name", dev="")
    yield session(spec, OUT, "a device without a name", dev="")
    yield session(spec, IN, "a device whose name begins with its end", dev="\0\0")
    yield session(spec, OUT, "a VRF without a name", vrf="")
    yield session(spec, IN, "a slot that is too short for the tolerance that is not given", 1000)
    large = session(spec, IN, "a request whose echo is longer than 128 KiB")
    large.attrs.extend([Attr(1, bytes(65500))] * 2)
    yield large
