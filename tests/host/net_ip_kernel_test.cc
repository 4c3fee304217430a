// net.ip against `ip -batch` in a network namespace: generated lines must be taken or refused alike, and
// leave the same routes, the same answers to `ip route get`. Interfaces are veth pairs there.
// Prints how many comparisons ran. Without a kernel to compare with it is skipped with the reason; with
// UTABLES_REQUIRE_KERNEL=1 that is a failure.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/random.h"
#include "base/scan.h"
#include "host/host.h"
#include "host/net_ip.h"

namespace utables::host {
namespace {

std::string run(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  pclose(pipe);
  return out;
}

/// The way into a namespace of our own; empty if there is none.
std::string namespace_command() {
  for (const char* command : {"unshare -n", "unshare -Urn"})
    if (run(std::string(command) + " ip link show lo 2>/dev/null").find("LOOPBACK") != std::string::npos)
      return command;
  return {};
}

const char* type_name(RouteType type) {
  constexpr const char* kNames[] = {"unspec",   "unicast",   "local",     "broadcast",
                                    "anycast",  "multicast", "blackhole", "unreachable",
                                    "prohibit", "throw",     "nat"};
  return kNames[static_cast<std::size_t>(type)];
}

/// A route as `ip route show table all` prints it.
std::string listed(const Host& host, const Route& r) {
  std::string out;
  if (r.type != RouteType::unicast) out += fmt::format("{} ", type_name(r.type));
  if (r.destination.length == 0)
    out += "default";
  else
    out += r.destination.length == 32 ? to_string(r.destination.address, Family::ipv4)
                                      : to_string(r.destination);
  if (r.tos != 0) out += fmt::format(" tos {:#04x}", r.tos);
  if (r.gateway) out += " via " + to_string(*r.gateway, Family::ipv4);
  if (r.device != kNoInterface) out += " dev " + host.at(r.device).name;
  if (r.table == RouteTableId::local) out += " table local";
  if (r.table == RouteTableId::default_) out += " table default";
  if (r.protocol == 2) out += " proto kernel";
  if (r.protocol == 4) out += " proto static";
  if (r.scope == RouteScope::link) out += " scope link";
  if (r.scope == RouteScope::host) out += " scope host";
  if (r.preferred_source) out += " src " + to_string(*r.preferred_source, Family::ipv4);
  if (r.metric != 0) out += fmt::format(" metric {}", r.metric);
  if (r.on_link) out += " onlink";
  if (r.mtu != 0) out += fmt::format(" mtu {}{}", r.mtu_locked ? "lock " : "", r.mtu);
  return out;
}

/// The answer to `ip route get ADDRESS`, as far as it is compared: type, gateway, device, source.
std::string answer(const Host& host, const Address& a) {
  const Lookup found = host.routes.find(a, Family::ipv4);
  std::string out = to_string(a, Family::ipv4);
  if (found.type == RouteType::local)
    return fmt::format("local {} dev lo src {}", out, to_string(found.source, Family::ipv4));
  if (found.type == RouteType::broadcast) out = "broadcast " + out;
  if (found.type == RouteType::multicast) out = "multicast " + out;
  if (found.has_gateway) out += " via " + to_string(found.next_hop, Family::ipv4);
  return fmt::format("{} dev {} src {}", out, host.at(found.device).name,
                     to_string(found.source, Family::ipv4));
}

class Lines {
 public:
  explicit Lines(std::uint64_t seed) : random_(seed) {}

  std::string line() {
    switch (random_.below(12)) {
      case 0:
      case 1:
      case 2:
        return address_line(random_.below(5) == 0 ? "replace" : "add");
      case 3:
        return random_.below(2) == 0 ? address_line("del")
                                     : fmt::format("link set {} {}", device(), pick({"up", "up", "down"}));
      default:
        return route_line();
    }
  }

 private:
  std::string pick(std::vector<const char*> of) {
    return of[random_.below(static_cast<std::uint32_t>(of.size()))];
  }
  std::string device() { return pick({"t1", "t2", "t1", "t2", "lo"}); }
  std::string address() {
    return fmt::format("10.{}.{}.{}", random_.below(2), random_.below(3),
                       pick({"0", "1", "2", "3", "129", "254", "255"}));
  }
  std::string length() { return pick({"8", "16", "23", "24", "24", "24", "25", "30", "31", "32"}); }

