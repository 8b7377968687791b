#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Do the pages say what the specification and the code say? Prints what differs.

Documentation/netlink.rst, its tables of operations, attributes, reasons and
events, and its sentences, are compared with the specification and with the
sentences in kmod/. So are the types in the header's comments, what the module puts
into its replies, the names of events in the command, and the options that a kernel
must have in the README. ../cli/spec.py compares specification, header and code.
"""
import re
import sys
from pathlib import Path

import yaml

SPEC = yaml.safe_load(Path("Documentation/netlink/specs/labelhop.yaml").read_text("utf-8"))
PAGE = Path("Documentation/netlink.rst").read_text("utf-8")
OPERATION = Path("Documentation/operation.rst").read_text("utf-8")
KMOD = {path: path.read_text("utf-8") for path in sorted(Path("kmod").glob("*.c"))}
HEADER = Path("uapi/linux/labelhop.h").read_text("utf-8")
MONITOR = Path("tools/monitor.c").read_text("utf-8")
WORDS = Path("tools/words.c").read_text("utf-8")
KBUILD = Path("Kbuild").read_text("utf-8")
README = Path("README.md").read_text("utf-8")
MAN = Path("tools/man/labelhop.8").read_text("utf-8")
SETS = {group["name"]: group for group in SPEC["attribute-sets"]}
ENUMS = {d["name"]: d["entries"] for d in SPEC["definitions"] if d["type"] == "enum"}
OPERATIONS = SPEC["operations"]["list"]

# What a sentence that is made at run time may be long, NETLINK_MAX_FMTMSG_LEN of the
# kernel without the final NUL, and what it may be made of: a name, a label, ns.
FORMATTED = 79
WIDEST = {"payload %s": "payload pw-no-cw", "%s": "n" * 31, "%u": "1048575", "%llu": "9" * 20}

# The policies refuse these before the core sees them; the core is also the command's.
REFUSED_BEFORE = {
    "the generation must be at least 1", "the VPN label must be in 16..1048575",
    "there must be 1 to 3 tag labels", "the bit selection must be select or and",
}

faults = []


def compare(what, got, wanted):
    if got != wanted:
        faults.append(f"{what}: {got}, not {wanted}")


def squeeze(text):
    return " ".join(text.split())


def section(title):
    return re.search(rf"^{title}\n=+\n(.*?)(?=^[^\n]+\n=+\n|\Z)", PAGE, re.S | re.M)[1]


def tables(text):
    """Simple tables, each a list of rows, each a list of cells."""
    for rule, body in re.findall(r"^(=+(?: +=+)+)\n[^=]+?\n\1\n(.*?)\n\1$", text, re.S | re.M):
        starts = [m.start() for m in re.finditer("=+", rule)]
        ends = starts[1:] + [None]
        rows = []
        for line in body.splitlines():
            cells = [line[a:b].strip() for a, b in zip(starts, ends)]
            if cells[0] or not rows:
                rows.append(cells)
            else:
                rows[-1] = [f"{a} {b}".strip() for a, b in zip(rows[-1], cells)]
        yield rows


def attributes(group):
    return [a for a in SETS[group]["attributes"] if a["type"] != "pad"]


def check_operations():
    yes = {True: "yes", False: "no"}
    wanted = [[f"``{o['name']}``", yes["do" in o], yes["dump" in o]]
              for o in OPERATIONS if "notify" not in o]
    table = next(tables(section("Operations")))
    compare("operations in netlink.rst", [row[:3] for row in table], wanted)
    for row, operation in zip(table, (o for o in OPERATIONS if "notify" not in o)):
        request = operation["do"]["request"]["attributes"]
        named = re.findall(r"[a-z-]+", re.sub(r"\(.*?\)", "", row[3]))
        named = [word for word in named if word not in ("nothing", "others")]
        if "others" not in row[3]:
            compare(f"request of {operation['name']} in netlink.rst", named, request)
        elif not set(named) <= set(request):
            faults.append(f"request of {operation['name']} in netlink.rst: {named}")


def numbers(text):
    """Numbers of a range, with seconds as ns too."""
    for number, unit in re.findall(r"(\d+)( s\b)?", text):
        yield int(number)
        if unit:
            yield int(number) * 10**9


def check_range(name, attribute, text):
    for kind, limit in attribute.get("checks", {}).items():
        if kind in ("min", "max") and attribute["type"] != "nest" and "enum" not in attribute:
            if limit not in numbers(text):
                faults.append(f"{name} in netlink.rst does not say {kind} {limit}: {text}")
    entries = ENUMS.get(attribute.get("enum"))
    if entries:
        said = [int(n) for n in re.findall(r"(\d+) [a-z]", text)]
        names = [e if isinstance(e, str) else e["name"] for e in entries]
        compare(f"values of {name} in netlink.rst", said,
                [i for i, n in enumerate(names) if n != "unspec" or attribute["enum"] == "clock"])
        if "checks" in attribute:
            compare(f"greatest {name}", attribute["checks"]["max"], len(entries) - 1)


def check_attributes():
    for title, groups in (("Sessions", ("session", "params")), ("Pseudowires", ("pw",)),
                          ("Links", ("link",)), ("Clock", ("clock",))):
        for group, table in zip(groups, tables(section(title))):
            wanted = [[f"``{a['name']}``", a["type"]] for a in attributes(group)]
            compare(f"attributes of {group} in netlink.rst", [row[:2] for row in table], wanted)
            for row, attribute in zip(table, attributes(group)):
                check_range(f"{group} {attribute['name']}", attribute, row[2])
                same = re.search(r"as (``[a-z]+``)", row[-1])
                note = next(r[-1] for r in table if r[0] == same[1]) if same else row[-1]
                only = "replies" in note
                settable = any(attribute["name"] in o.get("do", {}).get("request", {})
                               .get("attributes", []) for o in OPERATIONS) or group == "params"
                compare(f"replies only, {attribute['name']} in netlink.rst", only, not settable)


def check_header():
    """The header says of each attribute what type it has."""
    for name, group in SETS.items():
        prefix = group["name-prefix"].replace("-", "_").upper()
        for attribute in attributes(name) if name != "reasons" else ():
            c_name = prefix + attribute["name"].replace("-", "_").upper()
            said = re.search(rf"\b{c_name},\s*/\* (\w+)", HEADER)
            compare(f"type of {c_name} in the header", said and said[1], attribute["type"])


def check_reasons():
    said = {int(n): name for n, name in re.findall(r"(?:^| )(\d+)  +``([a-z-]+)``", section("Sessions"))}
    wanted = dict(enumerate((a["name"] for a in attributes("reasons")), 1))
    compare("reasons in netlink.rst", dict(sorted(said.items())), wanted)
    explained = set(re.findall(r"^``([a-z-]+)``", OPERATION, re.M))
    for name in wanted.values():
        if name not in explained:
            faults.append(f"operation.rst does not say what to do about {name}")


def check_events():
    wanted = [o["name"] for o in OPERATIONS if "notify" in o]
    table = next(tables(section("Events")))
    compare("events in netlink.rst", [row[0].strip("`") for row in table], wanted)
    words = dict(re.findall(r'\[LABELHOP_CMD_(\w+)_NTF\] = "([\w-]+)"', MONITOR))
    compare("events of the command", list(words.values()),
            [name.removesuffix("-ntf").replace("new", "add") for name in wanted])
    for word in words.values():
        if word not in MAN:
            faults.append(f"the man page does not name the event {word}")


def sentences():
    """Each sentence of the module that may reach a user, and its file."""
    literals = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
    call = (r"\b(?:NL_SET_ERR_MSG(?:_ATTR)?|lh_extack_format|lh_nl_refuse|count|fault_set|lh_nl_require)"
            r'\([^;"]*' + literals)
    for path, text in KMOD.items():
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        for words in re.findall(call, text) + re.findall(r"\[LABELHOP_A_\w+\] = " + literals, text):
            yield path, "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', words))


def check_sentences():
    said = squeeze(PAGE)
    found = set()
    for path, text in sentences():
        if not re.match(r"[a-z]+[ ',]|it |vrf ", text) and not text.startswith("a "):
            faults.append(f"{path}: does not begin in lower case: {text}")
        if re.search(r"[.!\n]$|\\n", text):
            faults.append(f"{path}: ends like a line of a log: {text}")
        widest = re.sub("payload %s|%[a-z]+", lambda match: WIDEST[match[0]], text)
        if widest != text and len(widest) > FORMATTED:
            faults.append(f"{path}: longer than {FORMATTED} characters: {text}")
        shown = text.replace("label %u", "label L").replace("%s", "X").replace("%llu", "N")
        found.add(shown)
        if f"``{shown}``" not in said and text not in REFUSED_BEFORE and \
                not text.endswith(("is missing", "are missing")):
            faults.append(f"{path}: netlink.rst lacks the sentence: {text}")
    if len(found) < 40:
        faults.append(f"only {len(found)} sentences found in kmod/")
    for text in re.findall(r"``(.+?)``", said):
        if text.count(" ") > 2 and text not in found:
            faults.append(f"netlink.rst has a sentence that the module has not: {text}")


def check_replies():
    """What the module puts into a reply is what the specification says."""
    put = set(re.findall(r"(?:nla_put\w*|put_[us]64|vrf_put_count|lh_nl_put_remote|nla_nest_start|fill_reasons)"
                         r"\(\w+,(?:\s*[sv],)?\s*(LABELHOP_A_\w+)", "\n".join(KMOD.values())))
    for pair in re.findall(r"fill_end\(msg, &[^,]*,\s*(\w+),\s*(\w+)\)", "\n".join(KMOD.values())):
        put |= set(pair)
    wanted = set()
    for name, group in SETS.items():
        if name != "reasons":
            prefix = group["name-prefix"].replace("-", "_").upper()
            wanted |= {prefix + a["name"].replace("-", "_").upper() for a in attributes(name)}
    wanted -= {"LABELHOP_A_PARAMS_SEED", "LABELHOP_A_CLOCK_FD", "LABELHOP_A_PW_STEAL"}
    compare("attributes of replies", sorted(put), sorted(wanted))
    for operation in OPERATIONS:
        if "reply" in operation.get("do", {}):
            compare(f"reply of {operation['name']}", operation["do"]["reply"]["attributes"],
                    [a["name"] for a in attributes(operation["attribute-set"]) if a["name"] not in ("fd", "steal")])


def check_needs():
    needs = re.search(r"^lh-needs := ((?:.*\\\n)*.*)", KBUILD, re.M)[1].replace("\\", " ").split()
    said = re.search(r"kernels with these options\s+may do: ([^.(]*)(?:\([^)]*\))?([^.]*)\.", README)
    compare("options in README.md", re.split(r",\s+", (said[1] + said[2]).replace(" ,", ",")), needs)


check_operations()
check_attributes()
check_header()
check_reasons()
check_events()
check_sentences()
check_replies()
check_needs()
print("\n".join(faults))
sys.exit(bool(faults))
