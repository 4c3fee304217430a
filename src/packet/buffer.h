// Buffer: a packet that the engine may change, with its facts. It owns nothing: the bytes are the
// caller's (a batch's) or a pool's.
//
// Invariant: `facts` describes `bytes`; whoever changes a header calls refresh() or keeps both in step.
#pragma once
#include <cstdint>
#include <span>

#include "packet/facts.h"

namespace utables::packet {

struct Buffer {
  std::uint8_t* bytes = nullptr;
  std::uint32_t size = 0;  ///< bytes that are there, padding cut off
  std::uint32_t room = 0;  ///< bytes that may be written from `bytes` on
  Facts facts{};
  /// Transport bytes that Linux has brought into one piece (pskb_may_pull) where fragments were joined: the
  /// cuts among them are not repeated. Of no matter to a packet that came whole.
  std::uint32_t pulled = 0;
  bool checksum_good = false;  ///< the transport checksum need not be looked at (offloading, or made here)

  [[nodiscard]] std::span<const std::uint8_t> view() const { return {bytes, size}; }
  [[nodiscard]] std::uint8_t* transport() { return bytes + facts.header_size; }
  [[nodiscard]] const std::uint8_t* transport() const { return bytes + facts.header_size; }
  [[nodiscard]] std::uint32_t transport_size() const {
    return size > facts.header_size ? size - facts.header_size : 0;
  }
};

/// Reads the facts again after headers were changed or the size was. Returns parse()'s answer.
[[nodiscard]] inline DropReason refresh(Buffer& buffer) {
  return parse(buffer.view(), buffer.facts.total_length, buffer.facts);
}

}  // namespace utables::packet
