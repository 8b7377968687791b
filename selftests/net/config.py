#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a session is told, and what it refuses to be told: clock, epoch and lifetime,
ports, devices, prefixes; overlaps, bounds and bad netlink messages."""

import os
import struct
import subprocess
import tempfile

import ktap
from attack import Attacker, stamped
from ktap import busywait
from lab import CE2, CE2_6, SECOND, Lab, make_params, socket, tai


def session_in(net, params, options=""):
    net.unprotect("PE2")
    net.add("PE2", "blue-in", "in", params, options)


@ktap.test("clock unset: both sides drop, reason clock")
def clock_unset():
    with Lab() as net:
        east = make_params(200)
        net.add("PE2", "blue-in", "in", east)
        net.add("PE1", "blue-out", "out", east)
        attacker = Attacker(net)
        packet = stamped(east, attacker.customer_packet(b"clock"))
        with net.expect("PE2", "blue-in", drop_clock=3), \
                net.expect("PE1", "blue-out", drop_clock=4):
            attacker.inject_bytes(packet, 3)
            net.customer_send(4, b"clock")
        net.clocks()
        with net.expect("PE2", "blue-in", verified=5), net.expect("PE1", "blue-out", stamped=4):
            attacker.inject_bytes(packet)
            net.customer_send(4, b"clock")
        # The lab's clocks know no leap seconds: realtime is TAI with an offset of 0.
        for name in ("PE1", "PE2"):
            net.labelhop(name, "clock set realtime utc-offset 0")
        with net.expect("PE2", "blue-in", verified=5), net.expect("PE1", "blue-out", stamped=4):
            attacker.inject_bytes(packet)
            net.customer_send(4, b"clock")
        net.labelhop("PE2", "clock set unset")
        with net.expect("PE2", "blue-in", drop_clock=1):
            attacker.inject_bytes(packet)


@ktap.test("epoch in the future: not-yet on both sides, then it begins by itself")
def not_yet(net):
    net.unprotect()
    east = make_params(200, epoch=tai() + 6 * SECOND)
    session_in(net, east, "tolerance 100ms")
    net.add("PE1", "blue-out", "out", east)
    attacker = Attacker(net)
    early = stamped(east, attacker.customer_packet(b"early"), when=tai() + 7 * SECOND)
    with net.expect("PE2", "blue-in", drop_not_yet=3), \
            net.expect("PE1", "blue-out", drop_not_yet=3):
        attacker.inject_bytes(early, 3)
        net.customer_send(3, b"early")
    ktap.check(tai() < east["epoch"], "the epoch came during the test: the machine is too slow")
    busywait(20, lambda: tai() > east["epoch"] + SECOND // 5)
    with net.expect("PE2", "blue-in", verified=3), net.expect("PE1", "blue-out", stamped=3):
        net.customer_send(3, b"begun")


@ktap.test("lifetime over: expired on both sides")
def expired(net):
    net.unprotect()
    east = make_params(200, epoch=tai() - 60 * SECOND, lifetime=50 * SECOND)
    session_in(net, east)
    net.add("PE1", "blue-out", "out", east)
    attacker = Attacker(net)
    late = stamped(east, attacker.customer_packet(b"late"), when=tai() - 30 * SECOND)
    with net.expect("PE2", "blue-in", drop_expired=3), \
            net.expect("PE1", "blue-out", drop_expired=3):
        attacker.inject_bytes(late, 3)
        net.customer_send(3, b"late")


@ktap.test("delay moves the window: a packet of the last slot, and none of this one")
def delay(net):
    # The first slot ended 30 s ago; delay 40 s looks at it alone.
    east = make_params(200, slots=[60 * SECOND, 3600 * SECOND], epoch=tai() - 90 * SECOND)
    session_in(net, east, "delay 40s tolerance 1s")
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"delayed")
    then = stamped(east, packet, when=tai() - 45 * SECOND)
    before = net.stats("PE2", "blue-in")
    attacker.inject_bytes(stamped(east, packet), 2)
    with net.expect("PE2", "blue-in", verified=2):
        attacker.inject_bytes(then, 2)
    after = net.stats("PE2", "blue-in")
    ktap.equal("those of this slot that passed", after["verified"] - before["verified"], 2)


@ktap.test("ports narrow: only those devices, and lo, are looked at")
def ports():
    with Lab(TAIL="nophp") as net:
        net.clocks()
        net.east = make_params(200)
        session_in(net, net.east)
        attacker = Attacker(net)
        packet = attacker.customer_packet(b"ported")
        with net.tap("CE2", "pe", magic=b"ported") as tap:
            # Any device but the one that packets come by.
            net.labelhop("PE2", "port add ce")
            with net.expect("PE2", "blue-in"):
                attacker.inject([200], packet, 5)
                ktap.equal("bare, past the port", len(tap.wait(5)), 5)
            tap.clear()
            # Popped to lo they are seen all the same.
            with net.expect("PE2", "blue-in", drop_bare=5):
                attacker.inject([2102, 200], packet, 5)
            net.labelhop("PE2", "port add core")
            with net.expect("PE2", "blue-in", drop_bare=5, verified=1):
                attacker.inject([200], packet, 5)
                attacker.inject_bytes(stamped(net.east, packet))
            shown = net.labelhop("PE2", "-j port show")
            ktap.check('"core"' in shown and '"ce"' in shown, f"port show says {shown}")
            net.labelhop("PE2", "port del core")
            net.labelhop("PE2", "port del ce")
            with net.expect("PE2", "blue-in", drop_bare=5):
                attacker.inject([200], packet, 5)
            ktap.equal("what reached CE2", len(tap.frames()), 1)


@ktap.test("a session in of one device leaves the others alone")
def device_in(net):
    east = make_params(200)
    session_in(net, east, "dev ce")
    attacker = Attacker(net)
    packet = attacker.customer_packet(b"device")
    with net.tap("CE2", "pe", magic=b"device") as tap:
        with net.expect("PE2", "blue-in"):
            attacker.inject([200], packet, 3)
            ktap.equal("bare on another device", len(tap.wait(3)), 3)
        session_in(net, east, "dev core")
        with net.expect("PE2", "blue-in", drop_bare=3, verified=3):
            attacker.inject([200], packet, 3)
            attacker.inject_bytes(stamped(east, packet), 3)


@ktap.test("inner prefixes: only what goes there is protected, the rest passes bare both ways")
def prefixes(net):
    net.unprotect()
    net.shell('echo "address add 192.168.2.17/32 dev lo" | topo_ip "$CE2"')
    net.run("PE2", "ip route add vrf blue 192.168.2.16/28 via 192.168.2.1")
    net.east = make_params(200)
    options = "prefix 192.168.2.16/28 prefix fd02::/64"
    net.add("PE2", "blue-in", "in", net.east, options)
    net.add("PE1", "blue-out", "out", net.east, options)
    with net.expect("PE1", "blue-out", stamped=9), net.expect("PE2", "blue-in", verified=9):
        net.customer_send(3, b"prefix", "192.168.2.17")
        net.customer_send(6, b"prefix", CE2_6)
    with net.tap("CE2", "pe", magic=b"prefix") as tap:
        with net.expect("PE1", "blue-out"), net.expect("PE2", "blue-in"):
            net.customer_send(4, b"prefix", CE2)
            ktap.equal("what isn't protected reaches CE2", len(tap.wait(4)), 4)
        attacker = Attacker(net)
        with net.expect("PE2", "blue-in", drop_bare=4):
            attacker.inject([200], attacker.customer_packet(b"prefix", dst="192.168.2.17"), 2)
            attacker.inject([200], attacker.customer_packet(b"prefix", src="fd01::9"), 2)
            attacker.inject([200], attacker.customer_packet(b"prefix"), 2)
        ktap.equal("and what is bare to there", len(tap.wait(6)), 6)
        # An inner destination that can't be read: the session matches.
        with net.expect("PE2", "blue-in", drop_bare=2):
            attacker.inject([200], b"\x45\x00")
            attacker.inject([200], b"\x00" * 40)


@ktap.test("refused, with a sentence and status 2: what the kernel won't have")
def refused(net):
    net.unprotect()
    fast = make_params(200, slots=[SECOND])
    cases = [
        (fast, "in", "tolerance 501ms", "twice the tolerance"),
        (make_params(200), "in", "dev nosuchdev", "no such device"),
        (make_params(200), "out", "vrf nosuchvrf", "no such VRF"),
        # A second name of a device, which labelhop could not follow.
        (make_params(200), "in", "dev second", "no such device"),
    ]
    net.run("PE2", "ip link property add dev core altname second")
    for params, direction, options, sentence in cases:
        status, _, err = net.add("PE2", "blue-in", direction, params, options, ok=False)
        ktap.equal(f"status of {options}", status, 2)
        ktap.check(sentence in err, f"{err!r} doesn't say {sentence!r}")
    net.add("PE2", "blue-in", "in", fast, "tolerance 500ms")
    for command in ("session set blue-in tolerance 501ms", "session del nosuch",
                    "session set nosuch policy monitor", "port add second"):
        status, _, _ = net.labelhop("PE2", command, ok=False)
        ktap.equal(f"status of {command}", status, 2)
    ktap.equal("ports", net.labelhop("PE2", "-j port show").strip(), "[]")
    net.run("PE2", "ip link property del dev core altname second")
    ktap.equal("tolerance", net.show("PE2", "blue-in")["tolerance"], 500 * 10**6)
    # The same name, or the same set, a second time.
    for name, params in (("blue-in", make_params(201, 510000)), ("again", fast)):
        status, _, err = net.add("PE2", name, "in", params, ok=False, options="tolerance 500ms")
        ktap.equal(f"status of {name} again", status, 2)
    ktap.equal("sessions", net.labelhop("PE2", "-j session show").count('"name"'), 1)


@ktap.test("a K that collides with a route of the kernel's is warned about, and works")
def warned(net):
    net.unprotect()
    params = make_params(200)
    params["labels"][2] = 40000
    net.run("PE2", "ip -f mpls route add 40000 dev blue")
    status, out, err = net.add("PE2", "blue-in", "in", params, ok=False)
    net.run("PE2", "ip -f mpls route del 40000")
    ktap.equal("status", status, 0)
    ktap.check("40000" in out + err, f"no warning that names 40000: {out + err!r}")


def genl(net, name, messages):
    """Send raw generic netlink messages; the errno and the bytes of each answer."""
    out = []
    with net.inside(name):
        s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    s.settimeout(5)

    def ask(kind, command, attributes, flags=5):
        body = struct.pack("=BBH", command, 1, 0) + attributes
        s.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        return s.recv(65536)
    answer = ask(16, 3, struct.pack("=HH", 13, 2) + b"labelhop\0\0\0\0", 1)
    family = None
    at = 20
    while at + 4 <= len(answer):
        length, kind = struct.unpack_from("=HH", answer, at)
        if kind == 1:
            family, = struct.unpack_from("=H", answer, at + 4)
        at += (length + 3) & ~3
    for command, attributes in messages:
        answer = ask(family, command, attributes)
        length, kind = struct.unpack_from("=IH", answer)
        errno = -struct.unpack_from("=i", answer, 16)[0] if kind == 2 else 0
        out.append((errno, answer))
    s.close()
    return out


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


@ktap.test("bad netlink messages are refused and change nothing")
def bad_netlink(net):
    net.unprotect()
    net.add("PE2", "blue-in", "in", make_params(200))
    before = net.labelhop("PE2", "-j session show blue-in")
    name = attribute(2, b"other\0")
    bad = [
        (1, b""), (1, name), (1, name + attribute(3, b"\x07")),
        (1, name + attribute(3, b"\0")), (1, attribute(2, b"x" * 40 + b"\0")),
        (1, attribute(2, b"\0")), (1, name + attribute(3, b"\0") + attribute(0x8000 | 11, b"")),
        (1, name + attribute(3, b"\0") + attribute(0x8000 | 11, attribute(7, b"abc"))),
        (1, name + attribute(200, b"????")), (1, b"\x03\0\0\0"), (1, b"\xff\xff\x02\0" + b"a" * 8),
        (2, attribute(2, b"blue-in\0") + attribute(4, b"\x09")),
        (2, attribute(2, b"blue-in\0") + attribute(5, b"\0\0")),
        (2, attribute(2, b"nosuch\0")), (3, b""), (3, attribute(2, b"nosuch\0")),
        (6, attribute(1, b"nosuchdev\0")), (9, attribute(2, b"\x63")), (99, b""),
    ]
    for (command, data), (errno, _) in zip(bad, genl(net, "PE2", bad)):
        ktap.check(errno > 0, f"command {command} with {data.hex()} is taken")
    after = net.labelhop("PE2", "-j session show blue-in")
    ktap.equal("the session", after.split('"slot"')[0], before.split('"slot"')[0])
    attacker = Attacker(net)
    with net.expect("PE2", "blue-in", drop_bare=1):
        attacker.inject([200], attacker.customer_packet(b"x"))


@ktap.test("an unprivileged user can't change anything")
def unprivileged(net):
    command = "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all labelhop "
    for what in ("session flush", "clock set realtime", "port add core"):
        status, _, _ = net.run("PE2", command + what, ok=False)
        ktap.check(status != 0, f"nobody may {what}")
    said = net.run("PE2", f"timeout 20 {command}monitor", ok=False)
    ktap.equal("monitor", said, (2, "", "Error: labelhop: no events of group events of labelhop: "
                                 "CAP_NET_ADMIN is needed.\n"))
    ktap.equal("sessions", net.labelhop("PE2", "-j session show").count('"name"'), 1)


@ktap.test("a refused request comes back without its seed")
def no_echo(net):
    seed = bytes(range(100, 132))
    name, into = attribute(2, b"echo\0"), attribute(3, b"\0")
    params = attribute(0x8000 | 11, attribute(14, seed))
    bad = [(1, params), (1, name + params), (1, name + into + params),
           (1, params + name + into + attribute(0x8000 | 11, b""))]
    for number, (errno, answer) in enumerate(genl(net, "PE2", bad)):
        ktap.equal(f"errno of request {number}", errno, 22)
        ktap.check(len(answer) > len(seed) + 36, f"answer {number} echoes no request")
        ktap.check(seed not in answer, f"answer {number} echoes the seed")


def kernel_memory(cgroup):
    """Bytes of kernel memory that are charged to a cgroup."""
    with open(f"{cgroup}/memory.stat", encoding="ascii") as f:
        stat = dict(line.split() for line in f)
    return sum(int(stat.get(what, 0)) for what in ("slab", "percpu", "vmalloc"))


@ktap.test("a session of a VRF whose name goes matches no packet of another")
def vrf_renamed(net):
    net.unprotect("PE1")
    net.run("PE1", "ip link add red type vrf table 77")
    net.add("PE1", "red-out", "out", make_params(200, labels=1), "vrf red")
    for old, new in (("red", "other"), ("other", "red")):
        net.run("PE1", f"ip link set {old} name {new}")
        with net.expect("PE1", "red-out", pass_unmatched=3):
            net.customer_send(3, b"vrf")
    net.unprotect("PE1")
    net.run("PE1", "ip link del red")


@ktap.test("what sessions take is charged to the cgroup of who adds them")
def charged(net):
    with open("/proc/filesystems", encoding="ascii") as f:
        if "\tcgroup2\n" not in f.read():
            ktap.skip("this kernel has no cgroups")
    net.unprotect("PE2")
    sessions, labels = 32, 4096
    path = os.path.join(net.tmp.name, "charged")
    with open(path, "w", encoding="ascii") as f:
        for i in range(sessions):
            params = make_params(200, labels=1)
            params["labels"] = list(range(500000 + labels * i, 500000 + labels * (i + 1)))
            print(f"session add charged{i} dir in params {net.file(params)} tolerance 900ms", file=f)
    with tempfile.TemporaryDirectory() as root:
        net.run("PE2", f"mount -t cgroup2 none {root}")
        cgroup = f"{root}/lh-{os.urandom(4).hex()}"
        try:
            net.run("PE2", ["sh", "-c", f"echo +memory > {root}/cgroup.subtree_control"])
            os.mkdir(cgroup)
            net.run("PE2", ["sh", "-c", f"echo $$ > {cgroup}/cgroup.procs && exec labelhop -b {path}"])
            ktap.check(ktap.busywait(20, lambda: kernel_memory(cgroup) > sessions * labels * 4),
                       f"only {kernel_memory(cgroup)} bytes are charged")
            net.unprotect("PE2")
            ktap.check(ktap.busywait(20, lambda: kernel_memory(cgroup) < sessions * labels * 2),
                       f"{kernel_memory(cgroup)} bytes are still charged when they are gone")
        finally:
            busywait(20, lambda: not open(f"{cgroup}/cgroup.procs", encoding="ascii").read())
            os.rmdir(cgroup)
            net.run("PE2", f"umount {root}")


UNSHARE = "unshare --user --map-root-user --net"


def batch(net, lines, options=""):
    path = os.path.join(net.tmp.name, "quota")
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")
    return net.run("PE2", f"{UNSHARE} labelhop {options} -b {path}", ok=False)


def held(net, lines):
    """A labelhop that stays and has made all of these; None if it could not."""
    path = os.path.join(net.tmp.name, "held")
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join([*lines, "clock show", ""]))
    process = net.start("PE2", ["sh", "-c", f"cat {path} - | {UNSHARE} labelhop -j -b -"],
                        stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if process.stdout.readline():
        return process
    process.communicate()
    return None


def given_back(net, lines):
    """What is gone with its namespace is not counted any more: held()."""
    process = busywait(20, held, net, lines)
    ktap.check(process, f"{len(lines)} lines: the quota is not given back")
    return process


def root_of_namespace(net):
    """The kernel and the machine have what a test of quotas needs."""
    if not os.environ.get("LABELHOP_KERNEL", "").startswith("uml"):
        ktap.skip("an emulated machine takes minutes to read that many labels")
    if net.run("PE2", f"{UNSHARE} true", ok=False)[0]:
        ktap.skip("this kernel has no user namespaces")


@ktap.test("whoever is root in a user namespace only can't have labels without end")
def quota_labels(net):
    root_of_namespace(net)
    sessions = []
    for i in range(65):
        params = make_params(200, labels=1)
        params["labels"] = list(range(300000 + 4096 * i, 300000 + 4096 * (i + 1)))
        sessions.append(f"session add s{i} dir in params {net.file(params)} tolerance 900ms")
    status, _, err = batch(net, sessions)
    ktap.equal("status", status, 2)
    ktap.check("may have 262144 labels" in err, err)
    given_back(net, sessions[:-1]).communicate()


@ktap.test("nor objects of any kind, which are counted together, nor by more namespaces")
def quota_objects(net):
    root_of_namespace(net)
    first, second = (f"dir in params {net.file(make_params(label, label * 1000))} tolerance 900ms "
                     "payload link" for label in (200, 220))
    full = [f"session add wire {first}", *(f"vrf add v{i}" for i in range(4094)),
            "pw add p0 remote 10.0.0.1", "pw del p0", "pw add p0 remote 10.0.0.1"]
    more = ["vrf add v", "port add lo", "link add l dev lo session wire",
            "pw add p1 remote 10.0.0.1", f"session add s {second}"]
    status, _, err = batch(net, full + more, "-force")
    ktap.equal("status", status, 2)
    ktap.equal(f"refusals: {err}", err.count("have 4096 objects"), len(more))
    holder = given_back(net, full)
    # One namespace more: of the same user, of one below, of another user.
    other = "setpriv --reuid 65534 --regid 65534 --clear-groups"
    for before, refused_too in ((UNSHARE, True), (f"{UNSHARE} {UNSHARE}", True),
                                (f"{other} {UNSHARE}", False)):
        status, _, err = net.run("PE2", f"{before} labelhop vrf add red", ok=False)
        ktap.equal(f"{before}: {err}", (status, "have 4096 objects" in err),
                   (2 if refused_too else 0, refused_too))
    holder.communicate()
    # Nor does anything limit root.
    net.tell("PE2", *(f"vrf add v{i}" for i in range(4097)))
    net.tell("PE2", *(f"vrf del v{i}" for i in range(4097)))


if __name__ == "__main__":
    with Lab(MTU=1516) as lab:
        lab.clocks()
        ktap.main(lab)
