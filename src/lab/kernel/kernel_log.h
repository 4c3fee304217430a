// The lines that LOG writes: they go to this machine's kernel log, whatever namespace they are of.
//
// A namespace's LOG is silent unless `net.netfilter.nf_log_all_netns` is 1, which is the whole machine's
// and can be set from the first namespace alone: LogOfAllNamespaces holds it there while somebody needs it.
// Who reads tells its own lines from everybody else's by a mark in them.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace utables::lab::kernel {

/// While there is one in any process, every namespace's LOG is heard; the last one puts the setting back,
/// also after a process that was killed.
class LogOfAllNamespaces {
 public:
  /// An error with exit_code 3 says why it cannot be had here.
  [[nodiscard]] static Result<LogOfAllNamespaces> hold();
  LogOfAllNamespaces(LogOfAllNamespaces&& other) noexcept : lock_(std::exchange(other.lock_, -1)) {}
  LogOfAllNamespaces& operator=(LogOfAllNamespaces&& other) noexcept {
    std::swap(lock_, other.lock_);
    return *this;
  }
  ~LogOfAllNamespaces();

 private:
  explicit LogOfAllNamespaces(int lock) : lock_(lock) {}
  int lock_ = -1;
};

/// Reads the log from where it ends when it is opened.
class KernelLog {
 public:
  KernelLog() = default;
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;
  ~KernelLog();

  /// Lines that hold `mark` are ours; with `complaints`, so are those of nf_conntrack_log_invalid, and other
  /// processes that want such lines wait for the end of this one.
  [[nodiscard]] Result<void> open(std::string_view mark, bool complaints);
  /// Appends every line of ours that was written by now: `<4>` with its level, then its text as /dev/kmsg
  /// has it (log_escaped).
  void drain(std::vector<std::string>& into);
  /// Lines were overwritten before they were read.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  int fd_ = -1, turn_ = -1;
  bool lost_ = false, complaints_ = false;
  std::string mark_{};
  std::vector<char> buffer_{};
};

/// Text as /dev/kmsg shows it: what is not printable, and the backslash, as `\x5c`.
[[nodiscard]] std::string log_escaped(std::string_view text);

}  // namespace utables::lab::kernel
