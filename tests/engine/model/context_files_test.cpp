#include "engine/model/context_files.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/model/image_graph.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;
using Names = std::vector<std::string>;

/// Of an image `web` with these files beside the Dockerfile.
Names files_read_by(const std::string& dockerfile, const Names& files, const std::string& ignore = "") {
  support::ForgeFiles forge{{"images/web/Dockerfile", dockerfile}, {"releases/2025.2/source-refs.yaml", "{}\n"}};
  for (const std::string& file : files) forge["images/web/" + file] = "x\n";
  if (!ignore.empty()) forge["images/web/.dockerignore"] = ignore;
  const auto snapshot = support::snapshot_of(forge);
  Names read;
  for (const std::string& path : model::context_files(*snapshot, *model::image_graph(*snapshot).find("web")))
    read.push_back(path.substr(std::string("images/web/").size()));
  return read;
}

}  // namespace

TEST_CASE("context files: a pattern names a path or a folder above it") {
  CHECK(model::names_path("etc", "etc/a/b"));
  CHECK(model::names_path("./etc/", "etc/a"));
  CHECK(model::names_path("/etc/*.conf", "etc/nova.conf"));
  CHECK(model::names_path("*", "a/b"));
  CHECK(model::names_path("**/b", "a/c/b"));
  CHECK(model::names_path("a/../b", "b"));
  CHECK(model::names_path("", "anything"));
  CHECK_FALSE(model::names_path("etc/*.conf", "etc/sub/nova.conf.d"));
  CHECK_FALSE(model::names_path("et", "etc"));
  CHECK_FALSE(model::names_path("etc/a/b", "etc/a"));
}

TEST_CASE("context files: what COPY, ADD and bind mounts name in the main context, and nothing else") {
  const Names files = {"a.txt", "etc/b.conf", "etc/sub/c.conf", "README.md"};
  CHECK(files_read_by("FROM x\nRUN true\n", files).empty());
  CHECK(files_read_by("FROM x\nCOPY a.txt /\n", files) == Names{"a.txt"});
  CHECK(files_read_by("FROM x\nCOPY [\"a.txt\", \"/\"]\n", files) == Names{"a.txt"});
  CHECK(files_read_by("FROM x\nADD --chown=1 etc /etc\n", files) == Names{"etc/b.conf", "etc/sub/c.conf"});
  CHECK(files_read_by("FROM x AS y\nFROM x\nCOPY --from=y a.txt /\n", files).empty());
  CHECK(files_read_by("FROM x\nCOPY <<EOF /etc/x\na.txt\nEOF\n", files).empty());
  CHECK(files_read_by("FROM x\nADD https://example.org/a.txt /\n", files).empty());
  CHECK(files_read_by("FROM x\nRUN --mount=type=bind,source=a.txt,target=/a.txt true\n", files) == Names{"a.txt"});
  CHECK(files_read_by("FROM x\nRUN --mount=type=bind,from=y,source=a.txt,target=/a.txt true\n", files).empty());
  CHECK(files_read_by("FROM x\nRUN --mount=type=cache,target=/root/.cache true\n", files).empty());
}

TEST_CASE("context files: all of the folder where only the build can tell, without what is ignored") {
  const Names files = {"a.txt", "etc/b.conf", "notes.md"};
  CHECK(files_read_by("FROM x\nARG WHAT\nCOPY $WHAT /\n", files) ==
        Names{"Dockerfile", "a.txt", "etc/b.conf", "notes.md"});
  CHECK(files_read_by("FROM x\nCOPY . /\n", files, "# docs\n*.md\n.dockerignore\nDockerfile\n!etc\n") ==
        Names{"a.txt", "etc/b.conf"});
  CHECK(files_read_by("FROM x\nCOPY . /\n", files, "*\n!etc/b.conf\n") == Names{"etc/b.conf"});
  std::string endless;
  for (int i = 0; i < 10'001; ++i) endless += "*.md\n";
  CHECK(files_read_by("FROM x\nCOPY notes.md /\n", files, endless) == Names{"notes.md"});
}
