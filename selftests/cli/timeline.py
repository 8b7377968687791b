#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: timeline.py LABELHOP DIR

Compares `labelhop timeline` with the reference: the table, the JSON and the picture,
for slots of a microsecond to a day, in the year 2100 and at both ends of time.
"""
import json
import random
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "ref"))
import labelhop_ref  # noqa: E402 # pylint: disable=wrong-import-position

DAY = 86400 * 10**9
YEAR_2100 = 4102444837 * 10**9
SVG = "{http://www.w3.org/2000/svg}"
CASES = [
    # slots, epoch, lifetime, at, for
    ([1000], 10**18, 0, YEAR_2100, 999_001),
    ([1000, 7777, 1001], 0, 0, YEAR_2100 + 12345, 100_000),
    ([DAY], 10**18, 0, YEAR_2100, 999 * DAY),
    ([DAY, 1000], 5, 0, 5, 30 * DAY),
    ([2 * 10**9, 10**6, DAY], 10**18, 0, YEAR_2100, None),
    ([10**9], 2**64 - 5 * 10**9, 0, 2**64 - 3 * 10**9, None),
    ([10**9], 0, 0, 2**64 - 1, 10**9),
    ([10**9], 10**18, 5 * 10**9, 10**18 + 10**9, None),
    ([10**9], 10**18, 0, 0, None),
    ([10**9], 10**18, 0, 10**18 - 10**9, 2 * 10**9),
]


def wanted(params, at, duration):
    """[slot, start, duration, hop label] of each slot from then on."""
    first = max(at, params.epoch)
    end = params.over if params.over is not None else 2**64
    if duration:
        end = min(end, at + duration)
    found = []
    while first < end and (duration or len(found) < 16):
        number, start, after = labelhop_ref.slot(params, first)
        found.append([number, start, params.slots[number % len(params.slots)],
                      labelhop_ref.hop_label(params, number)])
        if after == 2**64 - 1:
            break
        first = after
    return found


def main(command, directory):
    rng = random.Random(4)
    path, svg = Path(directory) / "line.json", Path(directory) / "line.svg"

    def run(*words):
        done = subprocess.run([command, *words], capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            sys.exit(f"# {words}: status {done.returncode}: {done.stderr}")
        return done.stdout

    for slots, epoch, lifetime, at, duration in CASES:
        made = json.loads(run("params", "new", "fec", "label", "200", "labels", "5", "from",
                              "1000-1999", "slots", ",".join(f"{s}ns" for s in slots), "epoch",
                              str(epoch), "lifetime", f"{lifetime}ns"))
        made["seed"] = rng.randbytes(32).hex()
        path.write_text(json.dumps(made), encoding="utf-8")
        right = wanted(labelhop_ref.validate(made), at, duration)
        words = ["timeline", "params", str(path), "at", str(at)]
        words += ["for", f"{duration}ns"] if duration else []
        got = [[s["slot"], int(s["start"]), s["duration"], s["hop"]]
               for s in json.loads(run("-j", *words))["slots"]]
        if got != right:
            sys.exit(f"# {words}: {got}, not {right}, of {made}")
        rows = [line.split() for line in run(*words).splitlines()[1:-1]]
        if [[int(row[0]), int(row[1]), int(row[4])] for row in rows] != \
                [[number, start, hop] for number, start, _, hop in right]:
            sys.exit(f"# {words}: the table is {rows}, not {right}")
        run(*words, "-o", str(svg))
        titles = [e.text for e in xml.etree.ElementTree.parse(svg).iter(f"{SVG}title")]
        if [t.split(" from ")[0] for t in titles] != \
                [f"slot {number}: hop label {hop}" for number, _, _, hop in right]:
            sys.exit(f"# {words}: the picture has {titles}, not {right}")
    if svg.stat().st_mode & 0o077:
        sys.exit("# others can read the picture")


if __name__ == "__main__":
    main(*sys.argv[1:])
