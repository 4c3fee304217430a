#include "lab/report/show_filter.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/scan.h"
#include "conntrack/invalid.h"

namespace utables::lab {
namespace {

struct FateWord {
  Fate fate;
  std::string_view word;
  bool passed;  ///< `verdict accept`
};
constexpr std::array<FateWord, 9> kFates{{{Fate::forwarded, "forward", true},
                                          {Fate::delivered, "deliver", true},
                                          {Fate::sent, "send", true},
                                          {Fate::looped, "loop", true},
                                          {Fate::held, "hold", false},
                                          {Fate::dropped, "drop", false},
                                          {Fate::rejected, "reject", false},
                                          {Fate::proxied, "proxy", false},
                                          {Fate::refused, "refuse", false}}};

bool is_verdict(std::string_view word, Fate fate) {
  const auto& row =
      *std::find_if(kFates.begin(), kFates.end(), [&](const FateWord& f) { return f.fate == fate; });
  return word == row.word || word == name(fate) || (word == "accept" && row.passed);
}

bool is_interface(std::string_view pattern, InterfaceId id, const host::Host& host) {
  if (id == kNoInterface) return pattern == "-";
  const std::string& name = host.at(id).name;
  if (!pattern.empty() && pattern.back() == '+')
    return name.compare(0, pattern.size() - 1, pattern.substr(0, pattern.size() - 1)) == 0;
  return name == pattern;
}

// One primitive of ours: is a value known at all (for errors), and does it hold?
struct Primitive {
  std::string_view keyword, values;
  bool (*known)(std::string_view);
  bool (*holds)(std::string_view, const Outcome&, const host::Host&);
};

template <class E>
bool is_name_of(std::string_view word) {
  for (unsigned i = 1; i < static_cast<unsigned>(E::count_); ++i)
    if (name(static_cast<E>(i)) == word) return true;
  return false;
}

bool known_verdict(std::string_view v) {
  return std::any_of(kFates.begin(), kFates.end(), [&](const FateWord& f) { return is_verdict(v, f.fate); });
}
bool known_state(std::string_view v) {
  for (const CtInfo info :
       {CtInfo::new_, CtInfo::established, CtInfo::related, CtInfo::invalid, CtInfo::untracked, CtInfo::none})
    if (v == name(info)) return true;
  return false;
}
bool known_number(std::string_view v) { return scan_unsigned(v, 10, 0xffffffff).has_value(); }
bool known_reason(std::string_view v) {
  return is_name_of<DropReason>(v) || is_name_of<conntrack::InvalidReason>(v);
}
bool anything(std::string_view) { return true; }

constexpr std::array<Primitive, 7> kPrimitives{{
    {"verdict", "accept, forward, deliver, send, loop, hold, drop, reject, refuse", known_verdict,
     [](std::string_view v, const Outcome& o, const host::Host&) { return is_verdict(v, o.fate); }},
    {"state", "NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED", known_state,
     [](std::string_view v, const Outcome& o, const host::Host&) { return name(o.ctinfo) == v; }},
    {"rule", "the number of a rule", known_number,
     [](std::string_view v, const Outcome& o, const host::Host&) {
       return o.by.rule != 0 && scan_unsigned(v, 10, 0xffffffff) == o.by.rule;
     }},
    {"chain", "the name of a chain", anything,
     [](std::string_view v, const Outcome& o, const host::Host&) { return o.by.chain == v; }},
    {"in", "an interface", anything,
     [](std::string_view v, const Outcome& o, const host::Host& h) { return is_interface(v, o.in, h); }},
    {"out", "an interface", anything,
     [](std::string_view v, const Outcome& o, const host::Host& h) { return is_interface(v, o.out, h); }},
    {"reason", "a reason to drop or to be INVALID, as packets.jsonl has them", known_reason,
     [](std::string_view v, const Outcome& o, const host::Host&) {
       return v == reason_word(o) ||
              (o.invalid != 0 && v == conntrack::name(static_cast<conntrack::InvalidReason>(o.invalid)));
     }},
}};

const Primitive* find_primitive(std::string_view word) {
  for (const Primitive& p : kPrimitives)
    if (p.keyword == word) return &p;
  return nullptr;
}

constexpr std::size_t kMaxPrograms = 64, kMaxNodes = 1024, kMaxText = 16384, kMaxDepth = 100;

}  // namespace

std::string_view verdict_word(Fate fate) {
  return std::find_if(kFates.begin(), kFates.end(), [&](const FateWord& f) { return f.fate == fate; })->word;
}

std::string_view reason_word(const Outcome& outcome) {
  if (outcome.reason != DropReason::none) return name(outcome.reason);
  return outcome.invalid == 0 ? std::string_view{}
                              : conntrack::name(static_cast<conntrack::InvalidReason>(outcome.invalid));
}

struct ShowFilter::Leaf {
  const Primitive* primitive = nullptr;
  std::vector<std::string> values{};
};

struct ShowFilter::Node {
  enum class Kind : std::uint8_t { pcap, own, not_, and_, or_ } kind = Kind::pcap;
  std::size_t left = 0, right = 0;  // nodes; pcap: the program; own: the leaf
};

struct ShowFilter::Programs {
  std::vector<bpf_program> all{};
  Programs() = default;
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs() {
    for (bpf_program& p : all) pcap_freecode(&p);
  }
};

ShowFilter::ShowFilter() : programs_(std::make_unique<Programs>()) {}
ShowFilter::ShowFilter(ShowFilter&&) noexcept = default;
ShowFilter& ShowFilter::operator=(ShowFilter&&) noexcept = default;
ShowFilter::~ShowFilter() = default;

// Reads the text: words, parentheses and operators; whatever holds no primitive of ours is handed to
// libpcap as it stands, in runs as long as can be, so that `port 80 or 443` keeps its meaning.
class ShowParser {
 public:
  explicit ShowParser(std::string_view text) : text_(text) {}

