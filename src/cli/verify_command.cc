// utables verify: the same box and captures through this machine's own kernel.
#include "cli/commands.h"

namespace utables::cli {

int run_verify(const Arguments&) {
  Error error;
  error.text = "the command `verify' is not there yet";
  return report_error(error);
}

}  // namespace utables::cli
