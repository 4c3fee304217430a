// Metamorphic tests: transformations of a replay that must not change what comes out, over scenarios drawn
// from seeds (generate/). Every file of the output directory is compared to the byte, unless said otherwise.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "base/bytes.h"
#include "io/capture.h"
#include "io/file_writer.h"
#include "io/link.h"
#include "io/pcapng_writer.h"
#include "lab/box_directory.h"
#include "lab/generate/generate.h"
#include "lab/outputs.h"
#include "lab/replay.h"
#include "packet/checksum.h"
#include "readdress.h"

namespace utables::lab {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

constexpr std::uint64_t kScenarios = 24;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

Files slurp_all(const fs::path& directory) {
  Files files;
  for (const auto& entry : fs::directory_iterator(directory))
    files[entry.path().filename().string()] = slurp(entry.path());
  return files;
}

std::string joined(const Errors& errors) {
  std::string out;
  for (const Error& e : errors) out += e.str() + "\n";
  return out;
}

class Metamorphic : public testing::TestWithParam<std::uint64_t> {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / fmt::format("utables-metamorphic-{}-{}", getpid(), GetParam());
    fs::remove_all(root_);
    draw({.seed = GetParam(), .helpers = GetParam() % 2 == 0});
  }
  void draw(const generate::Wish& wish) {
    scenario_ = generate::generate(wish);
    ASSERT_TRUE(generate::save(scenario_, (root_ / "box").string()));
  }
  void TearDown() override { fs::remove_all(root_); }

  [[nodiscard]] std::string at(std::string_view name) const { return (root_ / name).string(); }

  /// Replays captures through a box into the directory `out`.
  ReadCounts play(const std::string& box_path, const std::vector<std::string>& captures,
                  const std::string& out, unsigned batch = 256) {
    ReplayOptions options;
    options.captures = captures;
    options.batch = batch;
    options.engine.track_always = scenario_.track_always;
    options.checksums = ChecksumMode::check;
    const auto box = read_box(box_path);
    if (!box) ADD_FAILURE() << joined(box.error());
    auto replay = Replay::create(*box, options);
    if (!replay) {
      ADD_FAILURE() << joined(replay.error());
      return {};
    }
    auto outputs = Outputs::create({out, ""}, *box, *replay);
    if (!outputs) {
      ADD_FAILURE() << outputs.error().str();
      return {};
    }
    outputs->listen(*replay);
    const auto played = replay->run();
    EXPECT_TRUE(played) << played.error().str();
    const auto written = outputs->commit();
    EXPECT_TRUE(written) << written.error().str();
    return replay->counts();
  }

  /// The frames of a capture as they can be written again.
  struct Frame {
    io::FrameToWrite frame{};
    std::vector<std::uint8_t> bytes{};
    std::string interface {};
    std::uint16_t link_type = 101;
    std::string comment{};
  };
  static std::vector<Frame> frames_of(const std::string& path) {
    std::vector<Frame> all;
    auto reader = io::CaptureReader::open(path);
    EXPECT_TRUE(reader);
    for (;;) {
      const auto next = reader->next();
      if (!next || !*next) return all;
      Frame f;
      f.bytes.assign((*next)->bytes.begin(), (*next)->bytes.end());
      f.frame.time = (*next)->time;
      f.frame.direction = (*next)->direction;
      f.frame.wire_size = (*next)->wire_size;
      f.interface = std::string((*next)->interface_name);
      f.link_type = (*next)->link_type;
      f.comment = std::string((*next)->comment);
      all.push_back(std::move(f));
    }
  }
  static void write_frames(const std::string& path, const std::vector<Frame>& frames) {
    auto file = io::FileWriter::create(path);
    ASSERT_TRUE(file);
    io::PcapngWriter writer(*file);
    ASSERT_TRUE(writer.begin("test"));
    std::map<std::pair<std::string, std::uint16_t>, std::uint32_t> ids;
    for (const Frame& f : frames) {
      const auto [id, added] =
          ids.try_emplace({f.interface, f.link_type}, static_cast<std::uint32_t>(ids.size()));
      if (added) {
        ASSERT_TRUE(writer.add_interface(f.interface, f.link_type));
      }
      io::FrameToWrite out = f.frame;
      out.interface = id->second;
      out.bytes = f.bytes;
      ASSERT_TRUE(writer.write(out));
    }
    ASSERT_TRUE(file->commit());
  }

