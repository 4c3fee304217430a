#include "lab/box_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "base/scan.h"

namespace utables::lab {
namespace {

namespace fs = std::filesystem;

/// A file of a box, and where its text goes.
struct BoxFile {
  const char* name;
  std::string BoxText::*text;
  bool BoxText::*present;
};
constexpr std::array<BoxFile, 7> kFiles{{
    {"net.ip", &BoxText::net_ip, &BoxText::has_net_ip},
    {"sysctl.conf", &BoxText::sysctl_conf, nullptr},
    {"rules.v4", &BoxText::rules_v4, &BoxText::has_rules_v4},
    {"rules.v6", &BoxText::rules_v6, &BoxText::has_rules_v6},
    {"nfct.conf", &BoxText::nfct_conf, nullptr},
    {"connlabel.conf", &BoxText::connlabel_conf, nullptr},
    {"state.jsonl", &BoxText::state, nullptr},
}};
/// Part of a box, and not yet read; refused unless nothing is in it.
constexpr const char* kSets = "ipset.conf";

/// Boxes that are no files.
struct ReservedName {
  std::string_view name, text;
};
constexpr std::array<ReservedName, 2> kReserved{{
    {"live",
     "box `live' (a running utables) cannot be used yet; name a directory or an iptables-save file "
     "(a directory of that name: ./live)"},
    {"host",
     "box `host' (this machine's own kernel) cannot be used yet; name a directory or an iptables-save file "
     "(a directory of that name: ./host)"},
}};

/// The first line of `text` with something in it other than blanks and comments; 0: none.
std::uint32_t first_line_with_content(std::string_view text) {
  std::uint32_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    const std::string_view content = trim(line);
    if (!content.empty() && content.front() != '#') return number;
  }
  return 0;
}

Result<void> check_text(const std::string& path, std::string_view text) {
  const std::size_t zero = text.find('\0');
  if (zero == std::string_view::npos) return {};
  const auto line = static_cast<std::uint32_t>(
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(zero), '\n'));
  return tl::unexpected<Error>(Error{"a zero byte: this is not a text file", path, line});
}

Result<void> read_part(const std::string& path, std::string& text) {
  auto read = read_text(path);
  if (!read) return tl::unexpected<Error>(read.error());
  if (auto good = check_text(path, *read); !good) return good;
  text = std::move(*read);
  return {};
}

void read_files(const fs::path& directory, Box& box, Errors& errors) {
  std::error_code ignored;
  for (const BoxFile& file : kFiles) {
    const fs::path path = directory / file.name;
    if (!fs::exists(fs::symlink_status(path, ignored))) continue;
    if (file.present != nullptr) box.text.*file.present = true;
    if (auto good = read_part(path.string(), box.text.*file.text); !good) errors.push_back(good.error());
  }
  const fs::path sets = directory / kSets;
  if (!fs::exists(fs::symlink_status(sets, ignored))) return;
  std::string text;
  if (auto good = read_part(sets.string(), text); !good) return errors.push_back(good.error());
  if (const std::uint32_t line = first_line_with_content(text); line != 0)
    errors.push_back(
        Error{"sets are not supported yet: `" + std::string(trim(split(text, '\n')[line - 1])) + "'",
              sets.string(), line});
}

Result<Box, Errors> read_directory(const std::string& path) {
  Box box;
  box.shown = path;
  box.directory = path;
  box.text.name = path == "." ? std::string() : path + (path.back() == '/' ? "" : "/");
  box.rules_file = box.text.name + "rules.v4";
  if (!holds_a_box(path))
    return tl::unexpected<Errors>(
        Errors{Error{"no file of a box in this directory (net.ip, sysctl.conf, rules.v4, rules.v6, "
                     "ipset.conf, state.jsonl)",
                     path}});
  Errors errors;
  read_files(path, box, errors);
  if (!errors.empty()) return tl::unexpected<Errors>(std::move(errors));
  return box;
}

Result<Box, Errors> read_rules_file(const std::string& path) {
  Box box;
  box.shown = path;
  box.rules_file = path;
  box.text.has_rules_v4 = true;
  if (auto good = read_part(path, box.text.rules_v4); !good)
    return tl::unexpected<Errors>(Errors{good.error()});
  return box;
}

}  // namespace

Result<std::string> read_text(const std::string& path, std::uint64_t limit) {
  const auto because = [&](std::string why) { return tl::unexpected<Error>(Error{std::move(why), path}); };
  std::error_code failed;
  if (fs::is_directory(path, failed)) return because("is a directory, where a file is expected");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return because(std::strerror(errno));
  std::string text;
  std::array<char, 1 << 16> chunk{};
  for (;;) {
    const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get());
    text.append(chunk.data(), got);
    if (text.size() > limit)
      return because(fmt::format("larger than the {} bytes that are read of a file", limit));
    // No text: its line is told by who asked, and /dev/zero has no end.
    if (got < chunk.size() || std::memchr(chunk.data(), 0, got) != nullptr) break;
  }
  if (std::ferror(file.get()) != 0) return because(std::strerror(errno));
  return text;
}

bool holds_a_box(const fs::path& directory) {
  std::error_code ignored;
  const auto there = [&](const char* name) {
    return fs::exists(fs::symlink_status(directory / name, ignored));
  };
  return there(kSets) ||
         std::any_of(kFiles.begin(), kFiles.end(), [&](const BoxFile& f) { return there(f.name); });
}

Result<Box, Errors> read_box(const std::string& path) {
  std::error_code failed;
  const fs::file_status status = fs::status(path, failed);
  if (!fs::exists(status))
    return tl::unexpected<Errors>(Errors{Error{"no such box: neither a directory nor a file", path}});
  return fs::is_directory(status) ? read_directory(path) : read_rules_file(path);
}

Result<std::string> name_box(const std::optional<std::string>& named, const char* environment) {
  std::string path;
  if (named) {
    path = *named;
  } else if (environment != nullptr && *environment != '\0') {
    path = environment;
  } else if (holds_a_box(".")) {
    path = ".";
  } else {
    return fail(
        "no box: name one with -b BOX or $UTABLES_BOX, or run this in a directory that holds one (net.ip, "
        "rules.v4, ...)");
  }
  if (path.empty()) return fail("the box's name is empty");
  for (const ReservedName& reserved : kReserved)
    if (path == reserved.name) return fail(std::string(reserved.text));
  return path;
}

Result<Box, Errors> find_box(const std::optional<std::string>& named, const char* environment) {
  const auto path = name_box(named, environment);
  if (!path) return tl::unexpected<Errors>(Errors{path.error()});
  return read_box(*path);
}

void name_files(const Box& box, Errors& errors) {
  if (!box.directory.empty()) return;
  for (Error& error : errors)
    if (error.file == "rules.v4") error.file = box.rules_file;
}

}  // namespace utables::lab
