# -m tos, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m tos --tos 0x10 ; -m tos --tos 0x10/0xff ; OK
-m tos --tos 16 ; -m tos --tos 0x10/0xff ; OK
-m tos --tos 0x10/0x3f ; = ; OK
-m tos --tos Minimize-Delay ; -m tos --tos 0x10/0x3f ; OK
-m tos --tos Maximize-Throughput ; -m tos --tos 0x08/0x3f ; OK
-m tos --tos Maximize-Reliability ; -m tos --tos 0x04/0x3f ; OK
-m tos --tos Minimize-Cost ; -m tos --tos 0x02/0x3f ; OK
-m tos --tos Normal-Service ; -m tos --tos 0x00/0x3f ; OK
-m tos --tos minimize-delay ; -m tos --tos 0x10/0x3f ; OK
-m tos ! --tos 0x10 ; -m tos ! --tos 0x10/0xff ; OK
-m tos --tos 0 ; -m tos --tos 0x00/0xff ; OK
-m tos --tos 255 ; -m tos --tos 0xff/0xff ; OK
-m tos --tos 256 ; ; FAIL Symbolic name "256" is unknown
-m tos --tos 1/256 ; ; FAIL Illegal value: "1/256"
-m tos --tos foo ; ; FAIL Symbolic name "foo" is unknown
-m tos --tos Min ; ; FAIL Symbolic name "Min" is unknown
-m tos --tos 1/ ; ; FAIL Illegal value: "1/"
-m tos ; ; FAIL tos: option "--tos" must be specified
-m tos --tos 1 --tos 2 ; ; FAIL tos: option "--tos" can only be used once.
-m tos --tos 0x1/0xff ; -m tos --tos 0x01/0xff ; OK
-m tos --tos 0xff/0x0f ; = ; OK
# Packets.
@ filter FORWARD
? -m tos --tos 0x10 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x10 => yes
? -m tos --tos 0x10 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x11 => no
? -m tos --tos 0x10/0x1e | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x11 => yes
? -m tos ! --tos 0x10 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x10 => no
? -m tos --tos Minimize-Delay | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 tos 0x10 => yes
@6 filter FORWARD
-m tos --tos 0x10 ; -m tos --tos 0x10/0xff ; OK
