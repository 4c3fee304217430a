#include "engine/limits.h"

#include <algorithm>

namespace utables::engine {

namespace {
constexpr std::int64_t kUnreachableCost = 250, kUnreachableBurst = 5 * 250;
constexpr std::int64_t kIcmpBurstFactor = 6;
constexpr std::int64_t kRedirectLoad = 250 / 50;
constexpr std::uint32_t kRedirectNumber = 9;
constexpr std::int64_t kRedirectSilence = kRedirectLoad << (kRedirectNumber + 1);
}  // namespace

Limits::Peer& Limits::peer(const Address& address, std::int64_t now) {
  if (peers_.empty()) peers_.resize(kPeers);
  std::uint64_t hash = 0;
  for (const std::uint8_t byte : address.bytes) hash = (hash ^ byte) * 0x100000001b3ULL;
  Peer& found = peers_[(hash ^ (hash >> 29)) % kPeers];
  if (!found.used || found.address != address) {
    // One never seen has had a minute to gather tokens.
    found = Peer{address, 0, now - 60 * kTicksPerSecond, 0, true};
  }
  return found;
}

bool Limits::allow_unreachable(const Address& source, Time time) {
  const std::int64_t now = ticks_of(time);
  Peer& p = peer(source, now);
  p.tokens = std::min(std::min(p.tokens, kUnreachableBurst) + (now - p.last), kUnreachableBurst);
  p.last = now;
  if (p.tokens < kUnreachableCost) return false;
  p.tokens -= kUnreachableCost;
  return true;
}

bool Limits::allow_icmp(const Address& destination, Time time) {
  const std::int64_t now = ticks_of(time);
  Peer& p = peer(destination, now);
  // Without a limit (0) every error passes, but takes what the peer had gathered for unreachable answers.
  if (now != p.last) p.tokens = std::min(p.tokens + (now - p.last), kIcmpBurstFactor * ratelimit_);
  p.last = now;
  if (p.tokens < ratelimit_) return false;
  p.tokens -= ratelimit_;
  return true;
}

bool Limits::allow_redirect(const Address& source, Time time) {
  const std::int64_t now = ticks_of(time);
  Peer& p = peer(source, now);
  if (now > p.last + kRedirectSilence) {
    p.tokens = 0;
    p.redirects = 0;
  }
  if (p.redirects >= kRedirectNumber) {
    p.last = now;
    return false;
  }
  if (p.redirects != 0 && now <= p.last + (kRedirectLoad << p.redirects)) return false;
  p.last = now;
  ++p.redirects;
  return true;
}

std::vector<LimitedPeer> Limits::save() const {
  std::vector<LimitedPeer> saved;
  for (std::uint32_t i = 0; i < peers_.size(); ++i)
    if (const Peer& p = peers_[i]; p.used) saved.push_back({i, p.address, p.tokens, p.last, p.redirects});
  return saved;
}

Result<void> Limits::restore(const std::vector<LimitedPeer>& peers) {
  for (const LimitedPeer& p : peers)
    if (p.place >= kPeers) return fail("a limited peer past the end of the table of peers");
  peers_.clear();
  if (!peers.empty()) peers_.resize(kPeers);
  for (const LimitedPeer& p : peers) peers_[p.place] = Peer{p.address, p.tokens, p.last, p.redirects, true};
  return {};
}

}  // namespace utables::engine
