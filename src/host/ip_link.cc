// `link add|set|...` of net.ip: the interface, its name, index, MTU, address, state and kind.
#include <fmt/format.h>

#include <algorithm>

#include "base/scan.h"
#include "host/configure.h"
#include "host/ip_words.h"

namespace utables::host {

namespace {

/// What a link line said, before it is carried out.
struct LinkRequest {
  std::string_view device, new_name, parent, type;
  std::optional<std::uint32_t> index, mtu, group, vlan_id;
  std::optional<std::array<std::uint8_t, 6>> address;
  std::optional<bool> up;
  std::string_view peer;
  bool master = false;
};

/// `02:00:00:00:00:01`.
std::optional<std::array<std::uint8_t, 6>> hardware_address(std::string_view text) {
  const auto parts = split(text, ':');
  std::array<std::uint8_t, 6> out{};
  if (parts.size() != out.size()) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = parts[i].size() <= 2 ? scan_unsigned(parts[i], 16, 255) : std::nullopt;
    if (!byte) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(*byte);
  }
  return out;
}

void read_hardware_address(IpWords& words, LinkRequest& request) {
  const std::string_view text = words.value();
  if (words.failed()) return;
  const auto address = hardware_address(text);
  if (!address)
    return words.fail(fmt::format("`address {}': six bytes such as 02:00:00:00:00:01 are expected", text));
  if (((*address)[0] & 1) != 0 || *address == std::array<std::uint8_t, 6>{})
    return words.fail(fmt::format("`address {}': Cannot assign requested address (multicast or zero)", text));
  request.address = address;
}

/// What happens with a keyword of a link line.
enum class LinkKey : std::uint8_t {
  index,
  mtu,
  address,
  group,
  link,
  ignore_word,
  ignore_on_off,
  ignore,
  master,
  refuse
};
struct LinkKeyword {
  std::string_view name;
  bool exact;  ///< no abbreviation
  LinkKey key;
};
// In iproute2's order. What changes nothing about packets here is taken and ignored.
constexpr LinkKeyword kLinkKeywords[] = {
    {"index", false, LinkKey::index},
    {"link", false, LinkKey::link},
    {"address", false, LinkKey::address},
    {"broadcast", false, LinkKey::ignore_word},
    {"brd", true, LinkKey::ignore_word},
    {"txqueuelen", false, LinkKey::ignore_word},
    {"qlen", true, LinkKey::ignore_word},
    {"txqlen", false, LinkKey::ignore_word},
    {"mtu", true, LinkKey::mtu},
    {"xdp", true, LinkKey::refuse},
    {"xdpgeneric", true, LinkKey::refuse},
    {"xdpdrv", true, LinkKey::refuse},
    {"xdpoffload", true, LinkKey::refuse},
    {"netns", true, LinkKey::refuse},
    {"multicast", true, LinkKey::ignore_on_off},
    {"allmulticast", true, LinkKey::ignore_on_off},
    {"promisc", true, LinkKey::ignore_on_off},
    {"trailers", true, LinkKey::ignore_on_off},
    {"arp", true, LinkKey::ignore_on_off},
    {"carrier", true, LinkKey::ignore_on_off},
    {"vf", true, LinkKey::refuse},
    {"master", false, LinkKey::master},
    {"vrf", true, LinkKey::refuse},
    {"nomaster", false, LinkKey::ignore},
    {"dynamic", false, LinkKey::ignore_on_off},
    {"alias", false, LinkKey::ignore_word},
    {"group", true, LinkKey::group},
    {"mode", true, LinkKey::ignore_word},
    {"state", true, LinkKey::ignore_word},
    {"numtxqueues", false, LinkKey::ignore_word},
    {"numrxqueues", false, LinkKey::ignore_word},
    {"addrgenmode", false, LinkKey::ignore_word},
    {"protodown", true, LinkKey::ignore_on_off},
    {"gso_max_size", true, LinkKey::ignore_word},
    {"gso_max_segs", true, LinkKey::ignore_word},
    {"gro_max_size", true, LinkKey::ignore_word},
};

void read_key(LinkKey key, std::string_view word, IpWords& words, LinkRequest& request) {
  switch (key) {
    case LinkKey::index:
      request.index = words.number(0x7fffffff);
      if (!words.failed() && *request.index == 0) words.fail("`index 0': an index begins at 1");
      break;
    case LinkKey::mtu:
      request.mtu = words.number(65535);
      break;
    case LinkKey::address:
      read_hardware_address(words, request);
      break;
    case LinkKey::group:
      if (words.peek() == "default") {
        (void)words.take();
        request.group = 0;
      } else {
        request.group = words.number();
      }
      break;
    case LinkKey::link:
      request.parent = words.value();
      break;
    case LinkKey::master:
      (void)words.value(), request.master = true;
      break;
    case LinkKey::ignore_word:
      (void)words.value();
      break;
    case LinkKey::ignore_on_off:
      (void)words.on_off();
      break;
    case LinkKey::ignore:
      break;
    case LinkKey::refuse:
      words.fail(fmt::format("`{}': not simulated", word));
      break;
  }
}

/// The words after `type vlan`.
void read_vlan(IpWords& words, LinkRequest& request) {
  while (!words.done()) {
    const std::string_view word = words.take();
    if (word == "id") {
      request.vlan_id = words.number(4095);
    } else if (abbreviates(word, "protocol")) {
      const std::string_view protocol = words.value();
      if (protocol != "802.1Q" && protocol != "802.1q" && protocol != "802.1ad")
        words.fail(fmt::format("`protocol {}': 802.1Q or 802.1ad is expected", protocol));
    } else if (word == "reorder_hdr" || word == "gvrp" || word == "mvrp" || word == "loose_binding" ||
               word == "bridge_binding") {
      (void)words.on_off();
    } else {
      words.fail(fmt::format("`{}': not an option of `type vlan'", word));
    }
  }
  if (!words.failed() && !request.vlan_id)
    words.fail("`type vlan': Not enough information: `id N' is required");
  if (!words.failed() && request.parent.empty())
    words.fail("`type vlan': Not enough information: `link NAME' is required");
}

void read_type(IpWords& words, LinkRequest& request) {
  request.type = words.value();
  if (request.type == "vlan") return read_vlan(words, request);
  // Options of other types do not matter to packets; a veth's peer is an interface of its own.
  while (!words.done()) {
    const std::string_view word = words.take();
    if (request.type == "veth" && abbreviates(word, "peer")) {
      if (words.peek() == "name" || words.peek() == "dev") (void)words.take();
      request.peer = words.value();
    }
  }
}

LinkRequest read_request(IpWords& words) {
  LinkRequest request;
  while (!words.done()) {
    const std::string_view word = words.take();
    if (word == "up" || word == "down") {
      request.up = word == "up";
    } else if (word == "name") {
      request.new_name = words.value();
    } else if (word == "type") {
      read_type(words, request);
    } else {
      const auto known = std::find_if(
          std::begin(kLinkKeywords), std::end(kLinkKeywords),
          [&](const LinkKeyword& k) { return k.exact ? word == k.name : abbreviates(word, k.name); });
      if (known != std::end(kLinkKeywords)) {
        read_key(known->key, word, words, request);
        continue;
      }
      const std::string_view device = word == "dev" ? words.value() : word;
      if (words.failed()) break;
      if (!request.device.empty())
        words.fail(fmt::format("either `dev' is duplicate, or `{}' is a garbage", device));
      request.device = device;
    }
  }
  return request;
}

struct KindOfType {
  std::string_view type;
  LinkKind kind;
  bool simulated;  ///< as far as IP packets notice
};
constexpr KindOfType kKinds[] = {
    {"vlan", LinkKind::vlan, true},
    {"dummy", LinkKind::ordinary, true},
    {"veth", LinkKind::ordinary, true},
    {"ifb", LinkKind::ordinary, true},
    {"tun", LinkKind::point_to_point, true},
    {"ppp", LinkKind::point_to_point, true},
    {"ether", LinkKind::ordinary, true},
    {"wireguard", LinkKind::point_to_point, true},
    {"bridge", LinkKind::ordinary, false},
    {"bond", LinkKind::ordinary, false},
    {"team", LinkKind::ordinary, false},
    {"macvlan", LinkKind::ordinary, false},
    {"macvtap", LinkKind::ordinary, false},
    {"ipvlan", LinkKind::ordinary, false},
    {"vxlan", LinkKind::ordinary, false},
    {"geneve", LinkKind::ordinary, false},
    {"gretap", LinkKind::ordinary, false},
    {"gre", LinkKind::point_to_point, false},
    {"ipip", LinkKind::point_to_point, false},
    {"sit", LinkKind::point_to_point, false},
    {"vti", LinkKind::point_to_point, false},
    {"xfrm", LinkKind::point_to_point, false},
};

void set_type(IpWords& words, Host& host, Interface& interface, const LinkRequest& request) {
  const auto known = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const KindOfType& k) { return k.type == request.type; });
  if (known == std::end(kKinds))
    return words.fail(
        fmt::format("`type {}': Unknown device type (vrf and others change routing, and are not simulated)",
                    request.type));
  interface.kind = known->kind;
  if (!known->simulated)
    note(host, fmt::format("net.ip: type {} is not simulated: `{}' is taken as an interface of its own",
                           request.type, interface.name));
}

