// A run's result as bytes in the memory that parent and child share.
#pragma once
#include <utables/result.h>

#include <string>

#include "lab/kernel/run.h"

namespace utables::lab::kernel {

/// Appends the result to a file descriptor. Returns whether all of it was written.
[[nodiscard]] bool write_result(int fd, const Result<Report>& result);
/// Reads it back, from the start. Fails when the child ended before it was whole.
[[nodiscard]] Result<Report> read_result(int fd);

}  // namespace utables::lab::kernel
