// What became of one packet, on one line: for people (`--show`) and as JSON (`packets.jsonl`, `--json`;
// schema in docs/output.md).
#pragma once
#include <utables/sink.h>

#include <string>
#include <string_view>

#include "host/host.h"
#include "lab/replay.h"

namespace utables::lab {

/// Appends `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The line of text about a packet's bytes; what is no packet of IP is said so.
[[nodiscard]] std::string packet_text(std::span<const std::uint8_t> bytes, std::uint32_t wire_size);

/// A packet and its fate.
struct PacketFate {
  const InputPacket& input;
  const Outcome& outcome;
  std::string_view file;  ///< shown; empty: there is one capture
  std::string_view text;  ///< packet_text()
  std::string_view sent;  ///< elements of a JSON array (append_sent_json); for JSON alone
};

/// Appends one element of `sent`.
void append_sent_json(std::string& out, const Sent& sent, const host::Host& host);
/// Appends one object and a line break.
void append_packet_json(std::string& out, const PacketFate& packet, const host::Host& host);
/// `FORWARD 7`, `mangle INPUT policy`, or the reason of the stack; empty: nothing decided.
[[nodiscard]] std::string decided_by(const Outcome& outcome);
/// One line, without line break: `monday.pcapng:8131  +12.031s in wan  NEW  drop FORWARD policy  tcp ...`.
[[nodiscard]] std::string packet_line(const PacketFate& packet, const host::Host& host, Time start);

}  // namespace utables::lab
