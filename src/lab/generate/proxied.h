// SYNPROXY: rules that answer in servers' places, and clients and servers for them, right and nearly right.
#pragma once
#include <string>

#include "base/random.h"
#include "lab/generate/traffic.h"
#include "lab/generate/world.h"

namespace utables::lab::generate {

/// The ruleset with proxies for some ports in front of its own rules.
[[nodiscard]] std::string with_proxies(std::string rules, Random& random);
/// Such boxes mostly take no connection up in its midst.
[[nodiscard]] std::string draw_proxy_sysctl(Random& random);
/// Conversations of one client with one server, one after another.
[[nodiscard]] Flow proxied_flow(const World& world, Random& random);

}  // namespace utables::lab::generate
