#include "lab/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "conntrack/synproxy/cookies.h"
#include "engine/compiled.h"
#include "engine/memory.h"
#include "lab/capture/flow_map.h"
#include "lab/capture/program_side.h"
#include "lab/state/state.h"

namespace utables::lab {
namespace {

constexpr unsigned kLargestBatch = 256;
/// What a batch of packets may take; a batch that reaches it is played.
constexpr std::size_t kBatchBytes = 4U << 20;
/// Room behind each packet, for options that the box adds.
constexpr std::uint32_t kRoom = 128;
constexpr std::uint64_t kProgressFrames = 4096;

std::uint64_t total(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Errors one(Error error) {
  Errors errors;
  errors.push_back(std::move(error));
  return errors;
}

/// The captures' names without directories, where they stay apart.
std::vector<std::string> shorten_names(const CaptureMerge& captures) {
  std::vector<std::string> full, base;
  for (std::uint16_t i = 0; i < captures.files(); ++i) {
    full.push_back(captures.file_name(i));
    base.push_back(full.back().substr(full.back().rfind('/') + 1));
  }
  std::vector<std::string> sorted = base;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() ? base : full;
}

std::string state_file(const Box& box) { return box.text.name + "state.jsonl"; }

/// The state that comes with a box, if any.
Result<std::optional<State>, Errors> read_box_state(const Box& box, const EngineParts& parts) {
  if (box.text.state.empty()) return std::optional<State>{};
  auto state = read_state(box.text.state, state_file(box), parts.host);
  if (!state) return tl::unexpected<Errors>(std::move(state.error()));
  if (state->profile != parts.options.profile)
    return tl::unexpected<Errors>(
        one(Error{"this state is of the other profile (--profile)", state_file(box), 1}));
  return std::optional<State>(std::move(*state));
}

}  // namespace

std::uint64_t ReadCounts::not_ip_frames() const {
  return std::accumulate(not_ip.begin(), not_ip.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& row) { return sum + row.second; });
}
std::uint64_t ReadCounts::damaged_frames() const { return total(damaged); }

struct Replay::Impl final : Sink {
  Impl(Engine made, CaptureMerge merged, Directions found, const ReplayOptions& given)
      : engine(std::move(made)),
        worker(engine.worker()),
        captures(std::move(merged)),
        directions(std::move(found)),
        options(given) {
    options.batch = std::clamp(options.batch, 1U, kLargestBatch);
    short_names = shorten_names(captures);
    engine.parts().tracker->set_cookies(&cookies);
    for (const rules::Table& table : engine.parts().rules_v4->ruleset().tables)
      translates = translates || table.id == rules::TableId::nat;
  }

  // Sink: the engine's words, handed on with the input that they are about.
  [[nodiscard]] const InputPacket* cause(std::uint32_t index) const {
    return index < playing ? &inputs[index] : nullptr;
  }
  void sent(const Sent& s) override {
    const InputPacket* const from = cause(s.cause);
    // What a program sent is in the capture as it left: it is not seen a second time.
    if (from == nullptr || !from->placed.outbound || s.made_here)
      predictions.add({s.bytes, s.interface, s.time, from != nullptr ? from->order : order, s.made_here});
    for (ReplayListener* l : listeners) l->sent(s, from);
  }
  void outcome(const Outcome& o) override {
    for (ReplayListener* l : listeners) l->outcome(o, inputs[o.packet]);
  }
  void log(const LogLine& line) override {
    for (ReplayListener* l : listeners) l->log(line, cause(line.cause));
  }
  void event(std::string_view line, Time when) override {
    for (ReplayListener* l : listeners) l->event(line, when);
  }
  [[nodiscard]] bool wants_events() const override { return events; }

