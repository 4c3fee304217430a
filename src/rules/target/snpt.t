# -j SNPT, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 mangle POSTROUTING
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; = ; OK
-j SNPT --src-pfx fd00:1::5/48 --dst-pfx 2001:db8:1::7/48 ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; = ; OK
-j SNPT --src-pfx fd00:1::/64 --dst-pfx 2001:db8:1::/64 ; = ; OK
-j SNPT --src-pfx fd00:1::/65 --dst-pfx 2001:db8:1::/64 ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1::/65 --dst-pfx 2001:db8:1::/65 ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1::/0 --dst-pfx 2001:db8:1::/0 ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1::/1 --dst-pfx 2001:db8:1::/0 ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1:: --dst-pfx 2001:db8:1:: ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1::/128 --dst-pfx 2001:db8:1::/64 ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1::/129 --dst-pfx 2001:db8:1::/64 ; ; FAIL SNPT: bad value for option "--src-pfx", neither a valid network mask nor valid CIDR (0-128).
-j SNPT --src-pfx fd00:1::/ --dst-pfx 2001:db8:1::/64 ; ; FAIL SNPT: bad value for option "--src-pfx", neither a valid network mask nor valid CIDR (0-128).
-j SNPT --src-pfx fd00:1::/ffff:: --dst-pfx 2001:db8:1::/64 ; ; FAIL Invalid argument
-j SNPT --src-pfx fd00:1::/0x30 --dst-pfx 2001:db8:1::/64 ; -j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; OK
-j SNPT --src-pfx fd00:1::/48x --dst-pfx 2001:db8:1::/64 ; ; FAIL SNPT: bad value for option "--src-pfx", neither a valid network mask nor valid CIDR (0-128).
-j SNPT --src-pfx fd00:1::/48 ; ; FAIL SNPT: option "--dst-pfx" must be specified
-j SNPT --dst-pfx fd00:1::/48 ; ; FAIL SNPT: option "--src-pfx" must be specified
-j SNPT ; ; FAIL SNPT: option "--src-pfx" must be specified
-j SNPT ! --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; ; FAIL SNPT: option "--src-pfx" cannot be inverted.
-j SNPT --src-pfx fd00:1::/48 --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; ; FAIL SNPT: option "--src-pfx" can only be used once.
-j SNPT --src-pfx fd00:1:0:5::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
-j SNPT --src-pfx ::/48 --dst-pfx ::/48 ; = ; OK
@6 mangle INPUT
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; = ; OK
@6 mangle PREROUTING
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 mangle OUTPUT
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 mangle FORWARD
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 raw PREROUTING
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 nat POSTROUTING
-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 mangle POSTROUTING
? -j SNPT --src-pfx 2001:db8:a::/48 --dst-pfx 2001:db8:2::/48 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:2:8::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
? -p tcp -j SNPT --src-pfx 2001:db8:a::/48 --dst-pfx 2001:db8:2::/48 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
# No word of the interface identifier can make good.
? -j SNPT --src-pfx 2001:db8:a::/64 --dst-pfx 2001:db8:2::/64 | udp [2001:db8:a:0:ffff:ffff:ffff:ffff]:4000 > [2001:db8:9::1]:53 len 8 => yes, dropped
