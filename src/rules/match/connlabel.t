# -m connlabel, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m connlabel --label 5 ; -m connlabel --label "5" ; OK
-m connlabel --label "5" ; = ; OK
-m connlabel --label 0x5 ; -m connlabel --label "5" ; OK
-m connlabel ! --label 127 ; -m connlabel ! --label "127" ; OK
-m connlabel --label 5 --set ; -m connlabel --label "5" --set ; OK
-m connlabel ! --label 5 --set ; -m connlabel ! --label "5" --set ; OK
-m connlabel --label 128 ; ; FAIL Numerical result out of range.
-m connlabel ; ; FAIL connlabel: option "--label" must be specified
-m connlabel --set ; ; FAIL connlabel: option "--label" must be specified
-m connlabel --label 1 --label 2 ; ; FAIL connlabel: option "--label" can only be used once.
-m connlabel --label "" ; ; FAIL Argument must have a minimum length of 1 characters
# Packets: a label is there from the rule on that sets it, for both directions; that rule holds too.
? -m connlabel --label 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m connlabel ! --label 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m connlabel --label 5 --set | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m connlabel ! --label 5 --set | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m connlabel --label 5 --set && -m connlabel --label 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m connlabel --label 5 --set && -m connlabel --label 6 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -s 10.0.0.5 -m connlabel --label 127 --set && -s 198.51.100.7 -m connlabel --label 127 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
@6 filter FORWARD
-m connlabel --label 5 ; -m connlabel --label "5" ; OK
