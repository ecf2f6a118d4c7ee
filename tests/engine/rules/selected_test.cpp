#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/rules/run_rules.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using Names = std::set<std::string>;

/// Knows which repositories were asked for.
class WatchedUpstreams : public git::Upstreams {
 public:
  [[nodiscard]] Result<git::RepositoryPtr> open(std::string_view component) const override {
    const std::scoped_lock lock(mutex_);
    opened_.emplace(component);
    return below_->open(component);
  }
  [[nodiscard]] Names opened() const { return opened_; }

 private:
  std::shared_ptr<const git::Upstreams> below_ = support::small_upstreams();
  mutable std::mutex mutex_;
  mutable Names opened_;
};

Names opened_for(const rules::RunOptions& options) {
  const auto upstreams = std::make_shared<WatchedUpstreams>();
  (void)rules::run_rules(*support::snapshot_of(support::small_forge(), upstreams), options, TaskPool(1));
  return upstreams->opened();
}

std::string text_of(const Finding& finding) {
  return finding.rule + " " + finding.release + " " + finding.component + " " + finding.place.file->path() + ": " +
         finding.message;
}

}  // namespace

TEST_CASE("selected: what is not asked for is not read") {
  CHECK(opened_for({}).contains("keystone"));
  const auto is_nova = [](std::string_view release, std::string_view component) {
    return (release.empty() || release == "2025.2") && (component.empty() || component == "nova");
  };
  for (const rules::RunOptions& options :
       {rules::RunOptions{.component = "nova"}, rules::RunOptions{.concerns = is_nova}}) {
    const Names opened = opened_for(options);
    CHECK(opened.contains("nova"));
    CHECK_FALSE(opened.contains("keystone"));
    CHECK_FALSE(opened.contains("ovs"));
  }
}

TEST_CASE("selected: a component has the findings that it has among all") {
  support::ForgeFiles files = support::small_forge();
  files["releases/2025.2/source-refs.yaml"] = "keystone: \"28.0.9\"\nnova: \"32.0.9\"\noslo.messaging: \"17.1.0\"\n";
  files["releases/2025.2/extra-packages.yaml"] = "keystone:\n  pip_extras: [ldpa]\n";
  const workspace::SnapshotPtr snapshot = support::snapshot_of(files);
  const std::vector<Finding> all = rules::run_rules(*snapshot, {}, TaskPool(1));
  for (const std::string component : {"keystone", "nova", "oslo.messaging"}) {
    Names expected;
    for (const Finding& finding : all)
      if (finding.component == component) expected.insert(text_of(finding));
    Names found;
    for (const Finding& finding : rules::run_rules(*snapshot, {.component = component}, TaskPool(1)))
      if (!finding.component.empty()) found.insert(text_of(finding));
    CHECK_FALSE(expected.empty());
    CHECK(found == expected);
  }
}

TEST_CASE("selected: what is installed beside a component's tree is the component's") {
  support::ForgeFiles files = support::small_forge();
  files["releases/2025.2/extra-packages.yaml"] =
      "keystone:\n  pip_packages: [\"cryptography>=50\", unheard-of]\n"
      "nova:\n  pip_packages: [\"cryptography>=60\"]\n";
  const workspace::SnapshotPtr snapshot = support::snapshot_of(files);
  const auto found = [&](const std::string& component) {
    Names messages;
    for (const Finding& finding : rules::run_rules(*snapshot, {.component = component}, TaskPool(1)))
      if (finding.place.file->path() == "releases/2025.2/extra-packages.yaml")
        messages.insert(finding.component + ": " + finding.message.substr(0, finding.message.find(" is ")));
    return messages;
  };
  CHECK(found("keystone") == Names{"keystone: `cryptography>=50`", "keystone: `unheard-of`"});
  CHECK(found("nova") == Names{"nova: `cryptography>=60`"});
  CHECK(found("oslo.messaging").empty());  // its tree is a part of keystone's image
}
