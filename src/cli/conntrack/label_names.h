// The names of connection labels: /etc/xtables/connlabel.conf, lines of `NUMBER NAME`.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conntrack/settings.h"

namespace utables::cli::conntrack_tool {

class LabelNames {
 public:
  /// Reads the file when it is first asked. Why it could not be read, in the words of conntrack(8).
  [[nodiscard]] std::optional<std::string> load();
  /// None: there is no label of that name.
  [[nodiscard]] std::optional<unsigned> number_of(std::string_view name) const;
  [[nodiscard]] const std::vector<conntrack::LabelName>& all() const { return names_; }

 private:
  bool loaded_ = false;
  std::vector<conntrack::LabelName> names_{};
};

}  // namespace utables::cli::conntrack_tool
