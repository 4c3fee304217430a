// Fragments, and things wrong with single packets.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "lab/generate/traffic.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

void mark(Planned& packet, Kind kind) { packet.kinds.set(static_cast<std::size_t>(kind)); }

/// One piece of `whole`, payload bytes [begin, end).
Planned piece(const Planned& whole, std::size_t header, std::size_t begin, std::size_t end, bool more) {
  Planned out{{}, whole.from, whole.kinds};
  out.bytes.assign(whole.bytes.begin(), whole.bytes.begin() + static_cast<std::ptrdiff_t>(header));
  out.bytes.insert(out.bytes.end(), whole.bytes.begin() + static_cast<std::ptrdiff_t>(header + begin),
                   whole.bytes.begin() + static_cast<std::ptrdiff_t>(header + end));
  const bool dont_fragment = (whole.bytes[6] & 0x40) != 0;
  store16(&out.bytes[6],
          static_cast<std::uint16_t>((dont_fragment ? 0x4000 : 0) | (more ? 0x2000 : 0) | begin / 8));
  fix_ip_length(out.bytes);
  return out;
}

void disturb(Random& random, Flow& flow, const Planned& whole, std::size_t header) {
  const std::size_t payload = whole.bytes.size() - header;
  switch (random.below(9)) {
    case 0:
    case 1:
      for (auto& each : flow) mark(each, Kind::fragments_in_order);
      break;
    case 2:
    case 3:
      for (std::size_t i = flow.size() - 1; i > 0; --i)
        std::swap(flow[i], flow[random.below(static_cast<std::uint32_t>(i) + 1)]);
      for (auto& each : flow) mark(each, Kind::fragments_reordered);
      break;
    case 4: {
      const std::size_t begin = random.below(static_cast<std::uint32_t>(payload / 8)) * std::size_t{8};
      const std::size_t end =
          std::min(payload, begin + 8 + random.below(static_cast<std::uint32_t>(payload)));
      flow.insert(flow.begin() + random.below(static_cast<std::uint32_t>(flow.size()) + 1),
                  piece(whole, header, begin, end, end < payload));
      for (auto& each : flow) mark(each, Kind::fragments_overlapping);
      break;
    }
    case 5:
      flow.erase(flow.begin() + random.below(static_cast<std::uint32_t>(flow.size())));
      for (auto& each : flow) mark(each, Kind::fragments_missing);
      break;
    case 6: {
      const Planned again = pick(random, flow);
      flow.insert(flow.begin() + random.below(static_cast<std::uint32_t>(flow.size()) + 1), again);
      for (auto& each : flow) mark(each, Kind::fragments_duplicate);
      break;
    }
    case 7: {
      Planned& odd = flow[random.below(static_cast<std::uint32_t>(flow.size()))];
      if (odd.bytes.size() > header + 1)
        odd.bytes.resize(
            odd.bytes.size() - 1 -
            random.below(static_cast<std::uint32_t>(std::min<std::size_t>(odd.bytes.size() - header, 9))));
      fix_ip_length(odd.bytes);
      for (auto& each : flow) mark(each, Kind::fragments_odd);
      break;
    }
    default:
      for (auto& each : flow) {
        each.bytes[1] = static_cast<std::uint8_t>((each.bytes[1] & 0xfc) | random.below(4));
        fix_ip_checksum(each.bytes);
        mark(each, Kind::fragments_mixed_ecn);
      }
  }
}

