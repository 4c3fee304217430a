// iptables-save text -> restore -> save -> restore -> save: reading never crashes, and what was saved reads
// back as the same text.
#include <cstdint>
#include <cstdlib>

#include "rules/syntax/restore.h"
#include "rules/syntax/save.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace utables::rules;
  RestoreOptions options;
  options.counters = true;
  const auto first = restore({reinterpret_cast<const char*>(data), size}, options);
  if (!first) return 0;
  SaveOptions save_options;
  save_options.counters = true;
  const std::string saved = save(*first, save_options);
  const auto second = restore(saved, options);
  if (!second) std::abort();
  // Tables come out in the reverse order of loading: twice around is the first order again.
  const auto third = restore(save(*second, save_options), options);
  if (!third || save(*third, save_options) != saved) std::abort();
  return 0;
}
