// Routing decisions in words: the box's routes as `ip route` prints them.
#pragma once
#include <string>

#include "engine/observer.h"
#include "host/host.h"

namespace utables::lab {

/// `192.0.2.0/24 dev wan src 192.0.2.254`, with its type where that is not unicast.
[[nodiscard]] std::string route_text(const host::Route& route, const host::Host& host);
/// What was asked, and the route that answered: `to 10.20.0.80: 10.20.0.0/24 dev dmz`.
[[nodiscard]] std::string route_question(const engine::RouteStep& step, const host::Host& host);
/// What follows: `by dmz to 10.20.0.80, mtu 1500`.
[[nodiscard]] std::string route_answer(const engine::RouteStep& step, const host::Host& host);

}  // namespace utables::lab
