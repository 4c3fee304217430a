// Programs run with text for their standard input, and files of /proc: the small change of setting up a
// namespace. To be used in the single-threaded child of a run.
#pragma once
#include <sys/types.h>
#include <utables/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace utables::lab::kernel {

struct Finished {
  int status = 0;  ///< exit status; 127: there is no such program; 128 + n: ended by signal n
  std::string output;
  std::string errors;  ///< standard error
};

/// Runs a program, found in PATH or the sbin folders, and waits for it.
[[nodiscard]] Result<Finished> run_program(const std::vector<std::string>& argv, std::string_view input = {});

/// A program that runs beside its caller until it is stopped; its destructor ends it.
class Background {
 public:
  Background() = default;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background();
  [[nodiscard]] Result<void> start(const std::vector<std::string>& argv);
  /// What it has written by now.
  [[nodiscard]] std::string output() const;

 private:
  pid_t child_ = -1;
  int out_ = -1, err_ = -1;
};

[[nodiscard]] Result<std::string> read_file(const std::string& path);
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view text);

/// An Error that this machine lacks something (exit code 3).
[[nodiscard]] tl::unexpected<Error> lacking(std::string text);
/// ... with the words of errno.
[[nodiscard]] tl::unexpected<Error> lacking_errno(std::string_view what);

}  // namespace utables::lab::kernel
