#!/usr/bin/env python3
"""Runs the command lines of lines.txt by utables on a box and by the real conntrack in a network namespace.

usage: check.py UTABLES [SCENARIO...]     all of lines.txt unless some are named; "every option with every command"
                                          (every_option.py) is run by its name alone

Compared: exit code, standard error, and standard output as a set of lines (the kernel's order is random), apart
from what the passing of time and the kernel's secrets change: timeouts, delta-time, times, ids, who caused an event;
what the kernel counts for each processor is added up. Also: all entries of the box, loaded into the kernel by the
real program as `-o save` prints them, are listed alike there.

Skipped (77), with the reason, without root, a kernel with ctnetlink or the real conntrack 1.4.7; under
UTABLES_REQUIRE_KERNEL=1 that is a failure.
"""
import ctypes
import difflib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import every_option
import helped

HERE = pathlib.Path(__file__).resolve().parent
INSIDE = "--in-namespace"
REAL_VERSION = "conntrack v1.4.7"
CLONE_NEWNET = 0x40000000
EVERY_OPTION = "every option with every command"
HELPERS = ["ftp", "tftp", "irc", "amanda", "sane", "netbios-ns", "pptp"]  # by their numbers in state.jsonl
LABEL_RULE = ["-A", "INPUT", "-m", "connlabel", "--label", "1"]
NAMES = (
    "0 bit-zero\n1 one\n2 two\n# 3 no\n64 sixty-four\n127 last\n128 beyond\n300 further\n1023 end\n1024 none\nx y\n5 two words\n"
    "7 one\n1 uno\n10\tten\n  11 eleven\n12 a_b\n13 trail \n0x13 hex\n020 octal\n"
)
# What may differ, and what stands for it.
UNSTEADY = [
    (re.compile(r"^((?:ipv[46] +\d+ )?[a-z0-9]+ +\d+) \d+ "), r"\1 T "),
    (re.compile(r"^(-[AD]) -t \d+ "), r"\1 -t T "),
    (re.compile(r"^((?:\[[\d. ]+\]\t)?(?:\s*\[(?:NEW|DESTROY)\] )?)\d+ (?=proto=)"), r"\1T "),
    (re.compile(r"^((?:\[[\d. ]+\]\t)?\s*\[(?:NEW|UPDATE|DESTROY)\] (?:ipv[46] +\d+ )?[a-z0-9]+ +\d+) \d+ "), r"\1 T "),
    (re.compile(r"^\[\d+\.[\d ]{6}\]\t"), "[S]\t"),
    (re.compile(r"^(-U) -t \d+ "), r"\1 -t T "),
    (re.compile(r" portid=\d+(?: progname=\S+)?$"), " portid=P"),
    (re.compile(r"<when>.*</when>"), "<when>W</when>"),
    (re.compile(r"<stop>\d+</stop>"), "<stop>S</stop>"),
    (re.compile(r"\[stop=[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}\]"), "[stop=S]"),
    (re.compile(r" id=\d+(?= (?:labels|\[USERSPACE\]))"), " id=I"),
    (re.compile(r"<timeout>\d+</timeout>"), "<timeout>T</timeout>"),
    (re.compile(r"<id>\d+</id>"), "<id>I</id>"),
    (re.compile(r" id=\d+$"), " id=I"),
    (re.compile(r"delta-time=\d+"), "delta-time=D"),
    (re.compile(r"<deltatime>\d+</deltatime>"), "<deltatime>D</deltatime>"),
    (re.compile(r"\[start=[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}\]"), "[start=S]"),
    (re.compile(r"<start>\d+</start>"), "<start>S</start>"),
]


class Scenario:
    """A heading `= NAME [SYSCTL=VALUE...] [+names] [+labels]` and its lines."""

    def __init__(self, words):
        self.name = " ".join(w for w in words if "=" not in w and w[0] != "+")
        self.sysctls = [w for w in words if "=" in w]
        self.names, self.labels = "+names" in words, "+labels" in words
        self.lines = []


def scenarios():
    found = []
    for line in (HERE / "lines.txt").read_text().splitlines():
        if line.startswith("= "):
            found.append(Scenario(line[2:].split()))
        elif line and not line.startswith("#"):
            found[-1].lines.append(line)
    return found


def every_option_scenario():
    every = Scenario([*EVERY_OPTION.split(), "+names", "+labels"])
    every.lines = list(every_option.lines())
    return every


def add_up(lines):
    """The `cpu=N` lines of `-S` as the first of them, with sums."""
    processors = [line for line in lines if line.startswith("cpu=")]
    if not processors:
        return lines
    sums = iter([0, *(sum(map(int, column)) for column in list(zip(*(re.findall(r"=(\d+)", line) for line in processors)))[1:])])
    return [line for line in lines if not line.startswith("cpu=")] + [re.sub(r"=\d+", lambda _: f"={next(sums)}", processors[0])]


def steady(text):
    lines = add_up(text.splitlines())
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


