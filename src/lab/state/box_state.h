// BoxState: the connections of a box on disk, opened for looking or for changing (`state.jsonl` alone is ever
// written). Of its rules it is only seen whether any asks for labels.
//
// A change is exclusive: from open() to the end of the object no other change of the same box begins (a lock
// on the directory; two commands at once wait for each other). commit() writes beside the file, syncs and
// renames, so that a reader sees the old or the new state, whole. Not for several threads.
//
// A box without a state has no moment yet: its time is 0, and a replay lets it begin with its first packet.
#pragma once
#include <utables/result.h>

#include <memory>
#include <string>

#include "conntrack/control/entries.h"
#include "lab/box_directory.h"
#include "lab/state/state.h"

namespace utables::lab {

class BoxState {
 public:
  enum class Access : std::uint8_t { look, change };

  /// `path`: as name_box() gives it. A box that is one file of rules has no connections; changing it fails.
  [[nodiscard]] static Result<BoxState, Errors> open(const std::string& path, Access access);
  BoxState(BoxState&&) noexcept;
  BoxState& operator=(BoxState&&) noexcept;
  ~BoxState();

  [[nodiscard]] conntrack::Entries& entries();
  [[nodiscard]] const conntrack::Settings& settings() const;
  /// Everything but the connections, their labels and what they expect.
  [[nodiscard]] const State& state() const;

  /// Writes the state, with the entries as they are now. REQUIRES: opened for changing.
  [[nodiscard]] Result<void> commit();

 private:
  struct Impl;
  explicit BoxState(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace utables::lab
