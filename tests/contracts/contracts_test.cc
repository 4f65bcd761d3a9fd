#include <gmock/gmock.h>

#include "common/status/matchers.h"
#include "common/validation/testing.h"
#include "common/validation/validator.h"
#include "tests/contracts/contract_faults.h"
#include "tests/contracts/contract_set.h"

namespace lumbar::contracts {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Contracts, DeclareAllThatThePipelineNeeds) {
  const ContractSet contracts(LUMBAR_DESCRIPTORS);
  ASSERT_EQ(contracts.error(), "");
  EXPECT_THAT(contracts.RequestTypes(), SizeIs(Ge(40)));
  EXPECT_THAT(ContractFaults(contracts.ours()), IsEmpty());
}

TEST(Contracts, HaveNoRuleThatCannotBeEvaluated) {
  const ContractSet contracts(LUMBAR_DESCRIPTORS);
  EXPECT_THAT(validation::Validator::Create(contracts.RequestTypes()), IsOk());
}

// A contract without a fault, whose parts a test can replace.
struct Contract {
  std::string comment = "// Comment.\n";
  std::string list_route = "option (google.api.http) = {get: '/v1/things'};";
  std::string list_policy = "option (lumbar.options.v1.policy) = {roles: [ROLE_STAFF] audit: 'thing.list'};";
  std::string list_level = "option idempotency_level = NO_SIDE_EFFECTS;";
  std::string list_fields = "// A.\nint32 page_size = 1;\n// A.\nstring page_token = 2;\n";
  std::string list_answer = "// A.\nstring next_page_token = 1;\n";
  std::string make_request = "MakeThingRequest";
  std::string make_route = "option (google.api.http) = {post: '/v1/{name=things/*}:make'};";
  std::string make_policy =
      "option (lumbar.options.v1.policy) = {roles: [ROLE_PATIENT] audit: 'thing.make' "
      "ownership: OWNERSHIP_REQUEST owner_field: 'patient'};";
  std::string request_id_rules = "(buf.validate.field).required = true, (buf.validate.field).string.uuid = true";
  std::string patient = "// A.\nstring patient = 2 [(lumbar.options.v1.patient_data) = true];";

  std::vector<std::string> Faults() const {
    // A comment belongs to what begins on the line below it.
    const auto message = [](absl::string_view name, absl::string_view fields) {
      return absl::StrCat("\n// A.\nmessage ", name, " {\n", fields, "}\n");
    };
    const auto body = absl::StrCat(
        "\n// A.\nservice Things {\n", comment, "rpc ListThings(ListThingsRequest) returns (ListThingsResponse) {\n",
        list_level, list_route, list_policy, "}\n// A.\nrpc MakeThing(", make_request,
        ") returns (MakeThingResponse) {\n", make_route, make_policy, "}}\n", message("ListThingsRequest", list_fields),
        message("ListThingsResponse", list_answer),
        message("MakeThingRequest", absl::StrCat("// A.\nstring request_id = 1 [", request_id_rules, "];\n", patient)),
        message("MakeThingResponse", ""));
    const validation::Schema schema(body, {"google/api/annotations.proto", "lumbar/options/v1/options.proto"});
    return ContractFaults({schema.file()});
  }
};

TEST(ContractFaults, AreNoneInASoundContract) { EXPECT_THAT(Contract{}.Faults(), IsEmpty()); }

struct Broken {
  std::string Contract::*part;
  std::string text;
  std::string fault;
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.fault; }

class ContractFaultsTest : public ::testing::TestWithParam<Broken> {};

TEST_P(ContractFaultsTest, AreFound) {
  Contract contract;
  contract.*GetParam().part = GetParam().text;
  EXPECT_THAT(contract.Faults(), ElementsAre(GetParam().fault));
}

std::string PolicyOf(const std::string& text) { return "option (lumbar.options.v1.policy) = {" + text + "};"; }

const char kList[] = "test.Things.ListThings ";
const char kMake[] = "test.Things.MakeThing ";

INSTANTIATE_TEST_SUITE_P(
    EachKind, ContractFaultsTest,
    ::testing::Values(
        Broken{&Contract::comment, "", absl::StrCat(kList, "has no comment")},
        Broken{&Contract::list_answer, "string next_page_token = 1;",
               "test.ListThingsResponse.next_page_token has no comment"},
        Broken{&Contract::list_route, "", absl::StrCat(kList, "has no route")},
        Broken{&Contract::list_route, "option (google.api.http) = {body: '*'};", absl::StrCat(kList, "has no route")},
        Broken{&Contract::list_route, "option (google.api.http) = {post: '/v1/things/*:make'};",
               absl::StrCat(kMake, "shares its route with test.Things.ListThings")},
        Broken{&Contract::make_route, "option (google.api.http) = {get: '/v1/made'};",
               absl::StrCat(kMake, "is a GET with side effects")},
        Broken{&Contract::list_policy, "", absl::StrCat(kList, "has no policy")},
        Broken{&Contract::list_policy, PolicyOf("audit: 'a'"), absl::StrCat(kList, "may be called by nobody")},
        Broken{&Contract::list_policy, PolicyOf("roles: [ROLE_UNSPECIFIED] audit: 'a'"),
               absl::StrCat(kList, "names no role")},
        Broken{&Contract::list_policy, PolicyOf("roles: [ROLE_STAFF]"), absl::StrCat(kList, "has no audit event")},
        Broken{&Contract::make_policy, PolicyOf("roles: [ROLE_STAFF] audit: 'a' ownership: OWNERSHIP_REQUEST"),
               absl::StrCat(kMake, "needs both OWNERSHIP_REQUEST and owner_field, or neither")},
        Broken{&Contract::patient, "// A.\nint32 patient = 2 [(lumbar.options.v1.patient_data) = true];",
               absl::StrCat(kMake, "has an owner_field that isn't a string of the request")},
        Broken{&Contract::patient, "// A.\nstring patient = 2;",
               "test.MakeThingRequest.patient isn't marked as patient data"},
        Broken{&Contract::list_fields, "// A.\nstring page_token = 2;\n", absl::StrCat(kList, "lists without pages")},
        Broken{&Contract::list_answer, "", absl::StrCat(kList, "lists without pages")},
        Broken{&Contract::request_id_rules, "(buf.validate.field).string.uuid = true",
               absl::StrCat(kMake, "has a request_id that isn't required to be a UUID")},
        Broken{&Contract::request_id_rules, "(buf.validate.field).required = true",
               absl::StrCat(kMake, "has a request_id that isn't required to be a UUID")}));

TEST(ContractFaults, FindAMutationWithoutRequestIdOnAGet) {
  Contract contract;
  contract.list_level = "";
  EXPECT_THAT(contract.Faults(), ElementsAre(absl::StrCat(kList, "is a GET with side effects"),
                                             absl::StrCat(kList, "changes something and has no request_id")));
}

TEST(ContractFaults, FindARequestTypeUsedTwice) {
  Contract contract;
  contract.make_request = "ListThingsRequest";
  contract.make_policy = PolicyOf("roles: [ROLE_STAFF] audit: 'a'");
  EXPECT_THAT(contract.Faults(),
              ElementsAre(absl::StrCat(kMake, "changes something and has no request_id"),
                          absl::StrCat(kMake, "shares its request type with test.Things.ListThings")));
}

}  // namespace
}  // namespace lumbar::contracts
