// For servers of a test; for tests only.
#pragma once

namespace lumbar::testing {

// A port of 127.0.0.1 that was free a moment ago; another process may take it before the server does. 0: there is none.
int FreePort();

}  // namespace lumbar::testing
