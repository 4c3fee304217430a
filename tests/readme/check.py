#!/usr/bin/env python3
"""Fails if the report in README.md is not what utables prints, or if a file that it links is not there.

usage: check.py UTABLES ROOT
"""
import difflib
import pathlib
import re
import subprocess
import sys

program, root = sys.argv[1], pathlib.Path(sys.argv[2])
readme = (root / "README.md").read_text()
shown = re.search(r"```\n(box .*?)```", readme, re.DOTALL).group(1)
command = [program, "replay", "-b", "examples/office", "examples/office/monday.pcapng"]
run = subprocess.run(command, cwd=root, capture_output=True, text=True)
if run.returncode != 0:
    sys.exit(f"{' '.join(command)}: exit {run.returncode}\n{run.stderr}")
difference = list(difflib.unified_diff(shown.splitlines(), run.stdout.splitlines(), "README.md", "utables replay", lineterm=""))
for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
    for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in link and not (page.parent / link).exists():
            difference.append(f"{page.relative_to(root)}: {link} is not there")
print("\n".join(difference) or "README.md shows what utables prints")
sys.exit(1 if difference else 0)
