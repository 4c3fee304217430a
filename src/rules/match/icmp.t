# -m icmp, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p icmp --icmp-type 8 ; -p icmp -m icmp --icmp-type 8 ; OK
-p icmp --icmp-type echo-request ; -p icmp -m icmp --icmp-type 8 ; OK
-p icmp --icmp-type ping ; -p icmp -m icmp --icmp-type 8 ; OK
-p icmp --icmp-type 3/4 ; -p icmp -m icmp --icmp-type 3/4 ; OK
-p icmp --icmp-type fragmentation-needed ; -p icmp -m icmp --icmp-type 3/4 ; OK
-p icmp --icmp-type any ; -p icmp -m icmp --icmp-type any ; OK
-p icmp ! --icmp-type any ; -p icmp -m icmp ! --icmp-type any ; OK
-p icmp --icmp-type 255 ; -p icmp -m icmp --icmp-type any ; OK
-p icmp --icmp-type 255/0 ; -p icmp -m icmp --icmp-type any ; OK
-p icmp --icmp-type 256 ; ; FAIL Unknown ICMP type `256'
-p icmp --icmp-type 8/256 ; ; FAIL Unknown ICMP code `8/256'
-p icmp --icmp-type 8/ ; ; FAIL Unknown ICMP code `8/'
-p icmp --icmp-type /4 ; ; FAIL Unknown ICMP type `/4'
-p icmp --icmp-type foo ; ; FAIL Unknown ICMP type `foo'
-p icmp --icmp-type ech ; ; FAIL Ambiguous ICMP type `ech': `echo-reply' or `echo-request'?
-p icmp --icmp-type echo-re ; ; FAIL Ambiguous ICMP type `echo-re': `echo-reply' or `echo-request'?
-p icmp --icmp-type ECHO-REQUEST ; -p icmp -m icmp --icmp-type 8 ; OK
-p icmp -m icmp ; ; FAIL icmp: option "--icmp-type" must be specified
-p icmp --icmp-type 8 --icmp-type 0 ; ; FAIL icmp: option "--icmp-type" can only be used once.
# Packets.
@ filter FORWARD
? -p icmp -m icmp --icmp-type echo-request | icmp 10.0.0.5 > 198.51.100.7 echo request => yes
? -p icmp -m icmp --icmp-type 8 | icmp 10.0.0.5 > 198.51.100.7 echo reply => no
? -p icmp -m icmp ! --icmp-type 8 | icmp 10.0.0.5 > 198.51.100.7 echo reply => yes
? -p icmp -m icmp --icmp-type 3/1 | icmp 10.0.0.5 > 198.51.100.7 host unreachable (udp 198.51.100.7:53 > 10.0.0.5:4000 len 8) => yes
? -p icmp -m icmp --icmp-type 3/1 | icmp 10.0.0.5 > 198.51.100.7 port unreachable (udp 198.51.100.7:53 > 10.0.0.5:4000 len 8) => no
? -p icmp -m icmp --icmp-type 3 | icmp 10.0.0.5 > 198.51.100.7 port unreachable (udp 198.51.100.7:53 > 10.0.0.5:4000 len 8) => yes
? -p icmp -m icmp --icmp-type any | icmp 10.0.0.5 > 198.51.100.7 echo request => yes
? -p icmp -m icmp --icmp-type 8 | cut 23 icmp 10.0.0.5 > 198.51.100.7 echo request => no, dropped
