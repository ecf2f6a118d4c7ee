#include "tests/support/git_judge.hpp"

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "tests/support/process.hpp"

namespace forge::support {

namespace {

/// The tester's own configuration must not matter, nor a hook's repository.
ProcessResult git(const std::string& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "git");
  return run_process(arguments, folder,
                     {"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C", "GIT_DIR=" + folder + "/repo",
                      "GIT_INDEX_FILE=" + folder + "/index"});
}

std::string quoted_path(std::string_view path) {
  std::string out = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string import_stream(const MemoryRepository::Files& files) {
  std::string stream = "reset refs/heads/case\ncommit refs/heads/case\ncommitter A <a@example.org> 0 +0000\ndata 0\n";
  for (const auto& [path, file] : files) {
    if (file.mode == 0160000)
      stream += fmt::format("M 160000 {} {}\n", file.text, quoted_path(path));
    else
      stream +=
          fmt::format("M {:o} inline {}\ndata {}\n{}\n", file.mode, quoted_path(path), file.text.size(), file.text);
  }
  return stream;
}

}  // namespace

bool GitJudge::is_there() {
  static const bool there = run_process({"git", "--version"}).out.starts_with("git version 2.39.");
  return there;
}

GitJudge::GitJudge() {
  (void)run_process({"git", "init", "--quiet", "--bare", "repo"}, folder_.path());
}

GitVerdict GitJudge::apply(const MemoryRepository::Files& files, const std::vector<std::string>& patches) const {
  const std::string& folder = folder_.path();
  std::filesystem::remove(folder +
                          "/index.lock");  // left where git crashed on the case before, as an assertion makes it
  folder_.write("stream", import_stream(files));
  const ProcessResult import =
      run_process({"sh", "-c", "git --git-dir=repo fast-import --quiet --force < stream"}, folder);
  if (import.exit_code != 0) throw std::runtime_error(import.err);
  (void)git(folder, {"read-tree", "case"});
  std::vector<std::string> command = {"apply", "--cached"};
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const std::string name = fmt::format("{:04}.patch", i + 1);
    folder_.write(name, patches[i]);
    command.push_back(name);
  }
  const ProcessResult applied = git(folder, command);
  GitVerdict verdict{.status = applied.exit_code, .tree = {}, .words = applied.err};
  if (applied.exit_code == 0) verdict.tree = git(folder, {"write-tree"}).out.substr(0, 40);
  return verdict;
}

}  // namespace forge::support
