// CallLoop: the ids of PPTP's calls, as the two ends come to know them. Where the box translates, the server
// knows a call of the client's by another id: it answers with that, and its packets of GRE bear it.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <utility>

namespace utables::lab::kernel {

struct Part;

/// The key of a packet of GRE, or of as much of one as an error quotes; null: it has none.
[[nodiscard]] std::uint8_t* gre_key(std::span<std::uint8_t> transport);

class CallLoop {
 public:
  /// A message of the control connection, of `flow`, as its sender says it of what he heard so far.
  void complete_message(std::span<std::uint8_t> packet, const Part& part) const;
  /// A packet of GRE: its receiver's id as its sender knows it, his address as well in the first packets.
  void complete_call(std::span<std::uint8_t> packet, const Part& part, bool first) const;
  /// What became of a message.
  void learn(std::span<const std::uint8_t> said, std::span<const std::uint8_t> heard, const Part& part);

 private:
  struct Id {
    std::uint32_t address = 0;  ///< of its owner, as the other end knows him
    std::uint16_t said = 0, heard = 0;
  };
  /// By flow and end.
  std::map<std::pair<std::uint32_t, std::uint8_t>, Id> ids_;
};

}  // namespace utables::lab::kernel
