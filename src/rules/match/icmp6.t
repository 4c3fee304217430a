# -m icmp6, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-p icmpv6 --icmpv6-type 128 ; -p ipv6-icmp -m icmp6 --icmpv6-type 128 ; OK
-p ipv6-icmp --icmpv6-type echo-request ; -p ipv6-icmp -m icmp6 --icmpv6-type 128 ; OK
-p icmpv6 --icmpv6-type ping ; -p ipv6-icmp -m icmp6 --icmpv6-type 128 ; OK
-p icmpv6 -m icmp6 --icmpv6-type echo-reply ; -p ipv6-icmp -m icmp6 --icmpv6-type 129 ; OK
-p icmpv6 --icmpv6-type destination-unreachable ; -p ipv6-icmp -m icmp6 --icmpv6-type 1 ; OK
-p icmpv6 --icmpv6-type no-route ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/0 ; OK
-p icmpv6 --icmpv6-type communication-prohibited ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/1 ; OK
-p icmpv6 --icmpv6-type beyond-scope ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/2 ; OK
-p icmpv6 --icmpv6-type address-unreachable ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/3 ; OK
-p icmpv6 --icmpv6-type port-unreachable ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/4 ; OK
-p icmpv6 --icmpv6-type failed-policy ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/5 ; OK
-p icmpv6 --icmpv6-type reject-route ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/6 ; OK
-p icmpv6 --icmpv6-type packet-too-big ; -p ipv6-icmp -m icmp6 --icmpv6-type 2 ; OK
-p icmpv6 --icmpv6-type time-exceeded ; -p ipv6-icmp -m icmp6 --icmpv6-type 3 ; OK
-p icmpv6 --icmpv6-type ttl-exceeded ; -p ipv6-icmp -m icmp6 --icmpv6-type 3 ; OK
-p icmpv6 --icmpv6-type ttl-zero-during-transit ; -p ipv6-icmp -m icmp6 --icmpv6-type 3/0 ; OK
-p icmpv6 --icmpv6-type ttl-zero-during-reassembly ; -p ipv6-icmp -m icmp6 --icmpv6-type 3/1 ; OK
-p icmpv6 --icmpv6-type parameter-problem ; -p ipv6-icmp -m icmp6 --icmpv6-type 4 ; OK
-p icmpv6 --icmpv6-type bad-header ; -p ipv6-icmp -m icmp6 --icmpv6-type 4/0 ; OK
-p icmpv6 --icmpv6-type unknown-header-type ; -p ipv6-icmp -m icmp6 --icmpv6-type 4/1 ; OK
-p icmpv6 --icmpv6-type unknown-option ; -p ipv6-icmp -m icmp6 --icmpv6-type 4/2 ; OK
-p icmpv6 --icmpv6-type router-solicitation ; -p ipv6-icmp -m icmp6 --icmpv6-type 133 ; OK
-p icmpv6 --icmpv6-type router-advertisement ; -p ipv6-icmp -m icmp6 --icmpv6-type 134 ; OK
-p icmpv6 --icmpv6-type neighbor-solicitation ; -p ipv6-icmp -m icmp6 --icmpv6-type 135 ; OK
-p icmpv6 --icmpv6-type neighbour-solicitation ; -p ipv6-icmp -m icmp6 --icmpv6-type 135 ; OK
-p icmpv6 --icmpv6-type neighbour-advertisement ; -p ipv6-icmp -m icmp6 --icmpv6-type 136 ; OK
-p icmpv6 --icmpv6-type redirect ; -p ipv6-icmp -m icmp6 --icmpv6-type 137 ; OK
-p icmpv6 --icmpv6-type mld-listener-query ; ; FAIL Unknown ICMPv6 type `mld-listener-query'
-p icmpv6 --icmpv6-type mld2-listener-report ; ; FAIL Unknown ICMPv6 type `mld2-listener-report'
-p icmpv6 --icmpv6-type any ; ; FAIL Unknown ICMPv6 type `any'
-p icmpv6 ! --icmpv6-type 1/4 ; -p ipv6-icmp -m icmp6 ! --icmpv6-type 1/4 ; OK
-p icmpv6 --icmpv6-type 1/4 ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/4 ; OK
-p icmpv6 --icmpv6-type 255 ; -p ipv6-icmp -m icmp6 --icmpv6-type 255 ; OK
-p icmpv6 --icmpv6-type 256 ; ; FAIL Unknown ICMPv6 type `256'
-p icmpv6 --icmpv6-type 1/256 ; ; FAIL Unknown ICMPv6 code `1/256'
-p icmpv6 --icmpv6-type 1/ ; ; FAIL Unknown ICMPv6 code `1/'
-p icmpv6 --icmpv6-type ech ; ; FAIL Ambiguous ICMPv6 type `ech': `echo-request' or `echo-reply'?
-p icmpv6 --icmpv6-type neighb ; ; FAIL Ambiguous ICMPv6 type `neighb': `neighbour-solicitation' or `neighbor-solicitation'?
-p icmpv6 --icmpv6-type foo ; ; FAIL Unknown ICMPv6 type `foo'
-p icmpv6 -m icmp6 ; ; FAIL icmp6: option "--icmpv6-type" must be specified
-p tcp -m icmp6 --icmpv6-type 1 ; ; FAIL Invalid argument
-m icmp6 --icmpv6-type 1 ; ; FAIL Invalid argument
-p icmpv6 --icmpv6-type 1 --icmpv6-type 2 ; ; FAIL icmp6: option "--icmpv6-type" can only be used once.
@6 filter FORWARD
? -p ipv6-icmp -m icmp6 --icmpv6-type 128 | icmpv6 2001:db8:a::5 > 2001:db8:9::1 echo request id 1 seq 1 => yes, forwarded
? -p ipv6-icmp -m icmp6 --icmpv6-type 1/4 | icmpv6 2001:db8:a::5 > 2001:db8:9::1 echo request id 1 seq 1 => no
? -p ipv6-icmp -m icmp6 ! --icmpv6-type 129 | icmpv6 2001:db8:a::5 > 2001:db8:9::1 echo request id 1 seq 1 => yes
? -p ipv6-icmp -m icmp6 --icmpv6-type 128 | icmpv6 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => no, forwarded
