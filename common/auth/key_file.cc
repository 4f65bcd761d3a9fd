#include "common/auth/key_file.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "common/auth/errors.h"
#include "common/auth/jwks.h"

namespace lumbar::auth {

absl::StatusOr<KeySource::Answer> KeyFile::Read() {
  struct stat found = {};
  if (::stat(path_.c_str(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > off_t{kMaxKeySetBytes}) {
    return KeyFileUnreadable(path_);
  }
  std::ifstream file(path_, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return KeyFileUnreadable(path_);
  return Answer{std::move(text)};
}

}  // namespace lumbar::auth
