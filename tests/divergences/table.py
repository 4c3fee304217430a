"""Where utables differs from iptables 1.8.9 and from Linux 6.18, and why: the one place where it is said.

RULES are tried: the text goes through utables and, in a network namespace, through iptables-legacy-restore.
BEHAVIOUR names a test that holds utables to what the row says, or says that nothing compares it.
"""

FILTER = "*filter\n"

# (what, text of rules.v4, what utables saves or says, what iptables saves or says, why)
RULES = [
    ("`!` after the option: ports", FILTER + "-A INPUT -p tcp --destination-port ! 80\nCOMMIT\n", "-A INPUT -p tcp -m tcp ! --dport 80",
     "invalid port/service `!' specified", "old scripts write it, old iptables took it; it is saved in the new form"),
    ("`!` after the option: addresses", FILTER + "-A INPUT -s ! 1.2.3.4\nCOMMIT\n", "-A INPUT ! -s 1.2.3.4/32", "Bad argument `1.2.3.4'", "likewise"),
    ("`!` after the option: states", FILTER + "-A INPUT -m state --state ! NEW\nCOMMIT\n", "-A INPUT -m state ! --state NEW", 'Bad state "!"', "likewise"),
    ("`!` after the option: interfaces", FILTER + "-A INPUT -i ! eth0\nCOMMIT\n", "-A INPUT ! -i eth0", "Bad argument `eth0'", "likewise"),
    ("`!` after the option: protocols", FILTER + "-A INPUT -p ! udp\nCOMMIT\n", "-A INPUT ! -p udp", 'unknown protocol "!" specified', "likewise"),
    ("a blank behind `COMMIT`", FILTER + "-A INPUT -s 1.2.3.4\nCOMMIT \n", "-A INPUT -s 1.2.3.4/32", "Bad argument `COMMIT'",
     "files of old kernels, and files that went through an editor or a web page, have blanks at line ends"),
    ("a typographic dash", FILTER + "-A INPUT -m state \u2013state NEW\nCOMMIT\n", "Bad argument `\u2013state' (its dash is a typographic one: type -, or -- before a long option)",
     "Bad argument `\u2013state'", "web pages have it; the same refusal, with a hint"),
    ("`DENY` of ipchains", FILTER + "-A INPUT -j DENY\nCOMMIT\n", "Couldn't load target `DENY':No such file or directory (ipchains' DENY is DROP here; REJECT also answers the sender)",
     "Couldn't load target `DENY':No such file or directory", "the same refusal, with a hint"),
    ("a base of 0 under NAT", "*nat\n-A POSTROUTING -p tcp -j SNAT --to-source 1.2.3.4:1-5/0\nCOMMIT\n", "-A POSTROUTING -p tcp -j SNAT --to-source 1.2.3.4:1-5/0",
     "Port `0' not valid", "SNAT and MASQUERADE save a base that they were given as 0: what was saved is read"),
    ("a base behind a single port", "*nat\n-A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:80/5\nCOMMIT\n", "-A PREROUTING -p tcp -j DNAT --to-destination 1.2.3.4:80/5",
     "Garbage after port value: `/5'", "likewise, of `80-80/5`"),
    ("several unknown extensions", FILTER + "-A INPUT -m nosuch\n-A INPUT -j NOSUCH\nCOMMIT\n", "rules.v4:3: Couldn't load target `NOSUCH':No such file or directory",
     "Couldn't load match `nosuch':No such file or directory", "all that is unknown is told at once, each with file and line; iptables ends at the first"),
]

# (what, here, in Linux, why, the test that holds utables to it; None: not compared)
BEHAVIOUR = [
    ("expiry", "an entry is gone, and its DESTROY told, exactly at its deadline", "it is not found any more then; events and memory follow when garbage collection comes by",
     "a replay has no scheduler", "ExpiryIsExactAndInOrder"),
    ("order of listings", "order of creation", "order of the hash table, which is random", "the same input gives the same output", "SavedAndRestored"),
    ("what Linux draws at random", "drawn from `--seed`", "drawn anew at each start: hash keys, identifications, `statistic --mode random`", "likewise; comparisons hold it to the range that Linux draws from", None),
    ("cookies of SYNPROXY, in a replay", "drawn from `--seed`; a client's answer to the cookie that the capture shows or, without that, the first with the right number counts as well", "its own cookies alone", "a capture does not react: its clients answer the box that it was taken at, whose SYN/ACKs count as not predicted", "TheFirstAnswerToASynIsRight"),
    ("closing connections above 95 % of a full table", "ASSURED ones stay until they expire", "garbage collection may take those in closing TCP states early, at moments of its own", "its moments depend on the machine",
     "closing, above 95 %"),
    ("host names in rules", "`localhost` alone; any other is not found", "asks the machine's resolver when the rule is made",
     "the same input gives the same output on every machine", "host/network `one.example' not found"),
    ("names of policies of timeouts, as saved", "whole: `--timeout archive`", "the first four letters (`--timeout arch`): the kernel gives no more of it back", "what is saved has to be read again", "APolicyOfTimeouts"),
    ("masks of `CT --ctevents`", "always hold", "with `nf_conntrack_events=2`, the default, only if somebody listened to events, in any namespace, when the rule was loaded", "a replay's events are always listened to; comparisons set it to 1", "OnlyNamedEventsAreTold"),
    ("what netbios-ns awaits, asked for again", "awaited anew, for three seconds from then on", "now and then not: the mask compared has twelve bytes that were never set, and where they are not the same the renewal is refused",
     "what is left over in the kernel's memory is in no capture; comparisons permit both and count them", "ANetbiosQuestionMayNotBeRenewed"),
    ("neighbours", "every next hop answers at once", "ARP, neighbour discovery", "a capture of IP says nothing about them", None),
    ("the phase of the ticks", "the 4 ms that limits and timers count in, and the grains in which timers go off (a reassembly of 30 s ends up to 2 s late), begin at the epoch", "they begin when the machine starts",
     "no capture tells the machine's phase; comparisons set the clock to the kernel's own count", "TimersGoOffAtTheNextGrain"),
    ("IPv6: addresses and flow labels that nobody named", "link-local addresses are those of `net.ip`; the box's own packets have no flow label", "made up, at random where the device has no address of its own; labels are hashes with a random key",
     "the same input gives the same output; `addr_gen_mode` and `auto_flowlabels` switch both off", None),
    ("IPv6: redirects, rate limits of ICMPv6", "none is sent; errors are not limited", "redirects from interfaces with a link-local address, six and then one a second for each sender and each destination; `net.ipv6.icmp.ratelimit`", "not there yet", None),
    ("Mobile IPv6", "a home address in destination options means nothing", "kernels built with `CONFIG_IPV6_MIP6` keep such options in front when they cut, and send errors to the home address",
     "the kernel that utables is compared with is built without it", "MobileIpv6IsNotThere"),
    ("IPv6: fragments whose extension headers grew in putting together", "cut as they came if the new header fits into 64 bytes in front of each (78 on Ethernet, 16 for the box's own)", "the same, with the room that the device's driver leaves", "drivers differ; the figures are those of TUN and TAP devices", None),
    ("offloaded checksums in captures", "`--checksums auto` takes what transmit offloading leaves behind as good, and says how many", "would be bad on the wire", "captures taken on the sending machine hold them; `check` judges as Linux",
     "monday.pcapng"),
    ("numbers of the classic profile", "those of Linux 2.4 and 2.6 as documented: 180 s UDP streams, entries that go with ICMP errors and replies, `use=1`", "Linux 6.18's", "`--profile classic` asks for them",
     "test_R16_the_classic_listings"),
]
