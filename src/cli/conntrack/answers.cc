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
constexpr std::array<RefusalText, 13> kRefusals{{
    {conntrack::Refusal::exists, "Such conntrack exists, try -U to update"},
    {conntrack::Refusal::missing, "such conntrack doesn't exist"},
    {conntrack::Refusal::invalid, "invalid parameters"},
    {conntrack::Refusal::unsupported, "Operation not supported"},
    {conntrack::Refusal::busy, "Device or resource busy"},
    {conntrack::Refusal::not_allowed, "sorry, you must be root or get CAP_NET_ADMIN capability to do this"},
    {conntrack::Refusal::full, "not enough memory"},
    {conntrack::Refusal::not_found, "No such file or directory"},
    {conntrack::Refusal::no_labels, "No space left on device"},
    {conntrack::Refusal::out_of_range, "Numerical result out of range"},
    {conntrack::Refusal::no_master, "master conntrack not found"},
    {conntrack::Refusal::same, "File exists"},
    {conntrack::Refusal::too_many, "Too many open files"},
}};

constexpr std::string_view kHelp =
    R"(conntrack [-b BOX] COMMAND [TABLE] [OPTIONS]: the connections of a box, in the words of conntrack(8)

Commands (the table is conntrack unless it is named: conntrack, expect, dying, unconfirmed)
  -L, --dump        list entries                  -C, --counter     how many there are
  -G, --get         show one entry                -S, --stats       counters of tracking
  -D, --delete      delete entries                -F, --flush       delete all of them
  -I, --create      make an entry                 -A, --add         the same, unless it is there
  -U, --update      change entries                -R, --load-file   read FILE (-: standard input): lines of
  -E, --event       tell what changes                               -o save, or of any listing
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
  --label-add NAME[,...]   --label-del [NAME[,...]]

Expectations (table expect: -L -G -D -I -E -F -C)
  of the connection that -p, -s, -d and its ports name: --tuple-src A[/N] --tuple-dst A[/N] --mask-src MASK
  --mask-dst MASK, after -p tcp, udp, ...: --tuple-port-src --tuple-port-dst --mask-port-src --mask-port-dst

Events
  -e, --event-mask ALL|NEW|UPDATES|DESTROY[,...]   --buffer-size BYTES

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

Done refused(conntrack::Refusal refusal) {
  tell(operation_failed(refusal));
  return {kOther, false, {}};
}

Done refused(std::string_view why) {
  tell(fmt::format("Operation failed: {}", why));
  return {kOther, false, {}};
}

std::string entries_were(std::size_t count, std::string_view what) {
  return fmt::format("{} flow entries have been {}.", count, what);
}

conntrack::LineOptions line_options(const CommandLine& line, const conntrack::Labels& labels) {
  const Output& output = line.output;
  conntrack::LineOptions options;
  options.extended = output.extended;
  options.ktimestamp = output.ktimestamp;
  options.id = output.id;
  const bool shown = output.labels || line.parameters.labels || line.parameters.label_change;
  if (!shown || labels == conntrack::Labels{} || output.label_names.empty()) return options;
  options.labels.emplace();
  for (const conntrack::LabelName& row : output.label_names)
    if (row.number <= conntrack::kLargestLabel && labels.has(row.number)) options.labels->push_back(row.name);
  return options;
}

Printer::~Printer() {
  if (begun_ && line_.output.xml && frame_ == Frame::whole) fmt::print("</conntrack>\n");
}

void Printer::print(const conntrack::Connection& connection, const conntrack::Labels& labels) {
  const Output& output = line_.output;
  if (!begun_ && output.xml && frame_ != Frame::flows)
    fmt::print("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<conntrack>\n");
  begun_ = true;
  conntrack::LineOptions options = line_options(line_, labels);
  options.use = use_;
  if (output.json)
    fmt::print("{}\n", conntrack::json_line(connection, now_));
  else if (output.save)
    fmt::print("{}\n", conntrack::save_line(connection, now_, command_));
  else if (output.xml)
    fmt::print("{}\n", conntrack::xml_flow(connection, now_, options));
  else
    fmt::print("{}\n", conntrack::conntrack_line(connection, now_, options));
}

void print_help() { fmt::print("{}", kHelp); }

}  // namespace utables::cli::conntrack_tool
