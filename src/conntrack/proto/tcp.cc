// TCP (RFC 9293; R01, R04-R07): which event, what next, is it in the window, how long does it live.
// The first and third are here and in tcp_window.cc, the second and fourth are the tables of tcp_states.h.
//
// Beyond the table stand the cases in which a bystander must not believe his eyes: a SYN inside a
// connection, and what answers it; resets, which anybody can send; reuse of a closed connection's ports.
#include "conntrack/proto/tcp_window.h"

namespace utables::conntrack {
namespace {

namespace flag = packet::tcp;
constexpr Duration kShortestShortened = 120 * kSecond;

TcpEvent event_of(std::uint8_t flags) {
  if ((flags & flag::kRst) != 0) return TcpEvent::rst;
  if ((flags & flag::kSyn) != 0) return (flags & flag::kAck) != 0 ? TcpEvent::syn_ack : TcpEvent::syn;
  if ((flags & flag::kFin) != 0) return TcpEvent::fin;
  return (flags & flag::kAck) != 0 ? TcpEvent::ack : TcpEvent::none;
}

/// Combinations that some TCP sends; PSH, ECE and CWR may stand beside any.
bool flags_make_sense(std::uint8_t flags, Profile profile) {
  constexpr std::uint8_t kMeaningful[] = {
      flag::kSyn,
      flag::kSyn | flag::kUrg,
      flag::kSyn | flag::kAck,
      flag::kRst,
      flag::kRst | flag::kAck,
      flag::kFin | flag::kAck,
      flag::kFin | flag::kAck | flag::kUrg,
      flag::kAck,
      flag::kAck | flag::kUrg,
  };
  const auto bits =
      static_cast<std::uint8_t>(flags & (flag::kFin | flag::kSyn | flag::kRst | flag::kAck | flag::kUrg));
  for (const std::uint8_t meaningful : kMeaningful)
    if (bits == meaningful) return true;
  return profile == Profile::classic && bits == 0;
}

InvalidReason malformed(const Seen& seen) {
  const packet::Facts& facts = seen.facts();
  if (!facts.has_transport_header) return InvalidReason::truncated_header;
  if (facts.tcp_header_size < 20 || facts.tcp_header_size > facts.transport_length())
    return InvalidReason::tcp_bad_header_length;
  if (checksum_refused(seen.packet, *seen.settings, seen.arriving)) return InvalidReason::bad_checksum;
  if (!flags_make_sense(facts.tcp_flags, seen.settings->profile)) return InvalidReason::tcp_bad_flags;
  return InvalidReason::none;
}

/// Closing states: such entries are the first to go, and their figures may be of no use any more.
bool is_closing(const Connection& c) {
  switch (c.tcp.state) {
    case TcpState::fin_wait:
    case TcpState::close_wait:
    case TcpState::last_ack:
    case TcpState::time_wait:
    case TcpState::close:
      return true;
    default:
      return false;
  }
}

bool is_established(const Connection& c) { return c.tcp.state == TcpState::established && c.is(kAssured); }

/// One segment on its way through the machine.
class Machine {
 public:
  Machine(Connection& connection, const Seen& seen)
      : c_(connection),
        tcp_(connection.tcp),
        seen_(seen),
        facts_(seen.facts()),
        event_(event_of(facts_.tcp_flags)),
        direction_(static_cast<std::uint8_t>(seen.direction)) {}

  Judged run() {
    if (!c_.is(kConfirmed))
      if (const auto reason = open(); reason != InvalidReason::none) return Judged::invalid(reason);
    old_ = tcp_.state;
    const TcpTables::Cell& cell = seen_.tcp.at(seen_.direction, event_, old_);
    next_ = cell.next;
    note_row(cell.row);
    const Judged judged = decide();
    if (seen_.judgement != nullptr) seen_.judgement->state_after = tcp_.state;
    return judged;
  }

 private:
  enum class Reset : std::uint8_t { check_window, skip_window, invalid };

  /// A new connection: may this packet open it?
  InvalidReason open() {
    const TcpTables::Cell& cell = seen_.tcp.at(Direction::original, event_, TcpState::none);
    const bool syn = cell.next == TcpNext::syn_sent;
    if (cell.next == TcpNext::invalid || cell.next == TcpNext::ignore) {
      note_row(cell.row);
      return InvalidReason::tcp_not_an_opener;
    }
    if (!syn && !seen_.settings->tcp_loose) return InvalidReason::tcp_not_loose;
    open_window(tcp_, seen_.packet, syn);
    return InvalidReason::none;
  }

