// Readdress: another address for every address, everywhere: in rules, routes, listings, packets.
//
// The map is its own inverse and keeps what Linux looks at: two addresses agree in as many leading bits as
// before (for prefixes of /8 and longer), network and broadcast addresses stay such, and 0/8, 127/8, 169/8,
// 224/4 and 240/4 stay as they are. Checksums are adjusted, not made anew: a bad one stays as bad as it was.
#pragma once
#include <cstdint>
#include <regex>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "packet/checksum.h"

namespace utables::lab {

class Readdress {
 public:
  /// `first` and `second` are flipped in an address's first and second byte.
  Readdress(std::uint8_t first, std::uint8_t second) : first_(first), second_(second) {}

  [[nodiscard]] std::uint32_t address(std::uint32_t a) const {
    const auto octet = static_cast<std::uint8_t>(a >> 24);
    if (!plain(octet) || !plain(octet ^ first_)) return a;
    return a ^ (std::uint32_t{first_} << 24 | std::uint32_t{second_} << 16);
  }

  /// Every address in a text; one before a mask (`10.0.0.0/8`, `10.0.0.0/255.0.0.0`) that was cut by it
  /// stays so.
  [[nodiscard]] std::string text(const std::string& in) const {
    static const std::regex kAddress(R"((\d+\.\d+\.\d+\.\d+)(/(\d+(\.\d+\.\d+\.\d+)?))?)");
    std::string out;
    auto at = in.cbegin();
    for (std::sregex_iterator i(in.begin(), in.end(), kAddress), end; i != end; ++i) {
      out.append(at, (*i)[0].first);
      out += one((*i)[1].str(), (*i)[3].str()) + (*i)[2].str();
      at = (*i)[0].second;
    }
    return out.append(at, in.cend());
  }

  /// A packet from its IP header on.
  void packet(std::uint8_t* b, std::size_t size) const {
    if (size < 20 || b[0] >> 4 != 4) return;
    const std::size_t header = (b[0] & 15U) * 4U;
    const std::vector<std::uint8_t> before(b, b + size);
    field(b + 12);
    field(b + 16);
    if (header < 20 || header > size) return adjust(b, before, 0, 20, b + 10);
    options(b, header);
    adjust(b, before, 0, header, b + 10);
    const std::size_t offset = (load16(b + 6) & 0x1fffU) * std::size_t{8};
    const std::uint8_t protocol = b[9];
    if (protocol == 1 && offset == 0) icmp(b, before, header);
    if (protocol != 6 && protocol != 17 && protocol != 136) return;
    const std::size_t place = protocol == 6 ? 16 : 6;  // may be in a later fragment
    const std::size_t checksum = header + place - offset;
    const bool zero_means_none = protocol != 6;
    if (offset > place || checksum + 2 > size || (zero_means_none && load16(b + checksum) == 0)) return;
    adjust(b, before, 12, 20, b + checksum);
    if (zero_means_none && load16(b + checksum) == 0) store16(b + checksum, 0xffff);
  }

 private:
  static bool plain(unsigned octet) { return octet > 0 && octet < 224 && octet != 127 && octet != 169; }

  void field(std::uint8_t* at) const { store32(at, address(load32(at))); }

  /// Adjusts a checksum for what changed in [from, to), of which it is the sum.
  static void adjust(const std::uint8_t* now, const std::vector<std::uint8_t>& before, std::size_t from,
                     std::size_t to, std::uint8_t* checksum) {
    for (std::size_t i = from; i + 1 < to; i += 2)
      if (now + i != checksum && load16(&before[i]) != load16(now + i))
        packet::adjust_checksum(checksum, load16(&before[i]), load16(now + i));
  }

  /// Routes and timestamps that are noted on the way.
  void options(std::uint8_t* b, std::size_t header) const {
    for (std::size_t at = 20; at < header && b[at] != 0;) {
      if (b[at] == 1) {
        ++at;
        continue;
      }
      if (at + 2 > header || b[at + 1] < 2 || at + b[at + 1] > header) return;
      const std::size_t end = at + b[at + 1];
      if (b[at] == 7 || b[at] == 131 || b[at] == 137)
        for (std::size_t i = at + 3; i + 4 <= end; i += 4) field(b + i);
      // Pairs of address and time, in step with the pointer, wherever that began.
      if (b[at] == 68 && end > at + 4 && ((b[at + 3] & 15) == 1 || (b[at + 3] & 15) == 3))
        for (std::size_t i = at + 4 + (b[at + 2] + 3U) % 8; i + 8 <= end; i += 8) field(b + i);
      at = end;
    }
  }

  void icmp(std::uint8_t* b, const std::vector<std::uint8_t>& before, std::size_t header) const {
    const std::size_t size = before.size();
    if (size < header + 8) return;
    const std::uint8_t type = b[header];
    if (type != 3 && type != 4 && type != 5 && type != 11 && type != 12) return;
    if (type == 5) field(b + header + 4);
    packet(b + header + 8, size - header - 8);
    adjust(b, before, header + 4, size, b + header + 2);
  }

  [[nodiscard]] std::string one(const std::string& text, const std::string& mask) const {
    const auto parsed = parse_address(text, Family::ipv4);
    if (!parsed) return text;
    const std::uint32_t a = parsed->v4();
    std::uint32_t bits = 0;
    if (mask.find('.') != std::string::npos)
      bits = parse_address(mask, Family::ipv4).value_or(Address{}).v4();
    else if (!mask.empty() && mask.size() <= 2 && mask != "0")
      bits = ~std::uint32_t{0} << (32U - static_cast<unsigned>(std::stoul(mask)));
    const std::uint32_t cut = mask.empty() || (a & ~bits) != 0 ? ~std::uint32_t{0} : bits;
    return to_string(Address::from_v4(address(a) & cut), Family::ipv4);
  }

  std::uint8_t first_, second_;
};

}  // namespace utables::lab
