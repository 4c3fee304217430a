// Reads packet text (describe.h; the grammar is in docs/packets.md).
//
// A line is tokens: words, and the groups <...>, (...) and [...], the last of which are remarks. The first
// tokens are `PROTOCOL SOURCE > DESTINATION`; the others may come in any order.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "base/scan.h"
#include "packet/checksum.h"
#include "packet/describe.h"
#include "packet/extensions.h"
#include "packet/ip_options.h"
#include "packet/names.h"
#include "packet/sctp.h"

namespace utables::packet {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kLargestPacket = 65535;
constexpr std::uint16_t kAssumedPort = 40000;

using Failure = std::optional<Error>;

Failure error(std::string text) { return Error{std::move(text)}; }

/// Splits a line; a group is one token with its brackets.
Result<std::vector<std::string_view>> tokens_of(std::string_view line) {
  constexpr std::string_view kOpen = "<([", kClose = ">)]";
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    const std::size_t bracket = kOpen.find(line[at]);
    std::size_t end = at;
    if (bracket == std::string_view::npos) {
      end = std::min(line.find_first_of(" \t", at), line.size());
    } else {
      int depth = 0;
      do {
        if (line[end] == kOpen[bracket]) ++depth;
        if (line[end] == kClose[bracket]) --depth;
        ++end;
      } while (end < line.size() && depth > 0);
      if (depth != 0) return fail(fmt::format("`{}' is not closed", line.substr(at, 20)));
    }
    const bool address = line[at] == '[' && end < line.size() && line[end] == ':';  // [2001:db8::1]:80
    if (address) end = std::min(line.find_first_of(" \t", end), line.size());
    if (line[at] != '[' || address) out.push_back(line.substr(at, end - at));
    at = end;
  }
  return out;
}

std::string_view inside(std::string_view group) { return group.substr(1, group.size() - 2); }

Result<std::uint64_t> number(std::string_view what, std::string_view text, std::uint64_t max) {
  const auto value = scan_unsigned(text, text.starts_with("0x") ? 0 : 10, max);
  if (!value) return fail(fmt::format("{} `{}' is not a number from 0 to {}", what, text, max));
  return *value;
}

void append16(Bytes& out, std::uint64_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
void append32(Bytes& out, std::uint64_t value) {
  append16(out, value >> 16);
  append16(out, value);
}

/// Whether the words are the pattern's: `#` stands for a number, which goes into `values`.
bool fits(const std::vector<std::string_view>& given, std::string_view pattern,
          std::vector<std::uint64_t>& values) {
  const auto wanted = words(pattern);
  if (wanted.size() != given.size()) return false;
  values.clear();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != "#") {
      if (wanted[i] != given[i]) return false;
      continue;
    }
    const auto value = scan_unsigned(given[i], 10, 0xffffffff);
    if (!value) return false;
    values.push_back(*value);
  }
  return true;
}

std::optional<Bytes> hex_bytes(std::string_view digits) {
  Bytes out;
  if (digits.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto byte = scan_unsigned(digits.substr(i, 2), 16, 255);
    if (!byte) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(*byte));
  }
  return out;
}

bool read_sack(const std::vector<std::string_view>& given, Bytes& out) {
  if (given.size() < 2 || given[0] != "sack") return false;
  Bytes blocks;
  for (std::size_t i = 1; i < given.size(); ++i) {
    const auto edges = split(given[i], ':');
    const auto left = scan_unsigned(edges[0], 10, 0xffffffff);
    const auto right = scan_unsigned(edges.back(), 10, 0xffffffff);
    if (edges.size() != 2 || !left || !right) return false;
    append32(blocks, *left);
    append32(blocks, *right);
  }
  out.push_back(tcp::kOptSack);
  out.push_back(static_cast<std::uint8_t>(blocks.size() + 2));
  out.insert(out.end(), blocks.begin(), blocks.end());
  return true;
}

