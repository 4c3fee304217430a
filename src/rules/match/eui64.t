# -m eui64, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-m eui64 ; -m eui64 ; OK
@6 raw PREROUTING
-m eui64 ; -m eui64 ; OK
@6 raw OUTPUT
-m eui64 ; ; FAIL Invalid argument
@6 filter INPUT
-m eui64 -j ACCEPT ; -m eui64 -j ACCEPT ; OK
@6 filter FORWARD
? -m eui64 | ether 02:00:00:00:00:05 udp [2001:db8:a::ff:fe00:5]:4000 > [2001:db8:9::1]:53 => yes
