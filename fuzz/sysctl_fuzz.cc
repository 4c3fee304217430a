// Any bytes as sysctl.conf: no crash, settings for every interface, and names that do not change when
// they are mapped twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/net_ip.h"
#include "host/sysctl.h"

using namespace utables;
using namespace utables::host;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Host host;
  Errors errors;
  read_net_ip("link add dev wan\nlink add dev eth0.100\n", "net.ip", host, errors);
  read_sysctl({reinterpret_cast<const char*>(data), size}, "sysctl.conf", host, errors);
  if (host.settings.interfaces.size() != host.interfaces.size()) std::abort();
  return 0;
}
