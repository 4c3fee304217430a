#include "lab/capture/merge.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

namespace utables::lab {

// One file: straight through while it has one interface; with several, frames are copied into a heap
// and leave it once nothing earlier can be expected.
class CaptureMerge::Source {
 public:
  explicit Source(io::CaptureReader reader) : reader_(std::move(reader)) {}

  /// The frame that is next; null at the end. It stays until pop().
  [[nodiscard]] const io::Frame* head() const { return has_head_ ? &head_ : nullptr; }
  [[nodiscard]] const io::CaptureReader& reader() const { return reader_; }

  /// Moves on to the next frame.
  Result<void> pop() {
    if (has_head_ && holding_) release_head();
    has_head_ = false;
    if (!holding_) {
      auto read = reader_.next();
      if (!read) return tl::unexpected<Error>(read.error());
      if (!*read) return {};
      if (reader_.interfaces().size() <= 1) return show(**read);
      holding_ = true;
      hold(**read);
    }
    return fill();
  }

 private:
  struct Held {
    io::Frame frame{};
    std::vector<std::uint8_t> bytes{};
  };
  struct Later {
    bool operator()(const Held* a, const Held* b) const {
      return a->frame.time != b->frame.time ? a->frame.time > b->frame.time
                                            : a->frame.number > b->frame.number;
    }
  };

  Result<void> show(const io::Frame& frame) {
    head_ = frame;
    has_head_ = true;
    return {};
  }

  /// Reads on until the earliest frame held is known to be the next one.
  Result<void> fill() {
    while (!ended_ && !settled()) {
      auto read = reader_.next();
      if (!read) return tl::unexpected<Error>(read.error());
      if (*read)
        hold(**read);
      else
        ended_ = true;
    }
    return heap_.empty() ? Result<void>{} : show(heap_.front()->frame);
  }

  [[nodiscard]] bool settled() const {
    return !heap_.empty() && (newest_ - heap_.front()->frame.time >= kOrderWindow ||
                              heap_.size() >= kOrderFrames || held_bytes_ >= kOrderBytes);
  }

  void hold(const io::Frame& frame) {
    Held* const held = take_free();
    held->frame = frame;
    held->bytes.assign(frame.bytes.begin(), frame.bytes.end());
    held->frame.bytes = held->bytes;
    held->frame.interface_name = *names_.insert(std::string(frame.interface_name)).first;
    held->frame.comment = {};
    Time& last = last_of_interface_[{frame.section, frame.interface}];
    last = std::max(last, frame.time);
    held->frame.time = last;
    newest_ = std::max(newest_, last);
    held_bytes_ += held->bytes.size();
    heap_.push_back(held);
    std::push_heap(heap_.begin(), heap_.end(), Later{});
  }

  Held* take_free() {
    if (free_.empty()) return &owned_.emplace_back();
    Held* const recycled = free_.back();
    free_.pop_back();
    return recycled;
  }

  void release_head() {
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    held_bytes_ -= heap_.back()->bytes.size();
    free_.push_back(heap_.back());
    heap_.pop_back();
  }

  io::CaptureReader reader_;
  io::Frame head_{};
  bool has_head_ = false, holding_ = false, ended_ = false;
  std::vector<Held*> heap_{}, free_{};
  std::deque<Held> owned_{};
  std::set<std::string, std::less<>> names_{};
  std::map<std::pair<std::uint32_t, std::uint32_t>, Time> last_of_interface_{};
  Time newest_ = 0;
  std::size_t held_bytes_ = 0;
};

Result<CaptureMerge> CaptureMerge::open(const std::vector<std::string>& paths) {
  if (std::count(paths.begin(), paths.end(), "-") > 1) return fail("-: standard input is named twice");
  std::vector<io::CaptureReader> readers;
  for (const std::string& path : paths) {
    auto reader = io::CaptureReader::open(path);
    if (!reader) return tl::unexpected<Error>(reader.error());
    readers.push_back(std::move(*reader));
  }
  return CaptureMerge(std::move(readers));
}

CaptureMerge::CaptureMerge(std::vector<io::CaptureReader> readers) {
  for (io::CaptureReader& reader : readers) sources_.push_back(std::make_unique<Source>(std::move(reader)));
}
CaptureMerge::CaptureMerge(CaptureMerge&&) noexcept = default;
CaptureMerge& CaptureMerge::operator=(CaptureMerge&&) noexcept = default;
CaptureMerge::~CaptureMerge() = default;

Result<const MergedFrame*> CaptureMerge::next() {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (begun_ && i != taken_from_) continue;
    if (auto moved = sources_[i]->pop(); !moved) return tl::unexpected<Error>(moved.error());
  }
  const bool first = std::exchange(begun_, true) == false;
  taken_from_ = SIZE_MAX;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const io::Frame* const head = sources_[i]->head();
    if (head != nullptr && (taken_from_ == SIZE_MAX || head->time < current_.frame.time)) {
      current_.frame = *head;
      current_.file = static_cast<std::uint16_t>(i);
      taken_from_ = i;
    }
  }
  if (taken_from_ == SIZE_MAX) return nullptr;
  if (!first && current_.frame.time < last_) ++backwards_;
  last_ = first ? current_.frame.time : std::max(last_, current_.frame.time);
  current_.time = last_;
  return &current_;
}

std::vector<std::string> CaptureMerge::warnings() const {
  std::vector<std::string> all;
  for (const auto& source : sources_) {
    const auto& some = source->reader().warnings();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

const std::string& CaptureMerge::file_name(std::uint16_t file) const {
  return sources_[file]->reader().name();
}
std::size_t CaptureMerge::files() const { return sources_.size(); }

std::optional<double> CaptureMerge::progress() const {
  double taken = 0, total = 0;
  for (const auto& source : sources_) {
    const auto size = source->reader().bytes_total();
    if (!size) return std::nullopt;
    total += static_cast<double>(*size);
    taken += static_cast<double>(source->reader().bytes_taken());
  }
  return total > 0 ? std::min(1.0, taken / total) : 1.0;
}

}  // namespace utables::lab
