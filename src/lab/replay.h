// Replay: captures go through a box. The loop that the commands share: frames in the order of time ->
// directions -> batches -> the engine -> listeners (report, outputs, --show, explain).
//
// Vocabulary: an *input* is a packet that is played; a frame that is not IP, or that the box itself sent
// as forwarding or answer, is not one (observations.h).
//
// Memory is bounded whatever the captures' sizes; on the hot path nothing is allocated per packet. The
// result does not depend on the batch size.
#pragma once
#include <utables/engine.h>
#include <utables/result.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/observer.h"
#include "engine/parts.h"
#include "io/link.h"
#include "lab/box_directory.h"
#include "lab/capture/checksums.h"
#include "lab/capture/directions.h"
#include "lab/capture/merge.h"
#include "lab/capture/observations.h"
#include "packet/facts.h"

namespace utables::lab {

struct State;  // state.h

/// `FILE:N`.
struct FrameName {
  std::uint16_t file = 0;
  std::uint64_t number = 0;  ///< from 1; 0: none
};

struct ReplayOptions {
  std::vector<std::string> captures;
  std::vector<InterfaceOption> interfaces{};
  Options engine{};
  ChecksumMode checksums = ChecksumMode::automatic;
  bool literal = false;                  ///< a cut frame is taken for the bytes that are there
  Duration until = 0;                    ///< time that is let pass after the last packet
  unsigned batch = 256;                  ///< at most so many packets at once, 1 to 256
  FrameName stop{};                      ///< the last frame that is read; 0: all
  engine::Observer* observer = nullptr;  ///< is told the way of the frame `stop` alone
};

/// A packet that is played, as it came. Valid during the calls about it.
struct InputPacket {
  FrameName frame{};
  std::uint64_t order = 0;  ///< of the frame, over all captures, from 1
  Time time = 0;
  Placed placed{};
  bool parsed = false;  ///< `facts` are there; otherwise Linux refuses its header
  packet::Facts facts{};
  std::uint64_t flow = 0;       ///< flow_hash(); 0: not parsed
  std::uint32_t wire_size = 0;  ///< from the IP header on
  LinkFacts link{};
  std::span<const std::uint8_t> original{};  ///< its bytes before the engine changed them; only if wanted
};

/// Receives what happens, in order. For each input: `input`, then what it caused, then `outcome`.
class ReplayListener {
 public:
  virtual ~ReplayListener() = default;
  /// `cause` is null for what time alone caused.
  virtual void sent(const Sent&, const InputPacket* /*cause*/) {}
  virtual void log(const LogLine&, const InputPacket* /*cause*/) {}
  virtual void event(std::string_view /*line*/, Time) {}
  virtual void outcome(const Outcome&, const InputPacket&) {}
  /// A frame that the box sent and nothing predicted.
  virtual void unpredicted(const InputPacket&) {}
  [[nodiscard]] virtual bool wants_original() const { return false; }
  [[nodiscard]] virtual bool wants_events() const { return false; }
};

/// What was read, whatever became of it.
struct ReadCounts {
  std::uint64_t frames = 0;  ///< = inputs + not IP + damaged + observations
  std::uint64_t inputs = 0;
  std::uint64_t ipv6 = 0;                           ///< of the inputs
  std::map<std::uint16_t, std::uint64_t> not_ip{};  ///< by EtherType; 0: unknown
  std::array<std::uint64_t, static_cast<std::size_t>(io::LinkProblem::count_)> damaged{};
  ObservationCounts observations{};
  FrameName first_unpredicted{}, first_damaged{};
  ChecksumCounts checksums{};
  Time first = 0, last = 0;
  [[nodiscard]] std::uint64_t not_ip_frames() const;
  [[nodiscard]] std::uint64_t damaged_frames() const;
};

/// What became of the frame `stop`.
enum class StopFrame : std::uint8_t { not_reached, played, observed, unpredicted, looped, not_ip, damaged };

class Replay {
 public:
  /// Builds the engine from the box, takes over its state, opens the captures.
  [[nodiscard]] static Result<Replay, Errors> create(const Box& box, const ReplayOptions& options);
  /// The same over captures that are open already.
  [[nodiscard]] static Result<Replay, Errors> create(const Box& box, const ReplayOptions& options,
                                                     CaptureMerge captures);
  Replay(Replay&&) noexcept;
  Replay& operator=(Replay&&) noexcept;
  ~Replay();

  void add(ReplayListener& listener);
  /// Is called now and then with the progress, where it is known.
  void on_progress(std::function<void(std::optional<double>)> call);

  /// Plays everything. An error is one of the captures'.
  [[nodiscard]] Result<void> run();
  /// Places a packet that is in no capture: by `--iface`, its addresses and the routes.
  [[nodiscard]] Result<Placed> place(std::span<const std::uint8_t> bytes);
  /// Plays one packet that is in no capture, after all others. Its time is that of the last one.
  void play(std::span<const std::uint8_t> bytes, const Placed& placed, engine::Observer* observer);

  /// Everything that the box remembers, at end(); for state.jsonl.
  [[nodiscard]] State save();

  [[nodiscard]] EngineParts& parts();
  [[nodiscard]] const EngineParts& parts() const;
  [[nodiscard]] const host::Host& host() const;
  [[nodiscard]] Worker& worker();
  [[nodiscard]] const ReadCounts& counts() const;
  [[nodiscard]] const Directions& directions() const;
  [[nodiscard]] const CaptureMerge& captures() const;
  [[nodiscard]] StopFrame stop_frame() const;
  /// The moment that the output shows: of the last packet, plus `until`.
  [[nodiscard]] Time end() const;
  /// `monday.pcapng:8131`: without its directory, unless two captures bear the same name.
  [[nodiscard]] std::string name(const FrameName& frame) const;
  /// The same as it can be given to a command.
  [[nodiscard]] std::string path_of(const FrameName& frame) const;

 private:
  struct Impl;
  explicit Replay(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace utables::lab
