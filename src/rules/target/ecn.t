# -j ECN, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ mangle FORWARD
-p tcp -j ECN --ecn-tcp-remove ; = ; OK
-j ECN --ecn-tcp-remove ; ; FAIL Invalid argument
-p udp -j ECN --ecn-tcp-remove ; ; FAIL Invalid argument
! -p tcp -j ECN --ecn-tcp-remove ; ; FAIL Invalid argument
-p tcp -j ECN ; ; FAIL ECN target: An operation is required
-p tcp -j ECN --ecn-tcp-cwr 1 ; = ; OK
-p tcp -j ECN --ecn-tcp-cwr 0 ; = ; OK
-p tcp -j ECN --ecn-tcp-ece 1 ; = ; OK
-p tcp -j ECN --ecn-ip-ect 2 ; = ; OK
-p tcp -j ECN --ecn-ip-ect 3 --ecn-tcp-ece 0 --ecn-tcp-cwr 1 ; -p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 1 --ecn-ip-ect 3 ; OK
-p tcp -j ECN --ecn-ip-ect 4 ; ; FAIL ECN: bad value for option "--ecn-ip-ect", or out of range (0-3).
-j ECN --ecn-ip-ect 1 ; = ; OK
-p tcp -j ECN --ecn-tcp-cwr 2 ; ; FAIL ECN: bad value for option "--ecn-tcp-cwr", or out of range (0-1).
@ filter FORWARD
-p tcp -j ECN --ecn-tcp-remove ; ; FAIL Invalid argument
@ mangle FORWARD
-p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 ; -p tcp -j ECN --ecn-tcp-remove ; OK
-p tcp -j ECN --ecn-tcp-remove --ecn-tcp-cwr 0 ; ; FAIL ECN: option "--ecn-tcp-remove" cannot be used together with "--ecn-tcp-cwr".
-p tcp -j ECN --ecn-tcp-remove --ecn-ip-ect 0 ; -p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 --ecn-ip-ect 0 ; OK
# Packets.
@ mangle FORWARD
? -p tcp -j ECN --ecn-tcp-remove | tcp 10.0.0.5:4000 > 198.51.100.7:80 SEW => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S win 64240 ttl 63
? -p tcp -j ECN --ecn-tcp-remove | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -p tcp -j ECN --ecn-tcp-ece 1 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 SE win 64240 ttl 63
? -p tcp -j ECN --ecn-tcp-ece 0 | tcp 10.0.0.5:4000 > 198.51.100.7:80 SEW => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 SW win 64240 ttl 63
? -p tcp -j ECN --ecn-tcp-cwr 1 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 SW win 64240 ttl 63
? -p tcp -j ECN --ecn-tcp-cwr 0 --ecn-tcp-ece 1 | tcp 10.0.0.5:4000 > 198.51.100.7:80 SW => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 SE win 64240 ttl 63
? -j ECN --ecn-ip-ect 2 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xb8 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0xba ttl 63
? -p tcp -j ECN --ecn-ip-ect 0 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S tos 0x03 => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S win 64240 ttl 63
