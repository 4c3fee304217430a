// Each option's rule is a function from a cursor to a fault (or none); a table maps types to rules.
#include "packet/ip_options.h"

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "packet/checksum.h"

namespace utables::packet {

std::uint32_t milliseconds_of_day(Time now) {
  constexpr Time kDay = 86400 * kSecond;
  const Time of_day = ((now % kDay) + kDay) % kDay;
  return static_cast<std::uint32_t>(of_day / kMillisecond);
}

namespace {

// The flags of a timestamp option (RFC 791): what each slot holds.
constexpr unsigned kTimeOnly = 0, kTimeAndAddress = 1, kPrespecified = 3;

/// An option under judgement: its bytes, and where it stands in the header.
struct Cursor {
  std::span<std::uint8_t> option;  ///< type, length, data; as long as its length says
  std::uint8_t position;
  IpOptions& out;
  const ReceiveFacts& box;

  [[nodiscard]] std::uint8_t length() const { return option[1]; }
  std::uint8_t& pointer() const { return option[2]; }
  /// The slot that the pointer (counted from 1) names. REQUIRES: inside the option.
  [[nodiscard]] std::uint8_t* slot() const { return &option[option[2] - 1U]; }
};

/// Offset of the faulty byte from the option's start.
using Fault = std::optional<std::uint8_t>;

Fault source_route(const Cursor& c) {
  if (c.length() < 3) return 1;
  if (c.pointer() < 4) return 2;
  if (c.out.source_route != 0) return 0;
  c.out.strict = c.option[0] == ip_option::kStrictRoute;
  c.out.source_route = c.position;
  return {};
}

Fault record_route(const Cursor& c) {
  if (c.out.record_route != 0) return 0;
  if (c.length() < 3) return 1;
  if (c.pointer() < 4) return 2;
  if (c.pointer() <= c.length()) {
    if (c.pointer() + 3 > c.length()) return 2;
    store32(c.slot(), c.box.specific.v4());
    c.pointer() = static_cast<std::uint8_t>(c.pointer() + 4);
    c.out.record_needs_address = c.out.changed = true;
  }
  c.out.record_route = c.position;
  return {};
}

/// Fills a slot of a timestamp option that still has one.
Fault stamp(const Cursor& c) {
  if (c.pointer() + 3 > c.length()) return 2;
  const unsigned kind = c.option[3] & 0x0fU;
  if (kind != kTimeOnly && kind != kTimeAndAddress && kind != kPrespecified) return {};
  const bool with_address = kind != kTimeOnly;
  if (with_address && c.pointer() + 7 > c.length()) return 2;
  if (kind == kPrespecified) {
    const Address asked = Address::load(c.slot(), Family::ipv4);
    if (c.box.is_unicast && c.box.is_unicast(asked)) return {};  // somebody else's turn
  }
  if (kind == kTimeAndAddress) {
    store32(c.slot(), c.box.specific.v4());
    c.out.timestamp_needs_address = true;
  }
  store32(c.slot() + (with_address ? 4 : 0), c.box.midnight);
  c.pointer() = static_cast<std::uint8_t>(c.pointer() + (with_address ? 8 : 4));
  c.out.timestamp_needs_time = c.out.changed = true;
  return {};
}

Fault timestamp(const Cursor& c) {
  if (c.out.timestamp != 0) return 0;
  if (c.length() < 4) return 1;
  if (c.pointer() < 5) return 2;
  if (c.pointer() <= c.length()) {
    if (const Fault fault = stamp(c)) return fault;
  } else if ((c.option[3] & 0x0fU) != kPrespecified) {
    const unsigned overflow = c.option[3] >> 4;
    if (overflow == 15) return 3;
    c.option[3] = static_cast<std::uint8_t>((c.option[3] & 0x0fU) | ((overflow + 1) << 4));
    c.out.changed = true;
  }
  c.out.timestamp = c.position;
  return {};
}

Fault router_alert(const Cursor& c) {
  if (c.length() < 4) return 1;
  if (load16(&c.option[2]) == 0) c.out.router_alert = c.position;
  return {};
}

/// No domain of interpretation is known to a box, so every CIPSO option is at fault; it is remembered, as
/// the answer quotes it.
Fault cipso(const Cursor& c) {
  if (c.out.cipso != 0) return 0;
  c.out.cipso = c.position;
  return c.length() < 8 ? 1 : 2;
}

struct Row {
  std::uint8_t type;
  Fault (*judge)(const Cursor&);
};
constexpr Row kRows[] = {
    {ip_option::kLooseRoute, source_route},  {ip_option::kStrictRoute, source_route},
    {ip_option::kRecordRoute, record_route}, {ip_option::kTimestamp, timestamp},
    {ip_option::kRouterAlert, router_alert}, {ip_option::kCipso, cipso},
};

Fault judge(const Cursor& c) {
  for (const Row& row : kRows)
    if (row.type == c.option[0]) return row.judge(c);
  return {};
}

std::size_t header_bytes(std::span<const std::uint8_t> header) { return (header[0] & 0x0fU) * 4U; }

}  // namespace

IpOptions receive_options(std::span<std::uint8_t> header, const ReceiveFacts& box) {
  IpOptions out;
  const std::size_t end = std::min(header_bytes(header), header.size());
  out.size = static_cast<std::uint8_t>(end - 20);
  const auto faulty = [&](std::size_t at) {
    out.malformed = true;
    out.fault = static_cast<std::uint8_t>(at);
    return out;
  };
  for (std::size_t at = 20; at < end;) {
    if (header[at] == ip_option::kEnd) {
      for (++at; at < end; ++at) {  // what is behind the end is wiped
        if (header[at] != ip_option::kEnd) out.changed = true;
        header[at] = ip_option::kEnd;
      }
      break;
    }
    if (header[at] == ip_option::kNop) {
      ++at;
      continue;
    }
    if (end - at < 2) return faulty(at);
    const std::size_t length = header[at + 1];
    if (length < 2 || length > end - at) return faulty(at);
    const Cursor cursor{header.subspan(at, length), static_cast<std::uint8_t>(at), out, box};
    if (const Fault fault = judge(cursor)) return faulty(at + *fault);
    at += length;
  }
  return out;
}

void forward_options(std::span<std::uint8_t> header, IpOptions& options, const Address& outgoing) {
  if (options.record_needs_address) {
    const std::size_t at = options.record_route;
    store32(&header[at + header[at + 2] - 5U], outgoing.v4());
    options.changed = true;
  }
  if (options.source_route_hit) {
    std::uint8_t* route = &header[options.source_route];
    const unsigned space = route[1];
    unsigned pointer = route[2];
    while (pointer + 3 <= space && load32(&route[pointer - 1]) != options.next_hop.v4()) pointer += 4;
    if (pointer + 3 <= space) {
      store32(&header[16], options.next_hop.v4());
      store32(&route[pointer - 1], outgoing.v4());
      route[2] = static_cast<std::uint8_t>(pointer + 4);
      options.changed = true;
    }
    // Linux replaces the address of a timestamp here alone, not for packets without a source route.
    if (options.timestamp_needs_address) {
      const std::size_t at = options.timestamp;
      store32(&header[at + header[at + 2] - 9U], outgoing.v4());
      options.changed = true;
    }
  }
  if (options.changed) {
    options.changed = false;
    write_ip_checksum(header.first(header_bytes(header)));
  }
}

SourceRouteStep step_source_route(std::span<std::uint8_t> header, IpOptions& options,
                                  HopKind destination_kind,
                                  const std::function<HopKind(const Address&)>& lookup) {
  if (destination_kind == HopKind::unicast)
    return options.strict ? SourceRouteStep::not_strict : SourceRouteStep::pass;
  if (destination_kind != HopKind::local) return SourceRouteStep::drop;
  const std::uint8_t* route = &header[options.source_route];
  const unsigned space = route[1];
  for (unsigned pointer = route[2]; pointer <= space; pointer += 4) {
    if (pointer + 3 > space) {
      options.fault = static_cast<std::uint8_t>(options.source_route + 2);
      return SourceRouteStep::bad_pointer;
    }
    const Address next = Address::load(&route[pointer - 1], Family::ipv4);
    const HopKind kind = lookup(next);
    if (kind == HopKind::other) return SourceRouteStep::drop;
    if (kind == HopKind::unicast) {
      options.next_hop = next;
      options.source_route_hit = options.changed = true;
      return SourceRouteStep::hop;
    }
    store32(&header[16], next.v4());
    options.changed = true;
  }
  return SourceRouteStep::pass;
}

namespace {

/// What an error about a packet takes over of its options, one after the other.
struct Echo {
  std::span<const std::uint8_t> header;
  const IpOptions& options;
  const EchoFacts& box;
  EchoedOptions& out;

