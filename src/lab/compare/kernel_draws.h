// KernelDraws: the ports that Linux drew, read off what it sent and told, or off its table. The engine begins
// its search where Linux's ended: if that port is of the permitted range and free for the engine too, it gets
// the same; if not, the two differ.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conntrack/nat/binding.h"
#include "lab/kernel/run.h"

namespace utables::lab::compare {

class KernelDraws final : public conntrack::PortDraw {
 public:
  explicit KernelDraws(const kernel::Report& report);
  /// What became in the kernel of the packet that comes next; it must outlive that packet.
  void of_packet(const kernel::Played& played);
  std::uint16_t draw(const conntrack::Connection& connection, conntrack::Manipulation manipulation,
                     std::uint16_t first, std::uint32_t size) override;
  std::uint16_t draw_announced(unsigned nth, std::uint16_t first, std::uint32_t size) override;
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  [[nodiscard]] std::optional<std::uint16_t> sent_port(const conntrack::Connection& connection,
                                                       conntrack::Manipulation manipulation) const;
  [[nodiscard]] std::optional<std::uint16_t> listed_port(const conntrack::Connection& connection,
                                                         conntrack::Manipulation manipulation) const;

  void learn(const std::string& line);

  std::map<std::string, std::string> replies_;  ///< by the original tuple, as listings have both
  const std::vector<kernel::Emission>* sent_ = nullptr;
  std::vector<std::uint16_t> announced_;  ///< the ports that it awaited for this packet, in order
  std::uint64_t count_ = 0;
};

}  // namespace utables::lab::compare
