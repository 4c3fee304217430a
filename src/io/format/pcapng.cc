// pcapng files: sections of blocks. A section header sets the byte order and forgets the interfaces.
//
// Read: section headers, interface descriptions, enhanced, simple and obsolete packet blocks; all other
// blocks (names, statistics, secrets, custom, unknown) are skipped by their length. A block is checked
// whole before anything in it is used: length a multiple of 4, within bounds, the same at both ends,
// within the section if that has a length.
// Source: draft-ietf-opsawg-pcapng.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "io/format/capture_format.h"
#include "io/format/pcapng_blocks.h"

namespace utables::io {

namespace {

using namespace pcapng;

__extension__ using Wide = __int128;

// How the timestamps of an interface become nanoseconds: time * multiply / divide + offset.
struct Clock {
  std::uint64_t multiply = 1'000, divide = 1;
  std::int64_t offset = 0;  ///< seconds
  std::uint32_t fcs_bytes = 0;
};

// A block, checked; `body` is what stands between its two lengths.
struct Block {
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
  std::span<const std::uint8_t> body{};
};

// What a packet block says, whichever kind it is; `rest` is data, padding and options.
struct PacketHeader {
  std::uint32_t interface = 0, captured = 0, wire = 0;
  std::optional<std::uint64_t> time{};
  std::span<const std::uint8_t> rest{};
};

constexpr std::size_t padded(std::size_t n) { return (n + 3) & ~std::size_t{3}; }

constexpr std::uint64_t power_of_ten(unsigned n) {
  std::uint64_t r = 1;
  while (n-- > 0) r *= 10;
  return r;
}

class Pcapng final : public CaptureFormat {
 public:
  using CaptureFormat::CaptureFormat;

  Result<void> begin() override;
  Result<std::optional<Frame>> next() override;

 private:
  enum class Step : std::uint8_t { block, end };

  [[nodiscard]] Result<Step> read_block(Block& block);
  [[nodiscard]] Result<Step> fetch(std::size_t n);
  [[nodiscard]] Result<void> check_section_bounds(std::uint64_t size, bool section_header);
  [[nodiscard]] Result<void> read_section_header(const Block& block);
  [[nodiscard]] Result<void> read_interface(const Block& block);
  [[nodiscard]] Result<void> set_resolution(const Block& block, std::uint8_t field, Clock& clock);
  [[nodiscard]] Result<PacketHeader> read_packet_header(const Block& block);
  [[nodiscard]] Result<Frame> read_packet(const Block& block);
  [[nodiscard]] Result<void> set_time(const Block& block, const PacketHeader& packet, Frame& frame);
  [[nodiscard]] Result<void> read_packet_options(const Block& block, std::span<const std::uint8_t> options,
                                                 Frame& frame, std::uint32_t& fcs_bytes);
  template <class Take>
  [[nodiscard]] Result<void> for_each_option(const Block& block, std::span<const std::uint8_t> options,
                                             Take take);

  [[nodiscard]] tl::unexpected<Error> bad(std::uint64_t offset, std::string_view rule) const {
    return damaged(fmt::format("block {}", blocks_), offset, rule);
  }
  [[nodiscard]] tl::unexpected<Error> bad(const Block& block, std::string_view rule) const {
    return damaged(fmt::format("block {} ({})", blocks_, block_name(block.type)), block.offset, rule);
  }

