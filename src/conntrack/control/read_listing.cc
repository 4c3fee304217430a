#include "conntrack/control/read_listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/scan.h"
#include "conntrack/connection.h"
#include "conntrack/port_kind.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::uint64_t kMax8 = 0xff, kMax16 = 0xffff, kMax32 = 0xffffffff;

/// Words that are read over, by what they begin with: what `conntrack -A` cannot be told, or what says
/// nothing about the connection itself.
constexpr std::array<std::string_view, 14> kReadOver{
    "packets=", "bytes=",  "use=",      "delta-time=", "helper=",         "secctx=",   "secmark=",
    "labels=",  "portid=", "progname=", "timeout=",    "stream_timeout=", "[OFFLOAD]", "[HW_OFFLOAD]"};

bool starts_with(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

std::string shown(std::string_view word) {
  return std::string(word.substr(0, 40)) + (word.size() > 40 ? "..." : "");
}

/// A state's number by its name.
template <class State>
std::optional<std::uint8_t> state_number(std::string_view word) {
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(State::count_); ++i)
    if (name(static_cast<State>(i)) == word) return i;
  return std::nullopt;
}

/// Classic listings call SYN_SENT2 LISTEN.
std::optional<std::uint8_t> tcp_state(std::string_view word) {
  return state_number<TcpState>(word == "LISTEN" ? name(TcpState::syn_sent2) : word);
}

class Line {
 public:
  explicit Line(std::string_view text) : words_(words(text)) {}

  Result<Parameters> run() {
    read_head();
    while (good() && next_ < words_.size()) read_word(words_[next_++]);
    finish();
    if (!good()) return fail(std::move(error_));
    return out_;
  }

 private:
  [[nodiscard]] bool good() const { return error_.empty(); }
  void wrong(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }
  std::string_view take() { return next_ < words_.size() ? words_[next_++] : std::string_view{}; }

  std::uint64_t number(std::string_view text, std::string_view what, std::uint64_t max, int base = 10) {
    const auto value = scan_unsigned(text, base, max);
    if (!value) wrong(fmt::format("{} `{}' is not a number from 0 to {}", what, shown(text), max));
    return value.value_or(0);
  }

  /// `[ipv4 2] tcp 6 431999 [ESTABLISHED]`
  void read_head() {
    std::string_view word = take();
    if (word == "ipv4" || word == "ipv6") {
      out_.family = word == "ipv6" ? Family::ipv6 : Family::ipv4;
      take();
      word = take();
    }
    protocol_name_ = word;
    out_.protocol = static_cast<std::uint8_t>(number(take(), "the protocol", kMax8));
    out_.timeout = static_cast<std::uint32_t>(number(take(), "the timeout", kMax32));
    if (!good() || next_ >= words_.size()) return;
    word = words_[next_];
    if (word.find('=') != std::string_view::npos || word.front() == '[') return;
    ++next_;
    const bool tcp = *out_.protocol == packet::kTcp;
    if (!tcp && *out_.protocol != packet::kSctp) return;  // of a protocol whose state is not kept
    out_.state = tcp ? tcp_state(word) : state_number<SctpState>(word);
    if (!out_.state) wrong(fmt::format("`{}' is no state of {}", shown(word), tcp ? "TCP" : "SCTP"));
  }

