# -m tcpmss, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p tcp -m tcpmss --mss 1460 ; = ; OK
-p tcp --syn -m tcpmss --mss 1400:1500 ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m tcpmss --mss 1400:1500 ; OK
-p tcp -m tcpmss ! --mss 1400:1500 ; = ; OK
-p tcp -m tcpmss --mss :1500 ; -p tcp -m tcpmss --mss 0:1500 ; OK
-p tcp -m tcpmss --mss 1400: ; -p tcp -m tcpmss --mss 1400:65535 ; OK
-p tcp -m tcpmss --mss 1500:1400 ; ; FAIL tcpmss: invalid range given
-p tcp -m tcpmss --mss 65536 ; ; FAIL tcpmss: bad value for option "--mss" near "65536", or out of range (0-65535).
-p tcp -m tcpmss --mss x ; ; FAIL tcpmss: bad value for option "--mss" near "x", or out of range (0-65535).
-p tcp -m tcpmss ; ; FAIL tcpmss: option "--mss" must be specified
-m tcpmss --mss 1460 ; ; FAIL Invalid argument
-p udp -m tcpmss --mss 1460 ; ; FAIL Invalid argument
! -p tcp -m tcpmss --mss 1460 ; ; FAIL Invalid argument
-p tcp -m tcpmss --mss 1 --mss 2 ; ; FAIL tcpmss: option "--mss" can only be used once.
# Packets.
@ filter FORWARD
? -p tcp -m tcpmss --mss 1400:1500 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460> => yes
? -p tcp -m tcpmss --mss 1400:1459 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460> => no
? -p tcp -m tcpmss ! --mss 1460 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460> => no
? -p tcp -m tcpmss --mss 0:65535 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no
? -p tcp -m tcpmss ! --mss 1460 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes
@6 filter FORWARD
-p tcp -m tcpmss --mss 1:5 ; -p tcp -m tcpmss --mss 1:5 ; OK
# Over IPv6 a later fragment is read from its IPv6 header on: 5 in the source stands for a header's length.
@6 filter FORWARD
? -p tcp -m tcpmss --mss 0:65535 | tcp 2001:db8:5080::5 > 2001:db8:9::1 frag 7 offset 72 len 64 => no, forwarded
? -p tcp -m tcpmss --mss 0:65535 | tcp 2001:db8::5 > 2001:db8:9::1 frag 7 offset 72 len 64 => no, dropped
