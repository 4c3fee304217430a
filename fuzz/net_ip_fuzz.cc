// Any bytes as net.ip: no crash, and whatever was built answers look-ups as a linear search does.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/net_ip.h"

using namespace utables;
using namespace utables::host;

namespace {

/// The longest usable prefix, by looking at every route.
int longest(const Host& host, const Address& a) {
  int best = -1;
  for (const Route& r : host.routes.all())
    if (r.destination.family == Family::ipv4 && r.table != RouteTableId::default_ && r.tos == 0 &&
        r.destination.contains(a) && r.destination.length > best)
      best = r.destination.length;
  return best;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Host host;
  Errors errors;
  read_net_ip({reinterpret_cast<const char*>(data), size}, "net.ip", host, errors);
  host.settle();
  for (const std::uint32_t v4 : {0x0a000001U, 0x0a0001ffU, 0x7f000001U, 0xc0000201U, 0xffffffffU}) {
    const Address a = Address::from_v4(v4);
    const Lookup found = host.routes.find(a, Family::ipv4);
    const int expected = longest(host, a);
    if (found.route != nullptr && found.route->table != RouteTableId::default_ &&
        found.route->destination.length != expected)
      std::abort();
    if (expected < 0 && found.route != nullptr && found.route->table != RouteTableId::default_) std::abort();
  }
  return 0;
}
