# -j CT, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ raw PREROUTING
-j CT --notrack ; = ; OK
@ raw OUTPUT
-j CT --notrack ; = ; OK
@ raw PREROUTING
-j CT ; = ; OK
-j CT --notrack --notrack ; ; FAIL CT: option "--notrack" can only be used once.
-p tcp -j CT --helper ftp ; = ; OK
-p tcp -m tcp --dport 21 -j CT --helper ftp ; = ; OK
-p udp -j CT --helper tftp ; = ; OK
-p tcp -j CT --helper irc ; = ; OK
-p tcp -j CT --helper sane ; = ; OK
-p udp -j CT --helper amanda ; = ; OK
-p udp -j CT --helper netbios-ns ; = ; OK
-p tcp -j CT --helper H.245 ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper "" ; -p tcp -j CT ; OK
-p tcp -j CT --notrack --helper ftp ; = ; OK
-j CT --helper ftp ; ; FAIL No chain/target/match by that name.
-p udp -j CT --helper ftp ; ; FAIL No chain/target/match by that name.
! -p tcp -j CT --helper ftp ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper nosuch ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper ftp --helper ftp ; ; FAIL CT: option "--helper" can only be used once.
-p tcp -j CT ! --helper ftp ; ; FAIL CT: option "--helper" cannot be inverted.
@ filter FORWARD
-j CT --notrack ; ; FAIL Invalid argument
@ mangle PREROUTING
-j CT --notrack ; ; FAIL Invalid argument
# Packets.
@ raw PREROUTING
? -p udp -j CT --notrack | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p tcp -j CT --notrack | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no, forwarded
? -p udp -j CT --helper tftp && -j CT --notrack && -m state --state NEW | udp 10.0.0.5:4000 > 198.51.100.7:69 len 8 => yes
? -p udp -j CT --helper tftp | udp 10.0.0.5:4000 > 198.51.100.7:69 len 8 => yes, forwarded
? -p tcp -j CT --helper ftp | udp 10.0.0.5:4000 > 198.51.100.7:69 len 8 => no, forwarded
# The first rule has its say: the packet is tracked, and NEW already before tracking.
? -j CT && -j CT --notrack && -m state --state NEW | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -j CT --notrack && -j CT && -m state --state UNTRACKED | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
@6 raw PREROUTING
-j CT --notrack ; -j CT --notrack ; OK
-p tcp -j CT --helper ftp ; = ; OK
-p udp -j CT --helper amanda ; = ; OK
-p tcp -j CT --helper sane ; = ; OK
-p tcp -j CT --helper irc ; ; FAIL No chain/target/match by that name.
-p udp -j CT --helper netbios-ns ; ; FAIL No chain/target/match by that name.
