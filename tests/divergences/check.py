#!/usr/bin/env python3
"""Holds utables, and with --kernel this machine's iptables, to table.py; and docs/divergences.md is its print.

usage: check.py UTABLES ROOT [--kernel | --update]

Exit 77: --kernel where no namespace or no iptables-legacy can be had (1 under UTABLES_REQUIRE_KERNEL).
"""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

from table import BEHAVIOUR, RULES

PROGRAM, ROOT, MODE = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else ""
EMPTY_CAPTURE = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
IN_NAMESPACE = "iptables-legacy-restore; status=$?; iptables-legacy-save; exit $status"


def told_by_utables(text):
    with tempfile.TemporaryDirectory(prefix="utables-divergence-") as scratch:
        box = pathlib.Path(scratch)
        (box / "rules.v4").write_text(text)
        (box / "none.pcap").write_bytes(EMPTY_CAPTURE)
        done = subprocess.run([PROGRAM, "replay", "-q", "-b", box / "rules.v4", "--out", box / "out", box / "none.pcap"], capture_output=True, text=True)
        saved = (box / "out/rules.v4").read_text() if done.returncode == 0 else ""
        return done.stderr + saved.replace("[0:0] -A", "-A")


def told_by_iptables(namespace, text, lock):
    done = subprocess.run([*namespace, "sh", "-c", IN_NAMESPACE], input=text, capture_output=True, text=True, env={**os.environ, "XTABLES_LOCKFILE": lock})
    return done.stderr + done.stdout


def a_namespace(lock):
    for way in (["unshare", "-n"], ["unshare", "-Urn"]):
        try:
            done = subprocess.run([*way, "iptables-legacy", "-S"], capture_output=True, text=True, env={**os.environ, "XTABLES_LOCKFILE": lock})
        except OSError:
            return None
        if done.stdout.startswith("-P INPUT"):
            return way
    return None


def in_kernel():
    with tempfile.TemporaryDirectory(prefix="utables-divergence-") as scratch:
        lock = os.path.join(scratch, "lock")
        namespace = a_namespace(lock)
        if namespace is None:
            print("0 rows compared: no iptables-legacy in a network namespace here")
            return 1 if "UTABLES_REQUIRE_KERNEL" in os.environ else 77
        wrong = 0
        for what, text, _, expected, _ in RULES:
            told = told_by_iptables(namespace, text, lock)
            if expected not in told:
                wrong += 1
                print(f"{what}: iptables does not say {expected!r} any more but:\n{told}")
        print(f"{len(RULES)} rows compared with iptables, {wrong} wrong")
        return 1 if wrong else 0


def cell(text):
    return text.replace("|", "\\|")


def code(text):
    fence = "``" if "`" in text else "`"
    pad = " " if fence == "``" else ""
    return f"{fence}{pad}{cell(text)}{pad}{fence}"


def page():
    lines = ["# Where utables differs", "",
             "Identical means identical: the comparisons with the kernel excuse nothing but what stands here. Printed from", "`tests/divergences/table.py`, whose rows are tried.", "",
             "## Rules: iptables 1.8.9 (legacy)", "", "| what | line | utables | iptables | why |", "|---|---|---|---|---|"]
    for what, text, here, there, why in RULES:
        # the line that it is about: the last one, or COMMIT
        body = [line for line in text.splitlines() if line.startswith("-A")] if "COMMIT" not in what else ["COMMIT "]
        lines.append(f"| {what} | {'<br>'.join(map(code, body))} | {code(here)} | {code(there)} | {why} |")
    lines += ["", "## Behaviour: Linux 6.18", "", "| what | utables | Linux | why | test |", "|---|---|---|---|---|"]
    for what, here, there, why, test in BEHAVIOUR:
        lines.append(f"| {what} | {cell(here)} | {cell(there)} | {why} | {code(test) if test else 'not compared'} |")
    return "\n".join(lines) + "\n"


def tests_there():
    """Text of every test, to look names up in; this folder's own apart."""
    own = pathlib.Path(__file__).resolve().parent
    files = [*(ROOT / "src").rglob("*_test.cc"), *(p for p in (ROOT / "tests").rglob("*") if p.suffix in (".cc", ".py") and own not in p.resolve().parents)]
    return "\n".join(path.read_text() for path in files)


def main():
    if MODE == "--kernel":
        return in_kernel()
    document = ROOT / "docs/divergences.md"
    if MODE == "--update":
        document.write_text(page())
    wrong = []
    for what, text, expected, _, _ in RULES:
        told = told_by_utables(text)
        if expected not in told:
            wrong.append(f"{what}: utables does not say {expected!r} but:\n{told}")
    tests = tests_there()
    wrong += [f"{what}: there is no test {test}" for what, _, _, _, test in BEHAVIOUR if test and test not in tests]
    if not document.exists() or document.read_text() != page():
        wrong.append("docs/divergences.md is not what the table prints: tests/divergences/check.py UTABLES ROOT --update")
    print("\n".join(wrong))
    print(f"{len(RULES)} rows tried, {len(BEHAVIOUR)} rows of behaviour, {len(wrong)} wrong")
    return 1 if wrong else 0


sys.exit(main())
