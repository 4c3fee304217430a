"""Every option with every command, as command lines: what is allowed, needed and refused, and in which words."""

COMMANDS = ["-L", "-G", "-D", "-I", "-A", "-U", "-F", "-C", "-S"]
TABLES = ["", "expect", "dying"]
ADDRESSES = "-s 1.1.1.1 -d 2.2.2.2"
# Enough for a command that makes or finds something, and what may be added to it.
WITH = {"": f"-p 99 {ADDRESSES}", "expect": f"-p 99 {ADDRESSES} -t 5 --tuple-src 3.3.3.3 --tuple-dst 4.4.4.4 --mask-src 255.255.255.255 --mask-dst 255.255.255.255"}
OPTIONS = [
    "-s 1.1.1.1", "-s 1.1.1.0/24", "-d 2.2.2.2", "-d 2.2.0.0/16", "-r 2.2.2.2", "-q 1.1.1.1", "-p 99", "-t 900", "-u ASSURED", "-z", "-e NEW",
    "--tuple-src 1.1.1.1", "--tuple-dst 1.1.1.1", "--mask-src 255.0.0.0", "--mask-dst 255.0.0.0", "-m 1", "-i 5", "-f ipv4", "-f ipv6", "-n", "-g",
    "-j", "-n 5.5.5.5", "-g 5.5.5.5", "-j 5.5.5.5", "-o extended", "-o save", "-o xml", "-o id", "-o userspace", "-o timestamp", "-c 1", "--buffer-size 5", "-w 5", "-w 0",
    "-l one", "--label-add one", "--label-del one", "--label-del", "--orig-zone 5", "--reply-zone 5", "-a 1.1.1.1",
]
PROTOCOLS = {
    "tcp": ["--sport 1", "--dport 2", "--reply-port-src 2", "--reply-port-dst 1", "--mask-port-src 5", "--mask-port-dst 5", "--state ESTABLISHED", "--tuple-port-src 1", "--tuple-port-dst 1550"],
    "udp": ["--sport 1", "--dport 2", "--reply-port-src 2", "--reply-port-dst 1", "--mask-port-src 5", "--mask-port-dst 5", "--tuple-port-src 1", "--tuple-port-dst 1550"],
    "udplite": ["--sport 1", "--dport 2", "--reply-port-src 2", "--reply-port-dst 1", "--mask-port-src 5", "--mask-port-dst 5", "--tuple-port-src 1", "--tuple-port-dst 1550"],
    "sctp": ["--sport 1", "--dport 2", "--reply-port-src 2", "--reply-port-dst 1", "--mask-port-src 5", "--mask-port-dst 5", "--state CLOSED", "--tuple-port-src 1", "--tuple-port-dst 1550", "--orig-vtag 5", "--reply-vtag 6"],
    "dccp": ["--sport 1", "--dport 2", "--reply-port-src 2", "--reply-port-dst 1", "--mask-port-src 5", "--mask-port-dst 5", "--state OPEN", "--tuple-port-src 1", "--tuple-port-dst 1550", "--role client"],
    "gre": ["--srckey 1", "--dstkey 2", "--reply-key-src 2", "--reply-key-dst 1", "--mask-key-src 5", "--mask-key-dst 5", "--tuple-key-src 1", "--tuple-key-dst 1550"],
    "icmp": ["--icmp-type 8", "--icmp-code 0", "--icmp-id 5"],
    "icmpv6": ["--icmpv6-type 128", "--icmpv6-code 0", "--icmpv6-id 5"],
}


def lines():
    for command in COMMANDS:
        for table in TABLES:
            start = f"{command} {table}".strip()
            for option in OPTIONS:
                yield f"{start} {option}"
                if table in WITH and command in ("-G", "-D", "-I", "-A", "-U"):
                    time = " -t 1000" if command in ("-I", "-A") and table == "" else ""
                    yield f"{start} {WITH[table]}{time} {option}"
            yield "-F"
    for protocol, options in PROTOCOLS.items():
        for command in COMMANDS:
            for table in ("", "expect"):
                start = f"{command} {table} -p {protocol} {ADDRESSES}".replace("  ", " ")
                time = " -t 1000" if command in ("-I", "-A") else ""
                yield start
                for number, option in enumerate(options):
                    yield f"{start}{time} {option}"
                    yield f"{start}{time} {' '.join(options[:number] + options[number + 1:])}"
