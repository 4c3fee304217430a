#include "host/net_ip.h"

#include <fmt/format.h>

#include "base/scan.h"
#include "host/ip_words.h"

namespace utables::host {

namespace {

/// An object of ip(8); in iproute2's order, which decides what an abbreviation means.
struct Object {
  std::string_view name;
  void (*read)(IpWords&, Host&);  // null: `why` tells
  std::string_view why;
};

void read_tuntap(IpWords& words, Host& host) {
  const std::string_view command = words.value();
  if (words.failed()) return;
  if (!abbreviates(command, "add"))
    return words.fail(fmt::format("`tuntap {}': only `add' is taken", command));
  InterfaceId id = kNoInterface;
  LinkKind kind = LinkKind::point_to_point;
  while (!words.done()) {
    const std::string_view word = words.take();
    if (word == "mode") {
      const std::string_view mode = words.value();
      if (mode != "tun" && mode != "tap") words.fail(fmt::format("`mode {}': must be `tun' or `tap'", mode));
      if (mode == "tap") kind = LinkKind::ordinary;
    } else if (word == "dev" || word == "name") {
      id = interface_named(host, words.value(), words);
    } else if (word == "user" || word == "group") {
      (void)words.value();
    } else if (word != "pi" && word != "one_queue" && word != "multi_queue" && word != "vnet_hdr") {
      id = interface_named(host, word, words);
    }
  }
  if (!words.failed() && id != kNoInterface) host.interfaces[id].kind = kind;
}

void ignore_neighbour(IpWords& words, Host& host) {
  while (!words.done()) (void)words.take();
  note(host, "net.ip: neighbours are not simulated: every next hop answers");
}

constexpr Object kObjects[] = {
    {"address", read_address, {}},
    {"addrlabel", nullptr, "address labels are not simulated"},
    {"maddress", nullptr, "multicast memberships are not simulated"},
    {"route", read_route, {}},
    {"rule", nullptr, "policy routing is not simulated"},
    {"neighbor", ignore_neighbour, {}},
    {"neighbour", ignore_neighbour, {}},
    {"link", read_link, {}},
    {"l2tp", nullptr, "tunnels are not simulated"},
    {"macsec", nullptr, "MACsec is not simulated"},
    {"tunnel", nullptr, "tunnels are not simulated"},
    {"tuntap", read_tuntap, {}},
    {"monitor", nullptr, "it does not describe a box"},
    {"xfrm", nullptr, "IPsec is not simulated"},
    {"mroute", nullptr, "multicast routing is not simulated"},
    {"mrule", nullptr, "multicast routing is not simulated"},
    {"netns", nullptr, "a box is one network namespace"},
    {"netconf", nullptr, "it does not describe a box"},
    {"vrf", nullptr, "VRFs are not simulated"},
    {"sr", nullptr, "segment routing is not simulated"},
    {"nexthop", nullptr, "nexthop objects are not simulated"},
    {"mptcp", nullptr, "MPTCP is not simulated"},
    // words of tc(8)
    {"qdisc", nullptr, "tc is outside of utables"},
    {"filter", nullptr, "tc is outside of utables"},
    {"tc", nullptr, "tc is outside of utables"},
};

void read_line(IpWords& words, Host& host) {
  const std::string_view word = words.take();
  for (const Object& object : kObjects) {
    if (!abbreviates(word, object.name)) continue;
    if (object.read == nullptr) return words.fail(fmt::format("`{}': {}", object.name, object.why));
    return object.read(words, host);
  }
  if (word == "ip")
    return words.fail("Object `ip' is unknown: lines of `ip -batch' stand without the word `ip'");
  if (word.starts_with('-'))
    return words.fail(
        fmt::format("Object `{}' is unknown: options do not belong in lines of `ip -batch'", word));
  words.fail(fmt::format("Object `{}' is unknown: link, address or route is expected", word));
}

/// Words with quotes taken off, as iproute2 does: a quote opens only at the beginning of a word.
std::vector<std::string_view> ip_words(std::string_view line, std::string& error) {
  std::vector<std::string_view> out;
  while (!(line = trim(line)).empty()) {
    const char quote = line.front();
    if (quote == '"' || quote == '\'') {
      const std::size_t end = line.find(quote, 1);
      if (end == std::string_view::npos) {
        error = fmt::format("the quote {} is not closed", quote);
        return {};
      }
      out.push_back(line.substr(1, end - 1));
      line.remove_prefix(end + 1);
    } else {
      const std::size_t end = line.find_first_of(" \t\r");
      out.push_back(line.substr(0, end));
      line.remove_prefix(end == std::string_view::npos ? line.size() : end);
    }
  }
  return out;
}

/// Takes logical lines off a text: comments cut, continued lines joined.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  /// The next line and its number (the first one's, of several joined); false at the end.
  bool next(std::string& line, std::uint32_t& number) {
    if (text_.empty()) return false;
    line.clear();
    number = number_ + 1;
    missing_ = false;
    for (;;) {
      const std::size_t end = text_.find('\n');
      std::string_view physical = text_.substr(0, end);
      text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
      ++number_;
      physical = physical.substr(0, physical.find('#'));
      while (physical.ends_with('\r')) physical.remove_suffix(1);
      const bool continued = physical.ends_with('\\');
      if (continued) physical.remove_suffix(1);
      line += physical;
      if (!continued) return true;
      if (text_.empty()) {
        missing_ = true;
        return true;
      }
    }
  }
  [[nodiscard]] bool missing_continuation() const { return missing_; }

 private:
  std::string_view text_;
  std::uint32_t number_ = 0;
  bool missing_ = false;
};

}  // namespace

void read_net_ip(std::string_view text, const std::string& file, Host& host, Errors& errors) {
  if (text.size() > kMaxNetIpBytes) {
    errors.push_back({fmt::format("larger than {} bytes", kMaxNetIpBytes), file});
    return;
  }
  Lines lines(text);
  std::string line;
  std::uint32_t number = 0;
  while (lines.next(line, number)) {
    if (number > kMaxNetIpLines) {
      errors.push_back({fmt::format("more than {} lines", kMaxNetIpLines), file, number});
      return;
    }
    std::string error;
    if (line.find('\0') != std::string::npos) error = "a NUL byte: this is not text";
    if (lines.missing_continuation()) error = "the line ends in a backslash, and no line follows";
    auto found = error.empty() ? ip_words(line, error) : std::vector<std::string_view>{};
    if (error.empty() && found.empty()) continue;
    if (error.empty()) {
      IpWords words(std::move(found));
      read_line(words, host);
      error = words.error();
    }
    if (!error.empty()) errors.push_back({std::move(error), file, number});
  }
}

}  // namespace utables::host
