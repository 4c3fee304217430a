# -m mark, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m mark --mark 1 ; -m mark --mark 0x1 ; OK
-m mark --mark 0x10/0xff ; = ; OK
-m mark ! --mark 1/0 ; -m mark ! --mark 0x1/0x0 ; OK
-m mark --mark 1/0xffffffff ; -m mark --mark 0x1 ; OK
-m mark --mark 0 ; -m mark --mark 0x0 ; OK
-m mark --mark 1/ ; ; FAIL mark: bad integer value for option "--mark", or out of range.
-m mark --mark 010 ; -m mark --mark 0x8 ; OK
-m mark --mark 4294967295 ; -m mark --mark 0xffffffff ; OK
-m mark --mark 4294967296 ; ; FAIL mark: bad integer value for option "--mark", or out of range.
-m mark --mark -1 ; ; FAIL mark: bad integer value for option "--mark", or out of range.
-m mark --mark x ; ; FAIL mark: bad integer value for option "--mark", or out of range.
-m mark --mark 1/x ; ; FAIL mark: bad integer value for option "--mark", or out of range.
-m mark ; ; FAIL mark: option "--mark" must be specified
-m mark --mark 1 --mark 2 ; ; FAIL mark: option "--mark" can only be used once.
-m mark --mark 0xff/0x0f ; -m mark --mark 0xff/0xf ; OK
# Packets.
@ mangle FORWARD
? -j MARK --set-mark 6 && -m mark --mark 6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 6 && -m mark --mark 2/3 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 6 && -m mark ! --mark 6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m mark --mark 6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m mark ! --mark 6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
