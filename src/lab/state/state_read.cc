// state.jsonl, read: every field checked.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "base/scan.h"
#include "lab/state/state.h"
#include "lab/state/state_fields.h"
#include "packet/headers.h"

namespace utables::lab {
namespace {

constexpr std::size_t kEthernetHeader = 14;

/// REQUIRES: an Ethernet header.
LinkFacts link_of(std::span<const std::uint8_t> bytes) {
  LinkFacts link;
  link.present = true;
  std::copy_n(bytes.begin(), 6, link.destination.begin());
  std::copy_n(bytes.begin() + 6, 6, link.source.begin());
  link.type = load16(bytes.data() + 12);
  return link;
}

using Json = nlohmann::json;

/// The fields of one object: each is asked for once; the first that is wrong is the error.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  [[nodiscard]] bool good() const { return error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  void wrong(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }

  const Json* find(std::string_view name, bool optional = false) {
    asked_.emplace(name);
    const auto at = object_.find(name);
    if (at != object_.end()) return &*at;
    if (!optional) wrong(fmt::format("the field \"{}\" is missing", name));
    return nullptr;
  }
  std::uint64_t number(std::string_view name, std::uint64_t max, bool optional = false) {
    const Json* const value = find(name, optional);
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= max) return value->get<std::uint64_t>();
    wrong(fmt::format("\"{}\": {} is not a number from 0 to {}", name, shown(*value), max));
    return 0;
  }
  std::int64_t signed_number(std::string_view name) {
    const Json* const value = find(name);
    if (value == nullptr) return 0;
    if (value->is_number_integer() &&
        !(value->is_number_unsigned() && value->get<std::uint64_t>() > kMaxTime))
      return value->get<std::int64_t>();
    wrong(fmt::format("\"{}\": {} is not a number of 64 bits", name, shown(*value)));
    return 0;
  }
  std::string text(std::string_view name) {
    const Json* const value = find(name);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    wrong(fmt::format("\"{}\": {} is not a text", name, shown(*value)));
    return {};
  }
  Address address(std::string_view name, Family family) {
    const std::string written = text(name);
    if (!good()) return {};
    const auto parsed = parse_address(written, family);
    if (parsed) return *parsed;
    wrong(fmt::format("\"{}\": {}", name, parsed.error().text));
    return {};
  }
  Family family() {
    const std::uint64_t value = number("family", 6);
    if (good() && value != 4 && value != 6) wrong("\"family\" is neither 4 nor 6");
    return value == 6 ? Family::ipv6 : Family::ipv4;
  }
  std::vector<std::uint8_t> hex(std::string_view name) {
    const std::string written = text(name);
    std::vector<std::uint8_t> bytes;
    bytes.reserve(written.size() / 2);
    for (std::size_t i = 0; i + 1 < written.size(); i += 2) {
      const auto byte = scan_unsigned(std::string_view(written).substr(i, 2), 16, 0xff);
      if (!byte) break;
      bytes.push_back(static_cast<std::uint8_t>(*byte));
    }
    if (good() && bytes.size() * 2 != written.size())
      wrong(fmt::format("\"{}\" is not a row of bytes in hexadecimal", name));
    return bytes;
  }
  /// An array of numbers, of `count` if that is not 0.
  std::vector<std::uint64_t> numbers(std::string_view name, std::uint64_t max, std::size_t count) {
    std::vector<std::uint64_t> out;
    const Json* const value = find(name);
    if (value == nullptr) return out;
    const bool right = value->is_array() && (count == 0 || value->size() == count) &&
                       std::all_of(value->begin(), value->end(), [&](const Json& n) {
                         return n.is_number_unsigned() && n.get<std::uint64_t>() <= max;
                       });
    if (!right) {
      wrong(fmt::format("\"{}\" is not an array of {}numbers from 0 to {}", name,
                        count == 0 ? "" : fmt::format("{} ", count), max));
      return out;
    }
    for (const Json& n : *value) out.push_back(n.get<std::uint64_t>());
    return out;
  }
  std::array<std::uint64_t, 4> random(std::string_view name) {
    std::array<std::uint64_t, 4> out{};
    const auto values = numbers(name, kMax64, out.size());
    if (values.size() == out.size()) std::copy(values.begin(), values.end(), out.begin());
    return out;
  }
  /// An object within this one; null (and an error) if it is none.
  const Json* object(std::string_view name, bool optional = false) {
    const Json* const value = find(name, optional);
    if (value != nullptr && !value->is_object()) {
      wrong(fmt::format("\"{}\" is not an object", name));
      return nullptr;
    }
    return value;
  }
  template <class T, std::size_t N>
  void read(T& into, const std::array<NumberField<T>, N>& fields) {
    for (const NumberField<T>& field : fields) field.set(into, number(field.name, field.max, true));
  }
  /// Whatever was not asked for is not known here.
  void finish() {
    for (const auto& [key, value] : object_.items())
      if (asked_.count(key) == 0) wrong(fmt::format("the field \"{}\" is not known here", key));
  }
  void take_error(const Fields& inner, std::string_view name) {
    if (!inner.good()) wrong(fmt::format("{}: {}", name, inner.error()));
  }

