// Answers: the ICMP errors of forwarding and of REJECT, and REJECT's resets (RFC 792, RFC 1812 4.3).
//
// Identifications of ICMP errors come from counters that start at random and are kept by source and
// destination, as in Linux; which numbers come is drawn from the worker's stream.
#include <fmt/format.h>

#include "base/bytes.h"
#include "engine/path.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/headers.h"
#include "rules/target/log_line.h"

namespace utables::engine {

namespace {

constexpr std::uint8_t kFragmentationNeeded = 4;
constexpr std::uint32_t kDummyAddress = 0xc0000008;  ///< 192.0.0.8 (RFC 7600): the box has no address at all

/// The code of `destination unreachable` for each answer of REJECT, in the order of RejectWith (a reset has
/// none).
constexpr std::array<std::uint8_t, 14> kRejectCode{0, 1, 2, 3, 9, 10, 13, 0, 0, 1, 3, 4, 5, 6};

/// Linux judges a rejected packet's checksum where the protocol has one of 16 bits over all its payload;
/// a protocol that it does not know is judged as if it had, without a pseudo-header.
enum class Judged : std::uint8_t { never, with_pseudo_header, plain };
Judged how_judged(const packet::Buffer& buffer) {
  const std::uint8_t* transport = buffer.transport();
  const std::uint32_t size = buffer.transport_size();
  switch (buffer.facts.protocol) {
    case packet::kTcp:
      return Judged::with_pseudo_header;
    case packet::kUdp:
      return size >= 8 && load16(transport + 6) == 0 ? Judged::never : Judged::with_pseudo_header;
    case packet::kGre:
      return size >= 4 && (transport[0] & 0x80) != 0 ? Judged::plain : Judged::never;
    case packet::kAh:
    case packet::kEsp:
    case packet::kSctp:
    case packet::kUdplite:
      return Judged::never;
    default:
      return buffer.facts.is_ipv6() ? Judged::with_pseudo_header : Judged::plain;
  }
}

/// Over IPv6 REJECT is silent about what has no transport layer that it could judge.
bool has_transport(const packet::Buffer& buffer) {
  const packet::Facts& facts = buffer.facts;
  return !facts.is_ipv6() || (!facts.chain_broken && facts.protocol != packet::kNoNextHeader &&
                              facts.header_size < facts.total_length);
}

}  // namespace

void Path::reject(const rules::Context& context, rules::RejectWith with) {
  Flight& flight = *current_;
  const bool reset = with == rules::RejectWith::tcp_reset;
  // Forwarding forgets what a checksum came to, but not, for ICMP errors, that it was right.
  const bool remembered = checksum_was_judged(flight) && !(reset && context.hook == rules::Hook::forward);
  const bool v6 = flight.facts().is_ipv6();
  if (!flight.facts().is_later_fragment() && has_transport(flight.buffer) &&
      (remembered || whole_checksum_good(flight))) {
    if (reset)
      send_reset(flight);
    else
      send_error(flight, {v6 ? packet::icmpv6::kUnreachable : packet::icmp::kUnreachable,
                          kRejectCode[static_cast<std::size_t>(with)], 0});
  }
  rejected_ = true;
}

/// Tracking found the packet's checksum right when it came in.
bool Path::checksum_was_judged(const Flight& flight) const {
  const packet::Facts& facts = flight.facts();
  if (!parts_.tracks(facts.family) || !parts_.tracker->settings().checksum || flight.in == kNoInterface)
    return false;
  // What the box made is not judged on its way out; over lo it comes back with its connection, unless it has
  // none: then it is tracked anew.
  if (flight.looped && flight.tracked.info != CtInfo::invalid) return false;
  if (flight.tracked.info == CtInfo::untracked || !facts.has_transport_header) return false;
  switch (flight.tracked.invalid) {  // what tracking refuses before it looks at the checksum, or by it
    case conntrack::InvalidReason::bad_checksum:
    case conntrack::InvalidReason::truncated_header:
    case conntrack::InvalidReason::tcp_bad_header_length:
    case conntrack::InvalidReason::udp_bad_length:
      return false;
    default:
      break;
  }
  return facts.protocol == packet::kTcp || facts.protocol == packet::kUdp ||
         facts.protocol == (facts.is_ipv6() ? packet::kIcmpv6 : packet::kIcmp);
}

void Path::log(const rules::Context& context, const rules::LogParameters& parameters) {
  const std::string text = rules::log_line(context, parameters);
  sink_->log({text, parameters.level, index_});
}

/// Linux sums the whole packet: a right header adds nothing, one whose options were filled in without its
/// checksum spoils it.
bool Path::whole_checksum_good(const Flight& flight) const {
  const packet::Buffer& buffer = flight.buffer;
  if (buffer.checksum_good || buffer.size < buffer.facts.total_length)
    return true;  // what was cut off is not known
  const Judged judged = how_judged(buffer);
  if (judged == Judged::never) return true;
  const std::uint64_t start =
      judged == Judged::plain
          ? 0
          : packet::pseudo_header_sum(buffer.facts, buffer.facts.protocol, buffer.transport_size());
  const auto summed =
      buffer.facts.is_ipv6() ? buffer.view().subspan(buffer.facts.header_size) : buffer.view();
  return packet::finish(packet::sum(summed, start)) == 0;
}

/// Never about what was not sent to this box alone, about errors, or while another error is on its way.
bool Path::may_answer(const Flight& flight, const IcmpError& /*error*/) const {
  return !icmp_busy_ && flight.way.kind != Way::Kind::none && flight.type == PacketType::host &&
         !flight.way.broadcast && !flight.way.multicast &&
         packet::icmp_error_allowed(flight.buffer.view(), flight.facts());
}

void Path::send_error(Flight& about, const IcmpError& error) {
  if (about.facts().is_ipv6()) return send_error6(about, error);
  if (!may_answer(about, error)) return;
  const packet::Facts& facts = about.facts();
  Address source{};
  if (about.way.is_local())
    source = facts.destination;
  else if (about.way.arriving && host_.settings.icmp_errors_use_inbound_ifaddr)
    source = host_.select_source(about.first_in != kNoInterface ? about.first_in : about.in, facts.source,
                                 Family::ipv4, host::RouteScope::link);

  packet::EchoedOptions options = echo_options(about, source);
  if (!options.possible) return;
  const Address first_hop = options.has_first_hop ? options.first_hop : facts.source;
  Way way;
  if (route_outbound(first_hop, reply_tos(about), way) != DropReason::none) return;
  if (source.is_zero()) source = way.source;
  if (source.is_zero()) source = Address::from_v4(kDummyAddress);
  options = echo_options(about, source);  // now that the source is known, it is what the options want
  const bool limited = !(error.type == packet::icmp::kUnreachable && error.code == kFragmentationNeeded) &&
                       ((host_.settings.icmp_ratemask >> error.type) & 1) != 0 && way.device != 0;
  if (limited && !limits_.allow_icmp(first_hop, now_)) return;

  packet::IcmpError made;
  made.icmp = {error.type, error.code, error.info};
  made.source = source;
  made.identification = next_identification(source, first_hop);
  made.ttl = host_.settings.default_ttl;
  made.mtu = way.mtu;
  made.options = options.bytes;
  made.has_destination = options.has_first_hop;
  made.destination = first_hop;
  packet::Bytes bytes = build_error(about, made);
  if (bytes.empty()) return;
  icmp_busy_ = true;
  send_answer(std::move(bytes), way, about, "icmp error");
  icmp_busy_ = false;
}

/// An error quotes what Linux has of the packet, whose checksum may still have to be completed.
packet::Bytes Path::build_error(Flight& about, const packet::IcmpError& made) {
  const packet::Facts& facts = about.facts();
  std::uint8_t* const checksum = about.buffer.transport() + 16;
  const std::uint16_t finished = about.unsummed ? load16(checksum) : std::uint16_t{0};
  if (about.unsummed)
    store16(checksum, static_cast<std::uint16_t>(~packet::finish(
                          packet::pseudo_header_sum(facts, packet::kTcp, about.buffer.transport_size()))));
  packet::Bytes bytes = packet::build_icmp_error(about.buffer.view(), facts, made);
  if (about.unsummed) store16(checksum, finished);
  return bytes;
}

/// The options of an error's own header; none for a packet whose options Linux never read.
packet::EchoedOptions Path::echo_options(const Flight& about, const Address& outgoing) const {
  if (about.options.size == 0) return {};
  packet::EchoFacts box;
  box.outgoing = outgoing;
  box.midnight = packet::milliseconds_of_day(now_);
  box.is_unicast = [this](const Address& a) {
    return host_.routes.type_of(a, Family::ipv4) == host::RouteType::unicast;
  };
  return packet::echo_options({about.buffer.bytes, about.facts().header_size}, about.options, box);
}

void Path::send_reset(Flight& about) {
  const packet::Facts& facts = about.facts();
  if (!packet::tcp_reset_allowed(facts) || about.way.broadcast || about.way.multicast) return;
  const auto unicast = [](const Address& a) { return a.bytes[0] != 0xff && !a.is_zero(); };
  if (facts.is_ipv6() && !(unicast(facts.source) && unicast(facts.destination))) return;
  Way way;
  if (route_back(about, facts.source, 0, way) != DropReason::none) return;
  if (parts_.tracking) parts_.tracker->close(about.tracked, now_);
  send_answer(packet::build_tcp_reset(facts, facts.is_ipv6() ? 64 : host_.settings.default_ttl), way, about,
              "tcp reset");
}

std::uint8_t Path::reply_tos(const Flight& about) const {
  return static_cast<std::uint8_t>((about.facts().tos & 0x1e) | 0xc0);
}

/// An answer goes through OUTPUT with the connection of the packet that it is about.
void Path::send_answer(packet::Bytes bytes, const Way& way, const Flight& about, std::string_view why) {
  conntrack::Tracked tracked;
  if (about.tracked.connection != nullptr) tracked = conntrack::Tracker::attach(about.tracked);
  tracked.not_exempt = about.tracked.info == CtInfo::untracked;
  // Over IPv6 a reset is summed at once.
  send_made(std::move(bytes), way, tracked,
            {why, !about.facts().is_ipv6() && about.facts().protocol == packet::kTcp && !icmp_busy_});
}

/// What the box sends goes through OUTPUT, as a packet of another's connection if `tracked` has one.
void Path::send_made(packet::Bytes bytes, const Way& way, const conntrack::Tracked& tracked,
                     const Made& made) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  bytes.resize(size + kSpareRoom);
  Flight answer;
  answer.buffer = {bytes.data(), size, size + kSpareRoom, {}, 0, true};
  if (packet::parse({bytes.data(), size}, size, answer.buffer.facts) != DropReason::none) return;
  answer.way = way;
  answer.out = way.device;
  answer.made_here = true;
  answer.unsummed = made.unsummed;
  answer.compiled_options = true;
  answer.tracked = tracked;
  answer.attached = tracked.connection != nullptr;
  if (parts_.observer != nullptr) parts_.observer->packet_made_here(answer.facts(), made.why);
  End end;
  if (hook(rules::Hook::output, answer, end)) end = leave(answer);
  if (is_lost(end.fate)) forget(answer);
}

std::uint16_t Path::next_identification(const Address& source, const Address& destination) {
  if (identifications_.empty()) {
    identifications_.resize(kIdentificationCounters);
    for (std::uint16_t& counter : identifications_) counter = static_cast<std::uint16_t>(random_.next32());
  }
  const std::uint64_t mixed = (std::uint64_t{source.v4()} << 32 | destination.v4()) * 0x9e3779b97f4a7c15ULL;
  return identifications_[mixed >> 53]++;
}

}  // namespace utables::engine
