#include "common/file/read_file.h"

#include <sys/stat.h>

#include <cstdio>
#include <memory>

namespace lumbar {

std::optional<std::string> ReadWholeFile(const std::string& path, size_t most) {
  struct stat found = {};
  // Opening a pipe would wait for its writer.
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  // Not a stream: an iterator of one throws what is wrong with the disk, or takes it for the end.
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return std::nullopt;
  std::string text(most + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0 || text.size() > most) return std::nullopt;
  return text;
}

}  // namespace lumbar
