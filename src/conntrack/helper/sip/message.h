// One message of SIP in a packet of its connection: what the helper and translation read and rewrite.
#pragma once
#include <string_view>

#include "conntrack/helper/awaited.h"
#include "conntrack/helper/helper.h"
#include "conntrack/helper/sip/text.h"

namespace utables::conntrack::sip {

enum Class : std::uint8_t { signalling, audio, video, image };

class Message {
 public:
  /// `begin`, `size`: its bytes of the payload.
  Message(HelperCall& helper_call, Awaited& all_awaited, SipMemory& its_memory, std::size_t begin,
          std::size_t size)
      : call(helper_call), awaited(all_awaited), memory(its_memory), begin_(begin), size_(size) {}

  [[nodiscard]] Text text() const {
    const auto payload = call.payload_now().subspan(begin_, size_);
    return {{reinterpret_cast<const char*>(payload.data()), payload.size()}, family()};
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Other words in place of a piece. False: there is no room.
  [[nodiscard]] bool reword(Piece piece, std::string_view to) {
    if (!awaited.reword(static_cast<std::uint32_t>(begin_ + piece.at), static_cast<std::uint32_t>(piece.size),
                        to))
      return false;
    size_ += to.size() - piece.size;
    return true;
  }

  [[nodiscard]] Family family() const { return call.master.original().family; }
  [[nodiscard]] std::uint8_t protocol() const { return call.master.original().protocol; }
  [[nodiscard]] bool translated() const {
    return call.master.is(kSourceNat) || call.master.is(kDestinationNat);
  }
  /// As the sender knows the two ends: he is the source.
  [[nodiscard]] const Tuple& here() const { return call.tuple(call.direction); }
  /// As the receiver knows them: he is the source.
  [[nodiscard]] const Tuple& there() const { return call.tuple(other(call.direction)); }

  HelperCall& call;
  Awaited& awaited;
  SipMemory& memory;

 private:
  std::size_t begin_, size_;
};

// What the parts of the helper do; false: the packet must be dropped.

/// The message's media are awaited, and where they are translated, it says so.
[[nodiscard]] bool await_media(Message& message);
/// What the headers say of the two ends becomes what the receiver knows.
[[nodiscard]] bool translate_headers(Message& message);
/// Awaits requests that come to where a registration says. `said`: by the message.
[[nodiscard]] bool await_requests(Message& message, const Place& said);

/// An address as messages have it; `bracketed`: IPv6 in brackets.
[[nodiscard]] std::string spell(const Address& address, Family family, bool bracketed);
[[nodiscard]] std::string spell(const Address& address, std::uint16_t port, Family family);

/// Where the receiver must go to reach what the sender has: the sender's address as he knows it.
[[nodiscard]] inline const Address& reachable_address(const Message& message, const Address& own) {
  return message.here().source == message.there().destination ? own : message.there().destination;
}

}  // namespace utables::conntrack::sip
