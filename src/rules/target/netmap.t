# -j NETMAP, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ nat PREROUTING
-j NETMAP --to 1.2.3.0/24 ; = ; OK
-j NETMAP --to 1.2.3.4/24 ; -j NETMAP --to 1.2.3.0/24 ; OK
-j NETMAP --to 1.2.3.4 ; -j NETMAP --to 1.2.3.4/32 ; OK
-j NETMAP --to 1.2.3.4/255.255.255.0 ; -j NETMAP --to 1.2.3.0/24 ; OK
-j NETMAP --to 1.2.3.4/0x18 ; -j NETMAP --to 1.2.3.0/24 ; OK
-j NETMAP --to 1.2.3.4/255.255.0.255 ; -j NETMAP --to 1.2.3.4/32 ; OK
-j NETMAP --to 1.2.3.4/99 ; -j NETMAP --to 1.2.3.4/32 ; OK
-j NETMAP --to 1.2.3.4/0.0.0.0 ; -j NETMAP --to 0.0.0.0/0 ; OK
-j NETMAP --to 1.2 ; -j NETMAP --to 1.0.0.2/32 ; OK
-j NETMAP --to 1.2.3.4/ ; ; FAIL NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-32).
-j NETMAP --to 1.2.3.4/24x ; ; FAIL NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-32).
-j NETMAP --to 1.2.3.4/-1 ; ; FAIL NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-32).
-j NETMAP ; ; FAIL NETMAP: option "--to" must be specified
-j NETMAP ! --to 1.2.3.0/24 ; ; FAIL NETMAP: option "--to" cannot be inverted.
-j NETMAP --to 1.2.3.0/24 --to 1.2.4.0/24 ; ; FAIL NETMAP: option "--to" can only be used once.
@ nat OUTPUT
-j NETMAP --to 1.2.3.0/24 ; = ; OK
@ nat POSTROUTING
-j NETMAP --to 1.2.3.0/24 ; = ; OK
@ nat INPUT
-j NETMAP --to 1.2.3.0/24 ; = ; OK
@ filter FORWARD
-j NETMAP --to 1.2.3.0/24 ; ; FAIL Invalid argument
@ nat PREROUTING
? -d 198.51.100.0/24 -j NETMAP --to 203.0.113.0/24 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 10.0.0.5:4000 > 203.0.113.7:53 len 8 ttl 63
? -d 198.51.101.0/24 -j NETMAP --to 203.0.113.0/24 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@ nat POSTROUTING
? -s 10.0.0.0/24 -j NETMAP --to 192.0.2.0/28 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 192.0.2.5:4000 > 198.51.100.7:53 len 8 ttl 63