  /// Copies the option at `position`; returns where it stands now.
  std::size_t copy(std::size_t position) const {
    const auto option = header.subspan(position, header[position + 1]);
    out.bytes.insert(out.bytes.end(), option.begin(), option.end());
    return out.bytes.size() - option.size();
  }
};

/// Returns false where Linux gives the error up.
bool echo_record_route(const Echo& e) {
  if (e.options.record_route == 0) return true;
  std::uint8_t* option = &e.out.bytes[e.copy(e.options.record_route)];
  const unsigned pointer = option[2], length = option[1];
  if (!e.options.record_needs_address || pointer > length) return true;
  if (pointer + 3 > length) return false;
  option[2] = static_cast<std::uint8_t>(pointer + 4);
  store32(&option[pointer - 1], e.box.outgoing.v4());
  return true;
}

bool echo_timestamp(const Echo& e) {
  if (e.options.timestamp == 0) return true;
  std::uint8_t* option = &e.out.bytes[e.copy(e.options.timestamp)];
  const unsigned length = option[1];
  unsigned pointer = option[2];
  if (pointer > length) return true;
  if (e.options.timestamp_needs_address) {
    if (pointer + 3 > length) return false;
    pointer += 4;
  }
  bool time = false;
  if (e.options.timestamp_needs_time) {
    if (pointer + 3 > length) return false;
    if ((option[3] & 0x0fU) != kPrespecified) {
      time = true;
      pointer += 4;
    } else if (pointer + 7 <= length &&
               !(e.box.is_unicast && e.box.is_unicast(Address::load(&option[pointer - 1], Family::ipv4)))) {
      time = true;
      pointer += 8;
    }
  }
  option[2] = static_cast<std::uint8_t>(pointer);
  if (e.options.timestamp_needs_address) store32(&option[pointer - 9], e.box.outgoing.v4());
  if (time) store32(&option[pointer - 5], e.box.midnight);
  return true;
}

/// The hops that were passed, in reverse; the sender is the last.
void echo_source_route(const Echo& e) {
  if (e.options.source_route == 0) return;
  const std::uint8_t* route = &e.header[e.options.source_route];
  const unsigned length = route[1];
  const unsigned pointer = std::min<unsigned>(route[2], length + 1U);
  std::vector<std::uint32_t> passed;  // the first is where the error goes first
  for (unsigned end = pointer; end >= 8; end -= 4) passed.push_back(load32(&route[end - 5]));
  if (passed.empty()) return;
  const std::uint32_t first_hop = passed.front();
  passed.erase(passed.begin());
  const std::uint32_t sender = load32(&e.header[12]);
  // A route that begins with its sender is an illegal one; it is mended by leaving that out.
  const bool begins_with_sender = load32(&route[(pointer - 4U) % 4 + 3]) == sender;
  if (begins_with_sender && passed.empty()) return;
  if (begins_with_sender) passed.pop_back();
  passed.push_back(sender);
  e.out.has_first_hop = true;
  e.out.first_hop = Address::from_v4(first_hop);
  e.out.bytes.push_back(route[0]);
  e.out.bytes.push_back(static_cast<std::uint8_t>(passed.size() * 4 + 3));
  e.out.bytes.push_back(4);
  for (const std::uint32_t hop : passed) {
    e.out.bytes.resize(e.out.bytes.size() + 4);
    store32(&e.out.bytes[e.out.bytes.size() - 4], hop);
  }
}

}  // namespace

EchoedOptions echo_options(std::span<const std::uint8_t> header, const IpOptions& options,
                           const EchoFacts& box) {
  EchoedOptions out;
  if (options.size == 0) return out;
  const Echo echo{header, options, box, out};
  if (!echo_record_route(echo) || !echo_timestamp(echo)) {
    out.possible = false;
    return out;
  }
  echo_source_route(echo);
  if (options.cipso != 0) echo.copy(options.cipso);
  out.bytes.resize((out.bytes.size() + 3) & ~std::size_t{3}, ip_option::kEnd);
  return out;
}

void thin_options(std::span<std::uint8_t> header) {
  const std::size_t end = std::min(header_bytes(header), header.size());
  for (std::size_t at = 20; at < end && header[at] != ip_option::kEnd;) {
    if (header[at] == ip_option::kNop) {
      ++at;
      continue;
    }
    const std::size_t length = at + 1 < end ? header[at + 1] : 0;
    if (length < 2 || length > end - at) return;
    if ((header[at] & ip_option::kCopied) == 0)
      std::fill_n(header.begin() + static_cast<std::ptrdiff_t>(at), length, ip_option::kNop);
    at += length;
  }
}

}  // namespace utables::packet