  fs::path root_{};
  generate::Scenario scenario_{};
};

void expect_equal(const Files& a, const Files& b) {
  for (const auto& [name, text] : a) {
    const auto other = b.find(name);
    ASSERT_NE(other, b.end()) << name;
    if (text == other->second) continue;
    std::istringstream left(text), right(other->second);
    std::string x, y;
    for (unsigned line = 1; std::getline(left, x) && std::getline(right, y); ++line)
      if (x != y) {
        ADD_FAILURE() << name << ":" << line << "\n  " << x.substr(0, 900) << "\n  " << y.substr(0, 900);
        break;
      }
    EXPECT_EQ(text.size(), other->second.size()) << name;
  }
  EXPECT_EQ(a.size(), b.size());
  fmt::print("counted: metamorphic comparisons 1\n");
}

/// Without what names a frame by its place in the capture.
std::string without_frames(const std::string& packets) {
  static const std::regex kFrame("\"frame\":[0-9]+,|\"file\":\"[^\"]*\",");
  return std::regex_replace(packets, kFrame, "");
}

/// sent.pcapng as lines: time, interface, bytes.
std::string sent_text(const std::string& path) {
  std::string out;
  auto reader = io::CaptureReader::open(path);
  if (!reader) return "unreadable";
  for (;;) {
    const auto next = reader->next();
    if (!next || !*next) return out;
    out += fmt::format("{} {} ", (*next)->time, (*next)->interface_name);
    for (const std::uint8_t b : (*next)->bytes) out += fmt::format("{:02x}", b);
    out += '\n';
  }
}

TEST_P(Metamorphic, BatchesOfAnySizeAreEqual) {
  play(at("box"), {at("box/traffic.pcapng")}, at("whole"));
  const Files whole = slurp_all(root_ / "whole");
  for (const unsigned batch : {1U, 7U, 32U}) {
    const std::string out = at(fmt::format("batch{}", batch));
    play(at("box"), {at("box/traffic.pcapng")}, out, batch);
    expect_equal(whole, slurp_all(out));
  }
}

TEST_P(Metamorphic, CutAnywhereAndResumedEqualsUncut) {
  play(at("box"), {at("box/traffic.pcapng")}, at("whole"));
  Files whole = slurp_all(root_ / "whole");
  const std::vector<Frame> frames = frames_of(at("box/traffic.pcapng"));
  ASSERT_GT(frames.size(), 10U);
  for (const std::size_t cut : {std::size_t{1}, frames.size() / 3, frames.size() / 2, frames.size() - 3}) {
    const auto middle = frames.begin() + static_cast<std::ptrdiff_t>(cut);
    write_frames(at("first.pcapng"), {frames.begin(), middle});
    write_frames(at("second.pcapng"), {middle, frames.end()});
    const std::string first = at(fmt::format("first{}", cut)), second = at(fmt::format("second{}", cut));
    play(at("box"), {at("first.pcapng")}, first);
    play(first, {at("second.pcapng")}, second);
    Files a = slurp_all(first), b = slurp_all(second);
    b["packets.jsonl"] = without_frames(a["packets.jsonl"] + b["packets.jsonl"]);
    b["events"] = a["events"] + b["events"];
    b["sent.pcapng"] = sent_text(first + "/sent.pcapng") + sent_text(second + "/sent.pcapng");
    Files expected = whole;
    expected["packets.jsonl"] = without_frames(whole["packets.jsonl"]);
    expected["sent.pcapng"] = sent_text(at("whole/sent.pcapng"));
    expect_equal(expected, b);
  }
}

