#include "lab/capture/directions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ipv6_address.h"
#include "base/scan.h"

namespace utables::lab {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Evidence::count_)> kWords{
    "the capture says so", "its cooked header",       "Ethernet addresses",         "--iface",
    "own addresses",       "the route to the sender", "the only interface there is"};

constexpr std::size_t kUnknownNames = 64;

/// Where the addresses of a packet stand, by family.
struct AddressPlaces {
  Family family;
  std::uint8_t version;
  std::size_t source, destination, header;
};
constexpr std::array<AddressPlaces, 2> kPlaces{{{Family::ipv4, 4, 12, 16, 20}, {Family::ipv6, 6, 8, 24, 40}}};

}  // namespace

std::string_view words(Evidence evidence) { return kWords[static_cast<std::size_t>(evidence)]; }

// What is known of one frame so far.
struct Directions::Knowledge {
  std::optional<InterfaceId> interface {};
  std::optional<bool> outbound{};
  Evidence evidence = Evidence::capture_flags;
  bool has_addresses = false;
  Family family = Family::ipv4;
  Address source{}, destination{};

  [[nodiscard]] bool complete() const { return interface.has_value() && outbound.has_value(); }
  void learn_interface(InterfaceId id, Evidence why) {
    if (interface) return;
    interface = id;
    evidence = std::max(evidence, why);
  }
  void learn_direction(bool out, Evidence why) {
    if (outbound) return;
    outbound = out;
    evidence = std::max(evidence, why);
  }
  void read_addresses(std::span<const std::uint8_t> packet) {
    if (packet.empty()) return;
    for (const AddressPlaces& p : kPlaces) {
      if (packet[0] >> 4 != p.version) continue;
      family = p.family;
      if (packet.size() < p.header) return;
      source = Address::load(packet.data() + p.source, family);
      destination = Address::load(packet.data() + p.destination, family);
      has_addresses = true;
    }
  }
};

Result<InterfaceOption> parse_interface_option(std::string_view text) {
  const std::size_t equals = text.find('=');
  InterfaceOption option{std::string(text.substr(0, equals)), {}};
  if (option.name.empty()) return fail(fmt::format("--iface {}: NAME or NAME=PREFIX,... is expected", text));
  if (equals == std::string_view::npos) return option;
  for (const std::string_view part : split(text.substr(equals + 1), ',')) {
    const Family family = part.find(':') == std::string_view::npos ? Family::ipv4 : Family::ipv6;
    auto prefix = parse_prefix(trim(part), family);
    if (!prefix) return fail(fmt::format("--iface {}: {}", text, prefix.error().text));
    option.prefixes.push_back(*prefix);
  }
  return option;
}

Result<Directions> Directions::create(const host::Host& host, bool declared,
                                      std::vector<InterfaceOption> options, std::size_t files) {
  Directions made(host);
  made.declared_ = declared;
  made.counts_.resize(host.interfaces.size());
  std::vector<InterfaceId> whole;
  for (const InterfaceOption& option : options) {
    const auto id = host.find(option.name);
    if (!id) return fail(fmt::format("--iface {}: the box has no interface of that name", option.name));
    if (option.prefixes.empty()) whole.push_back(*id);
    for (const Prefix& prefix : option.prefixes) made.prefixes_.emplace_back(prefix, *id);
  }
  if (whole.size() > 1 && whole.size() != files)
    return fail(
        fmt::format("--iface NAME given {} times for {} captures: once for all of them, or once for each",
                    whole.size(), files));
  if (whole.size() == 1) whole.resize(files, whole.front());
  made.whole_files_ = std::move(whole);
  std::stable_sort(made.prefixes_.begin(), made.prefixes_.end(),
                   [](const auto& a, const auto& b) { return a.first.length > b.first.length; });
  return made;
}

void Directions::ask_capture(const io::Frame& frame, Knowledge& known) {
  if (frame.direction != io::Direction::unknown)
    known.learn_direction(frame.direction == io::Direction::outbound, Evidence::capture_flags);
  if (frame.interface_name.empty()) return;
  if (frame.interface >= names_.size()) names_.resize(std::min<std::size_t>(frame.interface, 4095) + 1);
  CachedName& cached = names_[std::min<std::size_t>(frame.interface, 4095)];
  if (cached.name != frame.interface_name) {
    cached.name = frame.interface_name;
    cached.id = host_->find(frame.interface_name).value_or(kNoInterface);
  }
  if (cached.id != kNoInterface) return known.learn_interface(cached.id, Evidence::capture_flags);
  if (unknown_names_.size() < kUnknownNames || unknown_names_.count(cached.name) != 0)
    ++unknown_names_[cached.name];
}

