// Any text as a packet's line. What is read must be a packet, and its description must be read as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "packet/describe.h"

using namespace utables;
using namespace utables::packet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto line = read_packet_line({reinterpret_cast<const char*>(data), size});
  if (!line) {
    if (line.error().text.empty()) std::abort();
    return 0;
  }
  Facts facts;
  if (parse(line->bytes, 0, facts) != DropReason::none || facts.size != line->bytes.size()) std::abort();
  const std::string text = describe(line->bytes, facts);
  if (text.find('[') != std::string::npos) return 0;  // malformed on purpose
  const auto again = read_packet_line(text);
  if (!again) return 0;  // an option too many, once it is written in full
  if (parse(again->bytes, 0, facts) != DropReason::none || describe(again->bytes, facts) != text)
    std::abort();
  return 0;
}
