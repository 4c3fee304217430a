// SCTP associations. A story is a line of packets: who sends (c or s), the chunks in it, and how; the two
// ends keep real verification tags, so that what a packet bends is bent from a true state.
//
//   c s   client, server
//   I i   INIT, INIT ACK              E K   COOKIE ECHO, COOKIE ACK      D S   DATA, SACK
//   H h   HEARTBEAT, its ACK          X x   SHUTDOWN, its ACK            C     SHUTDOWN COMPLETE
//   A R   ABORT, ERROR                Y     a chunk of a type that changes nothing
//   ?     any chunk
// and at the end of a packet
//   +     this end takes another initiate tag first         w     a tag that nobody knows
//   0     tag 0                                             T     the other end's tag, with the T flag
//   -     cut in the middle of its last chunk               z     its last chunk claims a length of zero
#include "packet/sctp.h"

#include <array>
#include <string_view>

#include "base/bytes.h"
#include "base/scan.h"
#include "lab/generate/traffic.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

namespace sctp = packet::sctp;

struct Story {
  std::string_view steps;
  Kind kind;
};

constexpr std::array<Story, 49> kStories{{
    {"cI si cE sK cD sS sD cS cX sx cC", Kind::sctp_handshake},
    {"cI si cED sKS cD sSD cS sX cx sC", Kind::sctp_bundled},
    {"cI cI si si cE cE sK sK cD", Kind::sctp_handshake},
    {"cI si cE sR cI+ si+ cE sK", Kind::sctp_handshake},
    {"cI si cE sK cD sS cDDD sSD cDY sS cSD", Kind::sctp_data},
    {"cI si cE sK cX sSx cC cI+ si+ cE sK", Kind::sctp_restart},
    {"cI si cE sK cX cI+ si+ cE sK", Kind::sctp_restart},
    {"cI si cE sK cD cI+ si+ cE sK cD sS", Kind::sctp_restart},
    {"cI si cE sK sI+ ci+ sE cK sD", Kind::sctp_restart},
    {"cI si cI+ si+ cE sK cD", Kind::sctp_restart},
    {"cI si cE sK cX sx cI sxw cC", Kind::sctp_shutdown},
    {"cI si cE sK cXX sXx cx sC cC", Kind::sctp_shutdown},
    {"cI si cE sK cX sx cCT cI+ si+", Kind::sctp_reflected_tag},
    {"cI si cE sK cA cI+ si+", Kind::sctp_abort},
    {"cI si cE sK cD sA cD", Kind::sctp_abort},
    {"cI sAT cI+ si+ cE sAT", Kind::sctp_reflected_tag},
    {"cI si cE sK cD sAT", Kind::sctp_reflected_tag},
    {"cI sI si cE sK cD", Kind::sctp_collision},
    {"cI sI ci si sE cK sD", Kind::sctp_collision},
    {"cI sI si+ ci cE sK", Kind::sctp_collision},
    {"cI sI sI+ ci si+ cE sK", Kind::sctp_collision},
    {"cI sI cI+ si ci+ sE cK", Kind::sctp_collision},
    {"cH sh cD sS cH sh sH ch", Kind::sctp_heartbeat},
    {"cH sH ch sh cD", Kind::sctp_heartbeat},
    {"cH sh cHw shw sD cD", Kind::sctp_heartbeat},
    {"cH sh cHw cH shw cHw sh cD", Kind::sctp_heartbeat},
    {"cI si cE sK cHw sh+ cDw cH sh", Kind::sctp_heartbeat},
    {"cHDw sHD cHH cHHw shw chw", Kind::sctp_heartbeat},
    {"cH sA0 sK0 sR0 si0 sX0 sC0 sI sE0 sx sh", Kind::sctp_heartbeat},
    {"cH cI si cE sK", Kind::sctp_heartbeat},
    {"cH cA cH sh", Kind::sctp_abort},
    {"cH cK cR cI+ si+", Kind::sctp_heartbeat},
    {"cH cx sC cI+ si+", Kind::sctp_heartbeat},
    {"cH cC cI+ si+", Kind::sctp_heartbeat},
    {"cH cE sK cR sh", Kind::sctp_heartbeat},
    {"cH cR cX si sh", Kind::sctp_heartbeat},
    {"cI si cE cR sR cI+ si+", Kind::sctp_handshake},
    {"cI si cE sK cDw sSw cXw sxw cCw cAw cD0 sS0", Kind::sctp_wrong_tag},
    {"cIw cI siw si cEw cE sKw sK", Kind::sctp_wrong_tag},
    {"cI- cIz cI si- si cE- cEz cE sKz sK cDz cDD- cD", Kind::sctp_malformed_chunk},
    {"cID cIX ci0 cI si cDE cE sDK sK cDC sID", Kind::sctp_bundled},
    {"c?0 s?0 c?0 c?0 s?0 s?0", Kind::sctp_any_chunk},
    {"cI s? c? s? c? s? c? s?", Kind::sctp_any_chunk},
    {"cI si c? s? c? s? c? s?", Kind::sctp_any_chunk},
    {"cI si cE c? s? c? s? c? s?", Kind::sctp_any_chunk},
    {"cI si cE sK c? s? c? s? c? s? c? s?", Kind::sctp_any_chunk},
    {"cI si cE sK cX c? s? c? s? c? s?", Kind::sctp_any_chunk},
    {"cI si cE sK sX sxw s? c? s? c? s?", Kind::sctp_any_chunk},
    {"cH s? c? s? c? s? c?", Kind::sctp_any_chunk},
}};