  Judged decide() {
    switch (next_) {
      case TcpNext::invalid:
        if (!keeps_proxy_alive()) return Judged::invalid(InvalidReason::tcp_invalid_state);
        reached(Reached::proxy_kept_alive);
        return Judged::accept();
      case TcpNext::ignore:
        return ignored();
      case TcpNext::syn_sent:
        if (old_ < TcpState::time_wait || old_ == TcpState::syn_sent2) break;
        if (may_reopen()) return reopen();
        return ignored();
      case TcpNext::time_wait:
        if (!is_challenge_ack()) break;
        reached(Reached::challenge_ack);
        doubt(TcpDoubt::challenge_ack);
        tcp_.challenge_ack_expected = false;
        return Judged::accept();
      case TcpNext::syn_sent2:
        tcp_.simultaneous_open = true;
        break;
      case TcpNext::syn_recv:
        if (direction_ == 1 && event_ == TcpEvent::ack && tcp_.simultaneous_open)
          next_ = TcpNext::established;
        break;
      case TcpNext::close:
        if (event_ != TcpEvent::rst) break;
        switch (judge_reset()) {
          case Reset::invalid:
            return Judged::invalid(InvalidReason::tcp_rst_inexact);
          case Reset::skip_window:
            return believe();
          case Reset::check_window:
            break;
        }
        break;
      default:
        break;
    }
    return windowed();
  }

  /// The client of a proxy may ask whether the connection is alive (RFC 9293 3.8.4) before the server has
  /// answered: then the proxy opens it once more.
  [[nodiscard]] bool keeps_proxy_alive() const {
    return c_.proxied && old_ == TcpState::syn_sent && event_ == TcpEvent::ack && direction_ == 0 &&
           tcp_.last_direction == 0 && tcp_.end[0].end - 1 == facts_.tcp_seq;
  }

  // --- a SYN on a closed connection

  [[nodiscard]] bool may_reopen() const {
    return tcp_.end[0].close_init || tcp_.end[1].close_init ||
           (tcp_.last_direction == direction_ && tcp_.last_event == TcpEvent::rst);
  }
  Judged reopen() {
    reached(Reached::reopened);
    return {Judged::Kind::reopen, InvalidReason::none, -1, false};
  }

  // --- packets that are let through, but not believed

  Judged ignored() {
    if (answers_ignored_syn()) {
      synchronise();
      return windowed();
    }
    doubt(TcpDoubt::ignored);
    tcp_.last_event = event_;
    tcp_.last_direction = direction_;
    tcp_.last_sequence = facts_.tcp_seq;
    tcp_.last_end = segment_end(facts_);
    tcp_.last_window = facts_.tcp_window;
    if (event_ == TcpEvent::syn && direction_ == 0) note_ignored_syn();
    if (old_ == TcpState::syn_sent && event_ == TcpEvent::ack && direction_ == 1)
      tcp_.last_acknowledgement = facts_.tcp_ack;
    return Judged::accept();
  }

  [[nodiscard]] bool answers_ignored_syn() const {
    return event_ == TcpEvent::syn_ack && tcp_.last_event == TcpEvent::syn &&
           tcp_.last_direction != direction_ && facts_.tcp_ack == tcp_.last_end;
  }

  /// Both ends agreed on a connection that this table had refused to believe: it follows them.
  void synchronise() {
    reached(Reached::synchronised);
    old_ = TcpState::syn_sent;
    next_ = TcpNext::syn_recv;
    TcpEnd& opener = tcp_.end[tcp_.last_direction];
    const std::uint32_t max_ack = opener.max_ack;
    opener = TcpEnd{};
    opener.end = opener.max_end = tcp_.last_end;
    opener.max_win = tcp_.last_window == 0 ? 1 : tcp_.last_window;
    opener.max_ack = max_ack;
    opener.scale = tcp_.last_scale;
    opener.window_scale = tcp_.last_window_scale;
    opener.sack_permitted = tcp_.last_sack_permitted;
    tcp_.challenge_ack_expected = false;
    const bool be_liberal = tcp_.end[direction_].be_liberal;
    tcp_.end[direction_] = TcpEnd{};
    tcp_.end[direction_].be_liberal = be_liberal;
  }

  void note_ignored_syn() {
    const SynOptions options = syn_options(seen_.packet).value_or(SynOptions{});
    tcp_.last_window_scale = options.window_scale;
    tcp_.last_scale = options.scale;
    tcp_.last_sack_permitted = options.sack_permitted;
    tcp_.simultaneous_open = false;
    tcp_.challenge_ack_expected = old_ == TcpState::last_ack;
  }

