// For the tests of this layer: a Context around a packet's bytes, and what Services were asked to do.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packet/buffer.h"
#include "rules/context.h"
#include "rules/target/log_line.h"

namespace utables::rules::testing {

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
  return bytes;
}

class Recorder : public Services {
 public:
  void reject(const Context&, RejectWith with) override { rejected.push_back(with); }
  void log(const Context& context, const LogParameters& parameters) override {
    lines.push_back(log_line(context, parameters));
  }
  Action bind(Context&, conntrack::Manipulation manipulation, const conntrack::NatRange& range) override {
    bound.emplace_back(manipulation, range);
    return Action::accept;
  }
  Action proxy(Context&, const SynproxyOptions& options) override {
    proxied.push_back(options);
    return Action::stolen;
  }
  bool has_label(const Context&, unsigned label) override { return labels.has(label); }
  void set_label(const Context&, unsigned label) override { labels.set(label); }
  conntrack::Labels labels{};
  Action masquerade(Context&, const conntrack::NatRange& range) override {
    bound.emplace_back(conntrack::Manipulation::source, range);
    return Action::accept;
  }
  std::vector<std::pair<conntrack::Manipulation, conntrack::NatRange>> bound;
  std::vector<RejectWith> rejected;
  std::vector<SynproxyOptions> proxied;
  std::vector<std::string> lines;
};

/// A packet on its way from `wan` (1) to `lan` (2) of a box, with nothing known of its connection.
struct World {
  explicit World(std::vector<std::uint8_t> packet) : bytes(std::move(packet)) {
    size = static_cast<std::uint32_t>(bytes.size());
    bytes.resize(bytes.size() + 64);
    host.interfaces.clear();
    for (const char* name : {"lo", "wan", "lan"}) {
      host::Interface interface;
      interface.name = name;
      host.interfaces.push_back(interface);
    }
    reason = packet::parse({bytes.data(), size}, size, facts);
    buffer = {bytes.data(), size, static_cast<std::uint32_t>(bytes.size()), facts, false};
    context.in = 1;
    context.out = 2;
    context.hook = Hook::forward;
    context.tracked = &tracked;
    context.link = &link;
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::vector<std::uint8_t> bytes;
  std::uint32_t size = 0, mark = 0;
  packet::Facts facts{};
  DropReason reason = DropReason::none;
  packet::Buffer buffer{};
  host::Host host;
  conntrack::Tracked tracked{};
  LinkFacts link{};
  Random random{1};
  Recorder services;
  Context context{.packet = buffer, .host = host, .mark = mark, .random = random, .services = services};
};

}  // namespace utables::rules::testing
