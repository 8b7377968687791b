# SPDX-License-Identifier: GPL-2.0
"""What comes and goes, in batches: a process for each thing would be most of the time."""

import itertools
import os

from lab import make_params
from traffic import FIRST_MAC, SECOND_MAC

SPARE = (f"link add s0 netns {{PE2}} address {FIRST_MAC} type veth "
         f"peer name s1 netns {{P2}} address {SECOND_MAC}")


class Churn:
    """Writes batches for ip and labelhop, and runs them in a namespace."""

    def __init__(self, net):
        self.net, self.number = net, itertools.count()

    def batch(self, command, lines, name=None):
        """Each line must succeed. {PE2} is the namespace of that name."""
        path = os.path.join(self.net.tmp.name, f"batch-{next(self.number)}")
        with open(path, "w", encoding="ascii") as f:
            f.writelines(line.format(**self.net.names) + "\n" for line in lines)
        try:
            self.net.run(name or "PE2", [command, "-b", path])
        finally:
            os.unlink(path)

    def sessions(self, east, times):
        """Sets replace each other and the label is never without one; other sessions
        are flushed, policies set, ports taken and given back."""
        other, out = (self.net.file(make_params(label, 700000)) for label in (300, 301))
        for i in range(times):
            old, new = ("a", "b") if i % 2 == 0 else ("b", "a")
            self.batch("labelhop", [
                f"session add {new} dir in params {east[new]} tolerance 900ms",
                f"session del {old}",
                f"session add x dir in params {other} policy monitor tolerance 900ms",
                "port add core", "session set x policy strict", "port add ce",
                f"session add y dir out params {out} dev core vrf blue prefix 10.0.0.0/8",
                # With core away and ce left, core would be open.
                "session set x policy permissive", "port del ce", "port del core",
                "session del y", "session del x",
            ])
            yield

    def devices(self, times):
        """A device of the session's vanishes, returns, is renamed, and moves."""
        for _ in range(times):
            self.batch("ip", [SPARE])
            self.batch("ip", ["link set s0 up", "link set s0 down", "link set s0 name s9",
                              "link set s9 up", "link set s9 down", "link set s9 name s0",
                              "link set s0 up", "link set s0 netns {CE2}"])
            self.batch("ip", ["link set s0 up", "link set s0 netns {PE2}"], "CE2")
            self.batch("ip", ["link set s0 up", "link del s0"])
            yield

    def namespaces(self, params, times):
        """Namespaces with a session and traffic die, four at a time."""
        path = self.net.file(params)
        for i in range(times):
            names = [f"lh-dies-{os.getpid()}-{i}-{n}" for n in range(4)]
            self.batch("ip", [f"netns add {ns}" for ns in names] + [
                f"link add d{n} netns {ns} address {FIRST_MAC} type veth "
                f"peer name e{n} netns {{P2}} address {SECOND_MAC}"
                for n, ns in enumerate(names)])
            for n, ns in enumerate(names):
                self.net.run("PE2", ["ip", "netns", "exec", ns, "sh", "-ec",
                                     f"ip link set d{n} up; labelhop clock set tai; "
                                     f"labelhop session add dies dir in params {path} "
                                     "tolerance 900ms"])
            self.batch("ip", [f"link set e{n} up" for n in range(len(names))], "P2")
            try:
                yield
            finally:
                self.batch("ip", [f"netns del {ns}" for ns in names])
