// SCTP (RFC 9260): which chunks, whose verification tags, what next.
//
// Vocabulary: a *tag* is the 32 bits that an end chose in its INIT or INIT ACK (the *initiate tag*) and that
// every packet to it bears from then on. tag[d] is the one that packets of direction d bear, so the initiate
// tag of a packet of direction d becomes the tag of the other.
//
// Chunks are judged in order, and what one did stays even if the next makes the packet INVALID. Beyond the
// table stand the tags, which can change: when both ends open at once or one starts anew (RFC 9260, 5.2), and
// on the further paths of an association (multihoming), which show themselves by a HEARTBEAT alone.
#include "packet/sctp.h"

#include <algorithm>
#include <array>

#include "conntrack/proto/protocol.h"

namespace utables::conntrack {
namespace {

namespace sctp = packet::sctp;
using Reason = InvalidReason;

/// What a packet holds, before its chunks are judged one by one.
struct Bundle {
  std::uint32_t tag = 0;
  bool has_data = false;
  bool opens_nothing = false;  ///< a chunk that never is an association's first
  bool judges_tags = false;    ///< a chunk that has a rule of its own about the tag
};

bool stands_alone(std::uint8_t type) {
  return type == sctp::kInit || type == sctp::kInitAck || type == sctp::kShutdownComplete;
}
bool stands_first(std::uint8_t type) { return type == sctp::kCookieEcho || type == sctp::kCookieAck; }
bool never_first(std::uint8_t type) {
  return type == sctp::kAbort || type == sctp::kShutdownComplete || type == sctp::kCookieAck;
}
bool judges_tags(std::uint8_t type) {
  constexpr std::array<std::uint8_t, 7> kTypes{
      sctp::kInit,        sctp::kAbort,     sctp::kShutdownComplete, sctp::kCookieEcho,
      sctp::kShutdownAck, sctp::kHeartbeat, sctp::kHeartbeatAck};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

/// One packet on its way through the machine.
class Machine {
 public:
  Machine(Connection& connection, const Seen& seen)
      : c_(connection),
        a_(connection.sctp),
        seen_(seen),
        bytes_(seen.packet.transport(), seen.packet.transport_size()),
        own_(static_cast<std::size_t>(seen.direction)),
        other_(own_ ^ 1) {}

  Judged run() {
    if (const Reason reason = malformed(); reason != Reason::none) return Judged::invalid(reason);
    bundle_.tag = load32(&bytes_[4]);
    if (const Reason reason = look_through(); reason != Reason::none) return Judged::invalid(reason);
    note_packet();
    if (!c_.is(kConfirmed))
      if (const Reason reason = open(); reason != Reason::none) return Judged::invalid(reason);
    if (bundle_.tag != a_.tag[own_]) {
      if (!bundle_.judges_tags) return refuse_tag();
      reached(Reached::sctp_tag_unchecked);
    }
    sctp::Chunks chunks(bytes_);
    while (const auto chunk = chunks.next())
      if (const Reason reason = judge(*chunk); reason != Reason::none) return Judged::invalid(reason);
    if (without_effect_) return Judged::accept();
    return Judged::refresh(seen_.settings->sctp_timeout[static_cast<std::size_t>(a_.state)]);
  }

 private:
  Reason malformed() const {
    if (!seen_.facts().has_transport_header) return Reason::truncated_header;
    if (checksum_refused(seen_.packet, *seen_.settings, seen_.arriving)) return Reason::bad_checksum;
    return Reason::none;
  }

  Judged refuse_tag() const {
    if (seen_.sctp_judgement != nullptr) seen_.sctp_judgement->tag_refused = true;
    return Judged::invalid(Reason::sctp_wrong_tag);
  }

  /// RFC 9260, 6.10: what may stand beside what.
  Reason look_through() {
    bool alone = false;
    unsigned count = 0;
    sctp::Chunks chunks(bytes_);
    for (; const auto chunk = chunks.next(); ++count) {
      alone = alone || stands_alone(chunk->type);
      const bool misplaced = count != 0 && (alone || stands_first(chunk->type));
      if (misplaced || chunk->length == 0) {
        if (seen_.sctp_judgement != nullptr)
          seen_.sctp_judgement->refused = {count, chunk->type, chunk->length, alone};
        return chunk->length == 0 ? Reason::sctp_bad_chunks : Reason::sctp_bad_bundle;
      }
      bundle_.has_data = bundle_.has_data || chunk->type == sctp::kData;
      bundle_.opens_nothing = bundle_.opens_nothing || never_first(chunk->type);
      bundle_.judges_tags = bundle_.judges_tags || judges_tags(chunk->type);
    }
    return count == 0 ? Reason::sctp_bad_chunks : Reason::none;
  }

  /// A new connection: may these chunks open it, and which tags do they show?
  Reason open() {
    a_ = SctpTracking{};
    if (bundle_.opens_nothing) return Reason::sctp_not_an_opener;  // RFC 9260, 8.4
    sctp::Chunks chunks(bytes_);
    while (const auto chunk = chunks.next()) {
      const SctpTables::Cell& cell = cell_of(*chunk);
      if (cell.next == SctpNext::none || cell.next == SctpNext::invalid) {
        ++seen_.reached.sctp_rows[cell.row];
        return Reason::sctp_not_an_opener;
      }
      if (chunk->type == sctp::kInit && bundle_.tag != 0) return Reason::sctp_init_tag;
      if (chunk->type == sctp::kHeartbeat) a_.tag[0] = bundle_.tag;
      if (chunk->type == sctp::kShutdownAck) a_.tag[1] = bundle_.tag;  // it is answered with the same (8.4)
    }
    return Reason::none;
  }

  Reason judge(const sctp::Chunk& chunk) {
    bool astray = false;
    if (const Reason reason = judge_tag(chunk, astray); reason != Reason::none) return reason;
    if (astray) return Reason::none;
    const SctpTables::Cell& cell = cell_of(chunk);
    ++seen_.reached.sctp_rows[cell.row];
    const SctpState before = a_.state;
    Reason reason = cell.next == SctpNext::invalid ? Reason::sctp_invalid_state : Reason::none;
    if (reason == Reason::none && (chunk.type == sctp::kInit || chunk.type == sctp::kInitAck))
      reason = take_initiate_tag(chunk);
    if (reason == Reason::none) move(chunk, cell.next);
    note_step(chunk, before, sctp_rows()[cell.row].why);
    return reason;
  }

  void move(const sctp::Chunk& chunk, SctpNext next) {
    const SctpState before = a_.state;
    const SctpState after = next == SctpNext::stay ? before : static_cast<SctpState>(next);
    if (chunk.type == sctp::kCookieAck) a_.opening = 0;
    if (chunk.type == sctp::kInit && before == SctpState::closed && after == SctpState::closed) {
      reached(Reached::sctp_init_again);
      without_effect_ = true;  // or whoever asks again and again would keep the entry for ever
    }
    if (after == before) return;
    a_.state = after;
    c_.event_bits |= kEventProtoInfo;
    const bool completes = before == SctpState::cookie_echoed || before == SctpState::heartbeat_sent;
    if (after != SctpState::established || !completes || c_.is(kAssured)) return;
    reached(Reached::sctp_assured);
    c_.set(kAssured);
    c_.event_bits |= kEventAssured;
  }

  // --- tags

  Reason judge_tag(const sctp::Chunk& chunk, bool& astray) {
    const bool right = bundle_.tag == a_.tag[own_];
    switch (chunk.type) {
      case sctp::kInit:
        return bundle_.tag == 0 ? Reason::none : Reason::sctp_init_tag;
      case sctp::kCookieEcho:
        return right ? Reason::none : Reason::sctp_wrong_tag;
      case sctp::kAbort:
      case sctp::kShutdownComplete:
        if ((chunk.flags & sctp::kTagReflected) == 0) return right ? Reason::none : Reason::sctp_wrong_tag;
        if (bundle_.tag != a_.tag[other_]) return Reason::sctp_wrong_tag;
        reached(Reached::sctp_tag_reflected);
        return Reason::none;
      case sctp::kHeartbeat:
      case sctp::kHeartbeatAck:
        return judge_heartbeat(chunk, astray);
      default:
        return Reason::none;
    }
  }

  /// A HEARTBEAT on a path on which another association was before bears a tag that is not known here. It
  /// passes, without effect; if it is answered with that tag, the tag is the association's.
  Reason judge_heartbeat(const sctp::Chunk& chunk, bool& astray) {
    if (a_.tag[own_] == 0) {
      if (bundle_.tag != 0) reached(Reached::sctp_heartbeat_taught);
      a_.tag[own_] = bundle_.tag;
      return Reason::none;
    }
    if (bundle_.tag == a_.tag[own_]) {
      if (a_.heartbeat_astray) reached(Reached::sctp_heartbeat_corrected);
      a_.heartbeat_astray = false;
      return Reason::none;
    }
    if (bundle_.has_data || without_effect_) return Reason::sctp_wrong_tag;
    if (chunk.type == sctp::kHeartbeat) {
      reached(Reached::sctp_heartbeat_astray);
      a_.heartbeat_astray = astray = without_effect_ = true;
      a_.astray_direction = static_cast<std::uint8_t>(own_);
      note_step(chunk, a_.state, "a HEARTBEAT with another tag: passes, without effect");
      return Reason::none;
    }
    if (!a_.heartbeat_astray || a_.astray_direction == own_) return Reason::sctp_wrong_tag;
    reached(Reached::sctp_heartbeat_adopted);
    a_.heartbeat_astray = false;
    a_.tag[own_] = bundle_.tag;
    a_.tag[other_] = 0;
    return Reason::none;
  }

  [[nodiscard]] bool opening(std::size_t direction) const { return (a_.opening >> direction & 1) != 0; }

  /// INIT and INIT ACK say which tag the other direction's packets have to bear.
  Reason take_initiate_tag(const sctp::Chunk& chunk) {
    if (chunk.offset + sctp::kInitChunk > bytes_.size()) return Reason::sctp_short_init;
    const std::uint32_t tag = load32(&bytes_[chunk.offset + sctp::kChunkHeader]);
    std::uint32_t& known = a_.tag[other_];
    if (chunk.type == sctp::kInit) {
      if (known != tag || !c_.is(kConfirmed)) note_opening();
    } else if (known != tag) {
      // Only the answer to an INIT of the other end may bring another tag than is known; and an end that sent
      // an INIT of its own has said its tag there.
      if (opening(own_) && opening(other_)) {
        reached(Reached::sctp_init_ack_collided);
        return Reason::sctp_wrong_initiate_tag;
      }
      if (known != 0 && !opening(other_)) return Reason::sctp_wrong_initiate_tag;
      if (known != 0) reached(Reached::sctp_init_ack_accepted);
    }
    known = tag;
    return Reason::none;
  }

  void note_opening() {
    if (opening(own_) && opening(other_)) {
      reached(Reached::sctp_init_restarted);
      a_.opening = 0;
    }
    if (opening(other_)) reached(Reached::sctp_init_collision);
    a_.opening = static_cast<std::uint8_t>(a_.opening | 1U << own_);
  }

  // --- telling

  [[nodiscard]] const SctpTables::Cell& cell_of(const sctp::Chunk& chunk) const {
    return seen_.sctp.at(seen_.direction, chunk_of_type(chunk.type), a_.state);
  }
  void reached(Reached::Special special) { ++seen_.reached.special[special]; }

  void note_packet() {
    SctpJudgement* const j = seen_.sctp_judgement;
    if (j == nullptr) return;
    j->judged = true;
    j->direction = seen_.direction;
    j->tag = bundle_.tag;
    j->expected_tag = {a_.tag[own_], a_.tag[other_]};
  }
  void note_step(const sctp::Chunk& chunk, SctpState before, std::string_view why) {
    SctpJudgement* const j = seen_.sctp_judgement;
    if (j == nullptr) return;
    j->last = {chunk.type, before, a_.state, why};
    if (j->count < j->steps.size()) j->steps[j->count++] = j->last;
  }

  Connection& c_;
  SctpTracking& a_;
  const Seen& seen_;
  std::span<const std::uint8_t> bytes_;
  const std::size_t own_, other_;
  Bundle bundle_{};
  bool without_effect_ = false;  ///< the packet passes, but renews nothing and is not counted
};

}  // namespace

Judged track_sctp(Connection& connection, const Seen& seen) { return Machine(connection, seen).run(); }

}  // namespace utables::conntrack
