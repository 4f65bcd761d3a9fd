#include "common/store/testing/engines.h"

#include <absl/strings/str_cat.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace lumbar::store {
namespace {

class ScratchSqlite final : public ScratchDatabase {
 public:
  ScratchSqlite() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lumbar-store-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
    folder_ = pattern;
  }
  ~ScratchSqlite() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::string url() const override { return absl::StrCat("sqlite://", (folder_ / "a store.db").string()); }

 private:
  std::filesystem::path folder_;
};

template <typename Scratch>
std::unique_ptr<ScratchDatabase> Make() {
  return std::make_unique<Scratch>();
}

}  // namespace

std::vector<EngineUnderTest> Engines() {
  return {
      {"SQLite", Make<ScratchSqlite>},
  };
}

std::unique_ptr<Database> EngineTest::Open(absl::Duration busy_timeout) {
  auto opened = Database::Open({.url = scratch_->url(), .busy_timeout = busy_timeout});
  if (!opened.ok()) throw std::runtime_error(std::string(opened.status().message()));
  return *std::move(opened);
}

}  // namespace lumbar::store
