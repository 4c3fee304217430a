// The report as people read it: sections with a word in the margin, columns that add up, nothing wider
// than the terminal.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lab/report/report.h"
#include "lab/report/text.h"

namespace utables::lab {
namespace {

constexpr std::size_t kMargin = 12;    // the words in the margin end before it
constexpr std::size_t kShortList = 6;  // groups that are shown; -v shows all
constexpr std::string_view kBold = "\x1b[1m", kPlain = "\x1b[0m";

/// Fates in the order of their columns, and whether a column is there even when it is zero.
struct FateColumn {
  Fate fate;
  bool always;
};
constexpr std::array<FateColumn, 9> kColumns{{{Fate::forwarded, true},
                                              {Fate::delivered, true},
                                              {Fate::sent, false},
                                              {Fate::looped, false},
                                              {Fate::held, false},
                                              {Fate::dropped, true},
                                              {Fate::rejected, true},
                                              {Fate::proxied, false},
                                              {Fate::refused, false}}};

class Page {
 public:
  Page(const Report& report, const PrintStyle& style) : report_(report), style_(style) {}

  std::string print() {
    head();
    packets();
    losses();
    invalid();
    connections();
    never_hit();
    list("assumed", report_.assumed, style_.verbose ? SIZE_MAX : std::size_t{8});
    list("try", report_.next, SIZE_MAX, true);
    return std::move(out_);
  }

 private:
  /// A line under `word` in the margin; `word` is printed once.
  void line(std::string_view word, std::string_view text, bool whole = false) {
    const std::size_t room = style_.width > kMargin + 20 ? style_.width - kMargin : 20;
    out_ += style_.color && !word.empty() ? fmt::format("{}{:<{}}{}", kBold, word, kMargin, kPlain)
                                          : fmt::format("{:<{}}", word, kMargin);
    out_ += whole || style_.verbose ? std::string(text) : shortened(text, room);
    while (!out_.empty() && out_.back() == ' ') out_.pop_back();
    out_ += '\n';
  }
  void gap() { out_ += '\n'; }

  void list(std::string_view word, const std::vector<std::string>& items, std::size_t most,
            bool whole = false) {
    if (items.empty()) return;
    gap();
    for (std::size_t i = 0; i < items.size() && i < most; ++i) line(i == 0 ? word : "", items[i], whole);
    if (items.size() > most) line("", fmt::format("... and {} more (-v shows them)", items.size() - most));
  }

  void columns(std::string_view word, const Columns& table) {
    bool first = true;
    for (const std::string& row : table.lines()) {
      line(first ? word : "", row);
      first = false;
    }
  }

  void head() {
    std::string rules = "no rules";
    if (report_.has_rules)
      rules = fmt::format("{} in {}", counted(report_.rules, "rule"), counted(report_.tables, "table"));
    line("box",
         fmt::format("{}  {}, {}, {}{}", report_.box, counted(report_.interfaces, "interface"),
                     counted(report_.routes, "route"), rules, report_.tracking ? "" : ", no tracking"));
    const ReadCounts& read = report_.read;
    const std::string shown = report_.captures.size() <= 3
                                  ? fmt::format("{}", fmt::join(report_.captures, " "))
                                  : fmt::format("{} ... {} ({} files)", report_.captures.front(),
                                                report_.captures.back(), report_.captures.size());
    if (read.frames == 0) return line("capture", shown + "  no frames");
    const std::string figures = fmt::format("{}, {} + {} UTC", counted(read.frames, "frame"),
                                            date_and_time(read.first), span_of_time(read.last - read.first));
    const bool fits = columns_of(shown) + columns_of(figures) + kMargin + 2 <= style_.width;
    line("capture", fits ? shown + "  " + figures : shown, true);
    if (!fits) line("", figures);
    for (const std::string& warning : report_.warnings) line("", warning);
    reading();
  }

  void reading() {
    const ReadCounts& read = report_.read;
    const ObservationCounts& seen = read.observations;
    for (std::size_t i = 0; i < report_.came_in.size(); ++i)
      line(i == 0 ? "read as" : "", report_.came_in[i]);
    std::vector<std::string> rest;
    if (seen.predicted + seen.unpredicted != 0)
      rest.push_back(fmt::format("{} of {} sent as predicted", thousands(seen.predicted),
                                 thousands(seen.predicted + seen.unpredicted)));
    if (seen.unpredicted != 0)
      rest.push_back(fmt::format("the first that was not: {}", report_.first_unpredicted));
    if (seen.played != 0)
      rest.push_back(fmt::format("{} made by the box's programs", thousands(seen.played)));
    if (!rest.empty()) line("", fmt::format("{}", fmt::join(rest, ", ")));
    std::vector<std::string> others;
    for (const auto& [type, count] : read.not_ip)
      others.push_back(fmt::format("{} {}", ether_type_name(type), thousands(count)));
    if (!others.empty())
      line("", fmt::format("{} not IP ({})", thousands(read.not_ip_frames()), fmt::join(others, ", ")));
    if (read.ipv6 != 0) line("", fmt::format("{} of IPv6", thousands(read.ipv6)));
    if (read.damaged_frames() != 0)
      line("", fmt::format("{} with a damaged link layer, first {}", thousands(read.damaged_frames()),
                           report_.first_damaged));
  }

