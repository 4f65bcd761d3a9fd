// A key set in a file.
#pragma once

#include <string>
#include <utility>

#include "common/auth/key_source.h"

namespace lumbar::auth {

class KeyFile final : public KeySource {
 public:
  explicit KeyFile(std::string path) : path_(std::move(path)) {}

  // NOT_FOUND/KEY_FILE_UNREADABLE: there is no such file, reading it fails, or it is larger than 256 KiB.
  absl::StatusOr<Answer> Read() override;
  const std::string& name() const override { return path_; }

 private:
  const std::string path_;
};

}  // namespace lumbar::auth
