# -m length, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m length --length 100 ; = ; OK
-m length --length 100:200 ; = ; OK
-m length --length :200 ; -m length --length 0:200 ; OK
-m length --length 100: ; -m length --length 100:65535 ; OK
-m length --length 0:65535 ; = ; OK
-m length ! --length 100:200 ; = ; OK
-m length --length 0 ; = ; OK
-m length --length 65535 ; = ; OK
-m length --length 65536 ; ; FAIL length: bad value for option "--length" near "65536", or out of range (0-65535).
-m length --length 200:100 ; = ; OK
-m length --length x ; ; FAIL length: bad value for option "--length" near "x", or out of range (0-65535).
-m length --length 1:2:3 ; ; FAIL length: Too many components for option "--length" (max: 2)
-m length --length "" ; -m length --length 0 ; OK
-m length --length -1 ; ; FAIL length: bad value for option "--length" near "-1", or out of range (0-65535).
-m length --length 0x10 ; -m length --length 16 ; OK
-m length ; ; FAIL length: option "--length" must be specified
-m length --length 1 --length 2 ; ; FAIL length: option "--length" can only be used once.
# Packets.
@ filter FORWARD
? -m length --length 36 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m length --length 37: | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m length --length :36 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m length ! --length 30:40 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m length ! --length 37:40 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
@6 filter FORWARD
-m length --length 40:100 ; -m length --length 40:100 ; OK
