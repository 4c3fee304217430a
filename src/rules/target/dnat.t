# -j DNAT, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ nat PREROUTING
-j DNAT --to-destination 1.2.3.4 ; = ; OK
-j DNAT --to-destination 1.2.3.4-1.2.3.9 ; = ; OK
-p tcp -j DNAT --to-destination 1.2.3.4:80 ; = ; OK
-p tcp -j DNAT --to-destination 1.2.3.4:80-90 ; = ; OK
-p udp -j DNAT --to-destination :80 ; = ; OK
-p tcp -j DNAT --to-destination :80-90/80 ; = ; OK
-p tcp -j DNAT --to-destination 1.2.3.4:80-90/1000 ; = ; OK
-p tcp -j DNAT --to-destination 1.2.3.4:80-90/http ; -p tcp -j DNAT --to-destination 1.2.3.4:80-90/80 ; OK
-p udp -j DNAT --to-destination 1.2.3.4:80-90/5/6 ; -p udp -j DNAT --to-destination 1.2.3.4:80-90/5 ; OK
-p tcp -j DNAT --to-destination 1.2.3.4:http ; -p tcp -j DNAT --to-destination 1.2.3.4:80 ; OK
-j DNAT --to-destination 1.2.3.4 --random ; = ; OK
-j DNAT --to-destination 1.2.3.4 --persistent ; = ; OK
-j DNAT --persistent --random --to-destination 1.2.3.4 ; -j DNAT --to-destination 1.2.3.4 --random --persistent ; OK
-p icmp -j DNAT --to-destination 1.2.3.4:5-9 ; = ; OK
-p tcp -j DNAT --to-destination 1.2.3.4:80-80/90 ; -p tcp -j DNAT --to-destination 1.2.3.4:80/90 ; OK
-p tcp -j DNAT --to-destination 1.2.3.4:80-90/0 ; ; FAIL Port `0' not valid
-p tcp -j DNAT --to-destination 1.2.3.4:80-90/90000 ; ; FAIL Port `90000' not valid
-p tcp -j DNAT --to-destination 1.2.3.4:80-90/x ; ; FAIL Port `x' not valid
-p tcp -j DNAT --to-destination 1.2.3.4:http-https ; ; FAIL Port `http-https' not valid
-p tcp -j DNAT --to-destination 1.2.3.4: ; ; FAIL Port `' not valid
-p tcp -j DNAT --to-destination 1.2.3.4:90-80 ; ; FAIL Port range `80' funky
-j DNAT --to-destination 1.2.3.4:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j DNAT --to-destination foo ; ; FAIL Bad IP address "foo"
-j DNAT ; ; FAIL DNAT: option "--to-destination" must be specified
-j DNAT --to-destination 1.2.3.4 --to-destination 1.2.3.5 ; ; FAIL DNAT: option "--to-destination" can only be used once.
-j DNAT --to-destination 1.2.3.4 --random-fully ; ; FAIL unknown option "--random-fully"
@ nat OUTPUT
-j DNAT --to-destination 1.2.3.4 ; = ; OK
@ nat POSTROUTING
-j DNAT --to-destination 1.2.3.4 ; ; FAIL Invalid argument
@ nat INPUT
-j DNAT --to-destination 1.2.3.4 ; ; FAIL Invalid argument
@ nat PREROUTING
? -j DNAT --to-destination 198.51.100.9 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.9:53 len 8 ttl 63
? -p udp -j DNAT --to-destination 198.51.100.9:5353 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.9:5353 len 8 ttl 63
? -p udp -j DNAT --to-destination :60-69/50 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:63 len 8 ttl 63
? -p tcp -j DNAT --to-destination 198.51.100.9:5353 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -p tcp -j DNAT --to-destination 10.0.0.254 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S seq 7 => yes, delivered
? -p udp -j DNAT --to-destination 198.51.100.9:5000-5009 --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j DNAT --to-destination 198.51.100.9 --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j DNAT --to-destination 198.51.100.8-198.51.100.15 --persistent | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j DNAT --to-destination 198.51.100.8-198.51.100.15 --persistent | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@6 nat PREROUTING
-j DNAT --to-destination 2001:db8::1 ; = ; OK
-j DNAT --to-destination [2001:db8::1] ; -j DNAT --to-destination 2001:db8::1 ; OK
-j DNAT --to-destination 2001:db8::1-2001:db8::9 ; = ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]:80 ; = ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]:80-90 ; = ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]-[2001:db8::9]:80-90 ; ; FAIL Port `db8::9]:80-90' not valid
-p tcp -j DNAT --to-destination [2001:db8::1-2001:db8::9]:80-90 ; = ; OK
-p udp -j DNAT --to-destination :80 ; = ; OK
-p tcp -j DNAT --to-destination :80-90/80 ; = ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]:80-90/1000 ; = ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]:80-90/http ; -p tcp -j DNAT --to-destination [2001:db8::1]:80-90/80 ; OK
-p udp -j DNAT --to-destination [2001:db8::1]:80-90/5/6 ; -p udp -j DNAT --to-destination [2001:db8::1]:80-90/5 ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]:http ; -p tcp -j DNAT --to-destination [2001:db8::1]:80 ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]:80-80/90 ; -p tcp -j DNAT --to-destination [2001:db8::1]:80/90 ; OK
-p tcp -j DNAT --to-destination [2001:db8::1]:80-90/0 ; ; FAIL Port `0' not valid
-p tcp -j DNAT --to-destination [2001:db8::1]:80-90/90000 ; ; FAIL Port `90000' not valid
-p tcp -j DNAT --to-destination [2001:db8::1]:http-https ; ; FAIL Port `http-https' not valid
-p icmpv6 -j DNAT --to-destination [2001:db8::1]:5-9 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j DNAT --to-destination 2001:db8::1 --random ; = ; OK
-j DNAT --to-destination 2001:db8::1 --persistent ; = ; OK
-j DNAT --persistent --random --to-destination 2001:db8::1 ; -j DNAT --to-destination 2001:db8::1 --random --persistent ; OK
-j DNAT --to-destination [2001:db8::1]:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j DNAT --to-destination foo ; ; FAIL Bad IP address "foo"
-j DNAT --to-destination 2001:db8::1: ; ; FAIL Bad IP address "2001:db8::1:"
-j DNAT ; ; FAIL DNAT: option "--to-destination" must be specified
-j DNAT --to-destination 2001:db8::1 --to-destination 2001:db8::2 ; ; FAIL DNAT: option "--to-destination" can only be used once.
-j DNAT --to-destination 2001:db8::1 --random-fully ; ; FAIL unknown option "--random-fully"
@6 nat OUTPUT
-j DNAT --to-destination 2001:db8::1 ; = ; OK
@6 nat POSTROUTING
-j DNAT --to-destination 2001:db8::1 ; ; FAIL Invalid argument
@6 nat INPUT
-j DNAT --to-destination 2001:db8::1 ; ; FAIL Invalid argument
@6 nat PREROUTING
-p tcp -j DNAT --to-destination 2001:db8::1:80 ; = ; OK
-p tcp -j DNAT --to-destination []:80-90/5 ; -p tcp -j DNAT --to-destination :80-90/5 ; OK
@6 nat PREROUTING
? -j DNAT --to-destination 2001:db8:9::7 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::7]:53 len 8 ttl 63
? -p udp -j DNAT --to-destination :60-69/50 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:63 len 8 ttl 63
? -p tcp -j DNAT --to-destination [2001:db8:9::7]:80 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
? -j DNAT --to-destination 2001:db8:a::fe | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, delivered
