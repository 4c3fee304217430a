# -m sctp, as iptables 1.8.9 (legacy) answers on Linux 6.18; the format is explained in examples.h.
-p sctp --dport 80 ; -p sctp -m sctp --dport 80 ; OK
-p sctp -m sctp ; = ; OK
-p 132 --dport 80 ; -p sctp -m sctp --dport 80 ; OK
-p sctp ! --dport 80 --sport 1:5 ; -p sctp -m sctp --sport 1:5 ! --dport 80 ; OK
-p sctp --source-port 5 --destination-port 6 ; -p sctp -m sctp --sport 5 --dport 6 ; OK
-p sctp --dport http ; ; FAIL invalid port/service `http' specified
-p sctp --dport amqp ; -p sctp -m sctp --dport 5672 ; OK
-p sctp --dport 0:65535 ; -p sctp -m sctp --dport 0:65535 ; OK
-p sctp ! --dport 0:65535 ; -p sctp -m sctp ! --dport 0:65535 ; OK
-p sctp --dport 80: ; -p sctp -m sctp --dport 80:65535 ; OK
-p sctp --dport :80 ; -p sctp -m sctp --dport 0:80 ; OK
-p sctp --dport : ; -p sctp -m sctp --dport 0:65535 ; OK
-p sctp --sport 7:7 ; -p sctp -m sctp --sport 7 ; OK
-p sctp --dport 90:80 ; ; FAIL invalid portrange (min > max)
-p sctp --dport 080 ; ; FAIL invalid port/service `080' specified
-p sctp --dport 0x50 ; -p sctp -m sctp --dport 80 ; OK
-p sctp --dport "" ; ; FAIL invalid port/service `' specified
-p sctp --dport 99999 ; ; FAIL invalid port/service `99999' specified
-p sctp --dport 80 --dport 81 ; ; FAIL Only one `--destination-port' allowed
-p sctp --dport 1:2:3 ; ; FAIL invalid port/service `2:3' specified
-p sctp --dp 4 ; -p sctp -m sctp --dport 4 ; OK
-p sctp --chunk-types all INIT ; -p sctp -m sctp --chunk-types all INIT ; OK
-p sctp --chunk-types any INIT,DATA ; -p sctp -m sctp --chunk-types any DATA,INIT ; OK
-p sctp --chunk-types only INIT,DATA ; -p sctp -m sctp --chunk-types only DATA,INIT ; OK
-p sctp ! --chunk-types only DATA,INIT ; -p sctp -m sctp ! --chunk-types only DATA,INIT ; OK
-p sctp --chunk-types none INIT ; ; FAIL Match type has to be one of "ALL", "ANY" or "ONLY"
-p sctp --chunk-types an DATA ; ; FAIL Match type has to be one of "ALL", "ANY" or "ONLY"
-p sctp --chunk-types "" DATA ; ; FAIL Match type has to be one of "ALL", "ANY" or "ONLY"
-p sctp --chunk-types ALL INIT ; -p sctp -m sctp --chunk-types all INIT ; OK
-p sctp --chunk-types all FOO ; ; FAIL Unknown sctp chunk `FOO'
-p sctp --chunk-types any INI ; ; FAIL Unknown sctp chunk `INI'
-p sctp --chunk-types any INITIAL ; ; FAIL Unknown sctp chunk `INITIAL'
-p sctp --chunk-types any AUTH ; ; FAIL Unknown sctp chunk `AUTH'
-p sctp --chunk-types all init,init_ack ; -p sctp -m sctp --chunk-types all INIT,INIT_ACK ; OK
-p sctp --chunk-types any ALL ; -p sctp -m sctp --chunk-types any ALL ; OK
-p sctp --chunk-types any all ; -p sctp -m sctp --chunk-types any ALL ; OK
-p sctp --chunk-types any NONE ; -p sctp -m sctp --chunk-types any NONE ; OK
-p sctp ! --chunk-types any NONE ; -p sctp -m sctp ! --chunk-types any NONE ; OK
-p sctp --chunk-types any "" ; -p sctp -m sctp --chunk-types any NONE ; OK
-p sctp --chunk-types any NONE,INIT ; ; FAIL Unknown sctp chunk `NONE'
-p sctp --chunk-types only ALL,INIT ; ; FAIL Unknown sctp chunk `ALL'
-p sctp --chunk-types any ALL:U ; ; FAIL Unknown sctp chunk `ALL'
-p sctp --chunk-types any :U ; ; FAIL Unknown sctp chunk `'
-p sctp --chunk-types any ,INIT ; -p sctp -m sctp --chunk-types any INIT ; OK
-p sctp --chunk-types any DATA, ; -p sctp -m sctp --chunk-types any DATA ; OK
-p sctp --chunk-types any DATA,DATA ; -p sctp -m sctp --chunk-types any DATA ; OK
-p sctp --chunk-types any DATA:IUBE ; -p sctp -m sctp --chunk-types any DATA:IUBE ; OK
-p sctp --chunk-types any DATA:ube ; -p sctp -m sctp --chunk-types any DATA:ube ; OK
-p sctp --chunk-types any DATA:Beu,INIT ; -p sctp -m sctp --chunk-types any DATA:uBe,INIT ; OK
-p sctp --chunk-types any DATA:UU ; -p sctp -m sctp --chunk-types any DATA:U ; OK
-p sctp --chunk-types any DATA:Uu ; -p sctp -m sctp --chunk-types any DATA:U ; OK
-p sctp --chunk-types any DATA:uU ; -p sctp -m sctp --chunk-types any DATA:U ; OK
-p sctp --chunk-types any DATA:U,DATA:b ; -p sctp -m sctp --chunk-types any DATA:Ub ; OK
-p sctp --chunk-types any DATA:u,DATA:U ; -p sctp -m sctp --chunk-types any DATA:U ; OK
-p sctp --chunk-types any DATA:U,DATA ; -p sctp -m sctp --chunk-types any DATA:U ; OK
-p sctp --chunk-types any DATA: ; -p sctp -m sctp --chunk-types any DATA ; OK
-p sctp --chunk-types any INIT: ; -p sctp -m sctp --chunk-types any INIT ; OK
-p sctp --chunk-types any ABORT:t,SHUTDOWN_COMPLETE:T ; -p sctp -m sctp --chunk-types any ABORT:t,SHUTDOWN_COMPLETE:T ; OK
-p sctp --chunk-types any SHUTDOWN_COMPLETE:T,ABORT:T,DATA:U,ABORT:t ; -p sctp -m sctp --chunk-types any DATA:U,ABORT:T,SHUTDOWN_COMPLETE:T ; OK
-p sctp --chunk-types any I_DATA:uB,DATA:U ; -p sctp -m sctp --chunk-types any DATA:U,I_DATA ; OK
-p sctp --chunk-types any DATA:X ; ; FAIL Invalid flags for chunk type 0
-p sctp --chunk-types any DATA:U:B ; ; FAIL Invalid flags for chunk type 0
-p sctp --chunk-types any INIT:X ; ; FAIL Invalid flags for chunk type 1
-p sctp --chunk-types any I_DATA:Z ; ; FAIL Invalid flags for chunk type 15
-p sctp --chunk-types any ASCONF:x ; ; FAIL Invalid flags for chunk type 18
-p sctp --chunk-types only pad,re_config,i_data,i_forward_tsn,asconf,asconf_ack,forward_tsn ; -p sctp -m sctp --chunk-types only I_DATA,ASCONF_ACK,RE_CONFIG,PAD,FORWARD_TSN,ASCONF,I_FORWARD_TSN ; OK
-p sctp --chunk-types any DATA,INIT,INIT_ACK,SACK,HEARTBEAT,HEARTBEAT_ACK,ABORT,SHUTDOWN,SHUTDOWN_ACK,ERROR,COOKIE_ECHO,COOKIE_ACK,ECN_ECNE,ECN_CWR,SHUTDOWN_COMPLETE ; -p sctp -m sctp --chunk-types any DATA,INIT,INIT_ACK,SACK,HEARTBEAT,HEARTBEAT_ACK,ABORT,SHUTDOWN,SHUTDOWN_ACK,ERROR,COOKIE_ECHO,COOKIE_ACK,ECN_ECNE,ECN_CWR,SHUTDOWN_COMPLETE ; OK
-p sctp --chunk-types any ; ; FAIL --chunk-types requires two args
-p sctp --chunk-types ; ; FAIL option "--chunk-types" requires an argument
-p sctp --chunk-types any ! DATA ; ; FAIL --chunk-types requires two args
-p sctp --chunk-types=any DATA ; -p sctp -m sctp --chunk-types any DATA ; OK
-p sctp --chunk any INIT ; -p sctp -m sctp --chunk-types any INIT ; OK
-p sctp --chunk-types any INIT --chunk-types all DATA ; ; FAIL Only one `--chunk-types' allowed
-p sctp --chunk-types any INIT --sport 3 --dport 4 ; -p sctp -m sctp --sport 3 --dport 4 --chunk-types any INIT ; OK
-m sctp --dport 80 ; ; FAIL Invalid argument
! -p sctp -m sctp --dport 80 ; ; FAIL Invalid argument
-p tcp -m sctp --dport 80 ; ; FAIL Invalid argument
-p sctp -m sctp -m sctp --dport 4 ; = ; OK
-p udplite --dport 80 ; ; FAIL unknown option "--dport"
-p udplite -m multiport --dports 80 ; = ; OK
-p udplite -m udp --dport 80 ; ; FAIL Invalid argument
? -p sctp -m sctp --sport 5000 | sctp 10.0.0.5:5000 > 198.51.100.7:3868 <INIT tag 0x11> => yes
? -p sctp -m sctp ! --sport 5000 | sctp 10.0.0.5:5000 > 198.51.100.7:3868 <INIT tag 0x11> => no
? -p sctp -m sctp --dport 3000:4000 | sctp 10.0.0.5:5000 > 198.51.100.7:3868 <INIT tag 0x11> => yes
? -p sctp -m sctp --dport 80 | sctp 10.0.0.5:5000 > 198.51.100.7:3868 <INIT tag 0x11> => no
? -p sctp -m sctp --dport 3868 | cut 31 sctp 10.0.0.5:5000 > 198.51.100.7:3868 <INIT tag 0x11> => no, dropped
? -p sctp -m sctp --chunk-types any DATA,INIT | sctp 10.0.0.5:5000 > 198.51.100.7:3868 <INIT tag 0x11> => yes
? -p sctp -m sctp --chunk-types all DATA,INIT | sctp 10.0.0.5:5000 > 198.51.100.7:3868 <INIT tag 0x11> => no
? -p sctp -m sctp --chunk-types all DATA,SACK | sctp 10.0.0.5:5000 > 198.51.100.7:3868 tag 0x22 <SACK len 12,ERROR,DATA len 20> => yes
? -p sctp -m sctp --chunk-types only DATA,SACK | sctp 10.0.0.5:5000 > 198.51.100.7:3868 tag 0x22 <SACK len 12,DATA len 20> => yes
? -p sctp -m sctp --chunk-types only DATA,SACK | sctp 10.0.0.5:5000 > 198.51.100.7:3868 tag 0x22 <SACK len 12,ERROR,DATA len 20> => no
? -p sctp -m sctp ! --chunk-types only DATA | sctp 10.0.0.5:5000 > 198.51.100.7:3868 tag 0x22 <SACK len 12> => yes
? -p sctp -m sctp --chunk-types any DATA:Be | sctp 10.0.0.5:5000 > 198.51.100.7:3868 tag 0x22 <DATA flags 0x2 len 20> => yes
? -p sctp -m sctp --chunk-types any DATA:Be | sctp 10.0.0.5:5000 > 198.51.100.7:3868 tag 0x22 <DATA flags 0x3 len 20> => no
? -p sctp -m sctp --chunk-types any INIT | sctp 10.0.0.5:5000 > 198.51.100.7:3868 len 4 => no, dropped
? -p sctp -m sctp ! --chunk-types any INIT | sctp 10.0.0.5:5000 > 198.51.100.7:3868 len 4 => yes, dropped
? -p sctp -m sctp ! --chunk-types any INIT -m ttl --ttl-eq 3 && -p sctp | sctp 10.0.0.5:5000 > 198.51.100.7:3868 len 4 => no, dropped
? -p sctp -m sctp ! --chunk-types any INIT -j LOG --log-prefix "odd " && -p sctp | sctp 10.0.0.5:5000 > 198.51.100.7:3868 len 4 => no, dropped
? -p sctp -m sctp ! --chunk-types any INIT -j ACCEPT && -p sctp | sctp 10.0.0.5:5000 > 198.51.100.7:3868 len 4 => no, dropped
