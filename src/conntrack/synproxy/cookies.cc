#include "conntrack/synproxy/cookies.h"

#include "base/random.h"
#include "conntrack/hash.h"

namespace utables::conntrack {
namespace {

constexpr std::array<std::uint16_t, 4> kMss{536, 1300, 1440, 1460};
constexpr std::array<std::uint16_t, 4> kMss6{1220, 1420, 1440, 8940};
constexpr std::uint32_t kPlaceMask = 0xffffff, kMostMinutes = 2;
constexpr unsigned kMinutesShift = 24;
constexpr Duration kMinute = 60 * kSecond;

}  // namespace

std::span<const std::uint16_t> cookie_mss(Family family) {
  return family == Family::ipv6 ? std::span<const std::uint16_t>(kMss6)
                                : std::span<const std::uint16_t>(kMss);
}

std::uint32_t cookie_place(Family family, std::uint16_t mss) {
  const auto table = cookie_mss(family);
  std::uint32_t place = 0;
  for (std::uint32_t i = 1; i < table.size(); ++i)
    if (table[i] <= mss) place = i;
  return place;
}

SecretCookies::SecretCookies(std::uint64_t seed) {
  Random random(seed);
  secret_.keys = {random.next(), random.next()};
  secret_.ahead = random.next32();
}

std::uint32_t SecretCookies::hash(const Tuple& ends, std::uint32_t minutes, std::uint32_t which) const {
  return static_cast<std::uint32_t>(
      TupleHash(secret_.keys[0], secret_.keys[1])(ends, std::uint64_t{minutes} << 8 | which));
}

std::uint32_t SecretCookies::minutes(Time now) const {
  return static_cast<std::uint32_t>((now + static_cast<Duration>(secret_.ahead % 60'000) * kMillisecond) /
                                    kMinute);
}

std::uint32_t SecretCookies::make(const Tuple& ends, std::uint32_t client_number, std::uint32_t place,
                                  Time now) {
  const std::uint32_t count = minutes(now);
  return hash(ends, 0, 0) + client_number + (count << kMinutesShift) +
         ((hash(ends, count, 1) + place) & kPlaceMask);
}

std::optional<std::uint32_t> SecretCookies::place_of(const Tuple& ends, std::uint32_t client_number,
                                                     std::uint32_t cookie, Time now) {
  const std::uint32_t rest = cookie - hash(ends, 0, 0) - client_number, count = minutes(now);
  const std::uint32_t age = (count - (rest >> kMinutesShift)) & 0xff;
  if (age >= kMostMinutes) return std::nullopt;
  return (rest - hash(ends, count - age, 1)) & kPlaceMask;
}

std::uint32_t SecretCookies::milliseconds(const Tuple&, Time now) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(now / kMillisecond) + secret_.ahead);
}

}  // namespace utables::conntrack
