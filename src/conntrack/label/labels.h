// Labels: up to 128 bits that rules set on a connection (connlabel). Few connections have any, so they lie
// beside the table, by the connection's handle; Connection::labelled says whether there is something to find.
#pragma once
#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "conntrack/connection.h"

namespace utables::conntrack {

inline constexpr unsigned kLargestLabel = 127;

struct Labels {
  std::array<std::uint64_t, 2> words{};
  [[nodiscard]] bool has(unsigned label) const { return (words[label / 64] >> label % 64 & 1) != 0; }
  void set(unsigned label) { words[label / 64] |= std::uint64_t{1} << label % 64; }
  friend bool operator==(const Labels&, const Labels&) = default;
};

class LabelTable {
 public:
  [[nodiscard]] Labels of(const Connection& connection) const {
    const auto found = connection.labelled ? labels_.find(connection.handle) : labels_.end();
    return found == labels_.end() ? Labels{} : found->second;
  }
  void give(Connection& connection, const Labels& labels) {
    connection.labelled = labels != Labels{};
    if (connection.labelled) labels_[connection.handle] = labels;
  }
  /// The end of a connection. Its last packet still asks for its labels, until sweep().
  void forget(const Connection& connection) {
    if (connection.labelled) gone_.push_back(connection.handle);
  }
  /// Together with the table's.
  void sweep() {
    for (const Handle handle : gone_) labels_.erase(handle);
    gone_.clear();
  }

 private:
  std::unordered_map<Handle, Labels> labels_;
  std::vector<Handle> gone_;
};

}  // namespace utables::conntrack
