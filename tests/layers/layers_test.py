"""Turns one include round at a time in a small house and expects tools/layers to name it."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).parents[2] / "tools" / "layers"

# Every arrow here is allowed.
HOUSE = {
    "common/status/CMakeLists.txt": "lumbar_library(lumbar_status SOURCES errors.cc DEPS lumbar_foreign_proto)",
    "common/status/errors.h": "#include <absl/status/status.h>",
    "common/time/clock.h": "#include <absl/time/time.h>",
    "common/rpc/CMakeLists.txt": "lumbar_library(lumbar_rpc\n  SOURCES serve.cc\n  DEPS lumbar_status gRPC::grpc++)\n"
                                 "lumbar_test(serve_test SOURCES serve_test.cc DEPS lumbar_rpc lumbar_store)",
    "common/rpc/serve.h": '#include <grpcpp/grpcpp.h>\n#include "common/status/errors.h"\n#include "common/time/clock.h"',
    "common/rpc/serve_test.cc": '#include "common/store/database.h"',
    "common/store/CMakeLists.txt": "lumbar_library(lumbar_store SOURCES database.cc DEPS lumbar_status)",
    "common/store/database.h": '#include <soci/soci.h>\n#include "common/status/errors.h"',
    "services/booking/errors.h": '#include "common/status/errors.h"',
    "services/booking/domain/scheduler.h": '#include "lumbar/booking/v1/hold.pb.h"\n#include "services/booking/errors.h"',
    "services/booking/domain/scheduler_test.cc": '#include "services/booking/store/hold_store.h"',
    "services/booking/store/hold_store.h": '#include <soci/soci.h>\n#include "services/booking/domain/scheduler.h"',
    "services/booking/adapters/notifier.h": "#include <grpcpp/grpcpp.h>",
    "services/booking/booking_service.h": '#include <grpcpp/grpcpp.h>\n#include "services/booking/domain/scheduler.h"',
    "services/booking/main.cc": '#include "services/booking/booking_service.h"',
    "services/triage/domain/scorer.h": '#include "common/time/clock.h"',
    "tests/integration/suite_test.cc": '#include "services/booking/main.cc"\n#include "services/triage/domain/scorer.h"',
}


class LayersTest(unittest.TestCase):
    def check(self, **turned):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**HOUSE, **turned}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text + "\n")
            return subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True, check=False)

    def assert_refused(self, path, include):
        result = self.check(**{path: f"\n#include {include}"})
        self.assertEqual(result.returncode, 1, f"{path} may include {include}")
        self.assertIn(f"{path}:2: includes {include[1:-1]}: ", result.stdout)

    def test_accepts_the_house_as_it_stands(self):
        result = self.check()
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))

    def test_common_knows_no_service(self):
        self.assert_refused("common/rpc/serve.h", '"services/booking/errors.h"')

    def test_a_room_of_common_enters_only_the_rooms_in_its_deps(self):
        self.assert_refused("common/rpc/serve.h", '"common/store/database.h"')
        self.assert_refused("common/status/errors.h", '"common/rpc/serve.h"')

    def test_rooms_of_common_form_no_ring(self):
        result = self.check(**{"common/time/clock.h": '#include "common/concurrency/mutex.h"',
                               "common/concurrency/mutex.h": '#include "common/time/clock.h"'})
        self.assertEqual(result.returncode, 1)
        self.assertIn("concurrency -> time -> concurrency", result.stdout)

    def test_services_meet_only_by_contract(self):
        self.assert_refused("services/booking/domain/scheduler.h", '"services/triage/domain/scorer.h"')
        self.assert_refused("services/booking/main.cc", '"services/triage/domain/scorer.h"')

    def test_a_domain_only_decides(self):
        for library in ("<grpcpp/grpcpp.h>", "<soci/soci.h>", "<hiredis/hiredis.h>", "<curl/curl.h>",
                        "<boost/beast/core.hpp>", '"lumbar/booking/v1/booking_service.grpc.pb.h"'):
            self.assert_refused("services/booking/domain/scheduler.h", library)

    def test_a_domain_takes_in_no_transport_by_way_of_common(self):
        self.assert_refused("services/booking/domain/scheduler.h", '"common/rpc/serve.h"')
        self.assert_refused("services/booking/errors.h", '"common/store/database.h"')

    def test_layers_include_only_downward(self):
        self.assert_refused("services/booking/domain/scheduler.h", '"services/booking/store/hold_store.h"')
        self.assert_refused("services/booking/domain/scheduler.h", '"services/booking/booking_service.h"')
        self.assert_refused("services/booking/errors.h", '"services/booking/adapters/notifier.h"')
        self.assert_refused("services/booking/store/hold_store.h", '"services/booking/booking_service.h"')
        self.assert_refused("services/booking/booking_service.h", '"services/booking/main.h"')

    def test_grpc_stays_at_the_edges(self):
        self.assert_refused("services/booking/store/hold_store.h", "<grpcpp/grpcpp.h>")
        self.assert_refused("common/status/errors.h", "<grpcpp/support/status.h>")

    def test_nothing_that_ships_includes_the_tests(self):
        self.assert_refused("common/status/errors.h", '"tests/support/process.h"')


if __name__ == "__main__":
    unittest.main()
