#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What the kernel refuses of pseudowires, links, and sessions for them: errno, sentence and
attribute of each refusal."""

import struct

import ktap
from genl import DEV, EEXIST, EINVAL, ID, LABEL, LABELS, OUTER, VRF, Genl, attribute, prefix
from genl import refused, session
from lab import Lab

ENOENT, ENODEV = 2, 19
NEW, FLUSH = 1, 5
PW_NEW, PW_SET, PW_DEL, PW_GET, LINK_NEW, LINK_DEL, LINK_GET = range(19, 26)
PAYLOAD, MAC = 18, 19
UNMATCHED, ORIGIN, S_REMOTE = 20, 21, 22
IP, PW, PW_NO_CW, LINK = (bytes([n]) for n in range(4))
NAME, REMOTE, INTO, OUT, IN_LABEL, OUT_LABEL, CONTROL_WORD, FLOW_LABEL, MTU = range(1, 10)
TUNNEL, STEAL = 12, 13
L_NAME, L_DEV, L_SESSION, TRANSPORT, NEIGHBOUR, LSP = range(1, 7)
ADDRESS = bytes((10, 255, 0, 1))
NEIGHBOUR_OF_OURS = bytes((2, 0, 0, 0, 0, 1))


def u32(value):
    return struct.pack("=I", value)


def word(text):
    return text.encode() + b"\0"


def pw(**changes):
    """A request for a pseudowire that is good but for what is given."""
    values = {NAME: word("pw0"), REMOTE: ADDRESS, IN_LABEL: u32(800), OUT_LABEL: u32(801)}
    values.update({globals()[name]: data for name, data in changes.items()})
    return b"".join(attribute(k, v) for k, v in values.items() if v is not None)


def link(*more, **changes):
    values = {L_NAME: word("l"), L_DEV: word("core"), L_SESSION: word("wire-in")}
    values.update({globals()[name]: data for name, data in changes.items()})
    return b"".join(attribute(k, v) for k, v in values.items() if v is not None) + b"".join(more)


def made(genl, name, direction, payload, label, first):
    body = session(attribute(PAYLOAD, payload), direction, word(name), params={
        ID: struct.pack("=Q", label), LABEL: u32(label),
        LABELS: struct.pack("=3I", first, first + 1, first + 2)})
    ktap.equal(f"session {name}: errno", genl.ask(NEW, body)[0], 0)


def sessions(genl):
    made(genl, "pw-in", 0, PW, 900, 1000)
    made(genl, "pw-out", 1, PW, 901, 1010)
    made(genl, "nocw-in", 0, PW_NO_CW, 902, 1020)
    made(genl, "wire-in", 0, LINK, 903, 1030)
    made(genl, "wire-out", 1, LINK, 904, 1040)
    made(genl, "ip-in", 0, IP, 905, 1050)


def nothing(net):
    for kind in ("pw", "link"):
        ktap.equal(kind, net.labelhop("PE2", f"-j {kind} show").strip(), "[]")


@ktap.test("what narrows a session and its payload does not have")
def payloads(net, genl):
    mac = attribute(MAC, bytes(6))
    only_ip = "prefix, outer, vrf and remote are only for payload ip"
    for payload in (PW, PW_NO_CW, LINK):
        kind = attribute(PAYLOAD, payload)
        refused(genl, "prefix", session(kind + prefix(bytes(4), 0)), 10, only_ip)
        refused(genl, "outer", session(kind + attribute(OUTER, u32(17)), 1), OUTER, only_ip)
        refused(genl, "vrf", session(kind + attribute(VRF, b"blue\0"), 1), VRF, only_ip)
        refused(genl, "origin", session(kind + attribute(ORIGIN, b"\1"), 1), ORIGIN, only_ip)
        refused(genl, "remote", session(kind + attribute(S_REMOTE, ADDRESS), 1), S_REMOTE,
                only_ip)
        refused(genl, "dev, out", session(kind + attribute(DEV, b"core\0"), 1), DEV,
                "dev is for payload ip, and for pseudowires in direction in")
    refused(genl, "dev of a link", session(attribute(PAYLOAD, LINK) + attribute(DEV, b"core\0")),
            DEV, "dev is for payload ip, and for pseudowires in direction in")
    for kind in (b"", attribute(PAYLOAD, LINK)):
        refused(genl, "mac", session(kind + mac), MAC, "mac is only for payload pw and pw-no-cw")
    refused(genl, "65 addresses", session(attribute(PAYLOAD, PW) + mac * 65), MAC,
            "at most 64 MAC addresses")
    ktap.equal("sessions", net.labelhop("PE2", "-j session show").strip(), "[]")


@ktap.test("what a session in can't ask for, and what does not go with one another")
def senders_only(net, genl):
    remote, main = attribute(S_REMOTE, ADDRESS), attribute(ORIGIN, b"\1")
    only_out, drop = "vrf, outer and remote are only for direction out", attribute(UNMATCHED, b"\1")
    refused(genl, "origin, in", session(main), ORIGIN, only_out)
    refused(genl, "remote, in", session(remote), S_REMOTE, only_out)
    refused(genl, "vrf, in", session(attribute(VRF, b"blue\0") + remote), VRF, only_out)
    refused(genl, "vrf of the main table", session(attribute(VRF, b"blue\0") + main, 1), ORIGIN,
            "packets of the main table have left no VRF")
    refused(genl, "5 remotes", session(remote * 5, 1), S_REMOTE, "at most 4 addresses")
    refused(genl, "a group", session(attribute(S_REMOTE, b"\xe0\0\0\1"), 1), S_REMOTE,
            "must be a global unicast one")
    only_ip = "unmatched is only for direction out and payload ip"
    refused(genl, "unmatched, in", session(drop), UNMATCHED, only_ip)
    refused(genl, "unmatched, pw", session(attribute(PAYLOAD, PW) + drop, 1), UNMATCHED, only_ip)
    ktap.equal("sessions", net.labelhop("PE2", "-j session show").strip(), "[]")
    ktap.equal("4 remotes", genl.ask(NEW, session(
        b"".join(attribute(S_REMOTE, bytes((10, 255, 0, n))) for n in range(1, 5)) + drop, 1))[0], 0)
    net.tell("PE2", "session flush")


@ktap.test("a VPN label that no route has is warned of, and one of a pseudowire is not")
def leads(net, genl):
    ktap.equal("errno", genl.ask(PW_NEW, pw())[0], 0)
    for label, warns in ((800, False), (850, True)):
        errno, said, _ = genl.ask(NEW, session(params={LABEL: u32(label)}))
        ktap.equal(f"{label}: errno, warned", (errno, "no route here has label" in said), (0, warns))
        net.tell("PE2", "session flush")
    net.tell("PE2", "pw del pw0")


@ktap.test("a pseudowire's name, remote PE, sessions and labels")
def pws(net, genl):
    sessions(genl)
    for what, body, kind, sentence, errno in (
            ("no name", pw(NAME=None), None, "the pseudowire's name is missing", EINVAL),
            ("a slash", pw(NAME=word("a/b")), NAME, "a device's name must be", EINVAL),
            ("a pattern", pw(NAME=word("pw%d")), NAME, "a device's name must be", EINVAL),
            ("empty", pw(NAME=b"\0"), NAME, "a device's name must be", EINVAL),
            ("a device's", pw(NAME=word("core")), NAME, "a device with this name exists", EEXIST),
            ("no remote", pw(REMOTE=None), None, "the remote PE's address is missing", EINVAL),
            ("5 bytes", pw(REMOTE=bytes(5)), REMOTE, "must have 4 or 16 bytes", EINVAL),
            ("0.0.0.0", pw(REMOTE=bytes(4)), REMOTE, "a global unicast one", EINVAL),
            ("multicast", pw(REMOTE=b"\xe0\0\0\1"), REMOTE, "a global unicast one", EINVAL),
            ("loopback", pw(REMOTE=b"\x7f\0\0\1"), REMOTE, "a global unicast one", EINVAL),
            ("broadcast", pw(REMOTE=b"\xff" * 4), REMOTE, "a global unicast one", EINVAL),
            ("::", pw(REMOTE=bytes(16)), REMOTE, "a global unicast one", EINVAL),
            ("fe80::", pw(REMOTE=b"\xfe\x80" + bytes(14)), REMOTE, "global unicast", EINVAL),
            ("ff02::", pw(REMOTE=b"\xff\x02" + bytes(14)), REMOTE, "global unicast", EINVAL),
            ("reserved, in", pw(IN_LABEL=u32(15)), IN_LABEL, "or 0 for none", EINVAL),
            ("reserved, out", pw(OUT_LABEL=u32(1)), OUT_LABEL, "or 0 for none", EINVAL),
            ("small MTU", pw(MTU=u32(67)), MTU, "an MTU must be 68 to 65521, or 0", EINVAL),
            ("both", pw(INTO=word("pw-in")), IN_LABEL, "give one of both", EINVAL),
            ("no session", pw(INTO=word("none"), IN_LABEL=None), INTO, "there is no session none",
             ENOENT),
            ("empty session", pw(INTO=b"\0", IN_LABEL=None), INTO, "1 to 31 printable", EINVAL),
            ("direction", pw(INTO=word("pw-out"), IN_LABEL=None), INTO,
             "session pw-out has the other direction", EINVAL),
            ("IP", pw(INTO=word("ip-in"), IN_LABEL=None), INTO,
             "session ip-in must have payload pw", EINVAL),
            ("no control word", pw(INTO=word("nocw-in"), IN_LABEL=None), INTO,
             "must have payload pw", EINVAL),
            ("control word", pw(INTO=word("pw-in"), IN_LABEL=None, CONTROL_WORD=b"\0"), INTO,
             "must have payload pw-no-cw", EINVAL),
            ("flow label", pw(OUT=word("pw-out"), OUT_LABEL=None, FLOW_LABEL=b"\1"), OUT,
             "a flow label is of no use with a session", EINVAL),
            ("in a label set", pw(IN_LABEL=u32(1001)), IN_LABEL,
             "label 1001 is in the label set of a session", EEXIST)):
        refused(genl, what, body, kind, sentence, PW_NEW, errno)
    nothing(net)
    ktap.equal("errno", genl.ask(PW_NEW, pw())[0], 0)
    refused(genl, "a label twice", pw(NAME=word("pw1")), IN_LABEL,
            "label 800 is already used by device pw0", PW_NEW, EEXIST)
    refused(genl, "a label set with it", session(attribute(PAYLOAD, IP), 0, params={
        LABELS: struct.pack("=2I", 700, 800)}), 11, "label 800 is already used by device pw0",
            NEW, EEXIST)
    for command in (PW_SET, PW_DEL, PW_GET):
        refused(genl, f"request {command}", b"", None, "the pseudowire's name is missing", command)
        refused(genl, f"request {command}", attribute(NAME, word("pw9")), NAME,
                "there is no such pseudowire", command, ENOENT)
    refused(genl, "set to none", attribute(NAME, word("pw0")) + attribute(OUT, word("none")), OUT,
            "there is no session none", PW_SET, ENOENT)
    # A request that has one fault changes nothing of what it asks for.
    def change(*values):
        return attribute(NAME, word("pw0")) + b"".join(attribute(*v) for v in values)
    more = (REMOTE, bytes((10, 255, 0, 9))), (MTU, u32(1300)), (TUNNEL, b"\1"), (OUT_LABEL, u32(0))
    refused(genl, "reserved", change(*more, (IN_LABEL, u32(3))), IN_LABEL, "or 0 for none", PW_SET)
    refused(genl, "loopback", change(*more[1:], (REMOTE, b"\x7f\0\0\1")), REMOTE,
            "a global unicast one", PW_SET)
    refused(genl, "in a label set", change(*more, (IN_LABEL, u32(1001)), (STEAL, b"\1")), IN_LABEL,
            "label 1001 is in the label set of a session", PW_SET, EEXIST)
    refused(genl, "control word of a session", change(*more, (INTO, word("pw-in")),
                                                      (CONTROL_WORD, b"\0")), INTO,
            "session pw-in must have payload pw-no-cw", PW_SET)
    ktap.equal("another", genl.ask(PW_NEW, pw(NAME=word("pw1"), IN_LABEL=u32(802)))[0], 0)
    refused(genl, "used", change(*more, (IN_LABEL, u32(802))), IN_LABEL,
            "label 802 is already used by device pw1", PW_SET, EEXIST)
    refused(genl, "not stolen", change(*more, (IN_LABEL, u32(802)), (STEAL, b"\0")), IN_LABEL,
            "label 802 is already used by device pw1", PW_SET, EEXIST)
    shown = net.ask("PE2", "pw show pw0")[0]
    ktap.equal("it", [shown.get(k) for k in ("in-label", "out-label", "remote", "tunnel", "mtu")],
               [800, 801, "10.255.0.1", "required", None])
    # Of its session, which stays.
    ktap.equal("in", genl.ask(PW_SET, change((INTO, word("pw-in"))))[0], 0)
    refused(genl, "the control word of a session that stays", change((CONTROL_WORD, b"\0"), *more),
            CONTROL_WORD, "session pw-in must have payload pw-no-cw", PW_SET)
    net.tell("PE2", "pw del pw0", "pw del pw1", "session flush")


@ktap.test("a link's name, device, session, neighbour and LSPs")
def links(net, genl):
    sessions(genl)
    out = {"L_SESSION": word("wire-out")}
    for what, body, kind, sentence, errno in (
            ("no name", link(L_NAME=None), None, "the link's name is missing", EINVAL),
            ("a space", link(L_NAME=word("a b")), L_NAME, "1 to 31 printable", EINVAL),
            ("no device", link(L_DEV=None), None, "the link's device is missing", EINVAL),
            ("no such device", link(L_DEV=word("none")), L_DEV, "there is no such device", ENODEV),
            ("no session", link(L_SESSION=None), None, "the link's session is missing", EINVAL),
            ("no such session", link(L_SESSION=word("none")), L_SESSION,
             "there is no such session", ENOENT),
            ("IP", link(L_SESSION=word("ip-in")), L_SESSION, "must have payload link", EINVAL),
            ("neighbour, in", link(NEIGHBOUR=NEIGHBOUR_OF_OURS), NEIGHBOUR,
             "a neighbour is only for direction out", EINVAL),
            ("group", link(NEIGHBOUR=b"\1" + bytes(5), **out), NEIGHBOUR,
             "must be a unicast one", EINVAL),
            ("65 LSPs", link(attribute(LSP, u32(17)) * 65), LSP, "at most 64 LSPs", EINVAL)):
        refused(genl, what, body, kind, sentence, LINK_NEW, errno)
    nothing(net)
    ktap.equal("errno", genl.ask(LINK_NEW, link(attribute(LSP, u32(17))))[0], 0)
    refused(genl, "again", link(), L_NAME, "a link with this name exists", LINK_NEW, EEXIST)
    refused(genl, "the same LSP", link(attribute(LSP, u32(17)), L_NAME=word("m")), L_NAME,
            "it matches the same packets as link l", LINK_NEW, EEXIST)
    ktap.equal("another LSP", genl.ask(LINK_NEW, link(attribute(LSP, u32(18)),
                                                      L_NAME=word("m")))[0], 0)
    ktap.equal("out", genl.ask(LINK_NEW, link(L_NAME=word("o"), NEIGHBOUR=NEIGHBOUR_OF_OURS,
                                              **out))[0], 0)
    refused(genl, "all", link(L_NAME=word("p"), **out), L_NAME,
            "it matches the same packets as link o", LINK_NEW, EEXIST)
    for command in (LINK_DEL, LINK_GET):
        refused(genl, f"request {command}", b"", None, "the link's name is missing", command)
        refused(genl, f"request {command}", attribute(L_NAME, word("none")), L_NAME,
                "there is no such link", command, ENOENT)
    net.tell("PE2", "link del l", "link del m", "link del o", "session flush")


if __name__ == "__main__":
    with Lab() as lab:
        lab.clocks()
        ktap.main(lab, Genl(lab, "PE2"))
