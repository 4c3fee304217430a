#!/usr/bin/env python3
"""Lists which requirement has which tests, and fails if one that has to has none.

usage: check.py ROOT

A test names its requirements in its own name: TEST(Tracker, R07_...), TEST(Rulesets, R26Only...),
def test_R07_..., .vectors and .t apart. The summary of each requirement stands here, nowhere else.
"""
import pathlib
import re
import sys

REQUIREMENTS = {
    "R01": "a TCP connection through the handshake", "R02": "what an entry holds", "R03": "the states that rules see",
    "R04": "NEW without SYN, loose tracking", "R05": "TCP windows", "R06": "closing and resets", "R07": "TCP's states and timeouts, every sysctl name",
    "R08": "UDP", "R09": "ICMP requests", "R10": "ICMP errors", "R11": "any other protocol", "R12": "fragments", "R13": "where tracking happens, when an entry is entered",
    "R15": "the table's size and early drop", "R16": "listings and events", "R20": "tables, chains, policies", "R21": "commands and their errors",
    "R22": "matches and inversion", "R23": "targets", "R24": "files of every age, saved files", "R25": "restoring files", "R26": "literal rulesets", "R30": "explanations",
}
PYTHON = re.compile(r"^\s*def (test_\w+)\(", re.M)
GOOGLE = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)")
NUMBER = re.compile(r"R(\d\d)(?!\d)")


def tests_of(path):
    text = path.read_text()
    if path.suffix == ".py":
        return [(name, name) for name in PYTHON.findall(text)]
    return [(f"{suite}.{name}", name) for suite, name in GOOGLE.findall(text)]


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    found = {number: [] for number in REQUIREMENTS}
    sources = sorted([*(root / "src").rglob("*_test.cc"), *(root / "tests").rglob("*_test.cc"), *(root / "tests").rglob("*_test.py")])
    for path in sources:
        for shown, name in tests_of(path):
            for number in NUMBER.findall(name):
                found.setdefault("R" + number, []).append(f"{path.relative_to(root)}: {shown}")
    missing = 0
    for number, tests in sorted(found.items()):
        print(f"{number} {REQUIREMENTS.get(number, '')}: {len(tests)}")
        for test in tests:
            print(f"    {test}")
        if not tests:
            missing += 1
            print("    MISSING: no test names it")
    print(f"{len(found)} requirements, {sum(map(len, found.values()))} tests, {missing} without any")
    return 1 if missing or not sources else 0


sys.exit(main())
