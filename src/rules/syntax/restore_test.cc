#include "rules/syntax/restore.h"

#include <gtest/gtest.h>

#include "rules/syntax/save.h"

namespace utables::rules {
namespace {

std::string without_comments(std::string text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) + 1;
    if (text[at] != '#') out += text.substr(at, end - at);
    at = end;
  }
  return out;
}

std::string again(std::string_view text, bool counters = false) {
  RestoreOptions options;
  options.counters = counters;
  options.file = "rules.v4";
  const auto ruleset = restore(text, options);
  if (!ruleset) {
    std::string errors;
    for (const Error& error : ruleset.error()) errors += error.str() + "\n";
    return errors;
  }
  SaveOptions save_options;
  save_options.counters = counters;
  return without_comments(save(*ruleset, save_options));
}

// R24: nat of old kernels, chains in any order, blanks at line ends, no newline at the end.
TEST(Restore, R24FilesOfEveryAge) {
  EXPECT_EQ(
      again("*nat\n:POSTROUTING ACCEPT [1:60]\n:PREROUTING DROP [0:0] \n:OUTPUT ACCEPT [0:0]\nCOMMIT \t\n"
            "*filter\n:z - [0:0]\n:FORWARD DROP [7:8]\n:a - [0:0]\n:INPUT ACCEPT [0:0]\n"
            "-A INPUT -p tcp --dport telnet -j a  \n[5:6] -A a -s 10.1.2.3/8 -j z\nCOMMIT",
            true),
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [7:8]\n:OUTPUT ACCEPT [0:0]\n:a - [0:0]\n:z - [0:0]\n"
      "[0:0] -A INPUT -p tcp -m tcp --dport 23 -j a\n[5:6] -A a -s 10.0.0.0/8 -j z\nCOMMIT\n"
      "*nat\n:PREROUTING DROP [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT "
      "[1:60]\nCOMMIT\n");
}

// R22: `!` before and, as old scripts have it, after the option; the typographic dash; R23: DENY.
TEST(Restore, R22InversionBeforeAndAfter) {
  const std::string head = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  EXPECT_EQ(
      again("*filter\n-A INPUT -p tcp --syn --destination-port ! 80 -j DROP\n-A INPUT -s ! 1.2.3.4\n"
            "-A INPUT -m state --state ! NEW\n-A INPUT ! -p udp ! -i eth0\nCOMMIT\n"),
      head +
          "-A INPUT -p tcp -m tcp ! --dport 80 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n"
          "-A INPUT ! -s 1.2.3.4/32\n-A INPUT -m state ! --state NEW\n-A INPUT ! -i eth0 ! -p udp\nCOMMIT\n");
  EXPECT_EQ(again("*filter\n-A INPUT -m state \xe2\x80\x93state NEW\n-A INPUT -j ACCEPT\nCOMMIT\n"),
            "rules.v4:2: Bad argument `\xe2\x80\x93state' (its dash is a typographic one: type -, or -- "
            "before a long "
            "option)\n");
  EXPECT_EQ(again("*filter\n-A INPUT -j DENY\nCOMMIT\n"),
            "rules.v4:2: Couldn't load target `DENY':No such file or directory (ipchains' DENY is DROP here; "
            "REJECT also "
            "answers the sender)\n");
}

TEST(Restore, AllUnknownThingsAreListed) {
  EXPECT_EQ(
      again("*filter\n-A INPUT -m nosuch --what a b -j ACCEPT\n-A INPUT -p tcp --frobnicate 3 -j NOPE --x\n"
            "-A INPUT -j ACCEPT\n-A INPUT -m owner --uid-owner 0\nCOMMIT\n"),
      "rules.v4:2: Couldn't load match `nosuch':No such file or directory\n"
      "rules.v4:3: unknown option \"--frobnicate\"\n"
      "rules.v4:3: Couldn't load target `NOPE':No such file or directory\n"
      "rules.v4:5: Couldn't load match `owner':No such file or directory\n");
}

