// Traffic of one flow after another, in the order of each flow; generate.cc shuffles flows together.
#pragma once
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "lab/generate/packets.h"
#include "lab/generate/scenario.h"
#include "lab/generate/world.h"

namespace utables::lab::generate {

/// A packet before it has a place: `from` decides by which interface it comes in, or that the box sent it.
struct Planned {
  Bytes bytes;
  std::uint32_t from = 0;
  Kinds kinds{};
  kernel::Part part{};
};
using Flow = std::vector<Planned>;

/// A client's port: where there is NAT, often one that others have as well.
[[nodiscard]] std::uint16_t draw_client_port(const World& world, Random& random);

/// The two ends of a flow.
struct Ends {
  std::uint32_t client = 0, server = 0;
};
[[nodiscard]] Ends draw_ends(const World& world, Random& random);

[[nodiscard]] inline Kinds kinds(Kind kind) { return Kinds().set(static_cast<std::size_t>(kind)); }

/// A TCP conversation after one of the stories in tcp.cc, bent at random.
[[nodiscard]] Flow tcp_flow(const World& world, Random& random);
[[nodiscard]] Flow udp_flow(const World& world, Random& random);
[[nodiscard]] Flow udplite_flow(const World& world, Random& random);
/// An SCTP association after one of the stories in sctp.cc, bent at random.
[[nodiscard]] Flow sctp_flow(const World& world, Random& random);
/// A conversation of FTP or TFTP and the connections that it announces (helped/ftp.cc).
[[nodiscard]] Flow helped_flow(const World& world, Random& random);
/// Echo, timestamp, information, address mask; sometimes only the answers, or types that open nothing.
[[nodiscard]] Flow icmp_flow(const World& world, Random& random);
[[nodiscard]] Flow other_flow(const World& world, Random& random);
/// Broadcast, multicast, and addresses that routers look at twice.
[[nodiscard]] Flow odd_flow(const World& world, Random& random);

/// An ICMP error about `about`, right or wrong in some way.
[[nodiscard]] Planned icmp_error(const World& world, Random& random, const Planned& about);
/// The packet in pieces: in order or not, overlapping, with holes. What cannot be cut comes back whole.
[[nodiscard]] Flow fragments(Random& random, const Planned& whole);
/// One thing wrong with the packet: checksum, length, options, TTL, header.
void damage(Random& random, Planned& packet);

}  // namespace utables::lab::generate
