// Opaque page tokens (AIP-158): where the last page ended, bound to the query that it belongs to.
#pragma once

#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>

#include <cstdint>
#include <string>

namespace lumbar::store {

// `last_key` is the sort key of the page's last row; `query` is every field of the request that decides which rows the
// list has, in any fixed form. The token is neither secret nor a permission: it may appear in a URL, so the key is an
// id or a time and never patient data, and whoever decodes it checks access as for the first page.
std::string EncodePageToken(absl::string_view last_key, absl::string_view query);

// The `last_key`; "" for the empty token of a first page.
// INVALID_ARGUMENT/INVALID_PAGE_TOKEN: damaged, made up, or of another query.
absl::StatusOr<std::string> DecodePageToken(absl::string_view token, absl::string_view query);

// The page size to use: `usual` for 0, at most `most` (AIP-158). INVALID_ARGUMENT/INVALID_FIELD if negative.
absl::StatusOr<int> PageSize(int32_t wanted, int usual, int most);

}  // namespace lumbar::store
