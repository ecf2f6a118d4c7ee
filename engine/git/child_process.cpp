#include "engine/git/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/text.hpp"

namespace forge::git {

namespace {

constexpr std::size_t max_error_bytes = 64U << 10;
constexpr int poll_milliseconds = 50;

class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

 private:
  int descriptor_;
};

/// As `git rev-parse --local-env-vars` lists them: set where we run inside of a hook.
bool points_at_a_repository(std::string_view variable) {
  constexpr std::array<std::string_view, 9> names = {"GIT_DIR=",
                                                     "GIT_WORK_TREE=",
                                                     "GIT_INDEX_FILE=",
                                                     "GIT_OBJECT_DIRECTORY=",
                                                     "GIT_ALTERNATE_OBJECT_DIRECTORIES=",
                                                     "GIT_COMMON_DIR=",
                                                     "GIT_NAMESPACE=",
                                                     "GIT_PREFIX=",
                                                     "GIT_SHALLOW_FILE="};
  return std::ranges::any_of(names, [&](std::string_view name) { return variable.starts_with(name); });
}

std::vector<std::string> child_environment(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const auto same_name = [&](const std::string& other) {
      return text.starts_with(std::string_view(other).substr(0, other.find('=') + 1));
    };
    if (!points_at_a_repository(text) && std::ranges::none_of(added, same_name)) all.emplace_back(text);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// 0 or an errno.
int spawn(const ProgramRun& run, int standard_error, pid_t& child) {
  std::vector<std::string> arguments = run.arguments;
  std::vector<std::string> environment = child_environment(run.variables);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, standard_error, STDERR_FILENO);
  const int error = posix_spawnp(&child, arguments.front().c_str(), &actions, nullptr, pointers(arguments).data(),
                                 pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Until the program closes its standard error or somebody cancels.
std::string read_until_end(int pipe, pid_t child, const std::stop_token& cancel) {
  std::string text;
  std::array<char, 4096> buffer{};
  bool ended = false;
  while (true) {
    if (cancel.stop_requested() && !ended) {
      ::kill(child, SIGTERM);
      ended = true;
    }
    pollfd waiting{pipe, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, poll_milliseconds);
    if (ready == 0 || (ready < 0 && errno == EINTR)) {
      // A helper that git left behind may hold the pipe open for ever.
      if (ended && ::waitpid(child, nullptr, WNOHANG | WNOWAIT) != 0) return text;
      continue;
    }
    const ssize_t size = ::read(pipe, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.size() > 2 * max_error_bytes) text.erase(0, text.size() - max_error_bytes);
  }
}

int exit_status(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

Result<std::string> run_program(const ProgramRun& run) {
  const std::string& name = run.arguments.front();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(Failure::Kind::io, fmt::format("`{}` can't be run: {}.", name, std::strerror(errno)));
  const FileDescriptor read_end(ends[0]);
  FileDescriptor write_end(ends[1]);
  pid_t child = 0;
  if (const int error = spawn(run, write_end.get(), child); error != 0) {
    return fail(Failure::Kind::io, fmt::format("`{}` can't be run: {}.", name, std::strerror(error)),
                {fmt::format("install `{}`", name)});
  }
  write_end.close();
  std::string said = read_until_end(read_end.get(), child, run.cancel);
  const int status = exit_status(child);
  if (run.cancel.stop_requested()) return fail(Failure::Kind::io, fmt::format("`{}` was stopped.", name));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(Failure::Kind::io, fmt::format("`{}` failed: {}", name, trim(said)));
  return said;
}

}  // namespace forge::git
