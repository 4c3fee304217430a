#include "rules/option/tcp_flags.h"

#include <fmt/format.h>

#include "base/scan.h"
#include "packet/headers.h"
#include "rules/option/choice.h"

namespace utables::rules {
namespace {

using namespace packet::tcp;
constexpr Named kFlags[] = {{"FIN", kFin}, {"SYN", kSyn}, {"RST", kRst},
                            {"PSH", kPsh}, {"ACK", kAck}, {"URG", kUrg}};
constexpr std::uint8_t kAll = kFin | kSyn | kRst | kPsh | kAck | kUrg;

Result<std::uint8_t> parse_flags(std::string_view text) {
  std::uint8_t flags = 0;
  for (const std::string_view word : split(text, ',')) {
    if (word.empty()) continue;
    if (same_word(word, "ALL")) {
      flags = kAll;
      continue;
    }
    if (same_word(word, "NONE")) continue;
    const Named* found = nullptr;
    for (const Named& flag : kFlags)
      if (same_word(flag.name, word)) found = &flag;
    if (found == nullptr) return fail(fmt::format("Unknown TCP flag `{}'", word));
    flags |= static_cast<std::uint8_t>(found->value);
  }
  return flags;
}

}  // namespace

Result<TcpFlags> TcpFlagsKind::parse(const OptionRow&, const OptionInput& input) {
  const auto mask = parse_flags(input.values[0]);
  if (!mask) return tl::unexpected(mask.error());
  const auto compare = parse_flags(input.values[1]);
  if (!compare) return tl::unexpected(compare.error());
  return TcpFlags{*mask, *compare};
}

std::string TcpFlagsKind::text(const OptionRow&, const Value& value, Family) {
  return tcp_flag_names(value.mask) + " " + tcp_flag_names(value.compare);
}

std::string TcpFlagsKind::listed(const OptionRow&, const Value& value, Family) {
  return fmt::format("0x{:02X}/0x{:02X}", value.mask, value.compare);
}

Result<TcpFlags> SynKind::parse(const OptionRow&, const OptionInput&) {
  return TcpFlags{kSyn | kRst | kAck | kFin, kSyn};
}

std::string tcp_flag_names(std::uint8_t flags) {
  const std::string names = joined_names(kFlags, flags);
  return names.empty() ? "NONE" : names;
}

}  // namespace utables::rules
