#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: report.py [--uncovered | --floor] DIRECTORY...

Adds up the counters that collect left in each DIRECTORY and prints, as KTAP,
what of kmod they cover. It fails if a file is below its line in `floor`, and if
there is anything uncovered that is not in `argued`.

  --uncovered  list what is not covered, argued or not
  --floor      print what `floor` would have to hold for today's figures

Branches are counted where the source has a condition of its own; those within
a macro of the kernel's are not this module's.
"""
import collections
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
KMOD = HERE.parent.parent / "kmod"
GCOV = "gcov-12"
CONDITION = re.compile(r"\b(if|for|while|switch)\b|\?|&&|\|\|")


class Source:
    """A file of kmod, with the count of each line and of each branch's outcomes."""

    def __init__(self, path):
        self.path = path
        self.text = [line.strip() for line in path.read_text(encoding="ascii").splitlines()]
        self.lines = collections.Counter()
        self.outcomes = collections.defaultdict(dict)
        self.functions = self._functions()

    @property
    def name(self):
        return self.path.name

    def _functions(self):
        """The function that each line is in, by number."""
        name, inside = "", {}
        for number, line in enumerate(self.path.read_text(encoding="ascii").splitlines(), 1):
            match = re.match(r"[a-zA-Z_][^;=]*?\b(\w+)\([^;]*$", line)
            name = match[1] if match else name
            inside[number] = name
            if line == "}":
                name = ""
        return inside

    def add(self, line):
        number = line["line_number"]
        self.lines[number] += line["count"]
        counts = [branch["count"] for branch in line["branches"]]
        if counts and self.has_condition(number):
            # The compiler may have made more than one version of a line.
            versions = self.outcomes[number]
            old = versions.get(len(counts), [0] * len(counts))
            versions[len(counts)] = [a + b for a, b in zip(old, counts)]

    def has_condition(self, number):
        above = self.text[number - 2] if number > 1 else ""
        return bool(CONDITION.search(self.text[number - 1]) or above.endswith(("&&", "||")))

    def branches(self, number):
        """The outcomes of the version that is covered best."""
        return max(self.outcomes[number].values(), key=lambda counts: sum(map(bool, counts)))

    def figures(self):
        """(lines, of), (branches, of)"""
        counts = [count for number in self.outcomes for count in self.branches(number)]
        return ((sum(map(bool, self.lines.values())), len(self.lines)),
                (sum(map(bool, counts)), len(counts)))

    def uncovered(self):
        """Numbers of the lines that are not, or not in each of their branches."""
        return [number for number in sorted(self.lines)
                if not self.lines[number] or
                (number in self.outcomes and not all(self.branches(number)))]


def load(directories):
    sources = {path.name: Source(path) for path in sorted(KMOD.glob("*.[ch]"))}
    for directory in directories:
        data = sorted(Path(directory).rglob("*.gcda"))
        if not data:
            sys.exit(f"report.py: no counters in {directory}")
        out = subprocess.run([GCOV, "--json-format", "--stdout", "--branch-probabilities", *data],
                             check=True, capture_output=True, text=True).stdout
        for document in out.splitlines():
            for entry in json.loads(document)["files"]:
                path = Path(entry["file"])
                if path.parent.name == "kmod" and path.name in sources:
                    for line in entry["lines"]:
                        sources[path.name].add(line)
    return [source for source in sources.values() if source.lines]


def entries(name):
    """The lines of a file beside this one, without comments."""
    lines = (HERE / name).read_text(encoding="ascii").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def arguments():
    """FILE FUNCTION: LINE -- REASON"""
    for entry in entries("argued"):
        match = re.fullmatch(r"(\S+) (\w+): (.+?) -- (.+)", entry)
        if not match:
            sys.exit(f"report.py: argued: not FILE FUNCTION: LINE -- REASON: {entry}")
        yield match.groups()


def percent(part, whole):
    return 100 * part // whole if whole else 100


class Tests:
    """KTAP."""

    def __init__(self, plan):
        self.number = self.failed = 0
        print(f"KTAP version 1\n1..{plan}")

    def result(self, name, faults):
        self.number += 1
        self.failed += bool(faults)
        for fault in faults:
            print(f"# FAIL: {fault}")
        print(f"{'not ok' if faults else 'ok'} {self.number} {name}")


def floor_faults(source, floor):
    figures = source.figures()
    if source.name not in floor:
        return [f"floor has no line {source.name} {' '.join(str(percent(*f)) for f in figures)}"]
    return [f"{percent(*figure)} % of the {kind}, not {least} %"
            for kind, figure, least in zip(("lines", "branches"), figures, floor[source.name])
            if percent(*figure) < least]


def places(source, function, text):
    return [number for number, line in enumerate(source.text, 1)
            if line == text and source.functions[number] == function]


def statement(source, number):
    """The lines from that one on to the end of its statement, or of its condition."""
    depth = 0
    for last in range(number, len(source.text) + 1):
        text = source.text[last - 1]
        depth += text.count("(") - text.count(")")
        if depth <= 0:
            break
    return range(number, last + 1)


def unargued(source, argued):
    """Those of uncovered() that no argument is about. One is about the whole statement
    that begins with its line, and about the uncovered lines below: what it leads to."""
    meant = {line for function, text in argued
             for number in places(source, function, text) for line in statement(source, number)}
    out, known = [], sorted(source.lines)
    for number in source.uncovered():
        above = known[max(known.index(number) - 1, 0)]
        if number in meant or (above in meant and not source.lines[number]):
            meant.add(number)
        else:
            out.append(number)
    return out


def describe(source, number):
    counts = source.branches(number) if number in source.outcomes else []
    missing = f", {counts.count(0)} of {len(counts)} branches" if source.lines[number] else ""
    return f"{source.name}:{number} {source.functions[number]}{missing}: {source.text[number - 1]}"


def table(sources):
    for source in sources:
        (lines, of_lines), (branches, of_branches) = source.figures()
        print(f"# {source.name:14} lines {lines:4} of {of_lines:4} {percent(lines, of_lines):3} %"
              f"   branches {branches:4} of {of_branches:4} {percent(branches, of_branches):3} %")


def report(sources):
    floor = {name: (int(lines), int(branches))
             for name, lines, branches in map(str.split, entries("floor"))}
    argued = collections.defaultdict(dict)
    stale = []
    by_name = {source.name: source for source in sources}
    for name, function, text, reason in arguments():
        argued[name][function, text] = reason
        if name not in by_name or not places(by_name[name], function, text):
            stale.append(f"{name} has no such line in {function}(): {text}")
    tests = Tests(len(sources) + 2)
    table(sources)
    for source in sources:
        faults = floor_faults(source, floor)
        faults += [f"neither tested nor argued: {describe(source, number)}"
                   for number in unargued(source, argued[source.name])]
        tests.result(source.name, faults)
    tests.result("each argument is about a line that there is", stale)
    gone = set(floor) - set(by_name)
    tests.result("each floor is that of a file", [f"{name} is not covered" for name in gone])
    return tests.failed


def main(words):
    option = words.pop(0) if words and words[0].startswith("--") else ""
    if not words or option not in ("", "--uncovered", "--floor"):
        sys.exit(__doc__)
    sources = load(words)
    if option == "--uncovered":
        for source in sources:
            for number in source.uncovered():
                print(describe(source, number))
    elif option == "--floor":
        for source in sources:
            print(source.name, *(percent(*figure) for figure in source.figures()))
    else:
        sys.exit(bool(report(sources)))


if __name__ == "__main__":
    main(sys.argv[1:])