  std::string address_line(const char* verb) {
    std::string out = fmt::format("addr {} {}/{} dev {}", verb, address(), length(), device());
    if (random_.below(4) == 0) out += pick({" brd +", " brd -", " brd 10.9.9.9", " brd 255.255.255.255"});
    if (random_.below(6) == 0) out += " peer " + address() + (random_.below(2) == 0 ? "" : "/24");
    if (random_.below(8) == 0) out += pick({" scope link", " scope host", " scope global"});
    if (random_.below(8) == 0) out += pick({" metric 50", " noprefixroute"});
    return out;
  }

  std::string destination() {
    if (random_.below(4) == 0) return pick({"default", "10/8", "10.0/16", "10.1.0.0/255.255.0.0"});
    const unsigned bits = static_cast<unsigned>(std::stoul(length()));
    Address a = parse_address(address(), Family::ipv4).value();
    if (random_.below(12) != 0) a = a & mask_of(bits, Family::ipv4);
    return fmt::format("{}/{}", to_string(a, Family::ipv4), bits);
  }

  std::string route_line() {
    std::string out =
        "route " + pick({"add", "add", "add", "add", "append", "prepend", "replace", "change", "del"}) + " ";
    const unsigned kind = random_.below(12);
    if (kind == 0)
      return out + pick({"blackhole ", "unreachable ", "prohibit ", "throw "}) + destination() + metric();
    if (kind == 1) out += pick({"local ", "broadcast ", "multicast ", "unicast "});
    out += destination();
    const bool gateway = random_.below(2) == 0;
    if (gateway) out += " via " + address();
    if (!gateway || random_.below(2) == 0) out += " dev " + device();
    if (random_.below(8) == 0) out += " src " + address();
    if (random_.below(8) == 0) out += pick({" onlink", " scope link", " scope global"});
    if (random_.below(10) == 0) out += pick({" table default", " table main", " table local"});
    if (random_.below(10) == 0) out += pick({" tos 0x10", " tos 0x04", " dsfield 0x03"});
    if (random_.below(10) == 0)
      out += pick({" mtu 1400", " mtu lock 1300", " proto static", " proto kernel"});
    return out + metric();
  }

  std::string metric() {
    return random_.below(3) == 0 ? pick({" metric 5", " preference 6"}) : std::string();
  }

  Random random_;
};

/// What the kernel made of the lines.
struct Kernel {
  std::set<unsigned> refused;
  std::multiset<std::string> routes;
  std::map<std::string, std::string> answers;  // by address
};

std::vector<Address> questions() {
  std::vector<Address> out;
  for (const char* a : {"0", "1", "2"})
    for (const char* b : {"0", "1", "2", "9"})
      for (const char* c : {"0", "1", "2", "7", "129", "200", "254", "255"})
        out.push_back(parse_address(fmt::format("10.{}.{}.{}", a, b, c), Family::ipv4).value());
  out.push_back(parse_address("192.0.2.1", Family::ipv4).value());
  out.push_back(parse_address("127.3.2.1", Family::ipv4).value());
  return out;
}

std::string trimmed(std::string_view line) { return std::string(trim(line)); }

/// The address that a line of `ip route get` is about, and the line cut to what is compared.
void take_answer(std::string_view line, std::map<std::string, std::string>& answers) {
  const auto w = words(line);
  if (w.size() < 3 || line.front() == ' ') return;
  const bool typed = w[0] == "local" || w[0] == "broadcast" || w[0] == "multicast";
  std::string out;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] == "table") ++i, ++i;  // which table answered is not said by ours
    out += (i == 0 ? "" : " ") + std::string(w[i]);
    if (i > 0 && w[i - 1] == "src") break;  // flags and user follow
  }
  answers[std::string(w[typed ? 1 : 0])] = out;
}