void Directions::ask_cooked(const io::LinkLayer& link, Knowledge& known) const {
  if (link.direction != io::Direction::unknown)
    known.learn_direction(link.direction == io::Direction::outbound, Evidence::cooked);
  if (link.interface_index == 0 || known.interface) return;
  for (InterfaceId id = 0; id < host_->interfaces.size(); ++id)
    if (host_->interfaces[id].index == link.interface_index)
      return known.learn_interface(id, Evidence::cooked);
}

void Directions::ask_ethernet(const io::LinkLayer& link, Knowledge& known) const {
  if (!link.facts.present || known.complete()) return;
  std::optional<InterfaceId> to, from;
  for (InterfaceId id = 0; id < host_->interfaces.size(); ++id) {
    const host::Interface& one = host_->interfaces[id];
    if (!one.hardware_address || (known.interface && *known.interface != id)) continue;
    if (!to && *one.hardware_address == link.facts.destination) to = id;
    if (!from && *one.hardware_address == link.facts.source) from = id;
  }
  if (from && !to) {
    known.learn_direction(true, Evidence::ethernet);
    known.learn_interface(*from, Evidence::ethernet);
  } else if (to && !from) {
    known.learn_direction(false, Evidence::ethernet);
    known.learn_interface(*to, Evidence::ethernet);
  } else if (!from && known.interface && host_->at(*known.interface).hardware_address) {
    known.learn_direction(false, Evidence::ethernet);  // seen on a wire of the box, and not sent by it
  }
}

void Directions::ask_options(std::uint16_t file, Knowledge& known) const {
  if (known.complete()) return;
  if (file < whole_files_.size()) known.learn_interface(whole_files_[file], Evidence::option);
  if (!known.has_addresses) return;
  for (const auto& [prefix, id] : prefixes_) {
    if (prefix.family != known.family || !prefix.contains(known.source)) continue;
    known.learn_direction(false, Evidence::option);
    return known.learn_interface(id, Evidence::option);
  }
}

InterfaceId Directions::toward(const Address& address, Family family) const {
  const host::Lookup found = host_->routes.find(address, family);
  return found.type == host::RouteType::unicast ? found.device : kNoInterface;
}

void Directions::ask_addresses(Knowledge& known) const {
  if (known.complete() || !known.has_addresses) return;
  const bool own = host_->is_local(known.source, known.family);
  if (own) known.learn_direction(true, Evidence::own_address);
  const InterfaceId answered_by = own ? kNoInterface : toward(known.source, known.family);
  const InterfaceId sent_by = toward(known.destination, known.family);
  if (known.interface && !known.outbound) {
    // Seen on an interface that leads to its destination and not to its sender: on its way out.
    const bool leaving =
        sent_by == *known.interface && answered_by != kNoInterface && answered_by != *known.interface;
    return known.learn_direction(leaving, Evidence::route);
  }
  if (!known.outbound && (answered_by != kNoInterface || !declared_))
    known.learn_direction(false, Evidence::route);
  if (!known.outbound) return;
  const InterfaceId by = *known.outbound ? sent_by : answered_by;
  if (by != kNoInterface && (declared_ || *known.outbound)) known.learn_interface(by, Evidence::route);
}

// A box without net.ip takes everything in by `in`; one with a single interface has no choice.
void Directions::ask_default(Knowledge& known) const {
  if (known.complete()) return;
  std::optional<InterfaceId> only;
  for (InterfaceId id = 0; id < host_->interfaces.size(); ++id) {
    const host::Interface& one = host_->interfaces[id];
    if (one.kind == host::LinkKind::loopback) continue;
    if (!declared_ && one.name != (known.outbound.value_or(false) ? "out" : "in")) continue;
    if (only) return;
    only = id;
  }
  if (!only) return;
  known.learn_interface(*only, Evidence::only_interface);
  known.learn_direction(false, Evidence::only_interface);
}

