#include "common/auth/key_file.h"

#include "common/auth/errors.h"
#include "common/auth/jwks.h"
#include "common/file/read_file.h"

namespace lumbar::auth {

absl::StatusOr<KeySource::Answer> KeyFile::Read() {
  auto text = ReadWholeFile(path_, kMaxKeySetBytes);
  if (!text) return KeyFileUnreadable(path_);
  return Answer{*std::move(text)};
}

}  // namespace lumbar::auth
