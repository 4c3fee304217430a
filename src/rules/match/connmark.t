# -m connmark, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m connmark --mark 1 ; -m connmark --mark 0x1 ; OK
-m connmark --mark 0x10/0xff ; = ; OK
-m connmark ! --mark 1/0 ; -m connmark ! --mark 0x1/0x0 ; OK
-m connmark --mark 1/ ; ; FAIL connmark: bad integer value for option "--mark", or out of range.
-m connmark --mark 4294967296 ; ; FAIL connmark: bad integer value for option "--mark", or out of range.
-m connmark ; ; FAIL connmark: option "--mark" must be specified
-m connmark --mark 1 --mark 2 ; ; FAIL connmark: option "--mark" can only be used once.
-m mark --mark 1 -m connmark --mark 2 ; -m mark --mark 0x1 -m connmark --mark 0x2 ; OK
# Packets.
@ mangle FORWARD
? -j CONNMARK --set-mark 5 && -m connmark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 5 && -m connmark --mark 1/3 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 5 && -m connmark ! --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m connmark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m connmark ! --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m connmark --mark 0 | udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m conntrack --ctstate NEW -j CONNMARK --set-mark 5 && -m connmark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
