// Verify: a box and captures through this machine's own kernel and through utables; what differs.
//
// Captures are read as `replay` reads them: interfaces and directions; what the box sent and utables
// predicted is not played; what its programs sent is. Checksums are judged as on the wire, a cut frame is
// taken for the bytes that are there, and packets go at wire speed unless `paced`. Left out, and counted:
// frames that are not IP, and what no program of the box could send through a raw socket.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lab/box_directory.h"
#include "lab/compare/compare.h"
#include "lab/replay.h"

namespace utables::lab {

/// Bounds on what is played in one run.
inline constexpr std::size_t kVerifyPackets = 1U << 20, kVerifyBytes = 512U << 20;

struct VerifyOptions {
  ReplayOptions replay{};  ///< captures, interfaces, --track, --checksums; `until`: time to go on if paced
  bool paced = false;      ///< with the capture's own pauses
  bool log = false;        ///< also LOG's lines, which go to this machine's kernel log meanwhile (root alone)
  unsigned tries = 5;      ///< runs at most, as long as the machine was held up and something differs
  std::size_t most_differences = 20;
};

struct VerifyInput {
  generate::Scenario scenario;      ///< its packets bear the names of their frames
  std::vector<FrameName> frames{};  ///< of each packet
  ReadCounts counts{};
  std::uint64_t unsendable = 0;  ///< left out: no program can send it
  std::vector<std::string> warnings{};
};

struct Verification {
  VerifyInput input;
  compare::Comparison comparison;
  unsigned runs = 0;
  [[nodiscard]] bool equal() const { return comparison.differences.empty(); }
};

/// Reads box and captures. Errors are theirs.
[[nodiscard]] Result<VerifyInput, Errors> read_for_verify(const Box& box, const VerifyOptions& options);
/// ... and plays them. An error with exit_code 3 means that this machine lacks what it takes.
[[nodiscard]] Result<Verification, Errors> verify(const Box& box, const VerifyOptions& options);

/// For people: what was compared, what was left out, what differs; `all`: every difference whole.
[[nodiscard]] std::string verification_text(const Verification& verification, bool all);
/// One line of JSON (docs/output.md).
[[nodiscard]] std::string verification_json(const Verification& verification);

}  // namespace utables::lab
