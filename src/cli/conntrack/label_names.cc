#include "cli/conntrack/label_names.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace utables::cli::conntrack_tool {

std::optional<std::string> LabelNames::load() {
  if (loaded_) return std::nullopt;
  errno = 0;
  std::ifstream file(file_);
  if (!file) return std::string("nfct_labelmap_new: ") + std::strerror(errno);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  loaded_ = true;
  names_ = conntrack::read_label_names(text);
  return std::nullopt;
}

std::optional<unsigned> LabelNames::number_of(std::string_view name) const {
  for (const conntrack::LabelName& row : names_)
    if (row.name == name) return row.number;
  return std::nullopt;
}

}  // namespace utables::cli::conntrack_tool
