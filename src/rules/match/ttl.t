# -m ttl, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m ttl --ttl-eq 64 ; = ; OK
-m ttl ! --ttl-eq 64 ; = ; OK
-m ttl --ttl 64 ; -m ttl --ttl-eq 64 ; OK
-m ttl --ttl-lt 5 ; = ; OK
-m ttl --ttl-gt 5 ; = ; OK
-m ttl ! --ttl-lt 5 ; ; FAIL ttl: option "--ttl-lt" cannot be inverted.
-m ttl --ttl-eq 0 ; = ; OK
-m ttl --ttl-eq 255 ; = ; OK
-m ttl --ttl-eq 256 ; ; FAIL ttl: bad value for option "--ttl-eq", or out of range (0-255).
-m ttl --ttl-eq x ; ; FAIL ttl: bad value for option "--ttl-eq", or out of range (0-255).
-m ttl --ttl-eq 1 --ttl-gt 3 ; ; FAIL ttl: option "--ttl-gt" cannot be used together with "--ttl-eq".
-m ttl --ttl-lt 1 --ttl-gt 3 ; ; FAIL ttl: option "--ttl-lt" cannot be used together with "--ttl-gt".
-m ttl ; ; FAIL TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt
-m ttl --ttl-eq 1 --ttl-eq 2 ; ; FAIL ttl: option "--ttl-eq" can only be used once.
# Packets.
@ filter FORWARD
? -m ttl --ttl-eq 63 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m ttl --ttl-eq 64 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m ttl ! --ttl-eq 64 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m ttl --ttl-lt 64 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m ttl --ttl-lt 63 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m ttl --ttl-gt 62 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m ttl --ttl-gt 63 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
