// Every engine that a contract suite runs on. A new engine is one more line in engines.cc.
//   class BookingStoreTest : public store::EngineTest { ... };
//   INSTANTIATE_TEST_SUITE_P(EveryEngine, BookingStoreTest, testing::ValuesIn(store::Engines()), store::EngineName());
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "common/store/database.h"

namespace lumbar::store {

// A database of one engine that a test has to itself, empty at first and gone with this object.
class ScratchDatabase {
 public:
  virtual ~ScratchDatabase() = default;
  virtual std::string url() const = 0;
};

struct EngineUnderTest {
  std::string name;
  std::unique_ptr<ScratchDatabase> (*scratch)();
};

std::vector<EngineUnderTest> Engines();

struct EngineName {
  std::string operator()(const testing::TestParamInfo<EngineUnderTest>& param) const { return param.param.name; }
};

class EngineTest : public testing::TestWithParam<EngineUnderTest> {
 protected:
  // Opens the test's database; a second call opens it again, as a second process would.
  std::unique_ptr<Database> Open(absl::Duration busy_timeout = absl::Seconds(20));

  const std::unique_ptr<ScratchDatabase> scratch_ = GetParam().scratch();
};

}  // namespace lumbar::store
