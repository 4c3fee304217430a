// ClosedLoop: the two ends of a flow answer what the box really sent. A generated flow is planned with the
// addresses that its ends know each other by; where the box translates, the other end sees others, and what
// it answers goes to those. Which they are only the run can tell, so packets are completed as they are
// played.
//
// Vocabulary: a *part* says which flow a packet belongs to and which of its two ends sends it; an error's
// part names the end that sent what it quotes. *Ends* are addresses with ports (an ICMP query's id).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/address.h"
#include "lab/kernel/call_loop.h"
#include "lab/kernel/proxy_loop.h"

namespace utables::lab::kernel {

struct Injection;
struct Emission;

struct Part {
  static constexpr std::uint32_t kNone = 0xffffffff;
  std::uint32_t flow = kNone;      ///< kNone: it is played as it is
  std::uint8_t end = 0;            ///< 0 or 1
  bool error = false;              ///< an ICMP error about a packet of that end
  std::uint32_t control = kNone;   ///< of a connection that another flow announced: that flow; end 0 comes
  std::uint8_t announcer = 0;      ///< ... and which end of it announced
  std::uint8_t which = 0;          ///< ... as the how manieth of its packet
  bool proxied = false;            ///< a proxy may answer end 0, and chose other numbers than end 1's
  bool echoes = false;             ///< its timestamp gives back what its sender heard last
  std::uint32_t server_first = 0;  ///< proxied: end 1's first number, as planned
};

struct Ends {
  Address source{}, destination{};
  /// An ICMP query's id is the source port, a key of GRE the destination's.
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint8_t protocol = 0;
  Family family = Family::ipv4;
};

/// Those of a packet (or of the beginning of one, as errors quote it) that names them whole.
[[nodiscard]] std::optional<Ends> ends_of(std::span<const std::uint8_t> packet);
/// Gives the packet other ends; its checksums stay as right or wrong as they were. Ports are left alone where
/// there are none to see.
void readdress(std::span<std::uint8_t> packet, const Ends& ends);

class ClosedLoop {
 public:
  /// The packet as its sender makes it of what reached him so far.
  void complete(std::vector<std::uint8_t>& bytes, const Part& part) const;
  /// What the box sent of it.
  void learn(const Injection& packet, const std::vector<Emission>& sent);

 private:
  void complete_ends(std::vector<std::uint8_t>& bytes, const Part& part) const;
  void complete_gre(std::vector<std::uint8_t>& bytes, const Part& part, const Ends& seen) const;
  void complete_words(std::vector<std::uint8_t>& bytes, const Ends& before) const;
  void learn_places(const std::pair<std::uint32_t, std::uint8_t>& key, std::string_view text,
                    const Ends& ends);
  void complete_acknowledgement(std::vector<std::uint8_t>& bytes, const Part& part) const;
  void learn_payload(const Injection& packet, const Emission& emission);

  /// By flow and end: where the other end was told to come to (several places by one packet), and what its
  /// acknowledgements must add.
  struct Told {
    Address address{};
    std::uint16_t port = 0;
    Family family = Family::ipv4;
  };
  std::map<std::pair<std::uint32_t, std::uint8_t>, std::vector<Told>> told_;
  std::map<std::pair<std::uint32_t, std::uint8_t>, std::uint32_t> longer_;
  /// By flow and end: what its packets look like on the other side of the box.
  std::map<std::pair<std::uint32_t, std::uint8_t>, Ends> seen_;
  CallLoop calls_;
  ProxyLoop proxies_;
};

}  // namespace utables::lab::kernel
