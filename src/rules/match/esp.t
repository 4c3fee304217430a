# -m esp, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-p esp -m esp --espspi 5 ; -p esp -m esp --espspi 5 ; OK
-p esp -m esp --espspi 5:10 ; -p esp -m esp --espspi 5:10 ; OK
-p esp -m esp ! --espspi 5 ; -p esp -m esp ! --espspi 5 ; OK
-p esp -m esp ; -p esp -m esp ; OK
-m esp --espspi 5 ; ; FAIL Invalid argument
-p esp --espspi 0:4294967295 ; -p esp -m esp ; OK
@6 filter INPUT
-p esp -m esp --espspi x ; ; FAIL esp: bad value for option "--espspi" near "x", or out of range (0-4294967295).
-p esp -m esp --espspi 10:5 ; -p esp -m esp --espspi 10:5 ; OK
@6 filter FORWARD
? -p esp -m esp --espspi 0 | esp 2001:db8:a::5 > 2001:db8:9::1 len 40 => yes, forwarded
? -p esp -m esp --espspi 5:10 | esp 2001:db8:a::5 > 2001:db8:9::1 len 40 => no
? -p esp -m esp | esp 2001:db8:a::5 > 2001:db8:9::1 len 4 => no, dropped
@ filter FORWARD
-p esp -m esp --espspi 5 ; = ; OK
? -p esp -m esp --espspi 0 | esp 10.0.0.5 > 198.51.100.7 len 40 => yes, forwarded
