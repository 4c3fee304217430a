# -m multiport, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p tcp -m multiport --dports 80,443 ; = ; OK
-p tcp -m multiport --sports 80 ; = ; OK
-p udp -m multiport --ports 53,1000:2000 ; = ; OK
-p tcp -m multiport ! --dports 80,443 ; = ; OK
-p tcp -m multiport --destination-ports http,https ; -p tcp -m multiport --dports 80,443 ; OK
-p tcp -m multiport --source-ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 ; -p tcp -m multiport --sports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 ; OK
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 ; ; FAIL too many ports specified
-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14 ; = ; OK
-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15 ; = ; OK
-p tcp -m multiport --dports 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16 ; ; FAIL too many ports specified
-p tcp -m multiport --dports 20:10 ; ; FAIL invalid portrange specified
-p tcp -m multiport --dports 10:10 ; ; FAIL invalid portrange specified
-p tcp -m multiport --dports :10 ; ; FAIL invalid port/service `' specified
-p tcp -m multiport --dports 10: ; ; FAIL invalid port/service `' specified
-p tcp -m multiport --dports "" ; ; FAIL invalid port/service `' specified
-p tcp -m multiport --dports 80, ; ; FAIL invalid port/service `' specified
-p tcp -m multiport --dports ,80 ; ; FAIL invalid port/service `' specified
-p tcp -m multiport --dports 99999 ; ; FAIL invalid port/service `99999' specified
-p tcp -m multiport --dports foo ; ; FAIL invalid port/service `foo' specified
-p tcp -m multiport --dports 0x50 ; -p tcp -m multiport --dports 80 ; OK
-p tcp -m multiport --dports 80 --sports 90 ; ; FAIL multiport: option "--source-ports" cannot be used together with "--destination-ports".
-p tcp -m multiport --dports 80 --dports 90 ; ; FAIL multiport: option "--destination-ports" can only be used once.
-p tcp -m multiport ; ; FAIL multiport expection an option
-m multiport --dports 80 ; ; FAIL multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'
-p icmp -m multiport --dports 80 ; ; FAIL multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP
! -p tcp -m multiport --dports 80 ; ; FAIL multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP
-p udplite -m multiport --dports 80 ; = ; OK
-p sctp -m multiport --dports 80 ; = ; OK
-p dccp -m multiport --dports 80 ; = ; OK
-m multiport --dports 80 -p tcp ; ; FAIL multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'
-p tcp -m multiport --port 80 ; -p tcp -m multiport --ports 80 ; OK
-p tcp -m multiport --dport 80 ; -p tcp -m multiport --dports 80 ; OK
-p tcp -m multiport --dports 1:2:3 ; ; FAIL invalid port/service `2:3' specified
# Packets.
@ filter FORWARD
? -p udp -m multiport --dports 50:60,99 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m multiport --dports 54:60,99 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -p udp -m multiport ! --dports 54:60,99 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m multiport --sports 4000 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m multiport --sports 53 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -p udp -m multiport --ports 53 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m multiport --ports 4000 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -p udp -m multiport --ports 54,4001 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -p tcp -m multiport --dports 80 | cut 23 tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no, dropped
@6 filter FORWARD
-m multiport --dports 1 ; ; FAIL multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'
-p tcp -m multiport --dports 1,2 ; -p tcp -m multiport --dports 1,2 ; OK
