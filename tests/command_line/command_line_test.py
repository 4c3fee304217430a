#!/usr/bin/env python3
"""The command line as hostile, hurried and scripted users meet it: every documented option, exit codes, what
is printed where, and that nothing is written or overwritten that should not be."""
import fcntl
import gzip
import json
import os
import pathlib
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

PROGRAM, EXAMPLES = os.environ.get("UTABLES", "utables"), pathlib.Path(os.environ.get("EXAMPLES", "examples"))
CAPTURE = "office/monday.pcapng"
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("UTABLES_BOX", "NO_COLOR")}


class CommandLine(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="utables-command-")
        self.root = pathlib.Path(self.scratch.name)
        shutil.copytree(EXAMPLES / "office", self.root / "office")

    def tearDown(self):
        self.scratch.cleanup()

    def run_it(self, *arguments, environment=None, **options):
        return subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.root, env={**ENVIRONMENT, **(environment or {})},
                              stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, timeout=120, **options)

    def replay(self, *arguments, **options):
        return self.run_it("replay", "-b", "office", *arguments, CAPTURE, **options)

    def refused(self, done, words, code=2):
        """It ended with that code, said one line that has these words, and printed nothing."""
        said = done.stderr.decode()
        self.assertEqual(done.returncode, code, said)
        self.assertIn(words, said)
        self.assertTrue(all(line.startswith("utables: ") for line in said.splitlines()), said)
        if done.stdout is not None:
            self.assertEqual(done.stdout, b"")

    def names(self):
        return sorted(p.name for p in self.root.iterdir())


class Options(CommandLine):
    def test_values_that_are_taken(self):
        for option in (["--seed", "0"], ["--seed", str(2**64 - 1)], ["--profile", "modern"], ["--profile", "classic"], ["--color", "never"],
                       ["--checksums", "check"], ["--checksums", "ignore"], ["--checksums", "auto"], ["--until", "+3s"], ["--until", "+200ms"],
                       ["--until", "+5m"], ["--track"], ["-v"], ["--show", "tcp"], ["--iface", "lan=10.10.0.0/16"]):
            with self.subTest(option=option):
                done = self.replay("-q", *option)
                self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_values_that_are_not(self):
        for option, value, words in (
                ("--seed", "-1", "--seed"), ("--seed", str(2**64), "--seed"), ("--seed", "", "--seed"), ("--seed", "one", "`one' is not a number"),
                ("--profile", "modem", "--profile: modem not in {modern,classic}"), ("--color", "red", "--color: red not in"), ("--checksums", "", "auto, check or ignore"),
                ("--until", "-3s", "+3s"), ("--until", "1e9s", "+3s"), ("--until", "+99999999999d", "+3s"), ("--until", "", "--until"),
                ("--iface", "nosuch", "no interface of that name"), ("--iface", "wan=", "is not an IPv4 address"), ("--iface", "wan=1.2.3.4/33", "0 to 32"),
                ("--show", "verdict maybe", "expected accept"), ("--show", "(", "syntax error"), ("--show", "", "--show"), ("--show", "(" * 20000, "longer than"),
                ("--out", "", "--out"), ("-w", "", "-w"), ("-b", "twice", "-b")):
            with self.subTest(option=option, value=value[:40]):
                self.refused(self.replay("-q", option, value), words)

    def test_unknown_options_are_named_before_anything_else(self):
        self.refused(self.run_it("replay", "--frobnicate"), "there is no option --frobnicate")
        self.refused(self.replay("--frobnicate"), "--frobnicate")
        self.refused(self.run_it("replay"), "required")

    def test_box_by_option_environment_and_place(self):
        self.assertEqual(self.run_it("replay", "-q", CAPTURE, environment={"UTABLES_BOX": "office"}).returncode, 0)
        self.refused(self.run_it("replay", "-q", CAPTURE, environment={"UTABLES_BOX": "nope"}), "nope: no such box")
        self.refused(self.run_it("replay", "-q", CAPTURE), "no box: name one with -b BOX")
        self.assertEqual(subprocess.run([PROGRAM, "replay", "-q", "monday.pcapng"], cwd=self.root / "office", env=ENVIRONMENT).returncode, 0)
        for box, words in (("", "the box's name is empty"), ("/dev/zero", "a zero byte: this is not a text file"), (CAPTURE, "a zero byte")):
            self.refused(self.run_it("replay", "-b", box, CAPTURE), words)

    def test_help_and_version(self):
        for arguments in (["help"], ["-h"], ["--help"], ["help", "replay"], ["replay", "--help"], ["explain", "-h"], ["verify", "--help"], ["help", "match"],
                          ["help", "target", "REJECT"], ["--version"], ["-V"]):
            done = self.run_it(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, b""), arguments)
            self.assertTrue(done.stdout)


