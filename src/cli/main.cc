// The program: sees to its three standard descriptors, hands its arguments to cli::run, and makes sure that
// what was printed got to where it goes. Nothing else.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

#include "cli/commands.h"

namespace {

/// A descriptor that was closed by whoever started this must not become that of a file opened here: what is
/// printed would be written into it. What takes its place fails when it is used.
void keep_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// The exit code, once everything printed was written.
int after_output(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  std::fprintf(stderr, "utables: cannot write the output: %s\n", std::strerror(errno));
  return code == utables::cli::kDone ? utables::cli::kBadInput : code;
}

}  // namespace

int main(int count, char** values) try {
  keep_standard_descriptors();
  const utables::cli::Arguments arguments(values + (count > 0 ? 1 : 0), values + count);
  return after_output(utables::cli::run(count > 0 ? values[0] : "utables", arguments));
} catch (const std::exception& problem) {  // memory, or a fault of utables itself
  std::fprintf(stderr, "utables: %s\n", problem.what());
  return utables::cli::kLacking;
}
