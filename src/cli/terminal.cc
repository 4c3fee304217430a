#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace utables::cli {

bool use_color(std::string_view when) {
  if (when != "auto") return when == "always";
  const char* const no = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) == 1 && (no == nullptr || *no == '\0');
}

std::size_t output_width() {
  winsize size{};
  if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 100;
  return std::clamp<std::size_t>(size.ws_col, 60, 140);
}

ProgressBar::ProgressBar(bool wanted) : wanted_(wanted && isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::show(std::optional<double> done) {
  if (!wanted_) return;
  const Clock::time_point now = Clock::now();
  if (now - start_ < std::chrono::seconds(1) || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  if (!done) {
    fmt::print(stderr, "\rreplaying ... {} s\x1b[K",
               std::chrono::duration_cast<std::chrono::seconds>(now - start_).count());
    return;
  }
  constexpr std::size_t kWidth = 40;
  const auto filled = static_cast<std::size_t>(std::clamp(*done, 0.0, 1.0) * static_cast<double>(kWidth));
  fmt::print(stderr, "\rreplaying [{}{}] {:3.0f} %\x1b[K", std::string(filled, '#'),
             std::string(kWidth - filled, ' '), *done * 100);
  std::fflush(stderr);
}

}  // namespace utables::cli
