#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Does the netlink specification agree with the code? Prints KTAP.

Compared with Documentation/netlink/specs/labelhop.yaml, in both directions, are
the uapi header, the module's policies and operations, and the names that the
command gives attributes, reasons and words.
"""
import re
import sys
from pathlib import Path

import yaml

TOP = Path(__file__).resolve().parent.parent.parent
SPEC = yaml.safe_load((TOP / "Documentation/netlink/specs/labelhop.yaml").read_text("utf-8"))
HEADER = (TOP / "uapi/linux/labelhop.h").read_text("utf-8")
KMOD = "\n".join(p.read_text("utf-8") for p in sorted((TOP / "kmod").glob("n*l*.c")))
COMMAND = (TOP / "tools/nl_error.c").read_text("utf-8")
WORDS = (TOP / "tools/words.c").read_text("utf-8")
# Of the kernel.
SIZES = {"IFNAMSIZ": 16, "ETH_ALEN": 6}


def uncommented(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def c_name(*words):
    return "-".join(words).replace("-", "_").upper()


def differences(what, spec, code):
    """Sentences on what is in one of two dictionaries only, or differs."""
    for key in sorted(spec.keys() | code.keys(), key=str):
        if spec.get(key) != code.get(key):
            yield f"{what} {key}: {spec.get(key)} in the specification, {code.get(key)} in the code"


# The header

def defines():
    found = {}
    for name, value in re.findall(r"#define (LABELHOP_\w+)[ \t]+(\S+)", uncommented(HEADER)):
        if re.fullmatch(r"\d+(ULL)?", value):
            found[name] = int(value.removesuffix("ULL"))
        elif value.startswith('"'):
            found[name] = value.strip('"')
    return found


def reasons():
    return dict(re.findall(r'X\((\w+),\s*"([\w-]+)"\)', HEADER))


def enums():
    """Dictionaries from name to value by the enum's name."""
    expanded = uncommented(re.sub(r"LABELHOP_REASONS\(LABELHOP_REASON_ENUM\)",
                                  "".join(f"LABELHOP_REASON_{r}," for r in reasons()), HEADER))
    expanded = re.sub(r"^#.*(\\\n.*)*", "", expanded, flags=re.M)
    found = {}
    for name, body in re.findall(r"enum (labelhop_\w+) \{(.*?)\};", expanded, re.S):
        members, value = {}, 0
        for member in re.findall(r"(\w+)(?: = [^,]*)?(?:,|\s*$)", body):
            if not member.startswith("__") and not member.endswith("_MAX"):
                members[member] = value
                value += 1
        found[name] = members
    return found


# The specification

def attribute_sets():
    found = {}
    for group in SPEC["attribute-sets"]:
        value, attributes = 0, {}
        for attribute in group["attributes"]:
            value = attribute.get("value", value + 1)
            attributes[attribute["name"]] = {**attribute, "value": value}
        found[group["name"]] = (group, attributes)
    return found


def operations():
    value, found = 0, {}
    for operation in SPEC["operations"]["list"]:
        value = operation.get("value", value + 1)
        found[operation["name"]] = {**operation, "value": value}
    return found


def by_name(entries):
    return [e if isinstance(e, str) else e["name"] for e in entries]


# The module

