// Reading a command line: getopt goes through it, and each option is looked at as it comes, as in the
// original; so the first thing that is wrong is what is told. What options mean together is checked
// afterwards.
#include <fmt/format.h>

#include <array>
#include <bitset>

#include "base/scan.h"
#include "cli/conntrack/label_names.h"
#include "cli/conntrack/options.h"
#include "cli/conntrack/values.h"
#include "packet/headers.h"

namespace utables::cli::conntrack_tool {
namespace {

constexpr int kBoxLong = 0x2000;

/// The words of tables may be abbreviated; the empty one means the second.
constexpr std::array<std::string_view, 4> kTables{"conntrack", "expect", "dying", "unconfirmed"};

std::optional<TableName> find_table(std::string_view word) {
  if (word.empty()) return TableName::expect;
  for (std::size_t i = 0; i < kTables.size(); ++i)
    if (kTables[i].substr(0, word.size()) == word) return static_cast<TableName>(i);
  return std::nullopt;
}

Verb verb_of(int letter) {
  switch (letter) {
    case 'L':
      return Verb::list;
    case 'G':
      return Verb::get;
    case 'D':
      return Verb::remove;
    case 'I':
      return Verb::create;
    case 'A':
      return Verb::add;
    case 'U':
      return Verb::update;
    case 'E':
      return Verb::events;
    case 'F':
      return Verb::flush;
    case 'C':
      return Verb::count;
    case 'S':
      return Verb::statistics;
    case 'V':
      return Verb::version;
    case 'h':
      return Verb::help;
    default:
      return Verb::none;
  }
}

class Parser {
 public:
  Parser(const Arguments& arguments, BoxOption box, const std::string& label_file)
      : box_(box), words_(arguments), labels_(label_file) {
    words_.insert(words_.begin(), "conntrack");
    for (std::string& word : words_) argv_.push_back(word.data());
    argv_.push_back(nullptr);
    const auto all = long_options();
    longs_.assign(all.begin(), all.end());
    if (box == BoxOption::box) longs_.push_back({"box", required_argument, nullptr, kBoxLong});
    longs_.push_back({});
  }

