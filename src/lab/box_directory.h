// Box directory: the files of a box (contract: "A box") read into text, before anything is parsed.
//
// A box is named by `-b`: a directory in which every file is optional, or an iptables-save file (a box
// with rules alone); else by $UTABLES_BOX; else the current directory is the box if it holds one of the
// files. Files are read whole, each up to a bound; text with a zero byte in it is refused with its line.
#pragma once
#include <utables/engine.h>
#include <utables/result.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace utables::lab {

/// A box as it was found on disk.
struct Box {
  BoxText text;
  std::string shown;       ///< as it was named, for reports (`office/`, `rules.v4`, `.`)
  std::string directory;   ///< empty: the box is a single file of rules
  std::string rules_file;  ///< what errors call the IPv4 rules (`office/rules.v4`)
};

/// The largest file of a box that is read, bytes.
inline constexpr std::uint64_t kBoxFileLimit = std::uint64_t{1} << 30;

/// Where the box is that `-b` names. `environment` is $UTABLES_BOX (empty or not set: not given).
[[nodiscard]] Result<std::string> name_box(const std::optional<std::string>& named, const char* environment);

/// Reads the box that `-b` names. `environment` is $UTABLES_BOX (empty or not set: not given).
[[nodiscard]] Result<Box, Errors> find_box(const std::optional<std::string>& named, const char* environment);

/// Reads a box from a directory or an iptables-save file.
[[nodiscard]] Result<Box, Errors> read_box(const std::string& path);

/// The directory holds at least one file of a box.
[[nodiscard]] bool holds_a_box(const std::filesystem::path& directory);

/// A whole file as text; `limit` bounds its size.
[[nodiscard]] Result<std::string> read_text(const std::string& path, std::uint64_t limit = kBoxFileLimit);

/// Errors of the engine bear the names of a directory's files; a box of one file has its own.
void name_files(const Box& box, Errors& errors);

}  // namespace utables::lab
