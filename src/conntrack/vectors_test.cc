// Recorded sequences against the tracker; and each row of the state tables broken in turn.
#include "conntrack/vectors_test.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "conntrack/proto/sctp_states.h"
#include "conntrack/proto/tcp_states.h"

namespace utables::conntrack::test {
namespace {

/// Settings as the file's `# sysctl NAME=VALUE` lines have them.
Settings settings_of(const std::string& file) {
  Settings settings = defaults(Profile::modern);
  std::map<std::string, std::string, std::less<>> sysctls;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line) && line.starts_with("#");) {
    const auto equals = line.find('=');
    if (!line.starts_with("# sysctl ") || equals == std::string::npos) continue;
    sysctls["net.netfilter.nf_conntrack_" + line.substr(9, equals - 9)] = line.substr(equals + 1);
  }
  return settings_from(sysctls, Profile::modern).value_or(settings);
}

const std::string kSequences = UTABLES_SOURCE_DIR "/tests/data/conntrack/sequences.txt";
const std::string kSctpSequences = UTABLES_SOURCE_DIR "/tests/data/conntrack/sctp-sequences.txt";

/// Plays a file of recorded sequences; the environment's variable names another one.
void expect_what_linux_made(const char* variable, const std::string& usual) {
  const char* other = std::getenv(variable);
  const std::string file = other != nullptr ? other : usual;
  const auto all = read_vectors(file);
  ASSERT_GT(all.size(), 100U);
  const Settings settings = settings_of(file);
  unsigned different = 0;
  for (const Vector& vector : all) {
    const std::string difference = play(vector, settings);
    if (!difference.empty() && ++different <= 5) ADD_FAILURE() << difference;
  }
  EXPECT_EQ(different, 0U) << "of " << all.size();
}

TEST(Vectors, LinuxMadeTheSameOfEachSequence) { expect_what_linux_made("UTABLES_VECTORS", kSequences); }

TEST(Vectors, LinuxMadeTheSameOfEachSctpSequence) {
  expect_what_linux_made("UTABLES_SCTP_VECTORS", kSctpSequences);
}

bool some_sequence_fails(const std::vector<Vector>& all, const TcpTables& tables) {
  for (const Vector& vector : all)
    if (!play(vector, defaults(Profile::modern), &tables).empty()) return true;
  return false;
}

TEST(Mutation, EachBrokenRowOfTheStateTableIsNoticed) {
  const auto all = read_vectors(kSequences);
  const auto rows = tcp_rows(Profile::modern);
  unsigned broken = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].reachable) continue;
    for (const TcpNext wrong : {TcpNext::invalid, TcpNext::close, TcpNext::established}) {
      if (wrong == rows[i].next) continue;
      std::vector<TcpRow> changed(rows.begin(), rows.end());
      changed[i].next = wrong;
      EXPECT_TRUE(some_sequence_fails(all, compile(changed, Profile::modern)))
          << tcp_row_name(rows[i]) << " broken into " << static_cast<int>(wrong);
      ++broken;
    }
  }
  fmt::print("counted: mutations of the state tables {}\n", broken);
  EXPECT_GT(broken, 100U);
}

/// The classic profile's own rows: a packet without flags opens an entry, and means nothing afterwards.
bool flagless_is_classic(const TcpTables& tables) {
  const auto sees = [&](std::initializer_list<Tcp> before, const Ends& ends, CtInfo info) {
    Wire w(defaults(Profile::classic), &tables);
    bool reply = false;
    for (const Tcp& t : before) w.send(tcp(std::exchange(reply, !reply) ? Ends{}.back() : Ends{}, t), 0);
    const Bytes packet = tcp(ends, ends.source == Ends{}.source
                                       ? Tcp{.flags = "", .seq = 2, .ack = 11}
                                       : Tcp{.flags = "", .seq = 11, .ack = 2, .sport = 80, .dport = 1000});
    return w.send(packet, 0).info == info;
  };
  const Tcp syn{.flags = "S", .seq = 1},
      answer{.flags = "SA", .seq = 10, .ack = 2, .sport = 80, .dport = 1000},
      ack{.flags = "A", .seq = 2, .ack = 11};
  Wire first(defaults(Profile::classic), &tables);
  if (first.send(tcp({}, {.flags = ""}), 0).info != CtInfo::new_) return false;
  if (first.list(0).find("tcp      6 1800 NONE src=10.0.0.1 ") != 0) return false;
  for (const Ends& ends : {Ends{}, Ends{}.back()})
    if (!sees({syn}, ends, CtInfo::invalid) || !sees({syn, answer}, ends, CtInfo::invalid) ||
        !sees({syn, answer, ack}, ends, CtInfo::invalid))
      return false;
  return true;
}

