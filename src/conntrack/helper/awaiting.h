// Awaiting: what one packet's helper asks for, done: expectations made, the payload rewritten.
#pragma once
#include "conntrack/helper/awaited.h"
#include "conntrack/helper/helping.h"
#include "conntrack/helper/rewrite.h"

namespace utables::conntrack {

class Helping::Awaiting final : public HelperServices, private Awaited {
 public:
  /// `sequences`: of the master.
  Awaiting(Helping& helping, const Connection& master, Direction direction, packet::Buffer& packet,
           Sequences& sequences, const World& world)
      : helping_(helping),
        expectations_(helping.expectations_),
        master_(master),
        direction_(direction),
        packet_(packet),
        sequences_(sequences),
        world_(world),
        cases_(helping.cases_) {}

  bool expect(const Announcement& announced) override;
  void refresh(Duration timeout) override { refresh_ = timeout; }
  bool overwrite(std::uint32_t place, std::uint16_t value) override;
  void expect_call(const CallIds& ids) override;
  void end_call(const CallIds& ids) override { helping_.end_call(master_, ids, world_.now); }
  Awaited* awaited() override { return this; }
  [[nodiscard]] Duration refreshed() const { return refresh_; }

 private:
  Expectations::Added add(Expectation e, bool whoever) override;
  std::uint16_t add_at_a_port(Expectation e) override;
  void moved_on() override { count(cases_, HelpCase::port_drawn); }
  [[nodiscard]] const Expectations& all() const override { return expectations_; }
  [[nodiscard]] const Connection* connection(Handle handle) const override {
    return helping_.table_.alive(handle);
  }
  void remove(const Expectation& e) override { expectations_.remove(e, world_.now); }
  void renew(const Expectation& e, Duration timeout) override {
    expectations_.renew(e, world_.now + timeout);
  }
  bool reword(std::uint32_t place, std::uint32_t length, std::string_view text) override;
  void shift(std::uint32_t longer) override;
  bool redirect(std::uint16_t port) override { return redirect_datagram(packet_, port); }

  bool add_and_announce(const Expectation& e, const Announcement& announced);
  static void count(HelpCases& cases, HelpCase which) { ++cases[static_cast<std::size_t>(which)]; }

  Helping& helping_;
  Expectations& expectations_;
  const Connection& master_;
  Direction direction_;
  packet::Buffer& packet_;
  Sequences& sequences_;
  const World& world_;
  HelpCases& cases_;
  unsigned awaited_ = 0;  ///< by this packet so far
  Duration refresh_ = -1;
};

}  // namespace utables::conntrack
