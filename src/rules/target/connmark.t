# -j CONNMARK, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-j CONNMARK --set-mark 1 ; -j CONNMARK --set-xmark 0x1/0xffffffff ; OK
-j CONNMARK --set-mark 1/0xff ; -j CONNMARK --set-xmark 0x1/0xff ; OK
-j CONNMARK --set-xmark 1/0xff ; -j CONNMARK --set-xmark 0x1/0xff ; OK
-j CONNMARK --set-xmark 1 ; -j CONNMARK --set-xmark 0x1/0xffffffff ; OK
-j CONNMARK --and-mark 0xff ; -j CONNMARK --set-xmark 0x0/0xffffff00 ; OK
-j CONNMARK --or-mark 0xff ; -j CONNMARK --set-xmark 0xff/0xff ; OK
-j CONNMARK --xor-mark 0xff ; -j CONNMARK --set-xmark 0xff/0x0 ; OK
-j CONNMARK --save-mark ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff ; OK
-j CONNMARK --save-mark --mask 0xff ; -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff ; OK
-j CONNMARK --save-mark --nfmask 0xf --ctmask 0xff ; = ; OK
-j CONNMARK --save-mark --ctmask 0xff ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xff ; OK
-j CONNMARK --save-mark --nfmask 0xff ; -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xffffffff ; OK
-j CONNMARK --restore-mark ; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff ; OK
-j CONNMARK --restore-mark --mask 0xff ; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff ; OK
-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xff ; = ; OK
-j CONNMARK --restore-mark --nfmask 0xff ; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xffffffff ; OK
-j CONNMARK --set-mark 1 --left-shift-mark 4 ; -j CONNMARK --set-xmark 0x1/0xffffffff --left-shift-mark 4 ; OK
-j CONNMARK --set-mark 1 --right-shift-mark 4 ; -j CONNMARK --set-xmark 0x1/0xffffffff --right-shift-mark 4 ; OK
-j CONNMARK --set-xmark 1/0xf --left-shift-mark 2 ; -j CONNMARK --set-xmark 0x1/0xf --left-shift-mark 2 ; OK
-j CONNMARK --save-mark --left-shift-mark 4 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 4 ; OK
-j CONNMARK --restore-mark --right-shift-mark 4 ; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 4 ; OK
-j CONNMARK --restore-mark --mask 0xff --right-shift-mark 4 ; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff --right-shift-mark 4 ; OK
-j CONNMARK --save-mark --left-shift-mark 32 ; ; FAIL Invalid argument
-j CONNMARK --save-mark --left-shift-mark 31 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 31 ; OK
-j CONNMARK --save-mark --left-shift-mark 0 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff ; OK
-j CONNMARK --left-shift-mark 4 ; ; FAIL CONNMARK target: No operation specified
-j CONNMARK --save-mark --left-shift-mark 4 --right-shift-mark 2 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 2 ; OK
-j CONNMARK --or-mark 1 --left-shift-mark 4 ; -j CONNMARK --set-xmark 0x1/0x1 --left-shift-mark 4 ; OK
-j CONNMARK ; ; FAIL CONNMARK target: No operation specified
-j CONNMARK --mask 1 ; ; FAIL CONNMARK target: No operation specified
-j CONNMARK --set-mark 1 --mask 2 ; -j CONNMARK --set-xmark 0x1/0x2 ; OK
-j CONNMARK --set-mark 1 --restore-mark ; ; FAIL CONNMARK: option "--set-mark" cannot be used together with "--restore-mark".
-j CONNMARK --save-mark --restore-mark ; ; FAIL CONNMARK: option "--save-mark" cannot be used together with "--restore-mark".
-j CONNMARK --save-mark --mask 1 --nfmask 2 ; ; FAIL CONNMARK: option "--nfmask" cannot be used together with "--mask".
-j CONNMARK --set-mark x ; ; FAIL CONNMARK: bad integer value for option "--set-mark", or out of range.
-j CONNMARK --set-mark 1/x ; ; FAIL CONNMARK: bad integer value for option "--set-mark", or out of range.
-j CONNMARK --save-mark --mask x ; ; FAIL CONNMARK: bad value for option "--mask", or out of range (0-4294967295).
-j CONNMARK --set-mark 1 --nfmask 3 ; -j CONNMARK --set-xmark 0x1/0xffffffff ; OK
-j CONNMARK --save-mark --right-shift-mark 2 --left-shift-mark 4 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 4 ; OK
-j CONNMARK --save-mark --left-shift-mark 33 ; ; FAIL CONNMARK: bad value for option "--left-shift-mark", or out of range (0-32).
-j CONNMARK --set-mark 1 --ctmask 2 ; -j CONNMARK --set-xmark 0x1/0x2 ; OK
-j CONNMARK --ctmask 0xff --set-mark 5 ; -j CONNMARK --set-xmark 0x5/0xffffffff ; OK
-j CONNMARK --ctmask 0xff --set-mark 5/0xf ; -j CONNMARK --set-xmark 0x5/0xf ; OK
-j CONNMARK --set-mark 5/0xf --ctmask 0xff ; -j CONNMARK --set-xmark 0x5/0xff ; OK
-j CONNMARK --mask 0xff --set-xmark 5/0xf ; -j CONNMARK --set-xmark 0x5/0xf ; OK
-j CONNMARK --set-xmark 5/0xf --mask 0xff ; -j CONNMARK --set-xmark 0x5/0xff ; OK
-j CONNMARK --set-xmark 5/0xf --nfmask 0xff ; -j CONNMARK --set-xmark 0x5/0xf ; OK
-j CONNMARK --mask 0xff --or-mark 5 ; -j CONNMARK --set-xmark 0x5/0x5 ; OK
-j CONNMARK --or-mark 5 --mask 0xff ; -j CONNMARK --set-xmark 0x5/0xff ; OK
-j CONNMARK --ctmask 0xff --and-mark 5 ; -j CONNMARK --set-xmark 0x0/0xfffffffa ; OK
-j CONNMARK --and-mark 5 --ctmask 0xff ; -j CONNMARK --set-xmark 0x0/0xff ; OK
-j CONNMARK --ctmask 0xff --xor-mark 5 ; -j CONNMARK --set-xmark 0x5/0x0 ; OK
-j CONNMARK --xor-mark 5 --ctmask 0xff ; -j CONNMARK --set-xmark 0x5/0xff ; OK
-j CONNMARK --ctmask 0xf --nfmask 0xf0 --set-mark 5 ; -j CONNMARK --set-xmark 0x5/0xffffffff ; OK
-j CONNMARK --set-mark 5 --ctmask 0xf --nfmask 0xf0 ; -j CONNMARK --set-xmark 0x5/0xf ; OK
-j CONNMARK --ctmask 0xf --save-mark ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xf ; OK
-j CONNMARK --mask 0xf --restore-mark ; -j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf ; OK
# Packets.
@ mangle FORWARD
? -j CONNMARK --set-mark 5 && -m connmark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 5/1 && -m connmark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 255 && -j CONNMARK --set-xmark 0x11/0x3 && -m connmark --mark 0xed | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 255 && -j CONNMARK --and-mark 0x0f && -m connmark --mark 0x0f | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 1 && -j CONNMARK --or-mark 6 && -m connmark --mark 7 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 3 && -j CONNMARK --xor-mark 6 && -m connmark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 9 && -j CONNMARK --save-mark && -m connmark --mark 9 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 9 && -j CONNMARK --restore-mark && -m mark --mark 9 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 0xff && -j CONNMARK --save-mark --nfmask 0x0f --ctmask 0xff && -m connmark --mark 0x0f | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 0xff && -j CONNMARK --save-mark --mask 0xf0 && -m connmark --mark 0xf0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 0xab && -j CONNMARK --restore-mark --mask 0x0f && -m mark --mark 0x0b | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 3 --left-shift-mark 4 && -m connmark --mark 0x30 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 0x30 --right-shift-mark 4 && -m connmark --mark 3 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j MARK --set-mark 3 && -j CONNMARK --save-mark --left-shift-mark 8 && -m connmark --mark 0x300 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 0x300 && -j CONNMARK --restore-mark --right-shift-mark 8 && -m mark --mark 3 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CONNMARK --set-mark 5 && -m mark --mark 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
@6 mangle PREROUTING
-j CONNMARK --save-mark ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff ; OK
