// A box's files as what a network namespace has to be given; and giving it that.
#pragma once
#include <utables/engine.h>
#include <utables/result.h>

#include <string>

#include "lab/kernel/devices.h"
#include "lab/kernel/run.h"

namespace utables::lab::kernel {

/// From a box's text: devices for every interface that `net.ip` names (without one, `in` and `out`), its
/// other lines for ip, its sysctls. Sysctl names have to be those of this kernel: `sysctls` replaces what
/// sysctl.conf says if it is not null.
[[nodiscard]] Result<NamespaceSetup> setup_from(
    const BoxText& box, bool track_always = false,
    const std::vector<std::pair<std::string, std::string>>* sysctls = nullptr);

/// The file of a sysctl: `net.ipv4.conf.eth0/10.rp_filter` is /proc/sys/net/ipv4/conf/eth0.10/rp_filter.
[[nodiscard]] std::string sysctl_path(std::string_view name);

/// In the child: a namespace of its own for the network, and for users where that is needed.
[[nodiscard]] Result<void> enter_namespace();
/// In the child, in its namespace: all of it, up to the rules.
[[nodiscard]] Result<void> apply(const NamespaceSetup& setup, Devices& devices);

}  // namespace utables::lab::kernel