  void read_word(std::string_view word) {
    if (word == "[UNREPLIED]") {
      seen_reply_ = false;
      return;
    }
    if (word == "[ASSURED]") {
      status_ |= kAssured;
      return;
    }
    if (starts_with(word, "[start=")) {  // a date, in several words
      while (next_ < words_.size() && word.back() != ']') word = take();
      return;
    }
    if (std::any_of(kReadOver.begin(), kReadOver.end(), [&](auto over) { return starts_with(word, over); }))
      return;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos)
      return wrong(fmt::format("`{}' is not known in a listing", shown(word)));
    read_field(word.substr(0, equals), word.substr(equals + 1));
  }

  using Reader = void (Line::*)(std::string_view);
  struct Field {
    std::string_view name;
    Reader read;
  };

  void read_field(std::string_view name, std::string_view value) {
    static constexpr std::array<Field, 14> kFields{{{"src", &Line::read_source},
                                                    {"dst", &Line::read_destination},
                                                    {"sport", &Line::read_source_port},
                                                    {"dport", &Line::read_destination_port},
                                                    {"srckey", &Line::read_source_key},
                                                    {"dstkey", &Line::read_destination_key},
                                                    {"type", &Line::read_type},
                                                    {"code", &Line::read_code},
                                                    {"id", &Line::read_id},
                                                    {"mark", &Line::read_mark},
                                                    {"zone", &Line::read_zone},
                                                    {"zone-orig", &Line::read_original_zone},
                                                    {"zone-reply", &Line::read_reply_zone},
                                                    {"port", &Line::read_over}}};
    for (const Field& field : kFields)
      if (field.name == name) return (this->*field.read)(value);
    wrong(fmt::format("the field `{}=' is not known in a listing", shown(name)));
  }

  /// Each direction begins with its source.
  TupleParts& parts() { return out_.tuple[directions_ == 2 ? 1 : 0]; }

  std::optional<Address> address(std::string_view text) {
    const Family family =
        out_.family.value_or(text.find(':') == std::string_view::npos ? Family::ipv4 : Family::ipv6);
    out_.family = family;
    const auto parsed = parse_address(text, family);
    if (!parsed) wrong(parsed.error().text);
    return parsed ? std::optional<Address>(*parsed) : std::nullopt;
  }
  void read_source(std::string_view text) {
    if (++directions_ > 2) return wrong("there are more than two `src='");
    parts().source = address(text);
  }
  void read_destination(std::string_view text) {
    if (directions_ == 0) return wrong("`dst=' before any `src='");
    parts().destination = address(text);
  }
  void read_source_port(std::string_view text) {
    parts().source_port = static_cast<std::uint16_t>(number(text, "sport", kMax16));
  }
  void read_destination_port(std::string_view text) {
    parts().destination_port = static_cast<std::uint16_t>(number(text, "dport", kMax16));
  }
  void read_source_key(std::string_view text) {
    parts().source_port = static_cast<std::uint16_t>(number(text, "srckey", kMax16, 0));
  }
  void read_destination_key(std::string_view text) {
    parts().destination_port = static_cast<std::uint16_t>(number(text, "dstkey", kMax16, 0));
  }
  void read_type(std::string_view text) {
    in_icmp_ = true;
    const auto value = static_cast<std::uint8_t>(number(text, "type", kMax8));
    if (directions_ < 2) out_.icmp_type = value;
  }
  void read_code(std::string_view text) {
    const auto value = static_cast<std::uint8_t>(number(text, "code", kMax8));
    if (directions_ < 2) out_.icmp_code = value;
  }
  /// ICMP's id, or at the end of a line what `-o id` shows.
  void read_id(std::string_view text) {
    const std::uint64_t value = number(text, "id", in_icmp_ ? kMax16 : kMax32);
    if (in_icmp_ && directions_ < 2) out_.icmp_id = static_cast<std::uint16_t>(value);
    if (in_icmp_ && directions_ == 2) reply_id_ = static_cast<std::uint16_t>(value);
    in_icmp_ = false;
  }
  void read_mark(std::string_view text) {
    out_.mark = static_cast<std::uint32_t>(number(text, "mark", kMax32));
  }
  std::uint16_t zone(std::string_view text) {
    return static_cast<std::uint16_t>(number(text, "zone", kMax16));
  }
  /// Everything else is in zone 0, whether or not a listing says so.
  void read_zone(std::string_view text) {
    if (const std::uint16_t value = zone(text); value != 0) out_.zone = value;
  }
  void read_original_zone(std::string_view text) { out_.original_zone = zone(text); }
  void read_reply_zone(std::string_view text) { out_.reply_zone = zone(text); }
  void read_over(std::string_view) {}

  void finish() {
    if (!good()) return;
    for (const TupleParts& one : out_.tuple)
      if (!one.source || !one.destination) return wrong("not both directions are there, with src= and dst=");
    if (seen_reply_) status_ |= kSeenReply;
    const TupleParts &original = out_.tuple[0], &reply = out_.tuple[1];
    const bool ports = port_kind(*out_.protocol) == PortKind::ports;
    if (reply.destination != original.source || (ports && reply.destination_port != original.source_port) ||
        (reply_id_ && reply_id_ != out_.icmp_id))
      status_ |= kSourceNat | kSourceNatDone | kDestinationNatDone;
    if (reply.source != original.destination || (ports && reply.source_port != original.destination_port))
      status_ |= kDestinationNat | kSourceNatDone | kDestinationNatDone;
    out_.status = static_cast<std::uint16_t>(status_);
  }

  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
  std::string_view protocol_name_{};
  Parameters out_{};
  unsigned status_ = 0;
  bool seen_reply_ = true;
  int directions_ = 0;  // begun
  bool in_icmp_ = false;
  std::optional<std::uint16_t> reply_id_{};
  std::string error_{};
};

}  // namespace

bool looks_like_listing(std::string_view line) {
  return !trim(line).empty() && trim(line).front() != '-' && line.find(" src=") != std::string_view::npos;
}

Result<Parameters> read_listing_line(std::string_view line) {
  if (line.size() > kListingLine)
    return fail(fmt::format("a line of {} bytes, where at most {} are read", line.size(), kListingLine));
  return Line(line).run();
}

}  // namespace utables::conntrack
