#!/usr/bin/env python3
"""conntrack on a box where there is no original to compare with: the ways to name the box, listings that are
loaded, JSON, what is written, and a replay that goes on from what was made by hand.

usage: box.py UTABLES ROOT
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
LISTED = """\
tcp      6 431998 ESTABLISHED src=10.0.0.2 dst=10.0.0.1 sport=59300 dport=21 packets=5 bytes=274 src=10.0.0.1 dst=10.0.0.2 sport=21 dport=59300 packets=4 bytes=270 [ASSURED] mark=3 delta-time=1 helper=ftp use=1
ipv4     2 icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] src=192.168.1.10 dst=192.168.1.6 type=0 code=0 id=33029 mark=0 zone=5 use=2
udp      17 28 src=10.0.0.2 dst=8.8.8.8 sport=5 dport=53 src=8.8.8.8 dst=203.0.113.1 sport=53 dport=6 use=1
sctp     132 200 ESTABLISHED src=10.0.0.2 dst=8.8.8.8 sport=5 dport=36412 src=8.8.8.8 dst=10.0.0.2 sport=36412 dport=5 [ASSURED] use=1
-A -t 25 -u UNSET -s 1.1.1.1 -d 2.2.2.2 -r 2.2.2.2 -q 1.1.1.1 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 7
"""
wrong = []


def run(*words, program=(PROGRAM,), box=None, text="", code=0):
    environment = {k: v for k, v in os.environ.items() if k != "UTABLES_BOX"}
    if box is not None:
        environment["UTABLES_BOX"] = str(box)
    done = subprocess.run([*map(str, program), *map(str, words)], env=environment, input=text, capture_output=True, text=True, cwd="/")
    if done.returncode != code:
        wrong.append(f"{' '.join(map(str, words))}: exit {done.returncode}, not {code}: {done.stderr}")
    return done.stdout, done.stderr


def same(what, got, expected):
    if got != expected:
        wrong.append(f"{what}:\n  {got!r}\n  instead of\n  {expected!r}")


def name_the_box(where):
    box = where / "named"
    box.mkdir()
    (box / "net.ip").write_text("")
    link = where / "conntrack"
    link.symlink_to(PROGRAM)
    make = ["-A", "-p", "89", "-s", "1.1.1.1", "-t", "9", "-d"]
    run("conntrack", "-b", box, *make, "2.2.2.1")
    run("conntrack", *make, "2.2.2.2", "-b", box)
    run("conntrack", "--box", box, *make, "2.2.2.3")
    run("-b", box, "conntrack", *make, "2.2.2.4")
    run(*make, "2.2.2.5", program=(link,), box=box)
    run("conntrack", *make, "2.2.2.6", box=box)
    same("count", run("conntrack", "-b", box, "-C"), ("6\n", ""))
    _, told = run("-b", box, "conntrack", "-L", "-b", "5", code=2)
    same("-b behind", told.splitlines()[0], "conntrack v1.4.7 (conntrack-tools): Illegal option `--buffer-size' with this command")
    _, told = run("conntrack", "-b", where / "nowhere", "-L", code=2)
    same("no box", told, f"utables: {where}/nowhere: no such box: neither a directory nor a file\n")
    (where / "rules.v4").write_text("*filter\nCOMMIT\n")
    same("rules alone", run("conntrack", "-b", where / "rules.v4", "-C"), ("0\n", ""))
    run("conntrack", "-b", where / "rules.v4", "-F", code=2)
    before = (box / "state.jsonl").stat().st_mtime_ns
    run("conntrack", "-b", box, "-D", "-s", "9.9.9.9", code=1)
    run("conntrack", "-b", box, "-L")
    same("written without a change", (box / "state.jsonl").stat().st_mtime_ns, before)


def load_listings(where):
    box = where / "listings"
    box.mkdir()
    (box / "net.ip").write_text("")
    same("loading", run("conntrack", "-b", box, "-R", "-", text=LISTED), ("", ""))
    out, told = run("conntrack", "-b", box, "-L", "-o", "extended")
    same("summary", told, "conntrack v1.4.7 (conntrack-tools): 5 flow entries have been shown.\n")
    same("loaded", out.splitlines(), [
        "ipv4     2 tcp      6 431998 ESTABLISHED src=10.0.0.2 dst=10.0.0.1 sport=59300 dport=21 src=10.0.0.1 dst=10.0.0.2 sport=21 dport=59300 [ASSURED] mark=3 use=1",
        "ipv4     2 icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] src=192.168.1.10 dst=192.168.1.6 type=0 code=0 id=33029 mark=0 zone=5 use=1",
        "ipv4     2 udp      17 28 src=10.0.0.2 dst=8.8.8.8 sport=5 dport=53 src=8.8.8.8 dst=203.0.113.1 sport=53 dport=6 mark=0 use=1",
        "ipv4     2 sctp     132 200 ESTABLISHED src=10.0.0.2 dst=8.8.8.8 sport=5 dport=36412 src=8.8.8.8 dst=10.0.0.2 sport=36412 dport=5 [ASSURED] mark=0 use=1",
        "ipv4     2 icmp     1 25 src=1.1.1.1 dst=2.2.2.2 type=8 code=0 id=7 [UNREPLIED] src=2.2.2.2 dst=1.1.1.1 type=0 code=0 id=7 mark=0 use=1",
    ])
    same("translated", run("conntrack", "-b", box, "-L", "-n")[1], "conntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.\n")
    # What it saves and lists, it reads back as the same (a saved line has no mark).
    for how, kept in (("save", lambda line: line), ("extended", lambda line: line)):
        again = where / f"again-{how}"
        again.mkdir()
        (again / "net.ip").write_text("")
        text = run("conntrack", "-b", box, "-L", "-o", how)[0]
        run("conntrack", "-b", again, "-R", "-", text=text)
        same(f"-o {how} read back", run("conntrack", "-b", again, "-L", "-o", how)[0], text)
    _, told = run("conntrack", "-b", box, "-R", "-", text="udp 17 x src=1 dst=2\n", code=2)
    same("a bad line", told.splitlines()[0], "conntrack v1.4.7 (conntrack-tools): -:1: the timeout `x' is not a number from 0 to 4294967295")
    objects = [json.loads(line) for line in run("conntrack", "-b", box, "-L", "-o", "json")[0].splitlines()]
    same("json", objects[2], {"v": 1, "kind": "connection", "family": 4, "protocol": 17, "name": "udp", "timeout": 28,
                              "original": {"src": "10.0.0.2", "dst": "8.8.8.8", "sport": 5, "dport": 53},
                              "reply": {"src": "8.8.8.8", "dst": "203.0.113.1", "sport": 53, "dport": 6},
                              "status": ["SEEN_REPLY", "SRC_NAT"], "mark": 0, "zone": 0, "serial": 3})
    page = (ROOT / "docs/output.md").read_text().split("## A connection")[1].split("\n## ")[0]
    for one in objects:
        for key in [*one, *one["original"]]:
            if f"`{key}`" not in page:
                wrong.append(f"docs/output.md does not have `{key}'")


def replay_from_it(where):
    """What was made by hand before is there when the first packet comes, as far from its end as it was."""
    box = where / "office"
    shutil.copytree(ROOT / "examples/office", box)
    capture = box / "monday.pcapng"
    run("conntrack", "-b", box, "-I", "-p", "89", "-s", "1.1.1.1", "-d", "2.2.2.2", "-t", "1000000")
    run("conntrack", "-b", box, "-I", "-p", "89", "-s", "1.1.1.1", "-d", "2.2.2.3", "-t", "1")
    run("replay", "-q", "-b", box, "--out", where / "out", capture)
    out, _ = run("conntrack", "-b", where / "out", "-L", "-p", "89")
    left = int(out.split()[2]) if out else 0
    if out.count("\n") != 1 or not 900000 < left < 1000000:
        wrong.append(f"after a replay: {out}")
    listed = run("conntrack", "-b", where / "out", "-L", "-o", "extended")[0].splitlines()
    kernel = (where / "out/nf_conntrack").read_text().splitlines()
    same("as many as /proc has", len(listed), len(kernel))
    run("conntrack", "-b", where / "out", "-D", "-p", "tcp")
    run("replay", "-q", "-b", where / "out", capture)


def listens(pid):
    """It waits for what happens in a directory."""
    try:
        return any("inotify wd" in file.read_text() for file in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir())
    except OSError:  # one was closed meanwhile
        return False


def watch(where):
    """`-E` tells what changes in the file, until it is interrupted: also what is neither conntrack's doing."""
    box = where / "watched"
    box.mkdir()
    (box / "net.ip").write_text("")
    make = ["-I", "-p", "89", "-s", "1.1.1.1", "-t", "9", "-d"]
    run("conntrack", "-b", box, *make, "2.2.2.1")
    watcher = subprocess.Popen([PROGRAM, "conntrack", "-b", box, "-E", "-o", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while watcher.poll() is None and not listens(watcher.pid):
        time.sleep(0.01)
    run("conntrack", "-b", box, *make, "2.2.2.2")
    first = json.loads(watcher.stdout.readline())
    same("what was made", (first["event"], first["original"]["dst"]), ("new", "2.2.2.2"))
    (box / "state.jsonl").unlink()
    gone = [json.loads(watcher.stdout.readline()) for _ in range(2)]
    same("without a state", [(o["event"], o["original"]["dst"]) for o in gone], [("destroy", "2.2.2.1"), ("destroy", "2.2.2.2")])
    watcher.send_signal(signal.SIGTERM)
    out, told = watcher.communicate(timeout=60)
    same("the end of watching", (watcher.returncode, out, told), (0, "", "conntrack v1.4.7 (conntrack-tools): 3 flow events have been shown.\n"))


def main():
    with tempfile.TemporaryDirectory() as temporary:
        where = pathlib.Path(temporary)
        name_the_box(where)
        load_listings(where)
        replay_from_it(where)
        watch(where)
    print("\n".join(wrong) or "conntrack on a box: as expected")
    return 1 if wrong else 0


sys.exit(main())
