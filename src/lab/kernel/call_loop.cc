#include "lab/kernel/call_loop.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "lab/kernel/closed_loop.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::lab::kernel {
namespace {

constexpr std::size_t kIpHeader = 20, kTcpHeader = 20, kTcpChecksum = 16;
constexpr std::size_t kControlHeader = 12, kType = 8;

/// Where the ids stand in a message, from its beginning; 0: nowhere.
struct Row {
  std::uint16_t type;
  std::size_t own, other;
};
constexpr std::array<Row, 7> kRows{{
    {7, kControlHeader, 0},                   // outgoing call request
    {8, kControlHeader, kControlHeader + 2},  // outgoing call reply
    {9, kControlHeader, 0},                   // incoming call request
    {10, kControlHeader, kControlHeader + 2},
    {11, 0, kControlHeader},  // incoming call connected
    {14, 0, kControlHeader},  // WAN error notify
    {15, 0, kControlHeader},  // set link info
}};

struct Message {
  const Row* row = nullptr;
  std::size_t at = 0;  ///< of the packet
};

/// The message that a whole packet holds.
Message message_of(std::span<const std::uint8_t> packet) {
  if (packet.size() < kIpHeader || packet[0] >> 4 != 4 || packet[9] != packet::kTcp ||
      (load16(&packet[6]) & 0x3fff) != 0)
    return {};
  const std::size_t header = (packet[0] & 15U) * 4;
  if (packet.size() < header + kTcpHeader) return {};
  const std::size_t at = header + static_cast<std::size_t>(packet[header + 12] >> 4) * 4;
  if (packet.size() < at + kControlHeader + 4 || load32(&packet[at + 4]) != 0x1a2b3c4d) return {};
  const std::uint16_t type = load16(&packet[at + kType]);
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.type == type; });
  return {row == kRows.end() ? nullptr : &*row, at};
}

}  // namespace

std::uint8_t* gre_key(std::span<std::uint8_t> transport) {
  return transport.size() >= 8 && (transport[1] & 7) == 1 ? &transport[6] : nullptr;
}

void CallLoop::complete_message(std::span<std::uint8_t> packet, const Part& part) const {
  const Message message = message_of(packet);
  const auto id = ids_.find({part.flow, static_cast<std::uint8_t>(1 - part.end)});
  if (message.row == nullptr || message.row->other == 0 || id == ids_.end()) return;
  std::uint8_t* const field = &packet[message.at + message.row->other];
  if (load16(field) != id->second.said || id->second.said == id->second.heard) return;
  packet::adjust_checksum(&packet[(packet[0] & 15U) * 4 + kTcpChecksum], load16(field), id->second.heard);
  store16(field, id->second.heard);
}

void CallLoop::complete_call(std::span<std::uint8_t> packet, const Part& part, bool first) const {
  const auto receiver = static_cast<std::uint8_t>(part.end == 0 ? part.announcer : 1 - part.announcer);
  const auto id = ids_.find({part.control, receiver});
  if (id == ids_.end() || packet[0] >> 4 != 4 || (load16(&packet[6]) & packet::ip::kOffsetMask) != 0) return;
  std::uint8_t* const key = gre_key(packet.subspan((packet[0] & 15U) * 4));
  if (key == nullptr || load16(key) != id->second.said) return;
  store16(key, id->second.heard);
  if (!first) return;
  packet::adjust_checksum32(&packet[10], load32(&packet[16]), id->second.address);
  store32(&packet[16], id->second.address);
}

void CallLoop::learn(std::span<const std::uint8_t> said, std::span<const std::uint8_t> heard,
                     const Part& part) {
  const Message before = message_of(said), after = message_of(heard);
  if (before.row == nullptr || after.row != before.row || before.row->own == 0) return;
  ids_[{part.flow, part.end}] = {load32(&heard[12]), load16(&said[before.at + before.row->own]),
                                 load16(&heard[after.at + after.row->own])};
}

}  // namespace utables::lab::kernel
