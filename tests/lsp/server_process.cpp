#include "tests/lsp/server_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lsp/protocol/uri.hpp"

namespace forge::lsp::test {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Generous: sanitizers on a busy machine are slow. Only a failing test waits for it.
constexpr milliseconds deadline{60'000};

int remaining(steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now()).count();
  return static_cast<int>(std::max<decltype(left)>(left, 0));
}

void check(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

struct Ends {
  int ours = -1;
  int theirs = -1;
};

Ends pipe_to_child() {
  std::array<int, 2> ends{};
  check(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe");
  return {ends[1], ends[0]};
}

Ends pipe_from_child() {
  const Ends ends = pipe_to_child();
  return {ends.theirs, ends.ours};
}

Ends socket_pair() {
  std::array<int, 2> ends{};
  check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0, "socketpair");
  return {ends[0], ends[1]};
}

std::string temporary_folder() {
  std::string pattern = (fs::temp_directory_path() / "forge lsp-XXXXXX").string();
  check(::mkdtemp(pattern.data()) != nullptr, "mkdtemp");
  return pattern;
}

int readable_file(std::string_view text) {
  std::string pattern = (fs::temp_directory_path() / "forge-lsp-input-XXXXXX").string();
  const int file = ::mkostemp(pattern.data(), O_CLOEXEC);
  check(file >= 0, "mkostemp");
  ::unlink(pattern.c_str());
  check(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "write");
  check(::lseek(file, 0, SEEK_SET) == 0, "lseek");
  return file;
}

/// Reads the line on standard error that names the port.
std::uint16_t announced_port(int errors) {
  std::string line;
  for (char c = 0; c != '\n' && ::read(errors, &c, 1) == 1;) line += c;
  return static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
}

int connect_to(std::uint16_t port) {
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return connection;
}

int listen_on_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  check(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  check(::listen(listener, 1) == 0, "listen");
  return listener;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  check(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  return ntohs(address.sin_port);
}

int listen_at(const std::string& path) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  check(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  check(::listen(listener, 1) == 0, "listen");
  return listener;
}

void become(const std::vector<std::string>& arguments, int input, int output, int errors) {
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

ServerProcess::ServerProcess(Transport transport, std::vector<std::string> more_arguments) {
  std::vector<std::string> arguments = {FORGE_LSP_BINARY};
  std::ranges::move(more_arguments, std::back_inserter(arguments));
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (transport == Transport::pipe) {
    const Ends input = pipe_to_child();
    const Ends output = pipe_from_child();
    to_server_ = input.ours;
    from_server_ = output.ours;
    start(arguments, input.theirs, output.theirs);
  } else if (transport == Transport::socket_pair) {
    const Ends both = socket_pair();
    to_server_ = both.ours;
    from_server_ = ::fcntl(both.ours, F_DUPFD_CLOEXEC, 3);
    start(arguments, both.theirs, ::fcntl(both.theirs, F_DUPFD_CLOEXEC, 3));
  } else if (transport == Transport::tcp) {
    arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
    start(arguments, ::fcntl(null, F_DUPFD_CLOEXEC, 3), ::fcntl(null, F_DUPFD_CLOEXEC, 3));
    port_ = announced_port(errors_);
    to_server_ = connect_to(port_);
    from_server_ = ::fcntl(to_server_, F_DUPFD_CLOEXEC, 3);
  } else if (transport == Transport::client_socket) {
    const int listener = listen_on_loopback();
    arguments.push_back("--socket=" + std::to_string(port_of(listener)));
    start(arguments, ::fcntl(null, F_DUPFD_CLOEXEC, 3), ::fcntl(null, F_DUPFD_CLOEXEC, 3));
    to_server_ = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    from_server_ = ::fcntl(to_server_, F_DUPFD_CLOEXEC, 3);
    ::close(listener);
  } else {
    const std::string folder = temporary_folder();
    const int listener = listen_at(folder + "/s");
    arguments.push_back("--pipe=" + folder + "/s");
    start(arguments, ::fcntl(null, F_DUPFD_CLOEXEC, 3), ::fcntl(null, F_DUPFD_CLOEXEC, 3));
    to_server_ = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    from_server_ = ::fcntl(to_server_, F_DUPFD_CLOEXEC, 3);
    ::close(listener);
    fs::remove_all(folder);
  }
  ::close(null);
}

ServerProcess::ServerProcess(std::string_view input) {
  const Ends output = pipe_from_child();
  from_server_ = output.ours;
  start({FORGE_LSP_BINARY}, readable_file(input), output.theirs);
}

ServerProcess::ServerProcess(std::uint16_t port) : to_server_(connect_to(port)), port_(port) {
  from_server_ = ::fcntl(to_server_, F_DUPFD_CLOEXEC, 3);
}

ServerProcess::~ServerProcess() {
  close_input();
  close_output();
  if (errors_ >= 0) ::close(errors_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void ServerProcess::start(const std::vector<std::string>& arguments, int child_input, int child_output) {
  std::signal(SIGPIPE, SIG_IGN);
  // The log goes to a pipe that only --listen reads from, and through to our own standard error otherwise.
  const bool listens = std::ranges::find(arguments, "--listen") != arguments.end();
  const Ends errors = listens ? pipe_from_child() : Ends{-1, ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)};
  errors_ = errors.ours;
  pid_ = ::fork();
  check(pid_ >= 0, "fork");
  if (pid_ == 0) become(arguments, child_input, child_output, errors.theirs);
  ::close(child_input);
  ::close(child_output);
  ::close(errors.theirs);
}

void ServerProcess::send(const Json& message) {
  Json whole = message;
  whole["jsonrpc"] = "2.0";
  send_bytes(frame(whole.dump()));
}

void ServerProcess::send_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(to_server_, bytes.data(), bytes.size());
    check(count > 0, "write to the server");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

int ServerProcess::request(const std::string& method, const Json& params) {
  send({{"id", ++last_id_}, {"method", method}, {"params", params}});
  return last_id_;
}

Json ServerProcess::ask(const std::string& method, const Json& params) {
  return response(request(method, params));
}

void ServerProcess::notify(const std::string& method, const Json& params) {
  send({{"method", method}, {"params", params}});
}

Json ServerProcess::wait_for(const std::string& what, const std::function<bool(const Json&)>& fits) {
  const auto until = steady_clock::now() + deadline;
  for (;;) {
    const auto found = std::ranges::find_if(pending_, fits);
    if (found != pending_.end()) {
      Json message = std::move(*found);
      pending_.erase(found);
      return message;
    }
    pollfd ready{.fd = from_server_, .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, remaining(until)) <= 0) throw std::runtime_error("timed out waiting for " + what);
    receive();
  }
}

void ServerProcess::receive() {
  std::array<char, std::size_t{64} << 10> buffer;
  const ssize_t count = ::read(from_server_, buffer.data(), buffer.size());
  if (count <= 0) throw std::runtime_error("the server closed its output");
  for (const Frame& frame : framer_.feed({buffer.data(), static_cast<std::size_t>(count)}))
    pending_.push_back(Json::parse(std::get<Body>(frame).text));
}

Json ServerProcess::response(const Json& id) {
  return wait_for("the response to " + id.dump(), [&](const Json& message) {
    return !message.contains("method") && message.contains("id") && message["id"] == id;
  });
}

Json ServerProcess::published(const std::string& uri, const std::function<bool(const Json&)>& fits) {
  return wait_for("diagnostics of " + uri, [&](const Json& message) {
    return message.value("method", "") == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri &&
           (!fits || fits(message["params"]));
  })["params"];
}

void ServerProcess::close_input() {
  if (to_server_ >= 0) ::close(std::exchange(to_server_, -1));
}

void ServerProcess::close_output() {
  if (from_server_ >= 0) ::close(std::exchange(from_server_, -1));
}

void ServerProcess::kill() {
  ::kill(pid_, SIGKILL);
}

long ServerProcess::memory(const char* what) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what)) return std::stol(line.substr(line.find_first_of("0123456789")));
  }
  throw std::runtime_error("the server's memory is not known");
}

