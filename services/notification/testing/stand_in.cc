#include "services/notification/testing/stand_in.h"

#include <absl/strings/str_cat.h>

#include <cstdio>
#include <cstdlib>

#include "services/notification/adapters/http_exchange.h"
#include "source_dir.h"

namespace lumbar::notification {
namespace {

constexpr char kListens[] = "listens on ";

}  // namespace

StandIn::StandIn(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"node", LUMBAR_SOURCE_DIR "/tests/support/" + script};
  words.insert(words.end(), arguments.begin(), arguments.end());
  child_ = Child::Start(words, kListens);
  if (!child_) {
    std::fprintf(stderr, "StandIn: node doesn't start %s (tools/setup)\n", script.c_str());
    std::abort();
  }
  const std::string& said = child_->said();
  port_ = said.substr(said.find(kListens) + sizeof(kListens) - 1);
  port_.pop_back();
}

std::string StandIn::url() const { return absl::StrCat("http://127.0.0.1:", port_); }

nlohmann::json StandIn::Get(absl::string_view path) const {
  HttpExchanger http({});
  return nlohmann::json::parse(http.Do({absl::StrCat(url(), path)}).value().body);
}

}  // namespace lumbar::notification
