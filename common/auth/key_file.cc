#include "common/auth/key_file.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "common/status/errors.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace lumbar::auth {
namespace {

constexpr off_t kMaxFileBytes = 256 * 1024;

absl::Status Unreadable(absl::string_view path) {
  return WithReason(absl::NotFoundError(absl::StrCat("can't read the key set ", path, "; check the path and the mode")),
                    "KEY_FILE_UNREADABLE");
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyFile>> KeyFile::Open(std::string path, const Clock& clock, absl::Duration interval) {
  LUMBAR_ASSIGN_OR_RETURN(Version first, Load(path));
  return std::unique_ptr<KeyFile>(new KeyFile(std::move(path), clock, interval, std::move(first)));
}

KeyFile::KeyFile(std::string path, const Clock& clock, absl::Duration interval, Version first)
    : path_(std::move(path)), clock_(clock), interval_(interval), version_(std::move(first)), looked_at_(clock.Now()) {}

absl::StatusOr<KeyFile::Stamp> KeyFile::StampOf(const std::string& path) {
  struct stat found = {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > kMaxFileBytes) {
    return Unreadable(path);
  }
  return Stamp{found.st_dev, found.st_ino, found.st_size, absl::ToUnixNanos(absl::TimeFromTimespec(found.st_mtim))};
}

absl::StatusOr<KeyFile::Version> KeyFile::Load(const std::string& path) {
  // The stamp comes before the text: a file replaced in between is read once more, never missed.
  LUMBAR_ASSIGN_OR_RETURN(const Stamp stamp, StampOf(path));
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Unreadable(path);
  LUMBAR_ASSIGN_OR_RETURN(KeySet keys, KeySet::Parse(text));
  return Version{stamp, std::make_shared<const KeySet>(std::move(keys))};
}

std::shared_ptr<const KeySet> KeyFile::Current() {
  if (Claim()) Refresh();
  return Read().keys;
}

bool KeyFile::Claim() {
  const absl::Time now = clock_.Now();
  const MutexLock lock(mutex_);
  // A clock that was set back counts as due, else it would stop the rotation of keys for as long.
  if (looking_ || absl::AbsDuration(now - looked_at_) < interval_) return false;
  looking_ = true;
  looked_at_ = now;
  return true;
}

void KeyFile::Refresh() {
  // Only the thread that Claim chose gets here, so nobody else writes version_.
  const auto stamp = StampOf(path_);
  std::optional<absl::StatusOr<Version>> fresh;
  if (!stamp.ok() || *stamp != Read().stamp) fresh = Load(path_);
  if (fresh && !fresh->ok()) {
    Log(LogLevel::kWarning, "key_file_not_reloaded", {{"path", path_}, {"reason", ReasonOf(fresh->status())}});
  }
  const MutexLock lock(mutex_);
  looking_ = false;
  if (fresh && fresh->ok()) version_ = **std::move(fresh);
}

KeyFile::Version KeyFile::Read() {
  const MutexLock lock(mutex_);
  return version_;
}

}  // namespace lumbar::auth
