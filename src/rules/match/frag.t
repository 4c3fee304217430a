# -m frag, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-m frag ; -m frag ; OK
-m frag --fragid 5 ; -m frag --fragid 5 ; OK
-m frag --fragid 5:10 ; -m frag --fragid 5:10 ; OK
-m frag ! --fragid 5:10 ; -m frag ! --fragid 5:10 ; OK
-m frag --fragid :10 ; -m frag --fragid 0:10 ; OK
-m frag --fragid 10: ; -m frag --fragid 10:4294967295 ; OK
-m frag --fraglen 8 ; -m frag --fraglen 8 ; OK
-m frag --fragres ; -m frag --fragres ; OK
-m frag --fragfirst ; -m frag --fragfirst ; OK
-m frag --fragmore ; -m frag --fragmore ; OK
-m frag --fraglast ; -m frag --fraglast ; OK
-m frag --fragmore --fraglast ; ; FAIL frag: option "--fragmore" cannot be used together with "--fraglast".
-m frag --fragid 5 --fragfirst --fragmore --fragres ; -m frag --fragid 5 --fragres --fragfirst --fragmore ; OK
-m frag --fragid 4294967296 ; ; FAIL frag: bad value for option "--fragid" near "4294967296", or out of range (0-4294967295).
-m frag --fragid x ; ; FAIL frag: bad value for option "--fragid" near "x", or out of range (0-4294967295).
-m frag --fragid 10:5 ; -m frag --fragid 10:5 ; OK
-m frag --fragid 0:4294967295 ; -m frag ; OK
@6 filter INPUT
-m frag ! --fraglen 8 ; -m frag ! --fraglen 8 ; OK
-m frag ! --fragres ; ; FAIL frag: option "--fragres" cannot be inverted.
-m frag --fragfirst --fraglast ; -m frag --fragfirst --fraglast ; OK
@6 filter FORWARD
? -m frag --fragid 7 | udp 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => yes, forwarded
? -m frag --fragid 8:9 | udp 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => no
? -m frag ! --fragid 8:9 --fraglen 99 | udp 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => yes
? -m frag --fragres --fraglast | udp 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => yes
? -m frag --fragmore | udp 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => no
? -m frag --fragfirst --fragmore | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 frag 7 more => yes
? -m frag --fragfirst | udp 2001:db8:a::5 > 2001:db8:9::1 frag 7 offset 8 len 8 => no
? -m frag | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
