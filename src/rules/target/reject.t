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