 private:
  static std::string shown(const Json& value) {
    std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > 40) text = text.substr(0, 37) + "...";
    return text;
  }
  const Json& object_;
  std::set<std::string, std::less<>> asked_{};
  std::string error_{};
};

void read_tuple(Fields& fields, std::string_view name, conntrack::Tuple& tuple) {
  const Json* const object = fields.object(name);
  if (object == nullptr) return;
  Fields inner(*object);
  tuple.source = inner.address("src", tuple.family);
  tuple.destination = inner.address("dst", tuple.family);
  tuple.source_port = static_cast<std::uint16_t>(inner.number("sport", kMax16));
  tuple.destination_port = static_cast<std::uint16_t>(inner.number("dport", kMax16));
  inner.finish();
  fields.take_error(inner, name);
}

template <class StateOf>
void read_protocol_state(Fields& fields, std::string_view protocol, StateOf& into) {
  const std::string state = fields.text("state");
  for (unsigned i = 0; i < static_cast<unsigned>(StateOf::count_); ++i) {
    if (conntrack::name(static_cast<StateOf>(i)) != state) continue;
    into = static_cast<StateOf>(i);
    return;
  }
  fields.wrong(fmt::format("\"state\": `{}' is no state of {}", state, protocol));
}

/// Tags that are missing are not known yet.
void read_sctp(Fields& fields, conntrack::SctpTracking& sctp) {
  const Json* const object = fields.object("sctp");
  if (object == nullptr) return;
  Fields inner(*object);
  read_protocol_state(inner, "SCTP", sctp.state);
  inner.read(sctp, kSctpFields);
  inner.finish();
  fields.take_error(inner, "sctp");
}

/// Window figures may be missing, as in a table taken from a real kernel: then it is liberal, as the kernel
/// is.
void read_tcp(Fields& fields, conntrack::TcpTracking& tcp) {
  const Json* const object = fields.object("tcp");
  if (object == nullptr) return;
  Fields inner(*object);
  read_protocol_state(inner, "TCP", tcp.state);
  inner.read(tcp, kTcpFields);
  const Json* const ends = inner.find("ends", true);
  if (ends == nullptr) {
    for (conntrack::TcpEnd& end : tcp.end) end.be_liberal = true;
  } else if (!ends->is_array() || ends->size() != 2 || !(*ends)[0].is_object() || !(*ends)[1].is_object()) {
    inner.wrong("\"ends\" is not an array of two objects");
  } else {
    for (std::size_t i = 0; i < 2; ++i) {
      Fields end((*ends)[i]);
      end.read(tcp.end[i], kTcpEndFields);
      end.finish();
      inner.take_error(end, "ends");
    }
  }
  inner.finish();
  fields.take_error(inner, "tcp");
}

