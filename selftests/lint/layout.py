#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The rules of the layout that a script can check. Prints each breach."""
import re
import subprocess
import sys
from pathlib import Path

TOP = {"kmod", "tools", "uapi", "selftests", "Documentation", "Kbuild", "Makefile",
       "COPYING", "README.md"}
PURE = ["params", "slot", "hop", "tag", "stack", "hash", "timebase"]
PURE_HEADERS = {"linux/types.h", "linux/string.h", "linux/labelhop.h", "prf.h"} | {
    f"{name}.h" for name in PURE}
FILE_LINES = 500
FUNCTION_LINES = 60
# Pseudowires, links, VRFs and what narrows a session make up half of them.
KMOD_LINES = 15000
# Data, lists of packages, and texts that are shown as they are.
NO_SPDX = re.compile(r"\.(json|dict|config)$|^selftests/fuzz/faults$|/packages$|^COPYING$|^README\.md$|^\.gitignore$|^\.clang-tidy$|"
                     r"^selftests/lint/(allowed|coccinelle-skipped)$")
# The table of arguments below such a struct says what its members are, and
# tools/prf.c has the functions that kmod/prf.c describes.
NO_KERNEL_DOC = re.compile(r"^tools/(prf\.c: lh_\w+|\w+\.c: (\w+_)?values)$")
JUNK = re.compile(r"(~|\.(orig|rej|swp|o|ko|pyc|cmd))$|(^|/)(\.#|\.checkpatch-|__pycache__/|#)")

breaches = []


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--", *patterns], check=True,
                         capture_output=True, text=True).stdout
    return [Path(line) for line in out.splitlines()
            if "/corpus/" not in line and Path(line).is_file()]


def check_top():
    for path in tracked():
        top = path.parts[0]
        if top not in TOP and not top.startswith("."):
            breaches.append(f"{top}: not a name of the top level")


def check_pure():
    for name in PURE:
        for suffix in (".c", ".h"):
            path = Path("kmod") / (name + suffix)
            for header in re.findall(r'#include [<"]([^>"]+)', path.read_text()):
                if header not in PURE_HEADERS:
                    breaches.append(f"{path}: a pure file includes {header}")


def functions(text):
    """Yield name, first line and length of each function, and whether it is static."""
    start = name = None
    for number, line in enumerate(text.splitlines()):
        match = re.match(r"[a-zA-Z_][^;=]*?\b(\w+)\([^;]*$", line)
        if match and not line.startswith(("#", "typedef")):
            start, name, static = number, match[1], line.startswith("static")
        if line == "}" and name:
            yield name, start, number - start + 1, static
            name = None


def check_sizes():
    total = 0
    for path in tracked("kmod/*.[ch]", "tools/*.[ch]", "selftests/*.[ch]", "selftests/*.sh",
                        "selftests/*.py"):
        text = path.read_text()
        lines = text.count("\n")
        if path.parts[0] == "kmod":
            total += lines
        if lines > FILE_LINES:
            breaches.append(f"{path}: {lines} lines")
        if path.suffix in (".c", ".h"):
            for name, _, length, _ in functions(text):
                if length > FUNCTION_LINES:
                    breaches.append(f"{path}: {name}() has {length} lines")
    if total > KMOD_LINES:
        breaches.append(f"kmod: {total} lines")


def check_words():
    for path in tracked("kmod/*", "tools/*", "uapi/*"):
        text = path.read_text()
        if path.name != "compat.h" and re.search(r"LINUX_VERSION_CODE|KERNEL_VERSION\(", text):
            breaches.append(f"{path}: a version test outside compat.h")
        if re.search(r"\b(TODO|FIXME|XXX)\b", text):
            breaches.append(f"{path}: something is still to be done")
    for path in tracked("selftests/*"):
        if path.name != "layout.py" and re.search(r"\b(pkill|killall)\b", path.read_text()):
            breaches.append(f"{path}: ends processes by name")


def check_files():
    for path in tracked():
        text = path.read_text("utf-8")
        if NO_SPDX.search(str(path)) is None and "SPDX-License-Identifier: " not in text[:200]:
            breaches.append(f"{path}: no SPDX line")
        if JUNK.search(str(path)):
            breaches.append(f"{path}: left by a tool")
        if re.search(r"[ \t]$|\r", text, re.M) or not text.endswith("\n"):
            breaches.append(f"{path}: white space at the end of a line, or no end of line")
        executable = bool(path.stat().st_mode & 0o100)
        if executable != text.startswith("#!"):
            breaches.append(f"{path}: executable without #!, or the other way round")


def documented(text, before, name):
    """Is the comment that ends at the line before kernel-doc of the name?"""
    lines = text.splitlines()[:before]
    if not lines or lines[-1] != " */" or "/**" not in lines:
        return False
    first = len(lines) - 1 - lines[::-1].index("/**")
    return re.match(rf" \* (struct |enum )?{name} - ", lines[first + 1]) is not None


def check_kernel_doc():
    for path in tracked("kmod/*.[ch]", "tools/*.[ch]"):
        text = path.read_text()
        names = [(name, start) for name, start, _, static in functions(text)
                 if not static and name != "main"]
        names += [(match[1], text.count("\n", 0, match.start()))
                  for match in re.finditer(r"^struct (\w+) \{$", text, re.M)]
        for name, line in names:
            if not documented(text, line, name) and not NO_KERNEL_DOC.match(f"{path}: {name}"):
                breaches.append(f"{path}: no kernel-doc of {name}")


def check_names():
    """What a linker sees begins with lh_."""
    variable = re.compile(r"^(?!static|extern|typedef|return)[a-z][\w *]*?\b(\w+)(?:\[.*\])*(?: __\w+)? = ", re.M)
    for path in tracked("kmod/*.[ch]", "tools/*.[ch]"):
        text = path.read_text()
        names = [name for name, _, _, static in functions(text) if not static]
        for name in names + variable.findall(text):
            if not name.startswith("lh_") and name != "main":
                breaches.append(f"{path}: {name} does not begin with lh_")


check_top()
check_pure()
check_sizes()
check_words()
check_files()
check_kernel_doc()
check_names()
print("\n".join(breaches))
sys.exit(bool(breaches))
