#include "base/pages.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace utables {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t rounded(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

#ifdef __linux__
constexpr std::size_t kMapped = kHugePage;  // from this size on

/// A mapping that begins at a huge page: what is too much at both ends is given back.
void* map(std::size_t size) {
  void* memory =
      ::mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  auto* const start = static_cast<char*>(memory);
  const std::size_t before =
      rounded(reinterpret_cast<std::uintptr_t>(start), kHugePage) - reinterpret_cast<std::uintptr_t>(start);
  if (before != 0) ::munmap(start, before);
  ::munmap(start + before + size, kHugePage - before);
  ::madvise(start + before, size, MADV_HUGEPAGE);  // refused: the pages stay small
  return start + before;
}
void unmap(void* memory, std::size_t size) { ::munmap(memory, size); }
#else
constexpr std::size_t kMapped = SIZE_MAX;
void* map(std::size_t) { return nullptr; }
void unmap(void*, std::size_t) {}
#endif

}  // namespace

void FreePages::operator()(void* memory) const {
  if (size >= kMapped)
    unmap(memory, size);
  else
    std::free(memory);
}

Pages allocate_pages(std::size_t size) {
  size = rounded(size, kLine);
  if (size >= kMapped) {
    size = rounded(size, kHugePage);
    return {map(size), FreePages{size}};
  }
  void* memory = std::aligned_alloc(kLine, size);
  if (memory == nullptr) std::abort();
  std::memset(memory, 0, size);
  return {memory, FreePages{size}};
}

}  // namespace utables
