# -m state, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m state --state NEW ; = ; OK
-m state --state NEW,ESTABLISHED ; = ; OK
-m state --state ESTABLISHED,RELATED,NEW,INVALID,UNTRACKED ; -m state --state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED ; OK
-m state ! --state new ; -m state ! --state NEW ; OK
-m state --state N ; -m state --state NEW ; OK
-m state --state EST ; -m state --state ESTABLISHED ; OK
-m state --state NEW, ; ; FAIL "--state" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED
-m state --state "" ; ; FAIL "--state" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED
-m state ; ; FAIL state: option "--state" must be specified
-m state --state NEW --state INVALID ; ; FAIL state: option "--state" can only be used once.
-m state ! --state INVALID ; = ; OK
-m state --state FOO,NEW ; ; FAIL Bad state "FOO,NEW"
-m state --state NEW,FOO ; ; FAIL Bad state "FOO"
# Packets.
@ filter FORWARD
? -m state --state NEW | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m state --state ESTABLISHED,RELATED | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m state --state ESTABLISHED,RELATED | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 198.51.100.7:53 > 10.0.0.5:4000 len 8 => yes
? -m state ! --state NEW | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m state --state INVALID | tcp 198.51.100.7:80 > 10.0.0.5:4000 S. seq 100 ack 1 => yes
? -m state --state UNTRACKED | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
