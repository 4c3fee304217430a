// The comparison with the kernel: a box and packets through this machine's kernel and through utables,
// and what differs. The engine's clock stands, for each packet, where the kernel's count of ticks stood.
// A moment is *unsure* where that is not known: a tick began while the kernel was at the packet, or a timer's
// work was done, or was seen, after its tick (also: after a pause the kernel waits for other fragments than
// utables does, as a busy machine lets timers wait). Then the engine may have been given another moment than
// the kernel had; a run that differs, and has such moments before the difference, decides nothing and is to
// be repeated.
//
// Compared are every byte sent on every interface, in order, packet by packet; every event of a connection,
// likewise (events.h); every line that LOG writes, where that is asked for; every entry of the table
// (timeouts within 2 s); every counter of rules and policies. What Linux draws at random is held to its
// permitted range and nothing else is excused: the identification of an ICMP error that was made here, the
// counter of a rule with `statistic --mode random`, and the order of what timers of the same moment send.
#pragma once
#include <utables/result.h>
#include <utables/verdict.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "conntrack/invalid.h"
#include "lab/generate/scenario.h"
#include "lab/kernel/run.h"

namespace utables::lab::compare {

struct Difference {
  enum class Kind : std::uint8_t { box, sent, entry, counter, event, log };
  Kind kind = Kind::sent;
  std::size_t packet = SIZE_MAX;  ///< position in the scenario; SIZE_MAX: none in particular
  std::string text;               ///< in words, several lines
  // Of what was sent:
  std::string place{};    ///< `packet 7`, `before packet 7`, `after the last packet`
  std::string device{};   ///< where
  std::string outcome{};  ///< what utables did with the packet
  std::vector<std::vector<std::uint8_t>> kernel{}, utables{};
};

/// Lines of `    0000  45 00 ...`, at most 256 bytes, without a line break at the end.
[[nodiscard]] std::string hexdump(const std::vector<std::uint8_t>& bytes);

/// What a comparison reached, for the counts that a run prints.
struct Coverage {
  std::array<std::uint64_t, static_cast<std::size_t>(DropReason::count_)> dropped{};
  struct Row {
    std::uint64_t count = 0;
    bool reachable = true;  ///< false: no packet can get there
  };
  std::map<std::string, Row>
      rows{};  ///< of the state tables and reasons of INVALID, as the tracker names them
  void add(const Coverage& other);
};

struct Comparison {
  std::vector<Difference> differences;
  std::vector<std::string> notes;  ///< what could not be played
  Coverage coverage;
  std::uint64_t packets = 0, sent = 0, events = 0, logged = 0, entries = 0, counters = 0;  ///< compared
  std::uint64_t complaints = 0;                             ///< lines of nf_conntrack_log_invalid among them
  std::map<std::string, std::uint64_t> logged_by_option{};  ///< lines of rules with each of LOG's options
  std::uint64_t not_renewed = 0;  ///< expectations of netbios-ns that the kernel refused to renew (events.h)
  std::uint64_t owed = 0;    ///< DESTROYs by expiry that the kernel had not told when the table was listed
  Duration took = 0;         ///< from the first packet to the last, in the kernel
  std::uint64_t unsure = 0;  ///< moments, as far as the first difference
  bool too_slow = false;  ///< the machine was held up: other pauses than the scenario's, or events were lost
  std::string refused{};  ///< why, where both refuse the box: no packet was played
  /// It may differ for that reason alone.
  [[nodiscard]] bool held_up() const { return too_slow || unsure > 0; }
};

struct CompareOptions {
  std::size_t most_differences = 20;  ///< more are only counted
};

/// What the kernel is given for a scenario. An error if the box is not understood.
/// `notes` receives what of it cannot be had in a namespace.
[[nodiscard]] Result<kernel::NamespaceSetup> setup_of(const generate::Scenario& scenario,
                                                      std::vector<std::string>& notes);
[[nodiscard]] std::vector<kernel::Injection> injections_of(const generate::Scenario& scenario,
                                                           const kernel::NamespaceSetup& setup);
[[nodiscard]] kernel::RunOptions run_options_of(const generate::Scenario& scenario);

/// Plays the scenario through utables at the times of the report, and compares.
[[nodiscard]] Comparison compare(const generate::Scenario& scenario, const kernel::NamespaceSetup& setup,
                                 const kernel::Report& report, const CompareOptions& options = {});

/// The same of a run that may have failed: a box that the kernel refuses is equal if utables refuses it
/// too. Errors mean that there was nothing to compare with (exit_code 3).
[[nodiscard]] Result<Comparison> judge(const generate::Scenario& scenario,
                                       const kernel::NamespaceSetup& setup,
                                       const Result<kernel::Report>& report,
                                       const CompareOptions& options = {});

/// Plays it in the kernel, then judges.
[[nodiscard]] Result<Comparison> play_and_compare(const generate::Scenario& scenario,
                                                  const CompareOptions& options = {});

}  // namespace utables::lab::compare
