#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: random_sets.py LABELHOP DIR N

Makes N parameter sets at random with `params new`; each must be shown, be
accepted by the reference, and derive the same for a random packet there.
"""
import json
import random
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "ref"))
import labelhop_ref  # noqa: E402 # pylint: disable=wrong-import-position

UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}


def duration(rng):
    unit = rng.choice(list(UNITS))
    low = max(1, -(-1000 // UNITS[unit]))
    high = min(86400 * 10**9 // UNITS[unit], 10**6)
    return rng.randint(low, high) * UNITS[unit]


def slots(rng):
    items = []
    for _ in range(rng.randint(1, 5)):
        low, high = sorted((duration(rng), duration(rng)))
        items.append(rng.choice([f"{low}ns", f"{low}ns-{high}ns"])
                     + rng.choice(["", f"*{rng.randint(1, 50)}"]))
    return ",".join(items)


def arguments(rng):
    """Words for `params new` of a set that is allowed."""
    count = rng.choice([1, 2, 16, rng.randint(1, 4096)])
    first = rng.randint(16, 2**20 - 2 - count)
    last = rng.randint(first + count, 2**20 - 1)
    tags = rng.randint(1, 3)
    words = ["fec", "label", str(rng.randint(16, 2**20 - 1)), "labels", str(count),
             "from", f"{first}-{last}", "slots", slots(rng), "tags", str(tags)]
    words += rng.choice([[], ["hash", "siphash-2-4"]])
    words += rng.choice([[], ["hash-len", str(rng.randint(1, 65535))], ["hash-len", "full"]])
    words += rng.choice([[], ["select", f"0x{rng.getrandbits(64) | 0x5555555555555555 << 1 | 2**48 - 1:x}"],
                         ["and", f"0x{rng.getrandbits(64) | 2**60 - 1:x}"]])
    words += rng.choice([[], ["epoch", str(rng.randint(0, 2**63))]])
    words += rng.choice([[], ["lifetime", f"{rng.randint(1, 2**63)}ns"]])
    return words


def payload(rng):
    body = rng.randbytes(rng.randint(0, 300))
    kind = rng.randint(0, 2)
    if kind == 1:
        header = bytes([0x45, 0]) + (20 + len(body)).to_bytes(2, "big") + rng.randbytes(16)
        return header + body + rng.randbytes(rng.randint(0, 26))
    if kind == 2:
        header = bytes([0x60]) + rng.randbytes(3) + len(body).to_bytes(2, "big") + rng.randbytes(34)
        return header + body + rng.randbytes(rng.randint(0, 6))
    return bytes([rng.randint(0, 15)]) + body


def main(command, directory, count):
    rng = random.Random()
    seed = rng.getrandbits(32)
    rng.seed(seed)
    path = Path(directory) / "random.json"

    def run(*words):
        done = subprocess.run([command, *words], capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            sys.exit(f"# seed {seed}: {words}: status {done.returncode}: {done.stderr}")
        return done.stdout

    for _ in range(count):
        path.write_text(run("params", "new", *arguments(rng)), encoding="utf-8")
        made = json.loads(path.read_text(encoding="utf-8"))
        params = labelhop_ref.validate(made)
        shown = json.loads(run("-j", "params", "show", str(path)))
        for member in set(made) - {"labelhop", "seed"}:
            if shown[member] != made[member]:
                sys.exit(f"# seed {seed}: params show tells another {member}")
        over = params.over if params.over is not None else 2**64
        t = rng.randint(params.epoch, min(over - 1, params.epoch + 10 * params.cycle))
        packet = payload(rng)
        got = json.loads(run("-j", "derive", "params", str(path), "at", str(t),
                             "payload", packet.hex()))
        wanted = labelhop_ref.derive(params, t, packet)
        del wanted["k_slot"]
        if got != wanted:
            sys.exit(f"# seed {seed}: derive: {got}, not {wanted}, of\n# {made}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
