#include "rules/examples.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/scan.h"

namespace utables::rules {
namespace {

// `@ TABLE CHAIN`, `@6 TABLE CHAIN`
bool move(std::string_view line, Example& place) {
  const bool ipv6 = line.starts_with("@6");
  const auto parts = words(line.substr(ipv6 ? 2 : 1));
  if (parts.size() != 2) return false;
  const auto name = std::find(kTableNames.begin(), kTableNames.end(), parts[0]);
  if (name == kTableNames.end()) return false;
  place.table = static_cast<TableId>(name - kTableNames.begin());
  place.chain = parts[1];
  place.family = ipv6 ? Family::ipv6 : Family::ipv4;
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

std::vector<std::string> parts_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = text.find(separator, at);
    parts.emplace_back(trim(text.substr(at, end - at)));
    if (end == std::string_view::npos) return parts;
    at = end + separator.size();
  }
}

// `? arguments && arguments | packet ; packet => yes, sent wan ...`
bool read_played(std::string_view line, PacketExample& out) {
  const std::size_t bar = line.find(" | "), arrow = line.rfind(" => ");
  if (bar == std::string_view::npos || arrow == std::string_view::npos || arrow < bar) return false;
  out.rules = parts_of(line.substr(1, bar - 1), " && ");
  out.packets = parts_of(line.substr(bar + 3, arrow - bar - 3), " ; ");
  out.parts = parts_of(line.substr(arrow + 4), ", ");
  const std::string verdict = out.parts.front();
  out.parts.erase(out.parts.begin());
  out.hit = verdict == "yes";
  return out.hit || verdict == "no";
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
      const bool good =
          line.front() == '?' ? read_played(line, example.played.emplace()) : read(line, example);
      if (good) {
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
