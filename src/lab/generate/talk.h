// Talk: two ends of a TCP conversation, which keep their sequence numbers, for flows whose payload a helper
// reads.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "lab/generate/traffic.h"
#include "packet/headers.h"

namespace utables::lab::generate {

struct End {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  std::uint32_t next = 0, received = 0;
};

class Talk {
 public:
  /// `part`: of a connection that was announced.
  Talk(Random& random, Flow& flow, End client, End server, kernel::Part part = {});

  void say(unsigned side, std::uint8_t flags, std::string_view text, Kind kind);
  /// Once more from an earlier place.
  void again(unsigned side, std::string_view text, Kind kind);
  void open(Kind kind);
  void close(Kind kind);
  [[nodiscard]] const End& end(unsigned side) const { return ends_[side]; }

 private:
  void emit(const End& me, const End& peer, std::uint8_t flags, std::uint32_t seq, std::string_view text,
            Kind kind);

  Random& random_;
  Flow& flow_;
  kernel::Part part_;
  std::array<End, 2> ends_{};
};

/// A connection that was announced as the `which`th of its packet, or nearly that one: end 0 of it comes.
struct Announced {
  std::uint32_t from = 0, to = 0;
  std::uint16_t port = 0;
  std::uint8_t announcer = 0, which = 0;
  std::uint32_t number = 1;  ///< among those of the flow
};
void announced_connection(const World& world, Random& random, Flow& flow, Announced as, Kind kind);

/// One thing of a text done wrongly now and then.
void spoil(Random& random, std::string& text);

// Flows of one helper each (helped/tcp.cc, helped/udp.cc).
[[nodiscard]] Flow irc_flow(const World& world, Random& random);
[[nodiscard]] Flow sane_flow(const World& world, Random& random);
/// ... in helped/pptp.cc.
[[nodiscard]] Flow pptp_flow(const World& world, Random& random);
/// ... in helped/sip.cc.
[[nodiscard]] Flow sip_flow(const World& world, Random& random);
[[nodiscard]] Flow amanda_flow(const World& world, Random& random);
/// What a program of the box asks by broadcast, and the answers.
[[nodiscard]] Flow asking_flow(const World& world, Random& random);

}  // namespace utables::lab::generate
