#include "rules/examples.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/scan.h"

namespace utables::rules {
namespace {

// `@ TABLE CHAIN`
bool move(std::string_view line, Example& place) {
  const auto parts = words(line.substr(1));
  if (parts.size() != 2) return false;
  const auto name = std::find(kTableNames.begin(), kTableNames.end(), parts[0]);
  if (name == kTableNames.end()) return false;
  place.table = static_cast<TableId>(name - kTableNames.begin());
  place.chain = parts[1];
  return true;
}

bool read(std::string_view line, Example& out) {
  constexpr std::string_view kSeparator = " ; ";
  if (line.front() == '~') {
    out.own = true;
    line.remove_prefix(1);
  }
  const std::size_t last = line.rfind(kSeparator);
  if (last == std::string_view::npos) return false;
  const std::string_view verdict = line.substr(last + kSeparator.size());
  const std::size_t first = line.find(" ;");
  if (first >= last + 1) return false;
  out.arguments = trim(line.substr(0, first));
  out.saved = trim(line.substr(first + 2, last > first + 2 ? last - first - 2 : 0));
  if (out.saved == "=") out.saved = out.arguments;
  out.good = verdict == "OK";
  if (!out.good && !verdict.starts_with("FAIL ")) return false;
  if (!out.good) out.failure = verdict.substr(5);
  return true;
}

}  // namespace

Result<std::vector<Example>, Errors> parse_examples(std::string_view text, std::string_view file) {
  std::vector<Example> examples;
  Example place;
  std::uint32_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '@') {
      if (move(line, place)) continue;
    } else {
      Example example = place;
      example.line = number;
      if (read(line, example)) {
        examples.push_back(std::move(example));
        continue;
      }
    }
    return tl::unexpected(
        Errors{Error{fmt::format("`{}' is not a line of examples", line), std::string(file), number}});
  }
  return examples;
}

}  // namespace utables::rules
