# -j CT, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ raw PREROUTING
-j CT --notrack ; = ; OK
@ raw OUTPUT
-j CT --notrack ; = ; OK
@ raw PREROUTING
-j CT ; = ; OK
-j CT --notrack --notrack ; ; FAIL CT: option "--notrack" can only be used once.
@ filter FORWARD
-j CT --notrack ; ; FAIL Invalid argument
@ mangle PREROUTING
-j CT --notrack ; ; FAIL Invalid argument
# Packets.
@ raw PREROUTING
? -p udp -j CT --notrack | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j CT --notrack | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded
@6 raw PREROUTING
-j CT --notrack ; -j CT --notrack ; OK