bool read_tcp_option(std::string_view text, Bytes& out) {
  const auto given = words(text);
  std::vector<std::uint64_t> v;
  if (given.size() > 6) return false;
  if (fits(given, "nop", v)) {
    out.push_back(tcp::kOptNop);
  } else if (fits(given, "mss #", v) && v[0] <= 0xffff) {
    out.insert(out.end(), {tcp::kOptMss, 4});
    append16(out, v[0]);
  } else if (fits(given, "wscale #", v) && v[0] <= 255) {
    out.insert(out.end(), {tcp::kOptWindowScale, 3, static_cast<std::uint8_t>(v[0])});
  } else if (fits(given, "sackOK", v)) {
    out.insert(out.end(), {tcp::kOptSackPermitted, 2});
  } else if (fits(given, "TS val # ecr #", v)) {
    out.insert(out.end(), {tcp::kOptTimestamp, 10});
    append32(out, v[0]);
    append32(out, v[1]);
  } else if (!given.empty() && given[0].starts_with("opt-")) {
    const auto type = scan_unsigned(given[0].substr(4), 10, 255);
    const auto data = hex_bytes(given.size() == 2 ? given[1] : std::string_view{});
    if (!type || given.size() > 2 || !data || data->size() > 38) return false;
    out.insert(out.end(), {static_cast<std::uint8_t>(*type), static_cast<std::uint8_t>(data->size() + 2)});
    out.insert(out.end(), data->begin(), data->end());
  } else {
    return read_sack(given, out);
  }
  return true;
}

/// A well-formed option of this type, with room where it asks to be filled in.
void append_ip_option(std::uint8_t type, Bytes& out) {
  switch (type) {
    case ip_option::kEnd:
    case ip_option::kNop:
      out.push_back(type);
      break;
    case ip_option::kRecordRoute:
      out.insert(out.end(), {type, 11, 4});
      out.resize(out.size() + 8);
      break;
    case ip_option::kTimestamp:
      out.insert(out.end(), {type, 12, 5, 0});
      out.resize(out.size() + 8);
      break;
    case ip_option::kLooseRoute:
    case ip_option::kStrictRoute:
      out.insert(out.end(), {type, 3, 4});
      break;
    case ip_option::kRouterAlert:
      out.insert(out.end(), {type, 4, 0, 0});
      break;
    default:
      out.insert(out.end(), {type, 2});
  }
}

/// One line on its way to bytes.
class Reader {
 public:
  Reader(std::vector<std::string_view> tokens, unsigned depth) : tokens_(std::move(tokens)), depth_(depth) {}

  Result<PacketLine> read();

 private:
  [[nodiscard]] bool more() const { return at_ < tokens_.size(); }
  [[nodiscard]] std::string_view peek() const { return more() ? tokens_[at_] : std::string_view{}; }
  std::string_view take() { return more() ? tokens_[at_++] : std::string_view{}; }
  void assume(std::string text) { line_.assumed.push_back(std::move(text)); }
  bool first_time(std::string_view word) { return said_.insert(word).second; }
  [[nodiscard]] bool said(std::string_view word) const { return said_.count(word) != 0; }

  Failure read_protocol();
  Failure read_end(std::string_view what, Address& address, std::optional<std::uint16_t>& port);
  Failure read_words();
  bool read_tcp_flags();
  bool read_icmp_words();
  Failure read_keyword();
  Failure read_group();
  Failure read_ip_options();
  Failure read_extensions();
  [[nodiscard]] bool is_icmp() const {
    return protocol_number_ == (ip_.family == Family::ipv6 ? kIcmpv6 : kIcmp);
  }
  Failure fill_in();
  Failure build();

  std::vector<std::string_view> tokens_;
  unsigned depth_;
  std::size_t at_ = 0;
  std::set<std::string_view> said_;
  PacketLine line_;

  const ProtocolName* protocol_ = nullptr;
  std::uint8_t protocol_number_ = 0;
  IpPart ip_;
  std::uint32_t sctp_tag_ = 0;
  Bytes sctp_chunks_{};
  TcpPart tcp_;
  IcmpPart icmp_;
  IcmpRest icmp_rest_ = IcmpRest::nothing;
  std::optional<std::uint16_t> source_port_, destination_port_;
  Bytes quoted_;
  std::uint64_t length_ = 0;
};