/// Those of `rules.v6` may be missing.
std::vector<std::string> read_tables(Fields& fields, Family family) {
  const bool v6 = family == Family::ipv6;
  const std::string_view key = v6 ? "tables_v6" : "tables";
  std::vector<std::string> tables;
  const Json* const value = fields.find(key, v6);
  if (value == nullptr) return tables;
  const auto known = [](const Json& name) {
    return name.is_string() && std::find(rules::kTableNames.begin(), rules::kTableNames.end(),
                                         name.get<std::string>()) != rules::kTableNames.end();
  };
  if (!value->is_array() || value->size() > rules::kTableNames.size() ||
      !std::all_of(value->begin(), value->end(), known)) {
    fields.wrong(fmt::format("\"{}\" is not an array of names of tables", key));
    return tables;
  }
  for (const Json& name : *value) tables.push_back(name.get<std::string>());
  return tables;
}

class StateReader {
 public:
  StateReader(const std::string& file, const host::Host& host) : file_(file), host_(host) {}

  Result<State, Errors> run(std::string_view text) {
    std::uint32_t number = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = trim(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      ++number;
      if (line.empty()) continue;
      if (const std::string wrong = read_line(line); !wrong.empty())
        return tl::unexpected<Errors>(Errors{Error{wrong, file_, number}});
    }
    if (!begun_)
      return tl::unexpected<Errors>(
          Errors{Error{"the first line, {\"v\":1,\"kind\":\"state\",...}, is missing", file_}});
    return std::move(state_);
  }

 private:
  using Reader = void (StateReader::*)(Fields&);
  struct Kind {
    std::string_view name;
    Reader read;
  };