  Result<ShowFilter> run() {
    if (text_.size() > kMaxText) return fail(fmt::format("--show: longer than {} bytes", kMaxText));
    cut();
    if (tokens_.empty()) return fail("--show: the filter is empty");
    auto root = expression(0);
    if (!root) return tl::unexpected<Error>(root.error());
    if (at_ < tokens_.size()) return fail(fmt::format("--show: `{}' is one `)' too many", text_));
    out_.root_ = *root;
    return std::move(out_);
  }

 private:
  using Node = ShowFilter::Node;
  struct Token {
    enum class Kind : std::uint8_t { word, open, close, and_, or_, not_ } kind = Kind::word;
    std::size_t begin = 0, end = 0;
  };

  [[nodiscard]] std::string_view word(const Token& t) const { return text_.substr(t.begin, t.end - t.begin); }
  void push(Token::Kind kind, std::size_t begin, std::size_t end) { tokens_.push_back({kind, begin, end}); }

  void cut() {
    for (std::size_t i = 0; i < text_.size();) {
      const std::string_view rest = text_.substr(i);
      if (std::string_view(" \t\r\n").find(rest[0]) != std::string_view::npos)
        ++i;
      else if (rest[0] == '(')
        push(Token::Kind::open, i, i + 1), ++i;
      else if (rest[0] == ')')
        push(Token::Kind::close, i, i + 1), ++i;
      else if (rest.substr(0, 2) == "&&")
        push(Token::Kind::and_, i, i + 2), i += 2;
      else if (rest.substr(0, 2) == "||")
        push(Token::Kind::or_, i, i + 2), i += 2;
      else if (rest[0] == '!' && rest.substr(0, 2) != "!=")
        push(Token::Kind::not_, i, i + 1), ++i;
      else
        i = cut_word(i);
    }
  }

