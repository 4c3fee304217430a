#!/usr/bin/env python3
"""Fails on an #include that the layer table of ARCHITECTURE.md does not allow.

usage: check.py ROOT

The table's rows are `| folder | may include |`; a row may name several folders; "all of these" means every
folder of the rows above it. A file may always include its own folder, include/utables and the standard
library.
"""
import pathlib
import re
import sys

WORDS_FOR_ALL = "all of these"


def layer_table(text):
    allowed = {}
    for line in text.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 2 or set(cells[0]) <= set("-") or cells[0] == "folder":
            continue
        below = set()
        for word in (w.strip() for w in cells[1].split(",")):
            if word == WORDS_FOR_ALL:
                below |= set(allowed)
            elif word not in ("–", "-", ""):
                below.add(word)
        for folder in (f.strip() for f in cells[0].split(",")):
            allowed[folder] = below | {folder}
        if cells[0] == "cli":
            break
    return allowed


def main():
    root = pathlib.Path(sys.argv[1])
    allowed = layer_table((root / "ARCHITECTURE.md").read_text())
    if len(allowed) < 10:
        sys.exit(f"ARCHITECTURE.md: found only {len(allowed)} layers in its table")
    wrong = checked = 0
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        layer = path.relative_to(root / "src").parts[0]
        if layer not in allowed:
            print(f"{path.relative_to(root)}: src/{layer} is not in the layer table")
            wrong += 1
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not found:
                continue
            checked += 1
            target = found.group(1).split("/")[0]
            if target not in allowed[layer]:
                print(f"{path.relative_to(root)}:{number}: src/{layer} may not include {found.group(1)}")
                wrong += 1
    print(f"{checked} includes checked, {wrong} wrong")
    sys.exit(1 if wrong or checked == 0 else 0)


main()
