# -j TTL, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ mangle FORWARD
-j TTL --ttl-set 64 ; = ; OK
-j TTL --ttl-set 0 ; = ; OK
-j TTL --ttl-set 255 ; = ; OK
-j TTL --ttl-set 256 ; ; FAIL TTL: bad value for option "--ttl-set", or out of range (0-255).
-j TTL --ttl-inc 1 ; = ; OK
-j TTL --ttl-dec 1 ; = ; OK
-j TTL --ttl-inc 0 ; ; FAIL TTL: bad value for option "--ttl-inc", or out of range (1-255).
-j TTL --ttl-dec 0 ; ; FAIL TTL: bad value for option "--ttl-dec", or out of range (1-255).
-j TTL --ttl-dec 255 ; = ; OK
-j TTL --ttl-dec x ; ; FAIL TTL: bad value for option "--ttl-dec", or out of range (1-255).
-j TTL --ttl-inc 1 --ttl-dec 1 ; ; FAIL TTL: option "--ttl-dec" cannot be used together with "--ttl-inc".
-j TTL ; ; FAIL TTL: You must specify an action
-j TTL ! --ttl-set 1 ; ; FAIL TTL: option "--ttl-set" cannot be inverted.
@ filter FORWARD
-j TTL --ttl-set 64 ; ; FAIL Invalid argument
# Packets.
@ mangle FORWARD
? -j TTL --ttl-set 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 5
? -j TTL --ttl-dec 3 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 60
? -j TTL --ttl-inc 3 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 66
? -j TTL --ttl-inc 255 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 255
? -p tcp -j TTL --ttl-set 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
