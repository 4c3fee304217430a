#include "host/sysctl.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/scan.h"
#include "host/sysctl_names.h"

namespace utables::host {

namespace {

constexpr std::string_view kConf = "net.ipv4.conf.";

struct Line {
  std::string key;  // modern, with dots
  std::string value;
  std::uint32_t number = 0;
  bool may_fail = false, is_pattern = false;
};

/// `net/ipv4/conf/eth0.100/forwarding` and `net.ipv4.conf.eth0/100.forwarding` are the same key: the
/// latter, with dots between its parts.
std::string with_dots(std::string_view key) {
  for (const std::string_view prefix : {"/proc/sys/", "proc/sys/", "/"})
    if (key.starts_with(prefix)) {
      key.remove_prefix(prefix.size());
      std::string out(key);
      for (char& c : out) c = c == '/' ? '.' : (c == '.' ? '/' : c);
      return out;
    }
  std::string out(key);
  const std::size_t first = out.find_first_of("./");
  if (first != std::string::npos && out[first] == '/')
    for (char& c : out) c = c == '/' ? '.' : (c == '.' ? '/' : c);
  return out;
}

/// Glob of one key: `*` and `?` stand for characters of one part, as a shell's do for file names.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '.'))) {
      ++p, ++t;
    } else if (star != std::string_view::npos && text[star_text] != '.') {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

const GlobalSetting* global_named(std::string_view name) {
  for (const GlobalSetting& s : global_settings())
    if (s.name == name) return &s;
  return nullptr;
}

/// net.ipv4.conf.NAME.SETTING taken apart; the interface's dots are written `/` in a key.
struct ConfKey {
  std::string interface;
  const InterfaceSetting* setting = nullptr;
};
ConfKey conf_key(std::string_view key) {
  ConfKey out;
  if (!key.starts_with(kConf)) return out;
  const std::string_view rest = key.substr(kConf.size());
  const std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos) return out;
  out.interface = rest.substr(0, dot);
  std::replace(out.interface.begin(), out.interface.end(), '/', '.');
  for (const InterfaceSetting& s : interface_settings())
    if (s.name == rest.substr(dot + 1)) out.setting = &s;
  return out;
}

class Reader {
 public:
  Reader(Host& host, const std::string& file, Errors& errors) : host_(host), file_(file), errors_(errors) {
    const std::size_t settings = interface_settings().size();
    all_.resize(settings), default_.resize(settings);
    for (std::size_t i = 0; i < settings; ++i) {
      all_[i] = interface_settings()[i].all;
      default_[i] = interface_settings()[i].initial;
    }
  }

  void read(std::string_view text) {
    std::uint32_t number = 0;
    for (std::string_view physical : split(text, '\n')) {
      if (++number > kMaxSysctlLines) return fail(number, fmt::format("more than {} lines", kMaxSysctlLines));
      read_line(trim(physical), number);
    }
    // As at boot: what names no interface first, then interfaces appear with conf.default's values, and
    // the lines that name them are carried out.
    for (const Line& line : lines_)
      if (!names_interface(line)) set(line);
    values_.assign(host_.interfaces.size(), default_);
    for (const Line& line : lines_)
      if (names_interface(line)) set(line);
    combine();
    if (others_ != 0)
      host_.notes.push_back(fmt::format("{}: {} settings outside net.* are not simulated", file_, others_));
  }

 private:
  void fail(std::uint32_t number, std::string text) { errors_.push_back({std::move(text), file_, number}); }

