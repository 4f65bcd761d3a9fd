#include "common/rpc/method.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "common/rpc/body_hash.h"
#include "common/status/matchers.h"
#include "lumbar/booking/v1/booking_service.pb.h"

namespace lumbar::rpc {
namespace {

using google::protobuf::MethodOptions;
using testing::HasSubstr;

// A contract with one method, which the test then spoils.
class ContractTest : public testing::Test {
 protected:
  ContractTest() {
    file_.set_name("sample.proto");
    file_.set_package("sample.v1");
    auto* request = file_.add_message_type();
    request->set_name("ActRequest");
    for (const char* name : {"request_id", "patient"}) {
      auto* field = request->add_field();
      field->set_name(name);
      field->set_number(request->field_size());
      field->set_type(google::protobuf::FieldDescriptorProto::TYPE_STRING);
      field->set_label(google::protobuf::FieldDescriptorProto::LABEL_OPTIONAL);
    }
    method_ = file_.add_service()->add_method();
    file_.mutable_service(0)->set_name("SampleService");
    method_->set_name("Act");
    method_->set_input_type(".sample.v1.ActRequest");
    method_->set_output_type(".sample.v1.ActRequest");
    auto& policy = Policy();
    policy.add_roles(options::v1::ROLE_PATIENT);
    policy.set_audit("sample.act");
    policy.set_ownership(options::v1::OWNERSHIP_REQUEST);
    policy.set_owner_field("patient");
  }

  options::v1::Policy& Policy() { return *method_->mutable_options()->MutableExtension(options::v1::policy); }
  absl::StatusOr<Method> Compile() {
    const auto* built = pool_.BuildFile(file_);
    return Method::Compile(*built->service(0)->method(0));
  }

  google::protobuf::FileDescriptorProto file_;
  google::protobuf::MethodDescriptorProto* method_ = nullptr;
  google::protobuf::DescriptorPool pool_;
};

TEST_F(ContractTest, CompilesACompleteDeclaration) {
  ASSERT_OK_AND_ASSIGN(const Method method, Compile());
  EXPECT_EQ(method.path(), "/sample.v1.SampleService/Act");
  EXPECT_TRUE(method.mutation());
  EXPECT_TRUE(method.Allows(options::v1::ROLE_PATIENT));
  EXPECT_FALSE(method.Allows(options::v1::ROLE_ADMIN));
}

TEST_F(ContractTest, RefusesAMethodWithoutAPolicy) {
  method_->mutable_options()->ClearExtension(options::v1::policy);
  const auto refused = Compile();
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kFailedPrecondition, "CONTRACT_REFUSED"));
  EXPECT_THAT(refused.status().message(), HasSubstr("sample.v1.SampleService.Act"));
}

TEST_F(ContractTest, RefusesAMethodThatNothingIsAuditedOf) {
  Policy().clear_audit();
  EXPECT_THAT(Compile(), FailsWith(absl::StatusCode::kFailedPrecondition, "CONTRACT_REFUSED"));
}

TEST_F(ContractTest, RefusesAnOwnerFieldThatIsNotThere) {
  Policy().set_owner_field("owner");
  EXPECT_THAT(Compile(), FailsWith(absl::StatusCode::kFailedPrecondition, "CONTRACT_REFUSED"));
}

TEST_F(ContractTest, RefusesAMutationWithoutARequestId) {
  file_.mutable_message_type(0)->mutable_field(0)->set_name("id");
  EXPECT_THAT(Compile(), FailsWith(absl::StatusCode::kFailedPrecondition, "CONTRACT_REFUSED"));
}

TEST_F(ContractTest, TakesAMethodWithoutSideEffectsForARead) {
  file_.mutable_message_type(0)->mutable_field(0)->set_name("id");
  method_->mutable_options()->set_idempotency_level(MethodOptions::NO_SIDE_EFFECTS);
  ASSERT_OK_AND_ASSIGN(const Method method, Compile());
  EXPECT_FALSE(method.mutation());
}

TEST(MethodOwner, IsFilledInForAPatientWhoLeavesItOut) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      booking::v1::CreateHoldRequest::descriptor()->file()->service(0)->full_name());
  ASSERT_OK_AND_ASSIGN(const Method method, Method::Compile(*service->FindMethodByName("CreateHold")));
  const auth::Caller patient{"patients/17", options::v1::ROLE_PATIENT};
  booking::v1::CreateHoldRequest request;
  ASSERT_TRUE(method.LacksOwner(patient, request));
  method.FillOwner(patient, request);
  EXPECT_THAT(method.CheckOwner(patient, request), IsOk());
  request.set_patient("patients/18");
  EXPECT_THAT(method.CheckOwner(patient, request), FailsWith(absl::StatusCode::kPermissionDenied, "NOT_YOURS"));
  EXPECT_THAT(method.CheckOwner({"staff/1", options::v1::ROLE_STAFF}, request), IsOk());
}

TEST(BodyHash, DiffersWithTheBodyAlone) {
  booking::v1::CreateHoldRequest request;
  request.set_patient("patients/17");
  const std::string before = BodyHash(request);
  EXPECT_EQ(before, BodyHash(booking::v1::CreateHoldRequest(request)));
  request.set_patient("patients/18");
  EXPECT_NE(before, BodyHash(request));
}

}  // namespace
}  // namespace lumbar::rpc
