#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Does all that documentation and comments name exist? Prints what does not.

Looked for are paths, pages with their sections, functions and make's targets.
"""
import re
import subprocess
import sys
from pathlib import Path

FILES = [Path(name) for name in subprocess.run(
    ["git", "ls-files"], check=True, capture_output=True, text=True).stdout.splitlines()
    if "/corpus/" not in name and Path(name).is_file()]
NAMES = {path.name for path in FILES}
PAGES = [path for path in FILES if path.suffix in (".rst", ".md", ".8", ".yaml")]
SOURCES = [path for path in FILES if path.suffix in (".c", ".h")]
SCRIPTS = [path for path in FILES if path.suffix in (".py", ".sh") or path.name == "Makefile"
           or path.suffix == "" and path.parts[0] == "selftests"]
TEXT = {path: path.read_text("utf-8") for path in PAGES + SOURCES + SCRIPTS}

# Of the kernel's tree, or built.
FOREIGN = re.compile(r"Documentation/(?!netlink/)[\w-]+/|genetlink-legacy\.yaml|\.build/")

faults = []


def fault(path, text, at, what):
    faults.append(f"{path}:{text.count(chr(10), 0, at) + 1}: {what}")


def prose():
    """Yield path and text of what is written for people; all else is blank."""
    for path, text in TEXT.items():
        if path in SOURCES:
            keep = [m.span() for m in re.finditer(r"/\*.*?\*/", text, re.S)]
        elif path in SCRIPTS:
            keep = [m.span() for m in re.finditer(r'^\s*#(?!include).*|"""[^"]*"""', text, re.M)]
        else:
            keep = [(0, len(text))]
        blank = re.sub(r"[^\n]", " ", text)
        for start, end in keep:
            blank = blank[:start] + text[start:end] + blank[end:]
        yield path, blank


def exists(name, beside):
    """Is there a file, or a directory, of the name? * and {a,b} are patterns."""
    braces = re.fullmatch(r"(.*)\{(.*)\}(.*)", name)
    names = [braces[1] + w + braces[3] for w in braces[2].split(",")] if braces else [name]
    places = [Path(), beside.parent, beside.parent / "..", Path("Documentation")]
    return all(any(list(place.glob(one.rstrip("/"))) for place in places) for one in names)


def check_paths():
    top = "|".join(("kmod", "tools", "uapi", "selftests", "Documentation", r"\.ci", r"\.\."))
    path_of = re.compile(rf"(?<![\w/$}}~.-])(?:{top})/[\w./*{{}},-]*[\w*}}]")
    for path, text in prose():
        for match in path_of.finditer(text):
            if not FOREIGN.search(match[0]) and not exists(match[0], path):
                fault(path, text, match.start(), f"there is no {match[0]}")


def check_pages():
    """Names of files, and the sections that are named with them."""
    page_of = re.compile(r'(?<![\w/.-])([a-z][\w-]+\.(?:rst|[ch]|py|sh))\b(?:, "([^"]+)")?')
    section_of = re.compile(r'"([^"]+)" in\s+([\w-]+\.rst)')
    for path, text in prose():
        joined = re.sub(r"\n[ *#]+", lambda m: " " * len(m[0]), text)
        for match in page_of.finditer(joined):
            if not match[1].islower():
                continue  # a part of it stands for any name
            if match[1] not in NAMES and not header_of_kernel(match[1]):
                fault(path, text, match.start(), f"there is no {match[1]}")
            elif match[2] and match[1].endswith(".rst"):
                for title in re.findall(r'[^"]+', match[2]):
                    check_section(path, text, match.start(), match[1], title)
        for match in section_of.finditer(joined):
            check_section(path, text, match.start(), match[2], match[1])


def header_of_kernel(name):
    return any(f"/{name}>" in text for text in TEXT.values()) or name == "netdevice.h"


def check_section(path, text, at, page, title):
    title = " ".join(title.split())
    body = TEXT.get(Path("Documentation") / page, "")
    if not re.search(rf"^{re.escape(title)}\n[=~-]{{3,}}$", body, re.M):
        fault(path, text, at, f'{page} has no section "{title}"')


def check_functions():
    code = "\n".join(re.sub(r"/\*.*?\*/", "", TEXT[path], flags=re.S) for path in SOURCES)
    known = set(re.findall(r"\b(lh_\w+)\(", code))
    for path, text in prose():
        for match in re.finditer(r"\b(lh_\w+)\(\)", text):
            if match[1] not in known:
                fault(path, text, match.start(), f"there is no {match[0]}")


def check_targets():
    makefiles = {"": TEXT[Path("Makefile")], "tools": TEXT[Path("tools/Makefile")]}
    targets = {where: set(re.findall(r"^([\w-]+):", text, re.M))
               for where, text in makefiles.items()}
    for path in PAGES:
        text = TEXT[path]
        for match in re.finditer(r"(?:``|`|^ {4,})make(?: -C (\w+))? ([a-z][\w-]*)", text, re.M):
            if match[2] not in targets.get(match[1] or "", ()):
                fault(path, text, match.start(), f"make has no target {match[2]}")


def check_links():
    for path in PAGES:
        if path.suffix != ".md":
            continue
        for match in re.finditer(r"\]\(([^)#]+)\)", TEXT[path]):
            if "://" not in match[1] and not (path.parent / match[1]).exists():
                fault(path, TEXT[path], match.start(), f"there is no {match[1]}")


check_paths()
check_pages()
check_functions()
check_targets()
check_links()
print("\n".join(sorted(set(faults))))
sys.exit(bool(faults))
