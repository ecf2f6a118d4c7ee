#include "engine/model/image_installs.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using model::ImageInstalls;

/// `component[extras]` and packages, in order.
std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += text + " | ";
  return out;
}

std::vector<std::string> installed(const ImageInstalls& installs) {
  std::vector<std::string> out;
  for (const auto& tree : installs.trees) {
    std::string text = tree.component + "[";
    for (const auto& extra : tree.extras) text += extra.name + ",";
    out.push_back(text + "]");
  }
  for (const auto& package : installs.packages) out.push_back(package.text);
  return out;
}

using Texts = std::vector<std::string>;

ImageInstalls of_dockerfile(const std::string& run, const std::string& before = {}) {
  support::ForgeFiles files = support::small_forge();
  files["releases/2025.2/extra-packages.yaml"] =
      "nova:\n  pip_extras: [vmware]\n  pip_packages: [PyMySQL, \"a[b]>=1\"]\n";
  files["images/nova/requirements.txt"] = "listed==1 # why\n";
  files["images/nova/Dockerfile"] = "FROM ubuntu:noble\nARG PIP_EXTRAS\nARG PIP_PACKAGES\n" + before +
                                    "RUN --mount=type=bind,from=nova,source=/,target=/src/nova/,readwrite \\\n" + run +
                                    "\nUSER 42424\n";
  return model::image_installs(*support::snapshot_of(files), "2025.2", "nova");
}

}  // namespace

TEST_CASE("image installs: the tree with the release's extras, packages beside it, words of the command") {
  CHECK(joined(installed(of_dockerfile(
            "  set -e && uv pip install --no-cache -c /c.txt --python /v/bin/python \\\n"
            "  \"/src/nova${PIP_EXTRAS:+[$PIP_EXTRAS]}\" $PIP_PACKAGES 'uwsgi>=2.0,<3' 2> log; echo done"))) ==
        joined(Texts{"nova[vmware,]", "PyMySQL", "a[b]>=1", "uwsgi>=2.0,<3"}));
  CHECK(joined(installed(of_dockerfile("  pip install --prefix=/x /src/nova[ldap,\"$PIP_EXTRAS\"] && echo not-me"))) ==
        joined(Texts{"nova[vmware,ldap,]"}));
  CHECK(joined(installed(of_dockerfile("  python3 -m pip install --requirement=/src/requirements.txt -e /src/nova/.",
                                       "COPY --chown=1:1 requirements.txt /src/\n"))) ==
        joined(Texts{"nova[]", "listed==1"}));
}

TEST_CASE("image installs: what is not shown is assumed, what only the build knows is left out") {
  CHECK(joined(installed(of_dockerfile("  /src/nova/install-everything"))) ==
        joined(Texts{"nova[vmware,]", "PyMySQL", "a[b]>=1"}));
  CHECK(joined(installed(
            of_dockerfile("  pip install /src/nova ./x.whl /other \"x==$VERSION\" \"$(cat y)\" -r /absent.txt"))) ==
        joined(Texts{"nova[]"}));
}

TEST_CASE("image installs: here-documents, and patched libraries in the image of the service") {
  CHECK(joined(installed(of_dockerfile(
            "  <<EOF\nset -e\nuv pip install \\\n  /src/nova\npip3 install one==1; pip install two==2\nEOF"))) ==
        joined(Texts{"nova[]", "one==1", "two==2"}));
  const auto snapshot = support::snapshot_of(support::small_forge());
  CHECK(joined(installed(model::image_installs(*snapshot, "2025.2", "keystone"))) ==
        joined(Texts{"keystone[ldap,memcache,]"}));
  CHECK(joined(model::images_of(*snapshot, "2025.2")) == "keystone | nova | ");
  CHECK(joined(model::images_of(*snapshot, "2025.1")) == "keystone | ");
}

TEST_CASE("image installs: of all images below, each once") {
  support::ForgeFiles files = support::small_forge();
  files["images/python-base/Dockerfile"] += "RUN pip install base==1\n";
  files["images/venv-builder/Dockerfile"] += "RUN uv pip install venv==2 && uv pip install ranged>=2\n";
  const auto snapshot = support::snapshot_of(files);
  Texts texts;
  for (const auto& package : model::inherited_installs(*snapshot, "nova")) texts.push_back(package.text);
  CHECK(joined(texts) == "base==1 | venv==2 | ranged | ");
}
