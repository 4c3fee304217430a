#include "conntrack/control/changes.h"

#include <algorithm>

#include "packet/headers.h"

namespace utables::conntrack {
namespace {

bool same_state(const Connection& a, const Connection& b) {
  if (a.original().protocol == packet::kTcp) return a.tcp.state == b.tcp.state;
  if (a.original().protocol != packet::kSctp) return true;
  return a.sctp.state == b.sctp.state && a.sctp.tag == b.sctp.tag;
}

bool same_connection(const Connection& a, const Connection& b) {
  return a.serial == b.serial && a.tuple == b.tuple;
}

class Comparison {
 public:
  Comparison(const Look& before, const Look& after) : before_(before), after_(after) {}

  std::vector<Change> run() {
    auto old = before_.entries.begin();
    for (const Look::Entry& now : after_.entries) {
      for (; old != before_.entries.end() && old->connection.serial < now.connection.serial; ++old) end(*old);
      if (old == before_.entries.end() || old->connection.serial != now.connection.serial) {
        tell(Event::Kind::new_, now, after_.time);
        continue;
      }
      become(*old++, now);
    }
    for (; old != before_.entries.end(); ++old) end(*old);
    return std::move(out_);
  }

 private:
  void become(const Look::Entry& old, const Look::Entry& now) {
    if (!same_connection(old.connection, now.connection)) {
      end(old);
      tell(Event::Kind::new_, now, after_.time);
    } else if (!same(old, now)) {
      tell(Event::Kind::update, now, after_.time);
    }
  }

  [[nodiscard]] bool same(const Look::Entry& old, const Look::Entry& now) const {
    const Connection &a = old.connection, &b = now.connection;
    const bool timeout = before_.time != after_.time || a.deadline == b.deadline;
    return timeout && a.status == b.status && a.mark == b.mark && a.helper == b.helper &&
           old.labels == now.labels && same_state(a, b);
  }

  /// One whose time was over ended then.
  void end(const Look::Entry& old) {
    tell(Event::Kind::destroy, old, std::min(old.connection.deadline, after_.time));
  }

  /// Of what is done by hand the kernel tells everything, but at the end no mark that is 0, and no labels.
  void tell(Event::Kind kind, const Look::Entry& entry, Time when) {
    Change change;
    change.event.kind = kind;
    change.event.when = when;
    change.event.connection = &entry.connection;
    if (kind != Event::Kind::destroy) {
      change.event.bits = kEventMark;
      change.labels = entry.labels;
    }
    out_.push_back(change);
  }

  const Look &before_, &after_;
  std::vector<Change> out_{};
};

/// Those of a master are told apart by what they await and until when; their serials are given anew.
bool same_awaited(const Look::Awaited& a, const Look::Awaited& b) {
  const Expectation &x = a.expectation, &y = b.expectation;
  return x.tuple == y.tuple && x.mask == y.mask && x.deadline == y.deadline && x.zone == y.zone &&
         x.expect_class == y.expect_class && same_connection(a.master, b.master);
}

bool among(const Look::Awaited& one, const Look& look) {
  return std::any_of(look.awaited.begin(), look.awaited.end(),
                     [&](const Look::Awaited& other) { return same_awaited(one, other); });
}

}  // namespace

Look look_at(const Entries& entries) {
  Look look;
  look.time = entries.now();
  for (const Connection* c : entries.all()) look.entries.push_back({*c, entries.labels_of(*c)});
  for (const Expectation& e : entries.awaited()) look.awaited.push_back({e, entries.master_of(e)});
  return look;
}

std::vector<Change> changes(const Look& before, const Look& after) { return Comparison(before, after).run(); }

std::vector<ExpectationEvent> awaited_changes(const Look& before, const Look& after) {
  std::vector<ExpectationEvent> out;
  const auto tell = [&](ExpectationEvent::Kind kind, const Look::Awaited& one, Time when) {
    out.push_back({kind, when, &one.expectation, &one.master});
  };
  for (const Look::Awaited& one : before.awaited)
    if (!among(one, after))
      tell(ExpectationEvent::Kind::destroy, one, std::min(one.expectation.deadline, after.time));
  for (const Look::Awaited& one : after.awaited)
    if (!among(one, before)) tell(ExpectationEvent::Kind::new_, one, after.time);
  return out;
}

}  // namespace utables::conntrack
