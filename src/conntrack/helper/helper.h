// Helper: reads the payload of a connection, and says which connections it announces (R14). A helper sees
// every packet of its connection at the last hook, after NAT, right before confirmation; it remembers what it
// must in the connection's HelperMemory, and never touches the table. Adding one: a file here, a row in
// helpers.cc.
//
// A helper may drop a packet that it cannot judge: half a command, or an announcement that cannot be awaited.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "conntrack/expect/expectations.h"
#include "conntrack/helper/calls.h"
#include "packet/buffer.h"

namespace utables::conntrack {

/// Numbers of helpers, as rows of kHelpers; 0: none.
enum class HelperId : std::uint8_t {
  none,
  ftp,
  tftp,
  irc,
  amanda,
  sane,
  netbios_ns,
  pptp,
  sip,
  sip_tcp,
  count_
};

/// ftp: where lines of each direction begin (sequence numbers right after a newline), the last two known.
struct FtpMemory {
  struct Starts {
    std::array<std::uint32_t, 2> sequence{};
    std::uint8_t known = 0;
    friend bool operator==(const Starts&, const Starts&) = default;
  };
  std::array<Starts, 2> starts{};  ///< by Direction
  friend bool operator==(const FtpMemory&, const FtpMemory&) = default;
};
/// sane: the client's last word was a request to start scanning.
struct SaneMemory {
  bool asked = false;
  friend bool operator==(const SaneMemory&, const SaneMemory&) = default;
};
/// pptp: how far the two ends have come, and the ids of their one call.
struct PptpMemory {
  enum class Session : std::uint8_t { none, error, stopping, requested, confirmed, count_ };
  enum class Call : std::uint8_t {
    none,
    out_requested,
    out_confirmed,
    in_requested,
    in_replied,
    in_confirmed,
    clearing,
    count_
  };
  Session session = Session::none;
  Call call = Call::none;
  CallIds ids{};
  friend bool operator==(const PptpMemory&, const PptpMemory&) = default;
};
/// sip: the last requests' numbers, and where the client wants its answers, if elsewhere.
struct SipMemory {
  std::uint32_t registration = 0, invite = 0;
  std::uint16_t forced_port = 0;
  friend bool operator==(const SipMemory&, const SipMemory&) = default;
};
using HelperMemory = std::variant<std::monostate, FtpMemory, SaneMemory, PptpMemory, SipMemory>;

/// What a helper read, still in the words of the payload.
struct Announcement {
  std::uint8_t protocol = 0;
  std::uint8_t expect_class = 0;
  Address from{};  ///< who will come, from any port; all zero: anybody
  Address to{};
  std::uint16_t port = 0;
  /// What must fit of the source, where that is not one host by any port; `from_port` is only then looked at.
  std::optional<ExpectationMask> mask{};
  std::uint16_t from_port = 0;
  bool permanent = false;  ///< it may be met again and again
  bool follows = true;     ///< under NAT what comes goes where the announcer is, whatever the nat table says
  // For translation: which end of the master announced, by which port it knows itself, where the payload says
  // so (bytes of it), and how it says another address and port. Null: no payload says so.
  Direction announcer = Direction::original;
  std::uint16_t own_port = 0;
  std::uint32_t place = 0, length = 0;
  std::string (*spell)(const Address& address, std::uint16_t port, Family family) = nullptr;
};

class Awaited;  // awaited.h

/// What a helper may ask for.
class HelperServices {
 public:
  virtual ~HelperServices() = default;
  /// Awaits a connection; under NAT it is announced anew. False: it cannot be (another master's, a full
  /// table, no free port).
  virtual bool expect(const Announcement& announcement) = 0;
  /// The master lasts so long from now on.
  virtual void refresh(Duration timeout) = 0;
  /// Two bytes of the payload become others. False: they are not there.
  virtual bool overwrite(std::uint32_t place, std::uint16_t value) = 0;
  /// Awaits a call of pptp in both directions.
  virtual void expect_call(const CallIds& ids) = 0;
  /// The call is over: its connection and what is awaited of it.
  virtual void end_call(const CallIds& ids) = 0;
  /// For helpers that keep account of what is awaited by themselves. Null: there is no such account.
  virtual Awaited* awaited() { return nullptr; }
};

struct HelperCall {
  const Connection& master;
  Direction direction;  ///< the packet's
  bool established;     ///< the packet is not the master's first
  packet::Buffer& packet;
  std::span<const std::uint8_t> payload;  ///< after TCP's or UDP's header; until something is awaited
  HelperMemory& memory;
  HelperServices& services;
  /// The network whose broadcast address a program of the box sends this packet to; null: nothing such.
  const Prefix* broadcast = nullptr;

  /// The payload as it is by now.
  [[nodiscard]] std::span<const std::uint8_t> payload_now() const;
  [[nodiscard]] const Tuple& tuple(Direction d) const { return master.tuple[static_cast<std::size_t>(d)]; }
};

enum class Helped : std::uint8_t { accept, drop };

struct Helper {
  HelperId id;
  std::string_view name;  ///< as `CT --helper` and listings have it
  std::uint8_t protocol;
  std::array<std::uint16_t, 2> ports;  ///< where it is assigned by itself, in the classic profile; 0: none
  bool ipv6;                           ///< also over IPv6
  std::span<const ExpectationPolicy> classes;
  Helped (*help)(HelperCall& call);
};

/// The helper of that name for a protocol and a family; null: there is none.
[[nodiscard]] const Helper* find_helper(std::string_view name, std::uint8_t protocol, Family family);
/// The one that belongs to a server's port; null: there is none.
[[nodiscard]] const Helper* find_helper(std::uint16_t port, std::uint8_t protocol, Family family);
/// Null for 0.
[[nodiscard]] const Helper* helper_of(std::uint8_t id);
/// Calls the connection's helper with the packet's payload.
[[nodiscard]] Helped help(HelperCall call);

Helped help_ftp(HelperCall& call);
Helped help_tftp(HelperCall& call);
Helped help_irc(HelperCall& call);
Helped help_amanda(HelperCall& call);
Helped help_sane(HelperCall& call);
Helped help_broadcast(HelperCall& call);
Helped help_pptp(HelperCall& call);
Helped help_sip(HelperCall& call);

}  // namespace utables::conntrack
