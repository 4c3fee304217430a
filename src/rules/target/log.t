# -j LOG, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-j LOG ; = ; OK
-j LOG --log-level info ; -j LOG --log-level 6 ; OK
-j LOG --log-level 4 ; -j LOG ; OK
-j LOG --log-level warning ; -j LOG ; OK
-j LOG --log-level warn ; ; FAIL log level "warn" unknown
-j LOG --log-level err ; ; FAIL log level "err" unknown
-j LOG --log-level e ; ; FAIL log level "e" unknown
-j LOG --log-level 8 ; ; FAIL log level "8" unknown
-j LOG --log-level foo ; ; FAIL log level "foo" unknown
-j LOG --log-prefix "a b" ; = ; OK
-j LOG --log-prefix ab ; = ; OK
-j LOG --log-prefix '' ; ; FAIL Argument must have a minimum length of 1 characters
-j LOG --log-prefix "0123456789012345678901234567890" ; -j LOG --log-prefix 01234567890123456789012345678 ; OK
-j LOG --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode ; = ; OK
-j LOG --log-level 4 --log-level 5 ; ; FAIL LOG: option "--log-level" can only be used once.
-j LOG ! --log-level 4 ; ; FAIL LOG: option "--log-level" cannot be inverted.
-j LOG --log-prefix "a b: " --log-level debug --log-uid ; -j LOG --log-prefix "a b: " --log-level 7 --log-uid ; OK
# Packets.
@ filter FORWARD
? -j LOG | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, logged IN=lan OUT=wan MAC= SRC=10.0.0.5 DST=198.51.100.7 LEN=36 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=UDP SPT=4000 DPT=53 LEN=16, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j LOG --log-prefix "told: " | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, logged told: IN=lan OUT=wan MAC= SRC=10.0.0.5 DST=198.51.100.7 LEN=36 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=UDP SPT=4000 DPT=53 LEN=16, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j LOG --log-level debug | icmp 10.0.0.5 > 198.51.100.7 echo request => yes, logged IN=lan OUT=wan MAC= SRC=10.0.0.5 DST=198.51.100.7 LEN=28 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=ICMP TYPE=8 CODE=0 ID=1 SEQ=1, sent wan icmp 10.0.0.5 > 198.51.100.7 echo request id 1 seq 1 ttl 63
? -p tcp -j LOG --log-tcp-sequence | tcp 10.0.0.5:4000 > 198.51.100.7:80 S seq 77 => yes, logged IN=lan OUT=wan MAC= SRC=10.0.0.5 DST=198.51.100.7 LEN=40 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=TCP SPT=4000 DPT=80 SEQ=77 ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0, sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S seq 77 win 64240 ttl 63
? -p tcp -j LOG --log-tcp-options | tcp 10.0.0.5:4000 > 198.51.100.7:80 S <mss 1460,sackOK> => yes, logged IN=lan OUT=wan MAC= SRC=10.0.0.5 DST=198.51.100.7 LEN=48 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=TCP SPT=4000 DPT=80 WINDOW=64240 RES=0x00 SYN URGP=0 OPT (020405B404020000), sent wan tcp 10.0.0.5:4000 > 198.51.100.7:80 S win 64240 <mss 1460,sackOK> ttl 63
? -j LOG --log-ip-options | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ip-options <ra> => yes, logged IN=lan OUT=wan MAC= SRC=10.0.0.5 DST=198.51.100.7 LEN=40 TOS=0x00 PREC=0x00 TTL=63 ID=1 OPT (94040000) PROTO=UDP SPT=4000 DPT=53 LEN=16, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ip-options <ra> ttl 63
? -j LOG --log-uid | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, logged IN=lan OUT=wan MAC= SRC=10.0.0.5 DST=198.51.100.7 LEN=36 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=UDP SPT=4000 DPT=53 LEN=16, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j LOG --log-macdecode | ether 02:00:00:00:02:05 udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, logged IN=lan OUT=wan MACSRC=02:00:00:00:02:05 MACDST=02:00:00:00:01:00 MACPROTO=0800 SRC=10.0.0.5 DST=198.51.100.7 LEN=36 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=UDP SPT=4000 DPT=53 LEN=16, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -j LOG | ether 02:00:00:00:02:05 udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, logged IN=lan OUT=wan MAC=02:00:00:00:01:00:02:00:00:00:02:05:08:00 SRC=10.0.0.5 DST=198.51.100.7 LEN=36 TOS=0x00 PREC=0x00 TTL=63 ID=1 PROTO=UDP SPT=4000 DPT=53 LEN=16, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
? -p tcp -j LOG | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@ filter OUTPUT
? -j LOG --log-uid | udp 10.0.0.254:4000 > 10.0.0.5:53 len 8 => yes, logged IN= OUT=lan SRC=10.0.0.254 DST=10.0.0.5 LEN=36 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=4000 DPT=53 LEN=16, sent lan udp 10.0.0.254:4000 > 10.0.0.5:53 len 8 ttl 64
@6 filter FORWARD
-j LOG --log-ip-options ; -j LOG --log-ip-options ; OK
