// The language of --show from arbitrary text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lab/report/show_filter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace utables;
  if (size > 512) return 0;
  const auto filter = lab::ShowFilter::compile({reinterpret_cast<const char*>(data), size});
  if (!filter) return 0;
  const host::Host host;
  const std::uint8_t packet[20] = {0x45, 0, 0, 20, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
  (void)filter->matches(filter->look(packet, sizeof packet), Outcome{}, host);
  return 0;
}
