#include "packet/fragment.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/ip_options.h"

namespace utables::packet {
namespace {

using Emit = std::function<void(std::span<const std::uint8_t>)>;

/// Makes fragments out of one packet; the header changes from one to the next.
class Cutter {
 public:
  Cutter(std::span<const std::uint8_t> packet, const Facts& facts, const Emit& emit)
      : facts_(facts), payload_(packet.subspan(facts.header_size)), emit_(emit) {
    out_.reserve(facts.header_size + payload_.size());
    std::copy_n(packet.begin(), facts.header_size, header_.begin());
  }

  [[nodiscard]] std::uint32_t left() const { return facts_.transport_length() - done_; }

  /// The next `size` bytes of payload. REQUIRES: size <= left().
  void emit(std::uint32_t size, bool dont_fragment) {
    const std::span header = std::span(header_).first(facts_.header_size);
    const bool more = size < left() || facts_.more_fragments;
    store16(&header[2], static_cast<std::uint16_t>(facts_.header_size + size));
    store16(&header[6], static_cast<std::uint16_t>((facts_.fragment_offset + done_) / 8 |
                                                   (more ? ip::kMoreFragments : 0) |
                                                   (dont_fragment ? ip::kDontFragment : 0)));
    write_ip_checksum(header);
    out_.assign(header.begin(), header.end());
    const std::size_t begin = std::min<std::size_t>(done_, payload_.size());
    const auto part = payload_.subspan(begin, std::min<std::size_t>(size, payload_.size() - begin));
    out_.insert(out_.end(), part.begin(), part.end());
    done_ += size;
    emit_(out_);
  }

  void thin() { thin_options(std::span(header_).first(facts_.header_size)); }

 private:
  const Facts& facts_;
  std::span<const std::uint8_t> payload_;  ///< what is there of it
  const Emit& emit_;
  std::uint32_t done_ = 0;
  std::array<std::uint8_t, 60> header_{};
  std::vector<std::uint8_t> out_;
};

/// The same for IPv6: what stands before the fragment header goes into every fragment.
class Cutter6 {
 public:
  Cutter6(std::span<const std::uint8_t> packet, const Facts& facts, std::uint32_t identification,
          const Emit& emit)
      : place_(fragment_place(packet)), total_(facts.total_length), emit_(emit) {
    if (!has_payload()) return;
    place_.offset = std::min<std::uint32_t>(place_.offset, static_cast<std::uint32_t>(packet.size()));
    payload_ = packet.subspan(place_.offset);
    header_.assign(packet.begin(), packet.begin() + place_.offset);
    header_.resize(place_.offset + kFragmentHeader);
    header_[place_.offset] = packet[place_.named_at];
    header_[place_.named_at] = kFragment;
    store32(&header_[place_.offset + 4], identification);
  }

  /// The headers that go into every fragment end within the packet.
  [[nodiscard]] bool has_payload() const { return place_.offset < total_; }
  [[nodiscard]] std::uint32_t header_size() const { return place_.offset; }
  [[nodiscard]] std::uint32_t left() const { return total_ - place_.offset - done_; }

  /// REQUIRES: size <= left().
  void emit(std::uint32_t size) {
    store16(&header_[4], static_cast<std::uint16_t>(header_.size() - kIpv6Header + size));
    store16(&header_[place_.offset + 2], static_cast<std::uint16_t>(done_ | (size < left() ? 1 : 0)));
    out_.assign(header_.begin(), header_.end());
    const std::size_t begin = std::min<std::size_t>(done_, payload_.size());
    const auto part = payload_.subspan(begin, std::min<std::size_t>(size, payload_.size() - begin));
    out_.insert(out_.end(), part.begin(), part.end());
    done_ += size;
    emit_(out_);
  }

 private:
  FragmentPlace place_;
  std::uint32_t total_, done_ = 0;
  std::span<const std::uint8_t> payload_{};
  std::vector<std::uint8_t> header_{}, out_{};
  const Emit& emit_;
};

/// Where the fragments' sizes are to be again what they were, with the header that the new ones have.
std::vector<std::uint32_t> repeatable_sizes(const Geometry& geometry, std::uint32_t header,
                                            std::uint32_t headroom, std::uint32_t room, std::uint32_t left) {
  constexpr std::uint32_t kLinkRoom = 16;
  std::vector<std::uint32_t> sizes(geometry.sizes.begin(), geometry.sizes.end());
  if (sizes.size() < 2 || geometry.header + sizes[0] <= header) return {};
  if (geometry.least_header + headroom < header + kFragmentHeader + kLinkRoom) return {};
  sizes[0] = geometry.header + sizes[0] - header;
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] > room || (sizes[i] % 8 != 0 && i + 1 < sizes.size())) return {};
    total += sizes[i];
  }
  return total == left ? sizes : std::vector<std::uint32_t>{};
}

