# -m pkttype, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m pkttype --pkt-type unicast ; = ; OK
-m pkttype --pkt-type broadcast ; = ; OK
-m pkttype --pkt-type multicast ; = ; OK
-m pkttype ! --pkt-type multicast ; = ; OK
-m pkttype --pkt-type otherhost ; = ; OK
-m pkttype --pkt-type bcast ; -m pkttype --pkt-type broadcast ; OK
-m pkttype --pkt-type mcast ; -m pkttype --pkt-type multicast ; OK
-m pkttype --pkt-type host ; -m pkttype --pkt-type unicast ; OK
-m pkttype --pkt-type outgoing ; ; FAIL Bad packet type 'outgoing'
-m pkttype --pkt-type loopback ; ; FAIL Bad packet type 'loopback'
-m pkttype --pkt-type UNICAST ; -m pkttype --pkt-type unicast ; OK
-m pkttype --pkt-type uni ; ; FAIL Bad packet type 'uni'
-m pkttype --pkt-type foo ; ; FAIL Bad packet type 'foo'
-m pkttype --pkt-type otherho ; ; FAIL Bad packet type 'otherho'
-m pkttype --pkt-type "" ; ; FAIL Bad packet type ''
-m pkttype ; ; FAIL pkttype: option "--pkt-type" must be specified
-m pkttype --pkt-type unicast --pkt-type broadcast ; ; FAIL pkttype: option "--pkt-type" can only be used once.
# Packets.
@ filter FORWARD
? -m pkttype --pkt-type unicast | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m pkttype --pkt-type broadcast | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m pkttype ! --pkt-type broadcast | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
@ filter INPUT
? -m pkttype --pkt-type broadcast | broadcast udp 10.0.0.5:4000 > 10.0.0.255:53 => yes, delivered
? -m pkttype --pkt-type multicast | multicast udp 10.0.0.5:4000 > 224.0.0.1:53 => yes, delivered
? -m pkttype --pkt-type unicast | multicast udp 10.0.0.5:4000 > 224.0.0.1:53 => no, delivered
@6 filter FORWARD
-m pkttype --pkt-type multicast ; -m pkttype --pkt-type multicast ; OK
