// The program: hands its arguments to cli::run, and nothing else.
#include <cstdio>
#include <exception>

#include "cli/commands.h"

int main(int count, char** values) try {
  const utables::cli::Arguments arguments(values + (count > 0 ? 1 : 0), values + count);
  return utables::cli::run(count > 0 ? values[0] : "utables", arguments);
} catch (const std::exception& problem) {  // memory, or a fault of utables itself
  std::fprintf(stderr, "utables: %s\n", problem.what());
  return utables::cli::kLacking;
}
