// Capture files and link layers from arbitrary bytes: nothing is read out of bounds, every frame keeps
// its promises, an error names its place, and reading ends. The last byte chooses what to do with a
// frame's link type, so that link layers meet bytes of every capture (the last, so that a
// capture file is an input as it is).
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "io/capture.h"
#include "io/link.h"

namespace {

using namespace utables;

void require(bool holds) {
  if (!holds) std::abort();
}

std::uint32_t sum(std::span<const std::uint8_t> bytes) {
  std::uint32_t s = 0;
  for (const std::uint8_t b : bytes) s += b;
  return s;
}

void check_link(io::Frame frame, std::uint16_t link_type) {
  frame.link_type = link_type;
  io::LinkLayer link;
  const io::LinkProblem problem = io::parse_link(frame, link);
  require((problem == io::LinkProblem::unknown_link_type) == !io::check_link_type(link_type));
  require(link.offset + std::size_t{link.size} <= frame.bytes.size());
  require(link.size <= link.wire_size);
  require(link.offset + std::uint64_t{link.wire_size} <= frame.wire_size);
  require(link.vlan_count <= io::kMaxVlanTags);
}

void check_frame(const io::Frame& frame, std::uint64_t number, std::uint8_t choice) {
  require(frame.number == number);
  require(frame.bytes.size() <= io::kMaxFrameBytes && frame.bytes.size() <= frame.wire_size);
  require(frame.time >= 0);
  volatile std::uint32_t touched = sum(frame.bytes);
  for (const char c : frame.interface_name) touched = touched + static_cast<unsigned char>(c);
  for (const char c : frame.comment) touched = touched + static_cast<unsigned char>(c);
  constexpr std::uint16_t kTypes[] = {0, 1, 9, 12, 50, 51, 101, 108, 113, 166, 204, 228, 276};
  check_link(frame, frame.link_type);
  check_link(frame, kTypes[choice % std::size(kTypes)]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  // Compressed bytes may be a thousand times as many: enough of them is enough.
  constexpr std::uint64_t kMaxFrames = 100'000;
  auto reader = io::CaptureReader::from_memory(std::span(data, size), "fuzz");
  if (!reader) {
    require(!reader.error().text.empty() && reader.error().file == "fuzz");
    return 0;
  }
  for (std::uint64_t number = 1; number < kMaxFrames; ++number) {
    const auto frame = reader->next();
    if (!frame) require(frame.error().text.find(" at offset ") != std::string::npos);
    if (!frame || !*frame) break;
    check_frame(**frame, number, data[size - 1]);
  }
  return 0;
}
