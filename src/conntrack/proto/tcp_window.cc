#include "conntrack/proto/tcp_window.h"

#include <algorithm>

namespace utables::conntrack {
namespace {

constexpr std::uint32_t kLeastAckWindow = 66000;  // an ACK may be this late, however small the window

std::uint32_t at_least_one(std::uint32_t window) { return window == 0 ? 1 : window; }

/// The figures of one segment while it is judged.
struct Figures {
  std::uint32_t seq, end, ack, sack, window;
};

/// RFC 7323, 2.2: scaling needs both ends' option; the answering end's SYN settles it.
void settle_scaling(TcpEnd& sender, TcpEnd& receiver, Direction direction) {
  if (direction != Direction::reply || (sender.window_scale && receiver.window_scale)) return;
  sender.scale = 0;
  receiver.scale = 0;
}

/// A sender not seen before, in mid-stream: what the segment says must do.
void pick_up_sender(TcpEnd& sender, TcpEnd& receiver, const Figures& f) {
  sender.end = f.end;
  sender.max_win = at_least_one(f.window << sender.scale);
  sender.max_end = f.end + sender.max_win;
  if (receiver.max_win == 0)
    receiver.end = receiver.max_end = f.sack;
  else if (f.sack == receiver.end + 1)
    ++receiver.end;  // the answer to a keepalive, probably
}

/// Brings in what the segment announces. True: it is the SYN of a simultaneous open, nothing to check.
bool introduce_sender(TcpTracking& tcp, const Seen& seen, const Figures& f) {
  const std::uint8_t flags = seen.facts().tcp_flags;
  const bool syn = (flags & packet::tcp::kSyn) != 0, ack = (flags & packet::tcp::kAck) != 0;
  TcpEnd& sender = tcp.end[static_cast<std::size_t>(seen.direction)];
  TcpEnd& receiver = tcp.end[static_cast<std::size_t>(other(seen.direction))];
  if (sender.max_win == 0) {
    if (!syn) {
      pick_up_sender(sender, receiver, f);
      return false;
    }
    announce(sender, seen.packet);
    settle_scaling(sender, receiver, seen.direction);
    return !ack;
  }
  const bool opening = tcp.state == TcpState::syn_sent || tcp.state == TcpState::syn_recv;
  if (!syn || !opening || !after(f.end, sender.end)) return false;
  announce(sender, seen.packet);  // a SYN again, with another initial sequence number
  settle_scaling(sender, receiver, seen.direction);
  return seen.direction == Direction::reply && !ack;
}

/// The four comparisons. `sender.end` moves when only the receiver's window was overrun a little.
WindowVerdict compare(TcpEnd& sender, const TcpEnd& receiver, const Figures& f) {
  const bool ack_known = before(f.sack, receiver.end + 1);
  const bool ack_recent = after(f.sack, receiver.end - std::max(sender.max_win, kLeastAckWindow) - 1);
  const bool in_window = receiver.max_win == 0 || after(f.end, sender.end - receiver.max_win - 1);
  if (!before(f.seq, sender.max_end + 1)) {
    const std::uint32_t overshot = f.end - sender.max_end + 1;
    if (receiver.max_win == 0 || !in_window || !ack_recent || !ack_known || overshot > receiver.max_win)
      return WindowVerdict::seq_beyond;
    sender.end = f.end;  // if it is let through, its acknowledgement must not surprise
    sender.unacknowledged = true;
    return WindowVerdict::more_than_expected;
  }
  if (!ack_known) return WindowVerdict::ack_beyond;
  if (!in_window) return WindowVerdict::seq_below;
  if (!ack_recent) return WindowVerdict::ack_below;
  return WindowVerdict::inside;
}

void move_windows(TcpEnd& sender, TcpEnd& receiver, const Figures& f, bool has_ack) {
  sender.max_win = std::max(sender.max_win, f.window + (f.sack - f.ack));
  if (after(f.end, sender.end)) {
    sender.end = f.end;
    sender.unacknowledged = true;
  }
  if (has_ack && (!sender.max_ack_set || after(f.ack, sender.max_ack))) {
    sender.max_ack = f.ack;
    sender.max_ack_set = true;
  }
  if (receiver.max_win != 0 && after(f.end, sender.max_end)) receiver.max_win += f.end - sender.max_end;
  if (after(f.sack + f.window, receiver.max_end - 1)) receiver.max_end = f.sack + at_least_one(f.window);
  if (f.ack == receiver.end) receiver.unacknowledged = false;
}

void count_retransmissions(TcpTracking& tcp, const Seen& seen, const Figures& f) {
  const auto direction = static_cast<std::uint8_t>(seen.direction);
  const std::uint16_t window = seen.facts().tcp_window;
  if (tcp.last_direction == direction && tcp.last_sequence == f.seq && tcp.last_acknowledgement == f.ack &&
      tcp.last_end == f.end && tcp.last_window == window) {
    ++tcp.retransmissions;
    return;
  }
  tcp.last_direction = direction;
  tcp.last_sequence = f.seq;
  tcp.last_acknowledgement = f.ack;
  tcp.last_end = f.end;
  tcp.last_window = window;
  tcp.retransmissions = 0;
}

void explain(TcpJudgement* judgement, const TcpEnd& sender, const TcpEnd& receiver, const Figures& f) {
  if (judgement == nullptr) return;
  judgement->seq = f.seq;
  judgement->end = f.end;
  judgement->ack = f.ack;
  judgement->sack = f.sack;
  judgement->window = f.window << sender.scale;
  judgement->seq_upper_bound = sender.max_end + 1;
  judgement->seq_lower_bound = sender.end - receiver.max_win - 1;
  judgement->ack_upper_bound = receiver.end + 1;
  judgement->ack_lower_bound = receiver.end - std::max(sender.max_win, kLeastAckWindow) - 1;
}

}  // namespace

std::uint32_t segment_end(const packet::Facts& facts) {
  const std::uint32_t data = facts.transport_length() - facts.tcp_header_size;
  const std::uint32_t syn = (facts.tcp_flags & packet::tcp::kSyn) != 0 ? 1 : 0;
  const std::uint32_t fin = (facts.tcp_flags & packet::tcp::kFin) != 0 ? 1 : 0;
  return facts.tcp_seq + data + syn + fin;
}

void announce(TcpEnd& end, const packet::Buffer& packet) {
  end.end = end.max_end = segment_end(packet.facts);
  end.max_win = at_least_one(packet.facts.tcp_window);
  const auto options = syn_options(packet);
  if (!options) return;
  end.scale = options->scale;
  end.window_scale = options->window_scale;
  end.sack_permitted = options->sack_permitted;
  end.close_init = end.unacknowledged = end.max_ack_set = false;
}

void open_window(TcpTracking& tcp, const packet::Buffer& packet, bool syn) {
  tcp = TcpTracking{};
  announce(tcp.end[0], packet);
  if (syn) return;
  TcpEnd& sender = tcp.end[0];
  sender = {sender.end, sender.end + sender.max_win, sender.max_win, 0, 0};
  for (TcpEnd& end : tcp.end) end.sack_permitted = end.be_liberal = true;
}

WindowVerdict check_window(TcpTracking& tcp, TcpEvent event, const Seen& seen) {
  const packet::Facts& facts = seen.facts();
  TcpEnd& sender = tcp.end[static_cast<std::size_t>(seen.direction)];
  TcpEnd& receiver = tcp.end[static_cast<std::size_t>(other(seen.direction))];
  const bool has_ack = (facts.tcp_flags & packet::tcp::kAck) != 0;
  const bool reset = (facts.tcp_flags & packet::tcp::kRst) != 0;
  Figures f{facts.tcp_seq, segment_end(facts), facts.tcp_ack, facts.tcp_ack, facts.tcp_window};
  if (receiver.sack_permitted) f.sack = highest_sack(seen.packet, f.ack);
  if (seen.sequences != nullptr) {  // what was acknowledged bears the numbers of the other side
    const auto shift = (*seen.sequences)[static_cast<std::size_t>(other(seen.direction))].at(f.ack - 1);
    f.ack -= shift;
    f.sack -= shift;
  }

  if (introduce_sender(tcp, seen, f)) return WindowVerdict::not_checked;
  // Without an acknowledgement, or with the zero that some stacks put into a reset, it is taken as right.
  if (!has_ack || (reset && f.ack == 0)) f.ack = f.sack = receiver.end;
  if (reset && f.seq == 0 && tcp.state == TcpState::syn_sent) f.seq = f.end = sender.end;  // answers a SYN

  explain(seen.judgement, sender, receiver, f);
  const WindowVerdict verdict = compare(sender, receiver, f);
  if (verdict != WindowVerdict::inside) return verdict;
  if ((facts.tcp_flags & packet::tcp::kSyn) == 0) f.window <<= sender.scale;
  move_windows(sender, receiver, f, has_ack);
  if (event == TcpEvent::ack) count_retransmissions(tcp, seen, f);
  return verdict;
}

std::string_view sentence(WindowVerdict verdict) {
  switch (verdict) {
    case WindowVerdict::not_checked:
      return "the window was not checked";
    case WindowVerdict::inside:
      return "inside the window";
    case WindowVerdict::seq_beyond:
      return "sequence number over the window of the receiver";
    case WindowVerdict::more_than_expected:
      return "more data than the receiver's window allows, not believed";
    case WindowVerdict::ack_beyond:
      return "acknowledges data that was not seen yet";
    case WindowVerdict::seq_below:
      return "data that was acknowledged already, not believed";
    case WindowVerdict::ack_below:
      return "a very late acknowledgement, not believed";
    case WindowVerdict::count_:
      break;
  }
  return "";
}

}  // namespace utables::conntrack
