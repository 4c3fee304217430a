// state.jsonl, written.
#include <fmt/format.h>

#include <iterator>

#include "lab/report/packet_line.h"
#include "lab/state/state.h"
#include "lab/state/state_fields.h"
#include "packet/headers.h"

namespace utables::lab {
namespace {

constexpr std::size_t kSendersPerLine = 256;

auto into(std::string& out) { return std::back_inserter(out); }

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += '"';
  for (const std::uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 0xf];
  }
  out += '"';
}

void append_random(std::string& out, std::string_view key, const std::array<std::uint64_t, 4>& state) {
  fmt::format_to(into(out), ",\"{}\":[{},{},{},{}]", key, state[0], state[1], state[2], state[3]);
}

/// Fields that are zero are left out: zero is what a missing one reads as.
template <class T, std::size_t N>
void append_numbers(std::string& out, const T& from, const std::array<NumberField<T>, N>& fields,
                    bool& first) {
  for (const NumberField<T>& field : fields) {
    const std::uint64_t value = field.get(from);
    if (value == 0) continue;
    fmt::format_to(into(out), "{}\"{}\":{}", first ? "" : ",", field.name, value);
    first = false;
  }
}

void append_tuple(std::string& out, std::string_view key, const conntrack::Tuple& tuple) {
  fmt::format_to(into(out), ",\"{}\":{{\"src\":\"{}\",\"dst\":\"{}\",\"sport\":{},\"dport\":{}}}", key,
                 to_string(tuple.source, tuple.family), to_string(tuple.destination, tuple.family),
                 tuple.source_port, tuple.destination_port);
}

void append_tcp(std::string& out, const conntrack::TcpTracking& tcp) {
  fmt::format_to(into(out), ",\"tcp\":{{\"state\":\"{}\"", conntrack::name(tcp.state));
  bool first = false;
  append_numbers(out, tcp, kTcpFields, first);
  out += ",\"ends\":[{";
  first = true;
  append_numbers(out, tcp.end[0], kTcpEndFields, first);
  out += "},{";
  first = true;
  append_numbers(out, tcp.end[1], kTcpEndFields, first);
  out += "}]}";
}

void append_sctp(std::string& out, const conntrack::SctpTracking& sctp) {
  fmt::format_to(into(out), ",\"sctp\":{{\"state\":\"{}\"", conntrack::name(sctp.state));
  bool first = false;
  append_numbers(out, sctp, kSctpFields, first);
  out += '}';
}

std::string_view interface_name(const host::Host& host, InterfaceId id) {
  return id < host.interfaces.size() ? std::string_view(host.at(id).name) : std::string_view{};
}

/// A link layer as its Ethernet header; none: nothing.
std::vector<std::uint8_t> link_bytes(const LinkFacts& link) {
  std::vector<std::uint8_t> bytes;
  if (!link.present) return bytes;
  bytes.assign(link.destination.begin(), link.destination.end());
  bytes.insert(bytes.end(), link.source.begin(), link.source.end());
  bytes.push_back(static_cast<std::uint8_t>(link.type >> 8));
  bytes.push_back(static_cast<std::uint8_t>(link.type));
  return bytes;
}

void append_fragments(std::string& out, const packet::WaitingQueue& queue, const host::Host& host) {
  const packet::FragmentKey& key = queue.key;
  fmt::format_to(into(out),
                 "{{\"kind\":\"fragments\",\"family\":{},\"src\":\"{}\",\"dst\":\"{}\",\"id\":{},"
                 "\"protocol\":{},\"user\":{},\"zone\":{}",
                 static_cast<unsigned>(key.family), to_string(key.source, key.family),
                 to_string(key.destination, key.family), key.identification, key.protocol,
                 static_cast<unsigned>(key.user), key.zone);
  fmt::format_to(into(out),
                 ",\"deadline\":{},\"serial\":{},\"distance\":{},\"sender_count\":{},\"total\":{},\"last_"
                 "seen\":{},\"ecn\":{},\"max_size\":{},\"max_df_size\":{},\"interface\":",
                 queue.deadline, queue.serial, queue.distance, queue.sender_count, queue.total,
                 queue.last_seen ? 1 : 0, queue.ecn, queue.max_size, queue.max_df_size);
  append_json_string(out, interface_name(host, queue.interface));
  out += ",\"parts\":[";
  bool first = true;
  for (const packet::WaitingFragment& part : queue.fragments) {
    fmt::format_to(into(out), "{}{{\"offset\":{},\"length\":{},\"run\":{},\"bytes\":", first ? "" : ",",
                   part.offset, part.length, part.run);
    append_hex(out, part.bytes);
    fmt::format_to(into(out), ",\"type\":{},\"link\":", static_cast<unsigned>(part.type));
    append_hex(out, link_bytes(part.link));
    out += ",\"interface\":";
    append_json_string(out, interface_name(host, part.interface));
    out += '}';
    first = false;
  }
  out += "]}\n";
}

