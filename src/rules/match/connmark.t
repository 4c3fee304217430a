# -m connmark, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m connmark --mark 1 ; -m connmark --mark 0x1 ; OK
-m connmark --mark 0x10/0xff ; = ; OK
-m connmark ! --mark 1/0 ; -m connmark ! --mark 0x1/0x0 ; OK
-m connmark --mark 1/ ; ; FAIL connmark: bad integer value for option "--mark", or out of range.
-m connmark --mark 4294967296 ; ; FAIL connmark: bad integer value for option "--mark", or out of range.
-m connmark ; ; FAIL connmark: option "--mark" must be specified
-m connmark --mark 1 --mark 2 ; ; FAIL connmark: option "--mark" can only be used once.
-m mark --mark 1 -m connmark --mark 2 ; -m mark --mark 0x1 -m connmark --mark 0x2 ; OK
