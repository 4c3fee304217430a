#include "rules/match/extension_header.h"

namespace utables::rules {

ExtensionFound find_extension(const Context& context, std::uint8_t protocol) {
  const auto packet = context.packet.view();
  ExtensionFound out;
  const packet::ChainEnd end = packet::walk_chain(packet, [&](const packet::Extension& header) {
    if (header.protocol != protocol) return true;
    out = {ExtensionFound::Kind::found, packet.subspan(header.offset), header.size};
    return false;
  });
  if (out.kind != ExtensionFound::Kind::found && end.kind == packet::ChainEnd::Kind::cut)
    out.kind = ExtensionFound::Kind::broken;
  return out;
}

}  // namespace utables::rules
