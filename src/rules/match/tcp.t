# -m tcp, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p tcp --dport 80 ; -p tcp -m tcp --dport 80 ; OK
-p tcp --dport http ; -p tcp -m tcp --dport 80 ; OK
-p tcp --dport telnet ; -p tcp -m tcp --dport 23 ; OK
-p tcp --dport 0:65535 ; -p tcp -m tcp ; OK
-p tcp ! --dport 0:65535 ; -p tcp -m tcp ; OK
-p tcp --dport 80: ; -p tcp -m tcp --dport 80:65535 ; OK
-p tcp --dport :80 ; -p tcp -m tcp --dport 0:80 ; OK
-p tcp --dport 90:80 ; ; FAIL invalid portrange (min > max)
-p tcp --dport 80:80 ; -p tcp -m tcp --dport 80 ; OK
-p tcp --dport 80 --dport 81 ; ; FAIL Only one `--destination-port' allowed
-p tcp --dport 0x50 ; -p tcp -m tcp --dport 80 ; OK
-p tcp --dport 080 ; ; FAIL invalid port/service `080' specified
-p tcp --dport "" ; ; FAIL invalid port/service `' specified
-p tcp --dport -1 ; ; FAIL invalid port/service `-1' specified
-p tcp --dport 80-90 ; ; FAIL invalid port/service `80-90' specified
-p tcp --dp 80 ; -p tcp -m tcp --dport 80 ; OK
-p tcp --dport=80 ; -p tcp -m tcp --dport 80 ; OK
-p tcp --syn ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ; OK
-p tcp ! --syn ; -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN ; OK
-p tcp --tcp-flags SYN,ACK SYN ; -p tcp -m tcp --tcp-flags SYN,ACK SYN ; OK
-p tcp --tcp-flags ALL NONE ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE ; OK
-p tcp --tcp-flags NONE NONE ; -p tcp -m tcp ; OK
-p tcp --tcp-flags ALL FIN,URG,PSH ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,PSH,URG ; OK
-p tcp ! --tcp-flags FIN,SYN FIN --syn ; ; FAIL Only one of `--syn' or `--tcp-flags'  allowed
-p tcp --tcp-flags FOO SYN ; ; FAIL Unknown TCP flag `FOO'
-p tcp --tcp-flags SYN ; ; FAIL --tcp-flags requires two args.
-p tcp --tcp-flags syn,ack syn ; -p tcp -m tcp --tcp-flags SYN,ACK SYN ; OK
-p tcp --tcp-flags SYN,ACK,FIN SYN,RST ; -p tcp -m tcp --tcp-flags FIN,SYN,ACK SYN,RST ; OK
-p tcp --tcp-option 8 ; -p tcp -m tcp --tcp-option 8 ; OK
-p tcp ! --tcp-option 8 ; -p tcp -m tcp ! --tcp-option 8 ; OK
-p tcp --tcp-option 0 ; ; FAIL Bad TCP option "0"
-p tcp --tcp-option 256 ; ; FAIL Bad TCP option "256"
-p tcp --tcp-option x ; ; FAIL Bad TCP option "x"
! -p tcp -m tcp --dport 80 ; ; FAIL Invalid argument
-m tcp --dport 80 ; ; FAIL Invalid argument
-p udp -m tcp --dport 80 ; ; FAIL Invalid argument
! -p tcp -m tcp --dport 80 ; ; FAIL Invalid argument
-p 6 --dport 80 ; -p tcp -m tcp --dport 80 ; OK
-p tcp --dport : ; -p tcp -m tcp ; OK
-p tcp --dport 1:2:3 ; ; FAIL invalid port/service `2:3' specified
-p tcp -m tcp -m tcp --dport 80 ; = ; OK
-p tcp --tcp-flags URG PSH --tcp-option 19 ; -p tcp -m tcp --tcp-option 19 --tcp-flags URG PSH ; OK
# Packets.
@ filter FORWARD
? -p tcp -m tcp --sport 4000 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
? -p tcp -m tcp --sport 4001: | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no
? -p tcp -m tcp --dport 80 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
? -p tcp -m tcp ! --dport 80 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no
? -p tcp -m tcp --dport 81 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no
? -p tcp -m tcp --syn | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
? -p tcp -m tcp --syn | tcp 10.0.0.5:4000 > 198.51.100.7:80 S. ack 1 => no
? -p tcp -m tcp ! --syn | tcp 10.0.0.5:4000 > 198.51.100.7:80 S. ack 1 => yes
? -p tcp -m tcp --tcp-flags SYN,RST SYN | tcp 10.0.0.5:4000 > 198.51.100.7:80 SF => yes
? -p tcp -m tcp --tcp-flags SYN,RST SYN | tcp 10.0.0.5:4000 > 198.51.100.7:80 SR => no
? -p tcp -m tcp ! --tcp-flags ALL NONE | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
? -p tcp -m tcp --tcp-flags ALL NONE | tcp 10.0.0.5:4000 > 198.51.100.7:80 none => yes
? -p tcp -m tcp --tcp-option 2 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460> => yes
? -p tcp -m tcp --tcp-option 3 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460> => no
? -p tcp -m tcp ! --tcp-option 3 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460> => yes
? -p tcp -m tcp --dport 80 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -p tcp -m tcp --dport 80 | cut 39 tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no, dropped
@6 filter FORWARD
-p tcp --dport 22 ; -p tcp -m tcp --dport 22 ; OK
# Of a fragment at offset 8 IPv4 lets nothing through; over IPv6 it is a later fragment like any other.
? -p tcp -m tcp --sport 1 | tcp 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => no, forwarded
