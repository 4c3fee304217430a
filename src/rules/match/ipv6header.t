# -m ipv6header, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-m ipv6header --header hop-by-hop ; -m ipv6header --header hop-by-hop ; OK
-m ipv6header --header hop,dst,route,frag,auth,esp,none,prot ; -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol ; OK
-m ipv6header --header frag --soft ; -m ipv6header --header ipv6-frag --soft ; OK
-m ipv6header ! --header frag --soft ; -m ipv6header ! --header ipv6-frag --soft ; OK
-m ipv6header ! --header frag ; -m ipv6header ! --header ipv6-frag ; OK
-m ipv6header --header 0 ; -m ipv6header --header hop-by-hop ; OK
-m ipv6header --header 43,60 ; -m ipv6header --header ipv6-opts,ipv6-route ; OK
-m ipv6header --header ipv6-nonxt ; -m ipv6header --header ipv6-nonxt ; OK
-m ipv6header --header proto ; ; FAIL unknown header `proto' specified
-m ipv6header --header foo ; ; FAIL unknown header `foo' specified
-m ipv6header ; ; FAIL ipv6header: option "--header" must be specified
-m ipv6header --soft ; ; FAIL ipv6header: option "--header" must be specified
-m ipv6header --header tcp ; ; FAIL unknown header `6' specified
-m ipv6header --header 50,59 ; -m ipv6header --header esp,ipv6-nonxt ; OK
@6 filter INPUT
-m ipv6header --header frag,foo ; ; FAIL unknown header `foo' specified
@6 filter FORWARD
? -m ipv6header --header hop,prot | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => yes
? -m ipv6header --header hop | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => no
? -m ipv6header --header hop --soft | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => yes
? -m ipv6header ! --header hop --soft | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => no
? -m ipv6header ! --header prot | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