  std::string read_line(std::string_view line) {
    if (line.size() > kStateLineBytes)
      return fmt::format("a line of {} bytes, where at most {} are read", line.size(), kStateLineBytes);
    const Json object = Json::parse(line, nullptr, false);
    if (object.is_discarded()) return fmt::format("this is not JSON: `{}'", line.substr(0, 60));
    if (!object.is_object()) return fmt::format("this is not a JSON object: `{}'", line.substr(0, 60));
    Fields fields(object);
    const std::string kind = fields.text("kind");
    if (!fields.good()) return fields.error();
    if (!begun_ && kind != "state") return "the first line is not of the kind \"state\"";
    static constexpr std::array<Kind, 18> kKinds{{{"state", &StateReader::read_head},
                                                  {"connection", &StateReader::read_connection},
                                                  {"expectation", &StateReader::read_awaited},
                                                  {"helper", &StateReader::read_helped},
                                                  {"statistics", &StateReader::read_statistics},
                                                  {"labels", &StateReader::read_labels},
                                                  {"proxy_statistics", &StateReader::read_proxy_statistics},
                                                  {"cookies", &StateReader::read_cookies},
                                                  {"proxied", &StateReader::read_proxied},
                                                  {"call_key", &StateReader::read_call_key},
                                                  {"call", &StateReader::read_call_met},
                                                  {"rule", &StateReader::read_rule},
                                                  {"fragments", &StateReader::read_fragments},
                                                  {"limit", &StateReader::read_limit},
                                                  {"identifications", &StateReader::read_identifications},
                                                  {"prediction", &StateReader::read_prediction},
                                                  {"senders", &StateReader::read_senders},
                                                  {"answered", &StateReader::read_answered}}};
    const auto found =
        std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& k) { return k.name == kind; });
    if (found == kKinds.end()) return fmt::format("the kind \"{}\" is not known here", kind);
    if (++entries_ > kStateEntries) return fmt::format("more than {} entries", kStateEntries);
    (this->*found->read)(fields);
    fields.finish();
    return fields.good() ? std::string() : fmt::format("{}: {}", kind, fields.error());
  }

  void read_head(Fields& fields) {
    if (begun_) return fields.wrong("there is more than one line of this kind");
    if (fields.number("v", kMax32) != kStateVersion && fields.good())
      return fields.wrong(fmt::format("its version is not {}", kStateVersion));
    begun_ = true;
    const std::string profile = fields.text("profile");
    if (fields.good() && profile != "modern" && profile != "classic")
      fields.wrong("\"profile\" is neither modern nor classic");
    state_.profile = profile == "classic" ? Profile::classic : Profile::modern;
    state_.time = static_cast<Time>(fields.number("time", kMaxTime));
    state_.tables = read_tables(fields, Family::ipv4);
    state_.tables_v6 = read_tables(fields, Family::ipv6);
    state_.tracker.next_serial = fields.number("next_serial", kMaxTime);
    state_.tracker.random = fields.random("tracker_random");
    state_.engine.random = fields.random("random");
  }

  void read_connection(Fields& fields) {
    conntrack::Connection c;
    const Family family = fields.family();
    const auto protocol = static_cast<std::uint8_t>(fields.number("protocol", kMax8));
    for (conntrack::Tuple& tuple : c.tuple) {
      tuple.family = family;
      tuple.protocol = protocol;
    }
    for (const ConnectionField& row : kConnectionFields)
      row.field.set(c, fields.number(row.field.name, row.field.max, row.optional));
    fields.read(c, kDerivedFields);
    read_tuple(fields, "original", c.tuple[0]);
    read_tuple(fields, "reply", c.tuple[1]);
    if (protocol == packet::kTcp) read_tcp(fields, c.tcp);
    if (protocol == packet::kSctp) read_sctp(fields, c.sctp);
    if (fields.good() && !state_.connections.empty() && c.serial <= state_.connections.back().serial)
      fields.wrong("\"serial\" is not above that of the connection before it");
    if (c.serial >= state_.tracker.next_serial && fields.good())
      fields.wrong("\"serial\" is not below the next one that the first line gives");
    if ((c.status & conntrack::kConfirmed) == 0 && fields.good())
      fields.wrong("\"status\" is not that of a confirmed connection");
    state_.connections.push_back(c);
  }

  void read_awaited(Fields& fields) {
    conntrack::TrackerMemory::Awaited awaited;
    conntrack::Expectation& e = awaited.expectation;
    e.tuple.family = fields.family();
    e.tuple.protocol = static_cast<std::uint8_t>(fields.number("protocol", kMax8));
    fields.read(awaited, kAwaitedFields);
    read_tuple(fields, "tuple", e.tuple);
    e.mask.source = fields.address("mask_src", e.tuple.family);
    auto& all = state_.tracker.awaited;
    if (fields.good() && !all.empty() && e.serial <= all.back().expectation.serial)
      fields.wrong("\"serial\" is not above that of the expectation before it");
    all.push_back(awaited);
  }

  /// An array of two objects, of the original and the reply direction.
  template <class T, std::size_t N>
  static void read_both(Fields& fields, std::string_view name, std::array<T, 2>& into,
                        const std::array<NumberField<T>, N>& table, bool optional) {
    const Json* const both = fields.find(name, optional);
    if (both == nullptr) return;
    if (!both->is_array() || both->size() != 2 || !(*both)[0].is_object() || !(*both)[1].is_object())
      return fields.wrong(fmt::format("\"{}\" is not an array of two objects", name));
    for (std::size_t i = 0; i < 2; ++i) {
      Fields inner((*both)[i]);
      inner.read(into[i], table);
      inner.finish();
      fields.take_error(inner, name);
    }
  }

  void read_helped(Fields& fields) {
    conntrack::TrackerMemory::Helped helped;
    helped.connection = fields.number("connection", kMaxTime);
    if (fields.find("lines", true) != nullptr) {
      conntrack::FtpMemory ftp;
      read_both(fields, "lines", ftp.starts, kLineStartFields, false);
      helped.memory = ftp;
    } else if (fields.find("asked", true) != nullptr) {
      helped.memory = conntrack::SaneMemory{fields.number("asked", 1) != 0};
    } else if (const Json* const object = fields.object("pptp", true); object != nullptr) {
      conntrack::PptpMemory pptp;
      Fields inner(*object);
      inner.read(pptp, kPptpFields);
      inner.finish();
      fields.take_error(inner, "pptp");
      helped.memory = pptp;
    } else if (const Json* const sip_object = fields.object("sip", true); sip_object != nullptr) {
      conntrack::SipMemory sip;
      Fields inner(*sip_object);
      inner.read(sip, kSipFields);
      inner.finish();
      fields.take_error(inner, "sip");
      helped.memory = sip;
    }
    read_both(fields, "shifts", helped.sequences, kShiftFields, true);
    state_.tracker.helped.push_back(helped);
  }

  void read_statistics(Fields& fields) { fields.read(state_.tracker.statistics, kStatisticsFields); }

  void read_proxy_statistics(Fields& fields) {
    fields.read(state_.tracker.proxy_statistics, kProxyStatisticsFields);
  }
  void read_cookies(Fields& fields) { fields.read(state_.tracker.cookies, kCookieFields); }
  void read_proxied(Fields& fields) {
    conntrack::TrackerMemory::ProxiedConnection proxied;
    fields.read(proxied, kProxiedFields);
    state_.tracker.proxied.push_back(proxied);
  }

  void read_answered(Fields& fields) {
    AnsweredSyn syn;
    syn.ends.family = fields.family();
    syn.ends.protocol = packet::kTcp;
    fields.read(syn, kAnsweredFields);
    read_tuple(fields, "ends", syn.ends);
    state_.answered.push_back(syn);
  }

  void read_labels(Fields& fields) {
    conntrack::TrackerMemory::Labelled labelled;
    labelled.connection = fields.number("connection", kMaxTime);
    const auto words = fields.numbers("words", kMax64, labelled.labels.words.size());
    std::copy(words.begin(), words.end(), labelled.labels.words.begin());
    state_.tracker.labelled.push_back(labelled);
  }

  void read_call_key(Fields& fields) {
    conntrack::TrackerMemory::CallKey key;
    key.tuple.family = fields.family();
    key.tuple.protocol = packet::kGre;
    fields.read(key, kCallKeyFields);
    read_tuple(fields, "tuple", key.tuple);
    state_.tracker.call_keys.push_back(key);
  }

  void read_call_met(Fields& fields) {
    conntrack::TrackerMemory::CallMet met;
    fields.read(met, kCallMetFields);
    state_.tracker.calls_met.push_back(met);
  }

  void read_rule(Fields& fields) {
    engine::RuleMemory rule;
    if (fields.find("family", true) != nullptr) rule.family = fields.family();
    const std::string table = fields.text("table");
    const auto found = std::find(rules::kTableNames.begin(), rules::kTableNames.end(), table);
    if (found == rules::kTableNames.end())
      return fields.wrong(fmt::format("\"table\": `{}' is no table", table));
    rule.table = static_cast<rules::TableId>(found - rules::kTableNames.begin());
    rule.chain = fields.text("chain");
    rule.rule = static_cast<std::uint32_t>(fields.number("rule", kMax32));
    rule.extension = static_cast<std::uint32_t>(fields.number("extension", kMax32));
    rule.name = fields.text("name");
    rule.state = fields.text("state");
    state_.engine.rules.push_back(std::move(rule));
  }

  InterfaceId interface(Fields& fields) {
    const std::string name = fields.text("interface");
    if (name.empty()) return kNoInterface;
    const auto found = host_.find(name);
    if (!found) fields.wrong(fmt::format("\"interface\": the box has no `{}'", name));
    return found.value_or(kNoInterface);
  }

  void read_fragments(Fields& fields) {
    packet::WaitingQueue queue;
    queue.key.family = fields.family();
    queue.key.source = fields.address("src", queue.key.family);
    queue.key.destination = fields.address("dst", queue.key.family);
    queue.key.identification = static_cast<std::uint32_t>(fields.number("id", kMax32));
    queue.key.protocol = static_cast<std::uint8_t>(fields.number("protocol", kMax8));
    queue.key.user = static_cast<packet::DefragUser>(fields.number("user", 2));
    queue.key.zone = static_cast<std::uint16_t>(fields.number("zone", kMax16));
    queue.deadline = static_cast<Time>(fields.number("deadline", kMaxTime));
    queue.serial = fields.number("serial", kMaxTime);
    queue.distance = static_cast<std::uint32_t>(fields.number("distance", kMax32));
    queue.sender_count = static_cast<std::uint32_t>(fields.number("sender_count", kMax32));
    queue.total = static_cast<std::uint32_t>(fields.number("total", kMax32));
    queue.last_seen = fields.number("last_seen", 1) != 0;
    queue.ecn = static_cast<std::uint8_t>(fields.number("ecn", kMax8));
    queue.max_size = static_cast<std::uint32_t>(fields.number("max_size", kMax32));
    queue.max_df_size = static_cast<std::uint32_t>(fields.number("max_df_size", kMax32));
    queue.interface = interface(fields);
    const Json* const parts = fields.find("parts");
    const bool may_be_empty = queue.key.family == Family::ipv6;  // a bad fragment began it
    if (parts == nullptr || !parts->is_array() || (parts->empty() && !may_be_empty))
      return fields.wrong("\"parts\" is not an array of fragments");
    for (const Json& part : *parts) read_part(fields, part, queue);
    state_.engine.fragments.push_back(std::move(queue));
  }

  void read_part(Fields& fields, const Json& part, packet::WaitingQueue& queue) {
    if (!part.is_object()) return fields.wrong("\"parts\" is not an array of fragments");
    Fields inner(part);
    packet::WaitingFragment fragment;
    fragment.offset = static_cast<std::uint16_t>(inner.number("offset", kMax16));
    fragment.length = static_cast<std::uint16_t>(inner.number("length", kMax16));
    fragment.run = static_cast<std::uint32_t>(inner.number("run", kMax32));
    fragment.bytes = inner.hex("bytes");
    fragment.type = static_cast<PacketType>(inner.number("type", 5));
    const auto link = inner.hex("link");
    if (link.size() == kEthernetHeader)
      fragment.link = link_of(link);
    else if (!link.empty())
      inner.wrong("\"link\" is not an Ethernet header of 14 bytes");
    fragment.interface = interface(inner);
    inner.finish();
    fields.take_error(inner, "parts");
    queue.fragments.push_back(std::move(fragment));
  }

  void read_limit(Fields& fields) {
    engine::LimitedPeer peer;
    peer.place = static_cast<std::uint32_t>(fields.number("place", kMax32));
    peer.address = fields.address("address", Family::ipv6);
    peer.tokens = fields.signed_number("tokens");
    peer.last = fields.signed_number("last");
    peer.redirects = static_cast<std::uint32_t>(fields.number("redirects", kMax32));
    state_.engine.limits.push_back(peer);
  }

  void read_identifications(Fields& fields) {
    for (const std::uint64_t n : fields.numbers("counters", kMax16, 0))
      state_.engine.identifications.push_back(static_cast<std::uint16_t>(n));
  }

  void read_prediction(Fields& fields) {
    SavedPrediction p;
    p.time = static_cast<Time>(fields.number("time", kMaxTime));
    p.made_here = fields.number("made_here", 1) != 0;
    p.interface = interface(fields);
    p.bytes = fields.hex("bytes");
    if (fields.good() && !state_.predictions.empty() && p.time < state_.predictions.back().time)
      fields.wrong("\"time\" is before that of the prediction before it");
    state_.predictions.push_back(std::move(p));
  }

  void read_senders(Fields& fields) {
    const auto keys = fields.numbers("keys", kMax64, 0);
    state_.senders.insert(state_.senders.end(), keys.begin(), keys.end());
  }

  const std::string& file_;
  const host::Host& host_;
  State state_{};
  bool begun_ = false;
  std::size_t entries_ = 0;
};

}  // namespace

std::vector<std::string> saved_tables(std::string_view text, Family family) {
  const Json head = Json::parse(text.substr(0, text.find('\n')), nullptr, false);
  if (!head.is_object()) return {};
  Fields fields(head);
  return read_tables(fields, family);
}

Result<State, Errors> read_state(std::string_view text, const std::string& file, const host::Host& host) {
  return StateReader(file, host).run(text);
}

}  // namespace utables::lab