// Fifty ways and more to damage an iptables-save file: each is refused with file, line and the rule that it
// broke.
TEST(Restore, R25DamagedFilesAreRefusedByLine) {
  const struct {
    const char* text;
    const char* error;
  } kDamaged[] = {
      {"foo\n", "f:1: line 1 failed: `foo' stands outside a table: *TABLE comes first"},
      {"COMMIT\n", "f:1: line 1 failed: `COMMIT' stands outside a table: *TABLE comes first"},
      {":INPUT ACCEPT [0:0]\n",
       "f:1: line 1 failed: `:INPUT ACCEPT [0:0]' stands outside a table: *TABLE comes first"},
      {"*filter\nCOMMIT\n-A INPUT\n",
       "f:3: line 3 failed: `-A INPUT' stands outside a table: *TABLE comes first"},
      {"*\nCOMMIT\n", "f:1: line 1 table name invalid"},
      {"*nosuch\nCOMMIT\n", "f:1: unable to initialize table 'nosuch'"},
      {"*filter\n", "f:2: COMMIT expected at line 2"},
      {"*filter\n-A INPUT -j ACCEPT\n", "f:3: COMMIT expected at line 3"},
      {"*filter\n*nat\nCOMMIT\n", "f:2: Bad argument `*nat'"},
      {"*filter\n:\nCOMMIT\n", "f:2: line 2 chain name invalid"},
      {"*filter\n:INPUT\nCOMMIT\n", "f:2: line 2 policy invalid"},
      {"*filter\n:INPUT FOO [0:0]\nCOMMIT\n",
       "f:2: Can't set policy `FOO' on `INPUT' line 2: Bad policy name"},
      {"*filter\n:INPUT DENY [0:0]\nCOMMIT\n",
       "f:2: Can't set policy `DENY' on `INPUT' line 2: Bad policy name (ipchains' DENY is DROP here)"},
      {"*filter\n:foo ACCEPT [0:0]\nCOMMIT\n",
       "f:2: Can't set policy `ACCEPT' on `foo' line 2: Bad built-in chain name"},
      {"*filter\n:INPUT ACCEPT [x:0]\nCOMMIT\n", "f:2: invalid policy counters for chain 'INPUT'"},
      {"*filter\n:INPUT ACCEPT 0:0\nCOMMIT\n", "f:2: invalid policy counters for chain 'INPUT'"},
      {"*filter\n:INPUT ACCEPT [18446744073709551616:0]\nCOMMIT\n",
       "f:2: invalid policy counters for chain 'INPUT'"},
      {"*filter\n:abcdefghijklmnopqrstuvwxyzabcde - [0:0]\nCOMMIT\n",
       "f:2: Invalid chain name `abcdefghijklmnopqrstuvwxyzabcde' (28 chars max)"},
      {"*filter\n:a - [0:0]\n:a - [0:0]\nCOMMIT\n", "f:3: error creating chain 'a':File exists"},
      {"*filter\n:DROP - [0:0]\nCOMMIT\n", "f:2: error creating chain 'DROP':File exists"},
      {"*filter\n[1:2 -A INPUT\nCOMMIT\n", "f:2: Bad line 2: need ]"},
      {"*filter\n[1] -A INPUT\nCOMMIT\n", "f:2: Bad line 2: need ]"},
      {"*filter\n[-1:2] -A INPUT\nCOMMIT\n", "f:2: Bad line 2: need ]"},
      {"*filter\nINPUT -j ACCEPT\nCOMMIT\n", "f:2: Bad argument `INPUT'"},
      {"*filter\n-j ACCEPT\nCOMMIT\n", "f:2: no command specified"},
      {"*filter\n # x\nCOMMIT\n", "f:2: Bad argument `#'"},
      {"*filter\n-A\nCOMMIT\n", "f:2: option \"-A\" requires an argument"},
      {"*filter\n-A NOSUCH -j ACCEPT\nCOMMIT\n", "f:2: No chain/target/match by that name."},
      {"*filter\n-A input -j ACCEPT\nCOMMIT\n", "f:2: No chain/target/match by that name."},
      {"*filter\n-A INPUT -A FORWARD\nCOMMIT\n", "f:2: Cannot use -A with -A"},
      {"*filter\n-t filter -A INPUT\nCOMMIT\n", "f:2: The -t option cannot be used in iptables-restore."},
      {"*filter\n-A INPUT -j\nCOMMIT\n", "f:2: option \"-j\" requires an argument"},
      {"*filter\n-A INPUT -j ACCEPT -j DROP\nCOMMIT\n", "f:2: multiple -j flags not allowed"},
      {"*filter\n-A INPUT -j nosuch\nCOMMIT\n",
       "f:2: Couldn't load target `nosuch':No such file or directory"},
      {"*filter\n-A INPUT -g nosuch\nCOMMIT\n", "f:2: goto 'nosuch' is not a chain"},
      {"*filter\n-A INPUT -m nosuch\nCOMMIT\n",
       "f:2: Couldn't load match `nosuch':No such file or directory"},
      {"*filter\n-A INPUT -p tcp --nosuch 3\nCOMMIT\n", "f:2: unknown option \"--nosuch\""},
      {"*filter\n-A INPUT --dport 80\nCOMMIT\n", "f:2: unknown option \"--dport\""},
      {"*filter\n-A INPUT -p tcp --dport\nCOMMIT\n", "f:2: option \"--dport\" requires an argument"},
      {"*filter\n-A INPUT -p tcp --dport 99999\nCOMMIT\n", "f:2: invalid port/service `99999' specified"},
      {"*filter\n-A INPUT -p tcp --dport 90:80\nCOMMIT\n", "f:2: invalid portrange (min > max)"},
      {"*filter\n-A INPUT -p nosuch\nCOMMIT\n", "f:2: unknown protocol \"nosuch\" specified"},
      {"*filter\n-A INPUT ! -p all\nCOMMIT\n", "f:2: rule would never match protocol"},
      {"*filter\n-A INPUT -s 1.2.3.400\nCOMMIT\n", "f:2: host/network `1.2.3.400' not found"},
      {"*filter\n-A INPUT -s 1.2.3.4/33\nCOMMIT\n", "f:2: invalid mask `33' specified"},
      {"*filter\n-A INPUT -s 1.2.3.4,\nCOMMIT\n", "f:2: host/network `' not found"},
      {"*filter\n-A INPUT ! -s 1.1.1.1,2.2.2.2\nCOMMIT\n",
       "f:2: ! not allowed with multiple source or destination IP addresses"},
      {"*filter\n-A INPUT -o eth0\nCOMMIT\n", "f:2: Can't use -o with INPUT"},
      {"*filter\n-A OUTPUT -i eth0\nCOMMIT\n", "f:2: Can't use -i with OUTPUT"},
      {"*filter\n-A INPUT -i verylonginterfacename\nCOMMIT\n",
       "f:2: interface name `verylonginterfacename' must be shorter than IFNAMSIZ (15)"},
      {"*filter\n-A INPUT ! -j ACCEPT\nCOMMIT\n", "f:2: cannot have ! before -j"},
      {"*filter\n-A INPUT ! ! -s 1.1.1.1\nCOMMIT\n", "f:2: multiple consecutive ! not allowed"},
      {"*filter\n-A INPUT !\nCOMMIT\n", "f:2: nothing appropriate following !"},
      {"*filter\n-A INPUT -m comment --comment \"abc\nCOMMIT\n", "f:2: a quote is opened and not closed"},
      {"*filter\n-A INPUT -m comment --comment \"abc\"def\nCOMMIT\n", "f:2: Bad argument `def'"},
      {"*filter\n-A INPUT -m state --state FOO\nCOMMIT\n", "f:2: Bad state \"FOO\""},
      {"*filter\n-A INPUT -m limit --limit 0/s\nCOMMIT\n", "f:2: bad rate \"0/s\"'"},
      {"*filter\n-I INPUT 5 -j DROP\nCOMMIT\n", "f:2: Index of insertion too big."},
      {"*filter\n-D INPUT 1\nCOMMIT\n", "f:2: Index of deletion too big."},
      {"*filter\n-R INPUT 1 -j DROP\nCOMMIT\n", "f:2: Index of replacement too big."},
      {"*filter\n-X nosuch\nCOMMIT\n", "f:2: No chain/target/match by that name."},
      {"*filter\n-N INPUT\nCOMMIT\n", "f:2: Chain already exists."},
      {"*filter\n-P INPUT FOO\nCOMMIT\n", "f:2: Bad policy name."},
      {"*filter\n-A INPUT -c 1\nCOMMIT\n", "f:2: -c requires packet and byte counter"},
      {"*nat\n-A PREROUTING -j DROP\nCOMMIT\n",
       "f:2: The \"nat\" table is not intended for filtering, the use of DROP is therefore inhibited."},
      {"*filter\n:a - [0:0]\n-A INPUT -j a\n-A a -j a\nCOMMIT\n",
       "f:4: Invalid argument: the jump from `a' to `a' makes a loop (COMMIT: line 5 failed)"},
      {"*filter\n-A INPUT -j FORWARD\nCOMMIT\n",
       "f:2: Invalid argument: `FORWARD' is a built-in chain, to which no rule may jump (COMMIT: line 3 "
       "failed)"},
      {"*mangle\n-A INPUT -j REJECT\nCOMMIT\n",
       "f:2: Invalid argument: REJECT is only for the table filter, not mangle (COMMIT: line 3 failed)"},
      {"*filter\n-A INPUT -j REJECT --reject-with tcp-reset\nCOMMIT\n",
       "f:2: Invalid argument: REJECT --reject-with tcp-reset needs -p tcp (COMMIT: line 3 failed)"},
      {"*filter\n-A INPUT -j TTL --ttl-set 3\nCOMMIT\n",
       "f:2: Invalid argument: TTL is only for the table mangle, not filter (COMMIT: line 3 failed)"},
      {"*filter\n-A OUTPUT -m mac --mac-source 2:0:0:0:0:1\nCOMMIT\n",
       "f:2: Invalid argument: mac is only for PREROUTING, INPUT, FORWARD, and is reached from OUTPUT "
       "(COMMIT: line 3 failed)"},
  };
  for (const auto& damage : kDamaged) {
    const auto ruleset = restore(damage.text, {.counters = true, .file = "f"});
    ASSERT_FALSE(ruleset) << damage.text;
    EXPECT_EQ(ruleset.error().front().str(), damage.error) << damage.text;
  }
  EXPECT_GE(std::size(kDamaged), 50U);
}

