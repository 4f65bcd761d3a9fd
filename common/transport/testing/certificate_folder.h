// A pair in files of a folder that goes with the test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "common/transport/certificate_files.h"
#include "common/transport/testing/authority.h"

namespace lumbar::transport {

class CertificateFolder {
 public:
  CertificateFolder() : folder_((std::filesystem::temp_directory_path() / "lumbar_tls_XXXXXX").string()) {
    if (::mkdtemp(folder_.data()) == nullptr) std::abort();
  }
  ~CertificateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;

  std::string PathOf(const char* name) const { return folder_ + "/" + name; }
  CertificatePaths paths() const { return {PathOf("certificate"), PathOf("key")}; }
  CertificatePaths mutual_paths(std::vector<std::string> callers = {}) const {
    return {PathOf("certificate"), PathOf("key"), PathOf("authorities"), std::move(callers)};
  }
  void Write(const char* name, const std::string& text) const { std::ofstream(PathOf(name)) << text; }
  void Put(const IssuedPair& pair) const {
    Write("certificate", pair.certificate);
    Write("key", pair.key);
  }

 private:
  std::string folder_;
};

}  // namespace lumbar::transport
