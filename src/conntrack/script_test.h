// Packets for tests of tracking: made by hand with good checksums, or by a line of text.
// A Wire feeds a tracker as the engine does: track(), then confirm().
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "conntrack/listing.h"
#include "conntrack/tracker.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::conntrack::test {

using Bytes = std::vector<std::uint8_t>;

struct Ends {
  std::string source = "10.0.0.1", destination = "10.0.1.1";
  [[nodiscard]] Ends back() const { return {destination, source}; }
};

inline Bytes ip(const Ends& ends, std::uint8_t protocol, const Bytes& payload) {
  Bytes b(20);
  b[0] = 0x45;
  b[8] = 64;
  b[9] = protocol;
  store16(&b[2], static_cast<std::uint16_t>(20 + payload.size()));
  store32(&b[12], parse_address(ends.source, Family::ipv4).value().v4());
  store32(&b[16], parse_address(ends.destination, Family::ipv4).value().v4());
  packet::write_ip_checksum(b);
  b.insert(b.end(), payload.begin(), payload.end());
  return b;
}

/// Writes the transport checksum at `offset` of the transport header.
inline Bytes with_checksum(Bytes b, std::size_t offset, bool pseudo) {
  packet::Facts facts;
  (void)packet::parse(b, static_cast<std::uint32_t>(b.size()), facts);
  store16(&b[20 + offset], 0);
  const auto transport = std::span(b).subspan(20);
  const auto start =
      pseudo ? packet::pseudo_header_sum(facts, b[9], static_cast<std::uint32_t>(transport.size())) : 0;
  store16(&b[20 + offset], packet::finish(packet::sum(transport, start)));
  return b;
}

struct Tcp {
  std::string_view flags = "S";
  std::uint32_t seq = 0, ack = 0;
  std::uint16_t window = 8192;
  std::size_t data = 0;
  Bytes options{};
  std::uint16_t sport = 1000, dport = 80;
};

inline Bytes tcp(const Ends& ends, const Tcp& t) {
  constexpr std::string_view kLetters = "FSRPAUEC";
  Bytes h(20);
  store16(&h[0], t.sport);
  store16(&h[2], t.dport);
  store32(&h[4], t.seq);
  store32(&h[8], t.ack);
  h[12] = static_cast<std::uint8_t>((20 + t.options.size()) / 4 << 4);
  for (const char c : t.flags)
    if (const auto bit = kLetters.find(c); bit != std::string_view::npos)
      h[13] = static_cast<std::uint8_t>(h[13] | 1U << bit);
  store16(&h[14], t.window);
  h.insert(h.end(), t.options.begin(), t.options.end());
  h.resize(h.size() + t.data, 'x');
  return with_checksum(ip(ends, packet::kTcp, h), 16, true);
}

inline Bytes udp(const Ends& ends, std::uint16_t sport, std::uint16_t dport, std::size_t data = 4) {
  Bytes h(8 + data, 'x');
  store16(&h[0], sport);
  store16(&h[2], dport);
  store16(&h[4], static_cast<std::uint16_t>(h.size()));
  return with_checksum(ip(ends, packet::kUdp, h), 6, true);
}

/// A chunk: its value, padded, and the length that says so.
inline Bytes chunk(std::uint8_t type, std::uint8_t flags = 0, const Bytes& value = {}) {
  Bytes c{type, flags, 0, 0};
  store16(&c[2], static_cast<std::uint16_t>(4 + value.size()));
  c.insert(c.end(), value.begin(), value.end());
  c.resize((c.size() + 3) / 4 * 4);
  return c;
}
/// INIT or INIT ACK with this initiate tag.
inline Bytes init_chunk(std::uint32_t tag, std::uint8_t type = 1) {
  Bytes value(16);
  store32(value.data(), tag);
  return chunk(type, 0, value);
}
inline Bytes sctp(const Ends& ends, std::uint32_t tag, const Bytes& chunks, std::uint16_t sport = 5000,
                  std::uint16_t dport = 3868) {
  Bytes h(12);
  store16(&h[0], sport);
  store16(&h[2], dport);
  store32(&h[4], tag);
  h.insert(h.end(), chunks.begin(), chunks.end());
  store32(&h[8], packet::sctp_checksum(h));
  return ip(ends, packet::kSctp, h);
}

/// UDP-Lite with its checksum as conntrack wants it: with UDP's number and the low byte of
/// the length in the pseudo-header.
inline Bytes udplite(const Ends& ends, std::uint16_t sport, std::uint16_t dport, std::uint16_t coverage = 0,
                     std::size_t data = 4) {
  Bytes h(8 + data, 'x');
  store16(&h[0], sport);
  store16(&h[2], dport);
  store16(&h[4], coverage);
  store16(&h[6], 0);
  Bytes b = ip(ends, packet::kUdplite, h);
  packet::Facts facts;
  (void)packet::parse(b, static_cast<std::uint32_t>(b.size()), facts);
  const std::size_t covered = coverage == 0 ? h.size() : std::min<std::size_t>(coverage, h.size());
  const auto start =
      packet::pseudo_header_sum(facts, packet::kUdp, static_cast<std::uint32_t>(h.size() & 0xff));
  store16(&b[26], packet::finish(packet::sum(std::span(b).subspan(20, covered), start)));
  return b;
}

inline Bytes icmp(const Ends& ends, std::uint8_t type, std::uint8_t code, std::uint16_t id,
                  const Bytes& data = {}) {
  Bytes h(8);
  h[0] = type;
  h[1] = code;
  store16(&h[4], id);
  h.insert(h.end(), data.begin(), data.end());
  return with_checksum(ip(ends, packet::kIcmp, h), 2, false);
}

inline Bytes bytes_of_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes b;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    b.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  return b;
}

class Lines final : public EventSink {
 public:
  std::vector<std::string> lines;
  void on_event(const Event& event) override { lines.push_back(event_line(event)); }
};

class Wire {
 public:
  explicit Wire(const Settings& settings, const TcpTables* tcp = nullptr, const SctpTables* sctp = nullptr)
      : tracker(settings, 7, &events, tcp, sctp) {}
  explicit Wire(Profile profile = Profile::modern) : Wire(defaults(profile)) {}

  /// Sends at `now`; `pass`: it gets through every chain.
  Tracked send(Bytes bytes, Time now, bool pass = true) {
    packet::Buffer buffer;
    buffer.bytes = bytes.data();
    buffer.size = buffer.room = static_cast<std::uint32_t>(bytes.size());
    if (packet::parse(bytes, buffer.size, buffer.facts) != DropReason::none) return {};
    Tracked tracked = tracker.track(buffer, now, true);
    if (tracked.drop != DropReason::none) return tracked;
    if (!pass) {
      tracker.drop(tracked, now);
      return tracked;
    }
    tracked.drop = tracker.confirm(tracked, buffer, now);
    return tracked;
  }
  std::string list(Time now) { return proc_listing(tracker, now); }

  Lines events;
  Tracker tracker;
};

}  // namespace utables::conntrack::test
