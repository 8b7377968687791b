#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Netlink fuzzer, made from the specification. Needs root and the module; run it in
the lab: selftests/vm/run -- selftests/fuzz/netlink.py --time 60

One process is alone in a network namespace and knows what each request should do; others
share one. Meanwhile each of them lets devices, namespaces and packets come and go. Valid,
nearly valid and random requests are sent, and what the kernel says and does is judged;
the lab judges the kernel's log. With KCOV, requests that reach new code are kept and
spoilt further. --seed repeats the requests of a run; between those that share a namespace,
who comes first is left to the machine.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
import traceback
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../net"))
# pylint: disable=wrong-import-position
import ktap  # noqa: E402
import nl_churn  # noqa: E402
import nl_known  # noqa: E402
from nl_spec import Spec  # noqa: E402
from nl_worker import Alone, Together  # noqa: E402

TOGETHER = 2


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1500, help="requests of a process, at least")
    parser.add_argument("--time", type=int, default=0, help="seconds, at least")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--kcov", action="store_true", help="fail without KCOV")
    return parser.parse_args()


class Process:
    """A process of the fuzzer, and what it reports in the end."""

    def __init__(self, kind, task, *args):
        self.kind = kind
        self.pipe, end = multiprocessing.Pipe(False)
        self.process = multiprocessing.Process(target=self._run, args=(end, task, args))
        self.process.start()
        end.close()

    @staticmethod
    def _run(end, task, args):
        try:
            end.send(task(*args))
        except Exception:
            end.send({"complaints": [traceback.format_exc()], "counts": Counter(), "pcs": set()})

    def result(self):
        try:
            report = self.pipe.recv()
        except EOFError:
            report = {"complaints": [f"a process died: {self.kind}"], "counts": Counter(),
                      "pcs": set()}
        self.process.join()
        return report


def send(options, worker):
    """Send requests until there were as many as wanted, and for as long."""
    end = time.monotonic() + options.time
    try:
        while not worker.full() and (worker.number < options.count or time.monotonic() < end):
            worker.go_on()
    except Exception:
        worker.complaints.append(f"seed {options.seed}, process {worker.name}, message "
                                 f"{worker.number}: {traceback.format_exc()}")
    worker.close()
    return worker.report()


def known(options, spec):
    """In a namespace of its own, what was answered wrongly once."""
    nl_churn.new_namespace()
    nl_churn.set_up()
    worker = Alone(options.seed, "known", spec)
    for request in nl_known.requests(spec):
        worker.step(request)
    worker.close()
    return worker.report()


def alone(options, spec):
    """In a namespace of its own, where only devices of other names come and go."""
    nl_churn.new_namespace()
    nl_churn.set_up()
    return send(options, Alone(options.seed, "alone", spec,
                               (nl_churn.Devices, nl_churn.Traffic)))


def together(options, spec, name):
    """In the namespace of all: what the requests name comes and goes too."""
    return send(options, Together(options.seed, name, spec, (
        nl_churn.Devices, nl_churn.Namespaces, nl_churn.Devices, nl_churn.Traffic)))


def run(options):
    """Run all processes and return their reports by kind."""
    subprocess.run(["modprobe", "-a", "labelhop", "dummy", "veth", "vrf", "8021q"], check=True)
    spec = Spec()
    nl_churn.new_namespace()
    nl_churn.set_up()
    processes = [Process("known", known, options, spec), Process("alone", alone, options, spec)]
    processes += [Process("together", together, options, spec, f"together{i}")
                  for i in range(TOGETHER)]
    reports = {}
    for process in processes:
        reports.setdefault(process.kind, []).append(process.result())
    return reports


def judge(reports, *needed):
    """Nobody complains, and each of the things needed has happened."""
    counts = sum((r["counts"] for r in reports), Counter())
    for r in reports:
        for complaint in r["complaints"]:
            ktap.check(False, complaint)
    for what, count in sorted(counts.items()):
        ktap.say(f"{' '.join(what)}: {count}")
    for what in needed:
        ktap.check(counts[what], f"never: {' '.join(what)}")


SENT = [(how, what) for how in ("valid", "spoilt") for what in ("accepted", "refused")]


@ktap.test("netlink fuzzer: requests that were answered wrongly")
def test_known(_options, reports):
    judge(reports["known"], SENT[3])


@ktap.test("netlink fuzzer: a process alone, each request does what it should")
def test_alone(_options, reports):
    judge(reports["alone"], SENT[0], SENT[3], *(
        ("done", op) for op in ("session-new", "session-set", "session-del")))


@ktap.test("netlink fuzzer: processes in one namespace, refusals say why and where")
def test_together(_options, reports):
    judge(reports["together"], SENT[0], SENT[3], ("odd", "listener"), ("odd", "dump"))


@ktap.test("netlink fuzzer: devices, namespaces and packets come and go")
def test_around(_options, reports):
    counts = sum((r["counts"] for kind in reports.values() for r in kind), Counter())
    judge([{"counts": counts, "complaints": []}],
          *(("around", a) for a in ("Devices", "Namespaces", "Traffic")))


@ktap.test("netlink fuzzer: code of the module that was reached")
def test_code(options, reports):
    pcs = set().union(*(r["pcs"] for kind in reports.values() for r in kind))
    ktap.say(f"{len(pcs)} places")
    if not pcs and not options.kcov:
        ktap.skip("this kernel has no KCOV")
    ktap.check(pcs, "no code of the module was reached: is it built with KCOV?")


if __name__ == "__main__":
    opts = arguments()
    ktap.say(f"seed {opts.seed}")
    ktap.main(opts, run(opts))
