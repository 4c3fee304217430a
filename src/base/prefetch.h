// Fetching a cache line ahead of its use.
#pragma once

namespace utables {

/// Starts fetching the line of `address`; any address may be given. The empty asm is needed: g++ takes a
/// function that does nothing but prefetch for one without an effect, and drops the calls of it.
inline void prefetch(const void* address) {
  __builtin_prefetch(address);
  asm volatile("" : : "r"(address));
}

}  // namespace utables
