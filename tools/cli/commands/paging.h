// The flags of every command that lists.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

namespace lumbar::cli {

struct Paging {
  // 0: the server's default.
  int32_t size = 0;
  std::string token;

  // For a query; empty if not asked for.
  std::string SizeText() const { return size == 0 ? "" : std::to_string(size); }
};

inline void AddPaging(CLI::App& app, Paging& paging) {
  app.add_option("--page-size", paging.size, "most to list; the server's default if left out")
      ->check(CLI::Range(1, 200));
  app.add_option("--page-token", paging.token, "from the end of an earlier page");
}

}  // namespace lumbar::cli
