# SPDX-License-Identifier: GPL-2.0
"""KTAP for the tests in Python: @test("name"), check(), equal(), skip(), main()."""

import os
import sys
import time
import traceback

_tests = []
_faults = []


class Skip(Exception):
    """Raised by skip()."""


def test(name):
    """A decorator: the function is a test of that name, run in the file's order."""
    def register(function):
        _tests.append((name, function))
        return function
    return register


def leaving(nothing, *before):
    """test() for tests with a topology: nothing(topology) undoes what they did, and what
    is before is done first."""
    def named(name):
        def wrap(function):
            def run(net):
                for each in before:
                    each(net)
                try:
                    function(net)
                finally:
                    nothing(net)
            return test(name)(run)
        return wrap
    return named


def say(text):
    """A diagnostic."""
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def check(ok, sentence):
    """The test fails, with the sentence, unless ok; it goes on all the same."""
    if not ok:
        _faults.append(sentence)
        say(f"FAIL: {sentence}")
    return ok


def equal(what, got, wanted):
    return check(got == wanted, f"{what}: got {got!r}, not {wanted!r}")


def skip(reason):
    """End this test: for what a kernel or a machine may lack by right."""
    raise Skip(reason)


def busywait(seconds, condition, *arguments):
    """Call condition until what it returns is true, and return that."""
    end = time.monotonic() + seconds
    while True:
        result = condition(*arguments)
        if result or time.monotonic() > end:
            return result
        time.sleep(0.02)


def _run(function, arguments):
    """A function without parameters makes what it needs by itself."""
    _faults.clear()
    try:
        function(*arguments[:function.__code__.co_argcount])
    except Skip as reason:
        return f" # SKIP {reason}"
    except Exception:
        _faults.append("exception")
        say(traceback.format_exc())
    return ""


def main(*arguments):
    """Run the tests, each with these arguments, and exit. KTAP_ONLY=WORD in the
    environment picks those whose name holds the word."""
    only = os.environ.get("KTAP_ONLY", "")
    chosen = [t for t in _tests if only in t[0]]
    print("KTAP version 1")
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(chosen, 1):
        start = time.monotonic()
        note = _run(function, arguments)
        say(f"{time.monotonic() - start:.1f} s")
        failed += bool(_faults)
        print(f"{'not ok' if _faults else 'ok'} {number} {name}{note}", flush=True)
    sys.exit(failed > 0)
