#include "tests/support/git_fixture.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "engine/git/libgit2_repository.hpp"

namespace forge::support {

namespace fs = std::filesystem;

namespace {

// The tester's own configuration must not matter, nor a hook's GIT_DIR.
constexpr std::string_view clean_git =
    "env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 "
    "GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@example.org git";

std::string run_shell(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no shell for: " + command);
  std::string output;
  std::array<char, 4096> buffer{};
  for (std::size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    output.append(buffer.data(), size);
  if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command + "\n" + output);
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

std::string data_block(std::string_view bytes) {
  return fmt::format("data {}\n{}\n", bytes.size(), bytes);
}

}  // namespace

TempFolder::TempFolder() {
  std::string pattern = (fs::temp_directory_path() / "forge-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void TempFolder::write(std::string_view file, std::string_view text) const {
  const fs::path path = fs::path(path_) / file;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string TempFolder::read(std::string_view file) const {
  std::ostringstream text;
  text << std::ifstream(fs::path(path_) / file, std::ios::binary).rdbuf();
  return text.str();
}

int GitStream::commit(Commit commit) {
  const int mark = next_++;
  if (commit.seconds) seconds_ = *commit.seconds;
  text_ += fmt::format("commit refs/heads/{}\nmark :{}\ncommitter T <t@example.org> {} +0000\n", commit.branch, mark,
                       seconds_);
  seconds_ += 3600;
  text_ += data_block(commit.message);
  for (std::size_t i = 0; i < commit.parents.size(); ++i)
    text_ += fmt::format("{} :{}\n", i == 0 ? "from" : "merge", commit.parents[i]);
  for (const std::string& path : commit.removed) text_ += fmt::format("D {}\n", path);
  for (const auto& [path, content] : commit.files) {
    text_ += fmt::format("M 100644 inline {}\n", path);
    text_ += data_block(content);
  }
  return mark;
}

GitStream& GitStream::tag(std::string_view name, int commit) {
  text_ += fmt::format("reset refs/tags/{}\nfrom :{}\n\n", name, commit);
  return *this;
}

GitStream& GitStream::annotated_tag(std::string_view name, int commit) {
  text_ += fmt::format("tag {}\nfrom :{}\ntagger T <t@example.org> {} +0000\n", name, commit, seconds_);
  text_ += data_block(name);
  return *this;
}

GitStream& GitStream::branch(std::string_view name, int commit) {
  text_ += fmt::format("reset refs/heads/{}\nfrom :{}\n\n", name, commit);
  return *this;
}

std::string run_git(const std::string& folder, const std::string& arguments) {
  return run_shell(fmt::format("{} -C '{}' {} 2>&1", clean_git, folder, arguments));
}

GitFixture::GitFixture(std::string_view fast_import_stream) {
  folder_.write("stream", fast_import_stream);
  run_git(folder_.path(), "init --quiet --bare --initial-branch=master repo.git");
  git("fast-import --quiet < '" + beside("stream") + "'");
}

git::ObjectId GitFixture::id(const std::string& revision) const {
  const auto id = git::ObjectId::from_hex(git("rev-parse --verify --quiet '" + revision + "'"));
  if (!id) throw std::runtime_error("no such revision: " + revision);
  return *id;
}

git::RepositoryPtr GitFixture::open() const {
  auto repository = git::open_repository(path());
  if (!repository) throw std::runtime_error(repository.error().message);
  return *repository;
}

}  // namespace forge::support
