#include "lab/kernel/kernel_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "base/scan.h"
#include "lab/kernel/process.h"

namespace utables::lab::kernel {
namespace {

constexpr const char* kSetting = "/proc/sys/net/netfilter/nf_log_all_netns";
/// Everybody who needs the setting holds a shared lock on it; it holds what the setting was before.
constexpr const char* kLock = "/tmp/utables-log-of-all-namespaces.lock";
constexpr const char* kLog = "/dev/kmsg";
/// Held by whose turn it is to read complaints.
constexpr const char* kTurn = "/tmp/utables-log-of-complaints.lock";
constexpr std::string_view kComplaint = ";nf_ct_proto_";
constexpr std::size_t kLongestRecord = 8192;

std::string recorded(int lock) {
  std::array<char, 16> text{};
  const ssize_t n = pread(lock, text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(n < 0 ? 0 : n)};
}

/// `4,1234,5678901,-;text`, then lines of what else is known.
std::optional<std::string> line_of(std::string_view record) {
  const auto semicolon = record.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  const auto priority = scan_unsigned(record.substr(0, record.find(',')), 10, 0xffff);
  if (!priority || *priority > 7) return std::nullopt;  // not of the kernel itself
  const auto text = record.substr(semicolon + 1);
  return fmt::format("<{}>{}", *priority, text.substr(0, text.find('\n')));
}

}  // namespace

Result<LogOfAllNamespaces> LogOfAllNamespaces::hold() {
  const auto setting = read_file(kSetting);
  if (!setting) return tl::unexpected<Error>(setting.error());
  const int lock = open(kLock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return lacking_errno(kLock);
  LogOfAllNamespaces held(lock);
  while (flock(lock, LOCK_SH) != 0)
    if (errno != EINTR) return lacking_errno(kLock);
  const auto now = read_file(kSetting);  // before the lock it may have been somebody's
  if (!now) return tl::unexpected<Error>(now.error());
  if (trim(*now) != "0") return held;
  if (pwrite(lock, "0", 1, 0) != 1) return lacking_errno(kLock);
  if (const auto set = write_file(kSetting, "1"); !set) return tl::unexpected<Error>(set.error());
  return held;
}

LogOfAllNamespaces::~LogOfAllNamespaces() {
  if (lock_ < 0) return;
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0 && recorded(lock_) == "0") {
    (void)write_file(kSetting, "0");
    (void)!ftruncate(lock_, 0);
  }
  close(lock_);
}

KernelLog::~KernelLog() {
  if (fd_ >= 0) close(fd_);
  if (turn_ >= 0) close(turn_);
}

Result<void> KernelLog::open(std::string_view mark, bool complaints) {
  complaints_ = complaints;
  if (complaints) {
    turn_ = ::open(kTurn, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (turn_ < 0) return lacking_errno(kTurn);
    while (flock(turn_, LOCK_EX) != 0)
      if (errno != EINTR) return lacking_errno(kTurn);
  }
  fd_ = ::open(kLog, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) return lacking_errno(kLog);
  if (lseek(fd_, 0, SEEK_END) < 0) return lacking_errno(kLog);
  mark_ = mark;
  buffer_.resize(kLongestRecord);
  return {};
}

void KernelLog::drain(std::vector<std::string>& into) {
  if (fd_ < 0) return;
  for (;;) {
    const ssize_t n = read(fd_, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) {
      lost_ = true;
      continue;
    }
    if (n <= 0) return;
    const std::string_view record(buffer_.data(), static_cast<std::size_t>(n));
    const bool complaint = complaints_ && record.find(kComplaint) != std::string_view::npos;
    if (!complaint && record.find(mark_) == std::string_view::npos) continue;
    if (auto line = line_of(record)) into.push_back(std::move(*line));
  }
}

std::string log_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '\\')
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out;
}

}  // namespace utables::lab::kernel
