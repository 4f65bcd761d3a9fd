#include "common/transport/certificate_files.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "common/status/matchers.h"
#include "common/telemetry/log.h"
#include "common/transport/testing/authority.h"
#include "common/transport/testing/certificate_folder.h"

namespace lumbar::transport {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::Duration kDay = absl::Hours(24);

// Half of it, as whoever looks while it is being written sees it.
std::string HalfOf(const std::string& text) { return text.substr(0, text.size() / 2); }

std::string WithPassword(const std::string& pem) {
  const TextBio in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))), out(BIO_new(BIO_s_mem()));
  const PrivateKey key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), "password", 8, nullptr, nullptr);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<size_t>(size)};
}

class CertificateFilesTest : public ::testing::Test {
 protected:
  CertificateFilesTest() {
    InitLoggingTo(log_, "gateway", LogLevel::kInfo);
    Put(good_);
  }

  void Write(const char* name, const std::string& text) const { folder_.Write(name, text); }
  void Put(const IssuedPair& pair) const { folder_.Put(pair); }
  auto Open() { return CertificateFiles::Open(folder_.paths(), *registry_, clock_); }
  auto OpenMutual() { return CertificateFiles::Open(folder_.mutual_paths({"gateway"}), *registry_, clock_); }
  void Start() {
    auto opened = Open();
    ASSERT_THAT(opened, IsOk());
    files_ = *std::move(opened);
    first_ = files_->Current();
  }
  bool ServesTheFirst() const { return files_->Current() == first_; }
  double Metric(absl::string_view name, const std::string& port = "") const {
    for (const auto& family : registry_->Collect()) {
      if (family.name != name) continue;
      for (const auto& metric : family.metric) {
        if (!port.empty() && metric.label.at(0).value != port) continue;
        return family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
      }
    }
    return -1;
  }
  double Failures(const std::string& port = "") const { return Metric("lumbar_tls_reload_failures_total", port); }

