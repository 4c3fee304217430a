// pcap files: a header of 24 bytes, then records, all in one byte order.
//
// Four magic numbers: microseconds, nanoseconds, and Kuznetzov's, whose record headers also hold
// interface index, protocol and packet type. Versions 2.0 to 2.4; up to 2.2 (and at times in 2.3) the two
// lengths of a record are exchanged, as every reader of these files knows.
// Sources: draft-ietf-opsawg-pcap, pcap-savefile(5).
#include <fmt/format.h>

#include <array>
#include <utility>

#include "io/format/capture_format.h"

namespace utables::io {

namespace {

constexpr std::size_t kHeaderBytes = 24;
constexpr std::uint32_t kMaxSeconds = 4;  ///< that the fraction of a second may amount to

struct Kind {
  std::uint32_t magic;
  std::uint32_t units_per_second;
  std::uint32_t nanoseconds_per_unit;
  std::uint32_t record_header_bytes;
};
constexpr std::array<Kind, 3> kKinds{{
    {0xa1b2c3d4, 1'000'000, 1'000, 16},
    {0xa1b23c4d, 1'000'000'000, 1, 16},
    {0xa1b2cd34, 1'000'000, 1'000, 24},  // Kuznetzov: interface index 4, protocol 2, packet type 1, padding 1
}};

const Kind* kind_of(std::uint32_t magic) {
  for (const Kind& k : kKinds)
    if (k.magic == magic) return &k;
  return nullptr;
}

class Pcap final : public CaptureFormat {
 public:
  using CaptureFormat::CaptureFormat;

  Result<void> begin() override;
  Result<std::optional<Frame>> next() override;

 private:
  [[nodiscard]] std::string record() const { return fmt::format("record {}", frames_ + 1); }
  [[nodiscard]] Result<void> read_link_type(std::uint32_t field);
  [[nodiscard]] std::string check(std::uint32_t units, std::uint32_t captured, std::uint32_t wire) const;
  [[nodiscard]] Result<bool> fetch(std::size_t n);
  [[nodiscard]] const char* unit_name() const {
    return kind_.nanoseconds_per_unit == 1 ? "nanoseconds" : "microseconds";
  }
  void warn_carried(std::uint32_t units);
  void read_packet_type(std::uint8_t type, Frame& frame) const;

  Kind kind_ = kKinds[0];
  ByteOrder order_{};
  std::uint16_t link_type_ = 0;
  std::uint16_t minor_ = 4;
  std::uint32_t fcs_bytes_ = 0;
  bool carried_ = false;
};

Result<void> Pcap::begin() {
  auto have = stream_.need(kHeaderBytes);
  if (!have) return damaged("the file header", 0, have.error().text);
  if (*have < kHeaderBytes)
    return damaged("the file header", 0,
                   fmt::format("{} bytes are there, a header has {}", *have, kHeaderBytes));
  const std::uint8_t* p = stream_.data();
  const Kind* kind = kind_of(order_.u32(p));
  if (kind == nullptr) {
    order_.swapped = true;
    kind = kind_of(order_.u32(p));
  }
  kind_ = *kind;  // is_pcap_magic() held
  const std::uint16_t major = order_.u16(p + 4);
  minor_ = order_.u16(p + 6);
  if (major != 2 || minor_ > 4)
    return damaged("the file header", 4,
                   fmt::format("version {}.{} is unknown: 2.0 to 2.4 are read", major, minor_));
  interfaces_.resize(1);
  interfaces_[0].snap_length = order_.u32(p + 16);
  if (auto ok = read_link_type(order_.u32(p + 20)); !ok) return ok;
  stream_.skip(kHeaderBytes);
  return {};
}

// The link type's field: 16 bits of it, then reserved ones, then whether the FCS was captured (bit 26)
// and how long it is, in 16-bit units (bits 28 to 31).
Result<void> Pcap::read_link_type(std::uint32_t field) {
  constexpr std::uint32_t kReserved = 0x0bff0000, kFcsKnown = 0x04000000;
  if ((field & kReserved) != 0)
    return damaged("the file header", 20, fmt::format("link type {:#010x} has reserved bits set", field));
  link_type_ = static_cast<std::uint16_t>(field);
  if ((field & kFcsKnown) != 0) fcs_bytes_ = (field >> 28) * 2;
  interfaces_[0].link_type = link_type_;
  return {};
}

// Makes n bytes available; false: the capture ends within this record.
Result<bool> Pcap::fetch(std::size_t n) {
  if (stream_.available() >= n) return true;
  auto have = stream_.need(n);
  if (!have) return damaged(record(), stream_.offset(), have.error().text);
  if (*have >= n) return true;
  if (*have != 0 || stream_.cut()) warn_cut(record(), stream_.offset());
  return false;
}

// The rule that a record header breaks; empty: none. Some writers add to the fraction of a second without
// carrying: what is little above a second is taken (next() carries), and said.
std::string Pcap::check(std::uint32_t units, std::uint32_t captured, std::uint32_t wire) const {
  if (units / kMaxSeconds >= kind_.units_per_second)
    return fmt::format("{} {} in its time: a second has {}", units, unit_name(), kind_.units_per_second);
  if (captured > kMaxFrameBytes)
    return fmt::format("captured length {} is above the limit of {}", captured, kMaxFrameBytes);
  if (captured > wire)
    return fmt::format("captured length {} is above the original length {}", captured, wire);
  return {};
}

// Once for a file: it will hold many such times, or none.
void Pcap::warn_carried(std::uint32_t units) {
  if (std::exchange(carried_, true)) return;
  warnings_.push_back(fmt::format("{}: {} at offset {} has {} {} in its time: carried into the seconds",
                                  name_, record(), stream_.offset(), units, unit_name()));
}

void Pcap::read_packet_type(std::uint8_t type, Frame& frame) const {
  if (type > static_cast<std::uint8_t>(PacketType::loopback)) return;
  frame.type = static_cast<PacketType>(type);
  frame.direction = *frame.type == PacketType::outgoing ? Direction::outbound : Direction::inbound;
}

Result<std::optional<Frame>> Pcap::next() {
  const std::uint32_t header = kind_.record_header_bytes;
  auto there = fetch(header);
  if (!there) return tl::unexpected<Error>(std::move(there.error()));
  if (!*there) return std::optional<Frame>{};
  const std::uint8_t* p = stream_.data();
  const std::uint32_t units = order_.u32(p + 4);
  std::uint32_t captured = order_.u32(p + 8), wire = order_.u32(p + 12);
  if (minor_ < 3 || (minor_ == 3 && captured > wire)) std::swap(captured, wire);
  if (units >= kind_.units_per_second || captured > kMaxFrameBytes || captured > wire) {
    if (const std::string rule = check(units, captured, wire); !rule.empty())
      return damaged(record(), stream_.offset(), rule);
    warn_carried(units);
  }

  const std::uint32_t seconds = order_.u32(p);
  there = fetch(header + captured);
  if (!there) return tl::unexpected<Error>(std::move(there.error()));
  if (!*there) return std::optional<Frame>{};
  p = stream_.data();

  std::optional<Frame> frame{std::in_place};
  frame->number = ++frames_;
  frame->time = seconds * kSecond + static_cast<Time>(units) * kind_.nanoseconds_per_unit;
  frame->link_type = link_type_;
  frame->wire_size = wire >= fcs_bytes_ ? wire - fcs_bytes_ : 0;
  frame->bytes = {p + header, std::min(captured, frame->wire_size)};
  if (header == 24) read_packet_type(p[22], *frame);
  stream_.skip(header + captured);
  return frame;
}

}  // namespace

bool is_pcap_magic(const std::uint8_t* p) {
  return kind_of(ByteOrder{false}.u32(p)) != nullptr || kind_of(ByteOrder{true}.u32(p)) != nullptr;
}

std::unique_ptr<CaptureFormat> make_pcap(std::string name, ByteStream stream) {
  return std::make_unique<Pcap>(std::move(name), std::move(stream));
}

}  // namespace utables::io
