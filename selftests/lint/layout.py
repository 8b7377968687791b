#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The rules of the layout that a script can check. Prints each breach."""
import re
import subprocess
import sys
from pathlib import Path

TOP = {"kmod", "tools", "uapi", "selftests", "Documentation", "Kbuild", "Makefile",
       "COPYING", "README.md"}
PURE = ["params", "slot", "hop", "tag", "stack", "hash"]
PURE_HEADERS = {"linux/types.h", "linux/string.h", "linux/labelhop.h", "prf.h"} | {
    f"{name}.h" for name in PURE}
FILE_LINES = 500
FUNCTION_LINES = 60
KMOD_LINES = 5000

breaches = []


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--", *patterns], check=True,
                         capture_output=True, text=True).stdout
    return [Path(line) for line in out.splitlines() if Path(line).is_file()]


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
    """Yield name and length of each function: from its name to the closing brace."""
    start = name = None
    for number, line in enumerate(text.splitlines()):
        match = re.match(r"[a-zA-Z_][^;=]*?\b(\w+)\([^;]*$", line)
        if match and not line.startswith(("#", "typedef")):
            start, name = number, match[1]
        if line == "}" and name:
            yield name, number - start + 1
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
            for name, length in functions(text):
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
        if path.suffix in (".c", ".h") and "SPDX-License-Identifier" not in text[:80]:
            breaches.append(f"{path}: no SPDX line")


def check_symbols():
    for module in sorted(Path(".build").glob("6.*/labelhop.o")):
        out = subprocess.run(["nm", "--defined-only", "-g", str(module)], check=True,
                             capture_output=True, text=True).stdout
        for line in out.splitlines():
            symbol = line.split()[-1]
            if not re.match(r"(lh_|__?(pfx|cfi)_|init_module|cleanup_module|__this_module|"
                            r"__mod_|__traceiter_labelhop|__tracepoint_labelhop|"
                            r"__SCK__tp_func_labelhop|__SCT__tp_func_labelhop|"
                            r"__probestub_labelhop)", symbol):
                breaches.append(f"{module}: symbol {symbol} does not begin with lh_")


check_top()
check_pure()
check_sizes()
check_words()
check_symbols()
print("\n".join(breaches))
sys.exit(bool(breaches))
