// Directions: by which interface of the box a frame came in or went out.
//
// What is known decides, in this order: the capture's interface name and direction flags; the Linux
// cooked packet type and interface index; Ethernet addresses that are the box's; `--iface`; the box's own
// addresses and routes. Each source of knowledge fills in what the ones before it left open (the
// interface, the direction). What had to be guessed from addresses and routes is counted apart, so that
// the report can say how the capture was read. A tagged frame belongs to the sub-interface that the box
// declares for its tag; without one the tag is stripped, and counted.
//
// Vocabulary: a frame is *outbound* when the box sent it; otherwise it *came in*.
#pragma once
#include <utables/packet.h>
#include <utables/result.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "host/host.h"
#include "io/capture.h"
#include "io/link.h"

namespace utables::lab {

/// What told where a frame belongs; the last that had to be asked.
enum class Evidence : std::uint8_t {
  capture_flags,
  cooked,
  ethernet,
  option,
  own_address,
  route,
  only_interface,
  count_
};
/// For people: `the capture says so`, `the route to its sender`.
[[nodiscard]] std::string_view words(Evidence evidence);
constexpr bool guessed(Evidence e) { return e >= Evidence::own_address; }

/// One `--iface NAME` or `--iface NAME=PREFIX,...`.
struct InterfaceOption {
  std::string name;
  std::vector<Prefix> prefixes{};  ///< empty: the whole of a file
};
[[nodiscard]] Result<InterfaceOption> parse_interface_option(std::string_view text);

/// Where a frame belongs.
struct Placed {
  InterfaceId interface = kNoInterface;
  bool outbound = false;
  PacketType type = PacketType::host;
  Evidence evidence = Evidence::capture_flags;
};

/// How many frames were read as belonging where, and why.
struct ReadAs {
  InterfaceId interface = kNoInterface;
  bool outbound = false;
  Evidence evidence = Evidence::capture_flags;
  std::uint64_t frames = 0;
};

class Directions {
 public:
  /// `declared`: the box has a net.ip; without one everything arrives by `in`. `files`: how many captures
  /// there are. Options that name an interface that the box lacks are refused.
  [[nodiscard]] static Result<Directions> create(const host::Host& host, bool declared,
                                                 std::vector<InterfaceOption> options, std::size_t files);

  /// Places a frame with an IP packet in it. `packet`: from the IP header on. An error (its text without
  /// the frame's name) when there is no way to tell.
  [[nodiscard]] Result<Placed> place(const io::Frame& frame, const io::LinkLayer& link, std::uint16_t file,
                                     std::span<const std::uint8_t> packet);

  [[nodiscard]] std::vector<ReadAs> read_as() const;  ///< by interface, direction, evidence
  [[nodiscard]] std::uint64_t stripped_tags() const { return stripped_tags_; }
  /// Interface names of captures that the box does not have.
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& unknown_names() const {
    return unknown_names_;
  }

 private:
  explicit Directions(const host::Host& host) : host_(&host) {}
  struct Knowledge;
  void ask_capture(const io::Frame& frame, Knowledge& known);
  void ask_cooked(const io::LinkLayer& link, Knowledge& known) const;
  void ask_ethernet(const io::LinkLayer& link, Knowledge& known) const;
  void ask_options(std::uint16_t file, Knowledge& known) const;
  void ask_addresses(Knowledge& known) const;
  void ask_default(Knowledge& known) const;
  [[nodiscard]] bool is_anywhere(const Knowledge& known) const;
  void enter_sub_interfaces(const io::LinkLayer& link, Knowledge& known);
  [[nodiscard]] InterfaceId toward(const Address& address, Family family) const;
  [[nodiscard]] PacketType judge_type(const io::LinkLayer& link, const Knowledge& known) const;
  void count(const Placed& placed);

  const host::Host* host_;
  bool declared_ = true;
  std::vector<InterfaceId> whole_files_{};  ///< by file; empty: none
  std::vector<std::pair<Prefix, InterfaceId>> prefixes_{};
  struct CachedName {
    std::string name;
    InterfaceId id = kNoInterface;
  };
  std::vector<CachedName> names_{};  ///< by capture interface, a look-up saved
  std::map<std::string, std::uint64_t, std::less<>> unknown_names_{};
  std::vector<std::array<std::uint64_t, static_cast<std::size_t>(Evidence::count_) * 2>> counts_{};
  std::uint64_t stripped_tags_ = 0;
};

}  // namespace utables::lab
