// Scene: a small box, packets played through it one at a time, and what was told of each; for tests.
#pragma once
#include <gtest/gtest.h>
#include <utables/engine.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/parts.h"
#include "packet/build.h"
#include "packet/describe.h"
#include "rules/syntax/save.h"

namespace utables::engine::testing {

/// An office's router: lan, wan with the default route, and a link of MTU 600 behind `thin`.
inline constexpr std::string_view kOffice = R"(addr add 10.0.0.254/24 dev lan
addr add 192.0.2.254/24 dev wan
link set dev thin mtu 600
addr add 172.16.0.254/24 dev thin
route add default via 192.0.2.1 dev wan
route add unreachable 198.51.100.64/26
route add prohibit 198.51.100.128/26
route add blackhole 198.51.100.192/26
)";

struct SentPacket {
  std::string interface;
  packet::Bytes bytes;
  bool made_here = false;
  CtInfo ctinfo = CtInfo::none;
  [[nodiscard]] packet::Facts facts() const {
    packet::Facts f;
    EXPECT_EQ(packet::parse(bytes, static_cast<std::uint32_t>(bytes.size()), f), DropReason::none);
    return f;
  }
  /// `wan: udp 10.0.0.5:4000 > ...`
  [[nodiscard]] std::string text() const { return interface + ": " + packet::describe(bytes, facts()); }
};

/// What was told of one packet.
struct Told {
  Outcome outcome{};
  std::string by;  ///< `filter FORWARD 2`, `filter FORWARD policy`, or empty
  std::vector<SentPacket> sent;
  std::vector<std::string> logs;
  [[nodiscard]] Fate fate() const { return outcome.fate; }
  [[nodiscard]] DropReason reason() const { return outcome.reason; }
  [[nodiscard]] CtInfo info() const { return outcome.ctinfo; }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const SentPacket& each : sent) all.push_back(each.text());
    return all;
  }
};

inline std::string by_text(const DecidedBy& by) {
  if (by.table.empty()) return {};
  return std::string(by.table) + " " + std::string(by.chain) + " " +
         (by.rule == 0 ? "policy" : std::to_string(by.rule));
}

class Recorder final : public Sink {
 public:
  explicit Recorder(const host::Host& host) : host_(host) {}
  void sent(const Sent& s) override {
    waiting_.sent.push_back(
        {host_.at(s.interface).name, {s.bytes.begin(), s.bytes.end()}, s.made_here, s.ctinfo});
  }
  void outcome(const Outcome& o) override {
    waiting_.outcome = o;
    waiting_.by = by_text(o.by);
    told.push_back(std::move(waiting_));
    waiting_ = {};
  }
  void log(const LogLine& line) override { waiting_.logs.emplace_back(line.text); }
  void event(std::string_view line, Time) override { events.emplace_back(line); }
  [[nodiscard]] bool wants_events() const override { return true; }
  /// What was told since the last outcome (what time alone caused).
  Told take_waiting() { return std::exchange(waiting_, {}); }
  std::vector<Told> told;
  std::vector<std::string> events;

 private:
  const host::Host& host_;
  Told waiting_;
};

struct SceneText {
  std::string_view rules{};  ///< iptables-save; empty: a box without a rules file
  std::string_view net = kOffice;
  std::string_view sysctl{};
  std::string_view rules_v6{};
  std::string_view nfct{};
};

inline Engine make_engine(const SceneText& text, const Options& options = {}) {
  BoxText box;
  box.net_ip = text.net;
  box.has_net_ip = !text.net.empty();
  box.sysctl_conf = text.sysctl;
  box.rules_v4 = text.rules;
  box.has_rules_v4 = !text.rules.empty();
  box.rules_v6 = text.rules_v6;
  box.has_rules_v6 = !text.rules_v6.empty();
  box.nfct_conf = text.nfct;
  auto engine = Engine::create(box, options);
  if (!engine) {
    std::string errors;
    for (const Error& error : engine.error()) errors += error.str() + "\n";
    ADD_FAILURE() << errors;
    std::abort();
  }
  return std::move(*engine);
}

class Scene {
 public:
  explicit Scene(const SceneText& text = {}, const Options& options = {})
      : engine(make_engine(text, options)), recorder(engine.parts().host), worker(engine.worker()) {}

  /// A packet that comes in by an interface.
  Told in(std::string_view interface, packet::Bytes bytes) {
    Packet p = packet_of(bytes);
    p.interface = engine.parts().host.find(interface).value_or(kNoInterface);
    return play(p);
  }
  /// A packet of the box's own programs.
  Told out(packet::Bytes bytes) {
    Packet p = packet_of(bytes);
    p.outbound = true;
    return play(p);
  }
  Told play(Packet& p) {
    worker.process({&p, 1}, now, recorder);
    now += kMillisecond;
    return recorder.told.back();
  }
  /// Hands out a packet over bytes that this scene keeps.
  Packet packet_of(const packet::Bytes& bytes) {
    bytes_ = bytes;
    bytes_.resize(bytes.size() + 64);
    Packet p;
    p.bytes = bytes_.data();
    p.size = static_cast<std::uint32_t>(bytes.size());
    p.room = static_cast<std::uint32_t>(bytes_.size());
    return p;
  }
  void pass(Duration time) {
    now += time;
    worker.advance(now, recorder);
  }
  /// The rules with counters, without comments, as saved.
  [[nodiscard]] std::string saved() {
    std::string out;
    const std::string text = rules::save(current_rules(engine.parts()), {.counters = true});
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      if (text[at] != '#') out += text.substr(at, end - at);
      at = end;
    }
    return out;
  }

  Engine engine;
  Recorder recorder;
  Worker worker;
  Time now = 1'795'308'671 * kSecond;

 private:
  packet::Bytes bytes_;
};

inline Address v4(std::string_view text) { return *parse_address(text, Family::ipv4); }

inline packet::IpPart ip(std::string_view source, std::string_view destination, std::uint8_t ttl = 64) {
  packet::IpPart part;
  part.source = v4(source);
  part.destination = v4(destination);
  part.ttl = ttl;
  part.identification = 7;
  return part;
}

inline packet::Bytes udp(std::string_view source, std::string_view destination, std::size_t payload = 8,
                         std::uint8_t ttl = 64, std::uint16_t from = 4000, std::uint16_t to = 53) {
  return packet::build_udp(ip(source, destination, ttl), from, to, packet::Bytes(payload, 0x61));
}
inline packet::Bytes tcp(std::string_view source, std::string_view destination, std::uint8_t flags,
                         std::uint16_t from = 4000, std::uint16_t to = 80, std::uint32_t seq = 1000,
                         std::uint32_t ack = 0) {
  return packet::build_tcp(
      ip(source, destination),
      {.source_port = from, .destination_port = to, .seq = seq, .ack = ack, .flags = flags});
}
inline packet::Bytes echo(std::string_view source, std::string_view destination, std::uint8_t type = 8,
                          std::size_t payload = 8) {
  return packet::build_icmp(ip(source, destination), {.type = type, .code = 0, .rest = 0x12340001},
                            packet::Bytes(payload, 0x62));
}

}  // namespace utables::engine::testing
