# -j DNPT, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 mangle PREROUTING
-j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; = ; OK
-j DNPT --src-pfx fd00:1::5/48 --dst-pfx 2001:db8:1::7/64 ; ; FAIL Invalid argument
-j DNPT --src-pfx fd00:1::/65 --dst-pfx 2001:db8:1::/64 ; ; FAIL Invalid argument
-j DNPT ; ; FAIL DNPT: option "--src-pfx" must be specified
-j DNPT --src-pfx fd00:1::/65 ; ; FAIL DNPT: option "--dst-pfx" must be specified
@6 mangle OUTPUT
-j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; = ; OK
@6 mangle INPUT
-j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 mangle POSTROUTING
-j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 mangle FORWARD
-j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 raw PREROUTING
-j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
@6 mangle PREROUTING
-j DNPT --src-pfx fd00::/ffff:: --dst-pfx 2001:db8:1::/48 ; -j DNPT --src-pfx fd00::/16 --dst-pfx 2001:db8:1::/48 ; OK
-j DNPT --src-pfx fd00::/ffff:0:ffff:: --dst-pfx 2001:db8:1::/48 ; ; FAIL Invalid argument
-j DNPT --src-pfx fd00::/16 --dst-pfx 2001:db8::/63 ; = ; OK
-j DNPT --src-pfx fd00::/16 --dst-pfx 2001:db8::/65 ; ; FAIL Invalid argument
-j DNPT --src-pfx fd00:0:0:7::/64 --dst-pfx 2001:db8:5:6::/64 ; = ; OK
-j DNPT --src-pfx fd00:0:0:7::/62 --dst-pfx 2001:db8:5:6::/64 ; ; FAIL Invalid argument
-j DNPT --src-pfx 1:2:3:4:5:6:7:8/64 --dst-pfx 2001:db8:5:6::/64 ; ; FAIL Invalid argument
-j DNPT --src-pfx fd00::/016 --dst-pfx 2001:db8::/63 ; -j DNPT --src-pfx fd00::/14 --dst-pfx 2001:db8::/63 ; OK
-j DNPT --src-pfx fd00::/-1 --dst-pfx 2001:db8::/63 ; ; FAIL DNPT: bad value for option "--src-pfx", neither a valid network mask nor valid CIDR (0-128).
-j DNPT --src-pfx fd00:: --dst-pfx 2001:db8::/63 ; ; FAIL Invalid argument
-j DNPT --src-pfx fd00::/16/3 --dst-pfx 2001:db8::/63 ; ; FAIL DNPT: bad value for option "--src-pfx", neither a valid network mask nor valid CIDR (0-128).
-p tcp -j DNPT --dst-pfx fd00::/16 --src-pfx 2001:db8::/63 ; -p tcp -j DNPT --src-pfx 2001:db8::/63 --dst-pfx fd00::/16 ; OK
@6 mangle PREROUTING
? -j DNPT --src-pfx 2001:db8:9::/64 --dst-pfx 2001:db8:2::/64 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:2:0:7::1]:53 len 8 ttl 63
? -p tcp -j DNPT --src-pfx 2001:db8:9::/64 --dst-pfx 2001:db8:2::/64 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
