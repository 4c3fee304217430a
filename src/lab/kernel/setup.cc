#include "lab/kernel/setup.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <map>
#include <span>

#include "base/scan.h"
#include "lab/kernel/process.h"

namespace utables::lab::kernel {
namespace {

using SysctlList = std::vector<std::pair<std::string, std::string>>;

/// What a box has unless it says otherwise (a new namespace takes some of these from the machine's own
/// settings). In this order: ip_forward resets others.
constexpr std::array<std::pair<std::string_view, std::string_view>, 27> kBoxDefaults{{
    {"net.ipv4.ip_forward", "1"},
    {"net.ipv4.conf.all.rp_filter", "0"},
    {"net.ipv4.conf.default.rp_filter", "0"},
    {"net.ipv4.conf.all.send_redirects", "0"},
    {"net.ipv4.conf.default.send_redirects", "0"},
    {"net.ipv4.conf.all.accept_redirects", "0"},
    {"net.ipv4.conf.default.accept_redirects", "0"},
    {"net.ipv4.conf.all.secure_redirects", "1"},
    {"net.ipv4.conf.default.secure_redirects", "1"},
    {"net.ipv4.conf.all.shared_media", "1"},
    {"net.ipv4.conf.default.shared_media", "1"},
    {"net.ipv4.conf.all.accept_source_route", "0"},
    {"net.ipv4.conf.default.accept_source_route", "1"},
    {"net.ipv4.conf.all.accept_local", "0"},
    {"net.ipv4.conf.default.accept_local", "0"},
    {"net.ipv4.conf.all.route_localnet", "0"},
    {"net.ipv4.conf.default.route_localnet", "0"},
    {"net.ipv4.conf.all.src_valid_mark", "0"},
    {"net.ipv4.conf.default.src_valid_mark", "0"},
    {"net.ipv4.conf.all.log_martians", "0"},
    {"net.ipv4.conf.default.log_martians", "0"},
    {"net.ipv4.icmp_ratelimit", "0"},
    {"net.ipv4.icmp_ratemask", "6168"},
    {"net.ipv4.icmp_msgs_per_sec", "1000000"},
    {"net.ipv4.icmp_msgs_burst", "1000000"},
    {"net.ipv4.ip_default_ttl", "64"},
    // Else a rule's --ctevents counts only if somebody listened, anywhere on the machine, when it was loaded.
    {"net.netfilter.nf_conntrack_events", "1"},
}};

/// A box without IPv6, so that the kernel says nothing of its own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kWithoutIpv6{{
    {"net.ipv6.conf.all.disable_ipv6", "1"},
    {"net.ipv6.conf.default.disable_ipv6", "1"},
}};
/// A box with it has no address that net.ip does not name, and sends no flow labels, which are drawn.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kIpv6Defaults{{
    {"net.ipv6.conf.all.disable_ipv6", "0"},
    {"net.ipv6.conf.default.disable_ipv6", "0"},
    {"net.ipv6.conf.default.addr_gen_mode", "1"},
    {"net.ipv6.conf.default.accept_dad", "0"},
    {"net.ipv6.conf.default.dad_transmits", "0"},
    {"net.ipv6.conf.default.router_solicitations", "0"},
    {"net.ipv6.conf.default.accept_ra", "0"},
    {"net.ipv6.conf.default.autoconf", "0"},
    {"net.ipv6.conf.all.forwarding", "1"},
    {"net.ipv6.icmp.ratelimit", "0"},
    {"net.ipv6.auto_flowlabels", "0"},
}};

/// Taken in silence: what got through every hook of INPUT, confirmation included, ends here. The chain is
/// registered before conntrack's own last hook, and so comes after it at the same priority.
constexpr std::string_view kSilence = R"(table ip utables_silence {
  chain delivered { type filter hook input priority 2147483647; policy drop; }
)";
constexpr std::string_view kSilence6 = R"(table ip6 utables_silence {
  chain delivered { type filter hook input priority 2147483647; policy drop; }
  chain own {
    type filter hook output priority -450;
    meta skuid 0 accept
    icmpv6 type { 130, 131, 132, 133, 134, 135, 136, 143 } drop
  }
)";
constexpr std::string_view kTrackAlways = "  chain track {\n    ct state invalid\n  }\n";

/// The word after `key` in a line of ip; empty if there is none.
std::string_view word_after(const std::vector<std::string_view>& line, std::string_view key) {
  for (std::size_t i = 0; i + 1 < line.size(); ++i)
    if (line[i] == key) return line[i + 1];
  return {};
}

Device& device_named(std::vector<Device>& devices, std::string_view name) {
  for (auto& device : devices)
    if (device.name == name) return device;
  devices.emplace_back().name = std::string(name);
  return devices.back();
}

bool is_link_add(const std::vector<std::string_view>& line) {
  return line.size() >= 2 && (line[0] == "link" || line[0] == "l") && (line[1] == "add" || line[1] == "a");
}

