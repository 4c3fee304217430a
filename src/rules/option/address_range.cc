#include "rules/option/address_range.h"

#include <fmt/format.h>

#include "rules/option/network.h"

namespace utables::rules {

Result<AddressRange> AddressRangeKind::parse(const OptionRow& row, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const auto one = [&](std::string_view word) -> Result<Address> {
    auto address = word == "localhost" ? fail("") : parse_host(word, input.family);
    if (!address)
      return fail(
          fmt::format("{}: Bad value for \"--{}\" option: \"{}\"", input.extension, row.spelled(), word));
    return *address;
  };
  const std::size_t dash = text.find('-');
  const auto first = one(text.substr(0, dash));
  if (!first) return tl::unexpected(first.error());
  if (dash == std::string_view::npos) return AddressRange{*first, *first};
  const auto last = one(text.substr(dash + 1));
  if (!last) return tl::unexpected(last.error());
  return AddressRange{*first, *last};
}

std::string AddressRangeKind::text(const OptionRow&, const Value& value, Family family) {
  return to_string(value.first, family) + "-" + to_string(value.last, family);
}

}  // namespace utables::rules
