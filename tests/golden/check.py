#!/usr/bin/env python3
"""Runs utables as each row below says, in examples/, and compares what it prints with NAME.txt.

usage: check.py UTABLES [--update]

A .txt holds the exit code, standard output and standard error. --update writes them anew.
"""
import difflib
import os
import pathlib
import subprocess
import sys

CASES = {
    "report": ["replay", "-b", "office", "office/monday.pcapng"],
    "report-verbose": ["replay", "-v", "-b", "office", "office/monday.pcapng"],
    "report-json": ["replay", "--json", "-b", "office", "office/monday.pcapng"],
    "report-rules-alone": ["replay", "-b", "office/rules.v4", "office/monday.pcapng"],
    "show": ["replay", "-b", "office", "--show", "verdict reject,refuse or reason table-full", "office/monday.pcapng"],
    "show-json": ["replay", "-b", "office", "--json", "-q", "--show", "verdict reject and tcp", "office/monday.pcapng"],
    "explain-frame": ["explain", "-b", "office", "office/monday.pcapng:1285"],
    "explain-packet": ["explain", "-b", "office", "tcp 203.0.113.9:4000 > 192.0.2.254:22 S"],
    "explain-no-route": ["explain", "-b", "office", "udp 10.10.0.5:4000 > 172.20.0.1:53 len 20"],
    "explain-mss": ["explain", "-b", "office", "tcp 10.10.0.5:4000 > 198.51.100.7:443 S <mss 1460,sackOK>"],
    "explain-missing": ["explain", "-b", "office", "office/monday.pcapng:99999999"],
    "error-no-box": ["replay", "-b", "nowhere", "office/monday.pcapng"],
    "error-no-capture": ["replay", "-b", "office", "nowhere.pcap"],
    "error-filter": ["replay", "-b", "office", "--show", "verdict maybe", "office/monday.pcapng"],
    "error-option": ["replay", "--frobnicate"],
    "error-command": ["frobnicate"],
    "error-applet": ["iptables", "-L"],
    "error-live": ["replay", "-b", "live", "office/monday.pcapng"],
    "help": ["help"],
    "help-replay": ["help", "replay"],
    "help-match": ["help", "match", "limit"],
}


def main():
    here = pathlib.Path(__file__).resolve().parent
    program = str(pathlib.Path(sys.argv[1]).resolve())
    update = "--update" in sys.argv[2:]
    environment = {k: v for k, v in os.environ.items() if k != "UTABLES_BOX"}
    wrong = 0
    for name, arguments in CASES.items():
        done = subprocess.run([program, *arguments], cwd=here.parent.parent / "examples", capture_output=True, env=environment, text=True)
        told = f"$ utables {' '.join(arguments)}\n[{done.returncode}]\n{done.stdout}"
        if done.stderr:
            told += f"--- errors\n{done.stderr}"
        file = here / f"{name}.txt"
        if update:
            file.write_text(told)
            continue
        expected = file.read_text() if file.exists() else ""
        if told != expected:
            wrong += 1
            sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), told.splitlines(True), f"{name}.txt", "now"))
    print(f"{len(CASES)} outputs, {wrong} differ")
    return 1 if wrong else 0


sys.exit(main())
