# -m conntrack, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m conntrack --ctstate NEW,SNAT ; = ; OK
-m conntrack --ctstate DNAT ; = ; OK
-m conntrack --ctproto tcp ; -m conntrack --ctproto 6 ; OK
-m conntrack --ctproto 6 ; = ; OK
-m conntrack ! --ctproto 17 ; = ; OK
-m conntrack --ctproto 0 ; = ; OK
-m conntrack --ctproto 256 ; ; FAIL unknown protocol "256" specified
-m conntrack --ctproto foo ; ; FAIL unknown protocol "foo" specified
-m conntrack --ctorigsrc 1.2.3.4 ; = ; OK
-m conntrack --ctorigsrc 1.2.3.4/24 ; = ; OK
-m conntrack ! --ctorigdst 1.2.3.0/24 --ctreplsrc 4.4.4.4 --ctrepldst 5.0.0.0/8 ; = ; OK
-m conntrack --ctorigsrc 0.0.0.0/0 ; = ; OK
-m conntrack --ctorigsrc 1.2.3.4/255.0.255.0 ; -m conntrack --ctorigsrc 1.2.3.4 ; OK
-m conntrack --ctorigsrcport 80 ; = ; OK
-m conntrack --ctorigsrcport 80:90 ; = ; OK
-m conntrack --ctorigdstport http ; -m conntrack --ctorigdstport 80 ; OK
-m conntrack ! --ctreplsrcport 80 --ctrepldstport 90 ; = ; OK
-m conntrack --ctorigsrcport 90:80 ; = ; OK
-m conntrack --ctstatus NONE ; = ; OK
-m conntrack --ctstatus EXPECTED,SEEN_REPLY ; = ; OK
-m conntrack --ctstatus ASSURED,CONFIRMED ; = ; OK
-m conntrack --ctstatus SNAT ; ; FAIL Bad ctstatus "SNAT"
-m conntrack ! --ctstatus seen_reply ; -m conntrack ! --ctstatus SEEN_REPLY ; OK
-m conntrack --ctexpire 10 ; = ; OK
-m conntrack --ctexpire 10:20 ; = ; OK
-m conntrack --ctexpire 20:10 ; = ; OK
-m conntrack --ctexpire :20 ; -m conntrack --ctexpire 0:20 ; OK
-m conntrack --ctexpire 20: ; -m conntrack --ctexpire 20:4294967295 ; OK
-m conntrack ! --ctexpire 10:20 ; = ; OK
-m conntrack --ctexpire x ; ; FAIL conntrack: bad value for option "--ctexpire" near "x", or out of range (0-4294967295).
-m conntrack --ctdir ORIGINAL ; = ; OK
-m conntrack --ctdir reply ; -m conntrack --ctdir REPLY ; OK
-m conntrack ! --ctdir reply ; ; FAIL conntrack: option "--ctdir" cannot be inverted.
-m conntrack --ctdir foo ; ; FAIL conntrack: Bad value for "--ctdir" option: "foo"
-m conntrack ; ; FAIL conntrack: At least one option is required
-m conntrack --ctstate NEW --ctstate INVALID ; ; FAIL conntrack: option "--ctstate" can only be used once.
-m conntrack --ctstate FOO ; ; FAIL Bad ctstate "FOO"
-m conntrack --ctstatus FOO ; ; FAIL Bad ctstatus "FOO"
-m conntrack --ctdir ORIGINAL --ctstate NEW --ctproto udp ; -m conntrack --ctstate NEW --ctproto 17 --ctdir ORIGINAL ; OK
-m conntrack --ctstate "" ; ; FAIL Bad ctstate ""
-m conntrack --ctstate NEW, ; ; FAIL Bad ctstate ""
-m conntrack --ctstate NEW,,INVALID ; ; FAIL Bad ctstate ",INVALID"
-m conntrack --ctstatus "" ; ; FAIL Bad ctstatus ""
-m conntrack --ctstatus NONE,ASSURED ; -m conntrack --ctstatus ASSURED ; OK
-m conntrack --ctstate UNT,REL ; -m conntrack --ctstate RELATED,UNTRACKED ; OK
-m conntrack --ctstate S ; -m conntrack --ctstate SNAT ; OK
-m conntrack --ctstatus A ; -m conntrack --ctstatus ASSURED ; OK
-m conntrack --ctorigsrc 1.2.3.4/x ; ; FAIL conntrack: bad value for option "--ctorigsrc", neither a valid network mask nor valid CIDR (0-32).
-m conntrack --ctorigsrcport foo ; ; FAIL Port "foo" does not resolve to anything.
-m conntrack --ctorigsrcport 99999 ; -m conntrack --ctorigsrcport 34463 ; OK
-m conntrack --ctproto TCP ; -m conntrack --ctproto 6 ; OK
-m conntrack --ctproto all ; -m conntrack --ctproto 0 ; OK
-m conntrack --ctorigsrcport 0:65535 ; = ; OK
-m conntrack --ctorigsrcport 80: ; -m conntrack --ctorigsrcport 80:65535 ; OK
-m conntrack --ctorigsrcport :80 ; -m conntrack --ctorigsrcport 0:80 ; OK
-m conntrack --ctexpire 99999999999 ; ; FAIL conntrack: bad value for option "--ctexpire" near "99999999999", or out of range (0-4294967295).
-m conntrack --ctexpire 5:x ; ; FAIL conntrack: bad value for option "--ctexpire" near "x", or out of range (0-4294967295).
-m conntrack --ctexpire "" ; -m conntrack --ctexpire 0 ; OK
-m conntrack --ctorigdst 10.0.0.2/255.0.255.255 ; -m conntrack --ctorigdst 10.0.0.2 ; OK
# Packets.
@ filter FORWARD
? -m conntrack --ctstate NEW | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
? -m conntrack --ctstate NEW | tcp 10.0.0.5:4000 > 198.51.100.7:80 S ; tcp 198.51.100.7:80 > 10.0.0.5:4000 S. seq 100 ack 1 => no
? -m conntrack --ctstate ESTABLISHED | tcp 10.0.0.5:4000 > 198.51.100.7:80 S ; tcp 198.51.100.7:80 > 10.0.0.5:4000 S. seq 100 ack 1 => yes
? -m conntrack ! --ctstate ESTABLISHED | tcp 10.0.0.5:4000 > 198.51.100.7:80 S ; tcp 198.51.100.7:80 > 10.0.0.5:4000 S. seq 100 ack 1 => no
? -m conntrack --ctstate INVALID | tcp 198.51.100.7:80 > 10.0.0.5:4000 S. seq 100 ack 1 => yes
? -m conntrack --ctstate RELATED | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; icmp 198.51.100.7 > 10.0.0.5 port unreachable (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) => yes
? -m conntrack --ctstate RELATED | icmp 198.51.100.7 > 10.0.0.5 port unreachable (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) => no
? -m conntrack --ctproto 17 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctproto 17 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no
? -m conntrack ! --ctproto 17 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
? -m conntrack --ctorigsrc 10.0.0.0/24 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m conntrack --ctorigsrc 10.9.0.5/255.0.255.255 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctorigsrc 10.0.0.5/255.0.255.0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctorigsrc 10.0.1.0/24 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => no
? -m conntrack --ctorigdst 198.51.100.7 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m conntrack ! --ctorigdst 198.51.100.7 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => no
? -m conntrack --ctreplsrc 198.51.100.7 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctreplsrc 10.0.0.5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctrepldst 10.0.0.5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack ! --ctrepldst 10.0.0.5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctorigsrcport 4000 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m conntrack --ctorigsrcport 53 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => no
? -m conntrack --ctorigdstport 50:60 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m conntrack ! --ctorigdstport 50:60 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => no
? -m conntrack --ctreplsrcport 53 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctreplsrcport 4000 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctrepldstport 4000 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctrepldstport 53 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctstatus NONE | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctstatus CONFIRMED | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctstatus CONFIRMED | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctstatus SEEN_REPLY | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m conntrack --ctstatus SEEN_REPLY | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctstatus ASSURED | tcp 10.0.0.5:4000 > 198.51.100.7:80 S ; tcp 198.51.100.7:80 > 10.0.0.5:4000 S. seq 100 ack 1 ; tcp 10.0.0.5:4000 > 198.51.100.7:80 . seq 1 ack 101 => yes
? -m conntrack --ctstatus ASSURED | tcp 10.0.0.5:4000 > 198.51.100.7:80 S ; tcp 198.51.100.7:80 > 10.0.0.5:4000 S. seq 100 ack 1 => no
? -m conntrack --ctexpire 25:30 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctexpire 25:30 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack ! --ctexpire 25:30 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m conntrack --ctdir REPLY | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m conntrack --ctdir ORIGINAL | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => no
? -m conntrack --ctdir ORIGINAL | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m conntrack --ctdir REPLY | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
@ raw PREROUTING
? -j NOTRACK | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
@6 filter FORWARD
-m conntrack --ctstate NEW --ctorigsrc 2001:db8::/32 ; -m conntrack --ctstate NEW --ctorigsrc 2001:db8::/32 ; OK
-m conntrack --ctproto ipv6-icmp ; -m conntrack --ctproto 58 ; OK
-m conntrack --ctorigdst 2001:db8::1 ; -m conntrack --ctorigdst 2001:db8::1 ; OK
-m state --state NEW ; -m state --state NEW ; OK
