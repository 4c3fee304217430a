#include "lab/report/packet_line.h"

#include <fmt/format.h>

#include <iterator>

#include "conntrack/invalid.h"
#include "lab/report/show_filter.h"
#include "lab/report/text.h"
#include "packet/describe.h"

namespace utables::lab {
namespace {

/// Bytes of the UTF-8 sequence at the beginning of `text`; 0: not one.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first >= 0xc2 && first <= 0xdf && tail(1)) return 2;
  if ((first & 0xf0U) == 0xe0U && tail(1) && tail(2) && !(first == 0xe0 && byte(1) < 0xa0) &&
      !(first == 0xed && byte(1) > 0x9f))
    return 3;
  if (first >= 0xf0 && first <= 0xf4 && tail(1) && tail(2) && tail(3) && !(first == 0xf0 && byte(1) < 0x90) &&
      !(first == 0xf4 && byte(1) > 0x8f))
    return 4;
  return 0;
}

void append_field(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  out += key;
  out += "\":";
  append_json_string(out, text);
}

std::string_view interface_name(const host::Host& host, InterfaceId id) {
  return id == kNoInterface ? std::string_view("-") : std::string_view(host.at(id).name);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      const std::size_t length = utf8_length(text.substr(i));
      out += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(i, length);
      i += length == 0 ? 1 : length;
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    if (c < 0x20 || c == 0x7f)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    else
      out += static_cast<char>(c);
    ++i;
  }
  out += '"';
}

std::string packet_text(std::span<const std::uint8_t> bytes, std::uint32_t wire_size) {
  packet::Facts facts;
  const DropReason refused = packet::parse(bytes, wire_size, facts);
  if (refused != DropReason::none) return fmt::format("{} bytes, {}", bytes.size(), name(refused));
  return packet::describe(bytes, facts);
}

void append_sent_json(std::string& out, const Sent& sent, const host::Host& host) {
  out += out.empty() ? "{\"out\":" : ",{\"out\":";
  append_json_string(out, interface_name(host, sent.interface));
  append_field(out, "packet", packet_text(sent.bytes, static_cast<std::uint32_t>(sent.bytes.size())));
  if (sent.made_here) out += ",\"answer\":true";
  out += '}';
}

void append_packet_json(std::string& out, const PacketFate& p, const host::Host& host) {
  const Outcome& o = p.outcome;
  out += "{\"v\":1,";
  if (!p.file.empty()) {
    out += "\"file\":";
    append_json_string(out, p.file);
    out += ',';
  }
  fmt::format_to(std::back_inserter(out), "\"frame\":{},\"time\":\"{}\"", p.input.frame.number,
                 seconds_text(p.input.time));
  if (p.input.placed.outbound)
    out += ",\"own\":true";
  else
    append_field(out, "in", interface_name(host, p.input.placed.interface));
  append_field(out, "packet", p.text);
  if (o.ctinfo != CtInfo::none) append_field(out, "ctstate", name(o.ctinfo));
  if (o.invalid != 0)
    append_field(out, "invalid", conntrack::name(static_cast<conntrack::InvalidReason>(o.invalid)));
  append_field(out, "verdict", verdict_word(o.fate));
  if (o.reason != DropReason::none) append_field(out, "reason", name(o.reason));
  if (!o.by.table.empty()) {
    out += ",\"by\":{\"table\":";
    append_json_string(out, o.by.table);
    append_field(out, "chain", o.by.chain);
    if (o.by.rule == 0)
      out += ",\"policy\":true}";
    else
      fmt::format_to(std::back_inserter(out), ",\"rule\":{}}}", o.by.rule);
  }
  if (o.out != kNoInterface) append_field(out, "out", interface_name(host, o.out));
  if (o.connection != 0) fmt::format_to(std::back_inserter(out), ",\"connection\":{}", o.connection);
  out += ",\"sent\":[";
  out += p.sent;
  out += "]}\n";
}

std::string decided_by(const Outcome& o) {
  if (o.by.table.empty()) return o.reason == DropReason::none ? std::string() : std::string(name(o.reason));
  const std::string chain =
      o.by.table == "filter" ? std::string(o.by.chain) : fmt::format("{} {}", o.by.table, o.by.chain);
  return o.by.rule == 0 ? chain + " policy" : fmt::format("{} {}", chain, o.by.rule);
}

std::string packet_line(const PacketFate& p, const host::Host& host, Time start) {
  const Outcome& o = p.outcome;
  const Time since = p.input.time - start;
  std::string way =
      p.input.placed.outbound ? "own" : fmt::format("in {}", interface_name(host, p.input.placed.interface));
  if (o.out != kNoInterface) way += fmt::format(" out {}", interface_name(host, o.out));
  std::string fate(name(o.fate));
  if (const std::string by = decided_by(o);
      !by.empty() && o.fate != Fate::forwarded && o.fate != Fate::delivered)
    fate += " by " + by;
  if (o.invalid != 0)
    fate += fmt::format(" ({})", conntrack::name(static_cast<conntrack::InvalidReason>(o.invalid)));
  return fmt::format("{}:{}  +{}.{:06}  {}  {}  {}  {}", p.file, p.input.frame.number, since / kSecond,
                     since % kSecond / kMicrosecond, way, name(o.ctinfo), fate, p.text);
}

}  // namespace utables::lab
