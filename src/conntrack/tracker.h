// Tracker: connection tracking of one box. Packets come to track() at priority -200 of PREROUTING or
// OUTPUT, and to confirm() last of all in INPUT or POSTROUTING; in between their connection may be
// unconfirmed, known to nobody else.
//
// Lifetimes: a Connection& is good until the next call of track() or advance(): what is destroyed by then
// stays readable.
// Time never runs backwards between calls.
#pragma once
#include <utables/time.h>
#include <utables/verdict.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "conntrack/connection.h"
#include "conntrack/invalid.h"
#include "conntrack/judgement.h"
#include "conntrack/label/labels.h"
#include "conntrack/nat/range.h"
#include "conntrack/settings.h"
#include "conntrack/statistics.h"
#include "packet/buffer.h"

namespace utables::conntrack {

/// What happened to a connection, as `conntrack -E` tells it.
struct Event {
  enum class Kind : std::uint8_t { new_, update, destroy } kind = Kind::new_;
  Time when = 0;
  const Connection* connection = nullptr;  ///< valid during the call
  bool state_shown = true;                 ///< [UPDATE] without a state word, where Linux leaves it out
  /// Which of the kernel's event bits were set (IPCT_*), for filters and tests.
  std::uint16_t bits = 0;
};

/// How a packet is tracked (CT): where its connection is looked for, and what a new one gets.
struct Template {
  Zone zone{};
  bool zone_of_mark = false;  ///< the zone's number is the packet's mark, cut to 16 bits
  std::uint8_t helper = 0;
  std::uint8_t timeout_policy = 0;     ///< Settings::policies, from 1; 0: none
  bool some_told = false;              ///< the masks below hold; else everything is told
  std::uint16_t events_told = 0;       ///< EventBit
  std::uint8_t expectations_told = 0;  ///< bits 1 << ExpectationEvent::Kind
  bool proxied = false;                ///< SYNPROXY opens it

  friend bool operator==(const Template&, const Template&) = default;
};

/// A row of a table or a special case, and how often it was reached.
struct Coverage {
  std::string name;
  std::uint64_t count = 0;
  bool reachable = true;  ///< false: no packet can get there
};

struct Expectation;  // expect/expectations.h
/// What happened to an expectation, as `conntrack -E expect` tells it.
struct ExpectationEvent {
  enum class Kind : std::uint8_t { new_, destroy } kind = Kind::new_;
  Time when = 0;
  const Expectation* expectation = nullptr;  ///< valid during the call
  const Connection* master = nullptr;        ///< likewise
};

struct TcpTables;
struct SctpTables;
struct TrackerMemory;    // tracker_memory.h
class PortDraw;          // nat/binding.h
class CookieDraw;        // synproxy/cookies.h
struct ProxyStatistics;  // synproxy/proxied.h
struct ProxyStep;        // likewise
struct Proxied;          // likewise

/// Receives events in order. Must not call the tracker.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event) = 0;
  virtual void on_expectation(const ExpectationEvent& /*event*/) {}
};

/// What tracking made of a packet.
struct Tracked {
  CtInfo info = CtInfo::none;
  Connection* connection = nullptr;  ///< null when untracked or invalid
  InvalidReason invalid = InvalidReason::none;
  DropReason drop = DropReason::none;  ///< table_full, ... : the packet is dropped at once
  bool accounted = false;
  /// CT and NOTRACK have no effect: the box's answer to an exempted packet is tracked, over lo too.
  bool not_exempt = false;
  /// Before tracking: what a rule (CT) says of it, which outlives the packet; null: nothing. With such a rule
  /// `info` is new_ until it is tracked, and no later rule has a say.
  const Template* as = nullptr;
};

/// What a helper must know of a packet besides its bytes.
struct HelpFacts {
  bool over_lo = false;  ///< it came in by lo
  /// A program of the box sends it to the broadcast address of this network; null: it does not.
  const Prefix* broadcast = nullptr;
};

class Tracker {
 public:
  /// `tcp`, `sctp`: the state tables to run, which must outlive the tracker; null: the profile's own.
  Tracker(const Settings& settings, std::uint64_t seed, EventSink* events, const TcpTables* tcp = nullptr,
          const SctpTables* sctp = nullptr);
  ~Tracker();
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  /// Finds or makes the packet's connection and moves its state machine. REQUIRES: not a fragment.
  /// `arriving`: it came from outside (PREROUTING), so its checksum is judged; `judgement`, if not null,
  /// receives what was judged by. `as`: what CT said, its zone's number settled. `foreseen`: what foresee()
  /// said of this packet; 0: it was not asked, or the packet is in another zone than 0.
  Tracked track(const packet::Buffer& packet, Time now, bool arriving, Judgement* judgement = nullptr,
                const Template& as = {}, std::uint64_t foreseen = 0);

