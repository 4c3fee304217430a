# -j NOTRACK, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
@ raw PREROUTING
-j NOTRACK ; = ; OK
@ raw OUTPUT
-j NOTRACK ; = ; OK
@ filter FORWARD
-j NOTRACK ; ; FAIL Invalid argument
@ raw PREROUTING
-j NOTRACK --foo ; ; FAIL unknown option "--foo"