int ServerProcess::exit_code() {
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  pollfd ended{.fd = process, .events = POLLIN, .revents = 0};
  const int ready = ::poll(&ended, 1, static_cast<int>(deadline.count()));
  ::close(process);
  if (ready <= 0) throw std::runtime_error("the server does not end");
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Json ServerProcess::initialize(const Json& capabilities, const std::string& root_uri) {
  const Json root = root_uri.empty() ? Json() : Json(root_uri);
  Json answer = ask("initialize", {{"processId", nullptr}, {"rootUri", root}, {"capabilities", capabilities}});
  notify("initialized", Json::object());
  return answer["result"];
}

TemporaryForge::TemporaryForge(const ForgeFiles& files) : root_(temporary_folder()) {
  for (const auto& [path, text] : files) write(path, text);
}

TemporaryForge::~TemporaryForge() {
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void TemporaryForge::write(const std::string& path, const std::string& text) const {
  const fs::path full = fs::path(root_) / path;
  fs::create_directories(full.parent_path());
  std::ofstream(full, std::ios::binary) << text;
}

void TemporaryForge::remove(const std::string& path) const {
  fs::remove_all(fs::path(root_) / path);
}

std::string TemporaryForge::uri(const std::string& path) const {
  return protocol::uri_of_path(path.empty() ? root_ : root_ + "/" + path);
}

Json at(const std::string& uri, int line, int character) {
  return {{"textDocument", {{"uri", uri}}}, {"position", {{"line", line}, {"character", character}}}};
}

Json did_open(const std::string& uri, const std::string& text, int version) {
  return {{"textDocument", {{"uri", uri}, {"languageId", "yaml"}, {"version", version}, {"text", text}}}};
}

Json did_change(const std::string& uri, const std::string& text, int version) {
  return {{"textDocument", {{"uri", uri}, {"version", version}}}, {"contentChanges", Json::array({{{"text", text}}})}};
}

Json find_code(const Json& diagnostics, std::string_view code) {
  const auto found = std::ranges::find_if(diagnostics, [&](const Json& d) { return d.at("code") == code; });
  if (found == diagnostics.end()) throw std::runtime_error("no diagnostic " + std::string(code));
  return *found;
}

bool has_code(const Json& diagnostics, std::string_view code) {
  return std::ranges::any_of(diagnostics, [&](const Json& diagnostic) { return diagnostic["code"] == code; });
}

std::function<bool(const Json&)> with_code(const std::string& code) {
  return [code](const Json& params) { return has_code(params["diagnostics"], code); };
}

std::function<bool(const Json&)> of_version(int version) {
  return [version](const Json& params) { return params.value("version", 0) == version; };
}

int error_code(const Json& response) {
  return response.contains("error") ? response["error"]["code"].get<int>() : 0;
}

std::string text_of_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace forge::lsp::test
