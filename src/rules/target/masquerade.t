# -j MASQUERADE, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ nat POSTROUTING
-j MASQUERADE ; = ; OK
-p tcp -j MASQUERADE --to-ports 80 ; = ; OK
-p udp -j MASQUERADE --to-ports 80-90 ; = ; OK
-p tcp -j MASQUERADE --to-ports http ; -p tcp -j MASQUERADE --to-ports 80 ; OK
-p tcp -j MASQUERADE --to-ports 0 ; = ; OK
-p udp -j MASQUERADE --to-ports 80-90/3 ; -p udp -j MASQUERADE --to-ports 80-90/0 ; OK
-p icmp -j MASQUERADE --to-ports 80 ; = ; OK
-j MASQUERADE --random ; = ; OK
-j MASQUERADE --random-fully ; = ; OK
-p tcp -j MASQUERADE --random-fully --random --to-ports 1-2 ; -p tcp -j MASQUERADE --to-ports 1-2 --random --random-fully ; OK
-p tcp -j MASQUERADE --to-ports 90-80 ; ; FAIL Port range `80' funky
-p tcp -j MASQUERADE --to-ports 80:90 ; ; FAIL Invalid port:port syntax - use dash
-p tcp -j MASQUERADE --to-ports 99999 ; ; FAIL Port `99999' not valid
-p udp -j MASQUERADE --to-ports 80x ; ; FAIL Garbage after port value: `x'
-j MASQUERADE --to-ports 80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j MASQUERADE --persistent ; ; FAIL unknown option "--persistent"
@ nat PREROUTING
-j MASQUERADE ; ; FAIL Invalid argument
@ nat INPUT
-j MASQUERADE ; ; FAIL Invalid argument
@ nat OUTPUT
-j MASQUERADE ; ; FAIL Invalid argument
@ nat POSTROUTING
? -j MASQUERADE | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 192.0.2.254:4000 > 198.51.100.7:53 len 8 ttl 63
? -p udp -j MASQUERADE --to-ports 700 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 192.0.2.254:700 > 198.51.100.7:53 len 8 ttl 63
? -p tcp -j MASQUERADE --to-ports 700 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j MASQUERADE --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j MASQUERADE --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j MASQUERADE --random-fully | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j MASQUERADE --random-fully | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@6 nat POSTROUTING
-j MASQUERADE ; = ; OK
-p tcp -j MASQUERADE --to-ports 80 ; = ; OK
-p udp -j MASQUERADE --to-ports 80-90 ; = ; OK
-p tcp -j MASQUERADE --to-ports http ; -p tcp -j MASQUERADE --to-ports 80 ; OK
-p tcp -j MASQUERADE --to-ports 0 ; = ; OK
-p udp -j MASQUERADE --to-ports 80-90/3 ; -p udp -j MASQUERADE --to-ports 80-90/0 ; OK
-p icmpv6 -j MASQUERADE --to-ports 80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j MASQUERADE --random ; = ; OK
-j MASQUERADE --random-fully ; = ; OK
-p tcp -j MASQUERADE --random-fully --random --to-ports 1-2 ; -p tcp -j MASQUERADE --to-ports 1-2 --random --random-fully ; OK
-p tcp -j MASQUERADE --to-ports 90-80 ; ; FAIL Port range `80' funky
-p tcp -j MASQUERADE --to-ports 80:90 ; ; FAIL Invalid port:port syntax - use dash
-p tcp -j MASQUERADE --to-ports 99999 ; ; FAIL Port `99999' not valid
-p udp -j MASQUERADE --to-ports 80x ; ; FAIL Garbage after port value: `x'
-j MASQUERADE --to-ports 80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j MASQUERADE --persistent ; ; FAIL unknown option "--persistent"
@6 nat PREROUTING
-j MASQUERADE ; ; FAIL Invalid argument
@6 nat INPUT
-j MASQUERADE ; ; FAIL Invalid argument
@6 nat OUTPUT
-j MASQUERADE ; ; FAIL Invalid argument
@6 nat POSTROUTING
-p tcp -j MASQUERADE --to-ports http:90 ; ; FAIL Port `http:90' not valid
-p tcp -j MASQUERADE --to-ports 80-90:5 ; ; FAIL Garbage after port range: `:5'
-p tcp -j MASQUERADE --to-ports foo:90 ; ; FAIL Port `foo:90' not valid
-p tcp -j MASQUERADE --to-ports :90 ; ; FAIL Port `:90' not valid
-p tcp -j MASQUERADE --to-ports 80: ; ; FAIL Invalid port:port syntax - use dash
@6 nat POSTROUTING
? -j MASQUERADE | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:2::fe]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
? -p udp -j MASQUERADE --to-ports 700 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:2::fe]:700 > [2001:db8:9::1]:53 len 8 ttl 63
? -p tcp -j MASQUERADE | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
