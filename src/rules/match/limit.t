# -m limit, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m limit ; -m limit --limit 3/hour ; OK
-m limit --limit 5/s ; -m limit --limit 5/sec ; OK
-m limit --limit 5/sec ; = ; OK
-m limit --limit 5/second ; -m limit --limit 5/sec ; OK
-m limit --limit 5 ; -m limit --limit 5/sec ; OK
-m limit --limit 5/m ; -m limit --limit 5/min ; OK
-m limit --limit 5/minute ; -m limit --limit 5/min ; OK
-m limit --limit 3/hour ; = ; OK
-m limit --limit 1/day ; ; FAIL Numerical result out of range.
-m limit --limit 1/d ; ; FAIL Numerical result out of range.
-m limit --limit 0/s ; ; FAIL bad rate "0/s"'
-m limit --limit 10000/s ; -m limit --limit 10000/sec ; OK
-m limit --limit 10001/s ; ; FAIL Rate too fast "10001/s"
-m limit --limit 20000/s ; ; FAIL Rate too fast "20000/s"
-m limit --limit 7/s ; -m limit --limit 7/sec ; OK
-m limit --limit 3/s ; -m limit --limit 3/sec ; OK
-m limit --limit 60/m ; -m limit --limit 1/sec ; OK
-m limit --limit 90/m ; -m limit --limit 90/min ; OK
-m limit --limit 59/m ; -m limit --limit 59/min ; OK
-m limit --limit 61/m ; -m limit --limit 61/min ; OK
-m limit --limit 24/d ; -m limit --limit 1/hour ; OK
-m limit --limit 25/day ; = ; OK
-m limit --limit 1000/d ; -m limit --limit 1000/day ; OK
-m limit --limit 7/hour ; = ; OK
-m limit --limit 100000/d ; -m limit --limit 100000/day ; OK
-m limit --limit 9999/s ; -m limit --limit 10000/sec ; OK
-m limit --limit 3333/s ; -m limit --limit 3333/sec ; OK
-m limit --limit x ; ; FAIL bad rate "x"'
-m limit --limit 5/x ; ; FAIL bad rate "5/x"'
-m limit --limit 5/ ; ; FAIL bad rate "5/"'
-m limit --limit -1/s ; ; FAIL Rate too fast "-1/s"
-m limit --limit 5/secs ; ; FAIL bad rate "5/secs"'
-m limit --limit 5/S ; -m limit --limit 5/sec ; OK
-m limit --limit 5/s --limit-burst 10 ; -m limit --limit 5/sec --limit-burst 10 ; OK
-m limit --limit-burst 5 ; -m limit --limit 3/hour ; OK
-m limit --limit-burst 7 ; -m limit --limit 3/hour --limit-burst 7 ; OK
-m limit --limit-burst 0 ; ; FAIL Numerical result out of range.
-m limit --limit-burst 10000 ; ; FAIL Numerical result out of range.
-m limit --limit-burst 10001 ; ; FAIL limit: bad value for option "--limit-burst", or out of range (0-10000).
-m limit --limit-burst x ; ; FAIL limit: bad value for option "--limit-burst", or out of range (0-10000).
-m limit --limit 1/d --limit-burst 10000 ; ; FAIL Numerical result out of range.
-m limit --limit 1/d --limit-burst 4971 ; ; FAIL Numerical result out of range.
-m limit ! --limit 5/s ; ; FAIL limit: option "--limit" cannot be inverted.
-m limit --limit 5/s --limit 6/s ; ; FAIL limit: option "--limit" can only be used once.
# Packets.
@ filter FORWARD
? -m limit --limit 1/hour --limit-burst 2 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m limit --limit 1/hour --limit-burst 2 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m limit --limit 1/hour | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m limit --limit 1/hour | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
