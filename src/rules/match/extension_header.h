// An IPv6 extension header as frag, rt, hbh, dst and ah look for it: the first of its kind in the chain.
#pragma once
#include <algorithm>
#include <cstdint>
#include <span>

#include "packet/extensions.h"
#include "rules/context.h"

namespace utables::rules {

struct ExtensionFound {
  enum class Kind : std::uint8_t {
    found,
    absent,
    broken  ///< the chain is cut before one could come: the packet is dropped on the spot
  } kind = Kind::absent;
  std::span<const std::uint8_t> bytes{};  ///< from the header on, to the end of the packet
  std::uint32_t size = 0;                 ///< what it claims

  /// It is all there, and no shorter than `least` bytes.
  [[nodiscard]] bool usable(std::size_t least) const {
    return kind == Kind::found && bytes.size() >= std::max<std::size_t>(least, size);
  }
  /// The answer to a packet without a usable one: it does not match, or is dropped on the spot.
  [[nodiscard]] Answer refusal() const { return kind == Kind::absent ? Answer::no() : Answer::hot_drop(); }
};
/// REQUIRES: an IPv6 packet.
[[nodiscard]] ExtensionFound find_extension(const Context& context, std::uint8_t protocol);

}  // namespace utables::rules