  std::size_t cut_word(std::size_t i) {
    const std::size_t begin = i;
    int brackets = 0;
    for (; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == '[') ++brackets;
      if (c == ']') --brackets;
      if (brackets <= 0 && std::string_view(" \t\r\n()").find(c) != std::string_view::npos) break;
      if (brackets <= 0 && (text_.substr(i, 2) == "&&" || text_.substr(i, 2) == "||")) break;
    }
    const std::string_view w = text_.substr(begin, i - begin);
    push(w == "and"   ? Token::Kind::and_
         : w == "or"  ? Token::Kind::or_
         : w == "not" ? Token::Kind::not_
                      : Token::Kind::word,
         begin, i);
    return i;
  }

  Result<std::size_t> add(Node node) {
    if (out_.nodes_.size() >= kMaxNodes) return fail(fmt::format("--show: more than {} parts", kMaxNodes));
    out_.nodes_.push_back(node);
    return out_.nodes_.size() - 1;
  }

  [[nodiscard]] bool is(Token::Kind kind) const { return at_ < tokens_.size() && tokens_[at_].kind == kind; }

  Result<std::size_t> expression(std::size_t depth) {
    if (depth > kMaxDepth) return fail(fmt::format("--show: nested deeper than {}", kMaxDepth));
    auto left = term(depth, std::nullopt);
    while (left && (is(Token::Kind::and_) || is(Token::Kind::or_))) {
      const Token::Kind op = tokens_[at_++].kind;
      const auto right = term(depth, op);
      if (!right) return right;
      left = add({op == Token::Kind::and_ ? Node::Kind::and_ : Node::Kind::or_, *left, *right});
    }
    return left;
  }

  /// `after`: the operator before it; none at the beginning of a group.
  Result<std::size_t> term(std::size_t depth, std::optional<Token::Kind> after) {
    if (at_ >= tokens_.size())
      return fail(fmt::format("--show: `{}' ends where a condition is expected", text_));
    if (ours(at_) == Ours::no) return pcap_run(after);
    if (is(Token::Kind::not_)) {
      ++at_;
      const auto inner = depth > kMaxDepth ? Result<std::size_t>(fail("--show: too many negations"))
                                           : term(depth + 1, Token::Kind::not_);
      return inner ? add({Node::Kind::not_, *inner, 0}) : inner;
    }
    if (is(Token::Kind::open)) {
      ++at_;
      const auto inner = expression(depth + 1);
      if (!inner) return inner;
      if (!is(Token::Kind::close)) return fail(fmt::format("--show: `{}' lacks a `)'", text_));
      ++at_;
      return inner;
    }
    return primitive();
  }

  enum class Ours : std::uint8_t { no, yes };
  /// Whether the term that begins at token `i` holds a primitive of ours.
  [[nodiscard]] Ours ours(std::size_t i) const {
    while (i < tokens_.size() && tokens_[i].kind == Token::Kind::not_) ++i;
    if (i >= tokens_.size()) return Ours::no;
    if (tokens_[i].kind == Token::Kind::word)
      return find_primitive(word(tokens_[i])) != nullptr ? Ours::yes : Ours::no;
    if (tokens_[i].kind != Token::Kind::open) return Ours::no;
    int open = 0;
    for (; i < tokens_.size(); ++i) {
      open += tokens_[i].kind == Token::Kind::open ? 1 : tokens_[i].kind == Token::Kind::close ? -1 : 0;
      if (open == 0) break;
      if (tokens_[i].kind == Token::Kind::word && find_primitive(word(tokens_[i])) != nullptr)
        return Ours::yes;
    }
    return Ours::no;
  }

