// Show filter: the language of `--show`, which selects what is shown, never what is played.
//
// It is pcap-filter(7) with seven more primitives, each followed by one value or several with commas:
//   verdict drop        state NEW,INVALID     rule 7           chain FORWARD
//   in wan              out lan+              reason no-route
// Negation binds closest; `and` and `or` bind alike, from the left, as in pcap filters. The pcap parts see
// the packet as it came, from its IP header on; the others what became of it.
#pragma once
#include <utables/result.h>
#include <utables/sink.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/host.h"

namespace utables::lab {

/// The word of `verdict` and of packets.jsonl for a fate (`drop`, `forward`, ...).
[[nodiscard]] std::string_view verdict_word(Fate fate);
/// The reason of an outcome in one word: that of the drop, else of INVALID; empty: none.
[[nodiscard]] std::string_view reason_word(const Outcome& outcome);

class ShowFilter {
 public:
  [[nodiscard]] static Result<ShowFilter> compile(std::string_view text);
  ShowFilter(ShowFilter&&) noexcept;
  ShowFilter& operator=(ShowFilter&&) noexcept;
  ~ShowFilter();

  /// What the pcap parts say of a packet as it came; to be handed to matches() with its outcome.
  [[nodiscard]] std::uint64_t look(std::span<const std::uint8_t> packet, std::uint32_t wire_size) const;
  [[nodiscard]] bool matches(std::uint64_t looked, const Outcome& outcome, const host::Host& host) const;

  struct Leaf;  // one primitive of ours
  struct Node;

 private:
  ShowFilter();
  friend class ShowParser;
  [[nodiscard]] bool holds(std::size_t node, std::uint64_t looked, const Outcome& outcome,
                           const host::Host& host) const;
  struct Programs;  // compiled pcap parts
  std::unique_ptr<Programs> programs_;
  std::vector<Leaf> leaves_;
  std::vector<Node> nodes_;
  std::size_t root_ = 0;
};

}  // namespace utables::lab
