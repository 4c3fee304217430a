// Observer: is told the way of a packet through the engine as it happens. Explaining is the one traversal
// with an observer; it never asks anything again and cannot change the result.
#pragma once
#include <utables/verdict.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "conntrack/tracker.h"
#include "host/routes.h"
#include "rules/context.h"
#include "rules/model.h"

namespace utables::engine {

/// Where a rule failed, or that it matched.
struct RuleStep {
  rules::TableId table = rules::TableId::filter;
  std::string_view chain;
  std::uint32_t number = 0;           ///< from 1; 0: the policy
  const rules::Rule* rule = nullptr;  ///< null for the policy
  bool matched = false;
  /// What failed first: -1 the header conditions (see `header_part`), else the index of the match.
  int failed_match = -1;
  enum class HeaderPart : std::uint8_t {
    none,
    source,
    destination,
    in,
    out,
    protocol,
    fragment
  } header_part = HeaderPart::none;
  std::uint8_t failed_option = 0;  ///< row of that match's option table
  std::string_view observed;       ///< what the packet has there
  std::string_view verdict;        ///< matched: `ACCEPT`, `jump LOGDROP`, `continue`, ...
};

/// A field that is another one than before (changes.h); empty: it was, or is, not there.
struct Change {
  std::string_view field;
  std::string before, after;
};

/// A question to the routes, and its answer.
struct RouteStep {
  enum class Question : std::uint8_t {
    destination,  ///< where to
    source,       ///< whether the sender is believed: where an answer to it would go, or whose address it is
  } question = Question::destination;
  Address asked{};
  Family family = Family::ipv4;
  const host::Lookup* found = nullptr;  ///< null: no route was asked, `why` says more
  InterfaceId in = kNoInterface;        ///< what it came in by; none: the box sends it
  DropReason refused = DropReason::none;
  std::string_view why{};  ///< what made it so, beside the route: `rp_filter is 1`
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void packet_begins(std::uint32_t /*index*/, const packet::Facts&, Time) {}
  virtual void packet_made_here(const packet::Facts&, std::string_view /*why*/) {}
  virtual void hook(rules::Hook) {}
  virtual void tracked(const conntrack::Tracked&, const conntrack::Judgement&,
                       const conntrack::Connection* /*before*/) {}
  virtual void table_begins(rules::TableId, rules::Hook) {}
  virtual void rule(const RuleStep&) {}
  virtual void routed(const RouteStep&) {}
  /// All that one target, or one thing that the router did, has changed.
  virtual void changed(std::span<const Change>) {}
  virtual void confirmed(const conntrack::Connection&, DropReason) {}
  virtual void note(std::string_view /*anything else worth a line*/) {}
};

}  // namespace utables::engine
