// Parameters: what somebody says about a connection, as far as it is said: the options of conntrack(8), or a
// line of a listing. Used to select entries (select.h), to make one and to change one (change.h).
// Nothing in it is checked against anything else.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "conntrack/label/labels.h"
#include "conntrack/tuple.h"

namespace utables::conntrack {

/// One direction's tuple. The ports are GRE's keys where the protocol is GRE.
struct TupleParts {
  std::optional<Address> source{}, destination{};
  std::optional<std::uint16_t> source_port{}, destination_port{};

  [[nodiscard]] bool has_address() const { return source || destination; }
  friend bool operator==(const TupleParts&, const TupleParts&) = default;
};

/// `-n`, `-g`, `-j`: translated at all, or to this address and port.
struct NatParts {
  std::optional<Address> address{};
  std::optional<std::uint16_t> port{};
  friend bool operator==(const NatParts&, const NatParts&) = default;
};

/// Labels by their names. Those beyond kLargestLabel no connection has.
struct LabelParts {
  Labels labels{};
  bool beyond = false;
  friend bool operator==(const LabelParts&, const LabelParts&) = default;
};

/// `--label-add`, `--label-del`; deleting without any name: all of them.
struct LabelChange {
  bool adds = true;
  bool all = false;
  LabelParts which{};
  friend bool operator==(const LabelChange&, const LabelChange&) = default;
};

struct Parameters {
  std::optional<Family> family{};
  std::optional<std::uint8_t> protocol{};
  std::array<TupleParts, 2> tuple{};                         ///< by Direction
  std::optional<Address> source_mask{}, destination_mask{};  ///< of the original direction, to select by
  std::optional<std::uint8_t> icmp_type{}, icmp_code{};
  std::optional<std::uint16_t> icmp_id{};
  std::optional<std::uint8_t> state{};                 ///< number of the protocol's state (TCP, SCTP, DCCP)
  std::array<std::optional<std::uint32_t>, 2> tags{};  ///< SCTP's, by Direction; not selected by
  std::optional<std::uint32_t> timeout{};              ///< seconds
  std::optional<std::uint16_t> status{};               ///< Status bits
  std::optional<std::uint32_t> mark{};
  std::optional<std::uint32_t> mark_mask{};  ///< none: all of it
  std::optional<std::uint32_t> id{};
  std::optional<std::uint16_t> zone{}, original_zone{}, reply_zone{};
  std::optional<NatParts> source_nat{}, destination_nat{}, any_nat{};
  std::optional<LabelParts> labels{};  ///< to select by: it has all of these
  std::optional<LabelChange> label_change{};

  friend bool operator==(const Parameters&, const Parameters&) = default;
};

/// An expectation, as `conntrack -I expect` says it.
struct AwaitedParts {
  TupleParts tuple{};
  std::uint8_t protocol = 0;
  std::optional<Address> source_mask{};
  std::uint16_t source_port_mask = 0;
};

}  // namespace utables::conntrack
