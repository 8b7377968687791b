#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What Wireshark says of our frames: its own dissectors for pseudowires, which are another
implementation of RFC 4448, 4385 and 3032, and ours for hop and tag labels."""

import os
import struct
import subprocess
import time

import frames
import ktap
from lab import CE2, SELFTESTS, make_params
from pwlab import A, B, EAST, PwLab, frame, random_frame, test

INNER = frames.ethernet(B, A, frames.ETH_P_IP, frames.ipv4("10.1.1.1", "10.1.1.2", b"inner" * 9))
SHORT = frames.ethernet(B, A, frames.ETH_P_IP, frames.ipv4("10.1.1.1", "10.1.1.2", b""))


def capture(net, name, taken):
    """A file with these frames, as of now."""
    path = os.path.join(net.tmp.name, name)
    now = time.time_ns()
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for each in taken:
            raw = each.raw + bytes(max(0, 60 - len(each.raw)))
            f.write(struct.pack("<IIII", now // 10**9, now % 10**9, len(raw), len(raw)) + raw)
    return path


def tshark(path, *options, fields=()):
    """A list of the fields of each frame, and none is malformed."""
    command = ["tshark", "-n", "-r", path, *options, "-T", "fields", "-E", "occurrence=a"]
    for field in ("_ws.malformed", *fields):
        command += ["-e", field]
    run = subprocess.run(command, text=True, capture_output=True, check=False)
    ktap.check(run.returncode == 0, run.stderr)
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    ktap.equal("malformed", {line[0] for line in lines}, {""})
    return [line[1:] for line in lines]


def verdicts(path, *params):
    run = subprocess.run([os.path.join(SELFTESTS, "wireshark/verdicts.sh"), path, *params],
                         text=True, capture_output=True, check=False,
                         env=dict(os.environ, LABELHOP_TOLERANCE_US="900000"))
    ktap.check(run.returncode == 0, run.stderr)
    return [line.split("\t")[1:5] for line in run.stdout.splitlines()]


def leaving(net, *sent):
    with net.tap("P1", "west", mpls=True) as tap:
        net.send("PE1", "pw0", *sent)
        return list(tap.wait(len(sent)))


def inside(path, dissector, count):
    """The frames inside, by Wireshark's dissector for the pseudowire's label."""
    rows = tshark(path, "-d", f"mpls.label=={EAST},{dissector}",
                  fields=("mpls.label", "eth.dst", "ip.dst"))
    ktap.equal("frames", len(rows), count)
    for labels, macs, addresses in rows:
        ktap.equal("labels", labels.split(",")[:3], ["1001", "3002", str(EAST)])
        ktap.equal("MAC address inside", macs.split(",")[-1], B)
        ktap.equal("IP address inside", addresses, "10.1.1.2")


@test("an unprotected pseudowire: labels, control word, frame")
def control_word(net):
    net.pws()
    path = capture(net, "cw.pcap", leaving(net, INNER, SHORT))
    inside(path, "pwethcw", 2)
    rows = tshark(path, "-d", f"mpls.label=={EAST},pwethcw", fields=("pweth.cw.sequence_number",))
    ktap.equal("sequence numbers", rows, [["0"], ["0"]])


@test("the same without control word, and with a flow label")
def others(net):
    net.pws("control-word off")
    inside(capture(net, "nocw.pcap", leaving(net, INNER, SHORT)), "pwethnocw", 2)
    net.no_pws()
    net.pws("flow-label")
    rows = tshark(capture(net, "flow.pcap", leaving(net, INNER)), fields=("mpls.label",))
    ktap.equal("labels", rows[0][0].split(",")[:3], ["1001", "3002", str(EAST)])


@test("protected pseudowires: all labels are right, and forged ones are not")
def protected(net):
    for payload, options, dissector in (("pw", "", "pwethcw"),
                                        ("pw-no-cw", "control-word off", "pwethnocw")):
        net.secure_pws(options, payload=payload, hash_len="full")
        params = net.file(net.east)
        taken = leaving(net, INNER, SHORT, random_frame(1000), frame(b"x" * 80))
        path = capture(net, "good.pcap", taken)
        got = verdicts(path, params)
        ktap.equal("verdicts", [(v, layout) for v, layout, *_ in got], [("right", "edge")] * 4)
        # Which label Wireshark decides by is the last tag.
        decode = [word for f in taken
                  for word in ("-d", f"mpls.label=={f.stack[-1].label},{dissector}")]
        rows = tshark(path, *decode, fields=("eth.dst",))
        ktap.equal("MAC addresses inside", {row[0].split(",")[-1] for row in rows}, {B})
        forged = [f._replace(raw=f.raw[:-1] + bytes([f.raw[-1] ^ 1])) for f in taken]
        got = verdicts(capture(net, "bad.pcap", forged), params)
        ktap.equal("verdicts of changed frames", [v for v, *_ in got], ["bad tag"] * 4)
        net.no_pws()


@test("IP and a link: the labels are right on the wire")
def wires(net):
    net.protect(tags=2)
    with net.tap("P1", "west", mpls=True) as tap:
        net.customer_send(3, b"wireshark")
        net.customer_send(3, b"wireshark", "fd02::1")
        got = verdicts(capture(net, "ip.pcap", tap.wait(6)), net.file(net.east))
    ktap.equal("verdicts", got, [["right", "edge", "ip", ""]] * 6)
    params = make_params(900000, 700000, tags=3)
    net.clocks("ASBR1", "ASBR2")
    net.add_link("ASBR1", "east", "wire-out", params)
    net.add_link("ASBR2", "west", "wire-in", params)
    with net.tap("WIRE", "w1", mpls=True) as tap:
        net.customer_send(3, b"wireshark", CE2)
        got = verdicts(capture(net, "link.pcap", tap.wait(3)), net.file(params))
    ktap.equal("verdicts", got, [["right", "link", "link", ""]] * 3)
    net.tell("ASBR1", "link del wire-out", "session flush")
    net.tell("ASBR2", "link del wire-in", "session flush")


if __name__ == "__main__":
    with PwLab() as lab:
        ktap.main(lab)