TEST(Mutation, EachBrokenRowOfTheClassicProfileIsNoticed) {
  ASSERT_TRUE(flagless_is_classic(tcp_tables(Profile::classic)));
  const auto rows = tcp_rows(Profile::classic);
  unsigned broken = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].reachable || rows[i].event != TcpEvent::none) continue;
    for (const TcpNext wrong : {TcpNext::invalid, TcpNext::close, TcpNext::established, TcpNext::ignore}) {
      if (wrong == rows[i].next) continue;
      std::vector<TcpRow> changed(rows.begin(), rows.end());
      changed[i].next = wrong;
      EXPECT_FALSE(flagless_is_classic(compile(changed, Profile::classic)))
          << tcp_row_name(rows[i]) << " broken into " << static_cast<int>(wrong);
      ++broken;
    }
  }
  fmt::print("counted: mutations of the state tables {}\n", broken);
  EXPECT_EQ(broken, 7U);
}

TEST(Mutation, EachMissingRowOfTheLifetimeTableIsNoticed) {
  const auto all = read_vectors(kSequences);
  for (std::size_t i = 0; i + 1 < static_cast<std::size_t>(TcpLifetime::count_);
       ++i) {  // the last is the rest
    TcpTables tables = tcp_tables(Profile::modern);
    tables.lifetimes[i] = false;
    EXPECT_TRUE(some_sequence_fails(all, tables)) << why(static_cast<TcpLifetime>(i));
    fmt::print("counted: mutations of the state tables 1\n");
  }
}

/// In the row's states, `stay` and the state's own name come to the same.
bool same_meaning(const SctpRow& row, SctpNext wrong) {
  const auto meant = [](SctpNext next, unsigned state) {
    return next == SctpNext::stay ? state : static_cast<unsigned>(next);
  };
  for (unsigned state = 0; state < SctpTables::kStates; ++state)
    if ((row.from >> state & 1) != 0 && meant(row.next, state) != meant(wrong, state)) return false;
  return true;
}

/// Every row, also those that no packet of an entry made here reaches: entries of another table do.
TEST(Mutation, EachBrokenRowOfTheSctpTableIsNoticed) {
  const auto all = read_vectors(kSctpSequences);
  const Settings settings = defaults(Profile::modern);
  const auto rows = sctp_rows();
  unsigned broken = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const SctpNext wrong :
         {SctpNext::invalid, SctpNext::stay, SctpNext::established, SctpNext::shutdown_ack_sent}) {
      if (wrong == rows[i].next) continue;
      std::vector<SctpRow> changed(rows.begin(), rows.end());
      changed[i].next = wrong;
      if (same_meaning(rows[i], wrong)) continue;
      const SctpTables tables = compile(changed);
      EXPECT_TRUE(std::any_of(
          all.begin(), all.end(),
          [&](const Vector& vector) { return !play(vector, settings, nullptr, &tables).empty(); }))
          << sctp_row_name(rows[i]) << " broken into " << static_cast<int>(wrong);
      ++broken;
    }
  }
  fmt::print("counted: mutations of the state tables {}\n", broken);
  EXPECT_GT(broken, 200U);
}

TEST(Document, SctpStatesIsWhatTheTableSays) {
  const std::string path = UTABLES_SOURCE_DIR "/docs/reference/sctp-states.md";
  if (std::getenv("UTABLES_WRITE_DOCS") != nullptr) std::ofstream(path) << sctp_states_document();
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, sctp_states_document()) << "run this test with UTABLES_WRITE_DOCS=1";
}

TEST(Document, TcpStatesIsWhatTheTablesSay) {
  const std::string path = UTABLES_SOURCE_DIR "/docs/reference/tcp-states.md";
  if (std::getenv("UTABLES_WRITE_DOCS") != nullptr) std::ofstream(path) << tcp_states_document();
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, tcp_states_document()) << "run this test with UTABLES_WRITE_DOCS=1";
}

}  // namespace
}  // namespace utables::conntrack::test
