#include "common/cache/redis_options.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <re2/re2.h>

#include <optional>

#include "common/status/errors.h"

namespace lumbar::cache {
namespace {

re2::StringPiece Piece(absl::string_view text) { return {text.data(), text.size()}; }

absl::Status Malformed() {
  return InvalidField("redis_url",
                      "must look like redis://user:password@host:port/database, the same with rediss:// for TLS, or "
                      "redis+sentinel://user:password@host:port,host:port/master/database");
}

std::optional<std::string> Decoded(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() < 2 || !absl::ascii_isxdigit(digits[0]) || !absl::ascii_isxdigit(digits[1])) return std::nullopt;
    plain += absl::HexStringToBytes(digits);
    i += 2;
  }
  return plain;
}

std::optional<RedisAddress> ReadAddress(absl::string_view text, int usual_port) {
  static const RE2 kAddress(R"((?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?)");
  std::string name, address, port;
  if (!RE2::FullMatch(Piece(text), kAddress, &name, &address, &port)) return std::nullopt;
  const int number = port.empty() ? usual_port : std::stoi(port);
  if (number < 1 || number > 65535) return std::nullopt;
  return RedisAddress{name.empty() ? address : name, number};
}

}  // namespace

absl::StatusOr<RedisOptions> ParseRedisUrl(absl::string_view url) {
  static const RE2 kUrl(
      R"((redis|rediss|redis\+sentinel)://(?:([^@/:\s]*):([^@/\s]*)@)?([^/@\s]+)(?:/([A-Za-z][A-Za-z0-9._-]*))?(?:/(\d{0,4}))?)");
  std::string scheme, user, password, hosts, master, database;
  if (!RE2::FullMatch(Piece(url), kUrl, &scheme, &user, &password, &hosts, &master, &database)) return Malformed();
  const bool sentinels = scheme == "redis+sentinel";
  RedisOptions options;
  options.tls = scheme == "rediss";
  options.master = master;
  if (!database.empty()) options.database = std::stoi(database);
  const auto plain_user = Decoded(user), plain_password = Decoded(password);
  if (!plain_user || !plain_password || master.empty() == sentinels) return Malformed();
  options.user = *plain_user;
  options.password = *plain_password;
  options.addresses.clear();
  for (const absl::string_view host : absl::StrSplit(hosts, ',')) {
    const auto address = ReadAddress(host, sentinels ? 26379 : 6379);
    if (!address) return Malformed();
    options.addresses.push_back(*address);
  }
  if (!sentinels && options.addresses.size() > 1) return Malformed();
  return options;
}

}  // namespace lumbar::cache
