#include "lab/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/ipv6_address.h"
#include "engine/compiled.h"
#include "lab/generate/packets.h"
#include "lab/kernel/kernel_log.h"

namespace utables::lab {
namespace {

constexpr std::size_t kIpHeader = 20, kIpv6Header = 40;

/// Keeps what replay plays.
class Recorder final : public ReplayListener {
 public:
  Recorder(const Replay& replay, VerifyInput& into) : replay_(replay), into_(into) {
    for (const host::Interface& one : replay.host().interfaces)
      into_.scenario.interfaces.push_back({one.name, one.hardware_address.has_value()});
  }

  void outcome(const Outcome&, const InputPacket& input) override {
    generate::ScenarioPacket packet;
    packet.bytes.assign(input.original.begin(), input.original.end());
    if (input.placed.outbound && !make_sendable(packet.bytes)) {
      ++into_.unsendable;
      return;
    }
    if (full(packet.bytes.size())) return;
    if (into_.scenario.packets.empty()) first_ = input.time;
    packet.interface = input.placed.interface;
    packet.outbound = input.placed.outbound;
    packet.type = packet.outbound ? PacketType::host : input.placed.type;
    packet.link = input.link;
    packet.at = input.time - first_;
    if (!packet.outbound && (packet.link.present || packet.type != PacketType::host))
      into_.scenario.interfaces[packet.interface].ethernet = true;
    into_.frames.push_back(input.frame);
    packet.name = replay_.name(input.frame);
    into_.scenario.packets.push_back(std::move(packet));
  }
  [[nodiscard]] bool wants_original() const override { return true; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }

 private:
  /// As a raw socket takes it, which writes total length and header checksum itself; it fills in an
  /// address or an identification of zero as well, and such a packet is not what was captured.
  static bool make_sendable(std::vector<std::uint8_t>& bytes) {
    if (bytes.size() >= kIpv6Header && bytes[0] >> 4 == 6) {
      const std::size_t total = kIpv6Header + load16(&bytes[4]);
      if (total < bytes.size()) bytes.resize(total);
      const Address destination = Address::load(&bytes[24], Family::ipv6);
      return total == bytes.size() && !destination.is_zero() && !ipv6::is_multicast(destination) &&
             !ipv6::is_link_local(destination);
    }
    if (bytes.size() < kIpHeader || bytes[0] >> 4 != 4) return false;
    const std::size_t header = static_cast<std::size_t>(bytes[0] & 15) * 4;
    const std::size_t total = load16(&bytes[2]);
    if (total >= header && total < bytes.size()) bytes.resize(total);
    if (header < kIpHeader || header > bytes.size() || bytes.size() > 0xffff) return false;
    const bool identified = load16(&bytes[4]) != 0 || (bytes[6] & 0x40) != 0;
    generate::fix_ip_length(bytes);
    return identified && load32(&bytes[12]) != 0 && load32(&bytes[16]) != 0;
  }

  bool full(std::size_t size) {
    bytes_ += size;
    overflowed_ = overflowed_ || bytes_ > kVerifyBytes || into_.scenario.packets.size() >= kVerifyPackets;
    return overflowed_;
  }

  const Replay& replay_;
  VerifyInput& into_;
  Time first_ = 0;
  std::size_t bytes_ = 0;
  bool overflowed_ = false;
};

Errors one(Error error) {
  Errors errors;
  errors.push_back(std::move(error));
  return errors;
}

/// On Ethernet every packet has addresses: what the capture has without is given some, for both sides.
void address_all(generate::Scenario& scenario) {
  for (auto& packet : scenario.packets) {
    if (packet.outbound || packet.link.present || !scenario.interfaces[packet.interface].ethernet) continue;
    packet.link.present = true;
    packet.link.type = !packet.bytes.empty() && packet.bytes[0] >> 4 == 6 ? 0x86dd : 0x0800;
    packet.link.source = {2, 0, 0, 0, 0, 1};
  }
}

}  // namespace

Result<VerifyInput, Errors> read_for_verify(const Box& box, const VerifyOptions& options) {
  Box fresh = box;
  fresh.text.state.clear();
  ReplayOptions reading = options.replay;
  reading.literal = true;
  if (reading.checksums == ChecksumMode::automatic) reading.checksums = ChecksumMode::check;
  reading.until = 0;
  auto replay = Replay::create(fresh, reading);
  if (!replay) return tl::unexpected<Errors>(std::move(replay.error()));
  VerifyInput input;
  Recorder recorder(*replay, input);
  replay->add(recorder);
  if (auto played = replay->run(); !played) return tl::unexpected<Errors>(one(played.error()));
  if (recorder.overflowed())
    return tl::unexpected<Errors>(one(Error{fmt::format("verify plays at most {} packets of {} MiB in all",
                                                        kVerifyPackets, kVerifyBytes >> 20)}));
  address_all(input.scenario);
  if (!box.text.state.empty())
    input.scenario.notes.emplace_back("state.jsonl left out: a kernel cannot be given it");
  input.scenario.box = std::move(fresh.text);
  input.scenario.paced = options.paced;
  input.scenario.linger = options.paced ? options.replay.until : 0;
  input.scenario.ignore_checksums = reading.checksums == ChecksumMode::ignore;
  // Where a rule asks for it the kernel is left to find out by itself.
  input.scenario.track_always = replay->parts().tracking && !replay->parts().rules_need_tracking();
  input.counts = replay->counts();
  input.warnings = replay->captures().warnings();
  return input;
}

namespace {

/// As the user wrote them: the prefixes of LOG that tell its lines apart are taken out again.
void put_prefixes_back(Verification& verification) {
  const generate::LogTags& tags = verification.input.scenario.log_tags;
  for (auto& difference : verification.comparison.differences)
    difference.text = tags.untagged(std::move(difference.text));
}

}  // namespace

Result<Verification, Errors> verify(const Box& box, const VerifyOptions& options) {
  auto input = read_for_verify(box, options);
  if (!input) return tl::unexpected<Errors>(std::move(input.error()));
  Verification verification{std::move(*input), {}, 0};
  generate::Scenario& scenario = verification.input.scenario;
  std::optional<kernel::LogOfAllNamespaces> heard;
  if (options.log) {
    auto held = kernel::LogOfAllNamespaces::hold();
    if (!held) return tl::unexpected<Errors>(one(std::move(held.error())));
    heard = std::move(*held);
    scenario.log_tags =
        generate::tag_log_rules(scenario.box.rules_v4, scenario.box.rules_v6, generate::fresh_mark());
  } else if (scenario.box.rules_v4.find(" LOG") != std::string::npos) {
    scenario.notes.emplace_back(
        "LOG's lines were not compared (--log does, as root: it writes to this machine's kernel log)");
  }
  do {
    auto result = compare::play_and_compare(verification.input.scenario, {options.most_differences});
    if (!result) return tl::unexpected<Errors>(one(std::move(result.error())));
    verification.comparison = std::move(*result);
    ++verification.runs;
  } while (verification.runs < options.tries && !verification.equal() && verification.comparison.held_up());
  put_prefixes_back(verification);
  return verification;
}

}  // namespace utables::lab
