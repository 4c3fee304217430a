# -j REJECT, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-j REJECT ; -j REJECT --reject-with icmp-port-unreachable ; OK
-j REJECT --reject-with port-unreach ; -j REJECT --reject-with icmp-port-unreachable ; OK
-j REJECT --reject-with icmp-host-prohibited ; = ; OK
-j REJECT --reject-with tcp-reset ; ; FAIL Invalid argument
-p tcp -j REJECT --reject-with tcp-rst ; -p tcp -j REJECT --reject-with tcp-reset ; OK
! -p tcp -j REJECT --reject-with tcp-reset ; ; FAIL Invalid argument
-p udp -j REJECT --reject-with tcp-reset ; ; FAIL Invalid argument
-j REJECT --reject-with icmp ; -j REJECT --reject-with icmp-net-unreachable ; OK
-j REJECT --reject-with icmp-net ; -j REJECT --reject-with icmp-net-unreachable ; OK
-j REJECT --reject-with ICMP-NET-UNREACHABLE ; -j REJECT --reject-with icmp-net-unreachable ; OK
-j REJECT --reject-with foo ; ; FAIL unknown reject type "foo"
-j REJECT --reject-with ; ; FAIL option "--reject-with" requires an argument
@ mangle INPUT
-j REJECT ; ; FAIL Invalid argument
@ raw PREROUTING
-j REJECT ; ; FAIL Invalid argument
@ security INPUT
-j REJECT ; ; FAIL Invalid argument
@ filter FORWARD
-j REJECT --reject-with icmp-admin-prohibited ; = ; OK
-j REJECT --reject-with admin-prohib ; -j REJECT --reject-with icmp-admin-prohibited ; OK
-j REJECT --reject-with icmp-net-prohibited ; = ; OK
-j REJECT --reject-with icmp-proto-unreachable ; = ; OK
-j REJECT --reject-with host-unreach ; -j REJECT --reject-with icmp-host-unreachable ; OK
-j REJECT --reject-with host-prohib ; -j REJECT --reject-with icmp-host-prohibited ; OK
-j REJECT --reject-with net-prohib ; -j REJECT --reject-with icmp-net-prohibited ; OK
-j REJECT --reject-with net-unreach ; -j REJECT --reject-with icmp-net-unreachable ; OK
-j REJECT --reject-with proto-unreach ; -j REJECT --reject-with icmp-proto-unreachable ; OK
-j REJECT --reject-with icmp-host-unreachable ; = ; OK
# Packets.
@ filter FORWARD
? -j REJECT --reject-with icmp-net-unreachable | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 net unreachable (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -j REJECT --reject-with icmp-host-unreachable | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 host unreachable (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -j REJECT --reject-with icmp-proto-unreachable | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 protocol unreachable (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -j REJECT --reject-with icmp-port-unreachable | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 port unreachable (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -j REJECT --reject-with icmp-net-prohibited | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 net prohibited (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -j REJECT --reject-with icmp-host-prohibited | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 host prohibited (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -j REJECT --reject-with icmp-admin-prohibited | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 administratively prohibited (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -j REJECT | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, rejected, sent lan icmp 10.0.0.254 > 10.0.0.5 port unreachable (udp 10.0.0.5:4000 > 198.51.100.7:53 len 8) tos 0xc0 ttl 64
? -p tcp -j REJECT --reject-with tcp-reset | tcp 10.0.0.5:4000 > 198.51.100.7:80 S seq 7 => yes, rejected, sent lan tcp 198.51.100.7:80 > 10.0.0.5:4000 R. ack 8 win 0 ttl 64
? -p tcp -j REJECT --reject-with tcp-reset | tcp 10.0.0.5:4000 > 198.51.100.7:80 . seq 1 ack 101 len 3 => yes, rejected, sent lan tcp 198.51.100.7:80 > 10.0.0.5:4000 R seq 101 win 0 ttl 64
? -p tcp -j REJECT --reject-with tcp-reset | tcp 10.0.0.5:4000 > 198.51.100.7:80 R => yes, rejected
? -p tcp -j REJECT --reject-with tcp-reset | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded, sent wan udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ttl 63
@6 filter FORWARD
-j REJECT ; -j REJECT --reject-with icmp6-port-unreachable ; OK
-j REJECT --reject-with icmp6-no-route ; -j REJECT --reject-with icmp6-no-route ; OK
-j REJECT --reject-with no-route ; -j REJECT --reject-with icmp6-no-route ; OK
-j REJECT --reject-with icmp6-adm-prohibited ; -j REJECT --reject-with icmp6-adm-prohibited ; OK
-j REJECT --reject-with adm-prohibited ; -j REJECT --reject-with icmp6-adm-prohibited ; OK
-j REJECT --reject-with icmp6-addr-unreachable ; -j REJECT --reject-with icmp6-addr-unreachable ; OK
-j REJECT --reject-with addr-unreach ; -j REJECT --reject-with icmp6-addr-unreachable ; OK
-j REJECT --reject-with icmp6-port-unreachable ; -j REJECT --reject-with icmp6-port-unreachable ; OK
-j REJECT --reject-with port-unreach ; -j REJECT --reject-with icmp6-port-unreachable ; OK
-p tcp -j REJECT --reject-with tcp-reset ; -p tcp -j REJECT --reject-with tcp-reset ; OK
-j REJECT --reject-with tcp-reset ; ; FAIL Invalid argument
-j REJECT --reject-with icmp6-policy-fail ; -j REJECT --reject-with icmp6-policy-fail ; OK
-j REJECT --reject-with policy-fail ; -j REJECT --reject-with icmp6-policy-fail ; OK
-j REJECT --reject-with icmp6-reject-route ; -j REJECT --reject-with icmp6-reject-route ; OK
-j REJECT --reject-with reject-route ; -j REJECT --reject-with icmp6-reject-route ; OK
-j REJECT --reject-with icmp-port-unreachable ; ; FAIL unknown reject type "icmp-port-unreachable"
-j REJECT --reject-with foo ; ; FAIL unknown reject type "foo"
-j REJECT --reject-with icmp6-p ; -j REJECT --reject-with icmp6-port-unreachable ; OK
@6 filter FORWARD
? -j REJECT --reject-with icmp6-no-route | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, rejected, sent lan icmpv6 2001:db8:a::fe > 2001:db8:a::5 no route (udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8) ttl 64
? -j REJECT --reject-with icmp6-adm-prohibited | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, rejected, sent lan icmpv6 2001:db8:a::fe > 2001:db8:a::5 administratively prohibited (udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8) ttl 64
? -j REJECT --reject-with icmp6-addr-unreachable | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, rejected, sent lan icmpv6 2001:db8:a::fe > 2001:db8:a::5 address unreachable (udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8) ttl 64
? -j REJECT --reject-with icmp6-port-unreachable | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, rejected, sent lan icmpv6 2001:db8:a::fe > 2001:db8:a::5 port unreachable (udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8) ttl 64
? -j REJECT --reject-with icmp6-policy-fail | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, rejected, sent lan icmpv6 2001:db8:a::fe > 2001:db8:a::5 policy failed (udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8) ttl 64
? -j REJECT --reject-with icmp6-reject-route | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, rejected, sent lan icmpv6 2001:db8:a::fe > 2001:db8:a::5 reject route (udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8) ttl 64
? -p tcp -j REJECT --reject-with tcp-reset | tcp [2001:db8:a::5]:4000 > [2001:db8:9::1]:80 S seq 9 => yes, rejected, sent lan tcp [2001:db8:9::1]:80 > [2001:db8:a::5]:4000 R. ack 10 win 0 ttl 64
