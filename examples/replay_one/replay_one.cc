// One packet through a firewall of two rules: what became of it, by which rule, and what left.
#include <utables/engine.h>

#include <array>
#include <cstdio>

struct Print final : utables::Sink {
  void sent(const utables::Sent& s) override { std::printf("left: %zu bytes\n", s.bytes.size()); }
  void outcome(const utables::Outcome& o) override {
    std::printf("%.*s by %.*s %.*s rule %u\n", int(name(o.fate).size()), name(o.fate).data(),
                int(o.by.table.size()), o.by.table.data(), int(o.by.chain.size()), o.by.chain.data(),
                o.by.rule);
  }
};

int main() {
  utables::BoxText box;
  box.has_rules_v4 = true;
  box.rules_v4 =
      "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -p udp --dport 53 -j ACCEPT\n-A FORWARD -j REJECT\nCOMMIT\n";
  auto engine = utables::Engine::create(box);
  if (!engine) {
    for (const utables::Error& error : engine.error()) std::fprintf(stderr, "%s\n", error.str().c_str());
    return 2;
  }
  // UDP 10.0.0.5:4000 > 203.0.113.9:53, 64 bytes of room behind it.
  std::array<std::uint8_t, 92> bytes{0x45, 0, 0,   28, 0,   7, 0,    0,    64, 17, 0x34, 0xbc, 10, 0,
                                     0,    5, 203, 0,  113, 9, 0x0f, 0xa0, 0,  53, 0,    8,    0,  0};
  utables::Packet packet{.bytes = bytes.data(), .size = 28, .room = bytes.size(), .interface = 1};
  Print print;
  utables::Worker worker = engine->worker();
  worker.process({&packet, 1}, 1'700'000'000 * utables::kSecond, print);
}
