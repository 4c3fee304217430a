// What the engine asks about SNPT and DNPT.
#pragma once
#include <cstdint>
#include <optional>

#include "rules/extension.h"

namespace utables::rules {

/// Of a target that translates prefixes, which drops nothing but what it could not make good: the offset of
/// the field in the IPv6 header, of which the sender is told. None: another target.
[[nodiscard]] std::optional<std::uint32_t> field_not_made_good(const TargetDescriptor& target);

}  // namespace utables::rules
