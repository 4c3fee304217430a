#!/usr/bin/env python3
"""Connection tracking, R01 to R16, as the program shows it; the classic listings to the character."""
import re

from firewall import ACK, FIN, INSIDE, NET, OUTSIDE, OWN, PEER, PSH, RST, SYN, Firewall, filter_table, handshake, icmp, ip, main, tcp, udp

CLIENT, SERVER = "140.208.5.62", "207.46.230.218"
TRACK = filter_table("-A FORWARD -m state --state NEW\n")


def connection(close=()):
    """A handshake at 0 s and what comes after it, from the client's port 1311 to port 80."""
    return handshake(CLIENT, 1311, SERVER, 80) + list(close)


def from_client(at, flags, seq=1001, ack=5001, **more):
    return at, "eth0", tcp(CLIENT, 1311, SERVER, 80, flags, seq, ack, **more)


def from_server(at, flags, seq=5001, ack=1001, **more):
    return at, "ppp0", tcp(SERVER, 80, CLIENT, 1311, flags, seq, ack, **more)


class Tcp(Firewall):
    def test_R01_handshake_in_the_classic_table(self):
        packets = connection()
        told = [self.play(packets[:n], until=wait, classic=True).table for n, wait in ((1, 1), (2, 3), (3, 5))]
        self.assertEqual(told, [
            "tcp      6 119 SYN_SENT src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 [UNREPLIED] src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311 use=1\n",
            "tcp      6 57 SYN_RECV src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311 use=1\n",
            "tcp      6 431995 ESTABLISHED src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311 [ASSURED] use=1\n"])

    def test_R01_handshake_in_the_modern_table(self):
        ends = "src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80"
        back = "src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311"
        packets = connection()
        told = [self.play(packets[:n], until=wait).table for n, wait in ((1, 1), (2, 3), (3, 5))]
        self.assertEqual(told, [
            f"ipv4     2 tcp      6 119 SYN_SENT {ends} [UNREPLIED] {back} mark=0 zone=0 use=2\n",
            f"ipv4     2 tcp      6 57 SYN_RECV {ends} {back} mark=0 zone=0 use=2\n",
            f"ipv4     2 tcp      6 431995 ESTABLISHED {ends} {back} [ASSURED] mark=0 zone=0 use=2\n"])

    def test_R02_time_to_live_starts_again_at_each_packet_and_counts_down(self):
        first = (0, "eth0", udp(INSIDE, 1025, PEER, 53))
        for wait in (0, 1, 29):
            self.assertIn(f"udp      17 {30 - wait} src=", self.play([first], until=wait, classic=True).table)
        self.assertEqual(self.play([first], until=30, classic=True).table, "")
        again = (20, "eth0", udp(INSIDE, 1025, PEER, 53))
        self.assertIn("udp      17 30 src=", self.play([first, again], classic=True).table)
        self.assertIn("udp      17 11 src=", self.play([first, again], until=19, classic=True).table)
        self.assertIn(" [UNREPLIED] src=195.22.79.2 dst=192.168.1.5 sport=53 dport=1025 use=1", self.play([first, again], classic=True).table)

    def test_R02_unreplied_goes_with_the_answer_and_assured_comes_with_the_third_packet(self):
        packets = connection()
        marks = [re.findall(r"\[\w+\]", self.play(packets[:n], classic=True).table) for n in (1, 2, 3)]
        self.assertEqual(marks, [["[UNREPLIED]"], [], ["[ASSURED]"]])

    def test_R03_what_rules_see_is_not_the_tcp_state(self):
        rules = filter_table("".join(f"-A FORWARD -m state --state {s}\n" for s in ("NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED")))
        error = icmp(OUTSIDE, CLIENT, 3, 1, 0, tcp(CLIENT, 1311, SERVER, 80, SYN, 1000)[:28])
        packets = [connection()[0], connection()[1], connection()[2], (0, "ppp0", error), from_client(0, SYN | RST)]
        played = self.play(packets, rules)
        self.assertEqual([p["ctstate"] for p in played.packets], ["NEW", "ESTABLISHED", "ESTABLISHED", "RELATED", "INVALID"])
        counted = re.findall(r"\[(\d+):\d+\] -A FORWARD -m state --state (\w+)", played.rules)
        self.assertEqual(counted, [("1", "NEW"), ("2", "ESTABLISHED"), ("1", "RELATED"), ("1", "INVALID"), ("0", "UNTRACKED")])

    def test_R03_untracked_is_exempted_in_raw_and_errors_about_it_are_not_related(self):
        rules = "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p udp --dport 53 -j NOTRACK\nCOMMIT\n" + TRACK
        query = udp(INSIDE, 1025, PEER, 53)
        played = self.play([(0, "eth0", query), (0, "ppp0", icmp(PEER, INSIDE, 3, 3, 0, query[:28]))], rules)
        self.assertEqual([p["ctstate"] for p in played.packets], ["UNTRACKED", "INVALID"])
        self.assertEqual(played.table, "")

    def test_R04_new_need_not_be_a_syn(self):
        for classic in (False, True):
            for flags, state in ((SYN, "NEW"), (ACK, "NEW"), (PSH | ACK, "NEW"), (0, "NEW" if classic else "INVALID"),
                                 (FIN, "INVALID"), (FIN | ACK, "INVALID"), (RST, "INVALID"), (SYN | ACK, "INVALID")):
                with self.subTest(classic=classic, flags=flags):
                    self.assertEqual(self.states([from_client(0, flags)], classic=classic), [state])

    def test_R04_loose_off_takes_a_syn_alone(self):
        for name in ("net.netfilter.nf_conntrack_tcp_loose", "net.ipv4.netfilter.ip_conntrack_tcp_loose", "ip_ct_tcp_loose"):
            for classic in (False, True):
                self.assertEqual(self.states([from_client(0, ACK)], sysctl=f"{name}=0\n", classic=classic), ["INVALID"])
                self.assertEqual(self.states([from_client(0, SYN)], sysctl=f"{name}=0\n", classic=classic), ["NEW"])

    def test_R04_picked_up_again_after_its_entry_expired(self):
        packets = connection([from_client(432001, ACK), from_server(432001, ACK), from_client(432001, ACK)])
        played = self.play(packets[:4])
        self.assertEqual(played.packets[3]["ctstate"], "NEW")
        self.assertIn("tcp      6 300 ESTABLISHED src=140.208.5.62", played.table)
        self.assertIn("[UNREPLIED]", played.table)
        self.assertNotIn("[ASSURED]", played.table)
        self.assertIn("[ASSURED]", self.play(packets).table)

    def test_R05_window(self):
        packets = connection([from_client(1, ACK, 1001 + 100000, data=b"x"), from_client(1, ACK, 1001, data=b"x")])
        self.assertEqual(self.states(packets)[3:], ["INVALID", "ESTABLISHED"])
        self.assertEqual(self.states(packets, sysctl="net.netfilter.nf_conntrack_tcp_be_liberal=1\n")[3], "ESTABLISHED")
        above = connection([from_server(1, ACK, 5001, 1001 + 100000)])
        self.assertEqual(self.states(above)[3], "INVALID")

    def test_R05_window_scaling(self):
        def opening(scale):
            packets = connection()
            options = bytes([3, 3, scale, 1])
            for i, (source, sport, destination, dport, flags, seq, ack) in enumerate(
                    ((CLIENT, 1311, SERVER, 80, SYN, 1000, 0), (SERVER, 80, CLIENT, 1311, SYN | ACK, 5000, 1001))):
                bare = tcp(source, sport, destination, dport, flags, seq, ack, data=options)
                segment = bytearray(bare[20:])
                segment[12] = 0x60  # the four bytes of data are options
                packets[i] = (0, packets[i][1], ip(source, destination, 6, bytes(segment)))
            return packets
        def far(scale):  # 40,000 bytes ahead: in a window of 8192 << 3, not of 8192
            return self.play(opening(scale) + [from_client(1, ACK, 41001, data=b"x")], sysctl="net.netfilter.nf_conntrack_checksum=0\n")
        self.assertEqual([p["ctstate"] for p in far(0).packets][3], "INVALID")
        # the server announces its window anew, scaled, in the segment after the handshake
        played = self.play(opening(3) + [from_server(0, ACK), from_client(1, ACK, 41001, data=b"x")], sysctl="net.netfilter.nf_conntrack_checksum=0\n")
        self.assertEqual([p["ctstate"] for p in played.packets][4], "ESTABLISHED")

    def test_R05_selective_acknowledgements(self):
        sack = lambda left, right: bytes([1, 1, 5, 10]) + left.to_bytes(4, "big") + right.to_bytes(4, "big")
        def opening(options):
            return [(0, "eth0", tcp(CLIENT, 1311, SERVER, 80, SYN, 1000, options=options)),
                    (0, "ppp0", tcp(SERVER, 80, CLIENT, 1311, SYN | ACK, 5000, 1001, options=options)), from_client(0, ACK),
                    from_server(1, PSH | ACK, 5001, data=b"x" * 100)]
        permitted, silent = opening(bytes([4, 2, 1, 1])), opening(b"")
        sent, never_sent = (from_client(2, ACK, options=sack(5001, end)) for end in (5101, 5301))
        self.assertEqual(self.states(permitted + [sent])[4], "ESTABLISHED")
        self.assertEqual(self.states(permitted + [never_sent])[4], "INVALID")  # it acknowledges what nobody sent
        self.assertEqual(self.states(silent + [never_sent])[4], "ESTABLISHED")  # not agreed upon: not looked at

    def test_R06_fin_both_ways_leads_to_time_wait(self):
        close = [from_client(1, FIN | ACK), from_server(2, FIN | ACK, 5001, 1002), from_client(3, ACK, 1002, 5002)]
        for classic, states in ((True, ("120 FIN_WAIT", "30 LAST_ACK", "120 TIME_WAIT")), (False, ("120 FIN_WAIT", "30 LAST_ACK", "120 TIME_WAIT"))):
            for n, state in enumerate(states, 1):
                self.assertIn(f"tcp      6 {state} src=", self.play(connection(close[:n]), classic=classic).table)
        late = from_server(60, ACK, 5002, 1002)
        self.assertEqual(self.states(connection(close + [late]))[-1], "ESTABLISHED")
        self.assertEqual(self.play(connection(close), until=120).table, "")

    def test_R06_reset_leads_to_close(self):
        for classic in (False, True):
            self.assertIn("tcp      6 10 CLOSE src=", self.play(connection([from_server(1, RST, 5001)]), classic=classic).table)

    def test_R07_classic_timeouts(self):
        close = [from_client(1, FIN | ACK), from_server(1, ACK, 5001, 1002), from_server(2, FIN | ACK, 5001, 1002), from_client(3, ACK, 1002, 5002)]
        rows = ((connection()[:1], "120 SYN_SENT"), (connection()[:2], "60 SYN_RECV"), (connection(), "432000 ESTABLISHED"),
                (connection(close[:1]), "120 FIN_WAIT"), (connection(close[:2]), "43200 CLOSE_WAIT"), (connection(close[:3]), "30 LAST_ACK"),
                (connection(close), "120 TIME_WAIT"), (connection([from_server(1, RST, 5001)]), "10 CLOSE"))
        for packets, listed in rows:
            with self.subTest(listed=listed):
                self.assertTrue(self.play(packets, classic=True).table.startswith(f"tcp      6 {listed} src="), listed)

    def test_R07_every_name_changes_it(self):
        packets = {"tcp": connection(), "udp": [(0, "eth0", udp(INSIDE, 1025, PEER, 53))],
                   "icmp": [(0, "eth0", icmp(INSIDE, PEER, 8, 0, 9))], "generic": [(0, "eth0", ip(INSIDE, PEER, 99, b"1234"))]}
        for protocol, field in (("tcp", "tcp_timeout_established"), ("udp", "udp_timeout"), ("icmp", "icmp_timeout"), ("generic", "generic_timeout")):
            names = ["net.netfilter.nf_conntrack_" + field, "net.ipv4.netfilter.ip_conntrack_" + field, "ip_ct_" + field,
                     "net/netfilter/nf_conntrack_" + field, "/proc/sys/net/ipv4/netfilter/ip_conntrack_" + field, "/proc/sys/net/netfilter/nf_conntrack_" + field]
            for name in names:
                for classic in (False, True):
                    with self.subTest(name=name, classic=classic):
                        played = self.play(packets[protocol], sysctl=f"{name} = 77\n", classic=classic)
                        self.assertEqual(played.status, 0, played.errors)
                        self.assertRegex(played.table, r"\d 77 (ESTABLISHED )?src=")

    def test_R07_changed_while_running(self):
        first = self.play(connection(), classic=True)
        (first.directory / "sysctl.conf").write_text("net.ipv4.netfilter.ip_conntrack_tcp_timeout_established=50\n")
        self.assertIn(" 431999 ESTABLISHED ", self.play([(1, "eth0", udp(INSIDE, 1025, PEER, 53))], box=first.directory, classic=True).table)
        self.assertIn(" 50 ESTABLISHED ", self.play([from_client(1, ACK)], box=first.directory, classic=True).table)