class Captures(CommandLine):
    def test_every_way_to_hand_one_over(self):
        data = (self.root / CAPTURE).read_bytes()
        (self.root / "monday.pcapng.gz").write_bytes(gzip.compress(data))
        wanted = json.loads(self.replay("--json").stdout)["fates"]
        for arguments, given in ((["monday.pcapng.gz"], b""), (["-"], data), (["-"], gzip.compress(data)), (["/dev/stdin"], data)):
            done = self.run_it("replay", "--json", "-b", "office", *arguments, input=given)
            self.assertEqual(json.loads(done.stdout)["fates"], wanted, done.stderr)
        self.refused(self.run_it("replay", "-b", "office", "-", "-", input=data), "standard input is named twice")

    def test_what_is_none(self):
        (self.root / "empty").write_bytes(b"")
        for name, words in (("nowhere.pcap", "cannot open: No such file"), ("office", "Is a directory"), ("empty", "the file is empty"), ("/dev/null", "the file is empty"),
                            ("/dev/zero", "not a capture"), ("office/rules.v4", "record 0 at offset 0: not a capture")):
            self.refused(self.run_it("replay", "-b", "office", "--out", "o", "-w", "w.pcapng", name), f"{name}: ")
            self.refused(self.run_it("replay", "-b", "office", name), words)
        self.assertEqual(self.names(), ["empty", "office"])

    def test_a_cut_one_is_used_with_a_warning(self):
        data = (self.root / CAPTURE).read_bytes()
        (self.root / "cut.pcapng").write_bytes(data[:len(data) // 2 + 7])
        done = self.run_it("replay", "-b", "office", "--out", "o", "cut.pcapng")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("cut.pcapng", done.stdout.decode() + done.stderr.decode())
        self.assertTrue((self.root / "o/packets.jsonl").exists())

    def test_frames_that_are_named_wrongly(self):
        for word, words in ((f"{CAPTURE}:0", "from 1"), (f"{CAPTURE}:x", "the number of a frame is expected"), (f"{CAPTURE}:", "the number of a frame is expected"),
                            (CAPTURE, "which frame of it?"), (f"{CAPTURE}:99999", "there is no such frame; the capture has "), ("nowhere.pcap:1", "cannot open"),
                            ("", "is not a protocol"), ("junk", "is not a protocol"), ("tcp 1.2.3.4:1 > 5.6.7.8:2 ZZZ", "`ZZZ' is not a word of packet text"),
                            ("udp 1.2.3.4:99999 > 1.2.3.4:3", "is not a number from 0 to 65535")):
            with self.subTest(word=word):
                self.refused(self.run_it("explain", "-b", "office", word), words)
        self.refused(self.run_it("explain", "-b", "office", f"{CAPTURE}:985", "junk"), "`junk' is not FILE:N")


class Output(CommandLine):
    def test_quiet_says_nothing(self):
        for done in (self.replay("-q"), self.run_it("explain", "-q", "-b", "office", f"{CAPTURE}:985")):
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_json_is_lines_of_objects(self):
        for arguments in (["replay"], ["replay", "-v"], ["replay", "--show", "verdict drop"]):
            done = self.run_it(*arguments, "--json", "-b", "office", CAPTURE)
            self.assertTrue([json.loads(line) for line in done.stdout.splitlines()])
        explained = self.run_it("explain", "--json", "-b", "office", f"{CAPTURE}:985", f"{CAPTURE}:16").stdout.splitlines()
        self.assertEqual([json.loads(line)["kind"] for line in explained], ["explanation"] * 2)

    def test_the_report_is_about_thirty_lines_and_verbose_cuts_nothing(self):
        report, everything = (self.replay(*more).stdout.decode() for more in ([], ["-v"]))
        self.assertLessEqual(len(report.splitlines()), 40)
        self.assertIn("…", report)
        self.assertNotIn("…", everything)
        self.assertGreater(len(everything.splitlines()), len(report.splitlines()))

    def test_color_only_where_a_person_looks(self):
        self.assertNotIn(b"\x1b", self.replay().stdout)
        self.assertNotIn(b"\x1b", self.replay("--color", "never").stdout)
        self.assertIn(b"\x1b", self.replay("--color", "always").stdout)
        self.assertIn(b"\x1b", self.on_a_terminal())
        self.assertNotIn(b"\x1b", self.on_a_terminal("--color", "never"))
        self.assertNotIn(b"\x1b", self.on_a_terminal(NO_COLOR="1"))

    def test_the_report_fits_the_terminal(self):
        for columns in (60, 80, 140):
            lines = self.on_a_terminal("--color", "never", columns=columns).decode().splitlines()
            table = [line for line in lines if line.startswith(" " * 16) and "-j DROP" in line]
            self.assertTrue(table)
            self.assertLessEqual(max(map(len, table)), columns, table)

    def on_a_terminal(self, *arguments, columns=100, **environment):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        child = subprocess.Popen([PROGRAM, "replay", "-b", "office", *arguments, CAPTURE], cwd=self.root, env={**ENVIRONMENT, **environment}, stdout=theirs, stderr=subprocess.PIPE)
        os.close(theirs)
        told = b""
        try:
            while piece := os.read(ours, 65536):
                told += piece
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        child.communicate()
        self.assertEqual(child.returncode, 0)
        return told

    def test_output_that_goes_nowhere_is_an_error(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        for arguments in (["replay", "-b", "office", CAPTURE], ["replay", "--json", "-b", "office", CAPTURE], ["replay", "--show", "tcp", "-b", "office", CAPTURE],
                          ["explain", "-b", "office", f"{CAPTURE}:985"], ["help"]):
            with open("/dev/full", "w") as full:
                done = self.run_it(*arguments, stdout=full)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("No space left on device", done.stderr.decode())

    def test_closed_descriptors_do_not_become_files(self):
        done = subprocess.run(["/bin/sh", "-c", f"exec '{PROGRAM}' replay -b office -w sent.pcapng {CAPTURE} >&- <&-"], cwd=self.root, env=ENVIRONMENT, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot write the output", done.stderr.decode())
        self.assertEqual((self.root / "sent.pcapng").read_bytes()[:4], b"\x0a\x0d\x0d\x0a")
        self.assertNotIn(b"read as", (self.root / "sent.pcapng").read_bytes())

    def test_a_reader_that_leaves(self):
        child = subprocess.Popen([PROGRAM, "replay", "-b", "office", "--show", "ip", CAPTURE], cwd=self.root, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdout.close()
        child.stderr.read()
        child.stderr.close()
        self.assertIn(child.wait(), (-signal.SIGPIPE, 0, 2))  # 0, 2: it was quicker


class Files(CommandLine):
    WRITTEN = ["events", "net.ip", "nf_conntrack", "nf_conntrack_expect", "nf_conntrack_stat", "packets.jsonl", "rules.v4", "sent.pcapng", "state.jsonl", "sysctl.conf"]

    def files(self, directory):
        return sorted(p.name for p in (self.root / directory).iterdir())

    def test_a_directory_is_made_and_written_again_and_nothing_stale_stays(self):
        self.assertEqual(self.replay("-q", "--out", "o").returncode, 0)
        self.assertEqual(self.files("o"), self.WRITTEN)
        self.assertEqual(self.replay("-q", "--out", "o", "--profile", "classic").returncode, 0)
        self.assertEqual(self.files("o"), sorted(["ip_conntrack" if name == "nf_conntrack" else name for name in self.WRITTEN]))
        (self.root / "bare").mkdir()
        (self.root / "bare/sysctl.conf").write_text("\n")
        self.assertEqual(self.run_it("replay", "-q", "-b", "bare", "--iface", "in", "--out", "o", CAPTURE).returncode, 0)
        self.assertEqual(self.files("o"), sorted(set(self.WRITTEN) - {"net.ip", "rules.v4"}))

    def test_nothing_of_anyone_else_is_touched(self):
        (self.root / "full").mkdir()
        (self.root / "full/precious").write_text("x")
        (self.root / "box").mkdir()
        shutil.copy(self.root / "office/rules.v4", self.root / "box")
        for out, words in (("full", "holds `precious'"), ("office", "neither empty nor an earlier output"), ("box", "no earlier output of utables"), (CAPTURE, "is no directory"),
                           ("no/such/place", "No such file or directory"), ("/proc", "")):
            before = sorted(self.root.rglob("*"))
            self.refused(self.replay("-q", "--out", out), words)
            self.assertEqual(sorted(self.root.rglob("*")), before)

    def test_nothing_is_written_over_a_capture_that_is_read(self):
        data = (self.root / CAPTURE).read_bytes()
        self.refused(self.replay("-q", "-w", CAPTURE), "is one of the captures")
        os.link(self.root / CAPTURE, self.root / "same.pcapng")
        self.refused(self.replay("-q", "-w", "same.pcapng"), "is one of the captures")
        self.assertEqual((self.root / CAPTURE).read_bytes(), data)
        self.assertEqual(self.replay("-q", "--out", "o").returncode, 0)
        self.refused(self.run_it("replay", "-q", "-b", "office", "--out", "o", "o/sent.pcapng"), "one of the captures is in it")

    def test_damaged_files_of_a_box_leave_nothing_behind(self):
        for name, text, words in (("net.ip", "frobnicate\n", "net.ip:1: "), ("sysctl.conf", "net.ipv4.ip_forward\n", "sysctl.conf:1: "), ("rules.v4", "*filter\n-A NO -j DROP\nCOMMIT\n", "rules.v4:2: "),
                                  ("rules.v6", "*filter\n-A NO -j DROP\nCOMMIT\n", "rules.v6:2: "), ("state.jsonl", "{}\n", "state.jsonl:1: "), ("ipset.conf", "create s hash:ip\n", "ipset.conf:1: ")):
            with self.subTest(name=name):
                box = self.root / f"box-{name}"
                box.mkdir()
                (box / name).write_text(text)
                before = self.names()
                self.refused(self.run_it("replay", "-b", box, "--out", "o", "-w", "w.pcapng", CAPTURE), words)
                self.assertEqual(self.names(), before)

    def test_write_to_standard_output(self):
        done = self.replay("-q", "-w", "-")
        self.assertEqual((done.returncode, done.stdout[:4]), (0, b"\x0a\x0d\x0d\x0a"))
        self.assertEqual(self.replay("-q", "-w", "/dev/null").returncode, 0)
        if os.path.exists("/dev/full"):
            self.refused(self.replay("-q", "-w", "/dev/full"), "No space left on device")

    def test_an_interrupted_run_leaves_nothing(self):
        try:
            os.close(os.open(self.root, os.O_WRONLY | os.O_TMPFILE, 0o600))
        except OSError:
            self.skipTest("no files without a name in this file system")
        child = subprocess.Popen([PROGRAM, "replay", "-b", "office", "--out", "o", "-w", "w.pcapng", "-"], cwd=self.root, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        child.stdin.write((self.root / CAPTURE).read_bytes()[:4096])
        child.stdin.flush()
        for _ in range(600):  # until it has begun
            if (self.root / "o").exists():
                break
            time.sleep(0.05)
        child.send_signal(signal.SIGTERM)
        child.stdin.close()
        self.assertEqual(child.wait(), -signal.SIGTERM)
        self.assertEqual((self.names(), self.files("o")), (["o", "office"], []))
        self.assertEqual(self.replay("-q", "--out", "o").returncode, 0)


class Verify(CommandLine):
    def test_it_needs_no_root_where_user_namespaces_are_allowed(self):
        # /dev/net/tun is open to everyone on Debian; here as well, in a mount namespace that sees another /dev/net.
        tun = "mount -t tmpfs none /dev/net && mknod /dev/net/tun c 10 200 && chmod 666 /dev/net/tun"
        nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups"
        possible = subprocess.run(["unshare", "-m", "sh", "-c", f"{tun} && {nobody} unshare -Urn true"], capture_output=True, text=True)
        if possible.returncode != 0:
            if os.environ.get("UTABLES_REQUIRE_KERNEL"):
                self.fail(possible.stderr)
            self.skipTest("no user namespaces, or this is not root: " + possible.stderr)
        for path in [self.root, *self.root.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o755)
        program = shutil.copy(PROGRAM, self.root / "program")
        done = subprocess.run(["unshare", "-m", "sh", "-c", f"{tun} && exec {nobody} {program} verify -b office {CAPTURE}"], cwd=self.root, env=ENVIRONMENT, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"compared: 1,\d\d\d packets sent, \d+ events, \d\d entries of the table, \d\d counters")

    def test_options_that_make_no_sense(self):
        for options, words in ((["--profile", "classic"], "today's"), (["--until", "+3s"], "--paced"), (["--until", "x", "--paced"], "+3s"), (["--out", "o"], "--out")):
            self.refused(self.run_it("verify", "-b", "office", *options, CAPTURE), words)

    def test_what_the_machine_lacks_is_three(self):
        if os.geteuid() != 0:
            self.skipTest("to take something away this must be root")
        done = subprocess.run(["unshare", "-m", "sh", "-c", f"mount -t tmpfs none /dev/net && exec '{PROGRAM}' verify -b office {CAPTURE}"], cwd=self.root, env=ENVIRONMENT, capture_output=True)
        self.refused(done, "/dev/net/tun", code=3)


if __name__ == "__main__":
    unittest.main()
