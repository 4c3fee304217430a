# -j MARK, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-j MARK --set-mark 1 ; -j MARK --set-xmark 0x1/0xffffffff ; OK
-j MARK --set-mark 1/0xff ; -j MARK --set-xmark 0x1/0xff ; OK
-j MARK --set-mark 0x100/0xff ; -j MARK --set-xmark 0x100/0x1ff ; OK
-j MARK --set-xmark 1/0xff ; -j MARK --set-xmark 0x1/0xff ; OK
-j MARK --set-xmark 0x5 ; -j MARK --set-xmark 0x5/0xffffffff ; OK
-j MARK --and-mark 0xff ; -j MARK --set-xmark 0x0/0xffffff00 ; OK
-j MARK --or-mark 0xff ; -j MARK --set-xmark 0xff/0xff ; OK
-j MARK --xor-mark 0xff ; -j MARK --set-xmark 0xff/0x0 ; OK
-j MARK ; ; FAIL MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required
-j MARK --set-mark 1 --or-mark 2 ; ; FAIL MARK: option "--set-mark" cannot be used together with "--or-mark".
-j MARK --set-mark x ; ; FAIL MARK: bad integer value for option "--set-mark", or out of range.
-j MARK --or-mark 1/2 ; ; FAIL MARK: bad value for option "--or-mark", or out of range (0-4294967295).
-j MARK --set-mark 1 --set-mark 2 ; ; FAIL MARK: option "--set-mark" can only be used once.
@ raw PREROUTING
-j MARK --set-mark 1 ; -j MARK --set-xmark 0x1/0xffffffff ; OK
# Packets.
@ mangle FORWARD
? -j MARK --set-mark 6 && -m mark --mark 6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 255 && -j MARK --set-xmark 0x11/0x3 && -m mark --mark 0xed | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 255 && -j MARK --and-mark 0x0f && -m mark --mark 0x0f | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 1 && -j MARK --or-mark 6 && -m mark --mark 7 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 3 && -j MARK --xor-mark 6 && -m mark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 3 && -j MARK --set-mark 4/4 && -m mark --mark 7 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p tcp -j MARK --set-mark 6 && -m mark --mark 6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
@6 mangle PREROUTING
-j MARK --set-mark 1 ; -j MARK --set-xmark 0x1/0xffffffff ; OK