class Others(Firewall):
    def test_R08_udp_in_the_classic_table(self):
        there, back = udp("192.168.1.2", 137, "192.168.1.5", 1025), udp("192.168.1.5", 1025, "192.168.1.2", 137)
        net = "addr add 192.168.1.254/24 dev eth0\nlink set dev eth1 up\nroute add 192.168.1.5/32 dev eth1\n"
        self.assertEqual(self.play([(0, "eth0", there)], until=10, classic=True, net=net).table,
                         "udp      17 20 src=192.168.1.2 dst=192.168.1.5 sport=137 dport=1025 [UNREPLIED] src=192.168.1.5 dst=192.168.1.2 sport=1025 dport=137 use=1\n")
        answered = [(0, "eth0", there), (0, "eth1", back)]
        self.assertIn("udp      17 180 src=", self.play(answered, classic=True, net=net).table)
        self.assertNotIn("[", self.play(answered, classic=True, net=net).table)
        self.assertEqual(self.play(answered + [(1, "eth0", there)], until=10, classic=True, net=net).table,
                         "udp      17 170 src=192.168.1.2 dst=192.168.1.5 sport=137 dport=1025 src=192.168.1.5 dst=192.168.1.2 sport=1025 dport=137 [ASSURED] use=1\n")

    def test_R09_icmp_in_the_classic_table(self):
        net = "addr add 192.168.1.254/24 dev eth0\nlink set dev eth1 up\nroute add 192.168.1.10/32 dev eth1\n"
        request, reply = icmp("192.168.1.6", "192.168.1.10", 8, 0, 33029), icmp("192.168.1.10", "192.168.1.6", 0, 0, 33029)
        self.assertEqual(self.play([(0, "eth0", request)], until=5, classic=True, net=net).table,
                         "icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] src=192.168.1.10 dst=192.168.1.6 type=0 code=0 id=33029 use=1\n")
        played = self.play([(0, "eth0", request), (5, "eth1", reply)], classic=True, net=net)
        self.assertEqual(played.table, "")
        self.assertEqual(played.packets[1]["ctstate"], "ESTABLISHED")
        self.assertIn("icmp     1 30 src=", self.play([(0, "eth0", request), (5, "eth1", reply)], net=net).table)

    def test_R09_four_kinds_of_request_open_an_entry(self):
        for request, reply in ((8, 0), (13, 14), (15, 16), (17, 18)):
            there, back = (0, "eth0", icmp(INSIDE, PEER, request, 0, 5, b"12345678")), (1, "ppp0", icmp(PEER, INSIDE, reply, 0, 5, b"12345678"))
            self.assertEqual(self.states([there, back]), ["NEW", "ESTABLISHED"])
            self.assertEqual(self.states([back]), ["INVALID"])
            self.assertIn(f" 30 src={INSIDE} dst={PEER} type={request} code=0 id=5 ", self.play([there], classic=True).table)

    def test_R10_errors_are_related_even_to_what_is_only_new(self):
        about = {"tcp": tcp(INSIDE, 4000, PEER, 80, SYN, 1000), "udp": udp(INSIDE, 4000, PEER, 53), "icmp": icmp(INSIDE, PEER, 8, 0, 5)}
        for protocol, packet in about.items():
            for kind, code in ((3, 1), (4, 0), (5, 1), (11, 0), (12, 0)):
                for classic in (False, True):
                    with self.subTest(protocol=protocol, kind=kind, classic=classic):
                        played = self.play([(0, "eth0", packet), (1, "ppp0", icmp(OUTSIDE, INSIDE, kind, code, 0, packet[:28]))], classic=classic)
                        self.assertEqual([p["ctstate"] for p in played.packets], ["NEW", "RELATED"])
                        self.assertEqual(played.table == "", classic, "in the classic profile its entry goes")

    def test_R10_in_the_other_direction_too_and_about_nothing_is_invalid(self):
        there, back = udp(INSIDE, 4000, PEER, 53), udp(PEER, 53, INSIDE, 4000)
        self.assertEqual(self.states([(0, "eth0", there), (0, "ppp0", back), (0, "eth0", icmp(INSIDE, PEER, 3, 3, 0, back[:28]))])[2], "RELATED")
        self.assertEqual(self.states([(0, "ppp0", icmp(OUTSIDE, INSIDE, 3, 3, 0, there[:28]))]), ["INVALID"])

    def test_R11_any_other_protocol_by_its_addresses(self):
        packets = [(0, "eth0", ip(INSIDE, PEER, 99, b"1234")), (1, "ppp0", ip(PEER, INSIDE, 99, b"other"))]
        for classic in (False, True):
            self.assertEqual(self.states(packets, classic=classic), ["NEW", "ESTABLISHED"])
        self.assertEqual(self.play(packets[:1], classic=True).table,
                         "unknown  99 600 src=192.168.1.5 dst=195.22.79.2 [UNREPLIED] src=195.22.79.2 dst=192.168.1.5 use=1\n")

    def test_R12_fragments_are_one_packet_to_the_rules_and_leave_as_fragments(self):
        whole = udp(INSIDE, 4000, PEER, 53, b"x" * 2000)
        parts = [(0, "eth0", ip(INSIDE, PEER, 17, whole[20 + at:20 + at + 1000], identification=9, flags=1 if at + 1000 < 2008 else 0, offset=at)) for at in (0, 1000, 2000)]
        for order in (parts, parts[::-1]):
            played = self.play(order, TRACK + "")
            self.assertEqual(sorted(p["verdict"] for p in played.packets), ["forward", "hold", "hold"])
            self.assertEqual([len(p) for p in played.sent], [1020, 1020, 28])
            self.assertIn("[1:2028] -A FORWARD -m state --state NEW", played.rules)
        plain = self.play(parts, filter_table("-A FORWARD -j ACCEPT\n"))
        self.assertEqual([p["verdict"] for p in plain.packets], ["forward"] * 3)
        self.assertIn("[3:2068] -A FORWARD -j ACCEPT", plain.rules)

    def test_R13_entered_only_when_every_chain_was_passed(self):
        dropped = filter_table("-A FORWARD -m state --state NEW -j DROP\n-A OUTPUT -m state --state NEW -j DROP\n")
        for side in ("eth0", None):
            packet = (0, side, udp(INSIDE if side else OWN, 1025, PEER, 53))
            played = self.play([packet, (1,) + packet[1:]], dropped)
            self.assertEqual([p["ctstate"] for p in played.packets], ["NEW", "NEW"])
            self.assertEqual((played.table, played.events), ("", []))
            self.assertEqual(len(self.play([packet], TRACK).table.splitlines()), 1)


