#include "lab/explain/route_words.h"

#include <fmt/format.h>

#include <array>

namespace utables::lab {
namespace {

using host::RouteType;
using Question = engine::RouteStep::Question;

/// By RouteType; what stands in front of the destination.
constexpr std::array<std::string_view, 11> kTypes{"",         "",          "local",     "broadcast",
                                                  "anycast",  "multicast", "blackhole", "unreachable",
                                                  "prohibit", "throw",     "nat"};

std::string type_word(RouteType type) {
  const std::string word(kTypes[static_cast<std::size_t>(type)]);
  return word.empty() ? word : word + " ";
}

std::string text_of(const Address& address, Family family) { return to_string(address, family); }

std::uint32_t mtu_of(const host::Lookup& found, const host::Host& host) {
  return found.route != nullptr && found.route->mtu != 0 ? found.route->mtu : host.at(found.device).mtu;
}

std::string onward(const engine::RouteStep& step, const host::Host& host) {
  const host::Lookup& found = *step.found;
  std::string text = fmt::format("by {} to {}, mtu {}", host.at(found.device).name,
                                 text_of(found.next_hop, step.family), mtu_of(found, host));
  if (step.in == kNoInterface && !found.source.is_zero())
    text += fmt::format(", from {}", text_of(found.source, step.family));
  return text;
}

std::string destination_answer(const engine::RouteStep& step, const host::Host& host) {
  if (step.refused != DropReason::none) return std::string(sentence(step.refused));
  if (step.found == nullptr) return "heard here";
  switch (step.found->type) {
    case RouteType::local:
      return step.in == kNoInterface ? "over lo" : "for the box itself";
    case RouteType::broadcast:
      return step.in == kNoInterface ? onward(step, host) : "for the box, as for all";
    case RouteType::unicast:
    case RouteType::multicast:
    case RouteType::anycast:
      return onward(step, host);
    default:
      return {};
  }
}

std::string source_answer(const engine::RouteStep& step, const host::Host& host) {
  const std::string in = host.at(step.in).name;
  if (step.found == nullptr) return fmt::format("not believed: {}", step.why);
  return fmt::format("{}: it came in by {}, {}",
                     step.refused == DropReason::none ? "believed" : "not believed", in, step.why);
}

}  // namespace

std::string route_text(const host::Route& route, const host::Host& host) {
  const Family family = route.destination.family;
  std::string text = type_word(route.type);
  text += route.destination.length == 0 ? "default" : to_string(route.destination);
  if (route.gateway) text += fmt::format(" via {}", text_of(*route.gateway, family));
  if (route.device != kNoInterface) text += fmt::format(" dev {}", host.at(route.device).name);
  if (route.table == host::RouteTableId::local) text += " table local";
  if (route.table == host::RouteTableId::default_) text += " table default";
  if (route.tos != 0) text += fmt::format(" tos {:#04x}", route.tos);
  if (route.preferred_source) text += fmt::format(" src {}", text_of(*route.preferred_source, family));
  if (route.metric != 0) text += fmt::format(" metric {}", route.metric);
  if (route.mtu != 0) text += fmt::format(" mtu {}{}", route.mtu_locked ? "lock " : "", route.mtu);
  return text;
}

std::string route_question(const engine::RouteStep& step, const host::Host& host) {
  std::string text = fmt::format("to {}", text_of(step.asked, step.family));
  if (step.found == nullptr)
    return step.question == Question::source ? text_of(step.asked, step.family)
                                             : fmt::format("{}: {}", text, step.why);
  if (step.found->route == nullptr) return text + ": no route";
  return fmt::format("{}: {}", text, route_text(*step.found->route, host));
}

std::string route_answer(const engine::RouteStep& step, const host::Host& host) {
  return step.question == Question::source ? source_answer(step, host) : destination_answer(step, host);
}

}  // namespace utables::lab
