#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Netlink fuzzer, made from the specification. Needs root and the module; run it in
the lab: selftests/vm/run -- selftests/fuzz/netlink.py --time 60

Some processes are alone in a network namespace and know what each request should do;
others share one. Around both, devices, namespaces and packets come and go. Valid,
nearly valid and random requests are sent, and what the kernel says and does is judged;
the lab judges the kernel's log. With KCOV, requests that reach new code are kept and
spoilt further. --seed repeats the requests of a run, --count ends each process after so
many; what KCOV keeps and who comes first is left to the machine.
"""

import argparse
import multiprocessing
import os
import random
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
from nl_socket import HANG  # noqa: E402
from nl_spec import Spec  # noqa: E402
from nl_worker import Alone, Together  # noqa: E402

ALONE, TOGETHER = 2, 2
# Messages that a process sends however slow the machine is.
LEAST = 100


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time", type=int, default=60, help="seconds")
    parser.add_argument("--count", type=int, default=0, help="messages of a process")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--kcov", action="store_true", help="fail without KCOV")
    return parser.parse_args()


class Process:
    """A process of the fuzzer, and what it reports in the end."""

    def __init__(self, kind, name, task, *args):
        self.kind, self.name = kind, name
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

    def result(self, seconds):
        """What it reports; it is ended if it does not."""
        report = None
        if self.pipe.poll(seconds + 10 * HANG):
            try:
                report = self.pipe.recv()
            except EOFError:
                pass
        if report is None:
            report = {"complaints": [f"process {self.name} hangs or has died"],
                      "counts": Counter(), "pcs": set()}
            self.process.kill()
        self.process.join()
        return report


def send(options, worker, name, around):
    """Send requests for the time, with other processes around in the same namespace."""
    over = multiprocessing.Event()
    others = [multiprocessing.Process(target=go_on, args=(options, over, other, f"{name}/{i}",
                                                          False))
              for i, other in enumerate(around)]
    for other in others:
        other.start()
    w = worker(options.seed, name)
    end = time.monotonic() + options.time
    try:
        while not w.full() and (w.number < options.count if options.count else
                                w.number < LEAST or time.monotonic() < end):
            w.step()
    except Exception:
        w.complaints.append(f"{name}, message {w.number}: {traceback.format_exc()}")
    w.close()
    over.set()
    for other in others:
        other.join()
    return {"counts": w.counts, "complaints": w.complaints, "pcs": w.kcov.seen}


def alone(options, name):
    """In a namespace of its own, where only devices of other names come and go."""
    nl_churn.new_namespace()
    nl_churn.set_up()
    return send(options, Alone, name, [nl_churn.Devices, nl_churn.Traffic])


def known(options):
    """In a namespace of its own, what was answered wrongly once."""
    nl_churn.new_namespace()
    nl_churn.set_up()
    w = Alone(options.seed, "known")
    for request in nl_known.requests(w.spec):
        w.step(request)
    w.close()
    return {"counts": w.counts, "complaints": w.complaints, "pcs": set()}


def go_on(options, over, around, name, ours):
    """Let something come and go until all is over."""
    thing = around(random.Random(f"{options.seed}/{name}"), Spec(), ours)
    counts = Counter()
    # With breaths for the rest of a slow machine.
    while not counts or not over.wait(0.05):
        counts["around", around.__name__] += thing.step()
    thing.close()
    return {"counts": counts, "complaints": [], "pcs": set()}


def run(options):
    """Run all processes and return their reports by kind."""
    subprocess.run(["modprobe", "-a", "labelhop", "dummy", "veth", "vrf"], check=True)
    nl_churn.new_namespace()
    nl_churn.set_up()
    over = multiprocessing.Event()
    senders = [Process("known", "known", known, options)]
    senders += [Process("alone", f"alone{i}", alone, options, f"alone{i}") for i in range(ALONE)]
    senders += [Process("together", f"together{i}", send, options, Together, f"together{i}", [])
                for i in range(TOGETHER)]
    around = [Process("around", a.__name__, go_on, options, over, a, a.__name__, True)
              for a in (nl_churn.Devices, nl_churn.Namespaces, nl_churn.Traffic)]
    reports = {}
    for process in senders + around:
        if process is around[0]:
            over.set()
        reports.setdefault(process.kind, []).append(process.result(options.time))
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
    judge(reports["around"], *(("around", a) for a in ("Devices", "Namespaces", "Traffic")))


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
