# -j CONNSECMARK, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ mangle INPUT
-j CONNSECMARK --save ; = ; OK
@ security INPUT
-j CONNSECMARK --restore ; = ; OK
-j CONNSECMARK ; ; FAIL CONNSECMARK target: parameter required
-j CONNSECMARK --save --restore ; ; FAIL CONNSECMARK: option "--save" cannot be used together with "--restore".
-j CONNSECMARK --save --save ; ; FAIL CONNSECMARK: option "--save" can only be used once.
-j CONNSECMARK ! --save ; ; FAIL CONNSECMARK: option "--save" cannot be inverted.
@ filter FORWARD
-j CONNSECMARK --save ; ; FAIL Invalid argument
# Packets.
@ mangle FORWARD
? -p udp -j CONNSECMARK --save | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j CONNSECMARK --restore | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded
@6 security INPUT
-j CONNSECMARK --restore ; = ; OK
