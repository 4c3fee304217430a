#include "cli/conntrack/update.h"

#include <fmt/format.h>

#include <deque>
#include <initializer_list>

#include "conntrack/control/select.h"

namespace utables::cli::conntrack_tool {
namespace {

using conntrack::Connection;
using conntrack::Entries;
using conntrack::Parameters;
using conntrack::Refusal;

/// Updating asks the kernel twice about every entry, to change it and to show it, and takes one answer for
/// each question. But the second question has two answers, and the one left over is taken for the next
/// question's: so only every other entry is shown, and errors come late. Scripts see that, so it is so here.
class Answers {
 public:
  struct Answer {
    Refusal refusal = Refusal::none;
    const Connection* shown = nullptr;
  };
  Answer ask(std::initializer_list<Answer> answers) {
    waiting_.insert(waiting_.end(), answers);
    const Answer first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

 private:
  std::deque<Answer> waiting_{};
};

class Update {
 public:
  Update(const CommandLine& line, Entries& entries)
      : line_(line), entries_(entries), printer_(line, Printer::Frame::flows, 2, entries.now()) {
    // What is not to select by but to become.
    wanted_ = line.parameters;
    wanted_.mark.reset();
    wanted_.status.reset();
    wanted_.state.reset();
  }

  Done run() {
    for (Connection* c : entries_.all()) {
      const conntrack::Labels labels = entries_.labels_of(*c);
      if (!conntrack::selects(wanted_, *c, labels) ||
          !conntrack::would_change(*c, labels, line_.parameters, entries_.now()))
        continue;
      if (!update(*c)) return {kOther, changed_, {}};
    }
    return {count_ == 0 ? kOther : kOk, changed_, entries_were(count_, "updated")};
  }

 private:
  /// Without a family there is nobody to ask: no address, no -f.
  Refusal change(Connection* c) {
    if (!line_.parameters.family) return Refusal::unsupported;
    if (c == nullptr) return Refusal::not_found;
    changed_ = true;
    return entries_.change(*c, line_.parameters);
  }

  /// The kernel is asked about the original tuple, without its zone. false: the command ends here.
  bool update(const Connection& selected) {
    Connection* const c = entries_.find(selected.original(), {});
    const Refusal changing_now = change(c);
    const Refusal changing = answers_.ask({{changing_now, nullptr}}).refusal;
    if (changing != Refusal::none) fmt::print(stderr, "{}\n", operation_failed(changing));
    Answers::Answer showing;
    if (!line_.parameters.family)
      showing = answers_.ask({{Refusal::unsupported, nullptr}});
    else if (changing_now == Refusal::out_of_range)  // the question names the labels again
      showing = answers_.ask({{changing_now, nullptr}});
    else if (c == nullptr || c->is(conntrack::kDying))
      showing = answers_.ask({{Refusal::not_found, nullptr}});
    else
      showing = answers_.ask({{Refusal::none, c}, {}});
    // It is not there, or its time was over.
    if (showing.refusal == Refusal::not_found) return true;
    if (showing.refusal != Refusal::none) {
      tell(operation_failed(showing.refusal));
      return false;
    }
    if (showing.shown != nullptr) printer_.print(*showing.shown, entries_.labels_of(*showing.shown));
    ++count_;
    return true;
  }

  const CommandLine& line_;
  Entries& entries_;
  Parameters wanted_{};
  Printer printer_;
  Answers answers_{};
  std::size_t count_ = 0;
  bool changed_ = false;
};

}  // namespace

Done update(const CommandLine& line, Entries& entries) { return Update(line, entries).run(); }

}  // namespace utables::cli::conntrack_tool
