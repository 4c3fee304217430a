// Show: prints the packets that `--show` selects as they are played, as lines or as JSON.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "lab/replay.h"
#include "lab/report/show_filter.h"

namespace utables::lab {

class Show final : public ReplayListener {
 public:
  using Write = std::function<void(std::string_view)>;
  /// `write` takes whole lines. REQUIRES: filter and replay outlive this.
  Show(const ShowFilter& filter, const Replay& replay, bool json, Write write)
      : filter_(filter), replay_(replay), json_(json), write_(std::move(write)) {}

  void sent(const Sent& sent, const InputPacket* cause) override;
  void outcome(const Outcome& outcome, const InputPacket& input) override;
  [[nodiscard]] bool wants_original() const override { return true; }
  [[nodiscard]] std::uint64_t shown() const { return shown_; }

 private:
  const ShowFilter& filter_;
  const Replay& replay_;
  bool json_;
  Write write_;
  std::string sent_{}, line_{};
  std::uint64_t shown_ = 0;
};

}  // namespace utables::lab
