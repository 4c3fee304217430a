// iptables-save text -> restore -> save -> restore -> save: reading never crashes, and what was saved reads
// back as the same text. Once as iptables reads it, once as ip6tables.
#include <cstdint>
#include <cstdlib>

#include "rules/syntax/restore.h"
#include "rules/syntax/save.h"

namespace {

using namespace utables::rules;

void read_and_save(std::string_view text, utables::Family family) {
  RestoreOptions options;
  options.family = family;
  options.counters = true;
  const auto first = restore(text, options);
  if (!first) return;
  SaveOptions save_options;
  save_options.counters = true;
  const std::string saved = save(*first, save_options);
  const auto second = restore(saved, options);
  if (!second) std::abort();
  // Tables come out in the reverse order of loading: twice around is the first order again.
  const auto third = restore(save(*second, save_options), options);
  if (!third || save(*third, save_options) != saved) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_and_save(text, utables::Family::ipv4);
  read_and_save(text, utables::Family::ipv6);
  return 0;
}
