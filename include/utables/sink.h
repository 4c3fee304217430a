// What the engine tells about the packets that it is given.
#pragma once
#include <utables/packet.h>
#include <utables/verdict.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace utables {

/// The rule (or policy) that decided.
struct DecidedBy {
  std::string_view table{};  ///< empty: no rule decided
  std::string_view chain{};
  std::uint32_t rule = 0;  ///< from 1, as -L --line-numbers; 0: the policy
};

/// A packet that leaves the box.
struct Sent {
  std::span<const std::uint8_t> bytes;  ///< from the IP header on; valid during the call
  InterfaceId interface = kNoInterface;
  std::uint32_t cause = 0;  ///< position in the batch of the packet that caused it
  bool made_here = false;   ///< the box's own answer (REJECT, ICMP error), not the packet itself
  CtInfo ctinfo = CtInfo::none;
  Time time = 0;
  /// Where to hand it on that interface: IPv4 in host order; IPv6 in network order, zeros for IPv4.
  std::uint32_t next_hop_v4 = 0;
  std::array<std::uint8_t, 16> next_hop_v6{};
};

/// The fate of one input packet; told once for each, after everything that it caused was told.
struct Outcome {
  std::uint32_t packet = 0;  ///< position in the batch
  Fate fate = Fate::dropped;
  DropReason reason = DropReason::none;
  DecidedBy by{};
  CtInfo ctinfo = CtInfo::none;
  std::uint8_t invalid = 0;  ///< conntrack::InvalidReason
  InterfaceId in = kNoInterface, out = kNoInterface;
  std::uint64_t connection = 0;  ///< serial of its connection; 0: none
  Time time = 0;
};

/// A line of LOG, without time and host name: `IN=eth0 OUT= SRC=...` with its prefix.
struct LogLine {
  std::string_view text;
  std::uint8_t level = 4;
  std::uint32_t cause = 0;
};

/// Receives everything, in order. Calls must not come back into the engine.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void sent(const Sent&) {}
  virtual void outcome(const Outcome&) {}
  virtual void log(const LogLine&) {}
  /// A line as `conntrack -E` prints it is made only if `wants_events()`.
  virtual void event(std::string_view /*line*/, Time /*when*/) {}
  /// Likewise a line as `conntrack -E expect` prints it.
  virtual void expectation(std::string_view /*line*/, Time /*when*/) {}
  [[nodiscard]] virtual bool wants_events() const { return false; }
};

}  // namespace utables
