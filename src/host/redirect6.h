// Where REDIRECT leads over IPv6.
#pragma once
#include "host/host.h"

namespace utables::host {

/// The address of `device` that a packet to `destination` is redirected to: one of the destination's scope if
/// that is a link's or a site's own, else one of the widest scope that it has; the latest of several. Zero:
/// there is none.
[[nodiscard]] Address redirect_address6(const Host& host, InterfaceId device, const Address& destination);

}  // namespace utables::host
