// The `.t` files beside the extensions, as text: `arguments ; saved form ; OK` or `arguments ; ; FAIL text`.
// `=` as the saved form is the arguments themselves; `@ TABLE CHAIN` says where the following lines are tried
// (first filter FORWARD), `@6 TABLE CHAIN` with ip6tables; `#` begins a comment. Lines that begin with `~`
// are utables' own, where it takes more than iptables 1.8.9 does: the comparison with the real command skips
// them.
//
// `? arguments | packet => outcome` plays a packet through a box whose chain has that rule. Several rules are
// separated by ` && `, several packets by ` ; `; the outcome is that of the last packet at the last rule:
// `yes` (it counted the packet) or `no`, then, each after `, `, what else is to be said of it: its fate
// (`forwarded`, `dropped`, ...), `sent INTERFACE PACKET` for what left, in order, `logged TEXT`. A fate that
// is not named is any; if anything sent or logged is named, all is. Packets are packet text
// (docs/packets.md), before which may stand `ether ADDRESS` (its sender at the link layer), `broadcast`,
// `multicast` (to whom it is addressed there) and `cut N` (only its first N bytes, as a whole packet of that
// length). The box is kExampleBox.
#pragma once
#include <utables/result.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "rules/hook.h"

namespace utables::rules {

/// The box of `?` lines: what comes from 10.0.0.0/24 comes in by `lan`, all else by `wan`, what is from its
/// own addresses is from its programs.
inline constexpr std::string_view kExampleBox =
    "link set dev lan mtu 1500\naddr add 10.0.0.254/24 dev lan\naddr add 192.0.2.254/24 dev wan\n"
    "link set dev thin mtu 600\naddr add 172.16.0.254/24 dev thin\nroute add default via 192.0.2.1 dev wan\n";

/// Its policies of timeouts (nfct.conf).
inline constexpr std::string_view kExamplePolicies = "add timeout slow inet udp unreplied 5 replied 9\n";

/// The box of `?` lines after `@6`: what comes from 2001:db8:a::/64 comes in by `lan`, all else by `wan`.
inline constexpr std::string_view kExampleBox6 =
    "addr add 2001:db8:a::fe/64 dev lan\naddr add 2001:db8:2::fe/64 dev wan\n"
    "link set dev thin mtu 1300\naddr add 2001:db8:3::fe/64 dev thin\n"
    "route add default via 2001:db8:2::1 dev wan\n";

/// What a `?` line plays.
struct PacketExample {
  std::vector<std::string> rules;    ///< arguments of each
  std::vector<std::string> packets;  ///< their text, with the words before it
  bool hit = false;
  std::vector<std::string> parts{};  ///< of the outcome, after `yes` or `no`
};

struct Example {
  std::uint32_t line = 0;
  TableId table = TableId::filter;
  Family family = Family::ipv4;
  std::string chain = "FORWARD";
  std::string arguments{}, saved{}, failure{};
  bool good = false;
  bool own = false;                       ///< utables takes it, iptables 1.8.9 does not
  std::optional<PacketExample> played{};  ///< a `?` line: then it has none of the above but its place
};

[[nodiscard]] Result<std::vector<Example>, Errors> parse_examples(std::string_view text,
                                                                  std::string_view file);

}  // namespace utables::rules
