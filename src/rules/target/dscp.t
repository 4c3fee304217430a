# -j DSCP, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ mangle FORWARD
-j DSCP --set-dscp 0x20 ; = ; OK
-j DSCP --set-dscp 32 ; -j DSCP --set-dscp 0x20 ; OK
-j DSCP --set-dscp 0 ; -j DSCP --set-dscp 0x00 ; OK
-j DSCP --set-dscp 63 ; -j DSCP --set-dscp 0x3f ; OK
-j DSCP --set-dscp 64 ; ; FAIL DSCP: bad value for option "--set-dscp", or out of range (0-63).
-j DSCP --set-dscp x ; ; FAIL DSCP: bad value for option "--set-dscp", or out of range (0-63).
-j DSCP --set-dscp-class EF ; -j DSCP --set-dscp 0x2e ; OK
-j DSCP --set-dscp-class af21 ; -j DSCP --set-dscp 0x12 ; OK
-j DSCP --set-dscp-class foo ; ; FAIL Invalid DSCP value `foo'
-j DSCP --set-dscp 1 --set-dscp-class EF ; ; FAIL DSCP: option "--set-dscp" cannot be used together with "--set-dscp-class".
-j DSCP ; ; FAIL DSCP target: Parameter --set-dscp is required
-j DSCP ! --set-dscp 1 ; ; FAIL DSCP: option "--set-dscp" cannot be inverted.
@ filter FORWARD
-j DSCP --set-dscp 1 ; ; FAIL Invalid argument
@ raw PREROUTING
-j DSCP --set-dscp 1 ; ; FAIL Invalid argument
# Packets.
@ mangle FORWARD
? -j DSCP --set-dscp 46 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xb8 ttl 63
? -j DSCP --set-dscp 0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xff => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x03 ttl 63
? -j DSCP --set-dscp-class AF11 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x03 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x2b ttl 63
? -p tcp -j DSCP --set-dscp 46 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@6 mangle PREROUTING
-j DSCP --set-dscp 5 ; -j DSCP --set-dscp 0x05 ; OK
