// An explanation, printed: for people, and as JSON.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "lab/explain/explain.h"
#include "lab/report/text.h"

namespace utables::lab {
namespace {

using Kind = ExplainStep::Kind;

constexpr std::array<std::string_view, 14> kKindNames{"packet", "hook",      "table",   "rule",    "tracking",
                                                      "figure", "confirmed", "routing", "changed", "answer",
                                                      "note",   "sent",      "logged",  "outcome"};
constexpr std::string_view kBold = "\x1b[1m", kDim = "\x1b[2m", kPlain = "\x1b[0m";
constexpr std::size_t kIndent = 2, kLabel = 14;

std::string painted(std::string_view text, std::string_view how, bool color) {
  return color && !text.empty() ? fmt::format("{}{}{}", how, text, kPlain) : std::string(text);
}

std::string line(const ExplainStep& step, std::size_t indent, bool color) {
  const std::string pad(columns_of(step.label) < kLabel ? kLabel - columns_of(step.label) : 1, ' ');
  std::string out = std::string(indent, ' ') + step.label + pad + step.text;
  if (step.result.empty()) return out + "\n";
  const bool rule = step.kind == Kind::rule;
  std::string result = rule && !step.matched ? painted(step.result, kDim, color)
                       : rule                ? painted(step.result, kBold, color)
                                             : step.result;
  if (step.text.empty()) return out + result + "\n";
  // A rule's answer stands under it: rules are long.
  if (rule || columns_of(step.text) + columns_of(step.result) > 90)
    return out + "\n" + std::string(indent + kLabel + 2, ' ') + result + "\n";
  return out + "  (" + result + ")\n";
}

}  // namespace

std::string explanation_text(const Explanation& explanation, bool color) {
  std::string out = painted(explanation.subject, kBold, color) + "\n";
  for (const std::string& assumed : explanation.assumed) out += fmt::format("  assumed: {}\n", assumed);
  bool in_rules = false;  // what a target changed stands under its rule
  for (const ExplainStep& step : explanation.steps) {
    in_rules = step.kind == Kind::rule || (in_rules && step.kind == Kind::changed);
    switch (step.kind) {
      case Kind::hook:
        out += "\n" + painted(step.label, kBold, color) + "\n";
        break;
      case Kind::table:
        out += std::string(kIndent, ' ') + step.label + "\n";
        break;
      case Kind::rule:
        out += line(step, kIndent * 2, color);
        break;
      case Kind::changed:
        out += line(step, in_rules ? kIndent * 2 : kIndent, color);
        break;
      case Kind::figure:
        out += line(step, kIndent * 2, color);
        break;
      case Kind::outcome:
        out += "\n" + line(step, kIndent, color);
        break;
      default:
        out += line(step, kIndent, color);
        break;
    }
  }
  return out;
}

nlohmann::ordered_json explanation_json(const Explanation& explanation) {
  nlohmann::ordered_json out{
      {"v", 1}, {"kind", "explanation"}, {"of", explanation.subject}, {"assumed", explanation.assumed}};
  out["steps"] = nlohmann::ordered_json::array();
  for (const ExplainStep& step : explanation.steps) {
    nlohmann::ordered_json one{{"step", kKindNames[static_cast<std::size_t>(step.kind)]}};
    if (!step.label.empty()) one["label"] = step.label;
    if (!step.text.empty()) one["text"] = step.text;
    if (!step.result.empty()) one["result"] = step.result;
    if (step.kind == Kind::rule) one["matched"] = step.matched;
    out["steps"].push_back(std::move(one));
  }
  return out;
}

}  // namespace utables::lab