void append_awaited(std::string& out, const conntrack::TrackerMemory::Awaited& awaited) {
  const conntrack::Expectation& e = awaited.expectation;
  fmt::format_to(into(out), "{{\"kind\":\"expectation\",\"family\":{},\"protocol\":{}",
                 static_cast<unsigned>(e.tuple.family), e.tuple.protocol);
  bool first = false;
  append_numbers(out, awaited, kAwaitedFields, first);
  append_tuple(out, "tuple", e.tuple);
  fmt::format_to(into(out), ",\"mask_src\":\"{}\"}}\n", to_string(e.mask.source, e.tuple.family));
}

template <class T, std::size_t N>
void append_both(std::string& out, std::string_view name, const std::array<T, 2>& both,
                 const std::array<NumberField<T>, N>& table) {
  fmt::format_to(into(out), ",\"{}\":[{{", name);
  bool first = true;
  append_numbers(out, both[0], table, first);
  out += "},{";
  first = true;
  append_numbers(out, both[1], table, first);
  out += "}]";
}

void append_helped(std::string& out, const conntrack::TrackerMemory::Helped& helped) {
  fmt::format_to(into(out), "{{\"kind\":\"helper\",\"connection\":{}", helped.connection);
  if (const auto* const ftp = std::get_if<conntrack::FtpMemory>(&helped.memory))
    append_both(out, "lines", ftp->starts, kLineStartFields);
  if (const auto* const sane = std::get_if<conntrack::SaneMemory>(&helped.memory))
    fmt::format_to(into(out), ",\"asked\":{}", sane->asked ? 1 : 0);
  if (const auto* const pptp = std::get_if<conntrack::PptpMemory>(&helped.memory)) {
    out += ",\"pptp\":{";
    bool first = true;
    append_numbers(out, *pptp, kPptpFields, first);
    out += '}';
  }
  if (const auto* const sip = std::get_if<conntrack::SipMemory>(&helped.memory)) {
    out += ",\"sip\":{";
    bool first = true;
    append_numbers(out, *sip, kSipFields, first);
    out += '}';
  }
  if (helped.sequences != conntrack::Sequences{}) append_both(out, "shifts", helped.sequences, kShiftFields);
  out += "}\n";
}

/// The secret is worth keeping only once something was answered by it.
void append_proxies(std::string& out, const conntrack::TrackerMemory& tracker) {
  if (tracker.proxy_statistics == conntrack::ProxyStatistics{} && tracker.proxied.empty()) return;
  const auto line = [&out](std::string_view kind, const auto& of, const auto& fields) {
    fmt::format_to(into(out), "{{\"kind\":\"{}\"", kind);
    bool first = false;
    append_numbers(out, of, fields, first);
    out += "}\n";
  };
  line("proxy_statistics", tracker.proxy_statistics, kProxyStatisticsFields);
  line("cookies", tracker.cookies, kCookieFields);
  for (const auto& proxied : tracker.proxied) line("proxied", proxied, kProxiedFields);
}

void append_call_key(std::string& out, const conntrack::TrackerMemory::CallKey& key) {
  fmt::format_to(into(out), "{{\"kind\":\"call_key\",\"family\":{}", static_cast<unsigned>(key.tuple.family));
  bool first = false;
  append_numbers(out, key, kCallKeyFields, first);
  append_tuple(out, "tuple", key.tuple);
  out += "}\n";
}

void append_call_met(std::string& out, const conntrack::TrackerMemory::CallMet& met) {
  out += "{\"kind\":\"call\"";
  bool first = false;
  append_numbers(out, met, kCallMetFields, first);
  out += "}\n";
}

void append_rule(std::string& out, const engine::RuleMemory& rule) {
  fmt::format_to(into(out), "{{\"kind\":\"rule\",{}\"table\":\"{}\",\"chain\":",
                 rule.family == Family::ipv6 ? "\"family\":6," : "",
                 rules::kTableNames[static_cast<std::size_t>(rule.table)]);
  append_json_string(out, rule.chain);
  fmt::format_to(into(out), ",\"rule\":{},\"extension\":{},\"name\":", rule.rule, rule.extension);
  append_json_string(out, rule.name);
  out += ",\"state\":";
  append_json_string(out, rule.state);
  out += "}\n";
}

}  // namespace

