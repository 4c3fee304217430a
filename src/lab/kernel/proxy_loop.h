// ProxyLoop: a client of a proxy (SYNPROXY) acknowledges the number that the box drew for the server, and
// both ends give back the other's clock as they read it.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace utables::lab::kernel {

struct Part;
struct Emission;

class ProxyLoop {
 public:
  /// The echo of a packet's timestamp.
  void complete_echo(std::span<std::uint8_t> packet, const Part& part) const;
  /// What the box sent of a packet, or in answer to it. Returns by how much the server's numbers are others
  /// for the client than they were planned, once that is known.
  [[nodiscard]] std::optional<std::uint32_t> learn(std::span<const std::uint8_t> packet,
                                                   const std::vector<Emission>& sent, const Part& part);

 private:
  /// By flow and end: the clock of the other end, as it was read last.
  std::map<std::pair<std::uint32_t, std::uint8_t>, std::uint32_t> heard_;
};

}  // namespace utables::lab::kernel