  [[nodiscard]] bool is_challenge_ack() const {  // RFC 5961, 4.2
    return old_ == TcpState::last_ack && event_ == TcpEvent::ack && tcp_.last_direction != direction_ &&
           tcp_.last_event == TcpEvent::syn && tcp_.challenge_ack_expected;
  }

  // --- resets

  Reset judge_reset() {
    if (is_closing(c_)) {
      reached(Reached::reset_unchecked);
      return Reset::skip_window;
    }
    const TcpEnd& receiver = tcp_.end[direction_ ^ 1];
    if (receiver.max_ack_set && tcp_.last_event != TcpEvent::syn) {
      const std::uint32_t seq = facts_.tcp_seq;
      if (seq == 0 && !is_established(c_)) return Reset::check_window;  // answers a SYN let through before
      if (before(seq, receiver.max_ack) && !seen_.settings->tcp_ignore_invalid_rst) return Reset::invalid;
      if (!is_established(c_) || seq == receiver.max_ack) return Reset::check_window;
      if (tcp_.last_event == TcpEvent::ack && tcp_.last_direction == direction_ && seq == tcp_.last_end) {
        reached(Reached::reset_in_train);
        return Reset::check_window;
      }
      reached(Reached::reset_kept);
      next_ = static_cast<TcpNext>(old_);  // the other end may answer with a challenge ACK
    }
    if (!answers_ignored_packet()) return Reset::check_window;
    reached(Reached::reset_of_ignored);
    return Reset::skip_window;
  }

  /// A reset of a SYN or ACK that was let through without being believed.
  [[nodiscard]] bool answers_ignored_packet() const {
    const bool of_syn =
        c_.is(kSeenReply) && tcp_.last_event == TcpEvent::syn && tcp_.last_direction != direction_;
    const bool of_ack = !c_.is(kAssured) && tcp_.last_event == TcpEvent::ack;
    if ((of_syn || of_ack) && facts_.tcp_ack == tcp_.last_end) return true;
    // The opener resets the connection that a challenge ACK told it of (RFC 5961, 4).
    return old_ == TcpState::syn_sent && tcp_.last_event == TcpEvent::ack && tcp_.last_direction == 1 &&
           facts_.tcp_seq == tcp_.last_acknowledgement;
  }

  // --- the window

  Judged windowed() {
    const WindowVerdict verdict = check_window(tcp_, event_, seen_);
    ++seen_.reached.window[static_cast<std::size_t>(verdict)];
    if (seen_.judgement != nullptr) seen_.judgement->window_verdict = verdict;
    if (verdict == WindowVerdict::inside || verdict == WindowVerdict::not_checked) return believe();
    if (tcp_.end[direction_].be_liberal || seen_.settings->tcp_be_liberal) return believe();
    doubt(TcpDoubt::outside);
    if (verdict == WindowVerdict::seq_beyond) return outside(InvalidReason::tcp_seq_beyond);
    if (verdict == WindowVerdict::ack_beyond) return outside(InvalidReason::tcp_ack_beyond);
    return Judged::accept();
  }

  /// A FIN or RST that cannot be believed may still mean the end: when both directions sent one, the
  /// connection does not keep a timeout of days.
  Judged outside(InvalidReason reason) {
    Judged judged = Judged::invalid(reason);
    const bool ends = event_ == TcpEvent::rst || event_ == TcpEvent::fin;
    if (!ends || !c_.is(kAssured) || c_.is(kFixedTimeout) || seen_.settings->profile == Profile::classic)
      return judged;
    const bool answered = tcp_.last_direction != direction_ &&
                          (tcp_.last_event == TcpEvent::fin || tcp_.last_event == TcpEvent::rst);
    if (!answered) {
      tcp_.last_event = event_;
      tcp_.last_direction = direction_;
      return judged;
    }
    const Duration left = c_.deadline - seen_.now;
    if (left < kShortestShortened || left <= seen_.settings->tcp_timeout_unacknowledged) return judged;
    reached(Reached::invalid_shortened);
    judged.timeout = seen_.settings->tcp_timeout_unacknowledged;
    if (seen_.judgement != nullptr) {
      seen_.judgement->lowered_to = judged.timeout;
      seen_.judgement->answered = tcp_.last_event;
    }
    return judged;
  }

  // --- what is believed

