# -m helper, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m helper --helper ftp ; = ; OK
-m helper ! --helper ftp ; = ; OK
-m helper --helper "" ; = ; OK
-m helper --helper nosuch ; = ; OK
-m helper --helper "a b" ; = ; OK
-m helper --helper abcdefghijklmnopqrstuvwxyzabcdefgh ; -m helper --helper abcdefghijklmnopqrstuvwxyzabc ; OK
-m helper ; ; FAIL helper: option "--helper" must be specified
-m helper --helper ftp --helper tftp ; ; FAIL helper: option "--helper" can only be used once.
# Packets: what no other connection announced.
? -m helper --helper "" | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m helper ! --helper "" | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m helper ! --helper ftp | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
@6 filter FORWARD
-m helper --helper ftp ; = ; OK
