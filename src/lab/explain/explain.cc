#include "lab/explain/explain.h"

#include <fmt/format.h>

#include <array>

#include "base/bytes.h"
#include "conntrack/invalid.h"
#include "conntrack/judgement.h"
#include "conntrack/listing.h"
#include "lab/explain/route_words.h"
#include "lab/report/packet_line.h"
#include "lab/report/show_filter.h"
#include "lab/report/text.h"
#include "packet/describe.h"
#include "packet/sctp.h"
#include "rules/extension.h"
#include "rules/option/option.h"
#include "rules/syntax/save.h"

namespace utables::lab {
namespace {

using Kind = ExplainStep::Kind;

std::string_view table_name(rules::TableId table) {
  return rules::kTableNames[static_cast<std::size_t>(table)];
}

/// What of a rule's header failed, in words.
constexpr std::array<std::string_view, 7> kHeaderParts{
    "", "source", "destination", "in-interface", "out-interface", "protocol", "fragment"};

std::string failure(const engine::RuleStep& step) {
  const std::string has = step.observed.empty() ? std::string() : fmt::format(" is {}", step.observed);
  if (step.failed_match < 0)
    return fmt::format("no: {}{}", kHeaderParts[static_cast<std::size_t>(step.header_part)], has);
  const rules::MatchUse& use = step.rule->matches[static_cast<std::size_t>(step.failed_match)];
  std::string option;
  if (step.failed_option < use.match->options.size())
    option = fmt::format(" --{}", use.match->options[step.failed_option].spelled());
  return fmt::format("no: {}{}{}", use.match->name, option,
                     step.observed.empty() ? std::string() : fmt::format(": {}", step.observed));
}

std::string interface_name(const Replay& replay, InterfaceId id) {
  return id == kNoInterface ? std::string("-") : replay.host().at(id).name;
}

}  // namespace

void Explainer::add(Kind kind, std::string label, std::string text, std::string result) {
  steps_.push_back({kind, std::move(label), std::move(text), std::move(result), false});
}

void Explainer::packet_begins(std::uint32_t, const packet::Facts& facts, Time) {
  watching_ = true;
  family_ = facts.family;
}

void Explainer::packet_made_here(const packet::Facts& facts, std::string_view why) {
  add(Kind::answer, "answer", packet::describe_ends(facts), std::string(why));
}

void Explainer::hook(rules::Hook hook) {
  add(Kind::hook, std::string(rules::kHookNames[static_cast<std::size_t>(hook)]), {});
}

void Explainer::table_begins(rules::TableId table, rules::Hook) {
  add(Kind::table, std::string(table_name(table)), {});
}

void Explainer::rule(const engine::RuleStep& step) {
  const std::string label =
      step.number == 0 ? fmt::format("{} {}", step.chain,
                                     step.rule == nullptr && step.verdict == "RETURN" ? "end" : "policy")
                       : fmt::format("{} {}", step.chain, step.number);
  add(Kind::rule, label, step.rule == nullptr ? std::string() : rules::rule_text(*step.rule, family_),
      step.matched ? std::string(step.verdict) : failure(step));
  steps_.back().matched = step.matched;
}

void Explainer::tracked(const conntrack::Tracked& tracked, const conntrack::Judgement& judgement,
                        const conntrack::Connection* before) {
  const Time now = replay_->end();
  add(Kind::tracking, "before",
      before == nullptr ? "no connection" : conntrack::conntrack_line(*before, now));
  if (judgement.tcp.judged) explain_window(judgement.tcp);
  if (judgement.sctp.judged) explain_chunks(judgement.sctp);
  std::string state(name(tracked.info));
  if (tracked.invalid != conntrack::InvalidReason::none)
    state += fmt::format(": {}", conntrack::sentence(tracked.invalid));
  if (tracked.drop != DropReason::none) state += fmt::format(": {}", sentence(tracked.drop));
  add(Kind::tracking, "ctstate", state);
  if (tracked.connection != nullptr)
    add(Kind::tracking, "connection", conntrack::conntrack_line(*tracked.connection, now),
        tracked.connection->is(conntrack::kConfirmed) ? "" : "not in the table yet");
}

void Explainer::explain_window(const conntrack::TcpJudgement& j) {
  const auto figure = [&](std::string label, std::string text, std::string result = {}) {
    add(Kind::figure, std::move(label), std::move(text), std::move(result));
  };
  figure("state", fmt::format("{} -> {}", conntrack::name(j.state_before), conntrack::name(j.state_after)),
         std::string(j.why));
  if (j.window_verdict == conntrack::WindowVerdict::not_checked) return;
  // Differences are told modulo 2^32, as sequence numbers are compared.
  const auto below = [](std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; };
  const auto say = [](bool good) { return std::string(good ? "yes" : "no"); };
  figure("seq", fmt::format("{} below {} (what the receiver's window allows)", j.seq, j.seq_upper_bound),
         say(below(j.seq, j.seq_upper_bound)));
  figure("end", fmt::format("{} above {} (what was acknowledged, less a window)", j.end, j.seq_lower_bound),
         say(below(j.seq_lower_bound, j.end)));
  figure("ack", fmt::format("{} below {} (what the receiver sent)", j.sack, j.ack_upper_bound),
         say(below(j.sack, j.ack_upper_bound)));
  figure("ack", fmt::format("{} above {} (what the receiver sent, less a window)", j.sack, j.ack_lower_bound),
         say(below(j.ack_lower_bound, j.sack)));
  figure("window",
         fmt::format("{} bytes; sender max_end {}, receiver end {}, receiver max window {}", j.window,
                     j.sender_before.max_end, j.receiver_before.end, j.receiver_before.max_win),
         std::string(conntrack::sentence(j.window_verdict)));
}

void Explainer::routed(const engine::RouteStep& step) {
  add(Kind::routing, step.question == engine::RouteStep::Question::source ? "way back" : "routing",
      route_question(step, replay_->host()), route_answer(step, replay_->host()));
}

void Explainer::changed(std::span<const engine::Change> changes) {
  std::string text;
  for (const engine::Change& change : changes)
    text += fmt::format("{}{} {} -> {}", text.empty() ? "" : ", ", change.field,
                        change.before.empty() ? "none" : change.before,
                        change.after.empty() ? "none" : change.after);
  add(Kind::changed, "changed", std::move(text));
}
void Explainer::note(std::string_view what) { add(Kind::note, "", std::string(what)); }

void Explainer::explain_chunks(const conntrack::SctpJudgement& j) {
  const auto known = [](std::uint32_t tag) {
    return tag == 0 ? std::string("not known") : fmt::format("{:#010x}", tag);
  };
  add(Kind::figure, "tag",
      fmt::format("{:#010x}; this direction's {}, the other's {}", j.tag, known(j.expected_tag[0]),
                  known(j.expected_tag[1])));
  for (const conntrack::SctpStep& step : std::span(j.steps).first(j.count))
    add(Kind::figure, "chunk",
        fmt::format("{}: {} -> {}", packet::sctp::name(step.type), conntrack::name(step.state_before),
                    conntrack::name(step.state_after)),
        std::string(step.why));
}

void Explainer::confirmed(const conntrack::Connection& connection, DropReason reason) {
  add(Kind::confirmed, "table", conntrack::conntrack_line(connection, replay_->end()),
      reason == DropReason::none ? "entered" : std::string(sentence(reason)));
}

namespace {
std::string next_hop_text(const Sent& sent) {
  if (sent.next_hop_v4 != 0)
    return fmt::format("to {}", to_string(Address::from_v4(sent.next_hop_v4), Family::ipv4));
  const Address v6{sent.next_hop_v6};
  return v6.is_zero() ? std::string() : fmt::format("to {}", to_string(v6, Family::ipv6));
}
}  // namespace

void Explainer::sent(const Sent& sent, const InputPacket* cause) {
  if (!watching_ || cause == nullptr) return;
  const std::string by =
      fmt::format("{} by {}", sent.made_here ? "answer" : "sent", interface_name(*replay_, sent.interface));
  add(Kind::sent, by, packet_text(sent.bytes, static_cast<std::uint32_t>(sent.bytes.size())),
      next_hop_text(sent));
}

void Explainer::log(const LogLine& line, const InputPacket*) {
  if (watching_) add(Kind::logged, "logged", std::string(line.text));
}

void Explainer::outcome(const Outcome& outcome, const InputPacket& input) {
  if (replay_->parts().observer != this) return;
  std::string way = input.placed.outbound
                        ? "made by the box"
                        : fmt::format("in by {}", interface_name(*replay_, input.placed.interface));
  way += fmt::format(", {} UTC ({})", date_and_time(input.time), words(input.placed.evidence));
  steps_.insert(steps_.begin(), {Kind::packet, "packet", packet_text(input.original, input.wire_size),
                                 std::move(way), false});
  std::string fate(name(outcome.fate));
  if (const std::string by = decided_by(outcome); !by.empty()) fate += " by " + by;
  std::string why;
  if (outcome.reason != DropReason::none && outcome.by.table.empty()) why = sentence(outcome.reason);
  add(Kind::outcome, "outcome", std::move(fate), std::move(why));
  watching_ = false;
}

namespace {

Errors one(std::string text) {
  Errors errors;
  errors.push_back(Error{std::move(text)});
  return errors;
}

struct StopWords {
  StopFrame what;
  std::string_view text;
};
constexpr std::array<StopWords, 5> kNotPlayed{{
    {StopFrame::observed,
     "the box sent this frame, as utables had before: it is an observation, and not played"},
    {StopFrame::unpredicted,
     "the box sent this frame, and nothing that came in explains it: it is an observation, and not played"},
    {StopFrame::looped, "a copy on lo of what the box sent to itself: not played again"},
    {StopFrame::not_ip, "not an IP packet: it never comes to the firewall"},
    {StopFrame::damaged, "its link layer is damaged: no packet was found in it"},
}};

}  // namespace

Result<Explanation, Errors> explain_frame(const Box& box, ReplayOptions options, std::uint64_t frame) {
  const Replay* known = nullptr;
  Explainer explainer(known);
  options.stop = {0, frame};
  options.observer = &explainer;
  auto replay = Replay::create(box, options);
  if (!replay) return tl::unexpected<Errors>(std::move(replay.error()));
  known = &*replay;
  replay->add(explainer);
  if (auto played = replay->run(); !played) return tl::unexpected<Errors>(Errors{played.error()});
  Explanation out{fmt::format("{}:{}", options.captures.front(), frame), {}, explainer.steps()};
  if (replay->stop_frame() == StopFrame::not_reached)
    return tl::unexpected<Errors>(one(fmt::format("{}: there is no such frame; the capture has {}",
                                                  out.subject, thousands(replay->counts().frames))));
  for (const StopWords& words : kNotPlayed)
    if (words.what == replay->stop_frame())
      out.steps.push_back({Kind::note, "", std::string(words.text), "", false});
  return out;
}

Result<Explanation, Errors> explain_packet(const Box& box, const ReplayOptions& options,
                                           const std::string& text) {
  auto line = packet::read_packet_line(text);
  if (!line) return tl::unexpected<Errors>(Errors{line.error()});
  auto replay = Replay::create(box, options, CaptureMerge(std::vector<io::CaptureReader>{}));
  if (!replay) return tl::unexpected<Errors>(std::move(replay.error()));
  const Replay* known = &*replay;
  Explainer explainer(known);
  replay->add(explainer);
  auto placed = replay->place(line->bytes);
  if (!placed) return tl::unexpected<Errors>(Errors{placed.error()});
  replay->play(line->bytes, *placed, &explainer);
  return Explanation{text, line->assumed, explainer.steps()};
}

}  // namespace utables::lab
