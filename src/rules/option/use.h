// ExtensionUse: one use of an extension in a rule while its options are being read.
#pragma once
#include <memory>

#include "rules/extension.h"
#include "rules/option/option.h"

namespace utables::rules {

struct ExtensionUse {
  const ExtensionDescriptor* extension = nullptr;
  std::shared_ptr<void> params{};
  std::uint32_t given = 0;  ///< rows (bits) that were on the command line
};

[[nodiscard]] ExtensionUse use_of(const ExtensionDescriptor& extension);

/// Reads one occurrence of option number `row`.
[[nodiscard]] Result<void> give(ExtensionUse& use, unsigned row, const OptionInput& input);

/// After the last option: the extension's own check, then what is missing and what does not go together.
[[nodiscard]] Result<void> finish(ExtensionUse& use, const Rule& rule);

/// Its options as iptables-save writes them, each with a blank before it.
[[nodiscard]] std::string saved_options(const ExtensionDescriptor& extension, const void* params,
                                        Family family);

/// Lines of `iptables -m NAME -h` in our own words: one an option.
[[nodiscard]] std::string help_text(const ExtensionDescriptor& extension);

}  // namespace utables::rules
