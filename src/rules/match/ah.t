# -m ah, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-p ah -m ah ; -p ah -m ah ; OK
-p ah -m ah --ahspi 5 ; -p ah -m ah --ahspi 5 ; OK
-m ah --ahspi 5 ; -m ah --ahspi 5 ; OK
-m ah --ahspi 5:10 ; -m ah --ahspi 5:10 ; OK
-m ah ! --ahspi 5 ; -m ah ! --ahspi 5 ; OK
-m ah --ahlen 24 ; -m ah --ahlen 24 ; OK
-m ah ! --ahlen 24 ; -m ah ! --ahlen 24 ; OK
-m ah --ahres ; -m ah --ahres ; OK
-m ah --ahspi 5 --ahlen 24 --ahres ; -m ah --ahspi 5 --ahlen 24 --ahres ; OK
-m ah ; -m ah ; OK
@6 filter INPUT
-m ah --ahspi 5:1 ; -m ah --ahspi 5:1 ; OK
-m ah --ahspi x ; ; FAIL ah: bad value for option "--ahspi" near "x", or out of range (0-4294967295).
-p ah -m ah ! --ahlen 0 ; -p ah -m ah ! --ahlen 0 ; OK
-m ah --ahlen 0 ; -m ah ; OK
@6 filter FORWARD
? -m ah --ahspi 5 --ahlen 24 --ahres | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <ah 00000000000500000001000000000000000000000000> => yes, forwarded
? -m ah ! --ahspi 1:9 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <ah 00000000000500000001000000000000000000000000> => no
? -m ah --ahlen 20 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <ah 00000000000500000001000000000000000000000000> => no
? -m ah | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
? -m ah | cut 60 udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <ah 00000000000500000001000000000000000000000000> => no, dropped