  Result<std::size_t> pcap_run(std::optional<Token::Kind> after) {
    const std::size_t first = at_;
    int open = 0;
    for (; at_ < tokens_.size(); ++at_) {
      const Token& t = tokens_[at_];
      if (t.kind == Token::Kind::open) ++open;
      if (t.kind == Token::Kind::close && --open < 0) break;
      const bool op = t.kind == Token::Kind::and_ || t.kind == Token::Kind::or_;
      if (open == 0 && op && ((after && *after != t.kind) || ours(at_ + 1) == Ours::yes)) break;
    }
    if (first == at_)
      return fail(fmt::format("--show: `{}' lacks a condition before `{}'", text_, word(tokens_[at_])));
    return compile(text_.substr(tokens_[first].begin, tokens_[at_ - 1].end - tokens_[first].begin));
  }

  Result<std::size_t> compile(std::string_view part) {
    if (out_.programs_->all.size() >= kMaxPrograms)
      return fail(fmt::format("--show: more than {} pcap conditions", kMaxPrograms));
    const std::unique_ptr<pcap_t, void (*)(pcap_t*)> dead(pcap_open_dead(DLT_RAW, 262144), &pcap_close);
    bpf_program program{};
    if (!dead || pcap_compile(dead.get(), &program, std::string(part).c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
      return fail(
          fmt::format("--show: `{}' is neither one of ours (verdict, state, rule, chain, in, out, reason) "
                      "nor a pcap filter: {}",
                      part, dead ? pcap_geterr(dead.get()) : "no memory"));
    out_.programs_->all.push_back(program);
    return add({Node::Kind::pcap, out_.programs_->all.size() - 1, 0});
  }

  Result<std::size_t> primitive() {
    const Primitive* const found = find_primitive(word(tokens_[at_]));
    if (++at_ >= tokens_.size() || tokens_[at_].kind != Token::Kind::word)
      return fail(fmt::format("--show: `{}' needs a value: {}", found->keyword, found->values));
    ShowFilter::Leaf leaf{found, {}};
    for (const std::string_view value : split(word(tokens_[at_]), ',')) {
      if (!found->known(value))
        return fail(fmt::format("--show: `{} {}': expected {}", found->keyword, value, found->values));
      leaf.values.emplace_back(value);
    }
    ++at_;
    out_.leaves_.push_back(std::move(leaf));
    return add({Node::Kind::own, out_.leaves_.size() - 1, 0});
  }

  std::string_view text_;
  std::vector<Token> tokens_{};
  std::size_t at_ = 0;
  ShowFilter out_{};
};

Result<ShowFilter> ShowFilter::compile(std::string_view text) { return ShowParser(text).run(); }

std::uint64_t ShowFilter::look(std::span<const std::uint8_t> packet, std::uint32_t wire_size) const {
  pcap_pkthdr header{};
  header.caplen = static_cast<bpf_u_int32>(packet.size());
  header.len = std::max(header.caplen, static_cast<bpf_u_int32>(wire_size));
  std::uint64_t looked = 0;
  for (std::size_t i = 0; i < programs_->all.size(); ++i)
    if (pcap_offline_filter(&programs_->all[i], &header, packet.data()) != 0) looked |= std::uint64_t{1} << i;
  return looked;
}

bool ShowFilter::matches(std::uint64_t looked, const Outcome& outcome, const host::Host& host) const {
  return holds(root_, looked, outcome, host);
}

bool ShowFilter::holds(std::size_t node, std::uint64_t looked, const Outcome& outcome,
                       const host::Host& host) const {
  const Node& n = nodes_[node];
  switch (n.kind) {
    case Node::Kind::pcap:
      return (looked >> n.left & 1) != 0;
    case Node::Kind::not_:
      return !holds(n.left, looked, outcome, host);
    case Node::Kind::and_:
      return holds(n.left, looked, outcome, host) && holds(n.right, looked, outcome, host);
    case Node::Kind::or_:
      return holds(n.left, looked, outcome, host) || holds(n.right, looked, outcome, host);
    case Node::Kind::own:
      break;
  }
  const Leaf& leaf = leaves_[n.left];
  return std::any_of(leaf.values.begin(), leaf.values.end(),
                     [&](const std::string& v) { return leaf.primitive->holds(v, outcome, host); });
}

}  // namespace utables::lab
