#include "engine/audit/carried_overrides.hpp"

#include <string>

#include <doctest/doctest.h>

#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using audit::CarriedOverrides;

CarriedOverrides carried(const std::string& overrides, const std::string& before, const std::string& now) {
  const auto snapshot = support::snapshot_of({{"releases/2025.2/source-refs.yaml", ""},
                                              {"releases/2025.2/upper-constraints.txt", before},
                                              {"overrides/2025.2/constraints.txt", overrides}});
  return audit::carry_overrides(*snapshot->overrides("2025.2"), &**snapshot->upper_constraints("2025.2"),
                                formats::parse_constraints(now).value);
}

}  // namespace

TEST_CASE("carried overrides: one that repeats the new pin goes with its reason, the rest stays as it is") {
  const CarriedOverrides all =
      carried("# head\n\n# a reason\n# of two lines\nrequests===2.32.4\n\n# another\nurllib3===2.6.0\n",
              "requests===2.32.3\nurllib3===2.5.0\n", "requests===2.32.4\nurllib3===2.5.1\n");
  CHECK(all.text == "# head\n\n# another\nurllib3===2.6.0\n");
  REQUIRE(all.entries.size() == 2);
  CHECK_FALSE(all.entries[0].kept);
  CHECK(all.entries[1].kept);
  CHECK_FALSE(all.entries[1].doubtful);
}

TEST_CASE("carried overrides: what raised a pin goes where upstream is newer, what lowers one is a question") {
  const CarriedOverrides raised = carried("a===2.0\n", "a===1.0\n", "a===3.0\n");
  CHECK(raised.text.empty());
  const CarriedOverrides lowering = carried("a===2.0\n", "a===2.5\n", "a===3.0\n");
  CHECK(lowering.text == "a===2.0\n");
  CHECK(lowering.entries.front().doubtful);
}

TEST_CASE("carried overrides: a removal stays as long as there is something to remove") {
  CHECK(carried("-oslo_lib\n", "oslo.lib===1\n", "Oslo-Lib===2\n").text == "-oslo_lib\n");
  CHECK(carried("-oslo_lib\n", "oslo.lib===1\n", "b===2\n").text.empty());
}

TEST_CASE("carried overrides: a pin that upstream never had stays, one that it gave up is a question") {
  CHECK_FALSE(carried("own===1\n", "b===1\n", "b===2\n").entries.front().doubtful);
  CHECK(carried("gone===1\n", "gone===0.9\n", "b===2\n").entries.front().doubtful);
}

TEST_CASE("carried overrides: pins told apart by markers count together") {
  const std::string two = "a===2.0;python_version<'3.11'\na===3.0;python_version>='3.11'\n";
  CHECK(carried("a===2.0\n", two, two).entries.front().doubtful);
  CHECK(carried("a===4.0\n", two, two).entries.front().kept);
}

TEST_CASE("carried overrides: a last line without its end") {
  CHECK(carried("b===2\na===2.0", "a===1.0\n", "a===2.0\n").text == "b===2\n");
}
