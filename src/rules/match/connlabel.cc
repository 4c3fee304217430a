// connlabel: a label of the packet's connection; with --set it is given to it, and the rule holds (under `!`
// does not). Without a connection no label is there. A label is a number up to 127, or a name that the box's
// connlabel.conf has for one.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/scan.h"
#include "conntrack/label/labels.h"
#include "rules/bind.h"
#include "rules/option/text.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::string> label;
  Given<bool> set;
  std::uint8_t number = 0;
  friend bool operator==(const Params&, const Params&) = default;
};

/// A number is written in decimal; written quoted, whatever it is.
struct LabelKind : TextKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    auto text = TextKind::parse(row, input);
    if (!text) return text;
    const auto number = scan_unsigned(*text, 0, 0xffff);
    return number ? std::to_string(*number) : *text;
  }
  static std::string text(const OptionRow&, const Value& value, Family) { return "\"" + value + "\""; }
  static std::string listed(const OptionRow&, const Value& value, Family) {
    return scan_unsigned(value, 10, 0xffff) ? value : "'" + value + "'";
  }
};

constexpr std::array kOptions{
    option<LabelKind, &Params::label>({.name = "label",
                                       .value = "name",
                                       .help = "a label that it has",
                                       .mandatory = true,
                                       .invertible = true,
                                       .min = 1,
                                       .max = 255,
                                       .list_word = "connlabel "}),
    option<FlagKind, &Params::set>(
        {.name = "set", .help = "give it the label", .values = 0, .list_word = "set"}),
};

Result<void> check(Params& p, const Rule&) {
  const auto number = scan_unsigned(p.label.value, 10, conntrack::kLargestLabel);
  p.number = static_cast<std::uint8_t>(number.value_or(0));
  return {};
}

Result<void> validate(const void* params, const Rule&, std::uint8_t) {
  const Params& p = *static_cast<const Params*>(params);
  const auto number = scan_unsigned(p.label.value, 10, 0xffff);
  if (number && *number > conntrack::kLargestLabel) return fail("Numerical result out of range.");
  return {};
}

/// A number that has a name is written by it.
Result<std::shared_ptr<const void>> settle(const void* params, const Rule&, Family,
                                           const conntrack::Settings& settings) {
  auto p = std::make_shared<Params>(*static_cast<const Params*>(params));
  const auto& labels = settings.labels;
  const auto by_name =
      std::find_if(labels.begin(), labels.end(), [&](const auto& row) { return row.name == p->label.value; });
  if (by_name != labels.end()) {
    if (by_name->number > conntrack::kLargestLabel) return fail("Numerical result out of range.");
    p->number = static_cast<std::uint8_t>(by_name->number);
    return p;
  }
  if (!scan_unsigned(p->label.value, 10, conntrack::kLargestLabel))
    return fail(fmt::format("label '{}' not found or invalid value", p->label.value));
  const auto by_number =
      std::find_if(labels.begin(), labels.end(), [&](const auto& row) { return row.number == p->number; });
  if (by_number != labels.end()) p->label.value = by_number->name;
  return p;
}

Answer matches(const Params& p, const Context& c) {
  bool has = false;
  if (c.connection() != nullptr) {
    has = c.services.has_label(c, p.number);
    if (!has && p.set.set) {
      c.services.set_label(c, p.number);
      has = true;
    }
  }
  return has != p.label.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params& p, const Context& c, unsigned) {
  if (c.connection() == nullptr) return "it has no connection";
  return c.services.has_label(c, p.number) ? "it has the label" : "it does not have the label";
}

}  // namespace

extern const MatchDescriptor kMatchConnlabel;
const MatchDescriptor kMatchConnlabel =
    match<Params, matches, observed>({.name = "connlabel",
                                      .summary = "a label of the connection",
                                      .looks_at = LooksAt::packet,
                                      .options = kOptions,
                                      .needs_tracking = [](const void*) { return true; },
                                      .check = checked<Params, check>,
                                      .validate = validate,
                                      .settle = settle});

}  // namespace utables::rules