TEST_P(Metamorphic, SavedAndLoadedIsTheSameBox) {
  play(at("box"), {at("box/traffic.pcapng")}, at("once"));
  write_frames(at("nothing.pcapng"), {});
  play(at("once"), {at("nothing.pcapng")}, at("twice"));
  Files once = slurp_all(root_ / "once"), twice = slurp_all(root_ / "twice");
  for (const char* name : {"events", "packets.jsonl", "sent.pcapng"}) {  // of the packets, not of the box
    once.erase(name);
    twice.erase(name);
  }
  expect_equal(once, twice);
}

TEST_P(Metamorphic, WhatTheBoxSentInTheCaptureTooIsPredicted) {
  // Programs of the box apart: their packets are told from forwarded ones by their source alone, and the
  // scenarios have programs that use others' addresses.
  std::vector<Frame> both = frames_of(at("box/traffic.pcapng"));
  both.erase(std::remove_if(both.begin(), both.end(),
                            [](const Frame& f) { return f.frame.direction == io::Direction::outbound; }),
             both.end());
  write_frames(at("inputs.pcapng"), both);
  const ReadCounts alone = play(at("box"), {at("inputs.pcapng")}, at("whole"));
  // A capture on all interfaces shows what came in and what left.
  const std::size_t inputs = both.size();
  std::vector<Frame> left = frames_of(at("whole/sent.pcapng"));
  std::vector<Frame> merged;
  std::size_t next = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    merged.push_back(both[i]);
    const std::string prefix = fmt::format(":{} ", i + 1);
    for (; next < left.size() && left[next].comment.find(prefix) != std::string::npos; ++next) {
      left[next].frame.direction = io::Direction::outbound;
      merged.push_back(left[next]);
    }
  }
  const std::size_t observed = merged.size() - inputs;
  write_frames(at("both.pcapng"), merged);
  const ReadCounts counts = play(at("box"), {at("both.pcapng")}, at("with"));
  EXPECT_EQ(counts.observations.predicted, observed);
  EXPECT_EQ(counts.inputs, alone.inputs);
  Files whole = slurp_all(root_ / "whole"), with = slurp_all(root_ / "with");
  for (Files* files : {&whole, &with}) {
    (*files)["packets.jsonl"] = without_frames((*files)["packets.jsonl"]);
    files->erase("sent.pcapng");
    files->erase("state.jsonl");  // bears predictions that wait
  }
  expect_equal(whole, with);
}

std::string hex(const std::vector<std::uint8_t>& bytes) {
  std::string out;
  for (const std::uint8_t b : bytes) out += fmt::format("{:02x}", b);
  return out;
}

/// Sets to zero what other addresses may change in a packet that left: its identification and the checksum
/// over it; in an error that quotes a header with options the quoted checksum, which is still the one
/// from before the box noted its own address there.
void forget_what_varies(std::vector<std::uint8_t>& b) {
  store16(&b[4], 0);
  store16(&b[10], 0);
  const std::size_t icmp = (b[0] & 15U) * 4U;
  if (b[9] != 1 || b.size() < icmp + 28 || (b[icmp + 8] >> 4) != 4 || (b[icmp + 8] & 15U) <= 5) return;
  store16(&b[icmp + 2], 0);
  store16(&b[icmp + 18], 0);
}

/// --ctorigsrc and its like take a mask with holes for none, so that the address may not be cut by it.
std::string without_lost_masks(const std::string& rules) {
  static const std::regex kMask("(--ct(orig|repl)(src|dst) [0-9.]+)/[0-9.]+");
  return std::regex_replace(rules, kMask, "$1");
}

/// What follows from addresses beyond themselves: identifications come from counters for each pair of them.
std::string without_identifications(const std::string& text) {
  static const std::regex kId(" ip-id [0-9]+");
  return std::regex_replace(text, kId, "");
}

