// The public face: a box is read, an engine made of it, and a worker handed out.
#include <fmt/format.h>
#include <utables/engine.h>

#include <algorithm>

#include "base/scan.h"
#include "engine/compiled.h"
#include "engine/events.h"
#include "engine/parts.h"
#include "engine/path.h"
#include "rules/syntax/restore.h"

namespace utables {

namespace {

void append(Errors& all, Errors more) {
  for (Error& error : more) all.push_back(std::move(error));
}

/// The line of the first rule in iptables-save text; 0 if it holds none.
std::uint32_t first_rule_line(std::string_view text) {
  std::uint32_t line = 0;
  for (const std::string_view each : split(text, '\n')) {
    ++line;
    const std::string_view content = trim(each);
    if (content.starts_with("-A") || content.starts_with("-I") || content.starts_with("[")) return line;
  }
  return 0;
}

void refuse_ipv6_rules(const BoxText& box, Errors& errors) {
  const std::uint32_t line = first_rule_line(box.rules_v6);
  if (line == 0) return;
  Error error{
      "rules for IPv6 are not handled yet; without this file's rules the box can be used for its IPv4"};
  error.file = box.name + "rules.v6";
  error.line = line;
  errors.push_back(std::move(error));
}

/// Tables that `loaded` names, in its order; then the others as they are.
void order_tables(const std::vector<std::string>& loaded, rules::Ruleset& ruleset) {
  const auto rank = [&](const rules::Table& table) {
    return std::find(loaded.begin(), loaded.end(), rules::kTableNames[static_cast<std::size_t>(table.id)]) -
           loaded.begin();
  };
  std::stable_sort(ruleset.tables.begin(), ruleset.tables.end(),
                   [&](const rules::Table& a, const rules::Table& b) { return rank(a) < rank(b); });
}

void read_rules(const BoxText& box, EngineParts& parts, Errors& errors) {
  const std::string file = box.name + "rules.v4";
  rules::Ruleset ruleset;
  if (box.has_rules_v4 || !box.rules_v4.empty()) {
    auto read = rules::restore(box.rules_v4, {.family = Family::ipv4, .counters = true, .file = file});
    if (!read) return append(errors, std::move(read.error()));
    ruleset = std::move(*read);
    order_tables(box.loaded_tables, ruleset);
  }
  Random random(parts.seed ^ 0x72756c6573ULL);
  auto compiled = engine::Compiled::compile(std::move(ruleset), parts.host, random, file);
  if (!compiled) return append(errors, std::move(compiled.error()));
  parts.rules_v4 = std::move(*compiled);
}

void make_tracker(const BoxText& box, EngineParts& parts, Errors& errors) {
  const auto profile =
      parts.options.profile == Profile::classic ? conntrack::Profile::classic : conntrack::Profile::modern;
  auto settings = conntrack::settings_from(parts.host.sysctls, profile);
  if (!settings) {
    Error error = std::move(settings.error());
    if (error.file.empty()) error.file = box.name + "sysctl.conf";
    errors.push_back(std::move(error));
    return;
  }
  if (parts.options.ignore_checksums) settings->checksum = false;
  if (parts.rules_v4 != nullptr && parts.rules_v4->needs_accounting()) settings->accounting = true;
  parts.tracker = std::make_unique<conntrack::Tracker>(*settings, parts.seed, parts.events.get());
}

}  // namespace

EngineParts::EngineParts() : events(std::make_unique<engine::EventTeller>()) {}
EngineParts::~EngineParts() = default;

rules::Ruleset current_rules(const EngineParts& parts) { return parts.rules_v4->current(); }

Engine::Engine(std::unique_ptr<EngineParts> parts) : parts_(std::move(parts)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

EngineParts& Engine::parts() { return *parts_; }

Result<Engine, Errors> Engine::create(const BoxText& box, const Options& options) {
  Errors errors;
  auto parts = std::make_unique<EngineParts>();
  parts->options = options;
  parts->seed = options.seed;
  if (auto host = host::build(box))
    parts->host = std::move(*host);
  else
    append(errors, std::move(host.error()));
  read_rules(box, *parts, errors);
  refuse_ipv6_rules(box, errors);
  make_tracker(box, *parts, errors);
  if (!errors.empty()) return tl::unexpected<Errors>(std::move(errors));
  const bool no_rules_file = !box.has_rules_v4 && !box.has_rules_v6 && box.rules_v4.empty();
  parts->tracking = options.track_always || no_rules_file || parts->rules_v4->needs_tracking();
  return Engine(std::move(parts));
}

struct Worker::Impl {
  Impl(EngineParts& parts, std::uint64_t seed) : path(parts, seed) {}
  engine::Path path;
};

Worker Engine::worker() { return Worker(std::make_unique<Worker::Impl>(*parts_, parts_->seed)); }

Worker::Worker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;
Worker::~Worker() = default;

engine::Path& Worker::path() { return impl_->path; }

void Worker::process(std::span<Packet> batch, Time now, Sink& sink) { impl_->path.process(batch, now, sink); }

void Worker::advance(Time now, Sink& sink) { impl_->path.advance(now, sink); }

}  // namespace utables