  const CertificateFolder folder_;
  std::ostringstream log_;
  FakeClock clock_{absl::FromUnixSeconds(1'795'000'000)};
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  const Authority authority_;
  const IssuedPair good_ = authority_.Issue("good", clock_.Now());
  std::unique_ptr<CertificateFiles> files_;
  TlsContext first_;
};

TEST_F(CertificateFilesTest, TellsWhenTheFirstOfTheChainExpires) {
  const absl::Time soon = clock_.Now() + absl::Hours(1);
  const IssuedPair signer = authority_.Issue("signer", clock_.Now() - kDay, soon);
  const IssuedPair root = authority_.Issue("root", clock_.Now() - kDay, clock_.Now() + 9 * kDay);
  Write("certificate", good_.certificate + signer.certificate + root.certificate);
  Start();
  EXPECT_EQ(Metric("lumbar_tls_certificate_expiry_seconds"), static_cast<double>(absl::ToUnixSeconds(soon)));
  EXPECT_EQ(Failures(), 0);
}

TEST_F(CertificateFilesTest, StartsWithNoPairThatIsNotWhole) {
  const auto refusal = [&](const char* name, const std::string& text) {
    Put(good_);
    Write(name, text);
    return Open();
  };
  EXPECT_THAT(refusal("certificate", ""), FailsWith(kInvalid, "CERTIFICATE_REFUSED"));
  EXPECT_THAT(refusal("certificate", "garbage\n"), FailsWith(kInvalid, "CERTIFICATE_REFUSED"));
  EXPECT_THAT(refusal("certificate", HalfOf(good_.certificate)), FailsWith(kInvalid, "CERTIFICATE_REFUSED"));
  EXPECT_THAT(refusal("certificate", good_.certificate + HalfOf(authority_.certificate())),
              FailsWith(kInvalid, "CERTIFICATE_REFUSED"));
  EXPECT_THAT(refusal("certificate", good_.key), FailsWith(kInvalid, "CERTIFICATE_REFUSED"));
  EXPECT_THAT(refusal("certificate", std::string(256 * 1024 + 1, ' ')),
              FailsWith(absl::StatusCode::kNotFound, "TLS_FILE_UNREADABLE"));
  EXPECT_THAT(refusal("key", ""), FailsWith(kInvalid, "PRIVATE_KEY_REFUSED"));
  EXPECT_THAT(refusal("key", "garbage\n"), FailsWith(kInvalid, "PRIVATE_KEY_REFUSED"));
  EXPECT_THAT(refusal("key", HalfOf(good_.key)), FailsWith(kInvalid, "PRIVATE_KEY_REFUSED"));
  EXPECT_THAT(refusal("key", WithPassword(good_.key)), FailsWith(kInvalid, "PRIVATE_KEY_REFUSED"));
  EXPECT_THAT(refusal("key", authority_.Issue("other", clock_.Now()).key),
              FailsWith(kInvalid, "PRIVATE_KEY_OF_ANOTHER"));
  std::filesystem::remove(folder_.PathOf("key"));
  EXPECT_THAT(Open(), FailsWith(absl::StatusCode::kNotFound, "TLS_FILE_UNREADABLE"));
}

TEST_F(CertificateFilesTest, StartsWithNoPairOutsideOfItsTime) {
  const absl::Time now = clock_.Now();
  Put(authority_.Issue("old", now - 2 * kDay, now));
  EXPECT_THAT(Open(), FailsWith(kInvalid, "CERTIFICATE_EXPIRED"));
  Put(authority_.Issue("early", now + absl::Seconds(1), now + kDay));
  EXPECT_THAT(Open(), FailsWith(kInvalid, "CERTIFICATE_NOT_YET_VALID"));
  Put(good_);
  Write("certificate", good_.certificate + authority_.Issue("old signer", now - 2 * kDay, now).certificate);
  EXPECT_THAT(Open(), FailsWith(kInvalid, "CERTIFICATE_EXPIRED"));
}

TEST_F(CertificateFilesTest, TakesANewPairOnceItIsWhole) {
  Start();
  const IssuedPair next = authority_.Issue("next", clock_.Now() - kDay, clock_.Now() + 9 * kDay);
  Write("certificate", next.certificate);
  files_->Refresh();
  EXPECT_TRUE(ServesTheFirst()) << "the key is the old one still";
  Write("key", next.key);
  files_->Refresh();
  EXPECT_FALSE(ServesTheFirst());
  EXPECT_EQ(Metric("lumbar_tls_certificate_expiry_seconds"),
            static_cast<double>(absl::ToUnixSeconds(clock_.Now() + 9 * kDay)));
  EXPECT_EQ(Failures(), 1);
  EXPECT_THAT(log_.str(), HasSubstr("\"certificate_reloaded\""));
}

TEST_F(CertificateFilesTest, LeavesAPairThatDidNotChangeAsItIs) {
  Start();
  Put(good_);
  files_->Refresh();
  EXPECT_TRUE(ServesTheFirst());
  EXPECT_THAT(log_.str(), IsEmpty());
}

TEST_F(CertificateFilesTest, KeepsTheLastGoodPairWhateverTheFilesBecome) {
  Start();
  const absl::Time now = clock_.Now();
  const IssuedPair other = authority_.Issue("other", now);
  const IssuedPair old = authority_.Issue("old", now - 2 * kDay, now);
  double failures = 0;
  for (const IssuedPair& bad :
       {IssuedPair{"", good_.key}, IssuedPair{good_.certificate, ""}, IssuedPair{"", ""},
        IssuedPair{"garbage", good_.key}, IssuedPair{good_.certificate, "garbage"},
        IssuedPair{other.certificate, good_.key}, IssuedPair{HalfOf(other.certificate), other.key},
        IssuedPair{other.certificate, HalfOf(other.key)}, old}) {
    Put(bad);
    files_->Refresh();
    EXPECT_TRUE(ServesTheFirst());
    EXPECT_EQ(Failures(), ++failures);
  }
  const std::string path = folder_.PathOf("certificate");
  std::filesystem::remove(path);
  files_->Refresh();
  EXPECT_TRUE(ServesTheFirst());
  // A regular file that can be opened, and then gives EIO.
  std::filesystem::create_symlink("/proc/self/mem", path);
  files_->Refresh();
  EXPECT_TRUE(ServesTheFirst());
  EXPECT_EQ(Failures(), failures + 2);
  std::filesystem::remove(path);
  Put(other);
  files_->Refresh();
  EXPECT_FALSE(ServesTheFirst());
}

TEST_F(CertificateFilesTest, KeepsAPairThatExpiresWhileItIsServed) {
  Start();
  clock_.Advance(2 * kDay);
  files_->Refresh();
  EXPECT_TRUE(ServesTheFirst()) << "a client may still decide for itself";
}

TEST_F(CertificateFilesTest, TakesAPairThatCameTooEarlyWhenItsTimeComes) {
  Start();
  Put(authority_.Issue("early", clock_.Now() + absl::Seconds(1), clock_.Now() + kDay));
  files_->Refresh();
  EXPECT_TRUE(ServesTheFirst());
  clock_.Advance(absl::Seconds(1));
  files_->Refresh();
  EXPECT_FALSE(ServesTheFirst());
}

TEST_F(CertificateFilesTest, WarnsOnceOfEachBadPairAndRepeatsNothingOfIt) {
  Start();
  Write("key", "secret garbage");
  files_->Refresh();
  files_->Refresh();
  EXPECT_EQ(Failures(), 2);
  const std::string log = log_.str();
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
  EXPECT_THAT(log, HasSubstr(R"("level":"warning")"));
  EXPECT_THAT(log, HasSubstr(R"("reason":"PRIVATE_KEY_REFUSED")"));
  EXPECT_THAT(log, Not(HasSubstr("secret")));
  Write("key", "other garbage");
  files_->Refresh();
  EXPECT_GT(log_.str().size(), log.size());
}

TEST_F(CertificateFilesTest, WarnsAgainOfABadPairThatComesBackAfterAGoodOne) {
  Start();
  const auto warnings = [&] {
    const std::string log = log_.str();
    size_t count = 0;
    for (size_t at = log.find("not_reloaded"); at != std::string::npos; at = log.find("not_reloaded", at + 1)) ++count;
    return count;
  };
  for (const IssuedPair& good : {good_, authority_.Issue("next", clock_.Now())}) {
    const size_t before = warnings();
    for (int i = 0; i < 2; ++i) {
      Put({good_.certificate, "garbage"});
      files_->Refresh();
      Put(good);
      files_->Refresh();
    }
    EXPECT_EQ(warnings(), before + 2);
  }
}

TEST_F(CertificateFilesTest, StartsWithNoAuthoritiesThatAreNotWholeOrDoNotKnowItsCertificate) {
  const auto refusal = [&](const std::string& authorities) {
    Write("authorities", authorities);
    return OpenMutual();
  };
  const std::string good = authority_.certificate();
  EXPECT_THAT(refusal(good), IsOk());
  EXPECT_THAT(refusal(Authority("other").certificate() + good), IsOk());
  EXPECT_THAT(refusal(""), FailsWith(kInvalid, "AUTHORITIES_REFUSED"));
  EXPECT_THAT(refusal("garbage"), FailsWith(kInvalid, "AUTHORITIES_REFUSED"));
  EXPECT_THAT(refusal(HalfOf(good)), FailsWith(kInvalid, "AUTHORITIES_REFUSED"));
  EXPECT_THAT(refusal(good + HalfOf(good)), FailsWith(kInvalid, "AUTHORITIES_REFUSED"));
  EXPECT_THAT(refusal(Authority("other").certificate()), FailsWith(kInvalid, "CERTIFICATE_NOT_TRUSTED"));
  std::filesystem::remove(folder_.PathOf("authorities"));
  EXPECT_THAT(OpenMutual(), FailsWith(absl::StatusCode::kNotFound, "TLS_FILE_UNREADABLE"));
}

TEST_F(CertificateFilesTest, StartsWithNoCertificateThatPeersWouldRefuse) {
  Write("authorities", authority_.certificate());
  Put(authority_.IssueFor("serverAuth", "DNS:good", clock_.Now()));
  EXPECT_THAT(OpenMutual(), FailsWith(kInvalid, "CERTIFICATE_NOT_TRUSTED")) << "not fit for a client";
  Put(authority_.IssueFor("clientAuth", "DNS:good", clock_.Now()));
  EXPECT_THAT(OpenMutual(), FailsWith(kInvalid, "CERTIFICATE_NOT_TRUSTED")) << "not fit for a server";
  Put(authority_.IssueFor("serverAuth,clientAuth", "IP:127.0.0.1", clock_.Now()));
  EXPECT_THAT(OpenMutual(), FailsWith(kInvalid, "CERTIFICATE_NOT_TRUSTED")) << "no name";
  Put(authority_.IssueFor("serverAuth,clientAuth", "DNS:good", clock_.Now()));
  EXPECT_THAT(OpenMutual(), IsOk());
}

TEST_F(CertificateFilesTest, KeepsAuthoritiesAndPairUntilBothAreGoodAgain) {
  Write("authorities", authority_.certificate());
  ASSERT_OK_AND_ASSIGN(files_, OpenMutual());
  const auto first = files_->Latest();
  EXPECT_EQ(first->authorities, authority_.certificate());
  const Authority next("next");
  for (const std::string& bad :
       {std::string(), std::string("garbage"), HalfOf(next.certificate()), next.certificate()}) {
    Write("authorities", bad);
    files_->Refresh();
    EXPECT_EQ(files_->Latest(), first);
  }
  EXPECT_EQ(Failures(), 4);
  Put(next.Issue("good", clock_.Now()));
  files_->Refresh();
  EXPECT_NE(files_->Latest(), first);
  EXPECT_EQ(files_->Latest()->authorities, next.certificate());
}

TEST_F(CertificateFilesTest, CountsThePublicAndTheInternalPairApart) {
  Start();
  Write("authorities", authority_.certificate());
  ASSERT_OK_AND_ASSIGN(const auto internal, OpenMutual());
  Write("authorities", "");
  files_->Refresh();
  internal->Refresh();
  EXPECT_EQ(Failures("public"), 0);
  EXPECT_EQ(Failures("internal"), 1);
}

}  // namespace
}  // namespace lumbar::transport