Failure Reader::read_protocol() {
  const std::string_view word = take();
  protocol_ = protocol_by_name(word);
  if (protocol_ != nullptr) {
    protocol_number_ = protocol_->number;
    return {};
  }
  constexpr std::string_view kNumbered = "ip-proto-";
  const auto value =
      word.starts_with(kNumbered) ? scan_unsigned(word.substr(kNumbered.size()), 10, 255) : std::nullopt;
  if (!value) return error(fmt::format("`{}' is not a protocol (tcp, udp, icmp, ..., ip-proto-N)", word));
  protocol_number_ = static_cast<std::uint8_t>(*value);
  protocol_ = protocol_by_number(protocol_number_);
  return {};
}

Failure Reader::read_end(std::string_view what, Address& address, std::optional<std::uint16_t>& port) {
  const std::string_view text = take();
  if (text.empty()) return error(fmt::format("the {} address is missing", what));
  // `ADDRESS`, `IPV4:PORT`, `[IPV6]:PORT`
  const bool bracketed = text.starts_with('[');
  std::size_t colon = bracketed ? text.find("]:") : text.find(':');
  const bool ipv6 =
      bracketed || (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos);
  if (ipv6 && !bracketed) colon = std::string_view::npos;
  const Family family = ipv6 ? Family::ipv6 : Family::ipv4;
  const auto parsed = parse_address(text.substr(bracketed ? 1 : 0, bracketed ? colon - 1 : colon), family);
  if (!parsed) return parsed.error();
  if (&address == &ip_.destination && family != ip_.family)
    return error("source and destination are not of one family");
  ip_.family = family;
  address = *parsed;
  if (colon == std::string_view::npos) return {};
  if (bracketed) ++colon;
  if (protocol_ == nullptr || !protocol_->ports)
    return error(fmt::format("`{}': the protocol has no ports", text));
  const auto value = number("port", text.substr(colon + 1), 0xffff);
  if (!value) return value.error();
  port = static_cast<std::uint16_t>(*value);
  return {};
}

/// The flags: letters alone, each at most once.
bool Reader::read_tcp_flags() {
  const std::string_view word = peek();
  std::uint8_t flags = 0;
  if (word != "none") {
    for (const char letter : word) {
      const auto letters = tcp_flag_letters();
      const auto row =
          std::find_if(letters.begin(), letters.end(), [&](const auto& r) { return r.letter == letter; });
      if (row == letters.end() || (flags & row->flag) != 0) return false;
      flags |= row->flag;
    }
  }
  tcp_.flags = flags;
  said_.insert("flags");
  take();
  return true;
}

/// The longest text of an ICMP message that stands here.
bool Reader::read_icmp_words() {
  const IcmpName* best = nullptr;
  std::size_t best_words = 0;
  for (const IcmpName& row : icmp_names(ip_.family)) {
    const auto text = words(row.text);
    if (text.size() <= best_words || text.size() > tokens_.size() - at_) continue;
    if (!std::equal(text.begin(), text.end(), tokens_.begin() + static_cast<std::ptrdiff_t>(at_))) continue;
    best = &row;
    best_words = text.size();
  }
  if (best == nullptr) return false;
  at_ += best_words;
  icmp_.type = best->type;
  icmp_.code = best->code;
  icmp_rest_ = best->rest;
  said_.insert("type");
  return true;
}

Failure Reader::read_ip_options() {
  const std::string_view group = take();
  if (!group.starts_with('<')) return error("ip-options need a list in <>");
  for (const std::string_view item : split(inside(group), ',')) {
    const auto type = ip_option_type(trim(item));
    if (!type) return error(fmt::format("`{}' is not an IP option (rr, ts, ra, lsrr, opt-N, ...)", item));
    append_ip_option(*type, ip_.options);
    if (ip_.options.size() > 40) return error("the IP options take more than 40 bytes");
  }
  return {};
}

