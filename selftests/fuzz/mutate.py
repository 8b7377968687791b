# SPDX-License-Identifier: GPL-2.0
"""Packets that are valid, nearly valid and random, all from one random.Random."""

import frames
from lab import ref

SIZES = (0, 1, 2, 17, 40, 63, 64, 65, 200, 800, 1300, 4000)


def payload(rng):
    """What may lie below a label stack."""
    kind = rng.choice(("4", "4", "4", "4o", "6", "6", "odd", "empty"))
    data = rng.randbytes(rng.choice(SIZES))
    if kind == "4":
        dst = rng.choice(("192.168.2.1", "192.168.2.1", "10.9.8.7"))
        return frames.ipv4("192.168.1.1", dst, data, ttl=rng.choice((1, 64)))
    if kind == "4o":
        return frames.ipv4("192.168.1.1", "192.168.2.1", data, options=b"\x01" * 7)
    if kind == "6":
        return frames.ipv6("fd01::1", "fd02::1", data)
    return data if kind == "odd" else b""


def framed(rng, control_word):
    """What may lie below a pseudowire's labels."""
    dst = rng.choice(("02:00:00:00:0b:01", "ff:ff:ff:ff:ff:ff", "45:00:00:00:00:01"))
    vlans = rng.choice(((), (), ((frames.ETH_P_8021Q, 5),)))
    frame = frames.ethernet(dst, "02:00:00:00:0a:01", rng.choice((0x88B5, 0x88B5, 40)),
                            rng.randbytes(rng.choice(SIZES)), vlans)
    if not control_word:
        return frame
    length = 4 + len(frame)
    return (length << 16 if length < 64 else 0).to_bytes(4, "big") + frame


def below(rng, kind):
    return payload(rng) if kind == "ip" else framed(rng, kind == "pw")


def stamped(rng, session, now):
    """Stack and payload as the sender makes them, of this slot or of another."""
    params = session.params
    when = now if rng.random() < 0.9 else now + rng.randrange(1, 40) * params.cycle
    # A time at which the set is valid, so that there is something to be judged.
    when = max(when, params.epoch)
    if params.over is not None:
        when = min(when, params.over - 1)
    vpn = ref.entry(params.label, rng.randrange(8), 1, rng.choice((2, 64, 255)))
    verdict, out = ref.stamp(params, when, vpn, below(rng, session.kind), session.kind)
    # No sender takes a payload that only claims to be IP: bare then.
    return out if verdict == ref.STAMPED else vpn + below(rng, session.kind)


def bare(rng, label, kind):
    return ref.entry(label, 0, rng.choice((1, 1, 1, 0)), 64) + below(rng, kind)


def _entry(rng, sessions):
    params = rng.choice(sessions).params
    label = rng.choice((params.label, rng.choice(params.labels), 0, 1, 2, 3, 14,
                        rng.randrange(1 << 20)))
    return ref.entry(label, rng.randrange(8), rng.randrange(2), rng.randrange(256))


def _flip(rng, data, sessions):
    at = rng.randrange(min(len(data), 80) * 8)
    return data[:at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1:]


def _cut(rng, data, sessions):
    return data[:rng.randrange(len(data) + 1)]


def _pad(rng, data, sessions):
    return data + rng.randbytes(rng.randrange(1, 60))


def _nulls(rng, data, sessions):
    return b"".join(ref.entry(rng.choice((0, 2)), 0, 0, 64)
                    for _ in range(rng.choice((1, 2, 7, 8, 9, 40, 129)))) + data


def _push(rng, data, sessions):
    return _entry(rng, sessions) + data


def _replace(rng, data, sessions):
    at = 4 * rng.randrange(5)
    return data[:at] + _entry(rng, sessions) + data[at + 4:]


def _remove(rng, data, sessions):
    at = 4 * rng.randrange(4)
    return data[:at] + data[at + 4:]


def _double(rng, data, sessions):
    at = 4 * rng.randrange(4)
    return data[:at + 4] + data[at:]


def _length(rng, data, sessions):
    """Turn what may be the length in an IP header behind one to three tags."""
    at = 4 * rng.randrange(2, 5) + rng.choice((0, 2, 3, 4, 5))
    return data[:at] + rng.randbytes(1) + data[at + 1:]


MUTATIONS = (_flip, _flip, _cut, _pad, _nulls, _push, _replace, _remove, _double, _length)


def spoilt(rng, data, sessions):
    """Mostly a bit, so that it is nearly what it was."""
    for _ in range(rng.choice((0, 0, 1, 1, 1, 2, 3))):
        if data:
            data = rng.choice(MUTATIONS)(rng, data, sessions)
    return data


def labelled(rng, sessions, now):
    """A label stack with what is below: for the most part nearly valid."""
    session = rng.choice(sessions)
    if rng.random() < 0.15:
        data = bare(rng, session.params.label, session.kind)
    else:
        data = stamped(rng, session, now)
    return spoilt(rng, data, sessions)
