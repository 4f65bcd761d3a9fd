#include "services/booking/domain/clinician_directory.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/status/macros.h"
#include "services/booking/errors.h"

namespace lumbar::booking {
namespace {

constexpr int kReadAtOnce = 500;
// Reading one after the other is slower than all at once when so many have changed.
constexpr size_t kFewChanges = 50;

std::shared_ptr<const ListedClinician> Listed(v1::Clinician clinician) {
  auto listed = std::make_shared<ListedClinician>();
  listed->hours = OfficeHours::Of(clinician);
  listed->clinician = std::move(clinician);
  return listed;
}

bool IsBefore(const std::shared_ptr<const ListedClinician>& listed, absl::string_view name) {
  return listed->clinician.name() < name;
}

}  // namespace

ClinicianDirectory::Kept ClinicianDirectory::Last() {
  MutexLock lock(mutex_);
  return kept_;
}

absl::StatusOr<std::shared_ptr<const ClinicianList>> ClinicianDirectory::Everybody() {
  // Asked before anything is read: what is kept under the number is at least as new as the number says.
  LUMBAR_ASSIGN_OR_RETURN(const int64_t revision, store_.Revision());
  const Kept last = Last();
  if (last.revision == revision) return last.list;
  LUMBAR_ASSIGN_OR_RETURN(std::shared_ptr<const ClinicianList> list, Refreshed(*last.list));
  if (list->size() <= kMostKept) {
    MutexLock lock(mutex_);
    if (kept_.revision < revision) kept_ = {revision, list};
  }
  return list;
}

absl::StatusOr<std::shared_ptr<const ListedClinician>> ClinicianDirectory::Find(const ClinicianList& list,
                                                                                absl::string_view name) {
  const auto found = std::lower_bound(list.begin(), list.end(), name, IsBefore);
  if (found == list.end() || (*found)->clinician.name() != name) return ClinicianNotFound();
  return *found;
}

absl::StatusOr<std::shared_ptr<const ClinicianList>> ClinicianDirectory::Refreshed(const ClinicianList& before) {
  LUMBAR_ASSIGN_OR_RETURN(const std::vector<ClinicianVersion> versions, store_.Versions());
  absl::flat_hash_map<absl::string_view, std::shared_ptr<const ListedClinician>> known;
  for (const auto& listed : before) known[listed->clinician.name()] = listed;
  auto list = std::make_shared<ClinicianList>();
  std::vector<absl::string_view> changed;
  for (const ClinicianVersion& version : versions) {
    const auto found = known.find(version.name);
    const bool same = found != known.end() && found->second->clinician.etag() == version.etag;
    same ? list->push_back(found->second) : changed.push_back(version.name);
  }
  if (changed.size() > kFewChanges) {
    LUMBAR_ASSIGN_OR_RETURN(*list, ReadAll());
  } else {
    for (const absl::string_view name : changed) {
      LUMBAR_ASSIGN_OR_RETURN(v1::Clinician clinician, store_.Get(name));
      list->push_back(Listed(std::move(clinician)));
    }
  }
  std::sort(list->begin(), list->end(),
            [](const auto& a, const auto& b) { return a->clinician.name() < b->clinician.name(); });
  return list;
}

absl::StatusOr<ClinicianList> ClinicianDirectory::ReadAll() {
  ClinicianList all;
  for (std::string after;;) {
    LUMBAR_ASSIGN_OR_RETURN(std::vector<v1::Clinician> page, store_.List(after, kReadAtOnce));
    if (page.empty()) return all;
    after = page.back().name();
    for (v1::Clinician& clinician : page) all.push_back(Listed(std::move(clinician)));
  }
}

}  // namespace lumbar::booking
