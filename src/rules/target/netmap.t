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
@6 nat PREROUTING
-j NETMAP --to 2001:db8:1::/48 ; = ; OK
-j NETMAP --to 2001:db8:1::5/64 ; -j NETMAP --to 2001:db8:1::/64 ; OK
-j NETMAP --to 2001:db8:1::5 ; -j NETMAP --to 2001:db8:1::5/128 ; OK
-j NETMAP --to 2001:db8:1::5/ffff:ffff:ffff:ffff:: ; -j NETMAP --to 2001:db8:1::/64 ; OK
-j NETMAP --to 2001:db8:1::5/ffff:ffff:0:ffff:: ; -j NETMAP --to 2001:db8:1::5/128 ; OK
-j NETMAP --to 2001:db8:1::5/0x40 ; -j NETMAP --to 2001:db8:1::/64 ; OK
-j NETMAP --to 2001:db8:1::5/999 ; ; FAIL NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-128).
-j NETMAP --to 2001:db8:1::5/0 ; -j NETMAP --to ::/0 ; OK
-j NETMAP --to 2001:db8:1::5/:: ; -j NETMAP --to ::/0 ; OK
-j NETMAP --to ::/0 ; = ; OK
-j NETMAP --to 2001:db8:1::5/ ; ; FAIL NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-128).
-j NETMAP --to 2001:db8:1::5/64x ; ; FAIL NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-128).
-j NETMAP --to 2001:db8:1::5/-1 ; ; FAIL NETMAP: bad value for option "--to", neither a valid network mask nor valid CIDR (0-128).
-j NETMAP ; ; FAIL NETMAP: option "--to" must be specified
-j NETMAP ! --to 2001:db8:1::/48 ; ; FAIL NETMAP: option "--to" cannot be inverted.
-j NETMAP --to 2001:db8:1::/48 --to 2001:db8:2::/48 ; ; FAIL NETMAP: option "--to" can only be used once.
@6 nat OUTPUT
-j NETMAP --to 2001:db8:1::/48 ; = ; OK
@6 nat POSTROUTING
-j NETMAP --to 2001:db8:1::/48 ; = ; OK
@6 nat INPUT
-j NETMAP --to 2001:db8:1::/48 ; = ; OK
@6 filter FORWARD
-j NETMAP --to 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 nat PREROUTING
? -d 2001:db8:9::/64 -j NETMAP --to 2001:db8:7::/64 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:7::1]:53 len 8 ttl 63
@6 nat POSTROUTING
? -s 2001:db8:a::/64 -j NETMAP --to 2001:db8:2::10/126 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:2::11]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
? -s 2001:db8:b::/64 -j NETMAP --to 2001:db8:2::/64 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
