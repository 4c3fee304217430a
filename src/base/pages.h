// Pages: zeroed memory for large tables that are read at random places.
// What reaches the size of a huge page begins at one and asks for them (Linux: MADV_HUGEPAGE), so that a
// random access need not walk the page tables; a page that nobody touched costs nothing.
#pragma once
#include <cstddef>
#include <memory>

namespace utables {

struct FreePages {
  std::size_t size = 0;  ///< bytes
  void operator()(void* memory) const;
};
using Pages = std::unique_ptr<void, FreePages>;

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// `size` bytes (rounded up to 64), all zero, at a cache line. Ends the program where there is no memory.
[[nodiscard]] Pages allocate_pages(std::size_t size);

}  // namespace utables
