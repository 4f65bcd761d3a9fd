// Those who follow lists of consults, and how often the store is read for them.
#pragma once

#include <absl/strings/str_cat.h>

#include <string>
#include <utility>
#include <vector>

#include "common/store/resource_name.h"
#include "services/gateway/consult/domain/list_watch.h"
#include "services/gateway/consult/store/list_change_table.h"
#include "services/gateway/consult/testing/consult_desk_fixture.h"

namespace lumbar::gateway {

// Counts how often the store is read.
struct CountingLog final : ListChangeLog {
  explicit CountingLog(ListChangeLog& counted) : log(counted) {}
  absl::StatusOr<std::vector<ListChange>> Changes(const ListChange& after, int limit) override {
    ++reads;
    auto found = log.Changes(after, limit);
    if (found.ok()) changes += static_cast<int>(found->size());
    return found;
  }
  absl::StatusOr<std::vector<Case>> Cases(const std::vector<std::string>& names) override {
    ++reads;
    return log.Cases(names);
  }
  ListChangeLog& log;
  int reads = 0, changes = 0;
};

class ListWatchTest : public ConsultDeskTest {
 protected:
  static constexpr auto kAsPatient = options::v1::ROLE_PATIENT, kAsClinician = options::v1::ROLE_CLINICIAN,
                        kAsStaff = options::v1::ROLE_STAFF;
  using Source = absl::StatusOr<std::unique_ptr<rpc::StreamSource>>;

  static consult::v1::WatchConsultsRequest View(consult::v1::ConsultView view, const std::string& token = "") {
    consult::v1::WatchConsultsRequest request;
    request.set_view(view);
    request.set_resume_token(token);
    return request;
  }
  Source Queue(const std::string& token = "") {
    return Open(View(consult::v1::CONSULT_VIEW_STAFF_QUEUE, token), "staff/ann", kAsStaff);
  }
  Source Open(const consult::v1::WatchConsultsRequest& request, const std::string& subject, options::v1::Role role) {
    return lists_.WatchConsults(rpc::TestContext(role, subject, request), request);
  }
  using ConsultDeskTest::Open;

  // What the stream has now, as "consults/... OFFERED" or "consults/... removed"; the last token and consult are kept.
  std::vector<std::string> Drain(rpc::StreamSource& source) {
    std::vector<std::string> found;
    consult::v1::WatchConsultsResponse response;
    while (true) {
      const auto next = source.Next(response);
      EXPECT_THAT(next, IsOk());
      if (!next.ok() || !*next) return found;
      token_ = response.resume_token();
      if (response.has_consult()) last_ = response.consult();
      if (response.has_consult()) found.push_back(Named(last_.name(), last_.state()));
      if (!response.removed().empty()) found.push_back(Removed(response.removed()));
    }
  }
  // The same after a second.
  std::vector<std::string> Next(rpc::StreamSource& source) {
    clock_.Advance(absl::Seconds(1));
    lists_.Refresh();
    return Drain(source);
  }
  static std::string Named(const std::string& name, consult::v1::ConsultState state) {
    return absl::StrCat(name, " ", consult::v1::ConsultState_Name(state).substr(14));
  }
  static std::string Removed(const std::string& name) { return name + " removed"; }

  // Waits for the staff.
  std::string EscalateOne() {
    const auto slots = std::exchange(booking_.slots, {});
    const std::string name = ConsultDeskTest::Request(store::NewUuid())->name();
    booking_.slots = slots;
    return name;
  }

  // Changes of no list, all of now.
  void AddUnlisted(int count) {
    const int64_t now = store::Micros(clock_.Now());
    ASSERT_THAT(database_->Write([&](soci::session& session) -> absl::Status {
      session << "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) INSERT INTO "
                 "consult_change (change_time, name, version, patient, worker, waits, open, state, left_worker, "
                 "left_waits, left_open, left_state) SELECT CAST(:now AS BIGINT), 'consults/unlisted', i, '', '', 0, "
                 "0, 0, '', 0, 0, 0 FROM n",
          soci::use(count), soci::use(now);
      return absl::OkStatus();
    }),
                IsOk());
  }

  SqlListChangeLog table_{*database_};
  CountingLog log_{table_};
  ListFeed feed_{log_, clock_};
  ListWatch lists_{feed_, clock_};
  std::string token_;
  consult::v1::Consult last_;
};

}  // namespace lumbar::gateway
