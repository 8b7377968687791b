# SPDX-License-Identifier: GPL-2.0
"""The topology of topo.sh, and labelhop in it, for the tests in Python."""

import contextlib
import ctypes
import json
import os
import random
import shlex
import socket
import subprocess
import sys
import tempfile
import time

import frames
import ktap
from ktap import busywait

SELFTESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(SELFTESTS, "ref"))
import labelhop_ref as ref  # noqa: E402 pylint: disable=wrong-import-position

CLONE_NEWNET = 0x40000000
HOUR = 3600 * 10**9
SECOND = 10**9
TOOLS = os.environ.get("LABELHOP_INJECT", os.path.join(SELFTESTS, "../.build/inject"))
CE1, CE2 = "192.168.1.1", "192.168.2.1"
CE1_6, CE2_6 = "fd01::1", "fd02::1"
PORT = 4242
_libc = ctypes.CDLL(None, use_errno=True)

# What runs as long as the topology exists: it undoes it when its input ends.
HOLDER = r"""
. "$1/$2.sh"
topo_up || exit
for name in "${topo_names[@]}"; do echo "$name ${!name}"; done
echo "== 0"
while read -r line; do
	eval "$line" </dev/null 2>&1
	echo "== $?"
done
"""


def tai():
    return time.clock_gettime_ns(time.CLOCK_TAI)


def setns(fd):
    if _libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class CommandError(Exception):
    """A command failed."""


def make_params(label, first=500000, labels=16, slots=(HOUR,), **members):
    """A parameter set as labelhop reads it. By default one slot lasts longer than
    any test, so that nothing depends on when a packet comes."""
    params = {
        "labelhop": 1, "id": os.urandom(8).hex(), "generation": 1, "label": label,
        "labels": random.sample(range(first, first + 10000), labels),
        "slots": list(slots), "hash": "siphash-2-4", "hash-len": 64, "tags": 1,
        "epoch": tai() - 60 * SECOND, "lifetime": 0, "seed": os.urandom(32).hex(),
    }
    if "and" not in members:
        params["select"] = "0xffffffffffffffff"
    params.update({key.replace("_", "-"): value for key, value in members.items()})
    return params


def counters(stats):
    """A session's by name: stamped, verified, bare, drop-REASON, pass-REASON."""
    out = {key: stats[key] for key in ("stamped", "verified", "bare")}
    for kind, prefix in (("dropped", "drop-"), ("passed", "pass-")):
        for reason, count in stats.get(kind, {}).items():
            out[prefix + reason] = count
    return out