class Table(Firewall):
    def full(self, packets, maximum, **options):
        sysctl = f"net.netfilter.nf_conntrack_max={maximum}\nnet.netfilter.nf_conntrack_buckets=1\n"
        return self.play(packets, sysctl=sysctl, **options)

    def test_R15_an_entry_that_is_not_assured_makes_room(self):
        packets = [(0, "eth0", udp(INSIDE, port, PEER, 53)) for port in range(2000, 2005)]
        played = self.full(packets, 4)
        self.assertEqual([p["verdict"] for p in played.packets], ["forward"] * 5)
        self.assertLessEqual(len(played.table.splitlines()), 4)
        self.assertIn("sport=2004 ", played.table)

    def test_R15_assured_entries_stay_and_the_packet_is_dropped_and_told(self):
        packets = [p for port in (2000, 2001) for p in handshake(CLIENT, port, SERVER, 80)]
        played = self.full(packets + [(1, "eth0", udp(INSIDE, 4000, PEER, 53))], 2)
        self.assertEqual((played.packets[-1]["verdict"], played.packets[-1]["reason"]), ("refuse", "table-full"))
        self.assertEqual(played.table.count("[ASSURED]"), 2)

    def test_R15_hashsize_sets_the_maximum_in_the_classic_profile(self):
        packets = [p for port in range(2000, 2070) for p in handshake(CLIENT, port, SERVER, 80)]
        played = self.play(packets, sysctl="net.ipv4.netfilter.ip_conntrack_buckets=8\n", classic=True)
        self.assertEqual(len(played.table.splitlines()), 64)

    def test_R16_the_classic_listings(self):
        net = "addr add 192.168.1.254/24 dev eth0\nlink set dev eth1 up\nroute add 192.168.1.35/32 dev eth1\n"
        packets = handshake("192.168.1.5", 1031, "192.168.1.35", 23, outside="eth1")
        told = [self.play(packets[:n], until=wait, classic=True, net=net).table for n, wait in ((1, 3), (2, 3), (3, 1))]
        self.assertEqual(told, [
            "tcp      6 117 SYN_SENT src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 [UNREPLIED] src=192.168.1.35 dst=192.168.1.5 sport=23 dport=1031 use=1\n",
            "tcp      6 57 SYN_RECV src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 src=192.168.1.35 dst=192.168.1.5 sport=23 dport=1031 use=1\n",
            "tcp      6 431999 ESTABLISHED src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 src=192.168.1.35 dst=192.168.1.5 sport=23 dport=1031 [ASSURED] use=1\n"])
        query = [(0, "eth0", udp(INSIDE, 1025, PEER, 53)), (0, "ppp0", udp(PEER, 53, INSIDE, 1025)), (0, "eth0", udp(INSIDE, 1025, PEER, 53))]
        self.assertEqual(self.play(query, until=5, classic=True).table,
                         "udp      17 175 src=192.168.1.5 dst=195.22.79.2 sport=1025 dport=53 src=195.22.79.2 dst=192.168.1.5 sport=53 dport=1025 [ASSURED] use=1\n")

    def test_R16_changes_as_they_happen(self):
        ends = "src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80"
        back = "src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311"
        self.assertEqual(self.play(connection([from_server(1, RST, 5001)]), until=10).events, [
            f"[1795308671.000000]\t    [NEW] tcp      6 120 SYN_SENT {ends} [UNREPLIED] {back}",
            f"[1795308671.000000]\t [UPDATE] tcp      6 60 SYN_RECV {ends} {back}",
            f"[1795308671.000000]\t [UPDATE] tcp      6 432000 ESTABLISHED {ends} {back} [ASSURED]",
            f"[1795308672.000000]\t [UPDATE] tcp      6 10 CLOSE {ends} {back} [ASSURED]",
            f"[1795308682.000000]\t[DESTROY] tcp      6 CLOSE {ends} {back} [ASSURED]"])


if __name__ == "__main__":
    main()
