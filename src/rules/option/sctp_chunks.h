// The kind of `--chunk-types all|any|only CHUNK[:FLAGS],...`: which SCTP chunks a packet has to have.
#pragma once
#include <bitset>
#include <vector>

#include "rules/option/option.h"

namespace utables::rules {

/// Flags of one type of chunk: those in `mask` are looked at, and have to be as in `set`.
struct SctpChunkFlags {
  std::uint8_t type = 0, mask = 0, set = 0;
  friend bool operator==(const SctpChunkFlags&, const SctpChunkFlags&) = default;
};

struct SctpChunks {
  enum class Mode : std::uint8_t { all, any, only } mode = Mode::all;
  std::bitset<256> types{};
  std::vector<SctpChunkFlags> flags{};  ///< in the order of types; of those that have some

  /// The flags of a chunk are as they have to be.
  [[nodiscard]] bool flags_fit(std::uint8_t type, std::uint8_t flags) const;
  friend bool operator==(const SctpChunks&, const SctpChunks&) = default;
};

struct SctpChunksKind {
  using Value = SctpChunks;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
  static std::string listed(const OptionRow&, const Value& value, Family);
};

}  // namespace utables::rules
