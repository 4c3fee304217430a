// The public face: a box is read, an engine made of it, and a worker handed out.
#include <fmt/format.h>
#include <utables/engine.h>

#include <algorithm>

#include "base/scan.h"
#include "conntrack/timeout_policies.h"
#include "engine/compiled.h"
#include "engine/events.h"
#include "engine/parts.h"
#include "engine/path.h"
#include "rules/syntax/restore.h"
#include "rules/validate.h"

namespace utables {

namespace {

void append(Errors& all, Errors more) {
  for (Error& error : more) all.push_back(std::move(error));
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

std::unique_ptr<engine::Compiled> read_rules(const BoxText& box, EngineParts& parts, Family family,
                                             const conntrack::Settings& settings, Errors& errors) {
  const bool v6 = family == Family::ipv6;
  const std::string& text = v6 ? box.rules_v6 : box.rules_v4;
  const std::string file = box.name + (v6 ? "rules.v6" : "rules.v4");
  rules::Ruleset ruleset;
  ruleset.family = family;
  if ((v6 ? box.has_rules_v6 : box.has_rules_v4) || !text.empty()) {
    auto read = rules::restore(text, {.family = family, .counters = true, .file = file});
    if (!read) {
      append(errors, std::move(read.error()));
      return nullptr;
    }
    ruleset = std::move(*read);
    if (auto settled = rules::settle(ruleset, settings); !settled) {
      settled.error().file = file;
      errors.push_back(std::move(settled.error()));
      return nullptr;
    }
    order_tables(v6 ? box.loaded_tables_v6 : box.loaded_tables, ruleset);
  }
  Random random(parts.seed ^ (v6 ? 0x76362072756c6573ULL : 0x72756c6573ULL));
  auto compiled = engine::Compiled::compile(std::move(ruleset), parts.host, random, file);
  if (compiled) return std::move(*compiled);
  append(errors, std::move(compiled.error()));
  return nullptr;
}

conntrack::Settings read_settings(const BoxText& box, const EngineParts& parts, Errors& errors) {
  const auto profile =
      parts.options.profile == Profile::classic ? conntrack::Profile::classic : conntrack::Profile::modern;
  auto settings = conntrack::settings_from(parts.host.sysctls, profile);
  if (!settings) {
    Error error = std::move(settings.error());
    if (error.file.empty()) error.file = box.name + "sysctl.conf";
    errors.push_back(std::move(error));
    return conntrack::defaults(profile);
  }
  if (parts.options.ignore_checksums) settings->checksum = false;
  settings->labels = conntrack::read_label_names(box.connlabel_conf);
  if (auto policies = conntrack::read_timeout_policies(box.nfct_conf, *settings, box.name + "nfct.conf"))
    settings->policies = std::move(*policies);
  else
    append(errors, std::move(policies.error()));
  return std::move(*settings);
}

void make_tracker(EngineParts& parts, conntrack::Settings settings) {
  for (const engine::Compiled* rules : {parts.rules_v4.get(), parts.rules_v6.get()})
    if (rules != nullptr && rules->needs_accounting()) settings.accounting = true;
  parts.tracker = std::make_unique<conntrack::Tracker>(settings, parts.seed, parts.events.get());
}

}  // namespace

EngineParts::EngineParts() : events(std::make_unique<engine::EventTeller>()) {}
EngineParts::~EngineParts() = default;

bool EngineParts::rules_need_tracking() const {
  return rules_v4->needs_tracking() || rules_v6->needs_tracking();
}

rules::Ruleset current_rules(const EngineParts& parts, Family family) {
  return parts.rules(family).current();
}

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
  conntrack::Settings settings = read_settings(box, *parts, errors);
  parts->rules_v4 = read_rules(box, *parts, Family::ipv4, settings, errors);
  parts->rules_v6 = read_rules(box, *parts, Family::ipv6, settings, errors);
  make_tracker(*parts, std::move(settings));
  if (!errors.empty()) return tl::unexpected<Errors>(std::move(errors));
  const bool no_rules_file =
      !box.has_rules_v4 && !box.has_rules_v6 && box.rules_v4.empty() && box.rules_v6.empty();
  const bool always = options.track_always || no_rules_file;
  parts->tracked_families = {always || parts->rules_v4->needs_tracking(),
                             always || parts->rules_v6->needs_tracking()};
  parts->tracking = parts->tracked_families[0] || parts->tracked_families[1];
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
