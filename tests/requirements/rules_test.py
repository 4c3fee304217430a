#!/usr/bin/env python3
"""Rules, R20 to R26, and their explanation, R30: literal rulesets and what they do to packets."""
import json
import re
import unittest

from firewall import ACK, FIN, INSIDE, OUTSIDE, OWN, PEER, RST, SYN, Firewall, filter_table, handshake, icmp, ip, main, tcp, udp

HEAD = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"


def lines_of(saved, counters=False):
    """A saved table's lines, without comments and, unless wanted, without the counters of rules."""
    lines = [line for line in saved.splitlines() if not line.startswith("#")]
    return lines if counters else [re.sub(r"^\[\d+:\d+\] ", "", line) for line in lines]


class Rules(Firewall):
    def saved(self, commands, table="filter"):
        """The rules that commands leave in an empty table."""
        played = self.play([], f"*{table}\n{commands}COMMIT\n")
        self.assertEqual(played.status, 0, played.errors)
        return [line for line in lines_of(played.rules) if line.startswith(("-A", ":"))]

    def rules_of(self, commands, table="filter"):
        return [line for line in self.saved(commands, table) if line.startswith("-A")]

    def refused(self, command, table="filter"):
        played = self.play([], f"*{table}\n{command}\nCOMMIT\n")
        self.assertEqual(played.status, 2)
        return played.errors

    def deciding(self, rules, packets):
        """`CHAIN N` or `CHAIN policy` for each packet."""
        told = [p.get("by", {}) for p in self.play(packets, rules).packets]
        return [f"{by['chain']} {by.get('rule', 'policy')}" if by else "" for by in told]

    # R20, R21: tables, chains, commands

    def test_R20_tables_and_their_built_in_chains(self):
        built_in = {"filter": "INPUT FORWARD OUTPUT", "nat": "PREROUTING INPUT OUTPUT POSTROUTING", "raw": "PREROUTING OUTPUT",
                    "mangle": "PREROUTING INPUT FORWARD OUTPUT POSTROUTING", "security": "INPUT FORWARD OUTPUT"}
        for table, chains in built_in.items():
            self.assertEqual(self.saved(":user - [0:0]\n", table), [f":{c} ACCEPT [0:0]" for c in chains.split()] + [":user - [0:0]"])

    def test_R20_first_rule_that_matches_decides_else_the_policy(self):
        rules = filter_table(":user - [0:0]\n-A FORWARD -p udp --dport 1 -j DROP\n-A FORWARD -p udp --dport 1:2 -j ACCEPT\n"
                             "-A FORWARD -p udp -j user\n-A user -p udp --dport 3 -j ACCEPT\n-A user -p udp --dport 4 -j RETURN\n", forward="DROP")
        packets = [(0, "eth0", udp(INSIDE, 4000, PEER, port)) for port in (1, 2, 3, 4, 5)]
        self.assertEqual(self.deciding(rules, packets), ["FORWARD 1", "FORWARD 2", "user 1", "FORWARD policy", "FORWARD policy"])
        self.assertEqual(self.verdicts(packets, rules), ["drop", "forward", "forward", "drop", "drop"])

    def test_R20_each_table_can_drop(self):
        packet = [(0, "eth0", udp(INSIDE, 4000, PEER, 53))]
        for table, chain in (("raw", "PREROUTING"), ("mangle", "FORWARD"), ("filter", "FORWARD"), ("security", "FORWARD")):
            told = self.play(packet, f"*{table}\n-A {chain} -p udp -j DROP\nCOMMIT\n").packets[0]
            self.assertEqual((told["verdict"], told["by"]), ("drop", {"table": table, "chain": chain, "rule": 1}))

    def test_R21_commands_that_change_rules(self):
        a, b, c = ("-s 10.0.0.1 -j DROP", "-s 10.0.0.2 -j DROP", "-s 10.0.0.3 -j DROP")
        as_saved = lambda *rules: [f"-A INPUT {rule}".replace(" -j", "/32 -j") for rule in rules]
        for commands, left in ((f"-A INPUT {a}\n-A INPUT {b}\n", (a, b)), (f"-A INPUT {a}\n-I INPUT {b}\n", (b, a)),
                               (f"-A INPUT {a}\n-A INPUT {b}\n-I INPUT 2 {c}\n", (a, c, b)), (f"-A INPUT {a}\n-A INPUT {b}\n-R INPUT 2 {c}\n", (a, c)),
                               (f"-A INPUT {a}\n-A INPUT {b}\n-D INPUT 1\n", (b,)), (f"-A INPUT {a}\n-A INPUT {b}\n-D INPUT {b}\n", (a,)),
                               (f"-A INPUT {a}\n-C INPUT {a}\n", (a,)), (f"-A INPUT {a}\n-F INPUT\n", ()), (f"-A INPUT {a}\n-F\n-A INPUT {b}\n", (b,))):
            with self.subTest(commands=commands):
                self.assertEqual(self.rules_of(commands), as_saved(*left))

    def test_R21_commands_about_chains(self):
        self.assertEqual(self.saved("-N one\n-N two\n-A INPUT -j one\n-E one uno\n-X two\n-P FORWARD DROP\n"),
                         [":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]", ":uno - [0:0]", "-A INPUT -j uno"])
        played = self.play([], "*filter\n:INPUT ACCEPT [5:6]\n[7:8] -A INPUT -s 10.0.0.1 -j DROP\n-Z INPUT\nCOMMIT\n")
        self.assertIn(":INPUT ACCEPT [0:0]", played.rules)
        self.assertIn("[0:0] -A INPUT -s 10.0.0.1/32 -j DROP", played.rules)

    def test_R21_errors_as_iptables_words_them(self):
        for command, words in (("-A NOSUCH -j ACCEPT", "No chain/target/match by that name."), ("-D INPUT 1", "Index of deletion too big."),
                               ("-I INPUT 5 -j DROP", "Index of insertion too big."), ("-R INPUT 1 -j DROP", "Index of replacement too big."),
                               ("-N INPUT", "Chain already exists."), ("-P FORWARD DENY", "Bad policy name."), ("-X nosuch", "No chain/target/match by that name."),
                               ("-D INPUT -j DROP", "Bad rule (does a matching rule exist in that chain?)."), ("-C INPUT -j DROP", "Bad rule (does a matching rule exist in that chain?)."),
                               ("-A INPUT -A FORWARD", "Cannot use -A with -A"), ("-A INPUT --frobnicate", 'unknown option "--frobnicate"')):
            with self.subTest(command=command):
                self.assertIn("rules.v4:2: " + words, self.refused(command))

    def test_R21_options_in_any_order(self):
        import itertools
        parts = ("-p tcp", "-s 10.0.0.1", "-i eth0", "-j DROP", "-d 10.0.0.2")
        for order in itertools.permutations(parts):
            self.assertEqual(self.rules_of("-A INPUT " + " ".join(order) + "\n"), ["-A INPUT -s 10.0.0.1/32 -d 10.0.0.2/32 -i eth0 -p tcp -j DROP"])

    # R22: matches

    def test_R22_each_match_takes_its_packets_and_no_others(self):
        t = lambda flags=SYN, sport=4000, dport=80: (0, "eth0", tcp(INSIDE, sport, PEER, dport, flags, 1000))
        u = lambda sport=4000, dport=53: (0, "eth0", udp(INSIDE, sport, PEER, dport))
        i = lambda kind: (0, "eth0", icmp(INSIDE, PEER, kind, 0, 5, b"12345678"))
        from_ppp = (0, "ppp0", udp(OUTSIDE, 53, INSIDE, 4000))
        other = (0, "eth0", ip(INSIDE, PEER, 99, b"1234"))
        for match, hits, misses in (
                ("-p tcp", [t()], [u(), i(8)]), ("-p udp", [u()], [t()]), ("-p icmp", [i(8), i(0)], [u()]), ("-p 99", [other], [u()]), ("! -p tcp", [u()], [t()]),
                ("-s 192.168.1.5", [u()], [from_ppp]), ("-s 192.168.1.0/24", [u()], [from_ppp]), ("-s 192.168.0.0/255.255.0.0", [u()], [from_ppp]),
                ("! -s 192.168.1.5", [from_ppp], [u()]), ("-s ! 192.168.1.5", [from_ppp], [u()]), ("-d 195.22.79.2,10.0.0.1", [u()], [from_ppp]),
                ("-i eth0", [u()], [from_ppp]), ("-i eth+", [u()], [from_ppp]), ("-o ppp+", [u()], [from_ppp]), ("! -i eth0", [from_ppp], [u()]), ("-i ! eth0", [from_ppp], [u()]),
                ("-p tcp --sport 4000", [t()], [t(sport=4001)]), ("-p tcp --source-port 4000:4002", [t(sport=4002)], [t(sport=4003)]),
                ("-p udp --dport 53", [u()], [u(dport=54)]), ("-p tcp --destination-port telnet", [t(dport=23)], [t(dport=22)]),
                ("-p tcp --destination-port ! 80", [t(dport=81)], [t()]), ("-p tcp ! --dport 80", [t(dport=81)], [t()]), ("-p tcp --dport 80:", [t(), t(dport=65535)], [t(dport=79)]),
                ("-p tcp --syn", [t()], [t(ACK), t(SYN | ACK)]), ("-p tcp ! --syn", [t(ACK)], [t()]), ("-p tcp --tcp-flags SYN,ACK,FIN SYN", [t()], [t(SYN | ACK), t(ACK)]),
                ("-p tcp --tcp-flags ALL NONE", [t(0)], [t(), t(FIN)]), ("-p icmp --icmp-type echo-request", [i(8)], [i(13)]), ("-p icmp --icmp-type 13", [i(13)], [i(8)]),
                ("-m state --state NEW", [u()], [i(0)]), ("-m state --state ! NEW", [i(0)], [u()]), ("-m conntrack --ctstate INVALID", [i(0)], [u()]),
                ("-m conntrack --ctproto udp", [u()], [t()]), ("-m conntrack --ctorigdst 195.22.79.2", [u()], [from_ppp]), ("-m conntrack --ctdir ORIGINAL", [u()], [])):
            rules = filter_table(f"-A FORWARD {match} -j DROP\n")
            for wanted, packets in (("drop", hits), ("forward", misses)):
                for packet in packets:
                    with self.subTest(match=match, wanted=wanted, packet=packet[2].hex()):
                        self.assertEqual(self.verdicts([packet], rules), [wanted])

    def test_R22_inversion_is_saved_in_its_new_form(self):
        for old, new in (("-p tcp --destination-port ! 80 -j DROP", "-p tcp -m tcp ! --dport 80 -j DROP"), ("-s ! 1.2.3.4", "! -s 1.2.3.4/32"),
                         ("-m state --state ! NEW", "-m state ! --state NEW"), ("-i ! eth0", "! -i eth0"), ("-p ! udp", "! -p udp")):
            self.assertEqual(self.rules_of(f"-A INPUT {old}\n"), [f"-A INPUT {new}"])

    def test_R22_a_typographic_dash_gets_the_error_and_a_hint(self):
        said = self.refused("-A INPUT -m state \u2013state NEW")
        self.assertIn("rules.v4:2: Bad argument `\u2013state'", said)
        self.assertIn("typographic", said)

    def test_R22_host_names(self):
        self.assertEqual(self.rules_of("-A INPUT -s localhost\n"), ["-A INPUT -s 127.0.0.1/32"])
        self.assertIn("rules.v4:2: host/network `one.example' not found", self.refused("-A INPUT -s one.example"))

    # R23: targets

    def test_R23_drop_says_nothing_and_reject_answers(self):
        packets = [(0, "eth0", udp(INSIDE, 4000, PEER, 53))]
        self.assertEqual(self.play(packets, filter_table("-A FORWARD -p udp -j DROP\n")).sent, [])
        answered = self.play(packets, filter_table("-A FORWARD -p udp -j REJECT\n"))
        self.assertEqual([(p[9], p[20], p[21]) for p in answered.sent], [(1, 3, 3)])
        reset = self.play([(0, "eth0", tcp(INSIDE, 4000, PEER, 80, SYN, 1000))], filter_table("-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\n"))
        self.assertEqual([(p[9], p[33], p[28:32]) for p in reset.sent], [(6, RST | ACK, (1001).to_bytes(4, "big"))])

    def test_R23_deny_of_ipchains_names_reject_and_drop(self):
        said = self.refused("-A INPUT -j DENY")
        for words in ("Couldn't load target `DENY':No such file or directory", "REJECT", "DROP"):
            self.assertIn(words, said)

    # R24, R25: files

    def test_R24_files_of_every_age(self):
        text = ("# Generated by iptables-save v1.2.6a on Sat Jan  1 00:00:00 2000\n*nat\n:PREROUTING ACCEPT [1:2]\n:POSTROUTING ACCEPT [3:4]\n:OUTPUT ACCEPT [5:6]\nCOMMIT\n"
                "*filter \n:OUTPUT ACCEPT [0:0]\n:mine - [0:0]\n:INPUT DROP [7:8] \n:FORWARD ACCEPT [0:0]\n[9:10] -A INPUT -i eth0 -j mine \nCOMMIT \n# Completed\n")
        played = self.play([], text)
        self.assertEqual(played.status, 0, played.errors)
        self.assertEqual(lines_of(played.rules, counters=True), [
            "*filter", ":INPUT DROP [7:8]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":mine - [0:0]", "[9:10] -A INPUT -i eth0 -j mine", "COMMIT",
            "*nat", ":PREROUTING ACCEPT [1:2]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [5:6]", ":POSTROUTING ACCEPT [3:4]", "COMMIT"])

    def test_R24_form_of_a_saved_file(self):
        lines = self.play([(0, "eth0", udp(INSIDE, 4000, PEER, 53))], filter_table("-A FORWARD -p udp -j ACCEPT\n")).rules.splitlines()
        self.assertRegex(lines[0], r"^# Generated by .* on Sun Nov 22 00:51:11 2026$")
        self.assertEqual(lines[1:6], ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", "[1:36] -A FORWARD -p udp -j ACCEPT"])
        self.assertEqual(lines[6], "COMMIT")
        self.assertRegex(lines[7], r"^# Completed on Sun Nov 22 00:51:11 2026$")

    def test_R25_what_is_wrong_is_named_by_its_line_and_nothing_is_taken(self):
        played = self.play([], "*filter\n-A INPUT -j DROP\nCOMMIT\n*mangle\n-A INPUT -s 1.2.3.400\nCOMMIT\n")
        self.assertEqual(played.status, 2)
        self.assertIn("rules.v4:5: host/network `1.2.3.400' not found", played.errors)
        self.assertFalse(played.directory.exists())
        self.assertIn("rules.v4:2: COMMIT expected at line 2", self.play([], "*filter\n").errors)

    # R26: what their authors say

    def test_R26_established_in_and_new_or_established_out(self):
        rules = filter_table("-A INPUT -m state --state ESTABLISHED -j ACCEPT\n-A OUTPUT -m state --state NEW,ESTABLISHED -j ACCEPT\n", incoming="DROP", outgoing="DROP")
        packets = handshake(OWN, 1311, OUTSIDE, 80, own=True) + [(1, "ppp0", tcp(OUTSIDE, 2000, OWN, 80, SYN, 1)), (1, "ppp0", tcp(OUTSIDE, 2000, OWN, 80, ACK, 1, 1))]
        self.assertEqual(self.verdicts(packets, rules), ["send", "deliver", "send", "drop", "drop"])

    def test_R26_new_without_syn_is_dropped(self):
        rules = filter_table("-A FORWARD -p tcp ! --syn -m state --state NEW -j DROP\n")
        self.assertEqual(self.deciding(rules, [(0, "eth0", tcp(INSIDE, 4000, PEER, 80, ACK, 1, 1))]), ["FORWARD 1"])
        self.assertEqual(self.verdicts(handshake(INSIDE, 4000, PEER, 80), rules), ["forward"] * 3)

    def test_R26_every_syn_from_the_internet_side_but_port_80(self):
        rules = filter_table("-A INPUT -i ppp0 -p tcp --syn --destination-port ! 80 -j DROP\n")
        packets = [(0, side, tcp(source, 4000, OWN, port, flags, 1)) for side, source, port, flags in
                   (("ppp0", OUTSIDE, 23, SYN), ("ppp0", OUTSIDE, 80, SYN), ("ppp0", OUTSIDE, 23, ACK), ("eth0", INSIDE, 23, SYN))]
        self.assertEqual(self.verdicts(packets, rules), ["drop", "deliver", "deliver", "deliver"])

    def test_R26_ignore_a_host_and_a_network(self):
        host = [(0, "ppp0", udp(source, 53, OWN, 53)) for source in ("200.200.200.1", "200.200.200.2", "200.200.201.1")]
        for commands, verdicts in (("-A INPUT -s 200.200.200.1 -j DROP\n", ["drop", "deliver", "deliver"]), ("-A INPUT -j DROP -s 200.200.200.1\n", ["drop", "deliver", "deliver"]),
                                   ("-A INPUT -s 200.200.200.0/24 -j DROP\n", ["drop", "drop", "deliver"]),
                                   ("-A INPUT -s 200.200.200.1 -j DROP\n-D INPUT -s 200.200.200.1 -j DROP\n", ["deliver"] * 3), ("-A INPUT -s 200.200.200.1 -j DROP\n-D INPUT 1\n", ["deliver"] * 3),
                                   ("-A INPUT -j DROP\n-I INPUT 1 -s 200.200.200.1 -j ACCEPT\n", ["deliver", "drop", "drop"]),
                                   ("-A INPUT -j DROP\n-R INPUT 1 -s 200.200.200.2 -j DROP\n", ["deliver", "drop", "deliver"])):
            with self.subTest(commands=commands):
                self.assertEqual(self.verdicts(host, HEAD + commands + "COMMIT\n"), verdicts)

    def test_R26_a_service_on_one_interface_only(self):
        rules = HEAD + "-P FORWARD ACCEPT\n-A INPUT -p tcp --destination-port telnet -i ppp0 -j DROP\nCOMMIT\n"
        packets = [(0, "ppp0", tcp(OUTSIDE, 4000, OWN, 23, SYN, 1)), (0, "eth0", tcp(INSIDE, 4000, OWN, 23, SYN, 1)), (0, "eth0", tcp(INSIDE, 4000, PEER, 23, SYN, 1))]
        self.assertEqual(self.verdicts(packets, rules), ["drop", "deliver", "forward"])

    # R30

    def explained(self, packet, rules, *more):
        path = self.write_capture(list(more) + [(9, *packet)])
        done = self.utables("explain", "--json", "-b", self.box(rules), f"{path}:{len(more) + 1}")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["steps"]

    def test_R30_chains_rules_state_and_what_left(self):
        rules = filter_table(":inner - [0:0]\n-A FORWARD -p tcp -j DROP\n-A FORWARD -m state --state NEW -j inner\n-A inner -p udp --dport 53 -j ACCEPT\n", forward="DROP")
        steps = self.explained(("eth0", udp(INSIDE, 4000, PEER, 53)), rules)
        ruled = [(s.get("label", ""), s.get("matched")) for s in steps if s["step"] == "rule"]
        self.assertEqual([matched for _, matched in ruled], [False, True, True])
        text = json.dumps(steps)
        for words in ("PREROUTING", "FORWARD", "inner", "NEW", "ppp0"):
            self.assertIn(words, text)
        self.assertEqual(steps[-1]["step"], "outcome")
        self.assertTrue(any(s["step"] == "sent" for s in steps))

    def test_R30_why_it_is_invalid(self):
        steps = self.explained(("ppp0", tcp(OUTSIDE, 80, INSIDE, 4000, SYN | ACK, 1, 1)), filter_table("-A FORWARD -m state --state INVALID -j DROP\n"))
        tracking = [s for s in steps if s["step"] == "tracking"]
        self.assertTrue(any("INVALID" in json.dumps(s) for s in tracking))
        self.assertTrue(any("with these flags cannot open" in s.get("text", "") for s in tracking), tracking)

    def test_R30_explaining_agrees_with_replaying(self):
        rules = filter_table("-A FORWARD -p tcp ! --syn -m state --state NEW -j DROP\n-A FORWARD -p udp -j REJECT\n")
        packets = handshake(INSIDE, 4000, PEER, 80) + [(1, "eth0", udp(INSIDE, 4000, PEER, 53)), (1, "eth0", tcp(INSIDE, 4001, PEER, 80, ACK, 1, 1))]
        verdicts = self.verdicts(packets, rules)
        for n, verdict in enumerate(verdicts):
            outcome = self.explained(packets[n][1:], rules, *packets[:n])[-1]
            self.assertIn({"forward": "FORWARDED", "drop": "DROPPED", "reject": "REJECTED"}[verdict], json.dumps(outcome).upper())


if __name__ == "__main__":
    main()
