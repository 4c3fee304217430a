#include "io/format/pcapng_blocks.h"

#include <fmt/format.h>

namespace utables::io::pcapng {

std::string block_name(std::uint32_t type) {
  switch (type) {
    case kSectionHeader:
      return "section header";
    case kInterfaceDescription:
      return "interface description";
    case kObsoletePacket:
      return "packet";
    case kSimplePacket:
      return "simple packet";
    case kNameResolution:
      return "name resolution";
    case kInterfaceStatistics:
      return "interface statistics";
    case kEnhancedPacket:
      return "enhanced packet";
    case kDecryptionSecrets:
      return "decryption secrets";
    case kCustom:
    case kCustomNotCopied:
      return "custom";
    default:
      return fmt::format("type {:#010x}", type);
  }
}

}  // namespace utables::io::pcapng
