// Certificates as files have them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/transport/openssl.h"

namespace lumbar::transport {

// For OpenSSL's readers; `text` outlives it.
TextBio ReaderOf(const std::string& text);

// For OpenSSL's readers, which would else ask the terminal.
int NoPassword(char*, int, int, void*);

// All that are in `text`, in PEM, in their order; nothing if one of them is broken or written only in part.
std::optional<std::vector<Certificate>> ParseCertificates(const std::string& text);

}  // namespace lumbar::transport
