#include "common/store/testing/engines.h"

#include <absl/strings/str_cat.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "common/store/testing/shared_postgres.h"

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

// A schema of its own in one database; what it holds goes with the server.
class ScratchPostgresql final : public ScratchDatabase {
 public:
  ScratchPostgresql() {
    static int count = 0;
    schema_ = absl::StrCat("scratch", ++count);
    SharedPostgres().Run("CREATE SCHEMA " + schema_);
  }
  std::string url() const override {
    return absl::StrCat(SharedPostgres().url(), "?options=-csearch_path%3D", schema_);
  }

 private:
  std::string schema_;
};

template <typename Scratch>
std::unique_ptr<ScratchDatabase> Make() {
  return std::make_unique<Scratch>();
}

}  // namespace

std::vector<EngineUnderTest> Engines() {
  return {
      {"SQLite", Make<ScratchSqlite>},
      {"PostgreSQL", Make<ScratchPostgresql>},
  };
}

std::unique_ptr<Database> EngineTest::Open(absl::Duration busy_timeout) {
  auto opened = Database::Open({.url = scratch_->url(), .busy_timeout = busy_timeout});
  if (!opened.ok()) throw std::runtime_error(std::string(opened.status().message()));
  return *std::move(opened);
}

}  // namespace lumbar::store
