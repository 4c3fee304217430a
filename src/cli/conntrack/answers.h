// What conntrack(8) tells: data on standard output, everything else on standard error behind its name.
#pragma once
#include <string>
#include <string_view>

#include "cli/conntrack/command_line.h"
#include "conntrack/control/entries.h"
#include "conntrack/listing.h"

namespace utables::cli::conntrack_tool {

/// `conntrack v1.4.7 (conntrack-tools)`: scripts know its messages by it.
inline constexpr std::string_view kProgram = "conntrack v1.4.7 (conntrack-tools)";

/// A line on standard error behind the program's name.
void tell(std::string_view text);
/// An error, and where to look; returns its exit code.
int fail_with(const Failure& failure);
/// `Operation failed: ...`
[[nodiscard]] std::string operation_failed(conntrack::Refusal refusal);

/// What came of one command line.
struct Done {
  int exit_code = kOk;
  bool changed = false;
  std::string summary{};  ///< empty: none
};
/// Tells why.
[[nodiscard]] Done refused(conntrack::Refusal refusal);
[[nodiscard]] Done refused(std::string_view why);
/// `N flow entries have been WHAT.`
[[nodiscard]] std::string entries_were(std::size_t count, std::string_view what);

/// What `-o` and the options of labels ask for in a line.
[[nodiscard]] conntrack::LineOptions line_options(const CommandLine& line, const conntrack::Labels& labels);

/// Prints connections as `-o` says: what comes before the first, between and after the last is its business.
class Printer {
 public:
  /// Of XML: head and end, the head alone, neither.
  enum class Frame : std::uint8_t { whole, head, flows };
  /// `command`: what a saved line begins with.
  Printer(const CommandLine& line, Frame frame, unsigned use, Time now, std::string_view command = "-A")
      : line_(line), frame_(frame), use_(use), now_(now), command_(command) {}
  ~Printer();
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;

  void print(const conntrack::Connection& connection, const conntrack::Labels& labels);

 private:
  const CommandLine& line_;
  Frame frame_;
  unsigned use_;
  Time now_;
  std::string_view command_;
  bool begun_ = false;
};

void print_help();

}  // namespace utables::cli::conntrack_tool
