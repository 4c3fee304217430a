# -m dscp, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m dscp --dscp 0x20 ; = ; OK
-m dscp --dscp 32 ; -m dscp --dscp 0x20 ; OK
-m dscp --dscp 0 ; -m dscp --dscp 0x00 ; OK
-m dscp ! --dscp 5 ; -m dscp ! --dscp 0x05 ; OK
-m dscp --dscp 63 ; -m dscp --dscp 0x3f ; OK
-m dscp --dscp 64 ; ; FAIL dscp: bad value for option "--dscp", or out of range (0-63).
-m dscp --dscp x ; ; FAIL dscp: bad value for option "--dscp", or out of range (0-63).
-m dscp --dscp-class EF ; -m dscp --dscp 0x2e ; OK
-m dscp --dscp-class BE ; -m dscp --dscp 0x00 ; OK
-m dscp --dscp-class CS1 ; -m dscp --dscp 0x08 ; OK
-m dscp --dscp-class AF41 ; -m dscp --dscp 0x22 ; OK
-m dscp --dscp-class af11 ; -m dscp --dscp 0x0a ; OK
-m dscp ! --dscp-class CS7 ; -m dscp ! --dscp 0x38 ; OK
-m dscp --dscp-class VA ; ; FAIL Invalid DSCP value `VA'
-m dscp --dscp-class LE ; ; FAIL Invalid DSCP value `LE'
-m dscp --dscp-class foo ; ; FAIL Invalid DSCP value `foo'
-m dscp --dscp 1 --dscp-class EF ; ; FAIL dscp: option "--dscp" cannot be used together with "--dscp-class".
-m dscp ; ; FAIL DSCP match: Parameter --dscp is required
-m dscp --dscp 1 --dscp 2 ; ; FAIL dscp: option "--dscp" can only be used once.
# Packets.
@ filter FORWARD
? -m dscp --dscp 46 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xb8 => yes
? -m dscp --dscp 46 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xbb => yes
? -m dscp --dscp 46 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m dscp ! --dscp 46 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m dscp --dscp-class AF21 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x48 => yes
? -m dscp --dscp-class AF21 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x28 => no
? -m dscp ! --dscp-class EF | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xb8 => no
@6 filter FORWARD
-m dscp --dscp 5 ; -m dscp --dscp 0x05 ; OK
