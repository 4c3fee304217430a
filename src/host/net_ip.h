// `net.ip`: lines of `ip -batch` that describe interfaces, addresses and routes.
//
// The grammar is iproute2's, with its abbreviations (`a a 10.0.0.1/24 dev lan`, `r a default via ...`):
//   link add|set ..., addr add|replace|del ..., route add|append|prepend|replace|change|del ...
// with `#` comments, blank lines and lines continued with a backslash. Objects that no packet notices
// (neigh, tuntap, ...) and those that would change what happens to packets but are not simulated (rule,
// other tables) are refused by name. An interface exists, and is up, as soon as a line names it.
// IPv6 addresses and routes are kept; nothing uses them yet.
#pragma once
#include <utables/result.h>

#include <string>
#include <string_view>

#include "host/host.h"

namespace utables::host {

/// At most this many bytes of net.ip are taken, and as many lines.
inline constexpr std::size_t kMaxNetIpBytes = 16 << 20, kMaxNetIpLines = 200'000;

/// Carries out `text` on `host`, line by line, adding every error (with `file` and line) to `errors`;
/// a line with an error changes nothing, or not all that it says.
void read_net_ip(std::string_view text, const std::string& file, Host& host, Errors& errors);

}  // namespace utables::host
