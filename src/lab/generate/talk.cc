#include "lab/generate/talk.h"

#include "base/bytes.h"

namespace utables::lab::generate {

using namespace packet::tcp;

Talk::Talk(Random& random, Flow& flow, End client, End server, kernel::Part part)
    : random_(random), flow_(flow), part_(part) {
  ends_ = {client, server};
  for (End& end : ends_) end.next = random_.next32();
}

void Talk::say(unsigned side, std::uint8_t flags, std::string_view text, Kind kind) {
  End& me = ends_[side];
  emit(me, ends_[1 - side], flags, me.next, text, kind);
  me.next += static_cast<std::uint32_t>(text.size()) + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
  ends_[1 - side].received = me.next;
}

void Talk::again(unsigned side, std::string_view text, Kind kind) {
  End& me = ends_[side];
  emit(me, ends_[1 - side], kAck | kPsh, me.next - static_cast<std::uint32_t>(text.size()), text, kind);
}

void Talk::open(Kind kind) {
  say(0, kSyn, "", kind);
  say(1, kSyn | kAck, "", kind);
  say(0, kAck, "", kind);
}

void Talk::close(Kind kind) {
  if (chance(random_, 20)) return say(random_.below(2), kRst | kAck, "", kind);
  say(0, kFin | kAck, "", kind);
  say(1, kFin | kAck, "", kind);
  say(0, kAck, "", kind);
}

void Talk::emit(const End& me, const End& peer, std::uint8_t flags, std::uint32_t seq, std::string_view text,
                Kind kind) {
  IpFields ip;
  ip.source = me.address;
  ip.destination = peer.address;
  ip.protocol = packet::kTcp;
  ip.identification = static_cast<std::uint16_t>(1 + random_.below(65535));
  ip.dont_fragment = chance(random_, 60);
  TcpFields tcp;
  tcp.source_port = me.port;
  tcp.destination_port = peer.port;
  tcp.seq = seq;
  tcp.ack = (flags & kAck) != 0 ? me.received : 0;
  tcp.flags = flags;
  tcp.window = 65000;
  if ((flags & kAck) != 0 && chance(random_, 8)) {
    tcp.options = {kOptNop, kOptNop, kOptSack, 10};
    for (const std::uint32_t edge :
         {me.received + random_.below(40), me.received + 40 + random_.below(100)}) {
      tcp.options.resize(tcp.options.size() + 4);
      store32(&tcp.options[tcp.options.size() - 4], edge);
    }
  }
  const std::span bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  flow_.push_back({ip_packet(ip, tcp_segment(ip, tcp, bytes)), me.address, kinds(kind), part_});
  flow_.back().part.end = &me == &ends_[0] ? 0 : 1;
}

void announced_connection(const World& world, Random& random, Flow& flow, Announced as, Kind kind) {
  if (chance(random, 6)) as.from = world.any_host(random);
  if (chance(random, 5)) ++as.port;
  kernel::Part part;
  part.flow = as.number;
  part.announcer = as.announcer;
  part.which = as.which;
  const auto source = static_cast<std::uint16_t>(1024 + random.below(60000));
  Talk talk(random, flow, {as.from, source}, {as.to, as.port}, part);
  talk.say(0, kSyn, "", kind);
  if (chance(random, 80)) talk.say(1, kSyn | kAck, "", kind);
  if (chance(random, 80)) talk.say(0, kAck, "", kind);
  if (chance(random, 50)) talk.say(random.below(2), kAck | kPsh, "some data\n", kind);
  if (chance(random, 40)) talk.close(kind);
}

void spoil(Random& random, std::string& text) {
  if (chance(random, 6)) text.resize(random.below(static_cast<std::uint32_t>(text.size() + 1)));
  if (!text.empty() && chance(random, 6)) text[random.below(static_cast<std::uint32_t>(text.size()))] = '7';
}

}  // namespace utables::lab::generate