  ByteOrder order_{};
  std::vector<Clock> clocks_{};               ///< beside interfaces_
  std::optional<std::uint64_t> section_end_;  ///< where the section says that it ends
  std::uint32_t sections_ = 0;
  std::uint64_t blocks_ = 0;  ///< begun so far
  Time last_time_ = 0;
};

// Makes n bytes available; Step::end: the capture ends within this block.
Result<Pcapng::Step> Pcapng::fetch(std::size_t n) {
  if (stream_.available() >= n) return Step::block;
  auto have = stream_.need(n);
  if (!have) return bad(stream_.offset(), have.error().text);
  if (*have >= n) return Step::block;
  if (blocks_ == 1)
    return bad(stream_.offset(), fmt::format("the file ends within its section header, {} bytes in", *have));
  warn_cut(fmt::format("block {}", blocks_), stream_.offset());
  return Step::end;
}

Result<void> Pcapng::check_section_bounds(std::uint64_t size, bool section_header) {
  if (!section_end_) return {};
  const std::uint64_t at = stream_.offset();
  if (section_header) {
    if (at == *section_end_) return {};
    return bad(at, fmt::format("a section begins here, but the section before it claims to end at offset {}",
                               *section_end_));
  }
  if (at == *section_end_) return bad(at, "the section claims to end here, but no section header follows");
  if (at + size > *section_end_)
    return bad(
        at, fmt::format("the block's {} bytes go past the section's end at offset {}", size, *section_end_));
  return {};
}

Result<Pcapng::Step> Pcapng::read_block(Block& block) {
  ++blocks_;
  if (stream_.available() < kSmallestBlock) {
    auto have = stream_.need(kSmallestBlock);
    if (!have) return bad(stream_.offset(), have.error().text);
    if (*have == 0 && !stream_.cut()) {
      if (section_end_ && stream_.offset() != *section_end_)
        warn_cut(fmt::format("section {}", sections_), stream_.offset());
      return Step::end;
    }
    if (auto step = fetch(kSmallestBlock); !step || *step == Step::end) return step;
  }
  const std::uint8_t* p = stream_.data();
  block.offset = stream_.offset();
  const bool section_header = ByteOrder{}.u32(p) == kSectionHeader;
  if (section_header) {
    const std::uint32_t magic = ByteOrder{}.u32(p + 8);
    if (magic != kByteOrderMagic && magic != byteswap32(kByteOrderMagic))
      return bad(block.offset, fmt::format("byte-order magic {:#010x} is not {:#010x} in either order", magic,
                                           kByteOrderMagic));
    order_.swapped = magic != kByteOrderMagic;
  }
  block.type = order_.u32(p);
  const std::uint32_t size = order_.u32(p + 4);
  if (size < kSmallestBlock)
    return bad(block, fmt::format("block length {} is below {}", size, kSmallestBlock));
  if (size % 4 != 0) return bad(block, fmt::format("block length {} is not a multiple of 4", size));
  if (size > kMaxBlockBytes)
    return bad(block, fmt::format("block length {} is above the limit of {}", size, kMaxBlockBytes));
  if (section_end_ || section_header) {
    if (auto ok = check_section_bounds(size, section_header); !ok)
      return tl::unexpected<Error>(std::move(ok.error()));
  }
  if (auto step = fetch(size); !step || *step == Step::end) return step;
  p = stream_.data();
  if (const std::uint32_t again = order_.u32(p + size - 4); again != size)
    return bad(block, fmt::format("block length {} at its beginning is {} at its end", size, again));
  block.body = {p + 8, size - kSmallestBlock};
  stream_.skip(size);
  return Step::block;
}

template <class Take>
Result<void> Pcapng::for_each_option(const Block& block, std::span<const std::uint8_t> options, Take take) {
  while (options.size() >= 4) {
    const std::uint16_t code = order_.u16(options.data()), size = order_.u16(options.data() + 2);
    options = options.subspan(4);
    if (code == kOptionEnd) {
      if (size != 0) return bad(block, fmt::format("the end of options claims {} bytes, it has none", size));
      return {};
    }
    if (padded(size) > options.size())
      return bad(block, fmt::format("option {} claims {} bytes, {} are left in the block", code, size,
                                    options.size()));
    if (Result<void> ok = take(code, options.first(size)); !ok) return ok;
    options = options.subspan(padded(size));
  }
  return {};
}

Result<void> Pcapng::read_section_header(const Block& block) {
  constexpr std::size_t kFixed = 16;
  if (block.body.size() < kFixed)
    return bad(block,
               fmt::format("{} bytes are too short for its fixed part of {}", block.body.size(), kFixed));
  const std::uint8_t* p = block.body.data();
  const std::uint16_t major = order_.u16(p + 4), minor = order_.u16(p + 6);
  if (major != 1 || (minor != 0 && minor != 2))  // 1.2 was written by some, and is 1.0
    return bad(block, fmt::format("version {}.{} is unknown: 1.0 is read", major, minor));
  const std::uint64_t size = order_.u64(p + 8);
  section_end_.reset();
  if (size != kUnknownSectionLength) {
    if (size % 4 != 0) return bad(block, fmt::format("section length {} is not a multiple of 4", size));
    if (size > INT64_MAX)
      return bad(block, fmt::format("section length {} is above the limit of 2^63", size));
    section_end_ = stream_.offset() + size;
  }
  interfaces_.clear();
  clocks_.clear();
  ++sections_;
  return for_each_option(block, block.body.subspan(kFixed), [](auto, auto) { return Result<void>{}; });
}

Result<void> Pcapng::set_resolution(const Block& block, std::uint8_t field, Clock& clock) {
  constexpr unsigned kMaxTens = 19, kMaxTwos = 63;
  const unsigned exponent = field & 0x7f;
  const bool twos = (field & 0x80) != 0;
  if (exponent > (twos ? kMaxTwos : kMaxTens))
    return bad(block, fmt::format("time resolution {}^-{} is finer than {}^-{}", twos ? 2 : 10, exponent,
                                  twos ? 2 : 10, twos ? kMaxTwos : kMaxTens));
  clock.multiply = clock.divide = 1;
  if (twos) {
    clock.multiply = kSecond;
    clock.divide = std::uint64_t{1} << exponent;
  } else if (exponent <= 9) {
    clock.multiply = power_of_ten(9 - exponent);
  } else {
    clock.divide = power_of_ten(exponent - 9);
  }
  return {};
}

Result<void> Pcapng::read_interface(const Block& block) {
  constexpr std::size_t kFixed = 8;
  if (block.body.size() < kFixed)
    return bad(block,
               fmt::format("{} bytes are too short for its fixed part of {}", block.body.size(), kFixed));
  if (interfaces_.size() >= kMaxInterfaces)
    return bad(block, fmt::format("more than {} interfaces in a section", kMaxInterfaces));
  CaptureInterface interface;
  Clock clock;
  interface.link_type = order_.u16(block.body.data());
  interface.snap_length = order_.u32(block.body.data() + 4);
  auto take = [&](std::uint16_t code, std::span<const std::uint8_t> value) -> Result<void> {
    const std::size_t expected = interface_option_bytes(code);
    if (expected != 0 && value.size() != expected)
      return bad(block, fmt::format("option {} has {} bytes instead of {}", code, value.size(), expected));
    switch (code) {
      case kIfName:
        if (value.size() > kMaxInterfaceNameBytes)
          return bad(block, fmt::format("interface name of {} bytes: at most {}", value.size(),
                                        kMaxInterfaceNameBytes));
        // Some writers end it with a zero byte, which is no part of it.
        interface.name.assign(value.begin(), std::find(value.begin(), value.end(), std::uint8_t{0}));
        return {};
      case kIfTsresol:
        return set_resolution(block, value[0], clock);
      case kIfTsoffset:
        clock.offset = static_cast<std::int64_t>(order_.u64(value.data()));
        return {};
      case kIfFcslen:
        clock.fcs_bytes = value[0];
        return {};
      default:
        return {};
    }
  };
  if (auto ok = for_each_option(block, block.body.subspan(kFixed), take); !ok) return ok;
  interfaces_.push_back(std::move(interface));
  clocks_.push_back(clock);
  return {};
}

// The three kinds of packet block: enhanced and obsolete differ in the first four bytes alone.
Result<PacketHeader> Pcapng::read_packet_header(const Block& block) {
  const bool simple = block.type == kSimplePacket;
  const std::size_t fixed = simple ? 4 : 20;
  if (block.body.size() < fixed)
    return bad(block,
               fmt::format("{} bytes are too short for its fixed part of {}", block.body.size(), fixed));
  const std::uint8_t* p = block.body.data();
  PacketHeader packet;
  packet.rest = block.body.subspan(fixed);
  if (!simple) {
    packet.interface = block.type == kEnhancedPacket ? order_.u32(p) : order_.u16(p);
    packet.time = std::uint64_t{order_.u32(p + 4)} << 32 | order_.u32(p + 8);
    packet.captured = order_.u32(p + 12);
    packet.wire = order_.u32(p + 16);
  }
  if (packet.interface >= interfaces_.size())
    return bad(block, fmt::format("interface {} is not described: the section has {}", packet.interface,
                                  interfaces_.size()));
  if (simple) {
    const std::uint32_t snap = interfaces_[0].snap_length;
    packet.wire = order_.u32(p);
    packet.captured = snap == 0 ? packet.wire : std::min(snap, packet.wire);
  }
  if (packet.captured > kMaxFrameBytes)
    return bad(block,
               fmt::format("captured length {} is above the limit of {}", packet.captured, kMaxFrameBytes));
  if (packet.captured > packet.wire)
    return bad(block, fmt::format("captured length {} is above the original length {}", packet.captured,
                                  packet.wire));
  if (padded(packet.captured) > packet.rest.size())
    return bad(block, fmt::format("captured length {} is above the {} bytes that are left in the block",
                                  packet.captured, packet.rest.size()));
  return packet;
}

Result<void> Pcapng::set_time(const Block& block, const PacketHeader& packet, Frame& frame) {
  frame.time = last_time_;
  frame.has_time = packet.time.has_value();
  if (!frame.has_time) return {};
  const Clock& clock = clocks_[packet.interface];
  Wide time = static_cast<Wide>(*packet.time) * clock.multiply;
  if (clock.divide != 1) time /= clock.divide;
  if (clock.offset != 0) time += static_cast<Wide>(clock.offset) * kSecond;
  if (time < 0 || time > INT64_MAX)
    return bad(block, fmt::format("time {} (offset {} s) is outside the years 1970 to 2262", *packet.time,
                                  clock.offset));
  last_time_ = frame.time = static_cast<Time>(time);
  return {};
}

Result<void> Pcapng::read_packet_options(const Block& block, std::span<const std::uint8_t> options,
                                         Frame& frame, std::uint32_t& fcs_bytes) {
  auto take = [&](std::uint16_t code, std::span<const std::uint8_t> value) -> Result<void> {
    if (code == kComment && frame.comment.empty())
      frame.comment = {reinterpret_cast<const char*>(value.data()), value.size()};
    if (code != kPacketFlags) return {};
    if (value.size() != 4)
      return bad(block, fmt::format("option {} has {} bytes instead of {}", code, value.size(), 4));
    const Flags flags{order_.u32(value.data())};
    frame.direction = flags.direction();
    frame.type = flags.type();
    frame.link_errors = flags.link_errors();
    if (flags.fcs_bytes() != 0) fcs_bytes = flags.fcs_bytes();
    return {};
  };
  return for_each_option(block, options, take);
}

Result<Frame> Pcapng::read_packet(const Block& block) {
  auto packet = read_packet_header(block);
  if (!packet) return tl::unexpected<Error>(std::move(packet.error()));
  Frame frame;
  frame.number = frames_ + 1;
  frame.section = sections_ - 1;
  frame.interface = packet->interface;
  const CaptureInterface& interface = interfaces_[packet->interface];
  frame.link_type = interface.link_type;
  frame.interface_name = interface.name;
  if (auto ok = set_time(block, *packet, frame); !ok) return tl::unexpected<Error>(std::move(ok.error()));
  std::uint32_t fcs_bytes = clocks_[packet->interface].fcs_bytes;
  const auto options = packet->rest.subspan(padded(packet->captured));
  if (block.type != kSimplePacket && !options.empty()) {
    if (auto ok = read_packet_options(block, options, frame, fcs_bytes); !ok)
      return tl::unexpected<Error>(std::move(ok.error()));
  }
  frame.wire_size = packet->wire >= fcs_bytes ? packet->wire - fcs_bytes : 0;
  frame.bytes = packet->rest.first(std::min(packet->captured, frame.wire_size));
  ++frames_;
  return frame;
}

Result<void> Pcapng::begin() {
  Block block;
  auto step = read_block(block);
  if (!step) return tl::unexpected<Error>(std::move(step.error()));
  return read_section_header(block);  // is_pcapng_magic() held
}

Result<std::optional<Frame>> Pcapng::next() {
  Block block;
  for (;;) {
    auto step = read_block(block);
    if (!step) return tl::unexpected<Error>(std::move(step.error()));
    if (*step == Step::end) return std::optional<Frame>{};
    Result<void> ok;
    switch (block.type) {
      case kEnhancedPacket:
      case kSimplePacket:
      case kObsoletePacket: {
        auto frame = read_packet(block);
        if (!frame) return tl::unexpected<Error>(std::move(frame.error()));
        return std::optional<Frame>(*frame);
      }
      case kSectionHeader:
        ok = read_section_header(block);
        break;
      case kInterfaceDescription:
        ok = read_interface(block);
        break;
      default:
        break;
    }
    if (!ok) return tl::unexpected<Error>(std::move(ok.error()));
  }
}

}  // namespace

bool is_pcapng_magic(const std::uint8_t* p) { return ByteOrder{}.u32(p) == kSectionHeader; }

std::unique_ptr<CaptureFormat> make_pcapng(std::string name, ByteStream stream) {
  return std::make_unique<Pcapng>(std::move(name), std::move(stream));
}

}  // namespace utables::io