TEST(Restore, R25TablesAreWholeAndCountersOnlyWhenAsked) {
  const char* text =
      "*filter\n:INPUT ACCEPT [5:6]\n[7:8] -A INPUT -s 1.1.1.1\n-A INPUT -s 2.2.2.2 -c 3 4\nCOMMIT\n";
  EXPECT_EQ(again(text, true),
            "*filter\n:INPUT ACCEPT [5:6]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
            "[7:8] -A INPUT -s 1.1.1.1/32\n[3:4] -A INPUT -s 2.2.2.2/32\nCOMMIT\n");
  const auto ruleset = restore(text, {});
  ASSERT_TRUE(ruleset);
  EXPECT_EQ(ruleset->tables[0].chains[0].counters, Counters{});
  EXPECT_EQ(ruleset->tables[0].chains[0].rules[0].counters, Counters{});
  EXPECT_EQ(ruleset->tables[0].chains[0].rules[1].line, 4U);
  // A second *filter replaces the first, whole.
  EXPECT_EQ(again("*filter\n-A INPUT -s 1.1.1.1\nCOMMIT\n*filter\n-A INPUT -s 2.2.2.2\nCOMMIT\n"),
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -s "
            "2.2.2.2/32\nCOMMIT\n");
  // Lines for the other family are passed over.
  EXPECT_EQ(again("*raw\n-4 -A OUTPUT -s 1.1.1.1\n-A OUTPUT -6 -s ::1 --nonsense\nCOMMIT\n"),
            "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -s 1.1.1.1/32\nCOMMIT\n");
}

