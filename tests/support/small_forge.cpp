#include "tests/support/small_forge.hpp"

#include "engine/workspace/workspace.hpp"

namespace forge::support {

namespace {

constexpr const char* python_base = R"(FROM ubuntu:noble
ENV PATH=/var/lib/openstack/bin:$PATH
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
RUN useradd -u 42424 openstack
USER openstack
)";

constexpr const char* venv_builder = R"(FROM ghcr.io/c5c3/python-base:3.12-noble
COPY --from=ghcr.io/astral-sh/uv:0.6.3 /uv /uvx /bin/
RUN python3 -m venv /var/lib/openstack
)";

std::string service(const std::string& name, const std::string& mounts) {
  return "FROM ghcr.io/c5c3/venv-builder:3.12-noble AS build\n"
         "ARG PIP_EXTRAS\n"
         "ARG PIP_PACKAGES\n"
         "RUN --mount=type=bind,from=upper-constraints,target=/constraints \\\n" +
         mounts + "    --mount=type=bind,from=" + name + ",target=/src/" + name +
         ",readwrite \\\n"
         "    uv pip install --prefix /var/lib/openstack --constraint /constraints/upper-constraints.txt \\\n"
         "      \"/src/" +
         name +
         "[$PIP_EXTRAS]\" $PIP_PACKAGES\n"
         "FROM ghcr.io/c5c3/python-base:3.12-noble\n"
         "ARG EXTRA_APT_PACKAGES\n"
         "RUN apt-get update && apt-get install -y $EXTRA_APT_PACKAGES\n"
         "COPY --from=build --link /var/lib/openstack /var/lib/openstack\n"
         "USER openstack\n";
}

}  // namespace

ForgeFiles small_forge() {
  return {
      {"releases/2025.1/source-refs.yaml", "keystone: \"27.0.0\"\n"},
      {"releases/2025.1/upper-constraints.txt", "oslo.messaging===16.1.0\n"},
      {"releases/2025.2/source-refs.yaml", "keystone: \"28.0.0\"\nnova: \"32.0.0\"\noslo.messaging: \"17.1.0\"\n"},
      {"releases/2025.2/upper-constraints.txt", "cryptography===43.0.3\n"},
      {"releases/2025.2/extra-packages.yaml",
       "keystone:\n  pip_extras: [ldap, memcache]\n  apt_packages: [libldap2, libsasl2-2]\n"},
      {"patches/oslo.messaging/2025.2/0001-fix.patch",
       "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-oslo.messaging\n+patched\n"},
      {"images/python-base/Dockerfile", python_base},
      {"images/venv-builder/Dockerfile", venv_builder},
      {"images/keystone/Dockerfile",
       service("keystone", "    --mount=type=bind,from=oslo.messaging,target=/src/oslo.messaging,readwrite \\\n")},
      {"images/nova/Dockerfile", service("nova", "")},
  };
}

std::shared_ptr<MemoryUpstreams> small_upstreams() {
  auto upstreams = std::make_shared<MemoryUpstreams>();
  const std::map<std::string, std::vector<std::string>> tags = {
      {"keystone", {"27.0.0", "28.0.0"}}, {"nova", {"32.0.0"}}, {"oslo.messaging", {"17.1.0"}}};
  for (const auto& [component, names] : tags) {
    auto repository = std::make_shared<MemoryRepository>();
    std::vector<git::ObjectId> parents;
    for (const std::string& name : names) {
      const git::ObjectId commit =
          repository->add_commit({{"a.txt", component + "\n"},
                                  {"setup.cfg", "[metadata]\nname = " + component + "\nversion = " + name + "\n"}},
                                 "release " + name, parents);
      repository->tag(name, commit);
      parents = {commit};
    }
    upstreams->add(component, repository);
  }
  return upstreams;
}

workspace::SnapshotPtr snapshot_of(ForgeFiles files, std::shared_ptr<const git::Upstreams> upstreams) {
  workspace::Workspace workspace([upstreams](const formats::ForgeConfig&) { return upstreams; });
  return *workspace.load(workspace::memory_files(std::move(files)), TaskPool(1));
}

workspace::SnapshotPtr snapshot_of(ForgeFiles files) {
  return snapshot_of(std::move(files), small_upstreams());
}

}  // namespace forge::support