struct Letter {
  char letter;
  std::uint8_t type;
};
constexpr std::array<Letter, 16> kLetters{{{'I', sctp::kInit},
                                           {'i', sctp::kInitAck},
                                           {'E', sctp::kCookieEcho},
                                           {'K', sctp::kCookieAck},
                                           {'D', sctp::kData},
                                           {'S', sctp::kSack},
                                           {'H', sctp::kHeartbeat},
                                           {'h', sctp::kHeartbeatAck},
                                           {'X', sctp::kShutdown},
                                           {'x', sctp::kShutdownAck},
                                           {'C', sctp::kShutdownComplete},
                                           {'A', sctp::kAbort},
                                           {'R', sctp::kError},
                                           {'Y', sctp::kEcne},
                                           {'Y', sctp::kAsconf},
                                           {'Y', 0x3f}}};

struct End {
  std::uint32_t address = 0, tag = 0;
  std::uint16_t port = 0;
};

Bytes chunk(std::uint8_t type, std::uint8_t flags, const Bytes& value) {
  Bytes bytes{type, flags, 0, 0};
  store16(&bytes[2], static_cast<std::uint16_t>(4 + value.size()));
  bytes.insert(bytes.end(), value.begin(), value.end());
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

class Association {
 public:
  Association(const World& world, Random& random) : random_(random) {
    const Ends ends = draw_ends(world, random);
    constexpr std::array<std::uint16_t, 6> kPorts{3868, 2905, 38412, 36412, 5672, 80};
    ends_[0] = {ends.client, tag(), static_cast<std::uint16_t>(1024 + random.below(64000))};
    ends_[1] = {ends.server, tag(), pick(random, kPorts)};
    bend_ = pick(random, std::array<unsigned, 4>{0, 0, 6, 25});
    tos_ = static_cast<std::uint8_t>(chance(random, 70) ? 0 : random.below(256));
  }

  void play(const Story& story) {
    for (const auto step : words(story.steps)) send(step, story.kind);
  }
  Flow finish() { return std::move(flow_); }

 private:
  std::uint32_t tag() { return chance(random_, 3) ? 0 : random_.next32(); }

  void send(std::string_view step, Kind kind) {
    const std::size_t side = step[0] == 'c' ? 0 : 1;
    End& from = ends_[side];
    const End& to = ends_[side ^ 1];
    Kinds kinds = generate::kinds(kind);
    const auto has = [&](char letter) { return step.find(letter, 1) != std::string_view::npos; };
    if (has('+')) from.tag = tag();
    std::uint32_t packet_tag = has('I') || has('0') ? 0 : to.tag;
    if (has('T')) packet_tag = from.tag;
    if (has('w') || (bend_ != 0 && chance(random_, bend_))) {
      packet_tag = chance(random_, 70) ? random_.next32() : from.tag;
      mark(kinds, Kind::sctp_wrong_tag);
    }
    Bytes chunks;
    for (const char letter : step.substr(1)) append(chunks, letter, from, has('T'));
    spoil(chunks, has('-'), has('z'), kinds);
    Bytes bytes = sctp_packet(from.port, to.port, packet_tag, chunks);
    if (chance(random_, bend_ / 3)) {
      bytes[8 + random_.below(4)] ^= 0x40;
      mark(kinds, Kind::sctp_bad_checksum);
    }
    IpFields ip;
    ip.source = from.address;
    ip.destination = to.address;
    ip.protocol = packet::kSctp;
    ip.tos = tos_;
    ip.dont_fragment = chance(random_, 60);
    ip.identification = static_cast<std::uint16_t>(1 + random_.below(65535));
    flow_.push_back({ip_packet(ip, bytes), from.address, kinds});
  }

  void append(Bytes& chunks, char letter, const End& from, bool reflected) {
    std::uint8_t type = 0;
    if (letter == '?') {
      type =
          chance(random_, 95) ? pick(random_, kLetters).type : static_cast<std::uint8_t>(random_.below(256));
    } else {
      std::vector<std::uint8_t> types;
      for (const Letter& row : kLetters)
        if (row.letter == letter) types.push_back(row.type);
      if (types.empty()) return;
      type = pick(random_, types);
    }
    Bytes value;
    std::uint8_t flags = static_cast<std::uint8_t>(chance(random_, 80) ? 0 : random_.below(256));
    switch (type) {
      case sctp::kInit:
      case sctp::kInitAck:
        value = filler(16 + (chance(random_, 50) ? random_.below(40) : 0), 0x20);
        store32(value.data(), from.tag);
        break;
      case sctp::kAbort:
      case sctp::kShutdownComplete:
        flags = static_cast<std::uint8_t>(reflected ? 1 : 0);
        break;
      case sctp::kData:
        value = filler(12 + (chance(random_, 90) ? random_.below(100) : random_.below(1600)), 0x41);
        break;
      default:
        value = filler(random_.below(3) * 4 + random_.below(2), 0x61);
    }
    last_ = chunks.size();
    const Bytes bytes = chunk(type, flags, value);
    chunks.insert(chunks.end(), bytes.begin(), bytes.end());
  }

  void spoil(Bytes& chunks, bool cut, bool zero, Kinds& kinds) {
    if (chunks.size() < last_ + 4) return;
    if (zero) store16(&chunks[last_ + 2], 0);
    if (cut) chunks.resize(last_ + random_.below(static_cast<std::uint32_t>(chunks.size() - last_)));
    const bool odd = bend_ != 0 && chance(random_, bend_ / 2);
    if (odd && !cut)
      store16(&chunks[last_ + 2], static_cast<std::uint16_t>(random_.below(chance(random_, 50) ? 8 : 200)));
    if (zero || cut || odd) mark(kinds, Kind::sctp_malformed_chunk);
  }

  static void mark(Kinds& kinds, Kind kind) { kinds.set(static_cast<std::size_t>(kind)); }

  Random& random_;
  std::array<End, 2> ends_{};
  unsigned bend_ = 0;
  std::uint8_t tos_ = 0;
  std::size_t last_ = 0;  ///< where the last chunk begins
  Flow flow_{};
};

}  // namespace

Flow sctp_flow(const World& world, Random& random) {
  Association association(world, random);
  association.play(pick(random, kStories));
  if (chance(random, 20)) association.play(pick(random, kStories));  // the same ports again
  return association.finish();
}

}  // namespace utables::lab::generate
