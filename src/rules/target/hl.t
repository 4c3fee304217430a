# -j HL, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 mangle FORWARD
-j HL --hl-set 64 ; -j HL --hl-set 64 ; OK
-j HL --hl-dec 1 ; -j HL --hl-dec 1 ; OK
-j HL --hl-inc 2 ; -j HL --hl-inc 2 ; OK
-j HL ; ; FAIL HL: You must specify an action
-j HL --hl-set 256 ; ; FAIL HL: bad value for option "--hl-set", or out of range (0-255).
-j HL --hl-dec 0 ; ; FAIL HL: bad value for option "--hl-dec", or out of range (1-255).
-j HL --hl-set 1 --hl-inc 2 ; ; FAIL HL: option "--hl-set" cannot be used together with "--hl-inc".
@6 filter FORWARD
-j HL --hl-set 64 ; ; FAIL Invalid argument
@6 mangle FORWARD
? -j HL --hl-set 9 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 9
? -j HL --hl-dec 3 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 60
? -j HL --hl-inc 5 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 68
? -j HL --hl-inc 255 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 255
? -j HL --hl-dec 255 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => yes, forwarded, sent wan udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ttl 0
