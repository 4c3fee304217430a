#include "packet/fragment.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "packet/checksum.h"
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
  if (facts.total_length <= mtu && !geometry.was_cut()) return Cutting::whole;
  if (facts.dont_fragment && (!geometry.was_cut() || geometry.max_size > mtu)) return Cutting::too_big;
  return Cutting::cut;
}

bool cut(std::span<const std::uint8_t> packet, const Facts& facts, const Geometry& geometry,
         std::uint32_t mtu, bool thin, const Emit& emit) {
  if (geometry.was_cut()) mtu = std::min(mtu, geometry.max_size);
  const std::uint32_t room = mtu > facts.header_size ? mtu - facts.header_size : 0;
  Cutter cutter(packet.first(std::min<std::size_t>(packet.size(), facts.size)), facts, emit);
  // Options were thinned out already in what is a later fragment itself.
  const bool thin_after_first = thin && facts.has_ip_options() && !facts.is_later_fragment();
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
