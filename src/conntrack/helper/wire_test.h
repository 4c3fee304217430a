// Wire: a tracker with its helpers as packets meet them, for tests: what CT gives, NAT binds, the last hook
// confirms, and what is told of it.
#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "conntrack/helper/helper.h"
#include "conntrack/listing.h"
#include "conntrack/tracker.h"
#include "packet/build.h"

namespace utables::conntrack {

class Told final : public EventSink {
 public:
  std::vector<std::string> lines;
  void on_event(const Event& event) override { lines.push_back(short_form(event_line(event))); }
  void on_expectation(const ExpectationEvent& event) override {
    lines.push_back(short_form(expectation_event_line(event)));
  }

 private:
  static std::string short_form(const std::string& line) { return line.substr(line.find('\t') + 1); }
};

/// A tracker that gives servers' ports their helpers, as CT would.
class Wire {
 public:
  explicit Wire(const Settings& settings = defaults(Profile::modern)) : tracker(settings, 7, &told) {}

  struct Sent {
    CtInfo info;
    bool passed;
    std::uint32_t mark;
    std::uint8_t master_helper;
  };
  Sent tcp(const char* from, std::uint16_t sport, const char* to, std::uint16_t dport, std::uint8_t flags,
           std::uint32_t seq, std::uint32_t ack, std::string_view text = {}) {
    return send(packet::build_tcp({.source = address(from), .destination = address(to)},
                                  {.source_port = sport,
                                   .destination_port = dport,
                                   .seq = seq,
                                   .ack = ack,
                                   .flags = flags,
                                   .window = 65000},
                                  {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  }
  Sent udp(const char* from, std::uint16_t sport, const char* to, std::uint16_t dport,
           std::string_view text) {
    return send(packet::build_udp({.source = address(from), .destination = address(to)}, sport, dport,
                                  {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  }
  /// Some GRE, as it is.
  Sent gre(const char* from, const char* to, std::string_view text) {
    return send(packet::build_ip({.source = address(from), .destination = address(to)}, packet::kGre,
                                 {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  }
  /// A control connection, at sequence numbers 1001 and 5001, the last thing said a line.
  void control() {
    tcp("10.0.0.2", 4000, "10.1.0.2", 21, packet::tcp::kSyn, 993, 0);
    tcp("10.1.0.2", 21, "10.0.0.2", 4000, packet::tcp::kSyn | packet::tcp::kAck, 5000, 994);
    tcp("10.0.0.2", 4000, "10.1.0.2", 21, packet::tcp::kAck, 994, 5001);
    tcp("10.0.0.2", 4000, "10.1.0.2", 21, packet::tcp::kAck, 994, 5001, "USER x\n");
    told.lines.clear();
  }
  Sent says(std::uint32_t seq, std::string_view text) {
    return tcp("10.0.0.2", 4000, "10.1.0.2", 21, packet::tcp::kAck, seq, 5001, text);
  }

  [[nodiscard]] std::string awaited() const { return proc_expectations(tracker, now); }

  Told told;
  Tracker tracker;
  Time now = 1000 * kSecond;
  bool give = true;
  std::optional<NatRange> source{};  ///< what SNAT makes of a new connection
  std::string last{};                ///< the last packet as it left
  std::uint32_t mark = 0;
  const Prefix* broadcast = nullptr;

 private:
  static Address address(const char* text) { return parse_address(text, Family::ipv4).value(); }
  Sent send(packet::Bytes bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    bytes.resize(size + 64);
    packet::Buffer buffer{bytes.data(), size, size + 64};
    EXPECT_EQ(packet::parse(buffer.view(), buffer.size, buffer.facts), DropReason::none);
    const std::uint16_t port = buffer.facts.destination_port;
    Template as;
    if (give && port == 21) as.helper = static_cast<std::uint8_t>(HelperId::ftp);
    if (give && port == 69) as.helper = static_cast<std::uint8_t>(HelperId::tftp);
    if (give && port == 10080) as.helper = static_cast<std::uint8_t>(HelperId::amanda);
    if (give && port == 1723) as.helper = static_cast<std::uint8_t>(HelperId::pptp);
    if (give && port == 5060) as.helper = static_cast<std::uint8_t>(HelperId::sip);
    if (give && port == 137) as.helper = static_cast<std::uint8_t>(HelperId::netbios_ns);
    Tracked tracked = tracker.track(buffer, now, true, nullptr, as);
    if (tracked.connection == nullptr) return {tracked.info, false, 0, 0};
    if (source) tracker.bind(*tracked.connection, Manipulation::source, *source, now);
    if (mark != 0) set_mark(*tracked.connection, mark);
    if (tracked.connection->helper != 0 && !tracker.help(tracked, buffer, now, {.broadcast = broadcast})) {
      tracker.drop(tracked, now);
      return {tracked.info, false, 0, 0};
    }
    last.assign(reinterpret_cast<const char*>(buffer.bytes), buffer.size);
    EXPECT_EQ(tracker.confirm(tracked, buffer, now), DropReason::none);
    return {tracked.info, true, tracked.connection->mark, tracked.connection->master_helper};
  }
};

/// What SNAT gives connections here: 10.1.0.77.
inline NatRange box_address() {
  NatRange range;
  range.has_addresses = true;
  range.first = range.last = parse_address("10.1.0.77", Family::ipv4).value();
  return range;
}

}  // namespace utables::conntrack