void append_state_head(std::string& out, const State& state) {
  fmt::format_to(into(out), "{{\"v\":{},\"kind\":\"state\",\"profile\":\"{}\",\"time\":{},\"next_serial\":{}",
                 kStateVersion, state.profile == Profile::modern ? "modern" : "classic", state.time,
                 state.tracker.next_serial);
  const auto append_tables = [&](std::string_view key, const std::vector<std::string>& tables) {
    fmt::format_to(into(out), ",\"{}\":[", key);
    for (std::size_t i = 0; i < tables.size(); ++i)
      fmt::format_to(into(out), "{}\"{}\"", i == 0 ? "" : ",", tables[i]);
    out += ']';
  };
  append_tables("tables", state.tables);
  if (!state.tables_v6.empty()) append_tables("tables_v6", state.tables_v6);
  append_random(out, "tracker_random", state.tracker.random);
  append_random(out, "random", state.engine.random);
  out += "}\n";
}

void append_connection(std::string& out, const conntrack::Connection& c) {
  fmt::format_to(into(out), "{{\"kind\":\"connection\",\"family\":{},\"protocol\":{}",
                 static_cast<unsigned>(c.original().family), c.original().protocol);
  for (const ConnectionField& row : kConnectionFields) {
    const std::uint64_t value = row.field.get(c);
    if (value != 0 || !row.optional) fmt::format_to(into(out), ",\"{}\":{}", row.field.name, value);
  }
  bool first = false;
  append_numbers(out, c, kDerivedFields, first);
  append_tuple(out, "original", c.original());
  append_tuple(out, "reply", c.reply());
  if (c.original().protocol == packet::kTcp) append_tcp(out, c.tcp);
  if (c.original().protocol == packet::kSctp) append_sctp(out, c.sctp);
  out += "}\n";
}

void append_state_rest(std::string& out, const State& state, const host::Host& host) {
  for (const auto& awaited : state.tracker.awaited) append_awaited(out, awaited);
  for (const auto& helped : state.tracker.helped) append_helped(out, helped);
  if (state.tracker.statistics != conntrack::Statistics{}) {
    out += "{\"kind\":\"statistics\"";
    bool first = false;
    append_numbers(out, state.tracker.statistics, kStatisticsFields, first);
    out += "}\n";
  }
  append_proxies(out, state.tracker);
  for (const auto& [connection, labels] : state.tracker.labelled)
    fmt::format_to(into(out), "{{\"kind\":\"labels\",\"connection\":{},\"words\":[{},{}]}}\n", connection,
                   labels.words[0], labels.words[1]);
  for (const auto& key : state.tracker.call_keys) append_call_key(out, key);
  for (const auto& met : state.tracker.calls_met) append_call_met(out, met);
  for (const engine::RuleMemory& rule : state.engine.rules) append_rule(out, rule);
  for (const packet::WaitingQueue& queue : state.engine.fragments) append_fragments(out, queue, host);
  for (const engine::LimitedPeer& p : state.engine.limits)
    fmt::format_to(
        into(out),
        "{{\"kind\":\"limit\",\"place\":{},\"address\":\"{}\",\"tokens\":{},\"last\":{},\"redirects\":{}}}\n",
        p.place, to_string(p.address, Family::ipv6), p.tokens, p.last, p.redirects);
  if (!state.engine.identifications.empty())
    fmt::format_to(into(out), "{{\"kind\":\"identifications\",\"counters\":[{}]}}\n",
                   fmt::join(state.engine.identifications, ","));
  for (const SavedPrediction& p : state.predictions) {
    fmt::format_to(into(out), "{{\"kind\":\"prediction\",\"time\":{},\"made_here\":{},\"interface\":", p.time,
                   p.made_here ? 1 : 0);
    append_json_string(out, interface_name(host, p.interface));
    out += ",\"bytes\":";
    append_hex(out, p.bytes);
    out += "}\n";
  }
  for (std::size_t i = 0; i < state.senders.size(); i += kSendersPerLine) {
    const auto begin = state.senders.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = state.senders.begin() +
                     static_cast<std::ptrdiff_t>(std::min(state.senders.size(), i + kSendersPerLine));
    fmt::format_to(into(out), "{{\"kind\":\"senders\",\"keys\":[{}]}}\n", fmt::join(begin, end, ","));
  }
  for (const AnsweredSyn& syn : state.answered) {
    fmt::format_to(into(out), "{{\"kind\":\"answered\",\"family\":{}",
                   static_cast<unsigned>(syn.ends.family));
    bool first = false;
    append_numbers(out, syn, kAnsweredFields, first);
    append_tuple(out, "ends", syn.ends);
    out += "}\n";
  }
}

}  // namespace utables::lab