void add_option(Random& random, Planned& packet) {
  const std::size_t header = static_cast<std::size_t>(packet.bytes[0] & 15) * 4;
  if (header != 20) return;
  Bytes option;
  Kind kind = Kind::ip_option_other;
  const auto slots = static_cast<std::uint8_t>(1 + random.below(8));
  switch (random.below(8)) {
    case 0:
    case 1:
      option = {7, static_cast<std::uint8_t>(3 + 4 * slots),
                static_cast<std::uint8_t>(4 + 4 * random.below(slots + 1U))};
      option.resize(option[1], 0);
      kind = Kind::ip_option_record_route;
      break;
    case 2:
    case 3: {
      const auto flag = static_cast<std::uint8_t>(pick(random, std::array<std::uint8_t, 4>{0, 1, 3, 2}));
      option = {68, static_cast<std::uint8_t>(4 + 8 * (1 + slots % 4)),
                static_cast<std::uint8_t>(5 + 4 * random.below(3)), flag};
      option.resize(option[1], 0);
      if (flag == 3)
        for (std::size_t i = 4; i + 8 <= option.size(); i += 8)
          store32(&option[i], load32(&packet.bytes[16]));
      kind = Kind::ip_option_timestamp;
      break;
    }
    case 4:
      option = {static_cast<std::uint8_t>(chance(random, 50) ? 131 : 137), 7, 4, 10, 0, 0, 2};
      kind = Kind::ip_option_source_route;
      break;
    case 5:
      option =
          pick(random, std::array<Bytes, 4>{Bytes{148, 4, 0, 0}, Bytes{130, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                                            Bytes{1, 1, 1, 0}, Bytes{136, 4, 1, 2}});
      break;
    case 6:
      option = {134, 6, 0, 0, 0, 1};
      break;
    default:
      for (unsigned i = 0, n = 1 + random.below(12); i < n; ++i)
        option.push_back(static_cast<std::uint8_t>(random.below(chance(random, 50) ? 16 : 256)));
      kind = Kind::ip_option_malformed;
  }
  while (option.size() % 4 != 0) option.push_back(0);
  packet.bytes.insert(packet.bytes.begin() + 20, option.begin(), option.end());
  packet.bytes[0] = static_cast<std::uint8_t>(0x40 | (5 + option.size() / 4));
  fix_ip_length(packet.bytes);
  mark(packet, kind);
}

void truncate(Random& random, Planned& packet) {
  const auto size = static_cast<std::uint32_t>(packet.bytes.size());
  // Mostly within the headers; with the length field put right, or not.
  packet.bytes.resize(random.below(chance(random, 70) ? std::min<std::uint32_t>(size, 60) : size));
  if (chance(random, 65)) fix_ip_length(packet.bytes);
  mark(packet, Kind::truncated);
}

void spoil_header(Random& random, Planned& packet) {
  switch (random.below(5)) {
    case 0:
      packet.bytes[0] = static_cast<std::uint8_t>(0x40 | random.below(16));
      break;
    case 1:
      packet.bytes[0] = static_cast<std::uint8_t>(random.below(256));
      break;
    case 2:
      store16(&packet.bytes[2],
              static_cast<std::uint16_t>(random.below(static_cast<std::uint32_t>(packet.bytes.size()) + 30)));
      break;
    case 3:
      packet.bytes[6] |= 0x80;
      break;  // the reserved flag
    default:
      packet.bytes[12 + random.below(8)] ^= static_cast<std::uint8_t>(1U << random.below(8));
      break;
  }
  if (chance(random, 80)) fix_ip_checksum(packet.bytes);
  mark(packet, Kind::bad_ip_header);
}

}  // namespace

Flow fragments(Random& random, const Planned& whole) {
  const std::size_t header = whole.bytes.size() < 20 ? 0 : static_cast<std::size_t>(whole.bytes[0] & 15) * 4;
  if (header < 20 || whole.bytes.size() < header + 24 || (load16(&whole.bytes[6]) & 0x3fff) != 0)
    return {whole};
  const std::size_t payload = whole.bytes.size() - header;
  const std::size_t largest = std::max<std::size_t>(1, std::min<std::size_t>(payload / 8, 185));
  const std::size_t step =
      8 * std::max<std::size_t>(1 + random.below(static_cast<std::uint32_t>(largest)), payload / 96);
  Flow flow;
  for (std::size_t at = 0; at < payload; at += step)
    flow.push_back(piece(whole, header, at, std::min(payload, at + step), at + step < payload));
  if (chance(random, 60))
    for (auto& each : flow) {
      each.bytes[6] &= 0xbf;
      fix_ip_checksum(each.bytes);
    }
  if (chance(random, 10)) {
    Planned& one = flow[random.below(static_cast<std::uint32_t>(flow.size()))];
    one.bytes[8] = 1;
    fix_ip_checksum(one.bytes);
    mark(one, Kind::low_ttl);
  }
  disturb(random, flow, whole, header);
  return flow;
}

void damage(Random& random, Planned& packet) {
  if (packet.bytes.size() < 20) return;
  const std::size_t header = static_cast<std::size_t>(packet.bytes[0] & 15) * 4;
  switch (random.below(10)) {
    case 0:
      if (packet.bytes.size() > header + 4)
        packet.bytes[header + random.below(static_cast<std::uint32_t>(packet.bytes.size() - header))] ^= 0x10;
      mark(packet, Kind::bad_checksum);
      break;
    case 1:
      packet.bytes[10] ^= 0x55;
      mark(packet, Kind::bad_ip_checksum);
      break;
    case 2:
    case 3:
      truncate(random, packet);
      break;
    case 4:
    case 5:
    case 6:
      add_option(random, packet);
      break;
    case 7:
      packet.bytes[8] = static_cast<std::uint8_t>(random.below(2));
      fix_ip_checksum(packet.bytes);
      mark(packet, Kind::low_ttl);
      break;
    case 8:
      spoil_header(random, packet);
      break;
    default:
      for (unsigned i = 0, n = 1 + random.below(18); i < n; ++i)
        packet.bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
      mark(packet, Kind::padded);
  }
}

}  // namespace utables::lab::generate