  void read_line(std::string_view text, std::uint32_t number) {
    if (text.empty() || text.front() == '#' || text.front() == ';') return;
    if (text.find('\0') != std::string_view::npos) return fail(number, "a NUL byte: this is not text");
    Line line;
    line.number = number;
    if (text.front() == '-') {
      line.may_fail = true;
      text = trim(text.substr(1));
    }
    const std::size_t equals = text.find('=');
    const std::string_view key = trim(text.substr(0, equals));
    if (equals == std::string_view::npos) {
      if (!line.may_fail) return fail(number, fmt::format("`{}': `key = value' is expected", text));
      if (key.empty()) return fail(number, "`-': a key or a pattern is expected after it");
      exempt_.push_back(with_dots(key));
      return;
    }
    if (key.empty()) return fail(number, fmt::format("`{}': no key before `='", text));
    if (key.find_first_of(" \t") != std::string_view::npos)
      return fail(number, fmt::format("`{}': a key has no blanks", key));
    line.key = modern_name(key);
    if (line.key.empty() || line.key.find("..") != std::string::npos || line.key.ends_with('.') ||
        line.key.starts_with('.'))
      return fail(number, fmt::format("`{}': not the name of a setting", key));
    line.value = trim(text.substr(equals + 1));
    line.is_pattern = key.find_first_of("*?[") != std::string_view::npos;
    if (line.is_pattern && key.find('[') != std::string_view::npos)
      return fail(number, fmt::format("`{}': of patterns only `*' and `?' are taken", key));
    if (line.value.empty() && !line.may_fail)
      return fail(number, fmt::format("`{}': no value after `='", key));
    if (!line.is_pattern) named_.push_back(line.key);
    lines_.push_back(std::move(line));
  }

  [[nodiscard]] bool names_interface(const Line& line) const {
    if (line.is_pattern || !line.key.starts_with(kConf)) return line.is_pattern;
    const std::string interface = conf_key(line.key).interface;
    return interface != "all" && interface != "default";
  }

  /// Whether a pattern leaves this key alone: it has a line of its own, or is exempted.
  [[nodiscard]] bool exempted(std::string_view key) const {
    return std::find(named_.begin(), named_.end(), key) != named_.end() ||
           std::any_of(exempt_.begin(), exempt_.end(), [&](const std::string& p) { return matches(p, key); });
  }

  void set(const Line& line) {
    if (!line.is_pattern) return set_key(line, line.key);
    bool any = false;
    for (const std::string& key : known_keys()) {
      if (!matches(line.key, key)) continue;
      any = true;
      const std::size_t errors = errors_.size();
      if (!exempted(key)) set_key(line, key);
      if (errors_.size() != errors) return;  // the same for every other key
    }
    if (!any && !line.may_fail)
      host_.notes.push_back(
          fmt::format("{}:{}: `{}' matches no setting that is simulated", file_, line.number, line.key));
  }

  std::vector<std::string> known_keys() const {
    std::vector<std::string> out;
    for (const GlobalSetting& s : global_settings()) out.emplace_back(s.name);
    std::vector<std::string> names = {"all", "default"};
    for (const Interface& i : host_.interfaces) names.push_back(i.name);
    for (std::string& name : names) {
      std::replace(name.begin(), name.end(), '.', '/');
      for (const InterfaceSetting& s : interface_settings())
        if (name != "all" || s.name != "forwarding")
          out.push_back(fmt::format("{}{}.{}", kConf, name, s.name));
    }
    out.emplace_back("net.ipv4.ip_forward");
    return out;
  }

  /// The value as a number in range; an error unless the line may fail.
  std::optional<std::uint64_t> number(const Line& line, std::string_view key, std::uint64_t min,
                                      std::uint64_t max) {
    const auto value = scan_unsigned(line.value, 0, max);
    if (value && *value >= min) return value;
    if (!line.may_fail)
      fail(line.number, fmt::format("`{} = {}': not a number from {} to {}", key, line.value, min, max));
    return std::nullopt;
  }

