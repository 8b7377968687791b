#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: run.py [FILE...]

Runs the network tests, those files or all, as one KTAP stream; inside the lab:

  selftests/vm/run -- selftests/net/run.py

KTAP_ONLY=WORD in the environment picks the tests with that word in their name. Files that
meet nothing in which kernels differ (their first lines say if they do, and in what) run on
the oldest kernel and on the debug kernels, or with LABELHOP_ALL=1 on all.
The last line is "# totals: pass:N fail:N skip:N", of all tests in all files. The
status is 1 if one failed or a file did not come to its end, and 0 otherwise.
"""

import importlib
import os
import re
import runpy
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter

import lab

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST = "baseline.py"
# Whether kernels differ in what a file meets, or not, all files run on these.
OLDEST = "6.1"
DEBUG = ("uml-", "kcsan-")
# To load what the files need takes seconds of an emulated machine. So that is done
# once, and each file is run by a fork of this process.
for library in ("attack", "bulk", "traffic"):
    importlib.import_module(library)


def runs_here(name):
    """Does a file belong on this kernel?"""
    kernel = os.environ.get("LABELHOP_KERNEL", OLDEST)
    if kernel == OLDEST or kernel.startswith(DEBUG) or os.environ.get("LABELHOP_ALL"):
        return True
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return bool(re.search(r"^Kernels differ in: \w", f.read(), re.MULTILINE))


def all_files():
    """What is not executable is a library."""
    names = [name for name in sorted(os.listdir(HERE)) if name.endswith(".py")
             and os.access(os.path.join(HERE, name), os.X_OK)]
    return [FIRST] + [name for name in names
                      if name not in (FIRST, os.path.basename(__file__)) and runs_here(name)]


def make_tools(directory):
    """The guest sees the repository read-only: tools that aren't there are made here."""
    source = os.path.join(lab.SELFTESTS, "inject")
    tools = [name[:-2] for name in os.listdir(source) if re.fullmatch(r"lh-.*\.c", name)]
    if not all(os.access(os.path.join(lab.TOOLS, tool), os.X_OK) for tool in tools):
        lab.TOOLS = directory
        subprocess.run(["make", "-s", "-C", source, f"O={directory}"], check=True)


def become(name, path):
    """Run a file in place of this process, with its output in the file of that path."""
    status = 1
    output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    try:
        runpy.run_path(os.path.join(HERE, name), run_name="__main__")
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def lines_of(pid, path):
    """What that process writes to the file of that path, until it ends."""
    rest, ended = "", None
    with open(path, encoding="utf-8", errors="replace") as f:
        while not ended:
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            *lines, rest = (rest + f.read()).split("\n")
            yield from lines
            time.sleep(0 if ended else 0.1)
    if rest:
        yield rest


def run(number, name, path):
    """Run a file and show what it says as it comes, indented, as KTAP wants it; its
    counts of passed, failed and skipped."""
    start, counts, plan = time.monotonic(), Counter(), 1
    sys.stdout.flush()
    open(path, "w", encoding="ascii").close()
    pid = os.fork()
    if not pid:
        become(name, path)
    for line in lines_of(pid, path):
        print(f"  {line}", flush=True)
        if re.match(r"1\.\.\d+$", line):
            plan = int(line[3:])
        elif result := re.match(r"(not )?ok .*?(# SKIP|$)", line):
            counts["fail" if result[1] else "skip" if result[2] else "pass"] += 1
    status = os.waitpid(pid, 0)[1]
    # A test that never reported has failed.
    counts["fail"] += max(plan - sum(counts.values()), bool(status and not counts["fail"]))
    print(f"{'not ok' if counts['fail'] else 'ok'} {number} {name}")
    print(f"# {name} took {time.monotonic() - start:.0f} s", flush=True)
    return counts


def main(names):
    total = Counter()
    with tempfile.TemporaryDirectory() as directory:
        make_tools(os.path.join(directory, "inject"))
        # A burst of a test must not be lost in a queue before it comes to labelhop.
        with open("/proc/sys/net/core/netdev_max_backlog", "w", encoding="ascii") as f:
            f.write("100000")
        print("KTAP version 1")
        print(f"1..{len(names)}")
        for number, name in enumerate(names, 1):
            total += run(number, name, os.path.join(directory, "out"))
    print(f"# totals: pass:{total['pass']} fail:{total['fail']} skip:{total['skip']}")
    sys.exit(total["fail"] > 0)


if __name__ == "__main__":
    main([os.path.basename(name) for name in sys.argv[1:]] or all_files())
