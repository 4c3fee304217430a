// The settings that utables knows, and the names they had in older kernels: one row each.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "host/host.h"

namespace utables::host {

/// A setting with one value for the whole box: its modern name, the values it takes (written as the
/// kernel reads them: decimal, 0x or octal), and where it goes in Settings (null: another layer reads it
/// from Host::sysctls).
struct GlobalSetting {
  std::string_view name;
  std::uint64_t min, max;
  void (*apply)(Settings&, std::uint64_t);
};
[[nodiscard]] std::span<const GlobalSetting> global_settings();

/// How the values of conf.all and of the interface make the one that counts.
enum class Combine : std::uint8_t { interface_alone, either, both, larger };

/// A setting of net.ipv4.conf.NAME.
struct InterfaceSetting {
  std::string_view name;
  Combine combine;
  std::uint32_t all, initial;  ///< of conf.all and conf.default before any line, in a box
  void (*apply)(InterfaceSettings&, std::uint32_t);
};
[[nodiscard]] std::span<const InterfaceSetting> interface_settings();

/// The modern name of a key that older kernels had, both in dots (`net.ipv4.ip_conntrack_max`); empty
/// if it is none.
[[nodiscard]] std::string renamed(std::string_view key);

}  // namespace utables::host
