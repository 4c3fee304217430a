#include "cli/conntrack/answers.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "conntrack/listing.h"

namespace utables::cli::conntrack_tool {
namespace {

struct RefusalText {
  conntrack::Refusal refusal;
  std::string_view text;
};
constexpr std::array<RefusalText, 7> kRefusals{{
    {conntrack::Refusal::exists, "Such conntrack exists, try -U to update"},
    {conntrack::Refusal::missing, "such conntrack doesn't exist"},
    {conntrack::Refusal::invalid, "invalid parameters"},
    {conntrack::Refusal::unsupported, "Operation not supported"},
    {conntrack::Refusal::busy, "Device or resource busy"},
    {conntrack::Refusal::not_allowed, "sorry, you must be root or get CAP_NET_ADMIN capability to do this"},
    {conntrack::Refusal::full, "not enough memory"},
}};

constexpr std::string_view kHelp =
    R"(conntrack [-b BOX] COMMAND [TABLE] [OPTIONS]: the connections of a box, in the words of conntrack(8)

Commands (the table is conntrack unless it is named: conntrack, expect, dying, unconfirmed)
  -L, --dump        list entries                  -C, --counter     how many there are
  -G, --get         show one entry                -S, --stats       counters of tracking
  -D, --delete      delete entries                -F, --flush       delete all of them
  -I, --create      make an entry                 -A, --add         the same, unless it is there
  -U, --update      change entries                -R, --load-file   read FILE (-: standard input): lines of
  -E, --event       (a live utables only)                           -o save, or of any listing
  -V, --version     -h, --help

Which entries
  -s, --src, --orig-src A[/N]   -d, --dst, --orig-dst A[/N]   -r, --reply-src A   -q, --reply-dst A
  --mask-src MASK   --mask-dst MASK   -p, --protonum PROTO   -f, --family ipv4|ipv6
  -u, --status ASSURED|SEEN_REPLY|FIXED_TIMEOUT|EXPECTED|OFFLOAD|UNSET|UNREPLIED[,...]
  -m, --mark MARK[/MASK]   -w, --zone N   --orig-zone N   --reply-zone N   -i, --id ID   -l, --label NAME
  -n, --src-nat [A[:PORT]]   -g, --dst-nat [A[:PORT]]   -j, --any-nat [A[:PORT]]
  after -p tcp, udp, udplite, sctp, dccp: --sport --dport --reply-port-src --reply-port-dst; --state
  after -p icmp: --icmp-type --icmp-code --icmp-id (icmpv6: --icmpv6-type ...)
  after -p gre: --srckey --dstkey --reply-key-src --reply-key-dst

What they become
  -t, --timeout SECONDS   -u   -m   --state   -n and -g with an address: translated to it

How they are shown
  -o, --output extended,xml,id,ktimestamp,timestamp,labels,userspace | save | json   -z, --zero

In `utables conntrack' -b names the box; where the program is called conntrack, $UTABLES_BOX does.
)";

}  // namespace

void tell(std::string_view text) { fmt::print(stderr, "{}: {}\n", kProgram, text); }

int fail_with(const Failure& failure) {
  if (!failure.text.empty()) tell(failure.text);
  if (failure.exit_code == kUsage)
    fmt::print(stderr, "Try `conntrack -h' or 'conntrack --help' for more information.\n");
  return failure.exit_code;
}

std::string operation_failed(conntrack::Refusal refusal) {
  for (const RefusalText& row : kRefusals)
    if (row.refusal == refusal) return fmt::format("Operation failed: {}", row.text);
  return "Operation failed";
}

Printer::~Printer() {
  if (begun_ && output_.xml && frame_ == Frame::whole) fmt::print("</conntrack>\n");
}

void Printer::print(const conntrack::Connection& connection, const conntrack::Labels& labels) {
  if (!begun_ && output_.xml && frame_ != Frame::flows)
    fmt::print("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<conntrack>\n");
  begun_ = true;
  conntrack::LineOptions options;
  options.extended = output_.extended;
  options.ktimestamp = output_.ktimestamp;
  options.id = output_.id;
  options.use = use_;
  if (output_.labels && labels != conntrack::Labels{}) {
    options.labels.emplace();
    for (const conntrack::LabelName& row : output_.label_names)
      if (labels.has(row.number)) options.labels->push_back(row.name);
  }
  if (output_.json)
    fmt::print("{}\n", conntrack::json_line(connection, now_));
  else if (output_.save)
    fmt::print("{}\n", conntrack::save_line(connection, now_, command_));
  else if (output_.xml)
    fmt::print("{}\n", conntrack::xml_flow(connection, now_, options));
  else
    fmt::print("{}\n", conntrack::conntrack_line(connection, now_, options));
}

void print_help() { fmt::print("{}", kHelp); }

}  // namespace utables::cli::conntrack_tool
