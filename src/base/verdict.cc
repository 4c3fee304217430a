// The names of fates, drop reasons and connection states: one table each, in the order of its enum.
#include <utables/verdict.h>

#include <array>

namespace utables {
namespace {

template <class Key>
struct Row {
  Key key;
  std::string_view name;
  std::string_view sentence{};
};

/// Every row stands at the position of its key, so that a table is its own index.
template <class Key, std::size_t N>
constexpr bool in_order(const std::array<Row<Key>, N>& rows) {
  for (std::size_t i = 0; i < N; ++i)
    if (static_cast<std::size_t>(rows[i].key) != i || rows[i].name.empty()) return false;
  return true;
}

template <class Key, std::size_t N>
const Row<Key>& row(const std::array<Row<Key>, N>& rows, Key key) {
  const auto at = static_cast<std::size_t>(key);
  return rows[at < N ? at : 0];
}

constexpr std::array<Row<Fate>, 9> kFates{{
    {Fate::forwarded, "forwarded"},
    {Fate::delivered, "delivered"},
    {Fate::sent, "sent"},
    {Fate::looped, "looped"},
    {Fate::held, "held"},
    {Fate::dropped, "dropped"},
    {Fate::rejected, "rejected"},
    {Fate::proxied, "proxied"},
    {Fate::refused, "refused"},
}};
static_assert(in_order(kFates));

using D = DropReason;
constexpr std::array<Row<DropReason>, static_cast<std::size_t>(D::count_)> kDropReasons{{
    {D::none, "none", "It was not dropped."},
    {D::rule, "rule", "A rule dropped it."},
    {D::policy, "policy", "No rule of the chain decided, and its policy drops."},
    {D::header_truncated, "header-truncated", "It ends within its IP header."},
    {D::bad_version, "bad-version", "Its IP version is neither 4 nor 6."},
    {D::bad_header_length, "bad-header-length", "Its IP header claims to be shorter than 20 bytes."},
    {D::bad_header_checksum, "bad-header-checksum", "The checksum of its IP header is wrong."},
    {D::total_length_too_small, "total-length-too-small", "Its total length is less than its header's."},
    {D::total_length_beyond_packet, "total-length-beyond-packet",
     "Its total length is more than what arrived."},
    {D::not_for_us, "not-for-us", "Its frame was addressed to another host."},
    {D::bad_options, "bad-options", "Its IP options are malformed."},
    {D::martian_source, "martian-source", "Its source is no address that may come in here."},
    {D::martian_destination, "martian-destination", "Its destination is no address that can be sent to."},
    {D::no_route, "no-route", "No route leads to its destination."},
    {D::prohibited_route, "prohibited-route", "The route to its destination is of type prohibit."},
    {D::unreachable_route, "unreachable-route", "The route to its destination is of type unreachable."},
    {D::blackhole_route, "blackhole-route", "The route to its destination is of type blackhole."},
    {D::not_forwarding, "not-forwarding", "It is for someone else, and this box does not forward."},
    {D::reverse_path, "reverse-path", "An answer would leave by another interface (rp_filter)."},
    {D::multicast_not_member, "multicast-not-member", "It is for a multicast group that the box is not in."},
    {D::source_route, "source-route", "It asks for source routing, which is not accepted."},
    {D::interface_down, "interface-down", "The interface is down."},
    {D::broadcast_source, "broadcast-source", "Its source is a broadcast or multicast address."},
    {D::ttl_exceeded, "ttl-exceeded", "Its TTL ended here."},
    {D::fragmentation_needed, "fragmentation-needed",
     "It is larger than the MTU of its way and must not be fragmented."},
    {D::fragment_overlap, "fragment-overlap", "Fragments of its packet overlap: all of them are dropped."},
    {D::fragment_malformed, "fragment-malformed", "The fragment makes no sense among the others."},
    {D::fragment_timeout, "fragment-timeout", "The other fragments of its packet did not come in time."},
    {D::fragment_memory, "fragment-memory", "The memory for waiting fragments is full."},
    {D::fragment_queue_evicted, "fragment-queue-evicted",
     "Its waiting fragments were given up after too many other packets of the same sender."},
    {D::fragment_duplicate, "fragment-duplicate", "The same fragment was there already."},
    {D::table_full, "table-full", "The connection table is full, and no entry of it can be given up."},
    {D::confirm_clash, "confirm-clash", "Another connection took its place in the table first."},
    {D::track_memory, "track-memory", "No memory was left for its connection."},
    {D::syn_replaced, "syn-replaced", "Its connection ended and must be opened anew."},
    {D::hot_drop, "hot-drop", "A match found that the packet cannot be, and dropped it."},
    {D::error_untranslatable, "error-untranslatable",
     "NAT could not translate it: an ICMP error about a connection, as a rule."},
    {D::helper_refused, "helper-refused",
     "A helper could not read it to the end, or cannot await what it announces."},
    {D::cookie_wrong, "cookie-wrong",
     "A proxied client asked for life before the server answered, without the cookie it was given."},
    {D::masquerade_moved, "masquerade-moved",
     "Its connection was masqueraded for another interface; the connection ends with it."},
    {D::target_error, "target-error", "A target could not do its work on it."},
    {D::no_memory, "no-memory", "No memory was left for it."},
}};
static_assert(in_order(kDropReasons));

constexpr std::array<Row<CtInfo>, 8> kCtInfos{{
    {CtInfo::established, "ESTABLISHED"},
    {CtInfo::related, "RELATED"},
    {CtInfo::new_, "NEW"},
    {CtInfo::established_reply, "ESTABLISHED"},
    {CtInfo::related_reply, "RELATED"},
    {CtInfo::untracked, "UNTRACKED"},
    {CtInfo::invalid, "INVALID"},
    {CtInfo::none, "-"},
}};
static_assert(in_order(kCtInfos));

}  // namespace

std::string_view name(Fate fate) { return row(kFates, fate).name; }
std::string_view name(DropReason reason) { return row(kDropReasons, reason).name; }
std::string_view sentence(DropReason reason) { return row(kDropReasons, reason).sentence; }
std::string_view name(CtInfo info) { return row(kCtInfos, info).name; }

}  // namespace utables
