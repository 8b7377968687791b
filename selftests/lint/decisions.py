#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Looks for gaps between Documentation/decisions.rst, the code and the tests, without
running any. Prints each.

The cells themselves are proved by selftests/net/decisions.py and net/decisions_l2.py, which
have the page's tables as their data. Here: each cell is filled in with what can be; each row has its event in that
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
# By how rows of pseudowires and links begin.
CODE_L2 = {"pw-in": "kmod/pw_rx.c", "pw-out": "kmod/pw_tx.c", "link-in": "kmod/link_in.c",
           "link-out": "kmod/link_out.c"}
# The verdict of a hook, or the reason of one.
DECIDES = re.compile(r"return[^;]*?(NF_ACCEPT|NF_STOLEN|lh_verdict_|LABELHOP_REASON_(?!UNSPEC))"
                     r"|lh_verdict_(pass|count|drop|refuse)\(|reason = LABELHOP_REASON_|\bpw_drop\(")

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


def check_fates(page, reasons):
    """The same of pseudowires and links: each counter of a device, and each reason."""
    for kind, path in CODE_L2.items():
        text = Path(path).read_text()
        rows = {name: fate for name, fate in page.fates.items() if name.startswith(f"{kind}.")}
        if not rows:
            gaps.append(f"{kind}: there are no rows")
        code = set(re.findall(r"DEV_STATS_INC\([\w>-]+, (\w+)\)", text))
        code |= {f"{way}_packets" for way in re.findall(r"dev_sw_netstats_(rx|tx)_add", text)}
        for word in code ^ {counter for fate in rows.values() for counter in fate.device}:
            gaps.append(f"{word}, {kind}: counted by the code or the rows only")
        used = {reasons[word] for word in re.findall(r"LABELHOP_REASON_(\w+)", text)
                if word != "UNSPEC"}
        for word in used - {fate.reason for fate in rows.values()}:
            gaps.append(f"{word}, {kind}: no row has this reason")
        for name, fate in rows.items():
            if fate.reason and fate.reason not in reasons.values():
                gaps.append(f"{name}: {fate.reason} is no reason")
            if fate.verdict != "drop" and fate.reason:
                gaps.append(f"{name}: a reason, and no drop")
    for name in page.fates:
        if name.partition(".")[0] not in CODE_L2:
            gaps.append(f"{name}: a row of nothing")


def places():
    """(file, function): places that decide."""
    out = {}
    for path in sorted({path for paths in CODE.values() for path in paths} |
                       set(CODE_L2.values())):
        name = None
        for line in Path(path).read_text().splitlines():
            match = re.match(r"[a-z][^;=]*?\b(\w+)\([^;]*$", line)
            name = match[1] if match else name
            if line.startswith("\t") and DECIDES.search(line):
                key = (Path(path).name, name)
                out[key] = out.get(key, 0) + 1
    return out


def check_places(page):
    code, known = places(), [*page.decisions, *page.fates]
    for key in sorted(set(code) | set(page.places)):
        count, rows = page.places.get(key, (0, []))
        if code.get(key, 0) != count:
            gaps.append(f"{key[0]}, {key[1]}(): {code.get(key, 0)} places decide, "
                        f"the page knows {count}")
        gaps.extend(f"{key[0]}, {key[1]}(): {row} is no row"
                    for row in rows if row not in known)
    named = {row for _, rows in page.places.values() for row in rows}
    gaps.extend(f"{row}: no place of the code names it"
                for row in known if row not in named)


def calls(path, name):
    """The first arguments of the decorators of that name, as a rule strings."""
    for node in ast.walk(ast.parse(path.read_text())):
        for decorator in getattr(node, "decorator_list", ()):
            function = getattr(decorator, "func", None)
            if getattr(function, "attr", getattr(function, "id", None)) == name and \
                    isinstance(decorator.args[0], ast.Constant):
                yield decorator.args[0].value


def makers(tree):
    """Functions that make the event of the row whose name is their first argument."""
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)
            and any(isinstance(inner, ast.FunctionDef) and
                    any("event" in ast.unparse(decorator) for decorator in inner.decorator_list)
                    for inner in node.body)}


def events_of(path):
    yield from calls(path, "event")
    tree = ast.parse(path.read_text())
    made_by = makers(tree)
    for node in tree.body:
        call = getattr(node, "value", None)
        if isinstance(node, ast.Expr) and getattr(getattr(call, "func", None), "id", "") in made_by:
            yield call.args[0].value


def check_tests(page):
    net = Path("selftests/net")
    events = [name for path in net.glob("events_*.py") for name in events_of(path)]
    for name in set(events) ^ set(page.decisions) ^ set(page.fates):
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
    check_fates(page, reasons)
    check_places(page)
    check_tests(page)
    print("\n".join(gaps))
    return bool(gaps)


sys.exit(main())
