// The line that LOG writes about a packet, as Linux's nf_log_syslog words it, trailing blanks included.
#pragma once
#include <string>

#include "rules/context.h"

namespace utables::rules {

/// `PREFIXIN=wan OUT= MAC= SRC=... `, without a time and without a level.
[[nodiscard]] std::string log_line(const Context& context, const LogParameters& parameters);

}  // namespace utables::rules