/// `<hbh 0100,frag,dst>`: a name and what is behind the header's first two bytes.
Failure Reader::read_extensions() {
  const std::string_view group = take();
  if (!group.starts_with('<')) return error("ext needs a list in <>");
  std::size_t size = 0;
  for (const std::string_view item : split(inside(group), ',')) {
    const auto given = words(item);
    const auto number = given.empty() ? std::nullopt : extension_number(given[0]);
    const auto body = given.size() == 2 ? hex_bytes(given[1]) : std::optional<Bytes>(Bytes{});
    if (!number || !body || given.size() > 2)
      return error(
          fmt::format("`{}' is not an extension header (hbh, dst, rt, frag, ah, and its bytes)", item));
    size += body->size() + 8;
    if (size > 1024) return error("the extension headers take more than 1024 bytes");
    ip_.extensions.push_back({*number, *body});
  }
  return {};
}

Failure Reader::read_group() {
  const std::string_view group = take();
  if (group.starts_with('<') && protocol_number_ == kSctp) {
    auto chunks = sctp::read_chunks(inside(group));
    if (!chunks) return chunks.error();
    sctp_chunks_ = std::move(*chunks);
    return {};
  }
  if (group.starts_with('<')) {
    if (protocol_number_ != kTcp) return error(fmt::format("`{}': only TCP has options of its own", group));
    for (const std::string_view item : split(inside(group), ',')) {
      if (!read_tcp_option(item, tcp_.options)) return error(fmt::format("`{}' is not a TCP option", item));
      if (tcp_.options.size() > 40) return error("the TCP options take more than 40 bytes");
    }
    return {};
  }
  if (!is_icmp()) return error(fmt::format("`{}': only an ICMP error quotes a packet", group));
  if (depth_ > 0) return error("an inner packet quotes none itself");
  auto tokens = tokens_of(inside(group));
  if (!tokens) return tokens.error();
  auto inner = Reader(std::move(*tokens), depth_ + 1).read();
  if (!inner) return inner.error();
  quoted_ = std::move(inner->bytes);
  const std::size_t most = ip_.family == Family::ipv6 ? 1232 : 548;
  if (quoted_.size() > most) quoted_.resize(most);
  for (const std::string& text : inner->assumed) assume("inner " + text);
  said_.insert("quoted");
  return {};
}

