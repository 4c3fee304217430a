#include "host/net_ip.h"

namespace utables::host {
void read_net_ip(std::string_view, const std::string&, Host&, Errors&) {}
}  // namespace utables::host
