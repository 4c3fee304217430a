# -j REDIRECT, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ nat PREROUTING
-j REDIRECT ; = ; OK
-p udp -j REDIRECT --to-ports 80 ; = ; OK
-p udp -j REDIRECT --to-ports 80-90 ; = ; OK
-p tcp -j REDIRECT --to-ports http ; -p tcp -j REDIRECT --to-ports 80 ; OK
-p tcp -j REDIRECT --to-ports 0 ; = ; OK
-p tcp -j REDIRECT --to-ports 80 --random ; = ; OK
-j REDIRECT --random ; = ; OK
-p icmp -j REDIRECT --to-ports 80 ; = ; OK
-p tcp -j REDIRECT --to-ports 90-80 ; ; FAIL Port range `80' funky
-p tcp -j REDIRECT --to-ports 80:90 ; ; FAIL Invalid port:port syntax - use dash
-p tcp -j REDIRECT --to-ports 99999 ; ; FAIL Port `99999' not valid
-p tcp -j REDIRECT --to-ports 80/85 ; ; FAIL Garbage after port value: `/85'
-p tcp -j REDIRECT --to-ports 80-90/85 ; ; FAIL Shifted portmap ranges not supported with this kernel
-p tcp -j REDIRECT --to-ports http-https ; ; FAIL Port `http-https' not valid
-p tcp -j REDIRECT --to-ports 80- ; ; FAIL Port `' not valid
-j REDIRECT --to-ports 80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j REDIRECT --random-fully ; ; FAIL unknown option "--random-fully"
@ nat OUTPUT
-j REDIRECT ; = ; OK
@ nat POSTROUTING
-j REDIRECT ; ; FAIL Invalid argument
@ nat INPUT
-j REDIRECT ; ; FAIL Invalid argument
@ nat PREROUTING
? -j REDIRECT | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, delivered
? -p udp -j REDIRECT --to-ports 5353 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, delivered
? -p tcp -j REDIRECT --to-ports 5353 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -p udp -j REDIRECT --to-ports 5000-5009 --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, delivered
? -p tcp -j REDIRECT --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@6 nat PREROUTING
-j REDIRECT ; = ; OK
-p udp -j REDIRECT --to-ports 80 ; = ; OK
-p udp -j REDIRECT --to-ports 80-90 ; = ; OK
-p tcp -j REDIRECT --to-ports http ; -p tcp -j REDIRECT --to-ports 80 ; OK
-p tcp -j REDIRECT --to-ports 0 ; = ; OK
-p tcp -j REDIRECT --to-ports 80 --random ; = ; OK
-j REDIRECT --random ; = ; OK
-p icmpv6 -j REDIRECT --to-ports 80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p icmp -j REDIRECT --to-ports 80 ; = ; OK
-p tcp -j REDIRECT --to-ports 90-80 ; ; FAIL Port range `80' funky
-p tcp -j REDIRECT --to-ports 80:90 ; ; FAIL Invalid port:port syntax - use dash
-p tcp -j REDIRECT --to-ports 99999 ; ; FAIL Port `99999' not valid
-p tcp -j REDIRECT --to-ports 80/85 ; ; FAIL Garbage after port value: `/85'
-p tcp -j REDIRECT --to-ports 80-90/85 ; ; FAIL Shifted portmap ranges not supported with this kernel
-p tcp -j REDIRECT --to-ports http-https ; ; FAIL Port `http-https' not valid
-p tcp -j REDIRECT --to-ports 80- ; ; FAIL Port `' not valid
-j REDIRECT --to-ports 80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j REDIRECT --random-fully ; ; FAIL unknown option "--random-fully"
@6 nat OUTPUT
-j REDIRECT ; = ; OK
@6 nat POSTROUTING
-j REDIRECT ; ; FAIL Invalid argument
@6 nat INPUT
-j REDIRECT ; ; FAIL Invalid argument
@6 nat PREROUTING
-p tcp -j REDIRECT --to-ports 80-90:5 ; ; FAIL Garbage after port range: `:5'
-p tcp -j REDIRECT --to-ports http:5 ; ; FAIL Port `http:5' not valid
@6 nat PREROUTING
? -j REDIRECT | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, delivered
? -p tcp -j REDIRECT --to-ports 5353 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
