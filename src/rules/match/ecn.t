# -m ecn, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p tcp -m ecn --ecn-tcp-cwr ; = ; OK
-p tcp -m ecn ! --ecn-tcp-cwr ; = ; OK
-p tcp -m ecn --ecn-tcp-ece ; = ; OK
-p tcp -m ecn ! --ecn-tcp-ece --ecn-tcp-cwr ; = ; OK
-m ecn --ecn-ip-ect 0 ; = ; OK
-m ecn --ecn-ip-ect 1 ; = ; OK
-m ecn --ecn-ip-ect 2 ; = ; OK
-m ecn --ecn-ip-ect 3 ; = ; OK
-m ecn ! --ecn-ip-ect 2 ; = ; OK
-m ecn --ecn-ip-ect 4 ; ; FAIL ecn: bad value for option "--ecn-ip-ect", or out of range (0-3).
-m ecn --ecn-ip-ect x ; ; FAIL ecn: bad value for option "--ecn-ip-ect", or out of range (0-3).
-m ecn --ecn-tcp-cwr ; ; FAIL Invalid argument
-p udp -m ecn --ecn-tcp-ece ; ; FAIL Invalid argument
-p tcp -m ecn --ecn-tcp-cwr --ecn-tcp-ece --ecn-ip-ect 1 ; -p tcp -m ecn --ecn-tcp-ece --ecn-tcp-cwr --ecn-ip-ect 1 ; OK
-p tcp -m ecn ! --ecn-ip-ect 1 ! --ecn-tcp-cwr ! --ecn-tcp-ece ; -p tcp -m ecn ! --ecn-tcp-ece ! --ecn-tcp-cwr ! --ecn-ip-ect 1 ; OK
-m ecn ; ; FAIL ECN match: some option required
-m ecn --ecn-ip-ect 1 --ecn-ip-ect 2 ; ; FAIL ecn: option "--ecn-ip-ect" can only be used once.
# Packets.
@ filter FORWARD
? -p tcp -m ecn --ecn-tcp-ece | tcp 10.0.0.5:4000 > 198.51.100.7:80 SE => yes
? -p tcp -m ecn --ecn-tcp-ece | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no
? -p tcp -m ecn ! --ecn-tcp-ece | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
? -p tcp -m ecn --ecn-tcp-cwr | tcp 10.0.0.5:4000 > 198.51.100.7:80 SW => yes
? -p tcp -m ecn --ecn-tcp-cwr | tcp 10.0.0.5:4000 > 198.51.100.7:80 SE => no
? -m ecn --ecn-ip-ect 2 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x02 => yes
? -m ecn --ecn-ip-ect 2 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x03 => no
? -m ecn ! --ecn-ip-ect 0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x01 => yes
? -p tcp -m ecn --ecn-tcp-cwr --ecn-tcp-ece --ecn-ip-ect 0 | tcp 10.0.0.5:4000 > 198.51.100.7:80 SEW => yes
? -p tcp -m ecn --ecn-tcp-ece | cut 30 tcp 10.0.0.5:4000 > 198.51.100.7:80 SE => no, forwarded
@6 filter FORWARD
-m ecn --ecn-ip-ect 1 ; -m ecn --ecn-ip-ect 1 ; OK
-p tcp -m ecn --ecn-tcp-cwr ; -p tcp -m ecn --ecn-tcp-cwr ; OK
# Over IPv6 a later fragment is read from its IPv6 header on.
@6 filter FORWARD
? -p tcp -m ecn --ecn-tcp-cwr | tcp 2001:db8:80::5 > 2001:db8:9::1 frag 7 offset 72 len 64 => yes
? -p tcp -m ecn --ecn-tcp-ece | tcp 2001:db8:80::5 > 2001:db8:9::1 frag 7 offset 72 len 64 => no