  Result<void> restore(const State& state);
  Result<void> begin(Time first);
  Result<void> run();
  Result<void> take(const MergedFrame& merged);
  void take_outbound(InputPacket& input, std::span<const std::uint8_t> bytes, const io::LinkLayer& link);
  [[nodiscard]] bool of_programs(const InputPacket& input);
  bool predicted_or_played(InputPacket& input, std::span<const std::uint8_t> bytes, const LinkFacts& link);
  void enqueue(const InputPacket& input, std::span<const std::uint8_t> bytes, const LinkFacts& link);
  void flush();
  void resolve_pending();
  [[nodiscard]] bool is_stop(const FrameName& f) const {
    return options.stop.number != 0 && f.number == options.stop.number && f.file == options.stop.file;
  }

  /// An outbound frame that is surely an observation, waiting for the batch that may predict it.
  struct Pending {
    InputPacket input{};
    std::size_t offset = 0;
    std::uint32_t size = 0;
  };

  Engine engine;
  Worker worker;
  CaptureMerge captures;
  Directions directions;
  ReplayOptions options;
  std::vector<ReplayListener*> listeners{};
  std::function<void(std::optional<double>)> progress{};
  bool originals = false, events = false;
  bool translates = false;  // the nat table is loaded

  std::vector<std::string> short_names{};  // of the captures
  ReadCounts counts{};
  Predictions predictions{};
  Senders senders{};
  RecordedCookies cookies{engine.parts().tracker->cookies()};
  StopFrame stop_frame = StopFrame::not_reached;

