# -m mac, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-m mac --mac-source 01:23:45:67:89:ab ; = ; OK
-m mac ! --mac-source 01:23:45:67:89:AB ; -m mac ! --mac-source 01:23:45:67:89:ab ; OK
-m mac --mac-source 1:2:3:4:5:6 ; -m mac --mac-source 01:02:03:04:05:06 ; OK
-m mac --mac-source 01:23:45:67:89 ; ; FAIL Invalid MAC address specified.
-m mac --mac-source 01-23-45-67-89-ab ; ; FAIL Invalid MAC address specified.
-m mac --mac-source 01:23:45:67:89:zz ; ; FAIL Invalid MAC address specified.
-m mac --mac-source "" ; ; FAIL Invalid MAC address specified.
-m mac --mac-source 01:23:45:67:89:ab:cd ; ; FAIL Invalid MAC address specified.
-m mac ; ; FAIL mac: option "--mac-source" must be specified
@ filter INPUT
-m mac --mac-source 01:23:45:67:89:ab ; = ; OK
@ filter OUTPUT
-m mac --mac-source 01:23:45:67:89:ab ; ; FAIL Invalid argument
@ mangle PREROUTING
-m mac --mac-source 01:23:45:67:89:ab ; = ; OK
@ mangle POSTROUTING
-m mac --mac-source 01:23:45:67:89:ab ; ; FAIL Invalid argument
# Packets.
@ filter FORWARD
? -m mac --mac-source 02:00:00:00:02:05 | ether 02:00:00:00:02:05 udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m mac --mac-source 02:00:00:00:02:06 | ether 02:00:00:00:02:05 udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
? -m mac ! --mac-source 02:00:00:00:02:06 | ether 02:00:00:00:02:05 udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => yes
? -m mac ! --mac-source 02:00:00:00:02:06 | udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 => no
@6 filter FORWARD
-m mac --mac-source 02:00:00:00:00:01 ; -m mac --mac-source 02:00:00:00:00:01 ; OK