  Parsed run() {
    optind = 0;  // from the start again, even if somebody read others before
    opterr = 0;
    while (good()) {
      const int found =
          getopt_long(static_cast<int>(words_.size()), argv_.data(), short_options(), longs_.data(), nullptr);
      if (found == -1) break;
      take(found, optarg != nullptr ? std::optional<std::string>(optarg) : std::nullopt);
    }
    if (good()) check();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool good() const { return !out_.failure; }
  CommandLine& line() { return out_.line; }
  conntrack::Parameters& parameters() { return out_.line.parameters; }
  void wrong(std::string text, int exit_code = kUsage) {
    if (good()) out_.failure = Failure{exit_code, std::move(text)};
  }
  [[nodiscard]] bool has(Option option) const { return given_[static_cast<std::size_t>(option)]; }
  void give(Option option) { given_.set(static_cast<std::size_t>(option)); }
  /// The argument that getopt stands behind.
  [[nodiscard]] std::string last_word() const { return argv_[static_cast<std::size_t>(optind - 1)]; }
  /// What may follow an option: the next word, unless it is an option itself. What is attached to the option
  /// is not looked at (`-Lfoo`), as in the original.
  std::optional<std::string> optional_word(bool attached) {
    const char* const next = argv_[static_cast<std::size_t>(optind)];
    if (attached || next == nullptr || *next == '-') return std::nullopt;
    ++optind;
    return std::string(next);
  }

  void take(int found, const std::optional<std::string>& value) {
    const std::string text = value.value_or("");
    if (verb_of(found) != Verb::none) return take_verb(verb_of(found), value.has_value());
    if (found >= kProtocolValue && found < kBoxLong)
      return take_port(static_cast<PortOption>(found - kProtocolValue), text);
    if (found == ':') return wrong(fmt::format("option `{}' requires an argument", last_word()));
    if (found == '?') return wrong(fmt::format("unknown option `{}'", last_word()));
    if (found == kBoxLong || (found == 'b' && box_ == BoxOption::box)) {
      line().box = text;
      return;
    }
    if (take_address(found, text) || take_nat(found, value.has_value()) || take_label(found, value)) return;
    take_simple(found, text);
  }

  void take_verb(Verb verb, bool attached) {
    if (line().verb != Verb::none) return wrong("Invalid commands combination");
    line().verb = verb;
    if (const auto word = optional_word(attached)) {
      const auto table = find_table(*word);
      if (!table) return wrong(fmt::format("unknown type `{}'", *word));
      line().table = *table;
    }
    const bool special = line().table == TableName::dying || line().table == TableName::unconfirmed;
    if (special && verb != Verb::list)
      return wrong("Can't do that command with tables `dying' and `unconfirmed'");
    if (line().table == TableName::expect && verb == Verb::update) wrong("Can't do --update on expectations");
    if (line().table == TableName::expect && verb == Verb::add) wrong("Can't do --add on expectations");
  }

  /// Every address of a command line is of one family.
  void take_family(Family family) {
    if (parameters().family && *parameters().family != family) return wrong("mismatched address family");
    parameters().family = family;
  }

  struct AddressOption {
    int letter;
    Option option;
    std::optional<Option> mask;
  };
  bool take_address(int found, const std::string& text) {
    static constexpr std::array<AddressOption, 8> kAddresses{{
        {'s', Option::source, Option::mask_source},
        {'d', Option::destination, Option::mask_destination},
        {'r', Option::reply_source, std::nullopt},
        {'q', Option::reply_destination, std::nullopt},
        {kLongOnly + static_cast<int>(Option::tuple_source), Option::tuple_source, Option::mask_source},
        {kLongOnly + static_cast<int>(Option::tuple_destination), Option::tuple_destination,
         Option::mask_destination},
        {kLongOnly + static_cast<int>(Option::mask_source), Option::mask_source, std::nullopt},
        {kLongOnly + static_cast<int>(Option::mask_destination), Option::mask_destination, std::nullopt},
    }};
    for (const AddressOption& row : kAddresses)
      if (row.letter == found) return take_address(row, text), true;
    return false;
  }

  void take_address(const AddressOption& row, const std::string& text) {
    give(row.option);
    const auto value = read_address(text);
    if (!value) return wrong(value.error().text);
    take_family(value->family);
    if (value->mask && !row.mask)
      return wrong(fmt::format("CIDR notation unavailable for `--{}'", name(row.option)));
    set_address(row.option, value->address);
    if (!value->mask || *value->mask == mask_of(address_bits(value->family), value->family)) return;
    give(*row.mask);
    set_address(*row.mask, *value->mask);
  }

  void set_address(Option option, const Address& address) {
    conntrack::Parameters& p = parameters();
    if (option == Option::source) p.tuple[0].source = address;
    if (option == Option::destination) p.tuple[0].destination = address;
    if (option == Option::reply_source) p.tuple[1].source = address;
    if (option == Option::reply_destination) p.tuple[1].destination = address;
    if (option == Option::tuple_source) line().awaited.tuple.source = address;
    if (option == Option::tuple_destination) line().awaited.tuple.destination = address;
    if (option == Option::mask_source) p.source_mask = line().awaited.source_mask = address;
    if (option == Option::mask_destination) p.destination_mask = address;
  }

  bool take_nat(int found, bool attached) {
    if (found != 'n' && found != 'g' && found != 'j') return false;
    std::optional<conntrack::NatParts>& nat = found == 'n'   ? parameters().source_nat
                                              : found == 'g' ? parameters().destination_nat
                                                             : parameters().any_nat;
    give(found == 'n' ? Option::source_nat : found == 'g' ? Option::destination_nat : Option::any_nat);
    nat.emplace();
    if (has(Option::any_nat) && (has(Option::source_nat) || has(Option::destination_nat)))
      return wrong("cannot specify `--src-nat' or `--dst-nat' with `--any-nat'"), true;
    const auto word = optional_word(attached);
    if (!word) return true;
    const auto value = read_nat(*word);
    if (!value) return wrong(value.error().text), true;
    take_family(value->family);
    *nat = value->nat;
    return true;
  }

  bool take_label(int found, const std::optional<std::string>& value) {
    const bool adds = found == kLongOnly + static_cast<int>(Option::label_add);
    const bool removes = found == kLongOnly + static_cast<int>(Option::label_del);
    if (found != 'l' && !adds && !removes) return false;
    give(adds ? Option::label_add : removes ? Option::label_del : Option::label);
    if (auto note = labels_.load()) out_.notes.push_back(std::move(*note));
    line().output.label_names = labels_.all();
    if (has(Option::label_add) && has(Option::label_del))
      return wrong("cannot use --label-add and --label-del at the same time", kOther), true;
    const auto word = removes ? optional_word(value.has_value()) : value;
    if (found == 'l') return take_label_names(*word, begun(parameters().labels)), true;
    conntrack::LabelChange& change = begun(parameters().label_change);
    change.adds = adds;
    change.all = change.all || !word;
    if (word) take_label_names(*word, change.which);
    return true;
  }

  template <class T>
  static T& begun(std::optional<T>& value) {
    return value ? *value : value.emplace();
  }

  void take_label_names(std::string_view names, conntrack::LabelParts& parts) {
    for (const std::string_view name : split(names, ',')) {
      const auto number = labels_.number_of(name);
      if (!number) return wrong(fmt::format("unknown label '{}'", name));
      if (*number > conntrack::kLargestLabel)
        parts.beyond = true;
      else
        parts.labels.set(*number);
    }
  }

  void take_simple(int found, const std::string& text) {
    conntrack::Parameters& p = parameters();
    switch (found) {
      case 'p':
        return take_protocol(text);
      case 'f':
        return take_family_name(text);
      case 't':
        p.timeout = read_decimal(text);
        return give(Option::timeout);
      case 'u':
        return take_status(text);
      case 'o':
        return take_output(text);
      case 'e':
        give(Option::event_mask);
        if (auto read = read_event_mask(text, line().events); !read) wrong(read.error().text);
        return;
      case 'z':
        line().zero = true;
        return give(Option::zero);
      case 'm':
        read_mark(text, p);
        return give(Option::mark);
      case 'c':  // nothing has a security mark, and the original does not select by it
        return give(Option::secmark);
      case 'i':
        p.id = read_number(text);
        return give(Option::id);
      case 'w':
        p.zone = static_cast<std::uint16_t>(read_number(text));
        return give(Option::zone);
      case 'a':
        out_.notes.emplace_back("WARNING: ignoring -a, deprecated option.");
        return;
      default:
        return take_rest(found, text);
    }
  }

  void take_rest(int found, const std::string& text) {
    const int zone = kLongOnly + static_cast<int>(Option::original_zone);
    const int reply_zone = kLongOnly + static_cast<int>(Option::reply_zone);
    if (found == zone) {
      parameters().original_zone = static_cast<std::uint16_t>(read_number(text));
      give(Option::original_zone);
    } else if (found == reply_zone) {
      parameters().reply_zone = static_cast<std::uint16_t>(read_number(text));
      give(Option::reply_zone);
    } else {
      line().buffer_size = read_decimal(text);
      give(Option::buffer_size);
    }
  }

  void take_protocol(const std::string& text) {
    give(Option::protocol);
    const auto number = read_protocol(text);
    if (!number) return wrong(fmt::format("`{}' unsupported protocol", text));
    parameters().protocol = *number;
    module_ = find_module(*number);
    if (module_ == nullptr) return;
    const auto more = long_options(*module_);
    longs_.insert(longs_.end() - 1, more.begin(), more.end());
  }

  void take_family_name(const std::string& text) {
    give(Option::family);
    if (text != "ipv4" && text != "ipv6") return wrong(fmt::format("`{}' unsupported protocol", text));
    take_family(text == "ipv6" ? Family::ipv6 : Family::ipv4);
  }

  void take_status(const std::string& text) {
    give(Option::status);
    const auto status = read_status(text);
    if (!status) return wrong(status.error().text);
    parameters().status = static_cast<std::uint16_t>(parameters().status.value_or(0) | status->status);
    line().status_mask = static_cast<std::uint16_t>(line().status_mask | status->mask);
  }

  void take_output(const std::string& text) {
    give(Option::output);
    Output& o = line().output;
    if (auto read = read_output(text, o); !read) return wrong(read.error().text);
    const bool others = o.xml || o.extended || o.timestamp || o.id || o.ktimestamp || o.labels || o.userspace;
    if (o.labels) {
      if (auto note = labels_.load()) out_.notes.push_back(std::move(*note));
      o.label_names = labels_.all();
    }
    if (o.save && (others || o.json))
      return wrong("cannot combine save output with any other output type, use -o save only", kOther);
    if (o.json && others)
      wrong("cannot combine json output with any other output type, use -o json only", kOther);
  }

  /// The original takes the upper half of the port for the protocol where there is a state: that is awaited.
  static std::uint8_t awaited_protocol(std::uint8_t protocol, std::uint16_t port) {
    const bool states = protocol == packet::kTcp || protocol == packet::kSctp || protocol == packet::kDccp;
    return states ? static_cast<std::uint8_t>(port >> 8) : protocol;
  }

  void take_port(PortOption option, const std::string& text) {
    ports_.set(static_cast<std::size_t>(option));
    conntrack::Parameters& p = parameters();
    const bool keys = p.protocol == packet::kGre;
    const auto number = static_cast<std::uint16_t>(keys ? read_number(text) : read_decimal(text));
    switch (option) {
      case PortOption::original_source:
        p.tuple[0].source_port = number;
        return;
      case PortOption::original_destination:
        p.tuple[0].destination_port = number;
        return;
      case PortOption::reply_source:
        p.tuple[1].source_port = number;
        return;
      case PortOption::reply_destination:
        p.tuple[1].destination_port = number;
        return;
      case PortOption::icmp_type:
        p.icmp_type = static_cast<std::uint8_t>(number);
        return;
      case PortOption::icmp_code:
        p.icmp_code = static_cast<std::uint8_t>(number);
        return;
      case PortOption::icmp_id:
        p.icmp_id = number;
        return;
      case PortOption::role:
        if (text != "client" && text != "server") wrong(fmt::format("Unknown DCCP role `{}'", text));
        return;
      case PortOption::state:
        if (const auto state = read_state(*p.protocol, text))
          p.state = *state;
        else
          wrong(state.error().text);
        return;
      case PortOption::original_tag:
        p.tags[0] = read_decimal(text);
        return;
      case PortOption::reply_tag:
        p.tags[1] = read_decimal(text);
        return;
      case PortOption::tuple_source:
        line().awaited.tuple.source_port = number;
        return;
      case PortOption::tuple_destination:
        line().awaited.tuple.destination_port = number;
        line().awaited.protocol = awaited_protocol(*p.protocol, number);
        return;
      case PortOption::mask_source:
        line().awaited.source_port_mask = number;
        return;
      case PortOption::mask_destination:  // all of the destination always counts
        return;
    }
  }

  /// A letter for each option says whether it must or must not be there; the first that is wrong is told.
  template <std::size_t N, class Name>
  void check_letters(std::string_view letters, const std::bitset<N>& given, Name name_of) {
    for (std::size_t i = 0; good() && i < letters.size(); ++i) {
      if (letters[i] == '+' && !given[i])
        wrong(fmt::format("You need to supply the `--{}' option for this command", name_of(i)));
      if (letters[i] == 'x' && given[i])
        wrong(fmt::format("Illegal option `--{}' with this command", name_of(i)));
    }
  }

  void check() {
    const CommandLine& l = out_.line;
    check_letters(options_of(l.verb, l.table), given_,
                  [](std::size_t i) { return name(static_cast<Option>(i)); });
    if (good() && l.table == TableName::conntrack) check_conntrack();
    if (good()) check_protocol();
    if (good() && l.table == TableName::conntrack) check_masks();
    if (good() && has(Option::zero) && l.verb == Verb::list && l.table == TableName::conntrack && filters())
      wrong("Can't use -z with filtering parameters");
  }

  /// What a listing is selected by, but for translations; the family does not count.
  [[nodiscard]] bool filters() const {
    constexpr std::array kFilters{
        Option::source,   Option::destination, Option::reply_source,  Option::reply_destination,
        Option::protocol, Option::status,      Option::mark,          Option::secmark,
        Option::zone,     Option::label,       Option::original_zone, Option::reply_zone};
    for (const Option option : kFilters)
      if (has(option)) return true;
    return false;
  }

  void check_conntrack() {
    const bool original = has(Option::source) && has(Option::destination);
    const bool reply = has(Option::reply_source) && has(Option::reply_destination);
    if (makes_tuples() && !original && !reply) wrong("you have to specify `--src' and `--dst'");
  }

  void check_masks() {
    if (has(Option::mask_source) && !has(Option::source)) return wrong("Can't use --mask-src without --src");
    if (has(Option::mask_destination) && !has(Option::destination))
      wrong("Can't use --mask-dst without --dst");
  }

  [[nodiscard]] bool makes_tuples() const {
    const Verb verb = out_.line.verb;
    return verb == Verb::get || verb == Verb::create || verb == Verb::add;
  }

  void check_protocol() {
    if (module_ == nullptr) return;
    const bool expectations = out_.line.table == TableName::expect;
    std::bitset<16> given;
    for (std::size_t i = 0; i < module_->options.size(); ++i)
      given[i] = ports_[static_cast<std::size_t>(module_->options[i].option)];
    check_letters(letters_of(*module_, out_.line.verb, expectations), given,
                  [&](std::size_t i) { return module_->options[i].name; });
    if (good() && makes_tuples() && !expectations && !module_->original_names[0].empty()) check_ports();
  }

  void check_ports() {
    const auto given = [&](PortOption o) { return ports_[static_cast<std::size_t>(o)]; };
    const bool source = given(PortOption::original_source);
    const bool destination = given(PortOption::original_destination);
    const bool reply_source = given(PortOption::reply_source);
    const bool reply_destination = given(PortOption::reply_destination);
    if ((source && destination) || (reply_source && reply_destination)) return;
    const bool reply = !source && !destination && (reply_source || reply_destination);
    const auto& names = reply ? module_->reply_names : module_->original_names;
    wrong(fmt::format("you have to specify `--{}' and `--{}'", names[0], names[1]));
  }

  BoxOption box_;
  Arguments words_;
  std::vector<char*> argv_{};
  std::vector<::option> longs_{};
  std::bitset<kOptions> given_{};
  std::bitset<16> ports_{};
  const ProtocolModule* module_ = nullptr;
  LabelNames labels_;
  Parsed out_{};
};

}  // namespace

/// `-R FILE` stands first, but for the box, and alone: what follows is not looked at.
Parsed parse_command_line(const Arguments& arguments, BoxOption box, const std::string& label_file) {
  const bool boxed =
      box == BoxOption::box && arguments.size() >= 2 && (arguments[0] == "-b" || arguments[0] == "--box");
  const std::size_t first = boxed ? 2 : 0;
  if (arguments.size() < first + 2 || (arguments[first] != "-R" && arguments[first] != "--load-file"))
    return Parser(arguments, box, label_file).run();
  Parsed load;
  load.line.verb = Verb::load;
  load.line.file = arguments[first + 1];
  if (boxed) load.line.box = arguments[1];
  return load;
}

}  // namespace utables::cli::conntrack_tool