  void set_key(const Line& line, std::string_view key) {
    if (key == "net.ipv4.ip_forward") return set_forwarding(line, key);
    if (const GlobalSetting* global = global_named(key)) {
      const auto value = number(line, key, global->min, global->max);
      if (!value) return;
      if (global->apply != nullptr) global->apply(host_.settings, *value);
      host_.sysctls.insert_or_assign(std::string(key), fmt::format("{}", *value));
      return;
    }
    if (key.starts_with(kConf)) return set_conf(line, key);
    host_.sysctls.insert_or_assign(std::string(key), line.value);
    if (!key.starts_with("net."))
      ++others_;
    else
      host_.notes.push_back(fmt::format("{}:{}: `{}' is not simulated", file_, line.number, key));
  }

  void set_forwarding(const Line& line, std::string_view key) {
    const auto value = number(line, key, 0, 0x7fffffff);
    if (!value) return;
    const std::size_t i = position("forwarding");
    host_.settings.ip_forward = *value != 0;
    all_[i] = default_[i] = *value != 0;
    for (auto& interface : values_) interface[i] = *value != 0;  // written to each, as the kernel does
    host_.sysctls.insert_or_assign(std::string(key), fmt::format("{}", *value));
  }

  static std::size_t position(std::string_view setting) {
    std::size_t i = 0;
    while (interface_settings()[i].name != setting) ++i;
    return i;
  }

  void set_conf(const Line& line, std::string_view key) {
    const ConfKey parts = conf_key(key);
    const bool shared = parts.interface == "all" || parts.interface == "default";
    const auto id = host_.find(parts.interface);
    if (!shared && !id) {
      if (!line.may_fail)
        fail(line.number, fmt::format("`{}': the box has no interface `{}' (in a key with dots, a dot of the "
                                      "name is written `/')",
                                      key, parts.interface));
      return;
    }
    if (parts.setting == nullptr) {
      host_.sysctls.insert_or_assign(std::string(key), line.value);
      host_.notes.push_back(fmt::format("{}:{}: `{}' is not simulated", file_, line.number, key));
      return;
    }
    const auto value = number(line, key, 0, 0x7fffffff);
    if (!value) return;
    const std::size_t i = position(parts.setting->name);
    if (parts.interface == "all") {
      all_[i] = static_cast<std::uint32_t>(*value);
    } else if (parts.interface == "default") {
      default_[i] = static_cast<std::uint32_t>(*value);
    } else {
      values_[*id][i] = static_cast<std::uint32_t>(*value);
    }
    host_.sysctls.insert_or_assign(std::string(key), fmt::format("{}", *value));
  }

  void combine() {
    host_.settings.interfaces.assign(host_.interfaces.size(), {});
    for (std::size_t id = 0; id < host_.interfaces.size(); ++id)
      for (std::size_t i = 0; i < interface_settings().size(); ++i) {
        const InterfaceSetting& setting = interface_settings()[i];
        const std::uint32_t all = all_[i], own = values_[id][i];
        std::uint32_t value = own;
        if (setting.combine == Combine::either) value = all != 0 || own != 0;
        if (setting.combine == Combine::both) value = all != 0 && own != 0;
        if (setting.combine == Combine::larger) value = std::max(all, own);
        setting.apply(host_.settings.interfaces[id], value);
      }
  }

  Host& host_;
  const std::string& file_;
  Errors& errors_;
  std::vector<Line> lines_;
  std::vector<std::string> named_, exempt_;
  std::vector<std::uint32_t> all_, default_;          // by position in interface_settings()
  std::vector<std::vector<std::uint32_t>> values_{};  // by InterfaceId, then likewise
  std::size_t others_ = 0;
};

}  // namespace

std::string modern_name(std::string_view key) {
  const std::string dotted = with_dots(key);
  std::string modern = renamed(dotted);
  return modern.empty() ? dotted : modern;
}

void read_sysctl(std::string_view text, const std::string& file, Host& host, Errors& errors) {
  if (text.size() > kMaxSysctlBytes) {
    errors.push_back({fmt::format("larger than {} bytes", kMaxSysctlBytes), file});
    text = {};
  }
  Reader(host, file, errors).read(text);
}

}  // namespace utables::host
