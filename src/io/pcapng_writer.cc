#include "io/pcapng_writer.h"

#include <fmt/format.h>

#include <array>

#include "io/format/pcapng_blocks.h"

namespace utables::io {

using namespace pcapng;

namespace {

constexpr std::size_t kMaxOptionBytes = 0xffff;

// Makes one block: type and length, what is put, the length again.
class BlockMaker {
 public:
  BlockMaker(std::vector<std::uint8_t>& bytes, std::uint32_t type) : bytes_(bytes) {
    bytes_.clear();
    number(type);
    number(std::uint32_t{0});  // the length, known at the end
  }
  template <class Number>
  void number(Number v) {
    const auto* p = reinterpret_cast<const std::uint8_t*>(&v);
    bytes_.insert(bytes_.end(), p, p + sizeof v);
  }
  void padded(std::span<const std::uint8_t> data) {
    bytes_.insert(bytes_.end(), data.begin(), data.end());
    bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
  }
  /// REQUIRES: value.size() <= kMaxOptionBytes.
  void option(std::uint16_t code, std::span<const std::uint8_t> value) {
    number(code);
    number(static_cast<std::uint16_t>(value.size()));
    padded(value);
  }
  void option(std::uint16_t code, std::string_view value) {
    option(code, std::span(reinterpret_cast<const std::uint8_t*>(value.data()), value.size()));
  }
  std::span<const std::uint8_t> finish() {
    const auto size = static_cast<std::uint32_t>(bytes_.size() + sizeof(std::uint32_t));
    number(size);
    std::memcpy(bytes_.data() + 4, &size, sizeof size);
    return bytes_;
  }

 private:
  std::vector<std::uint8_t>& bytes_;
};

}  // namespace

Result<void> PcapngWriter::begin(std::string_view application) {
  if (application.size() > kMaxOptionBytes) return fail("application name of more than 65,535 bytes");
  BlockMaker block(block_, kSectionHeader);
  block.number(kByteOrderMagic);
  block.number(std::uint16_t{1});  // version 1.0
  block.number(std::uint16_t{0});
  block.number(kUnknownSectionLength);
  if (!application.empty()) {
    block.option(kApplication, application);
    block.option(kOptionEnd, std::string_view{});
  }
  return sink_.write(block.finish());
}

Result<void> PcapngWriter::add_interface(std::string_view name, std::uint16_t link_type) {
  if (name.size() > kMaxInterfaceNameBytes)
    return fail(fmt::format("interface name of {} bytes: at most {}", name.size(), kMaxInterfaceNameBytes));
  if (interfaces_ >= kMaxInterfaces) return fail(fmt::format("more than {} interfaces", kMaxInterfaces));
  constexpr std::array<std::uint8_t, 1> kNanoseconds{9};
  BlockMaker block(block_, kInterfaceDescription);
  block.number(link_type);
  block.number(std::uint16_t{0});
  block.number(std::uint32_t{0});  // no snap length
  if (!name.empty()) block.option(kIfName, name);
  block.option(kIfTsresol, kNanoseconds);
  block.option(kOptionEnd, std::string_view{});
  ++interfaces_;
  return sink_.write(block.finish());
}

Result<void> PcapngWriter::write(const FrameToWrite& frame) {
  const std::size_t size = frame.bytes.size();
  if (frame.interface >= interfaces_)
    return fail(fmt::format("interface {} is not described", frame.interface));
  if (size > kMaxFrameBytes)
    return fail(fmt::format("a frame of {} bytes: at most {}", size, kMaxFrameBytes));
  if (frame.comment.size() > kMaxOptionBytes) return fail("a comment of more than 65,535 bytes");
  if (frame.time < 0) return fail("a time before 1970");
  if (frame.wire_size != 0 && frame.wire_size < size)
    return fail(fmt::format("{} bytes of a frame of {}", size, frame.wire_size));
  const auto time = static_cast<std::uint64_t>(frame.time);
  BlockMaker block(block_, kEnhancedPacket);
  block.number(frame.interface);
  block.number(static_cast<std::uint32_t>(time >> 32));
  block.number(static_cast<std::uint32_t>(time));
  block.number(static_cast<std::uint32_t>(size));
  block.number(frame.wire_size == 0 ? static_cast<std::uint32_t>(size) : frame.wire_size);
  block.padded(frame.bytes);
  if (!frame.comment.empty()) block.option(kComment, frame.comment);
  if (frame.direction != Direction::unknown) {
    const std::uint32_t flags = frame.direction == Direction::inbound ? 1 : 2;
    std::array<std::uint8_t, 4> value{};
    std::memcpy(value.data(), &flags, sizeof flags);
    block.option(kPacketFlags, value);
  }
  if (!frame.comment.empty() || frame.direction != Direction::unknown)
    block.option(kOptionEnd, std::string_view{});
  return sink_.write(block.finish());
}

}  // namespace utables::io
