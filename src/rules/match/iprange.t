# -m iprange, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m iprange --src-range 1.1.1.1-1.1.1.9 ; = ; OK
-m iprange --dst-range 1.1.1.1-1.1.1.9 ; = ; OK
-m iprange ! --src-range 1.1.1.1-1.1.1.9 --dst-range 2.2.2.2-3.3.3.3 ; = ; OK
-m iprange --src-range 1.1.1.1 ; -m iprange --src-range 1.1.1.1-1.1.1.1 ; OK
-m iprange --src-range 1.1.1.9-1.1.1.1 ; = ; OK
-m iprange --src-range 1.1.1.1- ; ; FAIL iprange: Bad value for "--src-range" option: ""
-m iprange --src-range -1.1.1.1 ; ; FAIL iprange: Bad value for "--src-range" option: ""
-m iprange --src-range 1.1.1-2.2.2 ; -m iprange --src-range 1.1.1.0-2.2.2.0 ; OK
-m iprange --src-range foo ; ; FAIL iprange: Bad value for "--src-range" option: "foo"
-m iprange --src-range 1.1.1.1-foo ; ; FAIL iprange: Bad value for "--src-range" option: "foo"
-m iprange --src-range 1.1.1.1-1.1.1.1 ; = ; OK
-m iprange ; ; FAIL iprange match: You must specify `--src-range' or `--dst-range'
-m iprange --src-range 1.1.1.1 --src-range 1.1.1.2 ; ; FAIL iprange: option "--src-range" can only be used once.
-m iprange --src-range 0.0.0.0-255.255.255.255 ; = ; OK
# Packets.
@ filter FORWARD
? -m iprange --src-range 10.0.0.1-10.0.0.5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m iprange --src-range 10.0.0.6-10.0.0.9 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m iprange ! --src-range 10.0.0.6-10.0.0.9 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m iprange --dst-range 198.51.100.7-198.51.100.8 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m iprange --dst-range 198.51.99.0-198.51.100.6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m iprange --src-range 10.0.0.5-10.0.0.5 ! --dst-range 198.51.100.7-198.51.100.8 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
@6 filter FORWARD
-m iprange --src-range 2001:db8::1-2001:db8::ff ; -m iprange --src-range 2001:db8::1-2001:db8::ff ; OK
-m iprange ! --dst-range 2001:db8::1 ; -m iprange ! --dst-range 2001:db8::1-2001:db8::1 ; OK
-m iprange --src-range 10.0.0.1 ; ; FAIL iprange: Bad value for "--src-range" option: "10.0.0.1"
