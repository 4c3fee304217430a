"""A box and packets through `utables replay`, and what came of it: what the requirement tests stand on.

Packets are bytes from the IP header on; a capture is a list of (seconds, interface, bytes), an interface of
None meaning that a program of the box made the packet. What comes back is what the output directory says.
"""
import collections
import json
import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import unittest

PROGRAM = os.environ.get("UTABLES", "utables")
BEGIN = 1795308671  # second of the first packet
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32

# A router: eth0 inside, ppp0 to the internet.
NET = "addr add 192.168.1.1/24 dev eth0\naddr add 194.236.50.155/24 dev ppp0\nroute add default via 194.236.50.1 dev ppp0\n"
OWN, OUTSIDE = "194.236.50.155", "207.46.230.218"
INSIDE, PEER = "192.168.1.5", "195.22.79.2"

Played = collections.namedtuple("Played", "directory table events packets sent rules status errors")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ip(source, destination, protocol, payload, ttl=64, identification=7, flags=0, offset=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, flags << 13 | offset // 8, ttl, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(destination))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def pseudo(source, destination, protocol, size):
    return socket.inet_aton(source) + socket.inet_aton(destination) + struct.pack("!BBH", 0, protocol, size)


def tcp(source, sport, destination, dport, flags, seq=0, ack=0, data=b"", window=8192, options=b"", **header):
    size = 20 + len(options)  # of options: a multiple of four bytes
    segment = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, size * 4, flags, window, 0, 0) + options + data
    total = checksum(pseudo(source, destination, 6, len(segment)) + segment)
    return ip(source, destination, 6, segment[:16] + struct.pack("!H", total) + segment[18:], **header)


def udp(source, sport, destination, dport, data=b"12345678", **header):
    datagram = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    total = checksum(pseudo(source, destination, 17, len(datagram)) + datagram) or 0xFFFF
    return ip(source, destination, 17, datagram[:6] + struct.pack("!H", total) + data, **header)


def icmp(source, destination, kind, code=0, identifier=0, data=b"", **header):
    message = struct.pack("!BBHHH", kind, code, 0, identifier, 0) + data
    return ip(source, destination, 1, message[:2] + struct.pack("!H", checksum(message)) + message[4:], **header)


def handshake(client, sport, server, dport, at=0, inside="eth0", outside="ppp0", own=False):
    """SYN, SYN/ACK, ACK. `own`: the client is a program of the box."""
    client_side = None if own else inside
    return [(at, client_side, tcp(client, sport, server, dport, SYN, 1000)),
            (at, outside, tcp(server, dport, client, sport, SYN | ACK, 5000, 1001)),
            (at, client_side, tcp(client, sport, server, dport, ACK, 1001, 5001))]


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def block(kind, body):
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)


def option(code, value):
    return struct.pack("<HH", code, len(value)) + padded(value)


def capture(packets):
    """A pcapng of raw IP: names of interfaces and directions are in it."""
    names = list(dict.fromkeys(interface or "ppp0" for _, interface, _ in packets))
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    for name in names:
        out += block(1, struct.pack("<HHI", 101, 0, 0) + option(2, name.encode()) + option(9, b"\x09") + option(0, b""))
    for at, interface, data in packets:
        when = BEGIN * 10**9 + round(at * 10**9)
        head = struct.pack("<IIIII", names.index(interface or "ppp0"), when >> 32, when & 0xFFFFFFFF, len(data), len(data))
        flags = struct.pack("<I", 2 if interface is None else 1)
        out += block(6, head + padded(data) + option(2, flags) + option(0, b""))
    return out


def sent_packets(path):
    """The bytes of a capture that utables wrote, in order."""
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if kind == 6:
            captured = struct.unpack_from("<I", data, at + 20)[0]
            found.append(data[at + 28:at + 28 + captured])
        at += size
    return found


def filter_table(rules, forward="ACCEPT", incoming="ACCEPT", outgoing="ACCEPT"):
    return f"*filter\n:INPUT {incoming} [0:0]\n:FORWARD {forward} [0:0]\n:OUTPUT {outgoing} [0:0]\n{rules}COMMIT\n"


class Firewall(unittest.TestCase):
    """A test's scratch directory, and runs of utables in it."""
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="utables-requirement-")
        self.root = pathlib.Path(self.scratch.name)
        self.runs = 0

    def tearDown(self):
        self.scratch.cleanup()

    def utables(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if k != "UTABLES_BOX"}
        return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, env=environment)

    def box(self, rules=None, sysctl="", net=NET):
        self.runs += 1
        box = self.root / f"box{self.runs}"
        box.mkdir()
        (box / "net.ip").write_text(net)
        if sysctl:
            (box / "sysctl.conf").write_text(sysctl)
        if rules is not None:
            (box / "rules.v4").write_text(rules)
        return box

    def write_capture(self, packets):
        self.runs += 1
        path = self.root / f"capture{self.runs}.pcapng"
        path.write_bytes(capture(packets))
        return path

    def play(self, packets, rules=None, sysctl="", until=0, classic=False, box=None, net=NET):
        """Plays packets; without rules the box tracks. A refused box has its status and errors alone."""
        box = box or self.box(rules, sysctl, net)
        path = self.write_capture(packets)
        self.runs += 1
        out = self.root / f"out{self.runs}"
        done = self.utables("replay", "-q", "-b", box, "--profile", "classic" if classic else "modern",
                            "--until", f"+{until}s", "--out", out, path)
        if done.returncode != 0:
            return Played(out, "", [], [], [], "", done.returncode, done.stderr)
        read = lambda name: (out / name).read_text() if (out / name).exists() else ""
        told = [json.loads(line) for line in read("packets.jsonl").splitlines()]
        return Played(out, read("ip_conntrack" if classic else "nf_conntrack"), read("events").splitlines(), told,
                      sent_packets(out / "sent.pcapng"), read("rules.v4"), 0, done.stderr)

    def states(self, *arguments, **options):
        return [p.get("ctstate") for p in self.play(*arguments, **options).packets]

    def verdicts(self, *arguments, **options):
        return [p["verdict"] for p in self.play(*arguments, **options).packets]


def main():
    unittest.main(verbosity=1)
