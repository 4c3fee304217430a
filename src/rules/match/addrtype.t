# -m addrtype, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m addrtype --src-type LOCAL ; = ; OK
-m addrtype --dst-type UNICAST,MULTICAST ; = ; OK
-m addrtype ! --src-type LOCAL --dst-type BROADCAST ; = ; OK
-m addrtype --dst-type LOCAL --limit-iface-in ; = ; OK
-m addrtype --dst-type LOCAL --limit-iface-out ; = ; OK
-m addrtype --dst-type LOCAL --limit-iface-in --limit-iface-out ; ; FAIL addrtype: option "--limit-iface-in" cannot be used together with "--limit-iface-out".
-m addrtype --src-type UNSPEC,UNICAST,LOCAL,BROADCAST,ANYCAST,MULTICAST,BLACKHOLE,UNREACHABLE,PROHIBIT,THROW,NAT,XRESOLVE ; = ; OK
-m addrtype --src-type local ; -m addrtype --src-type LOCAL ; OK
-m addrtype --src-type uni ; -m addrtype --src-type UNICAST ; OK
-m addrtype --src-type U ; -m addrtype --src-type UNSPEC ; OK
-m addrtype --src-type foo ; ; FAIL addrtype: bad type "foo"
-m addrtype --src-type "" ; ; FAIL addrtype: bad type ""
-m addrtype --src-type LOCAL, ; ; FAIL addrtype: bad type ""
-m addrtype --src-type LOCAL,foo ; ; FAIL addrtype: bad type "foo"
-m addrtype ; ; FAIL addrtype: you must specify --src-type or --dst-type
-m addrtype --limit-iface-in ; ; FAIL addrtype: you must specify --src-type or --dst-type
-m addrtype --src-type LOCAL --src-type UNICAST ; ; FAIL addrtype: option "--src-type" can only be used once.
@ filter INPUT
-m addrtype --dst-type LOCAL --limit-iface-in ; = ; OK
-m addrtype --dst-type LOCAL --limit-iface-out ; ; FAIL Invalid argument
@ filter OUTPUT
-m addrtype --dst-type LOCAL --limit-iface-in ; ; FAIL Invalid argument
-m addrtype --dst-type LOCAL --limit-iface-out ; = ; OK
@ mangle PREROUTING
-m addrtype --dst-type LOCAL --limit-iface-out ; ; FAIL Invalid argument
@ mangle POSTROUTING
-m addrtype --dst-type LOCAL --limit-iface-in ; ; FAIL Invalid argument
@ mangle PREROUTING
-m addrtype --dst-type LOCAL --limit-iface-in ; = ; OK
# Packets.
@ filter INPUT
? -m addrtype --dst-type LOCAL | udp 10.0.0.5:4000 > 10.0.0.254:53 => yes, delivered
? -m addrtype ! --dst-type LOCAL | udp 10.0.0.5:4000 > 10.0.0.254:53 => no, delivered
? -m addrtype --dst-type BROADCAST | udp 10.0.0.5:4000 > 10.0.0.255:53 => yes
? -m addrtype --src-type UNICAST --dst-type LOCAL | udp 10.0.0.5:4000 > 10.0.0.254:53 => yes
? -m addrtype --src-type LOCAL | udp 10.0.0.5:4000 > 10.0.0.254:53 => no
? -m addrtype --dst-type LOCAL --limit-iface-in | udp 10.0.0.5:4000 > 10.0.0.254:53 => yes
? -m addrtype --dst-type LOCAL --limit-iface-in | udp 10.0.0.5:4000 > 192.0.2.254:53 => no
@ filter FORWARD
? -m addrtype --dst-type UNICAST | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m addrtype --dst-type UNICAST --limit-iface-out | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m addrtype --src-type UNICAST --limit-iface-out | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m addrtype --dst-type BROADCAST,MULTICAST | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
@6 filter FORWARD
-m addrtype --src-type LOCAL ; -m addrtype --src-type LOCAL ; OK
-m addrtype --dst-type MULTICAST ; -m addrtype --dst-type MULTICAST ; OK
-m addrtype --dst-type BROADCAST ; ; FAIL Invalid argument
-m addrtype --dst-type PROHIBIT ; ; FAIL Invalid argument
-m addrtype --dst-type BLACKHOLE ; ; FAIL Invalid argument
-m addrtype --dst-type UNREACHABLE,ANYCAST ; -m addrtype --dst-type ANYCAST,UNREACHABLE ; OK
-m addrtype --dst-type THROW ; ; FAIL Invalid argument
-m addrtype --dst-type NAT ; ; FAIL Invalid argument
-m addrtype --dst-type XRESOLVE ; ; FAIL Invalid argument
-m addrtype --dst-type UNSPEC ; -m addrtype --dst-type UNSPEC ; OK
-m addrtype ! --dst-type LOCAL --limit-iface-in ; -m addrtype ! --dst-type LOCAL --limit-iface-in ; OK
# The network's own address is every router's, and no address of this one.
@6 mangle PREROUTING
? -m addrtype --dst-type ANYCAST | udp [2001:db8:a::5]:4000 > [2001:db8:a::]:53 len 8 => yes
? -m addrtype --dst-type LOCAL | udp [2001:db8:a::5]:4000 > [2001:db8:a::]:53 len 8 => no