  /// The packet's connection has a helper (`Connection::helper`), which reads its payload, or its sequence
  /// numbers are shifted: right before confirm(). The packet may be rewritten. False: it must be dropped.
  [[nodiscard]] bool help(Tracked& tracked, packet::Buffer& packet, Time now, const HelpFacts& facts = {});

  /// The packet's connection was opened by SYNPROXY (`Connection::proxied`): right before help(). The
  /// packet's timestamp is translated; what else is to be done the caller does.
  [[nodiscard]] ProxyStep proxy(Tracked& tracked, packet::Buffer& packet);
  /// What is kept of a proxied connection; null: it is none.
  [[nodiscard]] const Proxied* proxied(const Connection& connection) const;
  /// From now on the numbers of that direction are shifted by so much.
  void shift_sequences(Connection& connection, Direction direction, std::uint32_t by);
  [[nodiscard]] CookieDraw& cookies();
  /// What draws cookies; null: a secret of the tracker's own.
  void set_cookies(CookieDraw* cookies);
  [[nodiscard]] ProxyStatistics& proxy_statistics();

  /// The last hook: an unconfirmed connection enters the table. Returns why the packet must be dropped
  /// instead, or DropReason::none; after a clash `tracked` may name the entry that won.
  DropReason confirm(Tracked& tracked, const packet::Buffer& packet, Time now);

  /// For batches: starts the memory accesses that track() will wait for, in two steps: foresee() of every
  /// packet, foresee_entry() of every answer (0: nothing to foresee), then the packets.
  [[nodiscard]] std::uint64_t foresee(const packet::Facts& facts) const;
  void foresee_entry(std::uint64_t hash) const;

  /// What a packet that the box makes in answer to `cause` (an ICMP error, a reset) is to its connection:
  /// RELATED, in the other direction (no connection: nothing). It is not tracked again; confirm() may be
  /// called for it and then tells what waits to be told.
  [[nodiscard]] static Tracked attach(const Tracked& cause);

  /// The packet was dropped before confirmation: forget its new connection. Confirmed ones are left alone.
  void drop(Tracked& tracked, Time now);

  /// The box answered this packet with a TCP reset of its own (REJECT --reject-with tcp-reset): its
  /// connection goes to CLOSE with CLOSE's timeout from `now` on. Without a connection, or with one that is
  /// not TCP, not confirmed yet, or in CLOSE already: nothing.
  void close(Tracked& tracked, Time now);

  /// The nat table was asked about the connection, which is not confirmed yet, and answered with `range`:
  /// its reply tuple becomes what comes of that. Once for each manipulation; a confirmed connection stays.
  void bind(Connection& connection, Manipulation manipulation, const NatRange& range, Time now);
  /// ... and no rule had an answer: it keeps its address, and its port if that is free.
  void bind_null(Connection& connection, Manipulation manipulation, Time now);
  /// Where free ports are looked for from; null: drawn from the tracker's own stream.
  void set_port_draw(PortDraw* draw);

  [[nodiscard]] Labels labels_of(const Connection& connection) const;
  /// Told with the next event, if it is a new one.
  void set_label(Connection& connection, unsigned label);

  /// Ends the connection at once; its packet is dropped by the caller.
  void kill(Tracked& tracked, Time now);

  /// Removes what has expired up to and including `now`, in order of deadline, then creation.
  void advance(Time now);

  /// Loads an entry as it was saved (state.jsonl). Fails when a tuple of it is taken.
  [[nodiscard]] Result<Connection*> restore(const Connection& saved);

  [[nodiscard]] TrackerMemory memory() const;
  /// After every entry was restored: entries keep the serials that they were saved with. Fails when what
  /// helpers remember is of a connection that is not there, or has none.
  [[nodiscard]] Result<void> restore(const TrackerMemory& memory);

  /// Every confirmed entry that exists at `now`, in order of creation.
  void for_each(Time now, const std::function<void(const Connection&)>& visit) const;
  /// Every expectation that exists at `now`, in order of creation, and its master.
  void for_each_expectation(
      Time now, const std::function<void(const Expectation&, const Connection& master)>& visit) const;
  [[nodiscard]] const Connection* find(const Tuple& tuple, const Zone& zone, Time now) const;
  [[nodiscard]] std::uint32_t size() const;  ///< confirmed entries
  [[nodiscard]] const Statistics& statistics() const;
  [[nodiscard]] const Settings& settings() const;
  /// The same with the timeouts that the connection's policy gives, if it has one.
  [[nodiscard]] const Settings& settings_of(const Connection& connection) const;
  void change_settings(const Settings& settings);
  /// Every row and special case with its count, the reasons of INVALID included.
  [[nodiscard]] std::vector<Coverage> coverage() const;
  /// Bytes of memory for the table, everything included.
  [[nodiscard]] std::size_t table_bytes() const;
  /// How often each row of the state tables and each reason was reached, for the coverage of comparisons.
  [[nodiscard]] const std::array<std::uint64_t, static_cast<std::size_t>(InvalidReason::count_)>&
  invalid_counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace utables::conntrack