void carry_out(IpWords& words, Host& host, const LinkRequest& request, bool is_add) {
  if (request.mtu && *request.mtu < 68)
    return words.fail(fmt::format("`mtu {}': mtu less than device minimum (68)", *request.mtu));
  std::string_view name = request.device;
  if (name.empty()) name = request.new_name;
  if (name.empty()) return words.fail("Not enough information: `dev' is required");
  if (is_add && name != request.device && !request.device.empty())
    return words.fail("`name' and `dev' both name the new interface");
  if (request.index) {
    const auto taken = std::find_if(host.interfaces.begin(), host.interfaces.end(), [&](const Interface& i) {
      return i.index == *request.index && i.name != name;
    });
    if (taken != host.interfaces.end())
      return words.fail(
          fmt::format("`index {}': File exists (it is that of `{}')", *request.index, taken->name));
  }
  InterfaceId parent = kNoInterface;
  if (!request.parent.empty()) parent = interface_named(host, request.parent, words);
  if (!request.peer.empty()) (void)interface_named(host, request.peer, words);
  const InterfaceId id = interface_named(host, name, words);
  if (words.failed()) return;
  if (parent == id) return words.fail(fmt::format("`link {}': an interface is not its own parent", name));
  if (parent != kNoInterface && request.vlan_id) {
    for (const Interface& i : host.interfaces)
      if (i.vlan_parent == parent && i.vlan_id == *request.vlan_id && i.name != name)
        return words.fail(
            fmt::format("`id {}': VLAN device already exists (`{}')", *request.vlan_id, i.name));
    host.interfaces[id].vlan_parent = parent;
    host.interfaces[id].vlan_id = static_cast<std::uint16_t>(*request.vlan_id);
    host.interfaces[id].mtu = host.interfaces[parent].mtu;
  }
  Interface& interface = host.interfaces[id];
  if (!request.type.empty()) set_type(words, host, interface, request);
  if (request.index) interface.index = *request.index;
  if (request.mtu) interface.mtu = *request.mtu;
  if (request.address) interface.hardware_address = request.address;
  if (request.group) interface.group = *request.group;
  if (request.master) note(host, "net.ip: bridges and bonds are not simulated: `master' changes nothing");
  if (request.up) set_up(host, id, *request.up);
  if (is_add || request.new_name.empty() || request.new_name == name) return;
  if (!valid_interface_name(request.new_name))
    return words.fail(fmt::format("`name {}': not a valid interface name", request.new_name));
  if (host.find(request.new_name)) return words.fail(fmt::format("`name {}': File exists", request.new_name));
  host.interfaces[id].name = request.new_name;
}

}  // namespace

void read_link(IpWords& words, Host& host) {
  const std::string_view command = words.value();
  if (words.failed()) return;
  const bool is_add = abbreviates(command, "add") || abbreviates(command, "replace");
  if (!is_add && !abbreviates(command, "set") && !abbreviates(command, "change"))
    return words.fail(fmt::format("`link {}': only `add' and `set' are taken", command));
  const LinkRequest request = read_request(words);
  if (!words.failed()) carry_out(words, host, request, is_add);
}

}  // namespace utables::host
