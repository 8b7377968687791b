#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Is each command that a script calls in a package that `packages` beside it names?

Prints those that are not. What Debian calls essential needs no mention, nor does
what a named package depends on. A command that is not installed is not seen.
"""
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

FILES = [Path(name) for name in subprocess.run(
    ["git", "ls-files"], check=True, capture_output=True, text=True).stdout.splitlines()
    if "/corpus/" not in name and Path(name).is_file()]
WHERE = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"]

ELSEWHERE = {
    "sudo",         # setup: only where the user is not root, who then has it
    "labelhop",     # what is tested
}


def installed():
    """Dictionaries of packages by file, of depended packages by package; essentials."""
    owner, depends, essential = {}, {}, set()
    out = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package}\t${Essential}\t${Pre-Depends}, ${Depends}\t"
         "${Provides}\n"], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        package, is_essential, wanted, provided = line.split("\t")
        names = re.findall(r"(?:^|[,|] *)([a-z0-9][a-z0-9.+-]+)", wanted)
        depends[package] = set(names)
        for name in re.findall(r"(?:^|, *)([a-z0-9][a-z0-9.+-]+)", provided):
            depends.setdefault(name, set()).add(package)
        if is_essential == "yes":
            essential.add(package)
    for listing in Path("/var/lib/dpkg/info").glob("*.list"):
        package = listing.name.removesuffix(".list").split(":")[0]
        for line in listing.read_text("utf-8").splitlines():
            if "/bin/" in line or "/sbin/" in line or "/python3/" in line:
                owner.setdefault(line, package)
    return owner, depends, essential


OWNER, DEPENDS, ESSENTIAL = installed()


def closure(packages):
    found, todo = set(), list(packages)
    while todo:
        package = todo.pop()
        if package not in found:
            found.add(package)
            todo += DEPENDS.get(package, ())
    return found


def owners(command):
    """Packages of a command, by its name and by what that is a link to."""
    found = set()
    for place in WHERE:
        path = Path(place) / command
        if path.exists():
            for name in (path, path.resolve()):
                found |= {OWNER[key] for key in (str(name), str(name).removeprefix("/usr"),
                                                 "/usr" + str(name)) if key in OWNER}
    return found


def without_documents(text):
    """A script without its comments, here-documents and quoted texts of many lines."""
    lines, end = [], None
    for line in text.splitlines():
        if end:
            if line.strip("\t") == end:
                end = None
            continue
        line = re.sub(r"(^|\s)#.*", "", line)
        match = re.search(r"<<-?\s*[\\'\"]?(\w+)", line)
        if match and "<<<" not in line:
            end = match[1]
        lines.append(line)
    text = "\n".join(lines)
    return re.sub(r"'[^']*'", "''", re.sub(r"\\\n", " ", text))


FUNCTIONS = {name for path in FILES if path.suffix != ".py"
             for name in re.findall(r"^\s*(\w+)\(\)", path.read_text("utf-8"), re.M)}
BUILTINS = set(subprocess.run(["bash", "-c", "compgen -bk"], check=True, capture_output=True,
                              text=True).stdout.split())
# Commands that are followed by another.
BEFORE = r"(?:(?:exec|env|sudo|command -v|nice|xargs(?: -\w+(?: [\dA-Z]+)?)*|in_ns \S+|ip netns exec \S+" \
         r"|timeout \S+|if|while|until|then|do|else|!|\{|time|\w+=\S*|need)[ \t]+)*"
CALL = re.compile(r"(?:^|\||&&|\|\||;|\$\(|<\(|>\(|\()[ \t]*" + BEFORE + r"([a-z][\w.+-]*)(?=[\s;)|]|$)",
                  re.M)


def shell_commands(text):
    for name in CALL.findall(without_documents(text)):
        if name not in FUNCTIONS and name not in BUILTINS:
            yield name


def python_needs(text):
    """Commands that a Python program runs, and packages of the modules it imports."""
    yield from re.findall(r'(?:run|Popen|check_output|check_call)\(\s*\[?"([a-z][\w.-]*)"', text)
    for name in re.findall(r"^(?:import|from) (\w+)", text, re.M):
        if name in sys.stdlib_module_names or list(Path().glob(f"selftests/*/{name}.py")):
            continue
        spec = importlib.util.find_spec(name)
        if spec is None:
            yield f"python3-{name}"
        else:
            yield Path(spec.origin)


def is_shell(path, text):
    return path.suffix == ".sh" or re.match(r"#!/bin/(ba)?sh", text) is not None


faults = []
for listing in [path for path in FILES if path.name == "packages"]:
    named = listing.read_text("utf-8").split()
    allowed = closure(ESSENTIAL | set(named))
    for path in FILES:
        if path.parent != listing.parent or path.suffix in (".c", ".h", ".8", ".json"):
            continue
        text = path.read_text("utf-8")
        if path.suffix == ".py":
            needs = set(python_needs(text))
        elif is_shell(path, text) and path != Path("selftests/vm/init"):  # busybox has it all
            needs = set(shell_commands(text))
        else:
            continue
        for need in sorted(needs - ELSEWHERE, key=str):
            have = {OWNER.get(str(need))} if isinstance(need, Path) else owners(need)
            if isinstance(need, str) and need.startswith("python3-"):
                have = {need}
            if have and not have & allowed:
                faults.append(f"{path}: {need} is in {' or '.join(map(str, have))}, "
                              f"which {listing} does not name")
print("\n".join(faults))
sys.exit(bool(faults))
