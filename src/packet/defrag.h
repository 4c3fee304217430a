// Reassembly of fragments as Linux's netfilter does it (RFC 791 3.2, RFC 8200 4.5, RFC 5722, RFC 6946, RFC
// 3168 5.3). The families differ in what a bad fragment does to its queue, and in what is told of one.
//
// Vocabulary: a *queue* holds the waiting fragments of one packet; a *run* is fragments that came one
// after the other without a gap (only a duplicate within one run is forgiven). Time is an argument: a
// queue ends at its deadline, when a timer of Linux for `timeout` after its first fragment goes off
// (base/jiffies.h: up to an eighth late; until then it can still become whole). Memory is bounded by
// `high_threshold`, counted as Linux counts it (what its buffers occupy, not only the bytes).
#pragma once
#include <utables/packet.h>
#include <utables/result.h>
#include <utables/time.h>
#include <utables/verdict.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "packet/build.h"
#include "packet/facts.h"
#include "packet/fragment.h"

namespace utables::packet {

struct DefragSettings {
  Duration timeout = 30 * kSecond;         ///< net.ipv4.ipfrag_time, net.netfilter.nf_conntrack_frag6_timeout
  std::uint64_t high_threshold = 4 << 20;  ///< ..._high_thresh, bytes
  std::uint32_t max_distance = 64;         ///< net.ipv4.ipfrag_max_dist; 0: off (as always for IPv6)
};

/// Who reassembles: fragments for different users never meet.
enum class DefragUser : std::uint8_t { local_delivery, conntrack_in, conntrack_out };

/// Which packet a fragment is of.
struct FragmentKey {
  Address source{}, destination{};
  Family family = Family::ipv4;
  std::uint32_t identification = 0;
  std::uint8_t protocol = 0;             ///< IPv4
  InterfaceId interface = kNoInterface;  ///< IPv6: of destinations that are a link's own
  DefragUser user = DefragUser::conntrack_in;
  std::uint16_t zone = 0;
  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

/// A fragment that waits: a plain value, to be saved and restored.
struct WaitingFragment {
  std::uint16_t offset = 0;  ///< bytes
  std::uint16_t length = 0;  ///< payload bytes, after Linux's trimming; `bytes` may hold fewer (cut capture)
  std::uint32_t run = 0;     ///< fragments of a run share its number; runs are numbered in no order
  Bytes bytes{};             ///< IP header and payload
  PacketType type = PacketType::host;  ///< what the link layer said of it
  LinkFacts link{};
  InterfaceId interface = kNoInterface;  ///< by which it came
};
struct WaitingQueue {
  FragmentKey key{};
  Time deadline = 0;
  std::uint64_t serial = 0;              ///< order of creation
  std::uint32_t distance = 0;            ///< the sender's fragment counter when this queue last got one
  std::uint32_t sender_count = 0;        ///< the sender's fragment counter now
  InterfaceId interface = kNoInterface;  ///< by which the last one came
  std::uint32_t total = 0;               ///< payload length as far as known
  bool last_seen = false;
  std::uint8_t ecn = 0;  ///< the set of ECN codepoints seen
  std::uint32_t max_size = 0, max_df_size = 0;
  std::vector<WaitingFragment> fragments{};  ///< by offset
};

/// A fragment as it comes. REQUIRES: facts.is_fragment(), or over IPv6 a fragment header that is all there,
/// in no jumbogram; they came from `bytes`.
struct FragmentArrival {
  std::span<const std::uint8_t> bytes;
  const Facts& facts;
  DefragUser user = DefragUser::conntrack_in;
  std::uint16_t zone = 0;
  InterfaceId interface = kNoInterface;
  PacketType type = PacketType::host;
  LinkFacts link{};
};

/// What is whole again.
struct Reassembled {
  Bytes bytes{};  ///< with the header of the fragment at offset 0; its checksum is right; no fragment header
  Facts facts{};
  Geometry geometry{};
  PacketType type = PacketType::host;  ///< of the fragment at offset 0, whichever came last
  LinkFacts link{};
  InterfaceId interface = kNoInterface;  ///< by which that one came
};

struct DefragOutcome {
  enum class Kind : std::uint8_t {
    held,
    complete,
    dropped,
    passed  ///< IPv6, a length that is no multiple of 8: its queue is gone, and it goes on as it is
  } kind = Kind::held;
  DropReason reason =
      DropReason::none;  ///< of `dropped`; the queue is gone too unless it is a duplicate's or memory's
};

/// A queue whose time is over.
struct ExpiredQueue {
  FragmentKey key{};
  Time deadline = 0;
  InterfaceId interface = kNoInterface;  ///< by which its last fragment came; IPv6: that at offset 0
  std::span<const std::uint8_t>
      first{};  ///< the fragment at offset 0, as an ICMP 11/1 quotes it; empty: it never came
  PacketType type = PacketType::host;  ///< of that one
};

class Defragmenter {
 public:
  explicit Defragmenter(const DefragSettings& settings = {});
  ~Defragmenter();
  Defragmenter(Defragmenter&&) noexcept;
  Defragmenter& operator=(Defragmenter&&) noexcept;

  /// Takes a fragment. On `complete`, `out` is the packet. What is past its deadline at `now` is not
  /// looked at; call expire() first to be told of it.
  [[nodiscard]] DefragOutcome add(const FragmentArrival& fragment, Time now, Reassembled& out);
  /// Removes every queue whose deadline is at or before `now`, in order of deadline, then creation.
  void expire(Time now, const std::function<void(const ExpiredQueue&)>& tell);
  /// The earliest deadline; nothing waits: the largest Time.
  [[nodiscard]] Time next_deadline() const;

  [[nodiscard]] std::size_t size() const;      ///< queues
  [[nodiscard]] std::uint64_t memory() const;  ///< as the threshold counts it
  void change_settings(const DefragSettings& settings);

  /// Everything that waits, in order of creation.
  [[nodiscard]] std::vector<WaitingQueue> save() const;
  /// Takes up what save() gave. Fails (and changes nothing) when a queue of it cannot be.
  [[nodiscard]] Result<void> restore(const std::vector<WaitingQueue>& queues);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace utables::packet