std::optional<std::array<std::uint8_t, 6>> hardware_address(std::string_view text) {
  const auto parts = split(text, ':');
  std::array<std::uint8_t, 6> address{};
  if (parts.size() != 6) return std::nullopt;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = scan_unsigned(parts[i], 16, 255);
    if (!byte) return std::nullopt;
    address[i] = static_cast<std::uint8_t>(*byte);
  }
  return address;
}

/// What an interface inherits when it is made on another one.
struct Inherited {
  std::map<std::string, std::string, std::less<>> mtu;     ///< of each interface, where a line said it
  std::map<std::string, std::string, std::less<>> parent;  ///< of a sub-interface
};

/// `link add` of an interface that is made here: what else it says becomes `link set`. A VLAN's
/// sub-interface is a device of its own under its name, since the firewall sees no more of it; its tag is
/// the capture's to read.
std::string instead_of_link_add(const std::vector<std::string_view>& line, std::string_view name,
                                Device& device, Inherited& inherited) {
  if (const auto index = scan_unsigned(word_after(line, "index"), 10, 0x7fffffff))
    device.index = static_cast<std::uint32_t>(*index);
  device.hardware_address = hardware_address(word_after(line, "address"));
  std::string mtu(word_after(line, "mtu"));
  if (word_after(line, "type") == "vlan") {
    const std::vector<std::string_view> words(line.begin() + 2, line.end());
    const std::string parent(word_after(words, "link"));
    inherited.parent[std::string(name)] = parent;
    if (mtu.empty()) mtu = inherited.mtu[parent];
  }
  if (mtu.empty()) return {};
  inherited.mtu[std::string(name)] = mtu;
  return "link set dev " + std::string(name) + " mtu " + mtu + "\n";
}

/// A sub-interface has the address of what it is on, unless it was given one.
void inherit_addresses(std::vector<Device>& devices, const Inherited& inherited) {
  for (const auto& [name, parent] : inherited.parent) {
    Device& device = device_named(devices, name);
    if (!device.hardware_address) device.hardware_address = device_named(devices, parent).hardware_address;
  }
}

Result<void> read_net_ip(std::string_view text, NamespaceSetup& setup) {
  Inherited inherited;
  for (const auto raw : split(text, '\n')) {
    const auto line = words(raw.substr(0, raw.find('#')));
    if (line.empty()) continue;
    auto name = word_after(line, "dev");
    if (name.empty()) name = word_after(line, "name");
    const bool add = is_link_add(line);
    if (name.empty() && (add || (line[0] == "link" && line.size() > 2))) name = line[2];
    if (!name.empty() && name != "lo") {
      Device& device = device_named(setup.devices, name);
      if (add) {
        setup.ip_lines += instead_of_link_add(line, name, device, inherited);
        continue;
      }
      if (line[0] == "link" && !word_after(line, "address").empty())
        device.hardware_address = hardware_address(word_after(line, "address"));
      if (line[0] == "link" && !word_after(line, "mtu").empty())
        inherited.mtu[std::string(name)] = word_after(line, "mtu");
    }
    for (const auto word : line) setup.ip_lines += std::string(word) + ' ';
    setup.ip_lines += '\n';
  }
  inherit_addresses(setup.devices, inherited);
  return {};
}

Result<void> read_sysctl_conf(std::string_view text, SysctlList& into) {
  for (const auto raw : split(text, '\n')) {
    auto line = trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '-') line = trim(line.substr(1));
    const auto equal = line.find('=');
    if (equal == std::string_view::npos) return fail("sysctl line without `=': `" + std::string(line) + "'");
    into.emplace_back(trim(line.substr(0, equal)), trim(line.substr(equal + 1)));
  }
  return {};
}

Result<void> set_sysctl(std::string_view name, std::string_view value) {
  const std::string path = sysctl_path(name);
  if (const auto written = write_file(path, value); !written)
    return lacking("sysctl " + std::string(name) + " = " + std::string(value) + ": " + written.error().text);
  const auto back = read_file(path);
  if (!back) return tl::unexpected<Error>(back.error());
  if (words(*back) != words(value))
    return lacking("sysctl " + std::string(name) + " = " + std::string(value) +
                   " is not taken by this kernel in a namespace; it stays " + std::string(trim(*back)));
  return {};
}

bool before_devices(std::string_view name) { return name.find(".conf.default.") != std::string_view::npos; }

Result<void> run_or_fail(const std::vector<std::string>& argv, std::string_view input,
                         std::string_view what) {
  const auto finished = run_program(argv, input);
  if (!finished) return tl::unexpected<Error>(finished.error());
  if (finished->status == 0) return {};
  return fail(std::string(what) + " is refused by " + argv[0] + " (exit " + std::to_string(finished->status) +
              "): " + std::string(trim(finished->errors)));
}

Result<void> silence(const NamespaceSetup& setup) {
  std::string text(kSilence);
  if (setup.track_always) text += kTrackAlways;
  text += "}\n";
  if (setup.ipv6) {
    text += kSilence6;
    if (setup.track_always) text += kTrackAlways;
    text += "}\n";
  }
  const auto done = run_or_fail({"nft", "-f", "-"}, text, "the silencing of the kernel's own stack");
  return done ? done : lacking(done.error().text);
}

