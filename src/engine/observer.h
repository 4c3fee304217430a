// Observer: is told the way of a packet through the engine as it happens. Explaining is the one traversal
// with an observer; it never asks anything again and cannot change the result.
#pragma once
#include <utables/verdict.h>

#include <cstdint>
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

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void packet_begins(std::uint32_t /*index*/, const packet::Facts&, Time) {}
  virtual void packet_made_here(const packet::Facts&, std::string_view /*why*/) {}
  virtual void hook(rules::Hook) {}
  virtual void tracked(const conntrack::Tracked&, const conntrack::TcpJudgement&,
                       const conntrack::Connection* /*before*/) {}
  virtual void table_begins(rules::TableId, rules::Hook) {}
  virtual void rule(const RuleStep&) {}
  virtual void routed(const host::Lookup&, std::string_view /*in words*/) {}
  virtual void changed(std::string_view /*what, in words: `ttl 64 -> 63`*/) {}
  virtual void confirmed(const conntrack::Connection&, DropReason) {}
  virtual void note(std::string_view /*anything else worth a line*/) {}
};

}  // namespace utables::engine
