// Explain: the way of one packet, as the engine itself told it while the packet passed (engine/observer.h):
// hooks, tables, every rule that was looked at and the first thing in it that failed, with both values; what
// tracking made of it, for TCP with the window's figures; what left, and what had changed by then.
//
// The explanation is made of *steps*, in order; text and JSON are printed from the same steps.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observer.h"
#include "lab/replay.h"

namespace utables::lab {

/// One thing that happened to the packet.
struct ExplainStep {
  enum class Kind : std::uint8_t {
    packet,
    hook,
    table,
    rule,
    tracking,
    figure,
    confirmed,
    routing,
    changed,
    answer,
    note,
    sent,
    logged,
    outcome
  } kind = Kind::note;
  std::string label{};   ///< what it is about: the hook, the table, `FORWARD 7`
  std::string text{};    ///< the rule, the state, the packet
  std::string result{};  ///< `no: source is 10.0.0.1`, `ACCEPT`
  bool matched = false;  ///< a rule: whether it matched
};

class Explainer final : public engine::Observer, public ReplayListener {
 public:
  explicit Explainer(const Replay*& replay) : replay_(replay) {}

  // engine::Observer
  void packet_begins(std::uint32_t index, const packet::Facts& facts, Time when) override;
  void packet_made_here(const packet::Facts& facts, std::string_view why) override;
  void hook(rules::Hook hook) override;
  void tracked(const conntrack::Tracked& tracked, const conntrack::Judgement& judgement,
               const conntrack::Connection* before) override;
  void table_begins(rules::TableId table, rules::Hook hook) override;
  void rule(const engine::RuleStep& step) override;
  void routed(const engine::RouteStep& step) override;
  void changed(std::span<const engine::Change> changes) override;
  void confirmed(const conntrack::Connection& connection, DropReason reason) override;
  void note(std::string_view what) override;

  // ReplayListener: everything is heard, and kept only while the packet that is asked about passes.
  void sent(const Sent& sent, const InputPacket* cause) override;
  void log(const LogLine& line, const InputPacket* cause) override;
  void outcome(const Outcome& outcome, const InputPacket& input) override;
  [[nodiscard]] bool wants_original() const override { return true; }

  [[nodiscard]] const std::vector<ExplainStep>& steps() const { return steps_; }

 private:
  void add(ExplainStep::Kind kind, std::string label, std::string text, std::string result = {});
  void explain_window(const conntrack::TcpJudgement& judgement);
  void explain_chunks(const conntrack::SctpJudgement& judgement);

  const Replay*& replay_;  ///< set once the replay is made, which needs the observer first
  Family family_ = Family::ipv4;
  bool watching_ = false;  ///< the packet that is asked about is under way
  std::vector<ExplainStep> steps_{};
};

struct Explanation {
  std::string subject;  ///< `monday.pcapng:8131`, or the packet's text
  std::vector<std::string> assumed{};
  std::vector<ExplainStep> steps{};
};

/// Plays the capture up to the frame and explains that. REQUIRES: options.captures is the one file.
[[nodiscard]] Result<Explanation, Errors> explain_frame(const Box& box, ReplayOptions options,
                                                        std::uint64_t frame);
/// Explains one packet given as text, as the first that comes after the box's state.
[[nodiscard]] Result<Explanation, Errors> explain_packet(const Box& box, const ReplayOptions& options,
                                                         const std::string& text);

[[nodiscard]] std::string explanation_text(const Explanation& explanation, bool color);
[[nodiscard]] nlohmann::ordered_json explanation_json(const Explanation& explanation);

}  // namespace utables::lab
