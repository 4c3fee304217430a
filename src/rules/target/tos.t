# -j TOS, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ mangle FORWARD
-j TOS --set-tos 0x10 ; -j TOS --set-tos 0x10/0xff ; OK
-j TOS --set-tos 16 ; -j TOS --set-tos 0x10/0xff ; OK
-j TOS --set-tos 0x10/0x3f ; = ; OK
-j TOS --set-tos 0x10/0xff ; = ; OK
-j TOS --set-tos Minimize-Delay ; -j TOS --set-tos 0x10/0x3f ; OK
-j TOS --set-tos normal-service ; -j TOS --set-tos 0x00/0x3f ; OK
-j TOS --and-tos 0x0f ; -j TOS --set-tos 0x00/0xf0 ; OK
-j TOS --or-tos 0x10 ; -j TOS --set-tos 0x10/0x10 ; OK
-j TOS --xor-tos 0x10 ; -j TOS --set-tos 0x10/0x00 ; OK
-j TOS --set-tos 256 ; ; FAIL Symbolic name "256" is unknown
-j TOS --set-tos foo ; ; FAIL Symbolic name "foo" is unknown
-j TOS ; ; FAIL TOS: An action is required
-j TOS --set-tos 1 --or-tos 2 ; ; FAIL TOS: option "--set-tos" cannot be used together with "--or-tos".
-j TOS --or-tos 256 ; ; FAIL TOS: bad value for option "--or-tos", or out of range (0-255).
-j TOS --and-tos 1 --and-tos 2 ; ; FAIL TOS: option "--and-tos" can only be used once.
-j TOS --or-tos x ; ; FAIL TOS: bad value for option "--or-tos", or out of range (0-255).
@ filter FORWARD
-j TOS --set-tos 1 ; ; FAIL Invalid argument
# Packets.
@ mangle FORWARD
? -j TOS --set-tos 0x10 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x08 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x10 ttl 63
? -j TOS --set-tos 0x10/0x3f | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xc8 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xd0 ttl 63
? -j TOS --and-tos 0x0f | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xff => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x0f ttl 63
? -j TOS --or-tos 0x01 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xf0 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xf1 ttl 63
? -j TOS --xor-tos 0xff | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xf0 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x0f ttl 63
? -p tcp -j TOS --set-tos 0x10 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@6 mangle PREROUTING
-j TOS --set-tos 0x10 ; -j TOS --set-tos 0x10/0xff ; OK
