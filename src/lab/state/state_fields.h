// The fields of state.jsonl that are plain numbers: tables that both reading and writing go by.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "conntrack/tracker.h"
#include "conntrack/tracker_memory.h"
#include "lab/capture/recorded_cookies.h"

namespace utables::lab {

template <class T>
struct NumberField {
  std::string_view name;
  std::uint64_t max;
  std::uint64_t (*get)(const T&);
  void (*set)(T&, std::uint64_t);
};

// A row for the member `path` of a T; `what` is its name in the file.
#define UTABLES_FIELD(T, what, path, most)                                                            \
  NumberField<T> {                                                                                    \
    what, most, [](const T& t) -> std::uint64_t { return static_cast<std::uint64_t>(t.path); },       \
        [](T& t, std::uint64_t v) { t.path = static_cast<std::remove_cvref_t<decltype(t.path)>>(v); } \
  }

inline constexpr std::uint64_t kMax8 = 0xff, kMax16 = 0xffff, kMax32 = 0xffffffff,
                               kMaxTime = 0x7fffffffffffffff, kMax64 = 0xffffffffffffffff;

inline constexpr std::array kTcpEndFields{
    UTABLES_FIELD(conntrack::TcpEnd, "end", end, kMax32),
    UTABLES_FIELD(conntrack::TcpEnd, "max_end", max_end, kMax32),
    UTABLES_FIELD(conntrack::TcpEnd, "max_win", max_win, kMax32),
    UTABLES_FIELD(conntrack::TcpEnd, "max_ack", max_ack, kMax32),
    UTABLES_FIELD(conntrack::TcpEnd, "scale", scale, 14),
    UTABLES_FIELD(conntrack::TcpEnd, "window_scale", window_scale, 1),
    UTABLES_FIELD(conntrack::TcpEnd, "sack", sack_permitted, 1),
    UTABLES_FIELD(conntrack::TcpEnd, "close_init", close_init, 1),
    UTABLES_FIELD(conntrack::TcpEnd, "be_liberal", be_liberal, 1),
    UTABLES_FIELD(conntrack::TcpEnd, "unacknowledged", unacknowledged, 1),
    UTABLES_FIELD(conntrack::TcpEnd, "max_ack_set", max_ack_set, 1),
};

inline constexpr std::array kTcpFields{
    UTABLES_FIELD(conntrack::TcpTracking, "last_direction", last_direction, 1),
    UTABLES_FIELD(conntrack::TcpTracking, "last_event", last_event,
                  static_cast<std::uint64_t>(conntrack::TcpEvent::count_) - 1),
    UTABLES_FIELD(conntrack::TcpTracking, "retransmissions", retransmissions, kMax8),
    UTABLES_FIELD(conntrack::TcpTracking, "last_scale", last_scale, kMax8),
    UTABLES_FIELD(conntrack::TcpTracking, "last_window_scale", last_window_scale, 1),
    UTABLES_FIELD(conntrack::TcpTracking, "last_sack", last_sack_permitted, 1),
    UTABLES_FIELD(conntrack::TcpTracking, "challenge_ack_expected", challenge_ack_expected, 1),
    UTABLES_FIELD(conntrack::TcpTracking, "simultaneous_open", simultaneous_open, 1),
    UTABLES_FIELD(conntrack::TcpTracking, "last_window", last_window, kMax16),
    UTABLES_FIELD(conntrack::TcpTracking, "last_sequence", last_sequence, kMax32),
    UTABLES_FIELD(conntrack::TcpTracking, "last_acknowledgement", last_acknowledgement, kMax32),
    UTABLES_FIELD(conntrack::TcpTracking, "last_end", last_end, kMax32),
};

inline constexpr std::array kSctpFields{
    UTABLES_FIELD(conntrack::SctpTracking, "tag", tag[0], kMax32),
    UTABLES_FIELD(conntrack::SctpTracking, "reply_tag", tag[1], kMax32),
    UTABLES_FIELD(conntrack::SctpTracking, "opening", opening, 3),
    UTABLES_FIELD(conntrack::SctpTracking, "heartbeat_astray", heartbeat_astray, 1),
    UTABLES_FIELD(conntrack::SctpTracking, "astray_direction", astray_direction, 1),
};

inline constexpr std::uint64_t kMostHelper = static_cast<std::uint64_t>(conntrack::HelperId::count_) - 1;

inline constexpr std::array kAwaitedFields{
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "master", master, kMaxTime),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "serial", expectation.serial, kMaxTime),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "deadline", expectation.deadline, kMaxTime),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "zone", expectation.zone, kMax16),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "mask_sport", expectation.mask.source_port, kMax16),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "helper", expectation.helper, kMostHelper),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "new_helper", expectation.new_helper, kMostHelper),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "class", expectation.expect_class, 3),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "permanent", expectation.permanent, 1),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "inactive", expectation.inactive, 1),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "direction", expectation.direction, 1),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "follows", expectation.follows, 1),
    UTABLES_FIELD(conntrack::TrackerMemory::Awaited, "own_port", expectation.own_port, kMax16),
};

