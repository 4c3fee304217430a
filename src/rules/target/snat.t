# -j SNAT, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ nat POSTROUTING
-j SNAT --to-source 1.2.3.4 ; = ; OK
-j SNAT --to-source 1.2.3.4-1.2.3.9 ; = ; OK
-j SNAT --to-source 1.2.3.9-1.2.3.4 ; = ; OK
-j SNAT --to-source 1.2.3.4-1.2.3.4 ; -j SNAT --to-source 1.2.3.4 ; OK
-j SNAT --to-source 0.0.0.0 ; = ; OK
-p tcp -j SNAT --to-source 1.2.3.4:80 ; = ; OK
-p tcp -j SNAT --to-source 1.2.3.4:80-90 ; = ; OK
-p tcp -j SNAT --to-source 1.2.3.4:80-80 ; -p tcp -j SNAT --to-source 1.2.3.4:80 ; OK
-p tcp -j SNAT --to-source :80 ; = ; OK
-p tcp -j SNAT --to-source 1.2.3.4:0 ; = ; OK
-p tcp -j SNAT --to-source 1.2.3.4:http ; -p tcp -j SNAT --to-source 1.2.3.4:80 ; OK
-p tcp -j SNAT --to-source 1.2.3.4:ftp-data ; -p tcp -j SNAT --to-source 1.2.3.4:20 ; OK
-p tcp -j SNAT --to-source 1.2.3.4:0x50 ; -p tcp -j SNAT --to-source 1.2.3.4:80 ; OK
-p tcp -j SNAT --to-source 1.2.3.4:+80 ; -p tcp -j SNAT --to-source 1.2.3.4:80 ; OK
-p tcp -j SNAT --to-source 1.2.3.4:80-0x5a ; -p tcp -j SNAT --to-source 1.2.3.4:80-90 ; OK
-p tcp -j SNAT --to-source 1.2.3.4:1-5/3 ; -p tcp -j SNAT --to-source 1.2.3.4:1-5/0 ; OK
-p icmp -j SNAT --to-source 1.2.3.4:80 ; = ; OK
-p sctp -j SNAT --to-source 1.2.3.4:80 ; = ; OK
! -p tcp -j SNAT --to-source 1.2.3.4:80 ; = ; OK
-j SNAT --to-source 1.2.3.4 --random ; = ; OK
-j SNAT --to-source 1.2.3.4 --random-fully --persistent ; = ; OK
-p tcp -j SNAT --random --to-source 1.2.3.4:1-5 --persistent --random-fully ; -p tcp -j SNAT --to-source 1.2.3.4:1-5 --random --random-fully --persistent ; OK
-j SNAT --to-source 1.2.3.4:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p udplite -j SNAT --to-source 1.2.3.4:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p gre -j SNAT --to-source 1.2.3.4:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p tcp -j SNAT --to-source 1.2.3.4:90-80 ; ; FAIL Port range `80' funky
-p tcp -j SNAT --to-source foo:90-80 ; ; FAIL Port range `80' funky
-p tcp -j SNAT --to-source 1.2.3.4:70000 ; ; FAIL Port `70000' not valid
-p tcp -j SNAT --to-source 1.2.3.4:65535-65536 ; ; FAIL Port `65536' not valid
-p tcp -j SNAT --to-source 1.2.3.4:-80 ; ; FAIL Port `-80' not valid
-p tcp -j SNAT --to-source 1.2.3.4:80- ; ; FAIL Port `' not valid
-p tcp -j SNAT --to-source : ; ; FAIL Port `' not valid
-p tcp -j SNAT --to-source 1.2.3.4:http-90 ; ; FAIL Port `http-90' not valid
-p tcp -j SNAT --to-source 1.2.3.4:80-http ; ; FAIL Port `http' not valid
-p tcp -j SNAT --to-source 1.2.3.4:80-90/ ; ; FAIL Port `' not valid
-p tcp -j SNAT --to-source 1.2.3.4:080 ; ; FAIL Garbage after port value: `80'
-p tcp -j SNAT --to-source 1.2.3.4:80x ; ; FAIL Garbage after port value: `x'
-p tcp -j SNAT --to-source 1.2.3.4:80-90x ; ; FAIL Garbage after port range: `x'
-p tcp -j SNAT --to-source 1.2.3.4:80:90 ; ; FAIL Bad IP address "1.2.3.4:80:90"
-j SNAT --to-source 1.2.3.4- ; ; FAIL Bad IP address ""
-j SNAT --to-source -1.2.3.4 ; ; FAIL Bad IP address ""
-j SNAT --to-source 1.2.3.4-5 ; ; FAIL Bad IP address "5"
-j SNAT --to-source foo ; ; FAIL Bad IP address "foo"
-j SNAT --to-source localhost ; ; FAIL Bad IP address "localhost"
-j SNAT --to-source 1.2.3 ; ; FAIL Bad IP address "1.2.3"
-j SNAT --to-source 01.2.3.4 ; ; FAIL Bad IP address "01.2.3.4"
-j SNAT --to-source 1.2.3.4/24 ; ; FAIL Bad IP address "1.2.3.4/24"
-j SNAT ; ; FAIL SNAT: option "--to-source" must be specified
-j SNAT --random ; ; FAIL SNAT: option "--to-source" must be specified
-j SNAT --to-source 1.2.3.4 --to-source 1.2.3.5 ; ; FAIL SNAT: option "--to-source" can only be used once.
-j SNAT ! --to-source 1.2.3.4 ; ; FAIL SNAT: option "--to-source" cannot be inverted.
@ nat INPUT
-j SNAT --to-source 1.2.3.4 ; = ; OK
@ nat PREROUTING
-j SNAT --to-source 1.2.3.4 ; ; FAIL Invalid argument
@ nat OUTPUT
-j SNAT --to-source 1.2.3.4 ; ; FAIL Invalid argument
@ filter FORWARD
-j SNAT --to-source 1.2.3.4 ; ; FAIL Invalid argument
@ nat POSTROUTING
? -j SNAT --to-source 192.0.2.9 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 192.0.2.9:4000 > 198.51.100.7:53 len 8 ttl 63
? -p udp -j SNAT --to-source 192.0.2.9:700 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded, sent wan udp 192.0.2.9:700 > 198.51.100.7:53 len 8 ttl 63
? -p tcp -j SNAT --to-source 192.0.2.9:700 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -p tcp -j SNAT --to-source :700 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S seq 7 => yes, forwarded, sent wan tcp 10.0.0.5:700 > 198.51.100.7:80 S seq 7 win 64240 ttl 63
? -j SNAT --to-source 192.0.2.9 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.6:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -j SNAT --to-source 192.0.2.9 --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j SNAT --to-source 192.0.2.9 --random | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j SNAT --to-source 192.0.2.9 --random-fully | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j SNAT --to-source 192.0.2.9 --random-fully | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j SNAT --to-source 192.0.2.8-192.0.2.15 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -j SNAT --to-source 192.0.2.8-192.0.2.15 --persistent | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4001 > 198.51.100.8:53 len 8 => yes, forwarded
? -p tcp -j SNAT --to-source 192.0.2.8-192.0.2.15 --persistent | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@6 nat POSTROUTING
-j SNAT --to-source 2001:db8::1 ; = ; OK
-j SNAT --to-source [2001:db8::1] ; -j SNAT --to-source 2001:db8::1 ; OK
-j SNAT --to-source 2001:db8::1-2001:db8::9 ; = ; OK
-j SNAT --to-source [2001:db8::1]-[2001:db8::9] ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j SNAT --to-source [2001:db8::1-2001:db8::9] ; -j SNAT --to-source 2001:db8::1-2001:db8::9 ; OK
-p tcp -j SNAT --to-source [2001:db8::1]:80 ; = ; OK
-p tcp -j SNAT --to-source [2001:db8::1]:80-90 ; = ; OK
-p tcp -j SNAT --to-source [2001:db8::1]-[2001:db8::9]:80-90 ; ; FAIL Port `db8::9]:80-90' not valid
-p tcp -j SNAT --to-source [2001:db8::1-2001:db8::9]:80-90 ; = ; OK
-p tcp -j SNAT --to-source 2001:db8::1-[2001:db8::9]:80-90 ; -p tcp -j SNAT --to-source [2001:db8::9]:80-90 ; OK
-p tcp -j SNAT --to-source [2001:db8::1]:http ; -p tcp -j SNAT --to-source [2001:db8::1]:80 ; OK
-p tcp -j SNAT --to-source [2001:db8::1]:80-90/3 ; -p tcp -j SNAT --to-source [2001:db8::1]:80-90/0 ; OK
-p tcp -j SNAT --to-source [2001:db8::1]:80-80/5 ; -p tcp -j SNAT --to-source [2001:db8::1]:80/0 ; OK
-p tcp -j SNAT --to-source :80 ; = ; OK
-p tcp -j SNAT --to-source :80-90 ; = ; OK
-p tcp -j SNAT --to-source []:80 ; -p tcp -j SNAT --to-source :80 ; OK
-p tcp -j SNAT --to-source [2001:db8::1] ; -p tcp -j SNAT --to-source 2001:db8::1 ; OK
-p tcp -j SNAT --to-source [2001:db8::1 ; ; FAIL Invalid address format
-p tcp -j SNAT --to-source 2001:db8::1] ; ; FAIL Bad IP address "2001:db8::1]"
-p tcp -j SNAT --to-source [2001:db8::1]: ; ; FAIL Port `' not valid
-p tcp -j SNAT --to-source [2001:db8::1]x ; -p tcp -j SNAT --to-source 2001:db8::1 ; OK
-p tcp -j SNAT --to-source [2001:db8::1]80 ; -p tcp -j SNAT --to-source 2001:db8::1 ; OK
-p tcp -j SNAT --to-source [2001:db8::1]]:80 ; -p tcp -j SNAT --to-source [2001:db8::1]:80 ; OK
-p tcp -j SNAT --to-source [[2001:db8::1]:80 ; ; FAIL Bad IP address "[2001:db8::1"
-p tcp -j SNAT --to-source 2001:db8::1:80 ; = ; OK
-p tcp -j SNAT --to-source 2001:db8:1:2:3:4:5:6:80 ; ; FAIL Bad IP address "2001:db8:1:2:3:4:5:6:80"
-j SNAT --to-source :: ; = ; OK
-j SNAT --to-source : ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-j SNAT --to-source ::1: ; ; FAIL Bad IP address "::1:"
-j SNAT --to-source foo ; ; FAIL Bad IP address "foo"
-j SNAT --to-source localhost ; ; FAIL Bad IP address "localhost"
-j SNAT --to-source 1.2.3.4 ; ; FAIL Bad IP address "1.2.3.4"
-j SNAT --to-source 2001:db8::1/64 ; ; FAIL Bad IP address "2001:db8::1/64"
-j SNAT --to-source 2001:DB8::1 ; -j SNAT --to-source 2001:db8::1 ; OK
-j SNAT --to-source 2001:0db8:0::0001 ; -j SNAT --to-source 2001:db8::1 ; OK
-j SNAT --to-source ::ffff:1.2.3.4 ; = ; OK
-j SNAT --to-source fe80::1%lo ; ; FAIL Bad IP address "fe80::1%lo"
-j SNAT --to-source 2001:db8::1- ; ; FAIL Bad IP address ""
-j SNAT --to-source -2001:db8::1 ; ; FAIL Bad IP address ""
-j SNAT --to-source 2001:db8::1-5 ; ; FAIL Bad IP address "5"
-j SNAT --to-source 2001:db8::9-2001:db8::1 ; = ; OK
-j SNAT --to-source [2001:db8::1]:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p udp -j SNAT --to-source [2001:db8::1]:80 ; = ; OK
-p udplite -j SNAT --to-source [2001:db8::1]:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p sctp -j SNAT --to-source [2001:db8::1]:80 ; = ; OK
-p dccp -j SNAT --to-source [2001:db8::1]:80 ; = ; OK
-p icmpv6 -j SNAT --to-source [2001:db8::1]:80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p ipv6-icmp -j SNAT --to-source [2001:db8::1]:80-99 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p icmp -j SNAT --to-source [2001:db8::1]:80 ; = ; OK
-p icmpv6 -j SNAT --to-source :80 ; ; FAIL Need TCP, UDP, SCTP or DCCP with port specification
-p tcp -j SNAT --to-source [2001:db8::1]:0 ; = ; OK
-p tcp -j SNAT --to-source [2001:db8::1]:90-80 ; ; FAIL Port range `80' funky
-p tcp -j SNAT --to-source [foo]:90-80 ; ; FAIL Port range `80' funky
-p tcp -j SNAT --to-source [foo]:80 ; ; FAIL Bad IP address "foo"
-p tcp -j SNAT --to-source [2001:db8::1]:70000 ; ; FAIL Port `70000' not valid
-p tcp -j SNAT --to-source [2001:db8::1]:65535-65536 ; ; FAIL Port `65536' not valid
-p tcp -j SNAT --to-source [2001:db8::1]:-80 ; ; FAIL Port `-80' not valid
-p tcp -j SNAT --to-source [2001:db8::1]:80- ; ; FAIL Port `' not valid
-p tcp -j SNAT --to-source [2001:db8::1]:http-90 ; ; FAIL Port `http-90' not valid
-p tcp -j SNAT --to-source [2001:db8::1]:80-http ; ; FAIL Port `http' not valid
-p tcp -j SNAT --to-source [2001:db8::1]:80-90/ ; ; FAIL Port `' not valid
-p tcp -j SNAT --to-source [2001:db8::1]:080 ; ; FAIL Garbage after port value: `80'
-p tcp -j SNAT --to-source [2001:db8::1]:80x ; ; FAIL Garbage after port value: `x'
-p tcp -j SNAT --to-source [2001:db8::1]:80-90x ; ; FAIL Garbage after port range: `x'
-p tcp -j SNAT --to-source [2001:db8::1]:80:90 ; ; FAIL Invalid port:port syntax - use dash
-j SNAT --to-source 2001:db8::1 --random ; = ; OK
-j SNAT --to-source 2001:db8::1 --random-fully --persistent ; = ; OK
-j SNAT --persistent --random-fully --random --to-source 2001:db8::1 ; -j SNAT --to-source 2001:db8::1 --random --random-fully --persistent ; OK
-j SNAT ; ; FAIL SNAT: option "--to-source" must be specified
-j SNAT --random ; ; FAIL SNAT: option "--to-source" must be specified
-j SNAT --to-source 2001:db8::1 --to-source 2001:db8::2 ; ; FAIL SNAT: option "--to-source" can only be used once.
-j SNAT ! --to-source 2001:db8::1 ; ; FAIL SNAT: option "--to-source" cannot be inverted.
-p tcp -j SNAT --to-source [2001:db8::1]:80-90 --random ; = ; OK
-p tcp -j SNAT --to-source [2001:db8::1]-2001:db8::9:80 ; ; FAIL Port `db8::9:80' not valid
@6 nat INPUT
-j SNAT --to-source 2001:db8::1 ; = ; OK
@6 nat PREROUTING
-j SNAT --to-source 2001:db8::1 ; ; FAIL Invalid argument
@6 nat OUTPUT
-j SNAT --to-source 2001:db8::1 ; ; FAIL Invalid argument
@6 filter FORWARD
-j SNAT --to-source 2001:db8::1 ; ; FAIL Invalid argument
@6 nat POSTROUTING
-p tcp -j SNAT --to-source [] ; ; FAIL Bad IP address ""
-p tcp -j SNAT --to-source [2001:db8::1]:80-90:5 ; ; FAIL Garbage after port range: `:5'
-p tcp -j SNAT --to-source [2001:db8::1]:http:5 ; ; FAIL Port `http:5' not valid
-p tcp -j SNAT --to-source [2001:db8::1-]:80 ; ; FAIL Bad IP address ""
-p tcp -j SNAT --to-source [-]:80 ; ; FAIL Bad IP address ""
@6 nat POSTROUTING
? -j SNAT --to-source 2001:db8:2::9 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:2::9]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
? -p udp -j SNAT --to-source [2001:db8:2::9]:700 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:2::9]:700 > [2001:db8:9::1]:53 len 8 ttl 63
? -p tcp -j SNAT --to-source [2001:db8:2::9]:700 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 63
? -j SNAT --to-source 2001:db8:2::9-2001:db8:2:1:: | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded
