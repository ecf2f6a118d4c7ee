#include "tests/support/process.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace forge::support {

namespace {

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() {
    if (::pipe(ends.data()) != 0) throw std::runtime_error("pipe");
  }
};

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& folder,
                         const std::vector<std::string>& environment, const Pipe& out, const Pipe& err) {
  ::dup2(out.ends[1], 1);
  ::dup2(err.ends[1], 2);
  for (const int end : {out.ends[0], out.ends[1], err.ends[0], err.ends[1]}) ::close(end);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  for (const std::string& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
  if (::chdir(folder.c_str()) == 0) ::execvp(argv[0], argv.data());
  ::_exit(127);
}

/// Reads both pipes until both are closed, so that neither can fill up and block the program.
void drain(int out, int err, ProcessResult& result) {
  std::array<::pollfd, 2> polled{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
  std::array<std::string*, 2> texts{&result.out, &result.err};
  for (int open = 2; open > 0;) {
    ::poll(polled.data(), polled.size(), -1);
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t size = ::read(polled[i].fd, buffer.data(), buffer.size());
      if (size > 0) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(size));
      } else {
        ::close(polled[i].fd);
        polled[i].fd = -1;
        --open;
      }
    }
  }
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments, const std::string& folder,
                          const std::vector<std::string>& environment) {
  const Pipe out;
  const Pipe err;
  const ::pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) become(arguments, folder, environment, out, err);
  ::close(out.ends[1]);
  ::close(err.ends[1]);
  ProcessResult result;
  drain(out.ends[0], err.ends[0], result);
  int status = 0;
  ::waitpid(child, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace forge::support
