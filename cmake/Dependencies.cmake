# Every library that Lumbar stands on, all from Debian 12.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(simdjson REQUIRED)

pkg_check_modules(nghttp2 REQUIRED IMPORTED_TARGET libnghttp2)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(tcmalloc REQUIRED IMPORTED_TARGET libtcmalloc_minimal)
pkg_check_modules(lib_re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(libical REQUIRED IMPORTED_TARGET libical)
pkg_check_modules(icu_i18n REQUIRED IMPORTED_TARGET icu-i18n icu-uc)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(ctemplate REQUIRED IMPORTED_TARGET libctemplate)
pkg_check_modules(cmark_gfm REQUIRED IMPORTED_TARGET libcmark-gfm)

# SOCI, the extensions of cmark-gfm, Snowball's stemmers and libphonenumber come without a usable package file.
add_library(lumbar_soci INTERFACE)
target_include_directories(lumbar_soci SYSTEM INTERFACE /usr/include/soci)
target_link_libraries(lumbar_soci INTERFACE soci_core soci_sqlite3 soci_postgresql PkgConfig::sqlite3
  PkgConfig::libpq)

add_library(lumbar_stemmer INTERFACE)
target_link_libraries(lumbar_stemmer INTERFACE stemmer)

add_library(lumbar_cmark INTERFACE)
target_link_libraries(lumbar_cmark INTERFACE PkgConfig::cmark_gfm cmark-gfm-extensions)

add_library(lumbar_phonenumber INTERFACE)
target_link_libraries(lumbar_phonenumber INTERFACE phonenumber)