/// Addresses of IPv6 are usable a moment after they were set.
Result<void> wait_for_addresses() {
  for (int i = 0; i < 200; ++i) {
    const auto shown = run_program({"ip", "-6", "addr", "show", "tentative"});
    if (!shown) return tl::unexpected<Error>(shown.error());
    if (trim(shown->output).empty()) return {};
    usleep(5000);
  }
  return lacking("IPv6 addresses stay tentative");
}

std::string bring_up(const std::vector<Device>& devices) {
  std::string lines = "link set dev lo up\n";
  for (const auto& device : devices)
    lines += "link set dev " + device.name + (device.ethernet ? " arp off up\n" : " up\n");
  return lines;
}

}  // namespace

std::string sysctl_path(std::string_view name) {
  std::string path(name);
  if (name.find('/') == std::string_view::npos || name.find('.') < name.find('/'))
    for (auto& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return "/proc/sys/" + path;
}

Result<NamespaceSetup> setup_from(const BoxText& box, bool track_always, const SysctlList* sysctls) {
  NamespaceSetup setup;
  setup.track_always = track_always;
  const std::string_view net_ip =
      box.has_net_ip
          ? std::string_view(box.net_ip)
          : "link add dev in\nlink add dev out\nroute add default dev out\n";  // and ::/0, with IPv6
  if (const auto read = read_net_ip(net_ip, setup); !read) return tl::unexpected<Error>(read.error());
  if (sysctls != nullptr)
    setup.sysctls = *sysctls;
  else if (const auto read = read_sysctl_conf(box.sysctl_conf, setup.sysctls); !read)
    return tl::unexpected<Error>(read.error());
  for (const auto raw : split(box.nfct_conf, '\n')) {
    auto line = words(raw.substr(0, raw.find('#')));
    if (line.empty()) continue;
    if (line.front() == "nfct") line.erase(line.begin());
    setup.nfct_lines.emplace_back(line.begin(), line.end());
    setup.nfct_lines.back().insert(setup.nfct_lines.back().begin(), "nfct");
  }
  if (box.has_rules_v4) setup.rules_v4 = box.rules_v4;
  if (box.has_rules_v6) setup.rules_v6 = box.rules_v6;
  setup.ipv6 = box.has_rules_v6 || box.net_ip.find("::") != std::string::npos;
  return setup;
}

Result<void> enter_namespace() {
  const auto user = getuid();
  const auto group = getgid();
  if (unshare(CLONE_NEWNET) == 0) return {};
  if (unshare(CLONE_NEWUSER) != 0) return lacking_errno("a user namespace of its own (unshare)");
  (void)write_file("/proc/self/setgroups", "deny");
  if (const auto map = write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1"); !map) return map;
  if (const auto map = write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1"); !map)
    return map;
  // Only now: files of /proc/net belong to who is root when the network namespace is made.
  if (unshare(CLONE_NEWNET) != 0) return lacking_errno("a network namespace of its own (unshare)");
  return {};
}

Result<void> apply(const NamespaceSetup& setup, Devices& devices) {
  for (const auto& [name, value] : kBoxDefaults)
    if (const auto set = set_sysctl(name, value); !set) return set;
  const auto ipv6 = setup.ipv6 ? std::span<const std::pair<std::string_view, std::string_view>>(kIpv6Defaults)
                               : std::span<const std::pair<std::string_view, std::string_view>>(kWithoutIpv6);
  for (const auto& [name, value] : ipv6)
    if (const auto set = set_sysctl(name, value); !set) return set;
  for (const auto& [name, value] : setup.sysctls)
    if (before_devices(name))
      if (const auto set = set_sysctl(name, value); !set) return set;
  for (const auto& device : setup.devices)
    if (const auto added = devices.add(device); !added) return added;
  // What the kernel has to say of its own it says as soon as a device is up.
  if (const auto silent = silence(setup); !silent) return silent;
  if (const auto up = run_or_fail({"ip", "-batch", "-"}, bring_up(setup.devices) + setup.ip_lines, "net.ip");
      !up)
    return up;
  if (setup.ipv6)
    if (const auto usable = wait_for_addresses(); !usable) return usable;
  for (const auto& [name, value] : setup.sysctls)
    if (!before_devices(name))
      if (const auto set = set_sysctl(name, value); !set) return set;
  for (const auto& line : setup.nfct_lines)
    if (const auto made = run_or_fail(line, {}, "nfct.conf"); !made) return made;
  if (setup.rules_v4)
    if (const auto taken = run_or_fail({"iptables-legacy-restore", "-c"}, *setup.rules_v4, "rules.v4");
        !taken)
      return taken;
  if (!setup.rules_v6) return {};
  return run_or_fail({"ip6tables-legacy-restore", "-c"}, *setup.rules_v6, "rules.v6");
}

}  // namespace utables::lab::kernel