/// A word with a number behind it.
Failure Reader::read_keyword() {
  struct Keyword {
    std::string_view word;
    std::uint8_t protocol;  ///< 0: any
    std::uint64_t max;
    void (*set)(Reader&, std::uint64_t);
  };
  static constexpr Keyword kKeywords[] = {
      {"seq", kTcp, 0xffffffff,
       [](Reader& r, std::uint64_t v) { r.tcp_.seq = static_cast<std::uint32_t>(v); }},
      {"ack", kTcp, 0xffffffff,
       [](Reader& r, std::uint64_t v) { r.tcp_.ack = static_cast<std::uint32_t>(v); }},
      {"win", kTcp, 0xffff,
       [](Reader& r, std::uint64_t v) { r.tcp_.window = static_cast<std::uint16_t>(v); }},
      {"urg", kTcp, 0xffff,
       [](Reader& r, std::uint64_t v) { r.tcp_.urgent = static_cast<std::uint16_t>(v); }},
      {"tag", kSctp, 0xffffffff,
       [](Reader& r, std::uint64_t v) { r.sctp_tag_ = static_cast<std::uint32_t>(v); }},
      {"type", kIcmp, 255,
       [](Reader& r, std::uint64_t v) {
         r.icmp_.type = static_cast<std::uint8_t>(v);
         r.icmp_rest_ = icmp_rest(r.ip_.family, r.icmp_.type);
       }},
      {"code", kIcmp, 255, [](Reader& r, std::uint64_t v) { r.icmp_.code = static_cast<std::uint8_t>(v); }},
      {"id", kIcmp, 0xffff,
       [](Reader& r, std::uint64_t v) { r.icmp_.rest |= static_cast<std::uint32_t>(v << 16); }},
      {"seq", kIcmp, 0xffff,
       [](Reader& r, std::uint64_t v) { r.icmp_.rest |= static_cast<std::uint32_t>(v); }},
      {"mtu", kIcmp, 0xffffffff,
       [](Reader& r, std::uint64_t v) { r.icmp_.rest |= static_cast<std::uint32_t>(v); }},
      {"pointer", kIcmp, 0xffffffff,
       [](Reader& r, std::uint64_t v) {
         r.icmp_.rest |= static_cast<std::uint32_t>(r.ip_.family == Family::ipv6 ? v : v << 24);
       }},
      {"len", 0, kLargestPacket, [](Reader& r, std::uint64_t v) { r.length_ = v; }},
      {"flow", 0, 0xfffff,
       [](Reader& r, std::uint64_t v) { r.ip_.flow_label = static_cast<std::uint32_t>(v); }},
      {"ttl", 0, 255, [](Reader& r, std::uint64_t v) { r.ip_.ttl = static_cast<std::uint8_t>(v); }},
      {"tos", 0, 255, [](Reader& r, std::uint64_t v) { r.ip_.tos = static_cast<std::uint8_t>(v); }},
      {"ip-id", 0, 0xffff,
       [](Reader& r, std::uint64_t v) { r.ip_.identification = static_cast<std::uint16_t>(v); }},
      {"frag", 0, 0xffffffff,
       [](Reader& r, std::uint64_t v) {
         r.ip_.identification = static_cast<std::uint32_t>(v);
         r.ip_.fragment_header = true;
       }},
      {"offset", 0, 65528,
       [](Reader& r, std::uint64_t v) { r.ip_.fragment_offset = static_cast<std::uint16_t>(v); }},
  };
  const std::string_view word = take();
  for (const Keyword& row : kKeywords) {
    const bool of_icmp = row.protocol == kIcmp && is_icmp();
    if (row.word != word || (row.protocol != 0 && row.protocol != protocol_number_ && !of_icmp)) continue;
    if (!first_time(word)) return error(fmt::format("`{}' is said twice", word));
    const auto value = number(word, take(), row.max);
    if (!value) return value.error();
    row.set(*this, *value);
    return {};
  }
  return error(fmt::format("`{}' is not a word of packet text here", word));
}

Failure Reader::read_words() {
  while (more()) {
    const std::string_view word = peek();
    Failure failure;
    if (word.starts_with('<') || word.starts_with('(')) {
      failure = read_group();
    } else if (word == "df" || word == "more") {
      (word == "df" ? ip_.dont_fragment : ip_.more_fragments) = true;
      take();
    } else if (word == "ip-options") {
      take();
      failure = read_ip_options();
    } else if (word == "ext" && ip_.family == Family::ipv6) {
      take();
      failure = read_extensions();
    } else if (word == "gateway" && protocol_number_ == kIcmp) {
      take();
      const auto gateway = parse_address(take(), Family::ipv4);
      if (!gateway) return gateway.error();
      icmp_.rest = gateway->v4();
    } else if ((protocol_number_ == kTcp && !said("flags") && read_tcp_flags()) ||
               (is_icmp() && !said("type") && read_icmp_words())) {
      continue;
    } else {
      failure = read_keyword();
    }
    if (failure) return failure;
  }
  return {};
}

