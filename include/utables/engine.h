// The engine: (box, packet, facts, now) -> (fate, packets that leave, events). Start here.
//
// An Engine holds what is shared (rules, connection table, the box's network); a Worker has counters,
// scratch memory and a random stream, and processes packets. The engine makes no system call, reads no
// clock, starts no thread and prints nothing; two engines in a process are strangers to each other.
#pragma once
#include <utables/packet.h>
#include <utables/result.h>
#include <utables/sink.h>
#include <utables/time.h>
#include <utables/verdict.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace utables {

enum class Profile : std::uint8_t { modern, classic };

/// A firewall at a moment, in Linux's own formats: the contents of a box's files. Empty: not there.
struct BoxText {
  std::string net_ip;       ///< `ip -batch` lines
  std::string sysctl_conf;  ///< sysctl.conf(5)
  std::string rules_v4;     ///< iptables-save
  std::string rules_v6;
  std::string state;           ///< state.jsonl
  std::string nfct_conf;       ///< policies of timeouts: lines of nfct(8)
  std::string connlabel_conf;  ///< names of labels
  bool has_rules_v4 = false, has_rules_v6 = false,
       has_net_ip = false;  ///< an empty file is not a missing one
  /// Tables in the order in which they were loaded, where that is not the file's (a saved state knows it).
  std::vector<std::string> loaded_tables{}, loaded_tables_v6{};
  std::string name;  ///< prefix of file names in errors (`office/`)
};

struct Options {
  Profile profile = Profile::modern;
  std::uint64_t seed = 1;
  bool track_always = false;  ///< tracking on even if no rule needs it (`--track`)
  bool ignore_checksums = false;
};

class Worker;
namespace engine {
class Path;  // engine/path.h
}
struct EngineParts;  // what is behind it; for the layers above in this project (engine/parts.h)

class Engine {
 public:
  /// Reads a box. Every error of its files is in the result, with file and line.
  [[nodiscard]] static Result<Engine, Errors> create(const BoxText& box, const Options& options = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  /// The worker that processes this engine's packets. It refers to the engine, which must outlive it.
  [[nodiscard]] Worker worker();

  [[nodiscard]] EngineParts& parts();

 private:
  explicit Engine(std::unique_ptr<EngineParts> parts);
  std::unique_ptr<EngineParts> parts_;
};

class Worker {
 public:
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) noexcept;
  ~Worker();

  /// Processes a batch in order; the same as its packets one at a time. Packet i's time is
  /// `now + batch[i].later`, and time never runs backwards between calls.
  void process(std::span<Packet> batch, Time now, Sink& sink);

  /// Lets time pass without packets: what expires by `now` is told.
  void advance(Time now, Sink& sink);

  /// What is behind it; for the layers above in this project.
  [[nodiscard]] engine::Path& path();

 private:
  friend class Engine;
  struct Impl;
  explicit Worker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace utables