// R20, R26: the rulesets and commands of old tutorials, each as written.
TEST(Restore, R26LiteralCommands) {
  EXPECT_EQ(again("*filter\n"
                  "-P INPUT DROP\n-P FORWARD ACCEPT\n"
                  "-A INPUT -m state --state ESTABLISHED -j ACCEPT\n"
                  "-A OUTPUT -m state --state NEW,ESTABLISHED -j ACCEPT\n"
                  "-A INPUT -p tcp ! --syn -m state --state NEW -j DROP\n"
                  "-A INPUT -i ppp0 -p tcp --syn --destination-port ! 80 -j DROP\n"
                  "-A INPUT -s 200.200.200.1 -j DROP\n"
                  "-A INPUT -s 200.200.200.0/24 -j DROP\n"
                  "-I INPUT 1 -p tcp --destination-port telnet -i ppp0 -j DROP\n"
                  "-R INPUT 2 -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
                  "-A INPUT -j DROP -s 200.200.200.2\n"
                  "-D INPUT -s 200.200.200.1 -j DROP\n"
                  "-D INPUT 4\n"
                  "COMMIT\n"),
            "*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
            "-A INPUT -i ppp0 -p tcp -m tcp --dport 23 -j DROP\n"
            "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n"
            "-A INPUT -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m state --state NEW -j DROP\n"
            "-A INPUT -s 200.200.200.0/24 -j DROP\n"
            "-A INPUT -s 200.200.200.2/32 -j DROP\n"
            "-A OUTPUT -m state --state NEW,ESTABLISHED -j ACCEPT\nCOMMIT\n");
  EXPECT_EQ(again("*filter\n-A INPUT -s 1.1.1.1,2.2.2.2 -d 3.3.3.3,4.4.4.4\n-I INPUT -s 6.6.6.6,7.7.7.7\n"
                  "-N foo\n-A foo -j RETURN\n-A INPUT -g foo\n-E foo bar\nCOMMIT\n"),
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:bar - [0:0]\n"
            "-A INPUT -s 7.7.7.7/32\n-A INPUT -s 6.6.6.6/32\n"
            "-A INPUT -s 1.1.1.1/32 -d 3.3.3.3/32\n-A INPUT -s 1.1.1.1/32 -d 4.4.4.4/32\n"
            "-A INPUT -s 2.2.2.2/32 -d 3.3.3.3/32\n-A INPUT -s 2.2.2.2/32 -d 4.4.4.4/32\n"
            "-A INPUT -g bar\n-A bar -j RETURN\nCOMMIT\n");
  // A loop that no built-in chain reaches is none, as in the kernel.
  EXPECT_TRUE(restore("*filter\n:bar - [0:0]\n-A bar -j bar\nCOMMIT\n", {}));
}

}  // namespace
}  // namespace utables::rules