/// The lines of state.jsonl that tell of connections, tables and rules; others have bytes and hashes in them.
std::string readable_state(const std::string& state) {
  std::istringstream in(state);
  std::string out;
  for (std::string line; std::getline(in, line);)
    for (const char* kind : {"connection", "rule", "state"})
      if (line.find(fmt::format("\"kind\":\"{}\"", kind)) != std::string::npos) out += line + "\n";
  return out;
}

// Which address of a range NAT gives depends on the addresses themselves: each becomes its first.
std::string without_address_ranges(const std::string& text) {
  static const std::regex kRange(R"((--to-(?:source|destination) [0-9.]+)-[0-9.]+)");
  return std::regex_replace(text, kRange, "$1");
}

TEST_P(Metamorphic, OtherAddressesEverywhereGiveTheSame) {
  draw({.seed = GetParam()});  // FTP's payloads have addresses as well
  const Readdress other(0x04, static_cast<std::uint8_t>(0x20 + GetParam()));
  const auto map_frame = [&](Frame& f) {
    const std::size_t offset = f.link_type == 1 ? 14 : 0;
    if (f.bytes.size() > offset) other.packet(f.bytes.data() + offset, f.bytes.size() - offset);
  };
  // An ICMP message that was cut has its quoted header in several pieces: those are left out.
  std::vector<Frame> frames = frames_of(at("box/traffic.pcapng"));
  frames.erase(std::remove_if(frames.begin(), frames.end(),
                              [](const Frame& f) {
                                const std::size_t at = f.link_type == 1 ? 14 : 0;
                                return f.bytes.size() >= at + 20 && f.bytes[at + 9] == 1 &&
                                       (load16(&f.bytes[at + 6]) & 0x3fffU) != 0;
                              }),
               frames.end());
  write_frames(at("before.pcapng"), frames);
  for (Frame& f : frames) map_frame(f);
  write_frames(at("after.pcapng"), frames);
  for (const char* box : {"box", "moved"}) fs::create_directory(root_ / box);
  for (const auto& [name, text] : slurp_all(root_ / "box")) {
    if (name == "traffic.pcapng") continue;
    const std::string kept = without_address_ranges(without_lost_masks(text));
    std::ofstream(root_ / "box" / name) << kept;
    std::ofstream(root_ / "moved" / name) << other.text(kept);
  }

  play(at("box"), {at("before.pcapng")}, at("plain"));
  play(at("moved"), {at("after.pcapng")}, at("changed"));
  Files plain = slurp_all(root_ / "plain"), changed = slurp_all(root_ / "changed");
  for (Files* files : {&plain, &changed}) {
    (*files)["packets.jsonl"] = without_identifications((*files)["packets.jsonl"]);
    (*files)["state.jsonl"] = readable_state((*files)["state.jsonl"]);
    files->erase("sent.pcapng");
  }
  plain["packets.jsonl"] =
      std::regex_replace(plain["packets.jsonl"], std::regex("before\\.pcapng"), "after.pcapng");
  for (auto& [name, text] : plain) text = other.text(text);
  expect_equal(plain, changed);

  std::vector<Frame> left = frames_of(at("plain/sent.pcapng")), moved = frames_of(at("changed/sent.pcapng"));
  ASSERT_EQ(left.size(), moved.size());
  ASSERT_GT(frames.size(), 10U);
  for (std::size_t i = 0; i < left.size(); ++i) {
    map_frame(left[i]);
    for (Frame* f : {&left[i], &moved[i]}) forget_what_varies(f->bytes);
    EXPECT_EQ(hex(left[i].bytes), hex(moved[i].bytes)) << i << " " << left[i].comment;
    EXPECT_EQ(left[i].interface, moved[i].interface) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Metamorphic, testing::Range<std::uint64_t>(1, kScenarios + 1));

}  // namespace
}  // namespace utables::lab
