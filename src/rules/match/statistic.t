# -m statistic, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m statistic --mode random --probability 0.5 ; -m statistic --mode random --probability 0.50000000000 ; OK
-m statistic --mode random --probability 0.05 ; -m statistic --mode random --probability 0.04999999981 ; OK
-m statistic --mode random --probability 0 ; -m statistic --mode random --probability 0.00000000000 ; OK
-m statistic --mode random --probability 1 ; -m statistic --mode random --probability 1.00000000000 ; OK
-m statistic --mode random --probability 1.1 ; ; FAIL statistic: bad value for option "--probability", or out of range (0-1).
-m statistic --mode random --probability -0.1 ; ; FAIL statistic: bad value for option "--probability", or out of range (0-1).
-m statistic --mode random --probability x ; ; FAIL statistic: bad value for option "--probability", or out of range (0-1).
-m statistic --mode random ! --probability 0.3333 ; -m statistic --mode random ! --probability 0.33330000006 ; OK
-m statistic --mode random --probability 0.333333333 ; -m statistic --mode random --probability 0.33333333302 ; OK
-m statistic --mode random --probability 1e-3 ; -m statistic --mode random --probability 0.00100000016 ; OK
-m statistic --mode random --probability 0.00000000001 ; -m statistic --mode random --probability 0.00000000000 ; OK
-m statistic --mode random ; ; FAIL --probability must be specified when using random mode
-m statistic --mode nth --every 3 ; ; FAIL statistic: option "--every" also requires "--packet".
-m statistic --mode nth --every 3 --packet 2 ; = ; OK
-m statistic --mode nth --every 3 --packet 3 ; ; FAIL the --packet p must be 0 <= p <= n-1
-m statistic --mode nth --every 3 --packet 0 ; = ; OK
-m statistic --mode nth ! --every 3 --packet 1 ; = ; OK
-m statistic --mode nth --every 1 ; ; FAIL statistic: option "--every" also requires "--packet".
-m statistic --mode nth --every 0 ; ; FAIL statistic: bad value for option "--every", or out of range (1-4294967295).
-m statistic --mode nth --every x ; ; FAIL statistic: bad value for option "--every", or out of range (1-4294967295).
-m statistic --mode nth ; ; FAIL --every and --packet must be specified when using nth mode
-m statistic --mode nth --packet 0 ; ; FAIL statistic: option "--packet" also requires "--every".
-m statistic --mode nth --every 3 --probability 0.5 ; ; FAIL statistic: option "--probability" cannot be used together with "--every".
-m statistic --mode random --probability 0.5 --every 3 ; ; FAIL statistic: option "--probability" cannot be used together with "--every".
-m statistic --mode foo ; ; FAIL Bad mode "foo"
-m statistic --mode rand --probability 0.5 ; ; FAIL Bad mode "rand"
-m statistic --probability 0.5 ; ; FAIL statistic: option "--mode" must be specified
-m statistic --every 3 ; ; FAIL --probability must be specified when using random mode
-m statistic ; ; FAIL --probability must be specified when using random mode
-m statistic --mode random --mode nth --every 3 ; ; FAIL statistic: option "--mode" can only be used once.
-m statistic --mode nth --every 4294967295 ; ; FAIL statistic: option "--every" also requires "--packet".
-m statistic --mode nth --every 2 ! --packet 1 ; ; FAIL statistic: option "--packet" cannot be inverted.
# Packets.
@ filter FORWARD
? -m statistic --mode nth --every 3 --packet 0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m statistic --mode nth --every 3 --packet 0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m statistic --mode nth --every 3 --packet 1 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ; udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m statistic --mode nth ! --every 3 --packet 0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m statistic --mode random --probability 1 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m statistic --mode random --probability 0 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m statistic --mode random ! --probability 1 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
