"""Makes an entry of the kernel that has a helper, by one message of ctnetlink: conntrack(8) itself cannot."""
import socket
import struct

NETLINK_NETFILTER, CONNTRACK_NEW = 12, 1 << 8
REQUEST, ACK, CREATE, EXCLUSIVE = 1, 4, 0x400, 0x200
TUPLE_ORIGINAL, TUPLE_REPLY, STATUS, PROTOCOL_INFO, HELP, TIMEOUT = 1, 2, 3, 4, 5, 7
SEEN_REPLY, ASSURED, CONFIRMED = 2, 4, 8
ESTABLISHED = 3


def attribute(kind, data, nested=False):
    size = 4 + len(data)
    return struct.pack("=HH", size, kind | (0x8000 if nested else 0)) + data + bytes(-size % 4)


def endpoints(kind, protocol, source, destination):
    family, first = (socket.AF_INET6, 3) if ":" in source[0] else (socket.AF_INET, 1)
    addresses = attribute(first, socket.inet_pton(family, source[0])) + attribute(first + 1, socket.inet_pton(family, destination[0]))
    ports = attribute(1, bytes([protocol])) + attribute(2, struct.pack("!H", source[1])) + attribute(3, struct.pack("!H", destination[1]))
    return attribute(kind, attribute(1, addresses, True) + attribute(2, ports, True), True)


def make(helper, protocol, source, destination, timeout):
    """`source`, `destination`: address and port. An entry that saw a reply and is assured; TCP's is established."""
    body = struct.pack("=BBH", socket.AF_INET6 if ":" in source[0] else socket.AF_INET, 0, 0)
    body += endpoints(TUPLE_ORIGINAL, protocol, source, destination) + endpoints(TUPLE_REPLY, protocol, destination, source)
    body += attribute(STATUS, struct.pack("!I", SEEN_REPLY | ASSURED | CONFIRMED)) + attribute(TIMEOUT, struct.pack("!I", timeout))
    body += attribute(HELP, attribute(1, helper.encode() + b"\0"), True)
    if protocol == socket.IPPROTO_TCP:
        body += attribute(PROTOCOL_INFO, attribute(1, attribute(1, bytes([ESTABLISHED])), True), True)
    message = struct.pack("=IHHII", 16 + len(body), CONNTRACK_NEW, REQUEST | ACK | CREATE | EXCLUSIVE, 1, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER) as kernel:
        kernel.bind((0, 0))
        kernel.send(message)
        error = -struct.unpack_from("=i", kernel.recv(8192), 16)[0]
    if error != 0:
        raise OSError(error, f"the kernel makes no entry with helper {helper}")