class Watcher:
    """`-E` on one of the two sides, from begin to interruption."""

    def __init__(self, side, words):
        self.process = subprocess.Popen([*side.command, *words], cwd=side.directory, env=side.environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while not self.over() and not (self.listens() and self.sleeps()):
            time.sleep(0.005)

    def over(self):
        return self.process.poll() is not None

    def listens(self):
        """It waits for a file's changes, or is in a group of netlink."""
        try:
            files = [os.readlink(fd) for fd in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()]
        except OSError:
            return False
        rows = [row.split() for row in pathlib.Path("/proc/self/net/netlink").read_text().splitlines()[1:]]
        grouped = [f"socket:[{row[-1]}]" for row in rows if int(row[3], 16) != 0]
        return any("inotify" in file or file in grouped for file in files)

    def sleeps(self):
        """It has nothing more to read: what wakes it does so before the command that caused it ends."""
        try:
            return pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"
        except OSError:
            return True

    def catch_up(self):
        while not self.over() and not self.sleeps():
            time.sleep(0.002)

    def end(self):
        self.catch_up()
        if not self.over():
            self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


def make_helped(line, ours):
    """An entry with a helper on both sides, of `HELPER PROTOCOL SOURCE PORT DESTINATION PORT`."""
    helper, protocol, source, source_port, destination, port = line.split()
    number = {"tcp": 6, "udp": 17}[protocol]
    helped.make(helper, number, (source, int(source_port)), (destination, int(port)), 1000)
    box, beside = pathlib.Path(ours.directory), pathlib.Path(ours.directory).with_name("helped")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(box, beside)
    words = ["-p", protocol, "-s", source, "-d", destination, "--sport", source_port, "--dport", port, "-t", "1000", "-u", "SEEN_REPLY,ASSURED"]
    state = ["--state", "ESTABLISHED"] if protocol == "tcp" else []
    made = Side(ours.command, beside, dict(ours.environment, UTABLES_BOX=str(beside))).run(["-I", *words, *state])
    assert made[0] == 0, made
    file = beside / "state.jsonl"
    objects = [json.loads(line) for line in file.read_text().splitlines()]
    [o for o in objects if o["kind"] == "connection"][-1]["helper"] = HELPERS.index(helper) + 1
    file.write_text("".join(json.dumps(o, separators=(",", ":")) + "\n" for o in objects))
    file.rename(box / "state.jsonl")


def make_sides(program, where, scenario):
    box, real = where / "box", where / "real"
    for directory in (box, real):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
    settings = ["net.netfilter." + s for s in scenario.sysctls]
    (box / "sysctl.conf").write_text("\n".join(settings) + "\n")
    for setting in ("nf_conntrack_acct=0", "nf_conntrack_timestamp=0", *scenario.sysctls):
        key, value = setting.split("=")
        pathlib.Path("/proc/sys/net/netfilter", key).write_text(value)
    names = pathlib.Path("/etc/xtables/connlabel.conf")
    names.unlink(missing_ok=True)
    if scenario.names:
        names.write_text(NAMES)
        (box / "connlabel.conf").write_text(NAMES)
    if scenario.labels:
        subprocess.run(["iptables-legacy", *LABEL_RULE], check=True)
        (box / "rules.v4").write_text(f"*filter\n{' '.join(LABEL_RULE)}\nCOMMIT\n")
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


def run_scenario(scenario, program, where):
    """In a network namespace of its own."""
    name = scenario.name
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network namespace")
    ours, theirs = make_sides(program, where, scenario)
    wrong = count = entries = 0
    waiting, watchers, watched = [], [], ""
    for line in scenario.lines:
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
        elif line.startswith("+ "):
            make_helped(line[2:], ours)
        elif line.startswith("{ "):
            watched = line[2:]
            watchers = [Watcher(side, shlex.split(watched)) for side in (ours, theirs)]
        elif line == "}":
            wrong += compare(name, watched, *(watcher.end() for watcher in watchers), False)
            watchers = []
            count += 1
        else:
            unordered = line.startswith("~ ")
            words = shlex.split(line.removeprefix("~ "))
            wrong += compare(name, line, ours.run(words), theirs.run(words), unordered)
            count += 1
        for watcher in watchers:
            watcher.catch_up()
    print(f"{name}: {count} command lines, {entries} entries loaded into the kernel, {wrong} differ", flush=True)
    return wrong, count


def own_etc(where):
    """A directory /etc of our own (in this mount namespace), as the names of labels are looked for in it."""
    etc = where / "etc"
    (etc / "xtables").mkdir(parents=True)
    for name in ("protocols", "services", "nsswitch.conf", "ld.so.cache", "passwd", "group", "hosts"):
        if pathlib.Path("/etc", name).exists():
            shutil.copy(pathlib.Path("/etc", name), etc / name)
    subprocess.run(["mount", "--bind", str(etc), "/etc"], check=True)


def inside(program, wanted):
    wrong = total = 0
    with tempfile.TemporaryDirectory() as temporary:
        own_etc(pathlib.Path(temporary))
        chosen = [s for s in [*scenarios(), every_option_scenario()] if s.name in wanted] if wanted else scenarios()
        for scenario in chosen:
            failed, count = run_scenario(scenario, program, pathlib.Path(temporary))
            wrong += failed
            total += count
        subprocess.run(["umount", "/etc"], check=True)
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
    if shutil.which("iptables-legacy") is None:
        return "iptables-legacy (package iptables) is not installed"
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
    return subprocess.run(["unshare", "-m", sys.executable, __file__, INSIDE, program, *arguments[1:]]).returncode


sys.exit(main())
