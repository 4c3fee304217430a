#include "lab/compare/shrink.h"

#include <algorithm>
#include <functional>

#include "base/scan.h"

namespace utables::lab::compare {
namespace {

using generate::Scenario;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

class Shrinking {
 public:
  Shrinking(const Scenario& scenario, std::size_t most_runs) : best_(scenario), runs_left_(most_runs) {
    const auto result = play_and_compare(scenario);
    if (!result || result->differences.empty()) return;
    kind_ = result->differences.front().kind;
    const auto at = result->differences.front().packet;
    if (at < best_.packets.size()) {
      Scenario cut = best_;
      cut.packets.resize(at + 1);
      if (differs(cut)) best_ = std::move(cut);
    }
    drop_packets();
    drop_lines([](Scenario& s) -> std::string& { return s.box.rules_v4; }, true);
    drop_packets();
    drop_lines([](Scenario& s) -> std::string& { return s.box.sysctl_conf; }, false);
  }
  Scenario result() { return std::move(best_); }

 private:
  bool differs(const Scenario& scenario) {
    if (runs_left_ == 0) return false;
    --runs_left_;
    const auto result = play_and_compare(scenario);
    return result && !result->differences.empty() && result->differences.front().kind == kind_ &&
           !result->held_up();
  }

  /// Leaves out runs of packets, halving their length until single ones have been tried.
  void drop_packets() {
    for (std::size_t chunk = std::max<std::size_t>(best_.packets.size() / 2, 1);; chunk /= 2) {
      for (std::size_t end = best_.packets.size(); end > 0;) {
        const std::size_t begin = end > chunk ? end - chunk : 0;
        Scenario smaller = best_;
        smaller.packets.erase(smaller.packets.begin() + static_cast<std::ptrdiff_t>(begin),
                              smaller.packets.begin() + static_cast<std::ptrdiff_t>(end));
        if (!smaller.packets.empty() && differs(smaller)) best_ = std::move(smaller);
        end = begin;
      }
      if (chunk == 1) return;
    }
  }

  void drop_lines(const std::function<std::string&(Scenario&)>& text, bool rules_only) {
    auto lines = lines_of(text(best_));
    for (std::size_t chunk = std::max<std::size_t>(lines.size() / 2, 1);; chunk /= 2) {
      for (std::size_t end = lines.size(); end > 0;) {
        const std::size_t begin = end > chunk ? end - chunk : 0;
        std::vector<std::string> fewer(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(begin));
        for (std::size_t i = begin; i < lines.size(); ++i)
          if (i >= end || (rules_only && lines[i].find("-A ") == std::string::npos))
            fewer.push_back(lines[i]);
        Scenario smaller = best_;
        text(smaller) = joined(fewer);
        if (fewer.size() < lines.size() && differs(smaller)) {
          best_ = std::move(smaller);
          lines = std::move(fewer);
        }
        end = begin;
      }
      if (chunk == 1) return;
    }
  }

  Scenario best_;
  std::size_t runs_left_;
  Difference::Kind kind_ = Difference::Kind::sent;
};

}  // namespace

Scenario shrink(const Scenario& scenario, std::size_t most_runs) {
  return Shrinking(scenario, most_runs).result();
}

}  // namespace utables::lab::compare
