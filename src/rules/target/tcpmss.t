# -j TCPMSS, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p tcp --syn -j TCPMSS --set-mss 1400 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 1400 ; OK
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --clamp-mss-to-pmtu ; OK
-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu ; -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu ; OK
-p tcp --tcp-flags SYN,ACK SYN -j TCPMSS --set-mss 1400 ; -p tcp -m tcp --tcp-flags SYN,ACK SYN -j TCPMSS --set-mss 1400 ; OK
-p tcp --tcp-flags RST RST -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p tcp --tcp-flags SYN,RST RST -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p tcp ! --syn -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p tcp ! --tcp-flags SYN SYN -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p tcp ! --tcp-flags SYN NONE -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p tcp --dport 80 -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p tcp -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p udp -j TCPMSS --set-mss 1400 ; ; FAIL Invalid argument
-p tcp --syn -j TCPMSS ; ; FAIL TCPMSS target: At least one parameter is required
-p tcp --syn -j TCPMSS --set-mss 1400 --clamp-mss-to-pmtu ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --clamp-mss-to-pmtu ; OK
-p tcp --syn -j TCPMSS --set-mss 0 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 0 ; OK
-p tcp --syn -j TCPMSS --set-mss 65535 ; ; FAIL TCPMSS: bad value for option "--set-mss", or out of range (0-65515).
-p tcp --syn -j TCPMSS --set-mss 65496 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 65496 ; OK
-p tcp --syn -j TCPMSS --set-mss 65495 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 65495 ; OK
-p tcp --syn -j TCPMSS --set-mss 65536 ; ; FAIL TCPMSS: bad value for option "--set-mss", or out of range (0-65515).
-p tcp --syn -j TCPMSS --set-mss x ; ; FAIL TCPMSS: bad value for option "--set-mss", or out of range (0-65515).
@ filter INPUT
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu ; ; FAIL Invalid argument
-p tcp --syn -j TCPMSS --set-mss 1400 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 1400 ; OK
@ filter OUTPUT
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --clamp-mss-to-pmtu ; OK
@ mangle POSTROUTING
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --clamp-mss-to-pmtu ; OK
@ mangle PREROUTING
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu ; ; FAIL Invalid argument
-p tcp --syn -j TCPMSS --set-mss 1000 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 1000 ; OK
@ raw PREROUTING
-p tcp --syn -j TCPMSS --set-mss 1000 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 1000 ; OK
@ filter FORWARD
-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu --set-mss 1400 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 1400 ; OK
# Packets.
@ mangle FORWARD
? -p tcp --syn -j TCPMSS --set-mss 1000 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460> => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S win 64240 <mss 1000> ttl 63
? -p tcp --syn -j TCPMSS --set-mss 1000 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 500> => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S win 64240 <mss 500> ttl 63
? -p tcp --syn -j TCPMSS --set-mss 1000 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S win 64240 <mss 536> ttl 63
? -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu | tcp 10.0.0.5:4000 > 172.16.0.9:80 S <mss 1460> => yes, sent thin tcp 10.0.0.5:4000 > 172.16.0.9:80 S win 64240 <mss 560> ttl 63
? -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 9000> => yes, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S win 64240 <mss 1460> ttl 63
? -p tcp --syn -j TCPMSS --set-mss 1000 | tcp 10.0.0.5:4000 > 198.51.100.7:80 . seq 1 ack 101 => no, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 . seq 1 ack 101 win 64240 ttl 63
@6 mangle FORWARD
-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu ; -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu ; OK
-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1220 ; -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1220 ; OK
-p tcp --syn -j TCPMSS --set-mss 65495 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --set-mss 65495 ; OK
-p tcp --syn -j TCPMSS --set-mss 65496 ; ; FAIL TCPMSS: bad value for option "--set-mss", or out of range (0-65495).
-p tcp --syn -j TCPMSS --set-mss 65515 ; ; FAIL TCPMSS: bad value for option "--set-mss", or out of range (0-65495).
-p tcp --syn -j TCPMSS --set-mss 65516 ; ; FAIL TCPMSS: bad value for option "--set-mss", or out of range (0-65495).
