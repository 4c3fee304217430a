#!/usr/bin/env python3
"""Fails on sources that the project's habits do not allow.

usage: check.py ROOT

No source of more than 600 lines, no file whose name says nothing, every header begins with its contract
and has #pragma once, at most twenty sources straight in a folder (families of plug-ins aside), and no path
of the machine on which it is written.
"""
import pathlib
import re
import subprocess
import sys

MAX_LINES = 600
# Netfilter's helpers are what they are called.
NETFILTERS_HELPERS = ("src/conntrack/helper/", "src/rules/match/helper.", "docs/design/helpers.md")
EMPTY_NAMES = {"util", "utils", "common", "misc", "helper", "helpers", "shared", "stuff"}
SOURCES = {".cc", ".h", ".py", ".cmake"}
# Families of plug-ins: a member a file.
FAMILIES = {"src/rules/match", "src/rules/target", "src/conntrack/proto"}
MAX_FILES = 20
# Paths of a workplace, not of the project.
FOREIGN = re.compile(r"/work/|/home/[a-z]|/root/")


def files(root):
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        return [root / line for line in listed.stdout.splitlines()]
    return [p for p in root.rglob("*") if p.is_file() and "build" not in p.relative_to(root).parts]


def check(root, path):
    name = path.relative_to(root)
    stem = path.stem.removesuffix("_test")
    if stem.lower() in EMPTY_NAMES and not str(name).startswith(NETFILTERS_HELPERS):
        yield f"{name}: a name that says nothing"
    if path.suffix not in SOURCES and path.suffix not in (".md", ".txt", ""):
        return
    try:
        lines = path.read_text().splitlines()
    except UnicodeDecodeError:
        return
    if path.suffix in SOURCES and len(lines) > MAX_LINES:
        yield f"{name}: {len(lines)} lines (at most {MAX_LINES})"
    if path.suffix == ".h":
        if "#pragma once" not in lines:
            yield f"{name}: no #pragma once"
        if not lines or not lines[0].startswith("//"):
            yield f"{name}: does not begin with its contract"
    if name.parts[0] != "tests":
        for number, line in enumerate(lines, 1):
            if FOREIGN.search(line):
                yield f"{name}:{number}: {line.strip()}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    everything = [p for p in files(root) if p.is_file()]
    wrong = [message for path in everything for message in check(root, path)]
    folders = {}
    for path in everything:
        name = path.relative_to(root)
        if path.suffix in (".cc", ".h") and not path.stem.endswith("_test"):
            folders.setdefault(str(name.parent), set()).add(path.stem)
    for folder, stems in sorted(folders.items()):
        if folder not in FAMILIES and len(stems) > MAX_FILES:
            wrong.append(f"{folder}: {len(stems)} sources straight in one folder (at most {MAX_FILES})")
    print("\n".join(wrong))
    print(f"{len(everything)} files checked, {len(wrong)} wrong")
    sys.exit(1 if wrong or not everything else 0)


main()
