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
  EXPECT_EQ(again("*nat\n:POSTROUTING ACCEPT [1:60]\n:PREROUTING DROP [0:0] \n:OUTPUT ACCEPT [0:0]\nCOMMIT \t\n"
                  "*filter\n:z - [0:0]\n:FORWARD DROP [7:8]\n:a - [0:0]\n:INPUT ACCEPT [0:0]\n"
                  "-A INPUT -p tcp --dport telnet -j a  \n[5:6] -A a -s 10.1.2.3/8 -j z\nCOMMIT",
                  true),
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [7:8]\n:OUTPUT ACCEPT [0:0]\n:a - [0:0]\n:z - [0:0]\n"
            "[0:0] -A INPUT -p tcp -m tcp --dport 23 -j a\n[5:6] -A a -s 10.0.0.0/8 -j z\nCOMMIT\n"
            "*nat\n:PREROUTING DROP [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [1:60]\nCOMMIT\n");
}

// R22: `!` before and, as old scripts have it, after the option; the typographic dash; R23: DENY.
TEST(Restore, R22InversionBeforeAndAfter) {
  const std::string head = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  EXPECT_EQ(again("*filter\n-A INPUT -p tcp --syn --destination-port ! 80 -j DROP\n-A INPUT -s ! 1.2.3.4\n"
                  "-A INPUT -m state --state ! NEW\n-A INPUT ! -p udp ! -i eth0\nCOMMIT\n"),
            head + "-A INPUT -p tcp -m tcp ! --dport 80 --tcp-flags FIN,SYN,RST,ACK SYN -j DROP\n"
                   "-A INPUT ! -s 1.2.3.4/32\n-A INPUT -m state ! --state NEW\n-A INPUT ! -i eth0 ! -p udp\nCOMMIT\n");
  EXPECT_EQ(again("*filter\n-A INPUT -m state \xe2\x80\x93state NEW\n-A INPUT -j ACCEPT\nCOMMIT\n"),
            "rules.v4:2: Bad argument `\xe2\x80\x93state' (its dash is a typographic one: type -, or -- before a long "
            "option)\n");
  EXPECT_EQ(again("*filter\n-A INPUT -j DENY\nCOMMIT\n"),
            "rules.v4:2: Couldn't load target `DENY':No such file or directory (ipchains' DENY is DROP here; REJECT also "
            "answers the sender)\n");
}

TEST(Restore, AllUnknownThingsAreListed) {
  EXPECT_EQ(again("*filter\n-A INPUT -m nosuch --what a b -j ACCEPT\n-A INPUT -p tcp --frobnicate 3 -j NOPE --x\n"
                  "-A INPUT -j ACCEPT\n-A INPUT -m owner --uid-owner 0\nCOMMIT\n"),
            "rules.v4:2: Couldn't load match `nosuch':No such file or directory\n"
            "rules.v4:3: unknown option \"--frobnicate\"\n"
            "rules.v4:3: Couldn't load target `NOPE':No such file or directory\n"
            "rules.v4:5: Couldn't load match `owner':No such file or directory\n");
}

}  // namespace
}  // namespace utables::rules