  void packets() {
    if (report_.rows.empty()) return;
    gap();
    std::vector<Fate> shown;
    for (const FateColumn& c : kColumns)
      if (c.always || report_.total[static_cast<std::size_t>(c.fate)] != 0) shown.push_back(c.fate);
    Columns table(std::vector<bool>(shown.size() + 2, true));
    std::vector<std::string> head{"packets", "all"};
    for (const Fate fate : shown) head.emplace_back(name(fate));
    table.add(std::move(head));
    for (const FateRow& row : report_.rows) table.add(cells(row.label, row.fates, shown));
    if (report_.rows.size() > 1) table.add(cells("together", report_.total, shown));
    bool first = true;
    for (std::string& row : left_labels(table.lines())) {
      out_ += first && style_.color ? fmt::format("{}{}{}\n", kBold, row, kPlain) : row + "\n";
      first = false;
    }
    std::vector<std::string> more;
    if (report_.answers != 0)
      more.push_back(fmt::format("{} of the box itself sent", counted(report_.answers, "answer")));
    if (report_.logged != 0) more.push_back(fmt::format("{} logged", counted(report_.logged, "line")));
    if (!more.empty()) line("", fmt::format("{}", fmt::join(more, ", ")));
  }

  /// Labels stand to the left of their column, which Columns sets to the right like the numbers.
  static std::vector<std::string> left_labels(std::vector<std::string> rows) {
    for (std::string& row : rows) {
      const std::size_t indent = row.find_first_not_of(' ');
      if (indent == 0 || indent == std::string::npos) continue;
      std::size_t end = row.find("  ", indent);
      if (end == std::string::npos) end = row.size();
      row = row.substr(indent, end - indent) + std::string(indent, ' ') + row.substr(end);
    }
    return rows;
  }

  static std::vector<std::string> cells(std::string_view label, const Tally::Fates& fates,
                                        const std::vector<Fate>& shown) {
    std::uint64_t all = 0;
    for (const std::uint64_t n : fates) all += n;
    std::vector<std::string> row{std::string(label), thousands(all)};
    for (const Fate fate : shown) row.push_back(thousands(fates[static_cast<std::size_t>(fate)]));
    return row;
  }

  void losses() {
    if (report_.losses.empty()) return;
    gap();
    Columns table({true, true, false, false});
    table.add({"packets", "flows", "by", "see"});
    const std::size_t most = style_.verbose ? SIZE_MAX : kShortList;
    for (std::size_t i = 0; i < report_.losses.size() && i < most; ++i) {
      const LossLine& loss = report_.losses[i];
      const std::size_t room =
          style_.verbose ? SIZE_MAX
                         : style_.width - std::min(style_.width - 30, kMargin + 24 + columns_of(loss.frame));
      table.add({thousands(loss.group.packets), thousands(loss.group.flows),
                 shortened(loss.where.empty() ? loss.what : loss.where + ": " + loss.what, room),
                 loss.frame});
      if (loss.group.follow != 0) table.add({"+ " + thousands(loss.group.follow), "", "follow from it", ""});
    }
    columns("lost", table);
    if (report_.losses.size() > most)
      line("", fmt::format("... and {} more (-v shows them)", report_.losses.size() - most));
  }

  void invalid() {
    if (report_.invalid.empty()) return;
    gap();
    Columns table({true, true, false, false});
    table.add({"packets", "flows", "because", "see"});
    const std::size_t most = style_.verbose ? SIZE_MAX : kShortList;
    for (std::size_t i = 0; i < report_.invalid.size() && i < most; ++i) {
      const InvalidLine& one = report_.invalid[i];
      const std::string passed = one.group.passed == 0 ? ""
                                 : one.group.passed == one.group.packets
                                     ? " (let pass)"
                                     : fmt::format(" ({} let pass)", thousands(one.group.passed));
      table.add({thousands(one.group.packets), thousands(one.group.flows), std::string(one.sentence) + passed,
                 one.frame});
    }
    if (report_.invalid_follow != 0)
      table.add({"+ " + thousands(report_.invalid_follow), "", "in flows that lost a packet before", ""});
    columns("INVALID", table);
    if (report_.invalid.size() > most)
      line("", fmt::format("... and {} more (-v shows them)", report_.invalid.size() - most));
  }

  void connections() {
    if (!report_.tracking) return;
    gap();
    line("connections",
         fmt::format("{} now, {} at most", thousands(report_.connections), thousands(report_.peak)));
    for (const ProtocolStates& p : report_.protocols) {
      std::vector<std::string> states;
      for (const auto& [state, count] : p.states)
        states.push_back(fmt::format("{} {}", state, thousands(count)));
      line("", fmt::format("{} {}: {}", p.protocol, thousands(p.connections), fmt::join(states, ", ")));
    }
  }

  void never_hit() {
    if (report_.never_hit_rules == 0) return;
    gap();
    std::vector<std::string> chains;
    for (const NeverHit& quiet : report_.never_hit)
      chains.push_back(fmt::format("{}{}{} {}", quiet.family == Family::ipv6 ? "ip6 " : "",
                                   quiet.table == "filter" ? "" : quiet.table + " ", quiet.chain,
                                   ranges(quiet.rules)));
    line("never hit", fmt::format("{} of {}: {}", report_.never_hit_rules, counted(report_.rules, "rule"),
                                  fmt::join(chains, "; ")));
  }

  const Report& report_;
  const PrintStyle& style_;
  std::string out_;
};

}  // namespace

std::string report_text(const Report& report, const PrintStyle& style) { return Page(report, style).print(); }

}  // namespace utables::lab
