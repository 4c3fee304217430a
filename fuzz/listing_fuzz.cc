// Any text as a line of a listing of connections. What is read and can be made must be listed as a line that
// is read as the same connection.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "conntrack/control/change.h"
#include "conntrack/control/read_listing.h"
#include "conntrack/listing.h"

using namespace utables;
using namespace utables::conntrack;

namespace {

/// Everything that a listing shows.
std::string shown(const Connection& c) {
  return conntrack_line(c, 0, {true, false, false, 1}) + save_line(c, 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_listing_line({reinterpret_cast<const char*>(data), size});
  if (!read) {
    if (read.error().text.empty()) std::abort();
    return 0;
  }
  Connection made;
  if (make_connection(*read, {}, 0, made) != Refusal::none) return 0;
  (void)xml_flow(made, 0);
  (void)json_line(made, 0);
  for (const std::string& line : {conntrack_line(made, 0, {true, true, true, 1}), proc_line(made, 0, {})}) {
    const auto again = read_listing_line(line);
    if (!again) std::abort();
    Connection same;
    if (make_connection(*again, {}, 0, same) != Refusal::none || shown(same) != shown(made)) std::abort();
  }
  return 0;
}