Kernel ask_kernel(const std::string& enter, const std::filesystem::path& folder, const std::string& batch) {
  std::ofstream(folder / "batch") << batch;
  std::ofstream gets(folder / "gets");
  for (const Address& a : questions()) gets << "route get " << to_string(a, Family::ipv4) << "\n";
  gets.close();
  std::ofstream(folder / "script") << R"(cd "$1"
ip link add t1 type veth peer name p1; ip link add t2 type veth peer name p2
for i in lo p1 p2 t1 t2; do ip link set $i up; done
sleep 0.05
ip -force -batch batch >out 2>&1
ip -4 route show table all >routes
ip -force -batch gets >answers 2>/dev/null
exit 0
)";
  run(fmt::format("{} sh {}/script {}", enter, folder.string(), folder.string()));
  Kernel kernel;
  std::string line;
  for (std::ifstream in(folder / "out"); std::getline(in, line);) {
    // `Command failed batch:N` follows each refusal of the kernel; iproute2's own have it too.
    const std::size_t at = line.find("batch:");
    if (line.starts_with("Command failed") && at != std::string::npos)
      kernel.refused.insert(static_cast<unsigned>(std::stoul(line.substr(at + 6))));
  }
  for (std::ifstream in(folder / "routes"); std::getline(in, line);) {
    if (const std::size_t down = line.find(" linkdown"); down != std::string::npos) line.erase(down, 9);
    kernel.routes.insert(trimmed(line));
  }
  for (std::ifstream in(folder / "answers"); std::getline(in, line);) take_answer(line, kernel.answers);
  return kernel;
}

struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / fmt::format("utables-host-{}", getpid());
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

TEST(NetIpKernel, LinesRoutesAndAnswersAsTheKernels) {
  const std::string enter = namespace_command();
  if (enter.empty()) {
    if (std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr) FAIL() << "no network namespace can be made here";
    GTEST_SKIP() << "SKIPPED: no network namespace can be made here";
  }
  const Folder folder;
  const char* given = std::getenv("UTABLES_HOST_SCENARIOS");
  const unsigned scenarios = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : 100;
  unsigned lines_compared = 0, refused = 0, routes_compared = 0, answers_compared = 0;
  for (unsigned seed = 1; seed <= scenarios; ++seed) {
    Lines lines(seed);
    std::string batch;
    const unsigned count = 30;
    for (unsigned i = 0; i < count; ++i) batch += lines.line() + "\n";
    const Kernel kernel = ask_kernel(enter, folder.path, batch);

    Host host;
    Errors errors;
    // The peers first, as in the namespace.
    read_net_ip("link add dev t1\nlink add dev t2\nlink set dev lo up\n", "net.ip", host, errors);
    read_net_ip(batch, "net.ip", host, errors);
    host.settle();
    std::set<unsigned> ours;
    std::string texts;
    for (const Error& e : errors) ours.insert(e.line), texts += e.str() + "\n";
    ASSERT_EQ(ours, kernel.refused) << "seed " << seed << "\n" << batch << texts;
    lines_compared += count;
    refused += static_cast<unsigned>(ours.size());

    std::multiset<std::string> routes;
    for (const Route& r : host.routes.all())
      if (r.destination.family == Family::ipv4) routes.insert(listed(host, r));
    ASSERT_EQ(routes, kernel.routes) << "seed " << seed << "\n" << batch;
    routes_compared += static_cast<unsigned>(routes.size());

    for (const Address& a : questions()) {
      const Lookup found = host.routes.find(a, Family::ipv4);
      const auto theirs = kernel.answers.find(to_string(a, Family::ipv4));
      const bool usable = found.type == RouteType::unicast || found.type == RouteType::local ||
                          found.type == RouteType::broadcast || found.type == RouteType::multicast;
      ASSERT_EQ(usable, theirs != kernel.answers.end())
          << "seed " << seed << " " << to_string(a, Family::ipv4) << "\n"
          << batch;
      ++answers_compared;
      if (usable) {
        ASSERT_EQ(answer(host, a), theirs->second) << "seed " << seed << "\n" << batch;
      }
    }
  }
  fmt::print(
      "comparisons with the kernel: {} scenarios: {} lines ({} refused alike), {} routes, {} answers\n",
      scenarios, lines_compared, refused, routes_compared, answers_compared);
  std::filesystem::create_directories(UTABLES_COMPARISONS);
  std::ofstream(std::string(UTABLES_COMPARISONS) + "/host.count")
      << lines_compared + routes_compared + answers_compared << "\n";
  EXPECT_GT(refused, 100U);
  EXPECT_LT(refused, lines_compared);
}

}  // namespace
}  // namespace utables::host