void Directions::enter_sub_interfaces(const io::LinkLayer& link, Knowledge& known) {
  const auto child = [&](auto&& fits) {
    std::optional<InterfaceId> found;
    for (InterfaceId id = 0; id < host_->interfaces.size(); ++id) {
      const host::Interface& one = host_->interfaces[id];
      if (!fits(one)) continue;
      if (known.interface && one.vlan_parent && *one.vlan_parent != *known.interface &&
          id != *known.interface)
        continue;
      if (found) return std::optional<InterfaceId>{};
      found = id;
    }
    return found;
  };
  bool stripped = false;
  for (unsigned i = 0; i < link.vlan_count; ++i) {
    if (link.vlan_ids[i] == 0) continue;  // a priority tag: no network of its own
    const auto id = child([&](const host::Interface& one) {
      return one.kind == host::LinkKind::vlan && one.vlan_id == link.vlan_ids[i];
    });
    if (id)
      known.interface = *id;
    else
      stripped = true;
  }
  if (link.pppoe_session) {
    const auto id =
        child([](const host::Interface& one) { return one.kind == host::LinkKind::point_to_point; });
    if (id)
      known.interface = *id;
    else
      stripped = true;
  }
  if (stripped) ++stripped_tags_;
}

PacketType Directions::judge_type(const io::LinkLayer& link, const Knowledge& known) const {
  if (*known.outbound) return PacketType::outgoing;
  if (!link.facts.present) return link.type == PacketType::outgoing ? PacketType::host : link.type;
  if (link.type == PacketType::broadcast || link.type == PacketType::multicast) return link.type;
  InterfaceId id = *known.interface;
  while (!host_->at(id).hardware_address && host_->at(id).vlan_parent) id = *host_->at(id).vlan_parent;
  const auto& own = host_->at(id).hardware_address;
  return !own || *own == link.facts.destination ? PacketType::host : PacketType::other_host;
}

void Directions::count(const Placed& placed) {
  ++counts_[placed.interface][static_cast<std::size_t>(placed.evidence) * 2 + (placed.outbound ? 1 : 0)];
}

/// IPv6 of which nothing tells where it came in: a source that every link has, or a box without IPv6.
bool Directions::is_anywhere(const Knowledge& known) const {
  if (known.family != Family::ipv6) return false;
  const Address& source = known.source;
  if (source.is_zero() || ipv6::is_multicast(source) || ipv6::is_link_local(source)) return true;
  const auto& routes = host_->routes.all();
  return std::none_of(routes.begin(), routes.end(), [](const host::Route& route) {
    return route.destination.family == Family::ipv6 && route.type == host::RouteType::unicast;
  });
}

Result<Placed> Directions::place(const io::Frame& frame, const io::LinkLayer& link, std::uint16_t file,
                                 std::span<const std::uint8_t> packet) {
  Knowledge known;
  known.read_addresses(packet);
  ask_capture(frame, known);
  ask_cooked(link, known);
  ask_ethernet(link, known);
  if (link.vlan_count != 0 || link.pppoe_session) enter_sub_interfaces(link, known);
  ask_options(file, known);
  ask_addresses(known);
  ask_default(known);
  if (!known.complete() && (!known.has_addresses || is_anywhere(known))) {
    // Too short to hold addresses: refused wherever it came in. Or of a family without routes here.
    known.learn_direction(false, Evidence::only_interface);
    for (InterfaceId id = 0; id < host_->interfaces.size() && !known.interface; ++id)
      if (host_->at(id).kind != host::LinkKind::loopback) known.learn_interface(id, Evidence::only_interface);
  }
  if (!known.complete())
    return fail(
        fmt::format("no way to tell which interface this packet came in by: no route to its sender {}; use "
                    "--iface NAME=PREFIX,...",
                    to_string(known.source, known.family)));
  const Placed placed{*known.interface, *known.outbound, judge_type(link, known), known.evidence};
  count(placed);
  return placed;
}

std::vector<ReadAs> Directions::read_as() const {
  std::vector<ReadAs> all;
  for (InterfaceId id = 0; id < counts_.size(); ++id)
    for (std::size_t i = 0; i < counts_[id].size(); ++i)
      if (counts_[id][i] != 0) all.push_back({id, i % 2 == 1, static_cast<Evidence>(i / 2), counts_[id][i]});
  return all;
}

}  // namespace utables::lab
