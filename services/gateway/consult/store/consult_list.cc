#include "services/gateway/consult/store/consult_list.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <string>
#include <vector>

#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/store/proto_column.h"
#include "common/time/proto_time.h"
#include "services/gateway/consult/store/case_row.h"

namespace lumbar::gateway {
namespace {

using soci::use;

constexpr int kUsualPage = 50;
constexpr int kMostPerPage = 200;

// The parts that a list is read in. One by urgency has those that nobody took on in time before the others.
enum class Part { kByAge = 0, kOverdue = 1, kByUrgency = 2 };

// Where a page begins: after the row of `key` and, between rows of one key, `name`.
struct Position {
  // When the first page was asked for.
  int64_t as_of = 0;
  Part part = Part::kByAge;
  int64_t key = 0;
  std::string name;
};

Position BeginOf(Part part, int64_t as_of) { return {as_of, part, part == Part::kByAge ? INT64_MAX : -1, ""}; }

// Everything that decides which rows the list has.
std::string BindingOf(const ConsultQuery& query) {
  return absl::StrCat("consults|", query.patient, "|", query.worker, "|", query.queue, query.open, query.by_urgency,
                      "|", absl::StrJoin(query.states, ","));
}

absl::StatusOr<Position> PositionOf(const ConsultQuery& query, absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const std::string last, store::DecodePageToken(query.page_token, BindingOf(query)));
  if (last.empty()) return BeginOf(query.by_urgency ? Part::kOverdue : Part::kByAge, store::Micros(now));
  const std::vector<std::string> fields = absl::StrSplit(last, absl::MaxSplits('|', 3));
  Position position;
  int part = 0;
  const bool read = fields.size() == 4 && absl::SimpleAtoi(fields[0], &position.as_of) &&
                    absl::SimpleAtoi(fields[1], &part) && absl::SimpleAtoi(fields[2], &position.key);
  position.part = static_cast<Part>(part);
  const bool by_age = position.part == Part::kByAge;
  const bool by_urgency = position.part == Part::kOverdue || position.part == Part::kByUrgency;
  if (!read || !(query.by_urgency ? by_urgency : by_age)) return store::InvalidPageToken();
  position.name = fields[3];
  return position;
}

std::string TokenAfter(const consult::v1::Consult& last, const ConsultQuery& query, int64_t as_of) {
  const int64_t respond_by = RespondByOf(last);
  Part part = Part::kByAge;
  int64_t key = store::Micros(FromProto(last.create_time()));
  if (query.by_urgency) {
    const bool overdue = respond_by > 0 && respond_by <= as_of;
    part = overdue ? Part::kOverdue : Part::kByUrgency;
    key = overdue ? respond_by : UrgencyOf(last);
  }
  return store::EncodePageToken(absl::StrCat(as_of, "|", static_cast<int>(part), "|", key, "|", last.name()),
                                BindingOf(query));
}

// What rows of the list are like. Only what is asked for is in it, so that each has an index that it can go by.
std::string FilterOf(const ConsultQuery& query) {
  std::string filter;
  if (!query.patient.empty()) filter += "patient = :patient AND ";
  if (!query.worker.empty()) filter += "worker = :worker AND ";
  if (query.queue) filter += "respond_by > 0 AND ";
  // Numbers of an enum: nothing of theirs can be SQL.
  if (!query.states.empty()) absl::StrAppend(&filter, "state IN (", absl::StrJoin(query.states, ", "), ") AND ");
  if (query.open) absl::StrAppend(&filter, "urgency < ", kOver, " AND ");
  return filter;
}

std::string OrderOf(Part part) {
  switch (part) {
    case Part::kByAge:
      return "create_time <= :key AND (create_time < :key OR name > :name) ORDER BY create_time DESC, name";
    case Part::kOverdue:
      return "respond_by > 0 AND respond_by <= :as_of AND (respond_by, name) > (:key, :name) ORDER BY respond_by, name";
    case Part::kByUrgency:
      return "(respond_by = 0 OR respond_by > :as_of) AND (urgency, name) > (:key, :name) ORDER BY urgency, name";
  }
  return "";
}

std::string SqlOf(const ConsultQuery& query, Part part) {
  return absl::StrCat("SELECT ", kCaseColumns, " FROM consult WHERE ", FilterOf(query), OrderOf(part), " LIMIT :most");
}

// Adds at most `most` rows from `from` on to `found`.
absl::Status Select(soci::session& session, const ConsultQuery& query, const Position& from, int64_t most,
                    std::vector<Case>& found) {
  const std::string sql = SqlOf(query, from.part);
  soci::row row;
  soci::statement select(session);
  select.exchange(soci::into(row));
  if (!query.patient.empty()) select.exchange(use(query.patient, "patient"));
  if (!query.worker.empty()) select.exchange(use(query.worker, "worker"));
  if (from.part != Part::kByAge) select.exchange(use(from.as_of, "as_of"));
  select.exchange(use(from.key, "key"));
  select.exchange(use(from.name, "name"));
  select.exchange(use(most, "most"));
  select.alloc();
  select.prepare(sql);
  select.define_and_bind();
  select.execute();
  while (select.fetch()) {
    LUMBAR_ASSIGN_OR_RETURN(Case read, ReadCase(row));
    found.push_back(std::move(read));
  }
  return absl::OkStatus();
}

// The same over all parts from that of `from` on.
absl::StatusOr<std::vector<Case>> SelectPage(soci::session& session, const ConsultQuery& query, const Position& from,
                                             int64_t most) {
  std::vector<Case> found;
  LUMBAR_RETURN_IF_ERROR(Select(session, query, from, most, found));
  const int64_t left = most - static_cast<int64_t>(found.size());
  if (from.part == Part::kOverdue && left > 0) {
    LUMBAR_RETURN_IF_ERROR(Select(session, query, BeginOf(Part::kByUrgency, from.as_of), left, found));
  }
  return found;
}

}  // namespace

std::vector<std::string> ListStatements(const ConsultQuery& query) {
  if (!query.by_urgency) return {SqlOf(query, Part::kByAge)};
  return {SqlOf(query, Part::kOverdue), SqlOf(query, Part::kByUrgency)};
}

absl::StatusOr<consult::v1::ListConsultsResponse> ListConsults(store::Database& database, const ConsultQuery& query,
                                                               absl::Time now) {
  LUMBAR_ASSIGN_OR_RETURN(const int size, store::PageSize(query.page_size, kUsualPage, kMostPerPage));
  LUMBAR_ASSIGN_OR_RETURN(const Position from, PositionOf(query, now));
  // One more than the page has tells whether there is another page.
  const int64_t most = size + 1;
  LUMBAR_ASSIGN_OR_RETURN(std::vector<Case> found, database.Read([&](soci::session& session) {
    return SelectPage(session, query, from, most);
  }));
  consult::v1::ListConsultsResponse response;
  if (static_cast<int>(found.size()) > size) {
    found.pop_back();
    response.set_next_page_token(TokenAfter(found.back().consult, query, from.as_of));
  }
  for (Case& one : found) {
    one.consult.set_etag(absl::StrCat("v", one.version));
    *response.add_consults() = std::move(one.consult);
  }
  return response;
}

}  // namespace lumbar::gateway