/// REQUIRES: it came cut. The largest fragment that came is the largest that leaves, but for the least MTU.
bool cut_v6(std::span<const std::uint8_t> packet, const Facts& facts, const Geometry& geometry,
            const CutOptions& options, const Emit& emit) {
  const std::uint32_t mtu = std::max(geometry.max_size, kIpv6LeastMtu);
  Cutter6 cutter(packet, facts, options.identification, emit);
  const std::uint32_t around = cutter.header_size() + kFragmentHeader;
  if (!cutter.has_payload() || mtu < around + 8) return false;
  const std::uint32_t room = mtu - around;
  for (const std::uint32_t size :
       repeatable_sizes(geometry, cutter.header_size(), options.headroom, room, cutter.left()))
    cutter.emit(size);
  while (cutter.left() > 0) {
    const std::uint32_t left = cutter.left(), size = std::min(left, room);
    cutter.emit(size < left ? size & ~7U : size);
  }
  return true;
}

/// The cuts that the packet came with can be repeated: each part fits, and they are all of it.
bool can_repeat(const Facts& facts, const Geometry& geometry, std::uint32_t room) {
  if (geometry.sizes.size() < 2 || facts.is_fragment()) return false;
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < geometry.sizes.size(); ++i) {
    const std::uint32_t size = geometry.sizes[i];
    const bool last = i + 1 == geometry.sizes.size();
    if (size > room || (size % 8 != 0 && !last)) return false;
    total += size;
  }
  return total == facts.transport_length();
}

}  // namespace

bool too_big_to_forward(const Facts& facts, const Geometry& geometry, std::uint32_t mtu) {
  if (facts.total_length <= mtu || !facts.dont_fragment) return false;
  return !geometry.was_cut() || geometry.max_size > mtu;
}

Cutting judge_size(const Facts& facts, const Geometry& geometry, std::uint32_t mtu) {
  if (facts.is_ipv6()) {
    const bool fits = facts.total_length <= mtu;
    if (!geometry.was_cut()) return fits ? Cutting::whole : Cutting::too_big;
    if (fits && facts.total_length <= geometry.max_size) return Cutting::whole;
    return geometry.max_size > mtu ? Cutting::too_big : Cutting::cut;
  }
  if (facts.total_length <= mtu && !geometry.was_cut()) return Cutting::whole;
  if (facts.dont_fragment && (!geometry.was_cut() || geometry.max_size > mtu)) return Cutting::too_big;
  return Cutting::cut;
}

bool cut(std::span<const std::uint8_t> packet, const Facts& facts, const Geometry& geometry,
         std::uint32_t mtu, const CutOptions& options, const Emit& emit) {
  const auto there = packet.first(std::min<std::size_t>(packet.size(), facts.size));
  if (facts.is_ipv6()) return cut_v6(there, facts, geometry, options, emit);
  if (geometry.was_cut()) mtu = std::min(mtu, geometry.max_size);
  const std::uint32_t room = mtu > facts.header_size ? mtu - facts.header_size : 0;
  Cutter cutter(there, facts, emit);
  // Options were thinned out already in what is a later fragment itself.
  const bool thin_after_first = options.thin && facts.has_ip_options() && !facts.is_later_fragment();
  if (can_repeat(facts, geometry, room)) {
    for (std::size_t i = 0; i < geometry.sizes.size(); ++i) {
      cutter.emit(geometry.sizes[i], false);
      if (i == 0 && thin_after_first) cutter.thin();
    }
    return true;
  }
  if (room < 8) return false;
  for (bool first = true; cutter.left() > 0; first = false) {
    const std::uint32_t left = cutter.left();
    cutter.emit(left <= room ? left : room & ~7U, geometry.dont_fragment);
    if (first && thin_after_first) cutter.thin();
  }
  return true;
}

}  // namespace utables::packet
