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
-p tcp -j CT --helper pptp ; = ; OK
-p udp -j CT --helper sip ; = ; OK
-p tcp -j CT --helper sip ; = ; OK
-p sctp -j CT --helper sip ; ; FAIL No chain/target/match by that name.
-j CT --helper sip ; ; FAIL No chain/target/match by that name.
-p udp -j CT --helper SIP ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper H.245 ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper "" ; -p tcp -j CT ; OK
-p tcp -j CT --notrack --helper ftp ; = ; OK
-j CT --helper ftp ; ; FAIL No chain/target/match by that name.
-p udp -j CT --helper ftp ; ; FAIL No chain/target/match by that name.
! -p tcp -j CT --helper ftp ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper nosuch ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper ftp --helper ftp ; ; FAIL CT: option "--helper" can only be used once.
-p tcp -j CT ! --helper ftp ; ; FAIL CT: option "--helper" cannot be inverted.
-j CT --zone 5 ; = ; OK
-j CT --zone mark ; = ; OK
-j CT --zone MARK ; -j CT --zone mark ; OK
-j CT --zone 0 ; -j CT ; OK
-j CT --zone 0x10 ; -j CT --zone 16 ; OK
-j CT --zone 65535 ; = ; OK
-j CT --zone 65536 ; ; FAIL Cannot parse 65536 as a zone ID
-j CT --zone x ; ; FAIL Cannot parse x as a zone ID
-j CT --zone -1 ; ; FAIL Cannot parse -1 as a zone ID
-j CT --zone "" ; ; FAIL Cannot parse  as a zone ID
-j CT ! --zone 5 ; ; FAIL CT: option "--zone" cannot be inverted.
-j CT --zone 5 --zone 6 ; ; FAIL CT: option "--zone" can only be used once.
-j CT --zone-orig 5 ; = ; OK
-j CT --zone-reply 7 ; = ; OK
-j CT --zone-orig mark ; = ; OK
-j CT --zone-reply mark ; = ; OK
-j CT --zone-orig 0 ; -j CT ; OK
-j CT --zone-orig x ; ; FAIL Cannot parse x as a zone ID
-j CT --zone-orig 5 --zone-reply 7 ; -j CT --zone 7 ; OK
-j CT --zone-orig mark --zone-reply mark ; -j CT --zone mark ; OK
-j CT --zone 5 --zone-orig 7 ; -j CT --zone-orig 7 ; OK
-j CT --zone-orig 7 --zone 5 ; -j CT --zone-orig 5 ; OK
-j CT --zone mark --zone-orig 7 ; -j CT --zone-orig mark ; OK
-j CT --zone 5 --notrack ; -j CT --notrack --zone 5 ; OK
-p tcp -j CT --zone 5 --helper ftp ; -p tcp -j CT --helper ftp --zone 5 ; OK
-j CT --ctevents new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark ; = ; OK
-j CT --ctevents mark,new,new ; -j CT --ctevents new,mark ; OK
-j CT --ctevents label ; ; FAIL Unknown event type "label"
-j CT --ctevents "" ; ; FAIL Unknown event type ""
-j CT --ctevents new, ; ; FAIL Unknown event type ""
-j CT --ctevents NEW ; ; FAIL Unknown event type "NEW"
-j CT --ctevents new --ctevents destroy ; ; FAIL CT: option "--ctevents" can only be used once.
-j CT --expevents new ; = ; OK
-j CT --expevents destroy ; ; FAIL Unknown event type "destroy"
-j CT --zone 5 --expevents new --ctevents new ; -j CT --ctevents new --expevents new --zone 5 ; OK
-j CT --notrack --ctevents new ; = ; OK
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
? -p udp -j CT --zone 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -s 10.0.0.5 -j CT --zone mark | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -s 10.0.0.5 -j CT --zone-orig 5 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => no, forwarded
? -s 198.51.100.7 -j CT --zone-reply 7 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes, forwarded
? -p udp -j CT --timeout slow | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -p udp -j CT --ctevents assured,mark | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
? -j CT --ctevents new --expevents new | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
# The first CT has its say.
? -j CT --zone 5 && -j CT --notrack && -m state --state NEW | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
@6 raw PREROUTING
-j CT --zone 5 ; = ; OK
-j CT --zone-orig mark ; = ; OK
-j CT --ctevents new --expevents new ; = ; OK
-j CT --notrack ; -j CT --notrack ; OK
-p tcp -j CT --helper ftp ; = ; OK
-p udp -j CT --helper amanda ; = ; OK
-p tcp -j CT --helper sane ; = ; OK
-p tcp -j CT --helper irc ; ; FAIL No chain/target/match by that name.
-p udp -j CT --helper netbios-ns ; ; FAIL No chain/target/match by that name.
-p tcp -j CT --helper pptp ; ; FAIL No chain/target/match by that name.
-p udp -j CT --helper sip ; = ; OK
-p tcp -j CT --helper sip ; = ; OK