inline constexpr std::array kStatisticsFields{
    UTABLES_FIELD(conntrack::Statistics, "found", found, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "invalid", invalid, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "insert", insert, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "insert_failed", insert_failed, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "drop", drop, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "early_drop", early_drop, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "error", error, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "clash_resolve", clash_resolve, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "expect_new", expect_new, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "expect_create", expect_create, kMax64),
    UTABLES_FIELD(conntrack::Statistics, "expect_delete", expect_delete, kMax64),
};

inline constexpr std::array kProxyStatisticsFields{
    UTABLES_FIELD(conntrack::ProxyStatistics, "syn_received", syn_received, kMax64),
    UTABLES_FIELD(conntrack::ProxyStatistics, "cookie_invalid", cookie_invalid, kMax64),
    UTABLES_FIELD(conntrack::ProxyStatistics, "cookie_valid", cookie_valid, kMax64),
    UTABLES_FIELD(conntrack::ProxyStatistics, "cookie_retrans", cookie_retrans, kMax64),
    UTABLES_FIELD(conntrack::ProxyStatistics, "conn_reopened", conn_reopened, kMax64),
};

inline constexpr std::array kCookieFields{
    UTABLES_FIELD(conntrack::CookieSecret, "first_key", keys[0], kMax64),
    UTABLES_FIELD(conntrack::CookieSecret, "second_key", keys[1], kMax64),
    UTABLES_FIELD(conntrack::CookieSecret, "ahead", ahead, kMax32),
};

inline constexpr std::array kProxiedFields{
    UTABLES_FIELD(conntrack::TrackerMemory::ProxiedConnection, "connection", connection, kMaxTime),
    UTABLES_FIELD(conntrack::TrackerMemory::ProxiedConnection, "first", proxied.first, kMax32),
    UTABLES_FIELD(conntrack::TrackerMemory::ProxiedConnection, "first_time", proxied.first_time, kMax32),
    UTABLES_FIELD(conntrack::TrackerMemory::ProxiedConnection, "time_shift", proxied.time_shift, kMax32),
};

inline constexpr std::array kAnsweredFields{
    UTABLES_FIELD(AnsweredSyn, "number", number, kMax32),
    UTABLES_FIELD(AnsweredSyn, "place", place, 3),
    UTABLES_FIELD(AnsweredSyn, "known", known, 1),
    UTABLES_FIELD(AnsweredSyn, "cookie", cookie, kMax32),
    UTABLES_FIELD(AnsweredSyn, "when", when, kMaxTime),
};

inline constexpr std::array kPptpFields{
    UTABLES_FIELD(conntrack::PptpMemory, "session", session,
                  static_cast<std::uint64_t>(conntrack::PptpMemory::Session::count_) - 1),
    UTABLES_FIELD(conntrack::PptpMemory, "call", call,
                  static_cast<std::uint64_t>(conntrack::PptpMemory::Call::count_) - 1),
    UTABLES_FIELD(conntrack::PptpMemory, "client", ids.client, kMax16),
    UTABLES_FIELD(conntrack::PptpMemory, "server", ids.server, kMax16),
    UTABLES_FIELD(conntrack::PptpMemory, "own_client", ids.own_client, kMax16),
};

inline constexpr std::array kSipFields{
    UTABLES_FIELD(conntrack::SipMemory, "registration", registration, kMax32),
    UTABLES_FIELD(conntrack::SipMemory, "invite", invite, kMax32),
    UTABLES_FIELD(conntrack::SipMemory, "forced_port", forced_port, kMax16),
};

inline constexpr std::array kCallKeyFields{
    UTABLES_FIELD(conntrack::TrackerMemory::CallKey, "master", master, kMaxTime),
    UTABLES_FIELD(conntrack::TrackerMemory::CallKey, "direction", direction, 1),
};

