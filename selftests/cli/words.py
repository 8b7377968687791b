#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""usage: words.py LABELHOP REPOSITORY

Help comes from the table that the command parses by. Man page and completion
have to have the same forms and words as help.
"""
import re
import subprocess
import sys
from pathlib import Path

COMMAND, TOP = sys.argv[1], Path(sys.argv[2])
MAN = (TOP / "tools/man/labelhop.8").read_text("utf-8")
COMPLETION = TOP / "tools/bash-completion/labelhop"
# Objects that are their only command.
ALONE = {"derive", "monitor", "timeline"}
faults = []


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def forms(text):
    """Usage lines, with their continuations, each a list of words."""
    joined = re.sub(r"\n {9,}", " ", text.replace("Usage: ", "       "))
    return [line.split()[1:] for line in joined.splitlines()
            if re.match(r" *labelhop [a-z]", line)]


def man_forms():
    synopsis = re.search(r"\.Bd -literal\n(.*?)\.Ed", MAN, re.S)[1]
    policies = re.search(r"POLICY +:= (.*)", synopsis)[1]
    return [" ".join(form).replace("POLICY", policies).split() for form in forms(synopsis)]


def words_of(form):
    """Words that are typed as they are, in the form of a command."""
    name = 2 if form[1:2] and re.fullmatch("[a-z]+", form[1]) and form[0] not in ALONE else 1
    return " ".join(form[:name]), {w for w in form[name:] if re.fullmatch(r"[a-z][a-z-]*", w)}


def completed(*words):
    script = f'. "{COMPLETION}"; _labelhop_words "$1"'
    return set(output("bash", "-c", script, "bash", " ".join(words)).split())


def values(keyword):
    script = f'. "{COMPLETION}"; _labelhop_values "$1"'
    return set(output("bash", "-c", script, "bash", keyword).split())


def compare(what, got, wanted):
    if got != wanted:
        faults.append(f"{what}: {got}, not {wanted}")


def check_completion(helped):
    objects = {form[0] for form in helped}
    compare("objects completed", completed(""), objects | {"help"})
    for noun in objects - ALONE:
        verbs = {form[1] for form in helped if form[0] == noun}
        compare(f"commands of {noun} completed", completed(noun), verbs | {"help"})
    for form in helped:
        name, words = words_of(form)
        offered = completed(name) - {"help"}
        # Words in braces are completed after their keyword.
        text = " ".join(form)
        for keyword, choices in re.findall(r"([a-z-]+) \{ (.*?) \}", text):
            if keyword in words:
                # And those that a value follows: "KEYWORD WORD D".
                chosen = set(choices.split(" | ")) | set(
                    re.findall(rf"{keyword} ([a-z]+) [A-Z]", text))
                compare(f"values of {keyword} completed", values(keyword), chosen)
                words -= chosen
        compare(f"words of {name} completed", offered, words)


def check_man(helped):
    compare("commands in the man page", [" ".join(f) for f in man_forms()],
            [" ".join(f) for f in helped])
    body = MAN[MAN.index(".Sh DESCRIPTION"):]
    for form in helped:
        name, words = words_of(form)
        if name not in ALONE and f"Cm {name}" not in body:
            faults.append(f"the man page does not describe {name}")
        for word in words:
            if not re.search(rf"^\.(It )?Cm (.* )?{word}\b(?!-)", body, re.M):
                faults.append(f"the man page does not describe {word} of {name}")
    usage = output(COMMAND, "help").split("\n\n")[0]
    for short, rest in re.findall(r"-(\w)\[(\w+)\]", usage):
        if f".It Fl {short} , Fl {short}{rest}" not in body:
            faults.append(f"the man page does not describe -{short}{rest}")
    header = (TOP / "uapi/linux/labelhop.h").read_text("utf-8")
    wanted = re.findall(r'X\(\w+,\s*"([\w-]+)"\)', header)
    reasons = re.search(r"\.Sh REASONS\n(.*?)\.Sh", MAN, re.S)[1]
    compare("reasons in the man page", re.findall(r"\.It Cm (\S+)", reasons), wanted)


def check_help_of_commands(helped):
    """The help of a command has a line for each of its arguments."""
    for form in helped:
        name, words = words_of(form)
        text = output(COMMAND, *name.split(), "help")
        compare(f"usage in the help of {name}", forms(text.split("\n\n")[0]), [form])
        described = "\n".join(text.split("\n\n")[2:])
        for keyword in re.findall(r"(?:^|[\[|] |\w )([a-z][a-z-]*) [A-Z]", " ".join(form)):
            if keyword in words and not re.search(rf"^  ([\w-]+ )?{keyword} ", described, re.M):
                faults.append(f"help of {name} does not describe {keyword}")


def main():
    helped = forms(output(COMMAND, "help"))
    if len(helped) < 14:
        faults.append(f"help has only {len(helped)} commands")
    check_completion(helped)
    check_man(helped)
    check_help_of_commands(helped)
    for fault in faults:
        print(f"# {fault}")
    return bool(faults)


sys.exit(main())
