// The names of connection labels: /etc/xtables/connlabel.conf, lines of `NUMBER NAME`.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace utables::cli::conntrack_tool {

class LabelNames {
 public:
  /// Reads the file when it is first asked. Why it could not be read, in the words of conntrack(8).
  [[nodiscard]] std::optional<std::string> load();
  [[nodiscard]] bool has(std::string_view name) const { return names_.find(name) != names_.end(); }

 private:
  bool loaded_ = false;
  std::map<std::string, unsigned, std::less<>> names_{};
};

}  // namespace utables::cli::conntrack_tool
