# -m udp, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p udp --sport 53 ! --dport domain ; -p udp -m udp --sport 53 ! --dport 53 ; OK
-p udp --dport foo ; ; FAIL Port "foo" does not resolve to anything.
-p udp --dport 90:80 ; -p udp -m udp --dport 90:80 ; OK
-p udp --dport "" ; -p udp -m udp --dport 0 ; OK
-p udp --dport 99999 ; -p udp -m udp --dport 34463 ; OK
-p udp --dport 80 --dport 81 ; ; FAIL udp: option "--destination-port" can only be used once.
-p udp --dport 0:65535 ; -p udp -m udp ; OK
-p udp ! --dport 0:65535 ; -p udp -m udp ; OK
-p udp --dport : ; -p udp -m udp ; OK
-p udp --dport 1:2:3 ; ; FAIL udp: Too many components for option "--destination-port" (max: 2)
-p udp --dport 080 ; -p udp -m udp --dport 80 ; OK
-p udp --dport snmp ; -p udp -m udp --dport 161 ; OK
-p udp --dport HTTP ; ; FAIL Port "HTTP" does not resolve to anything.
-m udp --dport 4 ; ; FAIL Invalid argument
-p udp --dport ntp:snmp ; -p udp -m udp --dport 123:161 ; OK
-p tcp -m udp --sport 4 ; ; FAIL Invalid argument
-p udplite --dport 3 ; ; FAIL unknown option "--dport"
# Packets.
@ filter FORWARD
? -p udp -m udp --sport 4000 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m udp --sport :3999 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -p udp -m udp --dport 53 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m udp ! --dport 53 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -p udp -m udp ! --dport 54:60 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m udp --dport 53 | cut 25 udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, dropped
@6 filter FORWARD
-p udp --sport 1:5 ; -p udp -m udp --sport 1:5 ; OK
