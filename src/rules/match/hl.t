# -m hl, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-m hl --hl-eq 64 ; -m hl --hl-eq 64 ; OK
-m hl --hl 64 ; -m hl --hl-eq 64 ; OK
-m hl ! --hl-eq 64 ; -m hl ! --hl-eq 64 ; OK
-m hl --hl-lt 5 ; -m hl --hl-lt 5 ; OK
-m hl --hl-gt 5 ; -m hl --hl-gt 5 ; OK
-m hl ; ; FAIL HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'
-m hl --hl-eq 256 ; ; FAIL hl: bad value for option "--hl-eq", or out of range (0-255).
-m hl --hl-eq 1 --hl-lt 4 ; ; FAIL hl: option "--hl-lt" cannot be used together with "--hl-eq".
-m hl ! --hl-lt 4 ; ; FAIL hl: option "--hl-lt" cannot be inverted.
@6 filter FORWARD
# Forwarding has taken one hop by then.
? -m hl --hl-eq 63 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes
? -m hl ! --hl-eq 63 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
? -m hl --hl-lt 63 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
? -m hl --hl-lt 64 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes
? -m hl --hl-gt 62 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes
? -m hl --hl-gt 63 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