/// What was not said; only what could matter is listed.
Failure Reader::fill_in() {
  if (ip_.fragment_offset % 8 != 0)
    return error(fmt::format("offset {} is not a multiple of 8", ip_.fragment_offset));
  if (!said("ttl")) assume("ttl 64");
  if (ip_.fragment_offset != 0) return {};
  if (protocol_ != nullptr && protocol_->ports) {
    if (!destination_port_) return error(fmt::format("{} needs a destination port", protocol_->name));
    if (!source_port_) assume(fmt::format("source port {}", kAssumedPort));
    source_port_ = source_port_.value_or(kAssumedPort);
  }
  if (protocol_number_ == kTcp) {
    if (!said("flags")) {
      tcp_.flags = tcp::kSyn;
      assume("flags S");
    }
    if (!said("seq")) assume("seq 0");
    if ((tcp_.flags & tcp::kAck) != 0 && !said("ack")) assume("ack 0");
    if (!said("win")) assume(fmt::format("win {}", tcp_.window));
  }
  if (is_icmp()) {
    const bool ipv6 = ip_.family == Family::ipv6;
    if (!said("type")) {
      icmp_.type = ipv6 ? icmpv6::kEcho : icmp::kEcho;
      icmp_rest_ = IcmpRest::id_and_sequence;
      assume("echo request");
    }
    if (icmp_rest_ == IcmpRest::id_and_sequence && !said("id")) {
      icmp_.rest |= 1U << 16;
      assume("id 1");
    }
    if (icmp_rest_ == IcmpRest::id_and_sequence && !said("seq")) {
      icmp_.rest |= 1;
      assume("seq 1");
    }
    const bool about = ipv6 ? icmpv6::is_error(icmp_.type) : icmp::is_error(icmp_.type);
    if (about && !said("quoted") && !said("len"))
      return error("an ICMP error needs the packet that it is about, in ()");
  }
  return {};
}

Failure Reader::build() {
  const std::size_t most_headers = 60 + 60;
  if (length_ + quoted_.size() + most_headers > kLargestPacket)
    return error(fmt::format("len {}: the packet would be above {} bytes", length_, kLargestPacket));
  const Bytes payload = quoted_.empty() ? Bytes(static_cast<std::size_t>(length_), 0) : quoted_;
  if (ip_.fragment_offset != 0) {
    line_.bytes = build_ip(ip_, protocol_number_, payload);
    return {};
  }
  const std::uint16_t source = source_port_.value_or(0), destination = destination_port_.value_or(0);
  if (is_icmp()) {
    line_.bytes = build_icmp(ip_, icmp_, payload);
    return {};
  }
  switch (protocol_number_) {
    case kTcp:
      tcp_.source_port = source;
      tcp_.destination_port = destination;
      line_.bytes = build_tcp(ip_, tcp_, payload);
      return {};
    case kUdp:
      line_.bytes = build_udp(ip_, source, destination, payload);
      return {};
    default:
      break;
  }
  Bytes transport;
  if (protocol_ != nullptr && protocol_->ports) {
    append16(transport, source);
    append16(transport, destination);
    transport.resize(protocol_number_ == kUdplite ? 8 : 12);
  }
  if (protocol_number_ == kSctp) {
    store32(&transport[4], sctp_tag_);
    transport.insert(transport.end(), sctp_chunks_.begin(), sctp_chunks_.end());
  }
  transport.insert(transport.end(), payload.begin(), payload.end());
  line_.bytes = build_ip(ip_, protocol_number_, transport);
  Facts facts;
  if (parse(line_.bytes, 0, facts) == DropReason::none) write_transport_checksum(line_.bytes, facts);
  return {};
}

Result<PacketLine> Reader::read() {
  if (auto failure = read_protocol()) return tl::unexpected(*failure);
  if (auto failure = read_end("source", ip_.source, source_port_)) return tl::unexpected(*failure);
  if (take() != ">") return fail("`>' is missing between source and destination");
  if (auto failure = read_end("destination", ip_.destination, destination_port_))
    return tl::unexpected(*failure);
  if (auto failure = read_words()) return tl::unexpected(*failure);
  if (auto failure = fill_in()) return tl::unexpected(*failure);
  if (auto failure = build()) return tl::unexpected(*failure);
  return std::move(line_);
}

}  // namespace

Result<PacketLine> read_packet_line(std::string_view text) {
  if (text.size() > kLongestLine)
    return fail(fmt::format("a packet's line is at most {} characters", kLongestLine));
  auto tokens = tokens_of(text);
  if (!tokens) return tl::unexpected(tokens.error());
  return Reader(std::move(*tokens), 0).read();
}

}  // namespace utables::packet
