// Complaint: what Linux writes to its log about a packet that tracking does not believe, in its words
// (nf_conntrack_log_invalid). The packet itself follows on the line, as LOG would write it.
#pragma once
#include <string>
#include <vector>

#include "conntrack/judgement.h"
#include "conntrack/settings.h"
#include "conntrack/tracker.h"
#include "packet/buffer.h"

namespace utables::conntrack {

/// The setting asks for complaints about this protocol: its number, or 255 for all of them.
[[nodiscard]] inline bool complains(const Settings& settings, std::uint8_t protocol) {
  return settings.log_invalid != 0 && (settings.log_invalid == 255 || settings.log_invalid == protocol);
}

/// `nf_ct_proto_6: invalid new `, one for each line; none where Linux says nothing, be the packet INVALID or
/// not: it also complains of what passes without being believed. `judgement`: of track() for this packet.
[[nodiscard]] std::vector<std::string> complaints(const packet::Buffer& packet, const Tracked& tracked,
                                                  const Judgement& judgement, const Settings& settings);

}  // namespace utables::conntrack
