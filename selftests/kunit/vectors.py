#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: vectors.py DIRECTORY

Writes the project's test vectors as C tables into DIRECTORY, a header each: derive,
window, tags, payload, params. The types of their rows are in cases.h.
"""
import json
import sys
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent / "vectors"
# What an out of range member is called; those of a wrong form never become a set.
ATTRS = {"generation": "GENERATION", "label": "LABEL", "labels": "LABELS", "slots": "SLOTS",
         "hash": "HASH", "tags": "TAGS", "select": "MASK", "and": "MASK", "lifetime": "LIFETIME"}
REASONS = {"not-yet": "NOT_YET", "expired": "EXPIRED"}


def text(string):
    assert len(string) < 128 and string.isascii() and not set('"\\\n') & set(string)
    return f'"{string}"'


def number(value):
    return f"{value}ULL"


def array(kind, name, values):
    # C has no empty arrays.
    return f"static const {kind} {name}[] = {{ {', '.join(values) or '0'} }};\n"


def octets(hexa):
    return [f"0x{byte:02x}" for byte in bytes.fromhex(hexa)]


def key(hexa):
    raw = bytes.fromhex(hexa)
    words = [int.from_bytes(raw[i:i + 8], "little") for i in (0, 8)]
    return f"{{ {{ {', '.join(number(word) for word in words)} }} }}"


def put_set(out, name, params):
    """A parameter set, of JSON that has the right form."""
    out.append(array("u32", f"{name}_labels", map(str, params["labels"])))
    out.append(array("u64", f"{name}_slots", map(number, params["slots"])))
    select = "GATHER" if "select" in params else "AND"
    mask = params.get("select", params.get("and"))
    hash_len = 0 if params["hash-len"] == "full" else params["hash-len"]
    assert params["hash"] == "siphash-2-4"
    out.append(f"""static const struct lh_params {name} = {{
	.id = 0x{params["id"]}ULL, .generation = {params["generation"]}U,
	.epoch = {number(params["epoch"])}, .lifetime = {number(params["lifetime"])},
	.mask = {mask}ULL, .select = LABELHOP_SELECT_{select}, .tags = {params["tags"]},
	.labels = {name}_labels, .n_labels = {len(params["labels"])}, .label = {params["label"]}U,
	.slots = {name}_slots, .n_slots = {len(params["slots"])},
	.hash = LABELHOP_HASH_SIPHASH24, .hash_len = {hash_len},
	.seed = {{ {", ".join(octets(params["seed"]))} }},
}};
""")


def derive(doc):
    out, rows = [], []
    for i, group in enumerate(doc["groups"]):
        put_set(out, f"derive_set_{i}", group["params"])
        cases = []
        for j, case in enumerate(group["cases"]):
            payload = f"derive_{i}_payload_{j}"
            out.append(array("u8", payload, octets(case["payload"])))
            cases.append(f"""
	{{ .at = {number(case["at"])}, .slot = {number(case["slot"])},
	  .start = {number(case["start"])}, .end = {number(case["end"])}, .label = {case["hop"]},
	  .key = {key(case["k_slot"])}, .payload = {payload}, .present = {len(case["payload"]) // 2},
	  .digest = {case["digest"]}ULL, .tags = {{ {", ".join(map(str, case["tags"]))} }} }}""")
        out.append(array("struct derive_case", f"derive_{i}", cases))
        rows.append(f"""
	{{ .name = {text(group["name"])}, .params = &derive_set_{i},
	  .hop_key = {key(group["k_hop"])}, .tag_key = {key(group["k_tag"])},
	  .cases = derive_{i}, .n = {len(cases)} }}""")
    out.append(array("struct derive_group", "derive_groups", rows))
    return out


def window(doc):
    out, rows = [], []
    for i, group in enumerate(doc["groups"]):
        put_set(out, f"window_set_{i}", group["params"])
        cases = []
        for now, tolerance, delay, valid in group["cases"]:
            outcome = (f".reason = LABELHOP_REASON_{REASONS[valid]}" if isinstance(valid, str)
                       else f".first = {number(valid[0])}, .last = {number(valid[-1])}")
            cases.append(f"""
	{{ .now = {number(now)}, .tolerance = {number(tolerance)}, .delay = {number(delay)},
	  {outcome} }}""")
        out.append(array("struct window_case", f"window_{i}", cases))
        rows.append(f"""
	{{ .name = {text(group["name"])}, .params = &window_set_{i},
	  .cases = window_{i}, .n = {len(cases)} }}""")
    out.append(array("struct window_group", "window_groups", rows))
    return out


def tags(doc):
    rows = []
    for case in doc["cases"]:
        word = "select" if "select" in case else "and"
        select = "GATHER" if word == "select" else "AND"
        name = f"{word} {case[word]} of {case['digest']}, {case['tags']} tags"
        rows.append(f"""
	{{ .name = {text(name)}, .select = LABELHOP_SELECT_{select}, .mask = {case[word]}ULL,
	  .tags = {case["tags"]}, .digest = {case["digest"]}ULL,
	  .labels = {{ {", ".join(map(str, case["labels"]))} }} }}""")
    return [array("struct tag_case", "tag_vectors", rows)]


def payload(doc):
    out, rows = [], []
    for i, case in enumerate(doc["cases"]):
        present = len(case["payload"]) // 2
        out.append(array("u8", f"payload_{i}", octets(case["payload"])))
        length = case["length"]
        name = f"{case['kind']}, {present} bytes, {case['payload'][:16] or 'none'}..."
        kind = f"LABELHOP_PAYLOAD_{case['kind'].replace('-', '_').upper()}"
        rows.append(f"""
	{{ .name = {text(name)}, .kind = {kind}, .head = payload_{i}, .present = {present},
	  .good = {int(length is not None)}, .len = {length or 0} }}""")
    out.append(array("struct payload_case", "payload_vectors", rows))
    return out


def patched(doc, patch):
    members = {**doc["base"], **patch}
    return {name: value for name, value in members.items() if value is not None}


def params(doc):
    out, rows, windows = [], [], []
    wanted = [(case, ATTRS[case["member"]]) for case in doc["refused"] if case["kind"] == "range"]
    wanted += [(case, None) for case in doc["accepted"]]
    for i, (case, attr) in enumerate(wanted):
        put_set(out, f"params_{i}", patched(doc, case["patch"]))
        name = json.dumps(case["patch"]).replace('"', "'")[:100]
        attr = f"LABELHOP_A_PARAMS_{attr}" if attr else "0"
        rows.append(f"""
	{{ .name = {text(name)}, .params = &params_{i}, .attr = {attr} }}""")
    for i, case in enumerate(doc["tolerance"]):
        put_set(out, f"tolerance_{i}", patched(doc, case["patch"]))
        name = f"slots {case['patch']['slots']}, tolerance {case['tolerance']}"
        windows.append(f"""
	{{ .name = {text(name)}, .params = &tolerance_{i},
	  .tolerance = {number(case["tolerance"])}, .fits = {int(case["accepted"])} }}""")
    out.append(array("struct params_case", "params_vectors", rows))
    out.append(array("struct tolerance_case", "tolerance_vectors", windows))
    return out


def main(directory):
    for make in (derive, window, tags, payload, params):
        doc = json.loads((VECTORS / f"{make.__name__}.json").read_text(encoding="ascii"))
        header = directory / f"{make.__name__}.h"
        content = "/* SPDX-License-Identifier: GPL-2.0 */\n" + "".join(make(doc))
        # What has not changed need not be compiled again.
        if not header.exists() or header.read_text(encoding="ascii") != content:
            header.write_text(content, encoding="ascii")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
