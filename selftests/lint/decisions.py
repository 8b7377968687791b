#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Looks for gaps between Documentation/decisions.rst, the code and the tests, without
running any. Prints each.

The cells themselves are proved by selftests/net/decisions.py, which has the page's tables
as its data. Here: each cell is filled in with what can be; each row has its event in that
test; each place of the code that decides is named, with rows; each test that is named
exists.
"""
import ast
import re
import sys
from pathlib import Path

sys.path.insert(0, "selftests/net")
import table  # noqa: E402 pylint: disable=wrong-import-position

CODE = {"in": ["kmod/hook_in.c", "kmod/verify.c", "kmod/session.c", "kmod/slot.c"],
        "out": ["kmod/hook_out.c", "kmod/stamp.c", "kmod/session.c", "kmod/slot.c"]}
# The verdict of a hook, or the reason of one.
DECIDES = re.compile(r"return[^;]*?(NF_ACCEPT|NF_STOLEN|lh_verdict_|LABELHOP_REASON_(?!UNSPEC))"
                     r"|lh_verdict_(pass|count)\(|reason = LABELHOP_REASON_")

gaps = []


def words():
    """The counters by the words of the uapi header, as in a Decision."""
    text = Path("uapi/linux/labelhop.h").read_text()
    reasons = re.findall(r'^\tX\((\w+),\s*"([a-z-]+)"\)', text, re.M)
    return dict(reasons)


def check_cells(page, reasons):
    counters = {"stamped", "verified", "bare", None}
    counters |= {f"{kind}-{word}" for kind in ("drop", "pass") for word in reasons.values()}
    matching = {"restore": "verified|pass-.*", "stamp": "stamped", "segment": "stamped",
                "fragment": "stamped", "drop": "drop-.*", "drop and ICMP": "drop-too-big",
                "pass": "bare|pass-.*"}
    for name, by_policy in page.decisions.items():
        for policy, (verdict, counter) in by_policy.items():
            if counter not in counters:
                gaps.append(f"{name}, {policy}: {counter} is no counter")
            elif not (re.fullmatch(matching[verdict], counter) if counter
                      else verdict in ("pass", "drop")):
                gaps.append(f"{name}, {policy}: {verdict!r} doesn't count {counter}")
    for (name, state), row in page.times.items():
        for word in {name, row} - set(page.decisions):
            gaps.append(f"{name}, {state}: {word} is no row")


def check_counters(page, reasons):
    """What the code can count, and rows count, are the same, in each direction."""
    for direction, paths in CODE.items():
        text = "".join(Path(path).read_text() for path in paths)
        code = {reasons[word] for word in re.findall(r"LABELHOP_REASON_(\w+)", text)
                if word != "UNSPEC"}
        code |= {word.lower() for word in re.findall(r"LH_COUNT_(\w+)", text)}
        rows = {re.sub("^(drop|pass)-", "", counter)
                for name, by_policy in page.decisions.items() if name.startswith(f"{direction}.")
                for _, counter in by_policy.values() if counter}
        for word in code ^ rows:
            gaps.append(f"{word}, direction {direction}: counted by the code or the rows only")


def places():
    """(file, function): places that decide."""
    out = {}
    for path in sorted({path for paths in CODE.values() for path in paths}):
        name = None
        for line in Path(path).read_text().splitlines():
            match = re.match(r"[a-z][^;=]*?\b(\w+)\([^;]*$", line)
            name = match[1] if match else name
            if line.startswith("\t") and DECIDES.search(line):
                key = (Path(path).name, name)
                out[key] = out.get(key, 0) + 1
    return out


def check_places(page):
    code = places()
    for key in sorted(set(code) | set(page.places)):
        count, rows = page.places.get(key, (0, []))
        if code.get(key, 0) != count:
            gaps.append(f"{key[0]}, {key[1]}(): {code.get(key, 0)} places decide, "
                        f"the page knows {count}")
        gaps.extend(f"{key[0]}, {key[1]}(): {row} is no row"
                    for row in rows if row not in page.decisions)
    named = {row for _, rows in page.places.values() for row in rows}
    gaps.extend(f"{row}: no place of the code names it"
                for row in page.decisions if row not in named)


def calls(path, name):
    """The first arguments of the decorators of that name, as a rule strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        for decorator in getattr(node, "decorator_list", ()):
            function = getattr(decorator, "func", None)
            if getattr(function, "attr", getattr(function, "id", None)) == name and \
                    isinstance(decorator.args[0], ast.Constant):
                yield decorator.args[0].value


def check_tests(page):
    net = Path("selftests/net")
    events = [name for path in net.glob("events_*.py") for name in calls(path, "event")]
    for name in set(events) ^ set(page.decisions):
        gaps.append(f"{name}: a row without event, or an event without row")
    for name in {name for name in events if events.count(name) > 1}:
        gaps.append(f"{name}: there are two events")
    tests = {name for path in net.glob("*.py") for name in calls(path, "test")}
    gaps.extend(f"there is no test {name!r}" for name in page.others if name not in tests)


def main():
    try:
        page, reasons = table.Page(), words()
    except table.TableError as error:
        print(error)
        return 1
    check_cells(page, reasons)
    check_counters(page, reasons)
    check_places(page)
    check_tests(page)
    print("\n".join(gaps))
    return bool(gaps)


sys.exit(main())
