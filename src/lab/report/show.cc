#include "lab/report/show.h"

#include "lab/report/packet_line.h"

namespace utables::lab {

void Show::sent(const Sent& sent, const InputPacket* cause) {
  if (json_ && cause != nullptr) append_sent_json(sent_, sent, replay_.host());
}

void Show::outcome(const Outcome& outcome, const InputPacket& input) {
  if (filter_.matches(filter_.look(input.original, input.wire_size), outcome, replay_.host())) {
    ++shown_;
    const std::string text = packet_text(input.original, input.wire_size);
    const std::string& file = replay_.captures().file_name(input.frame.file);
    line_.clear();
    if (json_) {
      append_packet_json(
          line_,
          {input, outcome, replay_.captures().files() > 1 ? std::string_view(file) : std::string_view(), text,
           sent_},
          replay_.host());
    } else {
      line_ = packet_line({input, outcome, file, text, {}}, replay_.host(), replay_.counts().first);
      line_ += '\n';
    }
    write_(line_);
  }
  sent_.clear();
}

}  // namespace utables::lab