def evaluate(text):
    """An expression of the module's policies."""
    text = re.sub(r"sizeof\(u(\d+)\)", lambda m: str(int(m[1]) // 8), text.strip())
    local = {n: v for n, v in re.findall(r"#define (\w+)[ \t]+(\d+)\n", KMOD)}
    for values in [SIZES, local, defines(), *enums().values()]:
        for name, value in values.items():
            text = re.sub(rf"\b{name}\b", str(value), text)
    if not re.fullmatch(r"[\d +*-]+", text):
        raise ValueError(text)
    return eval(text)  # pylint: disable=eval-used # digits and operators


def policy_of(text):
    """Kind and limits of one entry of a policy."""
    if match := re.fullmatch(r"NLA_POLICY_(\w+)\((.*)\)", text, re.S):
        words = [w.strip() for w in match[2].split(",")]
        if match[1] == "NESTED":
            return ("nest", {})
        if match[1] == "EXACT_LEN":
            return ("binary", {"exact-len": evaluate(words[0])})
        kind = words[0].removeprefix("NLA_").lower()
        if match[1] == "FULL_RANGE":
            struct = re.search(rf"netlink_range_validation {words[1][1:]} = \{{(.*?)\}}", KMOD, re.S)
            limits = {w: evaluate(v) for w, v in re.findall(r"\.(min|max) = ([^,]*),", struct[1])}
            return (kind, limits)
        names = {"RANGE": ("min", "max"), "MIN": ("min",), "MAX": ("max",)}[match[1]]
        return (kind, dict(zip(names, map(evaluate, words[1:]))))
    kind = re.search(r"\.type = NLA_(\w+)", text)[1].lower()
    limits = {}
    if match := re.search(r"\.len = ([^,}]*)", text):
        limits["max-len"] = evaluate(match[1])
    return ("string" if kind == "nul_string" else kind, limits)


def policies():
    """From an attribute's name in C to kind and limits."""
    found = {}
    entry = r"\[(LABELHOP_A_\w+)\] =\s*((?:NLA_POLICY_\w+\(.*?\)|\{.*?\})),\n"
    for body in re.findall(r"struct nla_policy \w+\[.*?\] = \{\n(.*?)\n\};", KMOD, re.S):
        for name, text in re.findall(entry, body + "\n", re.S):
            found[name] = policy_of(text)
    return found


def module_operations(array):
    """What one array of struct genl_ops says of each command."""
    found = {}
    array = re.search(rf"struct genl_ops {array}\[\] = \{{\n(.*?)\n\}};", KMOD, re.S)[1]
    for body in re.findall(r"\{\n\t\t\.cmd = (.*?)\n\t\}", array, re.S):
        name = re.match(r"\w+", body)[0]
        found[name] = {
            "flags": re.findall(r"GENL_\w+", body),
            "maxattr": (re.findall(r"\.maxattr = (\w+)", body) + [None])[0],
            "do": ".doit" in body, "dump": ".dumpit" in body,
        }
    return found


# The tests

def test_constants():
    spec = {c_name("labelhop", d["name"]): d["value"]
            for d in SPEC["definitions"] if d["type"] == "const"}
    spec |= {"LABELHOP_GENL_NAME": SPEC["name"], "LABELHOP_GENL_VERSION": SPEC["version"],
             "LABELHOP_GENL_MCGRP": SPEC["mcast-groups"]["list"][0]["name"]}
    return differences("constant", spec, defines())


def test_enums():
    spec = {}
    for definition in SPEC["definitions"]:
        if definition["type"] == "enum":
            spec["labelhop_" + definition["name"]] = {
                c_name(definition["name-prefix"].strip("-"), name): value
                for value, name in enumerate(by_name(definition["entries"]))}
    for group, attributes in attribute_sets().values():
        prefix = group["name-prefix"].strip("-")
        spec[group["enum-name"].replace("-", "_")] = {c_name(prefix, "unspec"): 0} | {
            c_name(prefix, name): a["value"] for name, a in attributes.items()}
    spec["labelhop_cmd"] = {"LABELHOP_CMD_UNSPEC": 0} | {
        c_name("labelhop-cmd", name): o["value"] for name, o in operations().items()}
    code = enums()
    yield from differences("enum", dict.fromkeys(spec), dict.fromkeys(code))
    for name in spec.keys() & code.keys():
        yield from differences(name, spec[name], code[name])


def requested():
    """Attribute sets and names of all attributes that a request may have."""
    sets = attribute_sets()
    found = set()
    for operation in operations().values():
        for name in operation.get("do", {}).get("request", {}).get("attributes", []):
            group = operation["attribute-set"]
            found.add((group, name))
            nested = sets[group][1][name].get("nested-attributes")
            found |= {(nested, inner) for inner, a in sets[nested][1].items()
                      if a["type"] != "pad"} if nested else set()
    return found


def test_policies():
    spec = {}
    for group, name in requested():
        header, attributes = attribute_sets()[group]
        attribute = attributes[name]
        checks = attribute.get("checks", {})
        kind = attribute["type"]
        spec[c_name(header["name-prefix"].strip("-"), name)] = (kind, checks)
    yield from differences("policy", spec, policies())


def test_operations():
    spec, maxattr = {}, {}
    code = module_operations("ops")
    # What the core leaves to the module, and what the module validates.
    left = {name for name, o in code.items() if not o["maxattr"]}
    own = module_operations("session_ops")
    yield from differences("operation without a policy", dict.fromkeys(left), dict.fromkeys(own))
    for name, operation in own.items():
        code[name]["maxattr"] = operation["maxattr"]
    for name, operation in operations().items():
        if "notify" in operation:
            continue
        cmd = c_name("labelhop-cmd", name)
        spec[cmd] = {
            "flags": ["GENL_UNS_ADMIN_PERM"] * ("uns-admin-perm" in operation["flags"]),
            "do": "do" in operation, "dump": "dump" in operation}
        header, attributes = attribute_sets()[operation["attribute-set"]]
        values = [attributes[a]["value"] for a in operation["do"]["request"]["attributes"]]
        maxattr[cmd] = (max(values, default=0), c_name(header["name-prefix"].strip("-")))
    plain = {k: {w: v for w, v in o.items() if w != "maxattr"} for k, o in code.items()}
    yield from differences("operation", spec, plain)
    names = {k: v for members in enums().values() for k, v in members.items()}
    for cmd, (needed, prefix) in maxattr.items():
        limit = code.get(cmd, {}).get("maxattr", "")
        if limit.endswith("_MAX"):
            value = max(v for k, v in names.items() if k.startswith(prefix + "_"))
        else:
            value = names.get(limit, -1)
        if value < needed:
            yield f"{cmd}: maxattr {limit} is less than the greatest attribute of its requests"


def test_reasons():
    spec = {c_name(name): name for name in attribute_sets()["reasons"][1]}
    return differences("reason", spec, reasons())


def test_attribute_names():
    spec, code = {}, {}
    for group, attributes in attribute_sets().values():
        if group["name"] != "reasons":
            spec |= {c_name(group["name-prefix"].strip("-"), name): name
                     for name, a in attributes.items() if a["type"] != "pad"}
    for name, word in re.findall(r'\[(LABELHOP_A_\w+)\] = \{\s*"([\w-]+)"', COMMAND):
        code[name] = word
    return differences("the command's name of attribute", spec, code)


def test_words():
    code = dict(re.findall(r'\[(LABELHOP_\w+)\] = "([\w-]+)"', WORDS))
    spec = {}
    for definition in SPEC["definitions"]:
        if definition["name"] in ("dir", "policy", "loss", "clock", "state", "payload", "pw-state",
                                  "tunnel", "origin", "unmatched"):
            spec |= {c_name(definition["name-prefix"].strip("-"), name): name
                     for name in by_name(definition["entries"])}
    return differences("the command's word for", spec, code)


TESTS = {
    "constants agree with the header": test_constants,
    "enumerations, attributes and commands agree with the header": test_enums,
    "types and limits agree with the module's policies": test_policies,
    "operations agree with the module's": test_operations,
    "reasons agree with the header's list": test_reasons,
    "attributes have their names in the command": test_attribute_names,
    "enumerations have their words in the command": test_words,
}


def main():
    print(f"KTAP version 1\n1..{len(TESTS)}")
    failed = False
    for index, (name, test) in enumerate(TESTS.items(), 1):
        faults = list(test())
        for fault in faults:
            print(f"# {fault}")
        print(f"{'not ok' if faults else 'ok'} {index} spec: {name}")
        failed |= bool(faults)
    return failed


if __name__ == "__main__":
    sys.exit(main())
