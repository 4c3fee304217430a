# -m hbh, as ip6tables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@6 filter FORWARD
-m hbh ; -m hbh ; OK
-m hbh --hbh-len 8 ; -m hbh --hbh-len 8 ; OK
-m hbh ! --hbh-len 8 ; -m hbh ! --hbh-len 8 ; OK
-m hbh --hbh-opts 1:2,23:42,4:6,8:10,42,23,4:5 ; -m hbh --hbh-opts 1:2,23:42,4:6,8:10,42,23,4:5 ; OK
-m hbh --hbh-opts 5:2 ; -m hbh --hbh-opts 5:2 ; OK
-m hbh --hbh-opts 5 ; -m hbh --hbh-opts 5 ; OK
-m hbh --hbh-opts 256 ; -m hbh --hbh-opts 0 ; OK
-m hbh --hbh-opts 1:300 ; -m hbh --hbh-opts 1:44 ; OK
-m hbh --hbh-len 8 --hbh-opts 5:2 ; -m hbh --hbh-len 8 --hbh-opts 5:2 ; OK
-m hbh --hbh-opts x ; ; FAIL hbh: no valid digits in opt `x'
-m hbh --hbh-len 70000 ; -m hbh --hbh-len 70000 ; OK
@6 filter INPUT
-m hbh ! --hbh-opts 5 ; ; FAIL hbh: option "--hbh-opts" cannot be inverted.
-m hbh --hbh-opts 5:  ; ; FAIL hbh: no valid digits in length `'
-m hbh --hbh-opts 0x5:0x2 ; -m hbh --hbh-opts 5:2 ; OK
-m hbh --hbh-opts 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 ; ; FAIL too many addresses specified
@6 filter FORWARD
? -m hbh --hbh-len 8 --hbh-opts 5:2 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => yes, forwarded
? -m hbh --hbh-opts 5:3 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => no
? -m hbh --hbh-opts 5,1:0 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => yes
? -m hbh ! --hbh-len 8 | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <hbh 050200000100> => no
? -m hbh | udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 => no
? -m hbh | cut 54 udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8 ext <dst 010400000000,hbh 050200000100> => no, dropped
