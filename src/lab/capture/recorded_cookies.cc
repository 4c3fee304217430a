#include "lab/capture/recorded_cookies.h"

namespace utables::lab {
namespace {
constexpr Duration kKept = 120 * kSecond;
}

void RecordedCookies::remember(const AnsweredSyn& syn) {
  while (!turns_.empty() && (turns_.size() >= kMost || turns_.front().when <= syn.when - kKept)) {
    const auto found = answered_.find(turns_.front().ends);
    if (found != answered_.end() && found->second.when == turns_.front().when) answered_.erase(found);
    turns_.pop_front();
  }
  answered_[syn.ends] = syn;
  turns_.push_back({syn.ends, syn.when});
}

std::uint32_t RecordedCookies::make(const conntrack::Tuple& ends, std::uint32_t client_number,
                                    std::uint32_t place, Time now) {
  const auto before = answered_.find(ends);
  AnsweredSyn syn{ends, client_number, place, false, 0, now};
  // The same SYN once more got the same cookie.
  if (before != answered_.end() && before->second.number == client_number) {
    syn.known = before->second.known;
    syn.cookie = before->second.cookie;
  }
  remember(syn);
  return own_.make(ends, client_number, place, now);
}

std::optional<std::uint32_t> RecordedCookies::place_of(const conntrack::Tuple& ends,
                                                       std::uint32_t client_number, std::uint32_t cookie,
                                                       Time now) {
  const auto size = conntrack::cookie_mss(ends.family).size();
  if (const auto place = own_.place_of(ends, client_number, cookie, now); place && *place < size)
    return place;
  const auto found = answered_.find(ends);
  if (found == answered_.end() || found->second.when <= now - kKept) return std::nullopt;
  AnsweredSyn& syn = found->second;
  if (!syn.known && syn.number == client_number) {
    syn.known = true;
    syn.cookie = cookie;
  }
  if (!syn.known || syn.cookie != cookie) return std::nullopt;
  return syn.place + (syn.number - client_number);  // as a cookie tells it
}

bool RecordedCookies::learn(const packet::Facts& facts) {
  using namespace packet::tcp;
  if (answered_.empty() || facts.protocol != packet::kTcp || !facts.has_transport_header) return false;
  if ((facts.tcp_flags & (kSyn | kAck)) != (kSyn | kAck)) return false;
  const auto found = answered_.find(conntrack::Tuple{facts.destination, facts.source, facts.destination_port,
                                                     facts.source_port, facts.protocol, facts.family});
  if (found == answered_.end() || found->second.number + 1 != facts.tcp_ack) return false;
  AnsweredSyn& syn = found->second;
  if (syn.known) return syn.cookie == facts.tcp_seq;
  syn.known = true;
  syn.cookie = facts.tcp_seq;
  return true;
}

std::vector<AnsweredSyn> RecordedCookies::save(Time now) const {
  std::vector<AnsweredSyn> all;
  for (const Turn& turn : turns_) {
    const auto found = answered_.find(turn.ends);
    if (found != answered_.end() && found->second.when == turn.when && turn.when > now - kKept)
      all.push_back(found->second);
  }
  return all;
}

void RecordedCookies::restore(const std::vector<AnsweredSyn>& saved) {
  for (const AnsweredSyn& syn : saved) remember(syn);
}

}  // namespace utables::lab
