#include "lab/generate/scenario.h"

#include <array>
#include <filesystem>

#include "io/file_writer.h"
#include "io/link.h"
#include "io/pcapng_writer.h"

namespace utables::lab::generate {
namespace {

constexpr std::array<std::string_view, kKindCount> kNames{"tcp-handshake",
                                                          "tcp-data",
                                                          "tcp-close",
                                                          "tcp-any-flags",
                                                          "tcp-old-sequence",
                                                          "tcp-future-sequence",
                                                          "tcp-old-acknowledgement",
                                                          "tcp-future-acknowledgement",
                                                          "tcp-zero-window",
                                                          "tcp-window-scaling",
                                                          "tcp-sack",
                                                          "tcp-retransmission",
                                                          "tcp-reordering",
                                                          "tcp-lost",
                                                          "tcp-exact-reset",
                                                          "tcp-inexact-reset",
                                                          "tcp-reuse",
                                                          "tcp-mid-stream",
                                                          "tcp-simultaneous-open",
                                                          "tcp-challenge-ack",
                                                          "tcp-malformed-options",
                                                          "udp",
                                                          "udp-no-checksum",
                                                          "udp-bad-length",
                                                          "udplite",
                                                          "udplite-partial-coverage",
                                                          "udplite-bad-coverage",
                                                          "udplite-own-pseudo-header",
                                                          "sctp-handshake",
                                                          "sctp-data",
                                                          "sctp-shutdown",
                                                          "sctp-abort",
                                                          "sctp-heartbeat",
                                                          "sctp-collision",
                                                          "sctp-restart",
                                                          "sctp-bundled",
                                                          "sctp-any-chunk",
                                                          "sctp-wrong-tag",
                                                          "sctp-reflected-tag",
                                                          "sctp-malformed-chunk",
                                                          "sctp-bad-checksum",
                                                          "icmp-echo",
                                                          "icmp-timestamp",
                                                          "icmp-information",
                                                          "icmp-address-mask",
                                                          "icmp-stray",
                                                          "icmp-unreachable",
                                                          "icmp-source-quench",
                                                          "icmp-redirect",
                                                          "icmp-time-exceeded",
                                                          "icmp-parameter-problem",
                                                          "icmp-error-about-error",
                                                          "icmp-error-cut-quote",
                                                          "icmp-error-wrong-destination",
                                                          "other-protocol",
                                                          "ftp-control",
                                                          "ftp-announcement",
                                                          "ftp-data",
                                                          "tftp",
                                                          "irc",
                                                          "irc-dcc",
                                                          "irc-data",
                                                          "sane",
                                                          "pptp",
                                                          "pptp-call",
                                                          "sip",
                                                          "sip-media",
                                                          "amanda",
                                                          "asking",
                                                          "proxy-handshake",
                                                          "proxy-wrong-cookie",
                                                          "proxy-data",
                                                          "fragments-in-order",
                                                          "fragments-reordered",
                                                          "fragments-overlapping",
                                                          "fragments-missing",
                                                          "fragments-duplicate",
                                                          "fragments-odd",
                                                          "fragments-mixed-ecn",
                                                          "bad-ip-checksum",
                                                          "bad-checksum",
                                                          "truncated",
                                                          "ip-option-record-route",
                                                          "ip-option-timestamp",
                                                          "ip-option-source-route",
                                                          "ip-option-other",
                                                          "ip-option-malformed",
                                                          "low-ttl",
                                                          "odd-address",
                                                          "broadcast",
                                                          "multicast",
                                                          "no-route",
                                                          "too-big",
                                                          "bad-ip-header",
                                                          "padded",
                                                          "to-box",
                                                          "from-box",
                                                          "same-interface"};

/// Frames bear a date, as of a capture: 2026-01-01.
constexpr Time kStart = 1767225600 * kSecond;

Result<void> save_text(const std::string& path, const std::string& text) {
  auto file = io::FileWriter::create(path);
  if (!file) return tl::unexpected<Error>(file.error());
  if (auto written = file->write(text); !written) return written;
  return file->commit();
}

std::vector<std::uint8_t> frame_of(const ScenarioPacket& packet, bool ethernet) {
  if (!ethernet) return packet.bytes;
  std::vector<std::uint8_t> frame(packet.link.destination.begin(), packet.link.destination.end());
  frame.insert(frame.end(), packet.link.source.begin(), packet.link.source.end());
  frame.insert(frame.end(), {0x08, 0x00});
  frame.insert(frame.end(), packet.bytes.begin(), packet.bytes.end());
  return frame;
}

/// What the box's programs send is in the capture on `lo`: which interface it leaves by is the box's to say,
/// and nothing that a router forwards or answers is taken for it there.
Result<void> save_traffic(const Scenario& scenario, const std::string& path) {
  auto file = io::FileWriter::create(path);
  if (!file) return tl::unexpected<Error>(file.error());
  io::PcapngWriter writer(*file);
  auto step = writer.begin("utables");
  for (const auto& interface : scenario.interfaces)
    if (step)
      step = writer.add_interface(interface.name,
                                  interface.ethernet ? io::linktype::kEthernet : io::linktype::kRaw);
  if (step) step = writer.add_interface("lo", io::linktype::kRaw);
  for (const auto& packet : scenario.packets) {
    if (!step) break;
    const auto bytes = frame_of(packet, !packet.outbound && scenario.interfaces[packet.interface].ethernet);
    io::FrameToWrite frame;
    frame.time = kStart + packet.at;
    frame.interface =
        packet.outbound ? static_cast<std::uint32_t>(scenario.interfaces.size()) : packet.interface;
    frame.direction = packet.outbound ? io::Direction::outbound : io::Direction::inbound;
    frame.bytes = bytes;
    step = writer.write(frame);
  }
  if (!step) return step;
  return file->commit();
}

}  // namespace

Result<void> save(const Scenario& scenario, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fail(directory + ": " + error.message());
  const BoxText& box = scenario.box;
  Result<void> step;
  if (box.has_net_ip) step = save_text(directory + "/net.ip", box.net_ip);
  if (step && !box.sysctl_conf.empty()) step = save_text(directory + "/sysctl.conf", box.sysctl_conf);
  if (step && !box.nfct_conf.empty()) step = save_text(directory + "/nfct.conf", box.nfct_conf);
  if (step && box.has_rules_v4)
    step = save_text(directory + "/rules.v4", scenario.log_tags.untagged(box.rules_v4));
  if (step && box.has_rules_v6)
    step = save_text(directory + "/rules.v6", scenario.log_tags.untagged(box.rules_v6));
  if (step) step = save_traffic(scenario, directory + "/traffic.pcapng");
  return step;
}

std::string_view name(Kind kind) { return kNames[static_cast<std::size_t>(kind)]; }

}  // namespace utables::lab::generate