  Judged believe() {
    tcp_.last_event = event_;
    tcp_.last_direction = direction_;
    const auto state = static_cast<TcpState>(next_);
    tcp_.state = state;
    if (state != old_) {
      if (state == TcpState::fin_wait) tcp_.end[direction_].close_init = true;
      c_.event_bits |= kEventProtoInfo;
    }
    if (!c_.is(kSeenReply)) return unanswered(state);
    const bool completes = old_ == TcpState::syn_recv || old_ == TcpState::established;
    if (!c_.is(kAssured) && completes && state == TcpState::established) {
      c_.set(kAssured);
      c_.event_bits |= kEventAssured;
    }
    return live(lifetime(state), state);
  }

  Judged unanswered(TcpState state) {
    if ((facts_.tcp_flags & flag::kRst) != 0) {
      reached(Reached::reset_unreplied);
      return {Judged::Kind::destroy, InvalidReason::none, -1, true};
    }
    if (event_ == TcpEvent::syn && old_ == TcpState::syn_sent && seen_.settings->profile == Profile::modern) {
      reached(Reached::syn_again);
      return Judged::accept();
    }
    const TcpLifetime row = lifetime(state);
    const bool too_long = row != TcpLifetime::picked_up && state == TcpState::established &&
                          has(TcpLifetime::picked_up) &&
                          duration(row, state) > seen_.settings->tcp_timeout_unacknowledged;
    return live(too_long ? TcpLifetime::picked_up : row, state);
  }

  [[nodiscard]] bool has(TcpLifetime row) const { return seen_.tcp.lifetimes[static_cast<std::size_t>(row)]; }

  /// The second table: the first row that applies.
  [[nodiscard]] TcpLifetime lifetime(TcpState state) const {
    const Settings& s = *seen_.settings;
    const Duration own = s.tcp_timeout[static_cast<std::size_t>(state)];
    if (has(TcpLifetime::retransmitted) && tcp_.retransmissions >= s.tcp_max_retrans &&
        own > s.tcp_timeout_max_retrans)
      return TcpLifetime::retransmitted;
    if (has(TcpLifetime::reset) && event_ == TcpEvent::rst) return TcpLifetime::reset;
    if (has(TcpLifetime::unacknowledged) && (tcp_.end[0].unacknowledged || tcp_.end[1].unacknowledged) &&
        own > s.tcp_timeout_unacknowledged)
      return TcpLifetime::unacknowledged;
    if (has(TcpLifetime::zero_window) && tcp_.last_window == 0 && own > s.tcp_timeout_max_retrans)
      return TcpLifetime::zero_window;
    return TcpLifetime::state;
  }

  [[nodiscard]] Duration duration(TcpLifetime row, TcpState state) const {
    const Settings& s = *seen_.settings;
    switch (row) {
      case TcpLifetime::retransmitted:
      case TcpLifetime::zero_window:
        return s.tcp_timeout_max_retrans;
      case TcpLifetime::unacknowledged:
      case TcpLifetime::picked_up:
        return s.tcp_timeout_unacknowledged;
      case TcpLifetime::reset:
        return s.tcp_timeout[static_cast<std::size_t>(TcpState::close)];
      default:
        return s.tcp_timeout[static_cast<std::size_t>(state)];
    }
  }

  Judged live(TcpLifetime row, TcpState state) {
    ++seen_.reached.lifetimes[static_cast<std::size_t>(row)];
    if (seen_.judgement != nullptr) seen_.judgement->lifetime = why(row);
    return Judged::refresh(duration(row, state));
  }

  void doubt(TcpDoubt why) {
    if (seen_.judgement != nullptr) seen_.judgement->doubt = why;
  }
  void reached(Reached::Special special) { ++seen_.reached.special[special]; }

  void note_row(std::uint8_t row) {
    ++seen_.reached.tcp_rows[row];
    TcpJudgement* j = seen_.judgement;
    if (j == nullptr) return;
    j->judged = true;
    j->direction = seen_.direction;
    j->event = event_;
    j->sender_before = tcp_.end[direction_];
    j->receiver_before = tcp_.end[direction_ ^ 1];
    j->state_before = j->state_after = tcp_.state;
    j->why = tcp_rows(seen_.settings->profile)[row].why;
  }

  Connection& c_;
  TcpTracking& tcp_;
  const Seen& seen_;
  const packet::Facts& facts_;
  TcpEvent event_;
  std::uint8_t direction_;
  TcpState old_ = TcpState::none;
  TcpNext next_ = TcpNext::invalid;
};

}  // namespace

Judged track_tcp(Connection& connection, const Seen& seen) {
  if (const auto reason = malformed(seen); reason != InvalidReason::none) return Judged::invalid(reason);
  return Machine(connection, seen).run();
}

}  // namespace utables::conntrack
