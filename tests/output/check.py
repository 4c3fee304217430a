#!/usr/bin/env python3
"""Fails if utables writes a JSON key that docs/output.md does not have, in the section about it.

usage: check.py UTABLES ROOT

Replays examples/office (whole, and its first half, which leaves more behind) in both profiles and looks
at every object of packets.jsonl, state.jsonl, the report and an explanation. A row that promises a field
"always" is held to that.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
# Objects whose keys are names of things, not fields.
NAMED_BY_VALUE = {"not_ip", "fates", "protocols"}
OFFICE = root / "examples/office"


def sections(page):
    """Heading -> the text below it."""
    parts = re.split(r"^## (.*)\n", page, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def words_in_code(text):
    """What stands in `backquotes`."""
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", code)}


def rows(text):
    """A table's rows: the words in code of the first cell -> the whole row."""
    return {cells[1].strip().strip("`"): line for line in text.splitlines() if line.startswith("| `") and (cells := line.split("|"))}


def keys(value, named=False):
    if isinstance(value, list):
        for one in value:
            yield from keys(one, named)
    elif isinstance(value, dict):
        for key, inside in value.items():
            if not named:
                yield key
            # the protocols of a report are two levels of names: protocol, state
            yield from keys(inside, named=key in NAMED_BY_VALUE or named)


def run(*arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"utables {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


class Checker:
    def __init__(self):
        self.wrong, self.seen = [], {}

    def note(self, text):
        if text not in self.wrong:
            self.wrong.append(text)

    def object(self, what, value, documented):
        self.seen.setdefault(what, set()).update(keys(value))
        for key in keys(value):
            if key not in documented:
                self.note(f"{what}: `{key}' is written, and docs/output.md does not say so")

    def packets(self, text, section):
        documented = rows(section)
        fields = {word for cell in documented for word in re.findall(r"\w+", cell)} | words_in_code(section)
        always = [cell for cell, row in documented.items() if row.rstrip(" |").endswith("always")]
        for line in text.splitlines():
            packet = json.loads(line)
            self.object("packet", packet, fields)
            for field in always:
                if field not in packet:
                    self.note(f"packet: `{field}' is promised always, and {line} has none")

    def state(self, text, section):
        documented = rows(section)
        inner = words_in_code(documented["tcp` within it"])
        for line in text.splitlines():
            one = json.loads(line)
            if one["kind"] not in documented:
                self.note(f"state.jsonl: the kind `{one['kind']}' is written, and docs/output.md does not say so")
                continue
            fields = words_in_code(documented[one["kind"]]) | {"kind"}
            self.object(f"state.jsonl, {one['kind']}", {k: v for k, v in one.items() if k != "tcp"}, fields)
            self.object("state.jsonl, tcp", one.get("tcp", {}), inner)


def main():
    checker = Checker()
    documented = sections((root / "docs/output.md").read_text())
    find = lambda start: next(text for heading, text in documented.items() if heading.startswith(start))
    with tempfile.TemporaryDirectory(prefix="utables-output-") as scratch:
        half = pathlib.Path(scratch) / "half.pcapng"
        half.write_bytes((OFFICE / "monday.pcapng").read_bytes()[:400000])
        for profile in ("modern", "classic"):
            for number, captures in enumerate(([OFFICE / "monday.pcapng"], [half], [half, OFFICE / "monday.pcapng"])):
                out = pathlib.Path(scratch) / f"{profile}{number}"
                report = json.loads(run("replay", "--json", "--profile", profile, "-b", OFFICE, "--out", out, *captures))
                checker.object("report", report, words_in_code(find("The report")))
                checker.packets((out / "packets.jsonl").read_text(), find("A packet"))
                checker.state((out / "state.jsonl").read_text(), find("`state.jsonl`"))
                for name in sorted(path.name for path in out.iterdir()):
                    if f"`{name}`" not in find("`replay --out DIR`"):
                        checker.note(f"--out: `{name}' is written, and docs/output.md does not say so")
    explanation = json.loads(run("explain", "--json", "-b", OFFICE, f"{OFFICE / 'monday.pcapng'}:1285"))
    section = find("An explanation")
    checker.object("explanation", explanation, words_in_code(section) | {"v", "kind"})
    for step in explanation["steps"]:
        if step["step"] not in words_in_code(section):
            checker.note(f"explanation: the step `{step['step']}' is not documented")
    print("\n".join(checker.wrong))
    for what, fields in sorted(checker.seen.items()):
        print(f"{what}: {len(fields)} fields seen")
    return 1 if checker.wrong else 0


sys.exit(main())
