// Traffic: batches of packets of chosen flows for the benchmarks, built anew for each batch, because the
// engine works in place; and the watch that times what is measured without their building.
//
// A flow is a client in 10/8 with one server, 203.0.113.9. TCP flows remember what both ends sent, so every
// segment is the one that is due: a few bytes, and an acknowledgement of all that the other end sent.
#pragma once
#include <benchmark/benchmark.h>
#include <time.h>
#include <utables/packet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "packet/build.h"
#include "packet/checksum.h"

namespace utables::bench {

inline constexpr Time kStart = 1'795'308'671 * kSecond;
inline constexpr std::uint32_t kBatch = 256, kRoom = 160;

enum class Protocol : std::uint8_t { udp, tcp };

/// What a packet of a TCP flow is; UDP packets are all alike.
enum class Step : std::uint8_t { syn, syn_ack, data };

class Traffic {
 public:
  Traffic(Protocol protocol, std::uint32_t flows)
      : protocol_(protocol), bytes_(kBatch * kRoom), batch_(kBatch) {
    if (protocol == Protocol::tcp) next_.resize(flows, {1'000, 5'000});
    packet::IpPart ip;
    ip.source = Address::from_v4(0x0a000001);
    ip.destination = Address::from_v4(0xcb007109);
    template_ = protocol == Protocol::udp
                    ? packet::build_udp(ip, 4000, 53, packet::Bytes(kData))
                    : packet::build_tcp(ip, {.flags = packet::tcp::kAck}, packet::Bytes(kData));
  }

  /// Writes a packet at a place of the batch; `reply`: from the server. REQUIRES: flow < 2^29.
  const Packet& set(std::uint32_t place, std::uint32_t flow, bool reply, Step step = Step::data) {
    std::uint8_t* p = &bytes_[place * kRoom];
    std::copy(template_.begin(), template_.end(), p);
    const std::uint32_t client = 0x0a000001 + flow / 32768;
    const auto port = static_cast<std::uint16_t>(1024 + flow % 32768);
    const std::uint16_t service = protocol_ == Protocol::udp ? 53 : 80;
    auto size = static_cast<std::uint32_t>(template_.size());
    store32(p + 12, reply ? 0xcb007109 : client);
    store32(p + 16, reply ? client : 0xcb007109);
    store16(p + 20, reply ? service : port);
    store16(p + 22, reply ? port : service);
    if (protocol_ == Protocol::tcp) size -= segment(p, next_[flow], reply, step);
    store16(p + 2, static_cast<std::uint16_t>(size));
    packet::Facts facts;
    if (packet::parse({p, size}, size, facts) != DropReason::none) std::abort();
    packet::write_ip_checksum({p, 20});
    packet::write_transport_checksum({p, size}, facts);
    Packet packet;
    packet.bytes = p;
    packet.size = size;
    packet.room = kRoom;
    packet.interface = reply ? 2 : 1;
    return batch_[place] = packet;
  }
  std::span<Packet> batch() { return batch_; }

 private:
  static constexpr std::uint32_t kData = 8;

  /// Fills in the TCP header; returns how many bytes of data this segment lacks.
  static std::uint32_t segment(std::uint8_t* p, std::array<std::uint32_t, 2>& next, bool reply, Step step) {
    const std::uint32_t sent = step == Step::data ? kData : 1;
    store32(p + 24, next[reply ? 1 : 0]);
    store32(p + 28, step == Step::syn ? 0 : next[reply ? 0 : 1]);
    using namespace packet::tcp;
    constexpr std::array<std::uint8_t, 3> kFlags{kSyn, kSyn | kAck, kPsh | kAck};
    p[33] = kFlags[static_cast<std::size_t>(step)];
    next[reply ? 1 : 0] += sent;
    return step == Step::data ? 0 : kData;
  }

  Protocol protocol_;
  packet::Bytes template_;
  std::vector<std::uint8_t> bytes_;
  std::vector<Packet> batch_;
  std::vector<std::array<std::uint32_t, 2>> next_{};  ///< sequence numbers, by end
};

/// Chooses flows and directions: the same order in each run.
class Choice {
 public:
  explicit Choice(std::uint32_t flows) : flows_(flows) {}
  std::uint32_t flow() { return static_cast<std::uint32_t>((draw() >> 32) * flows_ >> 32); }
  bool reply() { return (draw() >> 63) != 0; }

 private:
  std::uint64_t draw() { return state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL; }
  std::uint64_t state_ = 1, flows_;
};

/// What this thread's processor spends between start() and stop() is the time of the iteration: for
/// benchmarks with UseManualTime(), whose `Time` is then processor time without what is built between.
class Watch {
 public:
  explicit Watch(benchmark::State& state) : state_(state) {}
  void start() { start_ = now(); }
  void stop() { state_.SetIterationTime(now() - start_); }

 private:
  static double now() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
  }
  benchmark::State& state_;
  double start_ = 0;
};

}  // namespace utables::bench
