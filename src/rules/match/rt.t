# -m rt, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-m rt ; -m rt ; OK
-m rt --rt-type 0 ; -m rt --rt-type 0 ; OK
-m rt --rt-type 2 --rt-segsleft 1:3 ; -m rt --rt-type 2 --rt-segsleft 1:3 ; OK
-m rt ! --rt-type 0 ; -m rt ! --rt-type 0 ; OK
-m rt ! --rt-segsleft 1 ; -m rt ! --rt-segsleft 1 ; OK
-m rt --rt-len 24 ; -m rt --rt-len 24 ; OK
-m rt ! --rt-len 24 ; -m rt ! --rt-len 24 ; OK
-m rt --rt-type 0 --rt-0-res ; -m rt --rt-type 0 --rt-0-res ; OK
-m rt --rt-type 0 --rt-0-addrs 2001:db8::1,2001:db8::2 ; -m rt --rt-type 0 --rt-0-addrs 2001:db8::1,2001:db8::2 ; OK
-m rt --rt-type 0 --rt-0-addrs 2001:db8::1 --rt-0-not-strict ; -m rt --rt-type 0 --rt-0-addrs 2001:db8::1 --rt-0-not-strict ; OK
-m rt --rt-0-res ; ; FAIL `--rt-type 0' required before `--rt-0-res'
-m rt --rt-0-not-strict ; ; FAIL `--rt-0-addr ...' required before `--rt-0-not-strict'
-m rt --rt-type 0 --rt-0-not-strict ; ; FAIL `--rt-0-addr ...' required before `--rt-0-not-strict'
-m rt --rt-type 300 ; -m rt --rt-type 300 ; OK
-m rt --rt-segsleft 3:1 ; -m rt --rt-segsleft 3:1 ; OK
-m rt --rt-type 0 --rt-0-addrs x ; ; FAIL bad address: x
-m rt --rt-type 2 --rt-0-res ; ; FAIL `--rt-type 0' required before `--rt-0-res'
-m rt --rt-type 0 --rt-segsleft :5 ; -m rt --rt-type 0 --rt-segsleft 0:5 ; OK
@6 filter INPUT
-m rt --rt-len 0 ; -m rt --rt-len 0 ; OK
-m rt --rt-segsleft 5: ; -m rt --rt-segsleft 5:4294967295 ; OK
-m rt ! --rt-type 0 --rt-0-res ; ; FAIL `--rt-type 0' required before `--rt-0-res'
-m rt --rt-type 0 --rt-0-addrs 2001:db8::1 --rt-0-res ; -m rt --rt-type 0 --rt-0-res --rt-0-addrs 2001:db8::1 ; OK
-m rt --rt-type x ; ; FAIL rt: bad value for option "--rt-type", or out of range (0-4294967295).
@6 filter FORWARD
? -m rt --rt-type 0 --rt-segsleft 1 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => yes, forwarded
? -m rt --rt-segsleft 2:5 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => no
? -m rt --rt-len 24 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => yes
? -m rt ! --rt-type 0 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => no
? -m rt --rt-type 0 --rt-0-res --rt-0-addrs 2001:db8::9 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => yes
? -m rt --rt-type 0 --rt-0-addrs 2001:db8::8 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => no
? -m rt --rt-type 0 --rt-0-addrs 2001:db8::9 --rt-0-not-strict | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => yes
? -m rt | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
? -m rt | cut 60 udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <rt 00010000000020010db8000000000000000000000009> => no, dropped
