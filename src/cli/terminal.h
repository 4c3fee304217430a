// The terminal: whether to use colour, how wide it is, and a progress bar for what takes longer than a
// second. Pipes get neither bars nor colour.
#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace utables::cli {

/// `when`: auto, always, never. Follows NO_COLOR.
[[nodiscard]] bool use_color(std::string_view when);
/// Columns of standard output; 100 if it is no terminal.
[[nodiscard]] std::size_t output_width();

/// Drawn on standard error, if that is a terminal, from the second second on; wiped at the end.
class ProgressBar {
 public:
  explicit ProgressBar(bool wanted);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();
  void show(std::optional<double> done);

 private:
  using Clock = std::chrono::steady_clock;
  bool wanted_, drawn_ = false;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};

}  // namespace utables::cli
