#!/usr/bin/env python3
"""Runs the command lines of lines.txt by utables on a box and by the real conntrack in a network namespace.

usage: check.py UTABLES [SCENARIO...]

Compared: exit code, standard error, and standard output as a set of lines (the kernel's order is random), apart
from what the passing of time and the kernel's secrets change: timeouts, delta-time, start times, ids. Also: all
entries of the box, loaded into the kernel by the real program as `-o save` prints them, are listed alike there.

Skipped (77), with the reason, without root, a kernel with ctnetlink or the real conntrack 1.4.7; under
UTABLES_REQUIRE_KERNEL=1 that is a failure.
"""
import difflib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
INSIDE = "--in-namespace"
REAL_VERSION = "conntrack v1.4.7"
# What may differ, and what stands for it.
UNSTEADY = [
    (re.compile(r"^((?:ipv[46] +\d+ )?[a-z0-9]+ +\d+) \d+ "), r"\1 T "),
    (re.compile(r"^(-[AD]) -t \d+ "), r"\1 -t T "),
    (re.compile(r"<timeout>\d+</timeout>"), "<timeout>T</timeout>"),
    (re.compile(r"<id>\d+</id>"), "<id>I</id>"),
    (re.compile(r" id=\d+$"), " id=I"),
    (re.compile(r"delta-time=\d+"), "delta-time=D"),
    (re.compile(r"<deltatime>\d+</deltatime>"), "<deltatime>D</deltatime>"),
    (re.compile(r"\[start=[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}\]"), "[start=S]"),
    (re.compile(r"<start>\d+</start>"), "<start>S</start>"),
]


def scenarios():
    found, name = {}, None
    for line in (HERE / "lines.txt").read_text().splitlines():
        if line.startswith("= "):
            words = line[2:].split()
            name = " ".join(w for w in words if "=" not in w)
            found[name] = ([w for w in words if "=" in w], [])
        elif line and not line.startswith("#"):
            found[name][1].append(line)
    return found


def steady(text):
    lines = text.splitlines()
    for pattern, stands in UNSTEADY:
        lines = [pattern.sub(stands, line) for line in lines]
    return sorted(lines)


class Side:
    """One of the two programs, in its own directory."""

    def __init__(self, command, directory, environment):
        self.command, self.directory, self.environment = command, directory, environment

    def run(self, words):
        done = subprocess.run([*self.command, *words], cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout, done.stderr


def compare(name, line, ours, real, unordered):
    def told(side):
        code, out, err = side
        out = [f"{len(out.splitlines())} lines"] if unordered else steady(out)
        return [f"[{code}]", *out, "--- standard error", *err.splitlines()]

    expected, got = told(real), told(ours)
    if expected == got:
        return 0
    print(f"{name}: conntrack {line}")
    print("\n".join(difflib.unified_diff(expected, got, "the real one", "utables", lineterm="")))
    return 1


def make_sides(program, where, sysctls):
    box, real = where / "box", where / "real"
    for directory in (box, real):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
    (box / "sysctl.conf").write_text("".join(f"net.netfilter.{s}\n" for s in sysctls))
    for setting in ("nf_conntrack_acct=0", "nf_conntrack_timestamp=0", *sysctls):
        key, value = setting.split("=")
        pathlib.Path("/proc/sys/net/netfilter", key).write_text(value)
    link = where / "conntrack"
    if not link.exists():
        link.symlink_to(program)
    environment = dict(os.environ, LC_ALL="C", TZ="UTC")
    ours = Side([str(link)], box, dict(environment, UTABLES_BOX=str(box)))
    theirs = Side(["conntrack"], real, environment)
    theirs.run(["-F"])
    return ours, theirs


def readable(line):
    """A saved line as the original can read it back; None: it cannot. It refuses what it prints itself of ICMP (a
    reply without a type) and of DCCP (no state), and forgets the ports of what is translated twice."""
    if (" -n " in line and " -g " in line) or " -p dccp" in line:
        return None
    return re.sub(r" -[rq] \S+", "", line) if " --icmp" in line else line


def load_into_kernel(name, ours, theirs):
    """Every entry of the box, made in the kernel from what `-o save` prints, is listed there alike."""
    saved = [line for line in ours.run(["-L", "-o", "save"])[1].splitlines() if readable(line)]
    theirs.run(["-F"])
    wrong = 0
    for line in saved:
        code, _, err = theirs.run(shlex.split(readable(line)))
        if code != 0:
            print(f"{name}: the real one refuses {line}: {err}")
            wrong += 1
    listed = theirs.run(["-L", "-o", "save"])[1]
    if steady(listed) != steady("\n".join(saved)):
        print(f"{name}: loaded into the kernel")
        print("\n".join(difflib.unified_diff(steady("\n".join(saved)), steady(listed), "the box", "the kernel", lineterm="")))
        wrong += 1
    return wrong, len(saved)


def run_scenario(name, scenario, program, where):
    sysctls, lines = scenario
    ours, theirs = make_sides(program, where, sysctls)
    wrong = count = entries = 0
    waiting = []
    for line in lines:
        if line.startswith("<"):
            waiting.append(line[1:].removeprefix(" "))
            continue
        if waiting:
            for side in (ours, theirs):
                (pathlib.Path(side.directory) / "lines").write_text("\n".join(waiting) + "\n")
            waiting = []
        if line == "@":
            failed, entries = load_into_kernel(name, ours, theirs)
            wrong += failed
            continue
        unordered = line.startswith("~ ")
        words = shlex.split(line.removeprefix("~ "))
        wrong += compare(name, line, ours.run(words), theirs.run(words), unordered)
        count += 1
    print(f"{name}: {count} command lines, {entries} entries loaded into the kernel, {wrong} differ")
    return wrong, count


def inside(program, wanted):
    wrong = total = 0
    with tempfile.TemporaryDirectory() as temporary:
        for name, scenario in scenarios().items():
            if wanted and name not in wanted:
                continue
            failed, count = run_scenario(name, scenario, program, pathlib.Path(temporary))
            wrong += failed
            total += count
    print(f"{total} command lines, {wrong} differ")
    return 1 if wrong or total == 0 else 0


def why_not():
    if os.geteuid() != 0:
        return "not root: no network namespace can be made"
    if shutil.which("conntrack") is None:
        return "the real conntrack (package conntrack) is not installed"
    version = subprocess.run(["conntrack", "-V"], capture_output=True, text=True).stdout
    if not version.startswith(REAL_VERSION):
        return f"the real conntrack is another version: {version.strip()}"
    if subprocess.run(["unshare", "-n", "conntrack", "-C"], capture_output=True).returncode != 0:
        return "this kernel does not answer conntrack in a network namespace"
    return None


def main():
    arguments = [a for a in sys.argv[1:] if a != INSIDE]
    program = str(pathlib.Path(arguments[0]).resolve())
    if INSIDE in sys.argv:
        return inside(program, arguments[1:])
    reason = why_not()
    if reason is not None:
        print(f"skipped: {reason}")
        return 1 if os.environ.get("UTABLES_REQUIRE_KERNEL") == "1" else 77
    return subprocess.run(["unshare", "-n", sys.executable, __file__, INSIDE, program, *arguments[1:]]).returncode


sys.exit(main())
