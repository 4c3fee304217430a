// The names of connection labels: the box's connlabel.conf, lines of `NUMBER NAME`.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conntrack/settings.h"

namespace utables::cli::conntrack_tool {

class LabelNames {
 public:
  explicit LabelNames(std::string file) : file_(std::move(file)) {}
  /// Reads the file unless it was read. Why it could not be read, in the words of conntrack(8).
  [[nodiscard]] std::optional<std::string> load();
  /// None: there is no label of that name.
  [[nodiscard]] std::optional<unsigned> number_of(std::string_view name) const;
  [[nodiscard]] const std::vector<conntrack::LabelName>& all() const { return names_; }

 private:
  std::string file_;
  bool loaded_ = false;
  std::vector<conntrack::LabelName> names_{};
};

}  // namespace utables::cli::conntrack_tool