  std::array<Packet, kLargestBatch> packets{};
  std::array<InputPacket, kLargestBatch> inputs{};
  std::array<std::size_t, kLargestBatch> offsets{};
  unsigned filled = 0;   // packets that wait
  unsigned playing = 0;  // packets of the batch in the engine
  std::vector<std::uint8_t> bytes{}, copies{};
  std::vector<Pending> pending{};
  std::vector<std::uint8_t> pending_bytes{};
  std::uint64_t order = 0;         // of the frame that was read last
  Time saved_at = 0;               // of the box's state
  std::optional<State> waiting{};  // a state that begins with the first packet
  std::string waiting_file{};
  Time now = 0;  // never runs backwards, frames or not
};

Result<Replay, Errors> Replay::create(const Box& box, const ReplayOptions& options) {
  auto captures = CaptureMerge::open(options.captures);
  if (!captures) return tl::unexpected<Errors>(one(captures.error()));
  return create(box, options, std::move(*captures));
}

Result<Replay, Errors> Replay::create(const Box& box, const ReplayOptions& options, CaptureMerge captures) {
  Options wanted = options.engine;
  wanted.ignore_checksums = wanted.ignore_checksums || options.checksums == ChecksumMode::ignore;
  BoxText text = box.text;
  if (!text.state.empty()) {
    text.loaded_tables = saved_tables(text.state, Family::ipv4);
    text.loaded_tables_v6 = saved_tables(text.state, Family::ipv6);
  }
  auto engine = Engine::create(text, wanted);
  if (!engine) {
    name_files(box, engine.error());
    return tl::unexpected<Errors>(std::move(engine.error()));
  }
  auto state = read_box_state(box, engine->parts());
  if (!state) return tl::unexpected<Errors>(std::move(state.error()));
  auto directions =
      Directions::create(engine->parts().host, box.text.has_net_ip, options.interfaces, captures.files());
  if (!directions) return tl::unexpected<Errors>(one(directions.error()));
  auto impl =
      std::make_unique<Impl>(std::move(*engine), std::move(captures), std::move(*directions), options);
  if (*state && (*state)->time == 0 && impl->captures.files() != 0) {
    impl->waiting = std::move(**state);
    impl->waiting_file = state_file(box);
  } else if (*state) {
    if (auto taken = impl->restore(**state); !taken)
      return tl::unexpected<Errors>(one(Error{taken.error().text, state_file(box)}));
  }
  return Replay(std::move(impl));
}

Replay::Replay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Replay::Replay(Replay&&) noexcept = default;
Replay& Replay::operator=(Replay&&) noexcept = default;
Replay::~Replay() = default;

void Replay::add(ReplayListener& listener) {
  impl_->listeners.push_back(&listener);
  impl_->originals = impl_->originals || listener.wants_original();
  impl_->events = impl_->events || listener.wants_events();
}
void Replay::on_progress(std::function<void(std::optional<double>)> call) {
  impl_->progress = std::move(call);
}

Result<void> Replay::run() { return impl_->run(); }

Result<void> Replay::Impl::restore(const State& state) {
  EngineParts& parts = engine.parts();
  for (const conntrack::Connection& c : state.connections) {
    if (auto taken = parts.tracker->restore(c); !taken)
      return fail(fmt::format("connection {} ({}): {}", c.serial, conntrack::to_string(c.original()),
                              taken.error().text));
  }
  if (auto taken = parts.tracker->restore(state.tracker); !taken) return taken;
  saved_at = state.time;
  predictions.restore(state.predictions);
  senders.restore(state.senders);
  cookies.restore(state.answered);
  return engine::restore_memory(state.engine, parts, worker);
}

/// Takes over a state that waited for its moment.
Result<void> Replay::Impl::begin(Time first) {
  if (!waiting) return {};
  State state = std::move(*waiting);
  waiting.reset();
  begin_at(state, first);
  if (auto taken = restore(state); !taken)
    return tl::unexpected<Error>(Error{taken.error().text, waiting_file});
  return {};
}

State Replay::save() {
  State state;
  EngineParts& parts = impl_->engine.parts();
  state.profile = parts.options.profile;
  state.time = end();
  for (const Family family : {Family::ipv4, Family::ipv6})
    for (const rules::Table& table : parts.rules(family).ruleset().tables)
      (family == Family::ipv6 ? state.tables_v6 : state.tables)
          .emplace_back(rules::kTableNames[static_cast<std::size_t>(table.id)]);
  parts.tracker->for_each(state.time,
                          [&](const conntrack::Connection& c) { state.connections.push_back(c); });
  state.tracker = parts.tracker->memory();
  keep_known(state);
  state.engine = engine::save_memory(parts, impl_->worker);
  for (std::size_t i = 0; i < state.engine.fragments.size(); ++i)
    state.engine.fragments[i].serial = i + 1;  // their order alone counts
  state.predictions = impl_->predictions.save(state.time);
  state.senders = impl_->senders.save();
  state.answered = impl_->cookies.save(state.time);
  return state;
}

Result<void> Replay::Impl::run() {
  for (;;) {
    auto next = captures.next();
    if (!next) return tl::unexpected<Error>(next.error());
    if (*next == nullptr) break;
    ++order;
    if (auto taken = take(**next); !taken) return taken;
    if (progress && order % kProgressFrames == 0) progress(captures.progress());
    if (stop_frame != StopFrame::not_reached) break;
  }
  flush();
  if (auto begun = begin(0); !begun) return begun;
  if (counts.frames == 0) now = saved_at;
  worker.advance(now + options.until, *this);
  if (progress) progress(1.0);
  return {};
}

Result<void> Replay::Impl::take(const MergedFrame& merged) {
  InputPacket input;
  input.frame = {merged.file, merged.frame.number};
  input.order = order;
  input.time = now = std::max(now, merged.time);
  if (counts.frames++ == 0) {
    counts.first = input.time;
    if (auto begun = begin(input.time); !begun) return begun;
  }
  counts.last = input.time;
  const bool stop = is_stop(input.frame);

  io::LinkLayer link;
  const io::LinkProblem problem = io::parse_link(merged.frame, link);
  if (problem == io::LinkProblem::unknown_link_type) {
    if (auto known = io::check_link_type(merged.frame.link_type); !known)
      return tl::unexpected<Error>(Error{fmt::format("{}:{}: {}", captures.file_name(merged.file),
                                                     merged.frame.number, known.error().text)});
  }
  if (problem != io::LinkProblem::none) {
    if (counts.damaged_frames() == 0) counts.first_damaged = input.frame;
    ++counts.damaged[static_cast<std::size_t>(problem)];
    if (stop) stop_frame = StopFrame::damaged;
    return {};
  }
  if (link.ether_type != io::ethertype::kIpv4 && link.ether_type != io::ethertype::kIpv6) {
    ++counts.not_ip[link.ether_type];
    if (stop) stop_frame = StopFrame::not_ip;
    return {};
  }

  const std::span<const std::uint8_t> packet = merged.frame.bytes.subspan(link.offset, link.size);
  if (options.literal) link.wire_size = link.size;
  input.wire_size = link.wire_size;
  input.link = link.facts;
  input.parsed = packet::parse(packet, link.wire_size, input.facts) == DropReason::none;
  if (input.parsed) input.flow = flow_hash(input.facts);
  auto placed = directions.place(merged.frame, link, merged.file, packet);
  if (!placed)
    return tl::unexpected<Error>(Error{
        fmt::format("{}:{}: {}", captures.file_name(merged.file), merged.frame.number, placed.error().text)});
  input.placed = *placed;
  if (stop) {
    flush();
    stop_frame = StopFrame::played;
    engine.parts().observer = options.observer;
  }
  if (input.placed.outbound) {
    take_outbound(input, packet, link);
  } else if (engine.parts().host.at(input.placed.interface).kind == host::LinkKind::loopback) {
    ++counts.observations.looped;  // what the box sent to itself came by already, on its way out
    if (stop) stop_frame = StopFrame::looped;
  } else {
    if (input.parsed) senders.saw(input.facts.source);
    enqueue(input, packet, link.facts);
  }
  return {};
}

void Replay::Impl::take_outbound(InputPacket& input, std::span<const std::uint8_t> packet,
                                 const io::LinkLayer& link) {
  ++counts.observations.outbound;
  if ((translates || of_programs(input)) && predicted_or_played(input, packet, link.facts)) return;
  if (pending_bytes.size() > kBatchBytes) flush();
  pending.push_back({input, pending_bytes.size(), static_cast<std::uint32_t>(packet.size())});
  pending_bytes.insert(pending_bytes.end(), packet.begin(), packet.end());
}

/// Nobody but a program of the box sends from such an address.
bool Replay::Impl::of_programs(const InputPacket& input) {
  const host::Host& host = engine.parts().host;
  if (host.at(input.placed.interface).kind == host::LinkKind::loopback) return true;
  const Address& source = input.facts.source;
  return input.parsed &&
         (source.is_zero() || host.is_local(source, input.facts.family) || !senders.has(source));
}

/// An outbound frame that may be a program's: the packets before it have to be played to know. False: it is
/// an observation that nothing predicted.
bool Replay::Impl::predicted_or_played(InputPacket& input, std::span<const std::uint8_t> packet,
                                       const LinkFacts& link) {
  flush();
  if (predictions.consume({packet, input.placed.interface, input.time, input.order, false})) {
    ++counts.observations.predicted;
    if (is_stop(input.frame)) stop_frame = StopFrame::observed;
    return true;
  }
  if (input.parsed && cookies.learn(input.facts)) return false;
  const ProgramSide side = input.parsed ? program_side(engine.parts(), input.facts, now) : ProgramSide{};
  if (!side && !of_programs(input)) return false;
  ++counts.observations.played;
  if (!side) {
    enqueue(input, packet, link);
    return true;
  }
  std::vector<std::uint8_t> written(packet.begin(), packet.end());
  as_program_wrote(side, written, input.facts);
  enqueue(input, written, link);
  return true;
}

void Replay::Impl::enqueue(const InputPacket& input, std::span<const std::uint8_t> packet,
                           const LinkFacts& link) {
  if (filled == options.batch || bytes.size() > kBatchBytes) flush();
  ++counts.inputs;
  if (input.parsed ? input.facts.family == Family::ipv6 : (!packet.empty() && packet[0] >> 4 == 6))
    ++counts.ipv6;
  const std::size_t offset = bytes.size();
  offsets[filled] = offset;
  bytes.resize(offset + packet.size() + kRoom);
  std::copy(packet.begin(), packet.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  Packet& out = packets[filled];
  out = Packet{};
  out.bytes = bytes.data() + offset;  // set anew in flush(): the buffer may move
  out.size = static_cast<std::uint32_t>(packet.size());
  out.room = out.size + kRoom;
  out.wire_size = input.wire_size;
  out.interface = input.placed.interface;
  out.outbound = input.placed.outbound;
  out.type = input.placed.type;
  out.link = link;
  if (input.parsed)
    judge_checksums(options.checksums, input.facts, engine.parts().host.at(input.placed.interface).mtu, out,
                    counts.checksums);
  inputs[filled++] = input;
}

void Replay::Impl::flush() {
  if (filled != 0) {
    if (originals) copies.assign(bytes.begin(), bytes.end());
    const Time start = inputs[0].time;
    for (unsigned i = 0; i < filled; ++i) {
      packets[i].bytes = bytes.data() + offsets[i];
      packets[i].later = inputs[i].time - start;
      if (originals) inputs[i].original = {copies.data() + offsets[i], packets[i].size};
    }
    playing = filled;
    worker.process(std::span<Packet>(packets.data(), filled), start, *this);
    playing = filled = 0;
    bytes.clear();
  }
  if (!pending.empty()) resolve_pending();
}

void Replay::Impl::resolve_pending() {
  for (Pending& p : pending) {
    p.input.original = {pending_bytes.data() + p.offset, p.size};
    const bool stop = is_stop(p.input.frame);
    if (predictions.consume(
            {p.input.original, p.input.placed.interface, p.input.time, p.input.order, false})) {
      ++counts.observations.predicted;
      if (stop) stop_frame = StopFrame::observed;
      continue;
    }
    if (counts.observations.unpredicted++ == 0) counts.first_unpredicted = p.input.frame;
    if (stop) stop_frame = StopFrame::unpredicted;
    for (ReplayListener* l : listeners) l->unpredicted(p.input);
  }
  pending.clear();
  pending_bytes.clear();
}

Result<Placed> Replay::place(std::span<const std::uint8_t> bytes) {
  return impl_->directions.place({}, {}, 0, bytes);
}

void Replay::play(std::span<const std::uint8_t> packet, const Placed& placed, engine::Observer* observer) {
  InputPacket input;
  input.order = ++impl_->order;
  input.time = impl_->now = std::max(impl_->now, impl_->saved_at);
  input.placed = placed;
  input.wire_size = static_cast<std::uint32_t>(packet.size());
  input.parsed = packet::parse(packet, input.wire_size, input.facts) == DropReason::none;
  if (input.parsed) input.flow = flow_hash(input.facts);
  impl_->flush();
  impl_->engine.parts().observer = observer;
  impl_->enqueue(input, packet, {});
  impl_->flush();
  impl_->engine.parts().observer = nullptr;
}

EngineParts& Replay::parts() { return impl_->engine.parts(); }
const EngineParts& Replay::parts() const { return impl_->engine.parts(); }
const host::Host& Replay::host() const { return impl_->engine.parts().host; }
Worker& Replay::worker() { return impl_->worker; }
const ReadCounts& Replay::counts() const { return impl_->counts; }
const Directions& Replay::directions() const { return impl_->directions; }
const CaptureMerge& Replay::captures() const { return impl_->captures; }
StopFrame Replay::stop_frame() const { return impl_->stop_frame; }
Time Replay::end() const { return impl_->now + impl_->options.until; }
std::string Replay::name(const FrameName& frame) const {
  return fmt::format("{}:{}", impl_->short_names[frame.file], frame.number);
}
std::string Replay::path_of(const FrameName& frame) const {
  return fmt::format("{}:{}", impl_->captures.file_name(frame.file), frame.number);
}

}  // namespace utables::lab
