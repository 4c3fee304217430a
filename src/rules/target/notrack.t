# -j NOTRACK, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ raw PREROUTING
-j NOTRACK ; = ; OK
@ raw OUTPUT
-j NOTRACK ; = ; OK
@ filter FORWARD
-j NOTRACK ; ; FAIL Invalid argument
@ raw PREROUTING
-j NOTRACK --foo ; ; FAIL unknown option "--foo"
# Packets.
@ raw PREROUTING
? -p udp -j NOTRACK | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j NOTRACK | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded
@6 raw PREROUTING
-j NOTRACK ; -j NOTRACK ; OK
