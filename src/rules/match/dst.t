# -m dst, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-m dst ; -m dst ; OK
-m dst --dst-len 8 ; -m dst --dst-len 8 ; OK
-m dst ! --dst-len 8 ; -m dst ! --dst-len 8 ; OK
-m dst --dst-opts 149:92,12:12,123:12 ; -m dst --dst-opts 149:92,12:12,123:12 ; OK
-m dst --dst-opts 201 ; -m dst --dst-opts 201 ; OK
-m dst --dst-len 8 --dst-opts 5:2 ; -m dst --dst-len 8 --dst-opts 5:2 ; OK
@6 filter INPUT
-m dst --dst-opts x ; ; FAIL dst: no valid digits in opt `x'
-m dst ! --dst-opts 1 ; ; FAIL dst: option "--dst-opts" cannot be inverted.
@6 filter FORWARD
? -m dst --dst-len 8 --dst-opts 30:4 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <dst 1e0401020304> => yes, forwarded
? -m dst --dst-opts 31 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <dst 1e0401020304> => no
? -m dst | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
? -m dst | cut 46 udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <dst 1e0401020304> => no, dropped
