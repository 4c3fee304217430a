// The model of a ruleset: plain comparable values, no behaviour. Parsed from iptables-save text
// (syntax/restore.h), printed by syntax/save.h, compiled by the engine.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "rules/hook.h"

namespace utables::rules {

struct MatchDescriptor;
struct TargetDescriptor;

struct Counters {
  std::uint64_t packets = 0, bytes = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

/// An extension's parameters: an immutable value of the type that the extension knows (its `Params`).
using ParamsPtr = std::shared_ptr<const void>;

struct MatchUse {
  const MatchDescriptor* match = nullptr;
  ParamsPtr params;
  friend bool operator==(const MatchUse& a, const MatchUse& b);  // by value, through the descriptor
};

struct TargetUse {
  enum class Kind : std::uint8_t {
    none,
    accept,
    drop,
    queue,
    return_,
    jump,
    goto_,
    extension
  } kind = Kind::none;
  std::string chain{};                          ///< jump and goto_: the user chain
  const TargetDescriptor* extension = nullptr;  ///< extension
  ParamsPtr params{};
  friend bool operator==(const TargetUse& a, const TargetUse& b);
};

struct AddressCondition {
  Address address{}, mask{};  ///< address is stored masked
  bool inverted = false;
  friend bool operator==(const AddressCondition&, const AddressCondition&) = default;
};

struct InterfaceCondition {
  std::string name{};  ///< without the `+`; empty and no wildcard: any
  bool wildcard = false, inverted = false;
  friend bool operator==(const InterfaceCondition&, const InterfaceCondition&) = default;
};

/// What iptables itself matches, before any extension; the order is the kernel's.
struct HeaderConditions {
  AddressCondition source{}, destination{};
  InterfaceCondition in{}, out{};
  std::uint16_t protocol = 0;  ///< 0: all
  bool protocol_inverted = false;
  bool fragment = false, fragment_inverted = false;  ///< -f: second and further fragments
  friend bool operator==(const HeaderConditions&, const HeaderConditions&) = default;
};

struct Rule {
  HeaderConditions header{};
  std::vector<MatchUse> matches{};
  TargetUse target{};
  Counters counters{};
  std::uint32_t line = 0;  ///< in the file that it came from; 0: none. Not compared.
  friend bool operator==(const Rule& a, const Rule& b) {
    return a.header == b.header && a.matches == b.matches && a.target == b.target;
  }
};

enum class Policy : std::uint8_t { accept, drop };

struct Chain {
  std::string name;
  std::optional<Hook> hook{};  ///< built-in chains
  Policy policy = Policy::accept;
  Counters counters{};  ///< of the policy; user chains have none
  std::vector<Rule> rules{};
};

struct Table {
  TableId id = TableId::filter;
  std::vector<Chain>
      chains{};  ///< built-in ones first, in the kernel's order; user chains in order of creation
  [[nodiscard]] const Chain* find(std::string_view name) const;
  [[nodiscard]] Chain* find(std::string_view name);
};

/// All tables of one family that are loaded, in order of loading.
struct Ruleset {
  Family family = Family::ipv4;
  std::vector<Table> tables{};
  [[nodiscard]] const Table* find(TableId id) const;
  [[nodiscard]] Table* find(TableId id);
};

/// A table with its built-in chains, empty, policies ACCEPT.
[[nodiscard]] Table empty_table(TableId id);

}  // namespace utables::rules