inline constexpr std::array kCallMetFields{
    UTABLES_FIELD(conntrack::TrackerMemory::CallMet, "connection", connection, kMaxTime),
    UTABLES_FIELD(conntrack::TrackerMemory::CallMet, "master", master, kMaxTime),
};

inline constexpr std::array kShiftFields{
    UTABLES_FIELD(conntrack::SequenceShift, "position", position, kMax32),
    UTABLES_FIELD(conntrack::SequenceShift, "before", before, kMax32),
    UTABLES_FIELD(conntrack::SequenceShift, "behind", behind, kMax32),
};

inline constexpr std::array kLineStartFields{
    UTABLES_FIELD(conntrack::FtpMemory::Starts, "known", known, 2),
    UTABLES_FIELD(conntrack::FtpMemory::Starts, "first", sequence[0], kMax32),
    UTABLES_FIELD(conntrack::FtpMemory::Starts, "second", sequence[1], kMax32),
};

/// `optional`: may be missing (a state taken from a real kernel does not know it).
struct ConnectionField {
  NumberField<conntrack::Connection> field;
  bool optional;
};
inline constexpr std::array<ConnectionField, 17> kConnectionFields{{
    {UTABLES_FIELD(conntrack::Connection, "serial", serial, kMaxTime), false},
    {UTABLES_FIELD(conntrack::Connection, "deadline", deadline, kMaxTime), false},
    {UTABLES_FIELD(conntrack::Connection, "timeout", timeout, kMaxTime), true},
    {UTABLES_FIELD(conntrack::Connection, "status", status, kMax16), false},
    {UTABLES_FIELD(conntrack::Connection, "mark", mark, kMax32), true},
    {UTABLES_FIELD(conntrack::Connection, "event_bits", event_bits, kMax16), true},
    {UTABLES_FIELD(conntrack::Connection, "icmp_pending", icmp_pending, kMax16), true},
    {UTABLES_FIELD(conntrack::Connection, "stream_since", stream_since, kMaxTime), true},
    {UTABLES_FIELD(conntrack::Connection, "masquerade", masquerade_device, kMax16), true},
    {UTABLES_FIELD(conntrack::Connection, "helper", helper, kMostHelper), true},
    {UTABLES_FIELD(conntrack::Connection, "timeout_policy", timeout_policy, kMax8), true},
    {UTABLES_FIELD(conntrack::Connection, "master_helper", master_helper, kMostHelper), true},
    {UTABLES_FIELD(conntrack::Connection, "created", created, kMaxTime), true},
    {UTABLES_FIELD(conntrack::Connection, "packets", counters[0].packets, kMax64), true},
    {UTABLES_FIELD(conntrack::Connection, "bytes", counters[0].bytes, kMax64), true},
    {UTABLES_FIELD(conntrack::Connection, "reply_packets", counters[1].packets, kMax64), true},
    {UTABLES_FIELD(conntrack::Connection, "reply_bytes", counters[1].bytes, kMax64), true},
}};

#undef UTABLES_FIELD

/// The same, of fields that are not a member as it is; read in this order.
inline constexpr std::array<NumberField<conntrack::Connection>, 4> kDerivedFields{{
    {"zone", kMax16, [](const conntrack::Connection& c) -> std::uint64_t { return c.zone().id; },
     [](conntrack::Connection& c, std::uint64_t v) {
       c.set_zone({static_cast<std::uint16_t>(v), conntrack::Zone::kBoth});
     }},
    // Of one direction alone: 1 the original, 2 the reply.
    {"zone_direction", 2,
     [](const conntrack::Connection& c) -> std::uint64_t {
       return c.zone_directions == conntrack::Zone::kBoth ? 0 : c.zone_directions;
     },
     [](conntrack::Connection& c, std::uint64_t v) {
       if (v != 0) c.set_zone({c.zone().id, static_cast<std::uint8_t>(v)});
     }},
    {"untold_events", kMax16,
     [](const conntrack::Connection& c) -> std::uint64_t { return kMax16 & ~std::uint64_t{c.events_told}; },
     [](conntrack::Connection& c, std::uint64_t v) { c.events_told = static_cast<std::uint16_t>(~v); }},
    {"untold_expectations", 3,
     [](const conntrack::Connection& c) -> std::uint64_t { return 3 & ~std::uint64_t{c.expectations_told}; },
     [](conntrack::Connection& c, std::uint64_t v) {
       c.expectations_told = static_cast<std::uint8_t>(~v & 3);
     }},
}};

}  // namespace utables::lab
