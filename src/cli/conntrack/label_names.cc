#include "cli/conntrack/label_names.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/scan.h"

namespace utables::cli::conntrack_tool {
namespace {

constexpr const char* kFile = "/etc/xtables/connlabel.conf";
constexpr unsigned kLargestLabel = 127;

}  // namespace

std::optional<std::string> LabelNames::load() {
  if (loaded_) return std::nullopt;
  loaded_ = true;
  errno = 0;
  std::ifstream file(kFile);
  if (!file) return std::string("nfct_labelmap_new: ") + std::strerror(errno);
  for (std::string line; std::getline(file, line);) {
    const auto fields = words(line);
    if (fields.size() < 2 || fields[0].front() == '#') continue;
    if (const auto number = scan_unsigned(fields[0], 10, kLargestLabel))
      names_.emplace(fields[1], static_cast<unsigned>(*number));
  }
  return std::nullopt;
}

}  // namespace utables::cli::conntrack_tool