class Lab:
    """A topology: topo.sh's, or another's. Settings are those of topo.sh without TOPO_,
    or whole names."""

    def __init__(self, topology="topo", **settings):
        environment = dict(os.environ, **{k if "_" in k and k.startswith("VPLS") else f"TOPO_{k}":
                                          str(v) for k, v in settings.items()})
        self.holder = subprocess.Popen(
            ["bash", "-c", HOLDER, "holder", SELFTESTS, topology], text=True, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.own = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.tmp = tempfile.TemporaryDirectory()
        self.fds, self.names, self.files, self.open = {}, {}, 0, []
        self.stayers = {}
        for line in self._answer().splitlines():
            name, _, ns = line.partition(" ")
            if ns.startswith("lh-"):
                self.adopt(name, ns)
        # Somebody must take the customers' packets, or there would be ICMP errors.
        for name in {"CE1", "CE2"} & set(self.names):
            sink = self.socket(name, socket.AF_INET6, socket.SOCK_DGRAM)
            sink.bind(("::", PORT))

    def adopt(self, name, ns):
        """Know a namespace by a name."""
        self.names[name] = ns
        self.fds[name] = os.open(f"/run/netns/{ns}", os.O_RDONLY)

    def forget(self, name):
        """Let go of a namespace, so that it can vanish."""
        self.dismiss(name)
        os.close(self.fds.pop(name))
        return self.names.pop(name)

    def close(self):
        self.dismiss(*self.stayers)
        for thing in self.open:
            thing.close()
        for fd in self.fds.values():
            os.close(fd)
        self.holder.stdin.close()
        self.holder.wait()
        self.tmp.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Running things

    def _answer(self):
        lines = []
        for line in self.holder.stdout:
            if line.startswith("== "):
                if int(line[3:]):
                    raise CommandError("".join(lines))
                return "".join(lines)
            lines.append(line)
        raise CommandError("the topology could not be made: " + "".join(lines))

    def shell(self, line):
        """Run a line in the shell that has topo.sh's functions and variables."""
        self.holder.stdin.write(line + "\n")
        self.holder.stdin.flush()
        return self._answer()

    def script(self, text):
        """The same with any number of lines, as one shell script."""
        path = os.path.join(self.tmp.name, "script.sh")
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return self.shell(f". {path}")

    @contextlib.contextmanager
    def inside(self, name):
        """Within, this thread is in that namespace."""
        setns(self.fds[name])
        try:
            yield
        finally:
            setns(self.own)

    def start(self, name, command, **options):
        """Start a command, a string or a list, in a namespace."""
        words = shlex.split(command) if isinstance(command, str) else command
        options.setdefault("stdout", subprocess.PIPE)
        # With preexec_fn all of Python would be forked, and copied, to change over there.
        with self.inside(name):
            return subprocess.Popen(words, text=True, **options)

    def run(self, name, command, ok=True):
        """What a command prints; with ok=False, (status, output, errors)."""
        process = self.start(name, command, stderr=subprocess.PIPE)
        out, err = process.communicate()
        if not ok:
            return process.returncode, out, err
        if process.returncode:
            raise CommandError(f"{command}: status {process.returncode}: {out}{err}")
        return out

    def tool(self, name, tool, *arguments):
        """Start one of our tools; if it reports to be ready, when it is."""
        command = [os.path.join(TOOLS, tool)] + [str(a) for a in arguments]
        process = self.start(name, command)
        if tool in ("lh-cap", "lh-count") or arguments[0] == "recv":
            process.stdout.readline()
        return process

    def result(self, process):
        """The last line that a tool prints."""
        out, _ = process.communicate()
        if process.returncode:
            raise CommandError(f"{process.args}: status {process.returncode}")
        return json.loads(out.splitlines()[-1])

    # Frames

    def keep(self, thing):
        self.open.append(thing)
        return thing

    def socket(self, name, *arguments):
        with self.inside(name):
            return self.keep(socket.socket(*arguments))

    def tap(self, name, device, **options):
        with self.inside(name):
            return self.keep(frames.Tap(device, **options))

    def sender(self, name, device):
        with self.inside(name):
            return self.keep(frames.Sender(device))

    def customer_send(self, count, data, to=CE2, src="CE1"):
        """UDP packets from one customer to the other."""
        family = socket.AF_INET6 if ":" in to else socket.AF_INET
        with self.inside(src):
            with socket.socket(family, socket.SOCK_DGRAM) as s:
                for _ in range(count):
                    s.sendto(data, (to, PORT))

    # labelhop

    def labelhop(self, name, command, ok=True):
        words = shlex.split(command) if isinstance(command, str) else command
        return self.run(name, ["labelhop"] + words, ok)

    def ask(self, name, *commands):
        """What the last of these commands shows, carried out by a labelhop that stays in
        the namespace: to start one takes longer than what it then does."""
        if name not in self.stayers:
            self.stayers[name] = self.start(name, "labelhop -j -s -b -",
                                            stdin=subprocess.PIPE, stderr=subprocess.STDOUT)
        stayer, said = self.stayers[name], ""
        stayer.stdin.write("\n".join(commands) + "\n")
        stayer.stdin.flush()
        for line in stayer.stdout:
            if line[0] in "[{":
                return json.loads(line)
            said += line
        self.dismiss(name)
        raise CommandError(f"{commands}: {said}")

    def tell(self, name, *commands):
        """The same of commands that show nothing."""
        self.ask(name, *commands, "clock show")

    def dismiss(self, *names):
        """End the labelhop that stays, before namespace or module go."""
        for name in names:
            stayer = self.stayers.pop(name, None)
            if stayer:
                stayer.communicate()

    def file(self, params):
        """A file with a parameter set."""
        self.files += 1
        path = os.path.join(self.tmp.name, f"{self.files}.json")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as f:
            json.dump(params, f)
        return path

    def add(self, name, session, direction, params, options="", ok=True):
        """labelhop session add"""
        if direction == "in" and "tolerance" not in options:
            options += " tolerance 900ms"
        command = f"session add {session} dir {direction} params {self.file(params)} {options}"
        return self.tell(name, command) if ok else self.labelhop(name, command, ok)

    def add_link(self, name, device, session, params, options="", settings=""):
        """A session with payload link, whose name ends in its direction, and its link on a
        device."""
        self.add(name, session, session.rsplit("-", 1)[1], params, f"payload link {settings}")
        self.tell(name, f"link add {session} dev {device} session {session} {options}")

    def clocks(self, *names):
        for name in names or ("PE1", "PE2"):
            self.tell(name, "clock set tai")

    def protect(self, policy="strict", out="", tolerance="900ms", **members):
        """Both directions of VRF blue. The sets are then in self.east, which goes to
        PE2, and self.west."""
        into = f"policy {policy} tolerance {tolerance}"
        self.clocks()
        self.east = make_params(200, 500000, **members)
        self.west = make_params(100, 600000, **members)
        self.add("PE2", "blue-in", "in", self.east, into)
        self.add("PE1", "blue-in", "in", self.west, into)
        self.add("PE1", "blue-out", "out", self.east, out)
        self.add("PE2", "blue-out", "out", self.west, out)

    def unprotect(self, *names):
        for name in names or ("PE1", "PE2"):
            self.tell(name, "session flush")

    def show(self, name, session):
        return self.ask(name, f"session show {session}")[0]

    def stats(self, name, session):
        return counters(self.show(name, session)["stats"])

    def all_stats(self, name):
        """The same of all sessions, by their names."""
        shown = self.ask(name, "session show")
        return {session["name"]: counters(session["stats"]) for session in shown}

    @contextlib.contextmanager
    def expect(self, name, session, seconds=20, **counts):
        """What is done within must change the session's counters by just that."""
        wanted = {k.replace("_", "-"): v for k, v in counts.items() if v}
        before = self.stats(name, session)

        change = {}

        def enough():
            now = self.stats(name, session)
            change.clear()
            change.update((k, v - before[k]) for k, v in now.items() if v != before[k])
            return sum(change.values()) >= sum(wanted.values())

        yield
        busywait(seconds, enough)
        ktap.equal(f"counters of {session} on {name}", change, wanted)
