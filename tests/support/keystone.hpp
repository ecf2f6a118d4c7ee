/// The upstream that tests of the server look at where they need no other.
#pragma once

#include "tests/support/git_fixture.hpp"

namespace forge::support {

/// Two commits of a.txt: tag 28.0.0 at the first, annotated tag 28.0.1 at the second, which is stable/2025.2.
[[nodiscard]] GitFixture keystone();

}  // namespace forge::support
