# -m comment, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m comment --comment a -m comment --comment b ; = ; OK
-m comment --comment "it's" ; -m comment --comment "it\'s" ; OK
-m comment --comment 'say "x"' ; -m comment --comment "say \"x\"" ; OK
-m comment --comment 'back\slash' ; -m comment --comment "back\\slash" ; OK
-m comment --comment 'a b' ; -m comment --comment "a b" ; OK
-m comment --comment '' ; -m comment --comment "" ; OK
-m comment --comment 'a;b$c`d(e)' ; -m comment --comment "a;b$c`d(e)" ; OK
-m comment --comment 'äö' ; -m comment --comment "äö" ; OK
-m comment --comment 'a-b_c.d/e:f,g@h' ; -m comment --comment "a-b_c.d/e:f,g@h" ; OK
-m comment --comment '%&*[]{}<>?!#~^=+|' ; -m comment --comment "%&*[]{}<>?!#~^=+|" ; OK
-m comment ; ; FAIL comment: option "--comment" must be specified
# Packets.
@ filter FORWARD
? -m comment --comment "what everybody is let" | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes, forwarded
