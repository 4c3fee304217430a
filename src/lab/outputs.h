// Outputs: `--out DIR`, the box afterwards and what happened, and `-w FILE`, the packets that left.
//
// Files appear whole, by rename, when all went well; otherwise none does. DIR is made; if it exists it must
// be empty or an earlier output of utables (nothing in it but files of these names, and a state.jsonl of
// ours). Formats: docs/output.md.
#pragma once
#include <utables/result.h>

#include <memory>
#include <string>

#include "lab/box_directory.h"
#include "lab/replay.h"

namespace utables::lab {

struct OutputPaths {
  std::string directory{};  ///< empty: none
  std::string packets{};    ///< -w; empty: none
};

class Outputs {
 public:
  /// Opens what is to be written. REQUIRES: `replay` outlives this.
  [[nodiscard]] static Result<Outputs> create(const OutputPaths& paths, const Box& box, Replay& replay);
  Outputs(Outputs&&) noexcept;
  Outputs& operator=(Outputs&&) noexcept;
  /// Without commit() nothing remains, the directory included if it was made here.
  ~Outputs();

  /// Joins the replay's listeners, where there is something to write.
  void listen(Replay& replay);
  /// After the replay: writes the state and the listings, then lets every file appear.
  [[nodiscard]] Result<void> commit();

 private:
  struct Impl;
  explicit Outputs(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace utables::lab
