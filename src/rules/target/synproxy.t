# -j SYNPROXY, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
# What is answered holds a cookie that is drawn: of that the lines say nothing.
@ filter FORWARD
-p tcp -j SYNPROXY ; = ; OK
@ filter INPUT
-p tcp -j SYNPROXY ; = ; OK
@ mangle FORWARD
-p tcp -j SYNPROXY ; = ; OK
@ mangle INPUT
-p tcp -j SYNPROXY ; = ; OK
@ security FORWARD
-p tcp -j SYNPROXY ; = ; OK
@ nat INPUT
-p tcp -j SYNPROXY ; = ; OK
@ filter OUTPUT
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
@ mangle PREROUTING
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
@ mangle POSTROUTING
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
@ raw PREROUTING
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
@ raw OUTPUT
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
@ security OUTPUT
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
@ nat PREROUTING
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
@ filter FORWARD
-j SYNPROXY ; ; FAIL Invalid argument
! -p tcp -j SYNPROXY ; ; FAIL Invalid argument
-p udp -j SYNPROXY ; ; FAIL Invalid argument
-p tcp -j SYNPROXY --sack-perm ; = ; OK
-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn ; = ; OK
-p tcp -j SYNPROXY --ecn --mss 1460 --wscale 7 --timestamp --sack-perm ; -p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn ; OK
-p tcp -j SYNPROXY --timestamp --ecn ; = ; OK
-p tcp -j SYNPROXY --wscale 0 ; = ; OK
-p tcp -j SYNPROXY --wscale 15 ; = ; OK
-p tcp -j SYNPROXY --wscale 0x7 ; -p tcp -j SYNPROXY --wscale 7 ; OK
-p tcp -j SYNPROXY --wscale x ; ; FAIL SYNPROXY: bad value for option "--wscale", or out of range (0-4294967295).
-p tcp -j SYNPROXY --wscale -1 ; ; FAIL SYNPROXY: bad value for option "--wscale", or out of range (0-4294967295).
-p tcp -j SYNPROXY --wscale 3:4 ; ; FAIL SYNPROXY: bad value for option "--wscale", or out of range (0-4294967295).
-p tcp -j SYNPROXY --wscale ; ; FAIL option "--wscale" requires an argument
-p tcp -j SYNPROXY --wscale 256 ; -p tcp -j SYNPROXY --wscale 0 ; OK
-p tcp -j SYNPROXY --mss 0 ; = ; OK
-p tcp -j SYNPROXY --mss 65535 ; = ; OK
-p tcp -j SYNPROXY --mss 65536 ; -p tcp -j SYNPROXY --mss 0 ; OK
-p tcp -j SYNPROXY --mss x ; ; FAIL SYNPROXY: bad value for option "--mss", or out of range (0-4294967295).
-p tcp -j SYNPROXY --mss ; ; FAIL option "--mss" requires an argument
-p tcp -j SYNPROXY --mss 1 --mss 2 ; ; FAIL SYNPROXY: option "--mss" can only be used once.
-p tcp -j SYNPROXY --sack-perm --sack-perm ; ; FAIL SYNPROXY: option "--sack-perm" can only be used once.
-p tcp -j SYNPROXY ! --sack-perm ; ; FAIL SYNPROXY: option "--sack-perm" cannot be inverted.
-p tcp -j SYNPROXY ! --mss 5 ; ; FAIL SYNPROXY: option "--mss" cannot be inverted.
@6 filter FORWARD
-j SYNPROXY ; ; FAIL Invalid argument
! -p tcp -j SYNPROXY ; ; FAIL Invalid argument
-p udp -j SYNPROXY ; ; FAIL Invalid argument
-p tcp -j SYNPROXY --sack-perm ; = ; OK
-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn ; = ; OK
-p tcp -j SYNPROXY --ecn --mss 1460 --wscale 7 --timestamp --sack-perm ; -p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn ; OK
-p tcp -j SYNPROXY --timestamp --ecn ; = ; OK
-p tcp -j SYNPROXY --wscale 0 ; = ; OK
-p tcp -j SYNPROXY --wscale 15 ; = ; OK
-p tcp -j SYNPROXY --wscale 0x7 ; -p tcp -j SYNPROXY --wscale 7 ; OK
-p tcp -j SYNPROXY --wscale x ; ; FAIL SYNPROXY: bad value for option "--wscale", or out of range (0-4294967295).
-p tcp -j SYNPROXY --wscale -1 ; ; FAIL SYNPROXY: bad value for option "--wscale", or out of range (0-4294967295).
-p tcp -j SYNPROXY --wscale 3:4 ; ; FAIL SYNPROXY: bad value for option "--wscale", or out of range (0-4294967295).
-p tcp -j SYNPROXY --wscale ; ; FAIL option "--wscale" requires an argument
-p tcp -j SYNPROXY --wscale 256 ; -p tcp -j SYNPROXY --wscale 0 ; OK
-p tcp -j SYNPROXY --mss 0 ; = ; OK
-p tcp -j SYNPROXY --mss 65535 ; = ; OK
-p tcp -j SYNPROXY --mss 65536 ; -p tcp -j SYNPROXY --mss 0 ; OK
-p tcp -j SYNPROXY --mss x ; ; FAIL SYNPROXY: bad value for option "--mss", or out of range (0-4294967295).
-p tcp -j SYNPROXY --mss ; ; FAIL option "--mss" requires an argument
-p tcp -j SYNPROXY --mss 1 --mss 2 ; ; FAIL SYNPROXY: option "--mss" can only be used once.
-p tcp -j SYNPROXY --sack-perm --sack-perm ; ; FAIL SYNPROXY: option "--sack-perm" can only be used once.
-p tcp -j SYNPROXY ! --sack-perm ; ; FAIL SYNPROXY: option "--sack-perm" cannot be inverted.
-p tcp -j SYNPROXY ! --mss 5 ; ; FAIL SYNPROXY: option "--mss" cannot be inverted.
@6 filter OUTPUT
-p tcp -j SYNPROXY ; ; FAIL Invalid argument
# Packets.
@ filter FORWARD
? -p tcp -j SYNPROXY | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => yes, proxied
? -p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460,sackOK,TS val 5 ecr 0,nop,wscale 3> => yes, proxied
? -p tcp -j SYNPROXY --mss 1000 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 500> => yes, proxied
? -p tcp -j SYNPROXY --sack-perm --wscale 3 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 500,sackOK,nop,wscale 3> => yes, proxied
? -p tcp -j SYNPROXY --timestamp --ecn | tcp 10.0.0.5:4000 > 198.51.100.7:80 SEW <TS val 5 ecr 0> => yes, proxied
? -p tcp -j SYNPROXY | tcp 10.0.0.5:4000 > 198.51.100.7:80 S. seq 1 ack 2 => yes, forwarded, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S. seq 1 ack 2 win 64240 ttl 63
? -p tcp -j SYNPROXY | tcp 10.0.0.5:4000 > 198.51.100.7:80 . seq 1 ack 2 => yes, dropped
? -p tcp -j SYNPROXY | tcp 10.0.0.5:4000 > 198.51.100.7:80 P. seq 1 ack 2 len 3 => yes, dropped
? -p tcp -j SYNPROXY | tcp 10.0.0.5:4000 > 198.51.100.7:80 F. seq 1 ack 2 => yes, forwarded
? -p tcp -j SYNPROXY | tcp 10.0.0.5:4000 > 198.51.100.7:80 R seq 1 => yes, forwarded
? -p tcp -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --mss 1460 | tcp 10.0.0.5:4000 > 198.51.100.7:80 S => no, forwarded
@ filter INPUT
? -p tcp -j SYNPROXY --mss 1460 | tcp 10.0.0.5:4000 > 10.0.0.254:80 S <mss 500> => yes, proxied
@6 filter FORWARD
? -p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn | tcp [2001:db8:a::5]:4000 > [2001:db8:9::1]:80 S <mss 1440,sackOK,TS val 5 ecr 0,nop,wscale 3> => yes, proxied
? -p tcp -j SYNPROXY | tcp [2001:db8:a::5]:4000 > [2001:db8:9::1]:80 . seq 1 ack 2 => yes, dropped
