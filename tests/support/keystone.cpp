#include "tests/support/keystone.hpp"

namespace forge::support {

GitFixture keystone() {
  GitStream stream;
  const int first = stream.commit({.message = "One", .files = {{"a.txt", "one\n"}}});
  const int second = stream.commit({.message = "Two", .files = {{"a.txt", "two\n"}}});
  stream.tag("28.0.0", first).annotated_tag("28.0.1", second).branch("stable/2025.2", second);
  return GitFixture(stream);
}

}  // namespace forge::support
