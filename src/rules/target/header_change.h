// Changes to header fields that a target makes, each with its checksum and the packet's facts kept in step.
#pragma once
#include <cstdint>

#include "packet/buffer.h"

namespace utables::rules {

/// The TOS byte (traffic class) becomes `value`. The IPv4 checksum is moved by addition and subtraction of
/// the byte, which is how Linux does it for DSCP and TOS: of the two zeros of one's complement it can leave
/// the other one.
void change_ds_field(packet::Buffer& packet, std::uint8_t value);

/// The 16 bits at `offset` of the IPv4 header become `value`; the header's checksum is adjusted. The caller
/// keeps facts.
void change_ip_word(packet::Buffer& packet, std::uint32_t offset, std::uint16_t value);

/// The 16 bits at `offset` of the TCP header become `value`; TCP's checksum is adjusted.
/// REQUIRES: 20 bytes of transport header, and offset + 2 bytes of transport.
void change_tcp_word(packet::Buffer& packet, std::uint32_t offset, std::uint16_t value);

}  // namespace utables::rules
