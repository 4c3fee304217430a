# -m connbytes, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m connbytes --connbytes 10 --connbytes-dir original --connbytes-mode packets ; -m connbytes --connbytes 10 --connbytes-mode packets --connbytes-dir original ; OK
-m connbytes --connbytes 10: --connbytes-dir original --connbytes-mode packets ; -m connbytes --connbytes 10 --connbytes-mode packets --connbytes-dir original ; OK
-m connbytes --connbytes 10:20 --connbytes-dir reply --connbytes-mode bytes ; -m connbytes --connbytes 10:20 --connbytes-mode bytes --connbytes-dir reply ; OK
-m connbytes --connbytes :20 --connbytes-dir both --connbytes-mode avgpkt ; -m connbytes --connbytes 0:20 --connbytes-mode avgpkt --connbytes-dir both ; OK
-m connbytes ! --connbytes 10:20 --connbytes-dir both --connbytes-mode avgpkt ; -m connbytes ! --connbytes 10:20 --connbytes-mode avgpkt --connbytes-dir both ; OK
-m connbytes --connbytes 20:10 --connbytes-dir both --connbytes-mode avgpkt ; ; FAIL 20 should be less than 10
-m connbytes --connbytes 0:10 --connbytes-dir both --connbytes-mode bytes ; -m connbytes --connbytes 0:10 --connbytes-mode bytes --connbytes-dir both ; OK
-m connbytes --connbytes 18446744073709551615: --connbytes-dir both --connbytes-mode bytes ; -m connbytes --connbytes 18446744073709551615 --connbytes-mode bytes --connbytes-dir both ; OK
-m connbytes --connbytes 18446744073709551616 --connbytes-dir both --connbytes-mode bytes ; ; FAIL connbytes: bad value for option "--connbytes" near "18446744073709551616", or out of range (0-18446744073709551615).
-m connbytes --connbytes x --connbytes-dir both --connbytes-mode bytes ; ; FAIL connbytes: bad value for option "--connbytes" near "x", or out of range (0-18446744073709551615).
-m connbytes --connbytes 10 --connbytes-dir foo --connbytes-mode bytes ; ; FAIL Unknown --connbytes-dir `foo'
-m connbytes --connbytes 10 --connbytes-dir both --connbytes-mode foo ; ; FAIL Unknown --connbytes-mode `foo'
-m connbytes --connbytes 10 --connbytes-dir both ; ; FAIL connbytes: option "--connbytes-mode" must be specified
-m connbytes --connbytes 10 --connbytes-mode bytes ; ; FAIL connbytes: option "--connbytes-dir" must be specified
-m connbytes --connbytes-dir both --connbytes-mode bytes ; ; FAIL connbytes: option "--connbytes" must be specified
-m connbytes --connbytes 10 --connbytes-dir ORIGINAL --connbytes-mode bytes ; ; FAIL Unknown --connbytes-dir `ORIGINAL'
-m connbytes ; ; FAIL connbytes: option "--connbytes" must be specified
-m connbytes ! --connbytes 10:10 --connbytes-dir both --connbytes-mode bytes ; -m connbytes --connbytes 10:10 --connbytes-mode bytes --connbytes-dir both ; OK
-m connbytes ! --connbytes 10 --connbytes-dir both --connbytes-mode bytes ; -m connbytes ! --connbytes 10 --connbytes-mode bytes --connbytes-dir both ; OK
-m connbytes --connbytes 10:10 --connbytes-dir both --connbytes-mode bytes ; -m connbytes --connbytes 10:10 --connbytes-mode bytes --connbytes-dir both ; OK
# Packets.
@ filter FORWARD
? -m connbytes --connbytes 2: --connbytes-mode packets --connbytes-dir original | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m connbytes --connbytes 2: --connbytes-mode packets --connbytes-dir original | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m connbytes ! --connbytes 2: --connbytes-mode packets --connbytes-dir original | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m connbytes --connbytes 0:1 --connbytes-mode packets --connbytes-dir reply | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m connbytes --connbytes 2:2 --connbytes-mode packets --connbytes-dir both | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m connbytes --connbytes 36:36 --connbytes-mode bytes --connbytes-dir original | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m connbytes --connbytes 37: --connbytes-mode bytes --connbytes-dir original | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m connbytes --connbytes 36:36 --connbytes-mode avgpkt --connbytes-dir both | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m connbytes --connbytes 37: --connbytes-mode avgpkt --connbytes-dir both | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => no
@6 filter FORWARD
-m connbytes --connbytes 1:2 --connbytes-dir both --connbytes-mode packets ; -m connbytes --connbytes 1:2 --connbytes-mode packets --connbytes-dir both ; OK
