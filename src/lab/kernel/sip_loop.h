// SipLoop: the words of SIP, as the two ends come to know each other. Where the box translates, an end says
// the addresses that it has seen; runs of `~` in the message take up the difference, so that lengths and
// sequence numbers stay.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace utables::lab::kernel {

/// An end, as it was planned and as it is known.
struct KnownAs {
  Address planned{}, address{};
  std::uint16_t planned_port = 0, port = 0;
};

[[nodiscard]] bool is_sip(std::string_view text);
/// The message as its sender says it; as it was where its pads are too short.
[[nodiscard]] std::string said_as(std::string_view text, std::span<const KnownAs> ends, Family family);

struct SipPlace {
  Address address{};
  std::uint16_t port = 0;
};
/// Where a message says that its sender is: the contact, and each media with its control.
struct SipPlaces {
  bool has_contact = false;
  SipPlace contact{};
  std::vector<SipPlace> media{};
};
[[nodiscard]] SipPlaces places_of(std::string_view text, Family family);

}  // namespace utables::lab::kernel
