/// How clients reach the server, and how many: pipes and sockets, command line, several clients, its end with them.
#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lsp/server_process.hpp"

using forge::lsp::frame;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::error_code;
using forge::lsp::test::find_code;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::has_code;
using forge::lsp::test::Json;
using forge::lsp::test::of_version;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::lsp::test::text_of_file;
using forge::lsp::test::with_code;
using Transport = ServerProcess::Transport;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";

struct Ran {
  int exit_code = 0;
  std::string output;
};

/// The server with those arguments, its standard error with its output, nothing as input.
Ran run(const std::string& arguments) {
  const std::string command = std::string(FORGE_LSP_BINARY) + " " + arguments + " 2>&1 </dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ran ran;
  std::array<char, 4096> buffer{};
  for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    ran.output.append(buffer.data(), count);
  ran.exit_code = WEXITSTATUS(::pclose(pipe));
  return ran;
}

pid_t sleeping_process() {
  const pid_t process = ::fork();
  if (process != 0) return process;
  ::pause();
  ::_exit(0);
}

void end(pid_t process) {
  ::kill(process, SIGKILL);
  ::waitpid(process, nullptr, 0);
}

}  // namespace

TEST_CASE("transport: --help and --version say what they should and end") {
  const Ran help = run("--help");
  CHECK(help.exit_code == 0);
  for (const char* option : {"--stdio", "--listen", "--socket", "--pipe", "--clientProcessId", "--mirror", "--log-file",
                             "--log-level", "--version"})
    CHECK(help.output.find(option) != std::string::npos);
  const Ran version = run("--version");
  CHECK(version.exit_code == 0);
  CHECK(version.output.starts_with("forge-lsp "));
}

TEST_CASE("transport: what can't be understood or reached is exit code 2 with a line that says so") {
  for (const char* arguments :
       {"--unknown", "--stdio --listen 127.0.0.1:0", "--listen nowhere", "--listen 300.0.0.1:5", "--listen 127.0.0.1:x",
        "--socket 0", "--socket 1", "--pipe /nowhere/at/all", "--log-level loud"}) {
    CAPTURE(arguments);
    const Ran ran = run(arguments);
    CHECK(ran.exit_code == 2);
    CHECK(!ran.output.empty());
  }
}

TEST_CASE("transport: a log file and a level, as an editor's library passes them") {
  const TemporaryForge forge(ForgeFiles{{refs_path, "keystone: 28.0\n"}});
  const std::string log = forge.root() + "/log";
  for (const auto& [level, told] : std::vector<std::pair<std::string, bool>>{{"debug", true}, {"info", false}}) {
    ServerProcess server(Transport::pipe, {"--stdio", "--log-file", log, "--log-level=" + level});
    server.initialize({}, forge.uri());
    server.published(forge.uri(refs_path), with_code("ref-not-string"));
    server.notify("textDocument/didChange", 5);
    server.ask("shutdown", nullptr);
    const std::string text = text_of_file(log);
    CHECK((text.find(": files in") != std::string::npos) == told);
    CHECK(text.find("textDocument/didChange was ignored") != std::string::npos);
    std::filesystem::remove(log);
  }
}

TEST_CASE("transport: a log that can't be written does not keep the server from its work") {
  for (const char* log : {"/nowhere/at/all", "/dev/full", "/"}) {
    ServerProcess server(Transport::pipe, {"--log-file", log, "--log-level", "debug"});
    CHECK(server.initialize().contains("capabilities"));
    server.notify("textDocument/didChange", 5);
    CHECK(server.ask("shutdown", nullptr)["result"].is_null());
  }
}

TEST_CASE("transport: frames are read however they are cut, glued and spelled") {
  const std::vector<std::string> messages = {
      "content-length: 57\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"forge/one\",\"params\":{}}",
      "Content-Type: application/vscode-jsonrpc; charset=utf8\r\nX-Other: y\r\nCONTENT-LENGTH:57\r\n\r\n"
      "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"forge/two\",\"params\":{}}",
      "Content-Length: 61\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n"
      "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"forge/漢字\",\"params\":{} }"};
  std::string glued;
  for (const std::string& message : messages) glued += message;
  for (const Transport transport :
       {Transport::pipe, Transport::tcp, Transport::unix_socket, Transport::client_socket}) {
    ServerProcess server(transport);
    server.initialize();
    for (const char byte : glued) server.send_bytes({&byte, 1});
    for (int id = 1; id <= 3; ++id) CHECK(error_code(server.response(id)) == -32601);
    server.send_bytes(glued);
    for (int id = 1; id <= 3; ++id) CHECK(error_code(server.response(id)) == -32601);
  }
}

TEST_CASE("transport: clients of one server have documents and lists of their own") {
  const TemporaryForge forge(ForgeFiles{{refs_path, "keystone: \"28.0.0\"\n"}});
  const std::string uri = forge.uri(refs_path);
  ServerProcess first(Transport::tcp);
  ServerProcess second(first.port());
  first.initialize({}, forge.uri());
  second.initialize({{"general", {{"positionEncodings", {"utf-8"}}}}}, forge.uri());
  first.notify("textDocument/didOpen", did_open(uri, "é: 28.0\n"));
  second.notify("textDocument/didOpen", did_open(uri, "é: 28.0\n"));
  const Json mine = first.published(uri, with_code("ref-not-string"))["diagnostics"];
  const Json other = second.published(uri, with_code("ref-not-string"))["diagnostics"];
  CHECK(find_code(mine, "ref-not-string")["range"]["start"]["character"] == 3);
  CHECK(find_code(other, "ref-not-string")["range"]["start"]["character"] == 4);
  second.notify("textDocument/didChange", did_change(uri, "é: \"28.0\"\n", 2));
  CHECK(!has_code(second.published(uri, of_version(2))["diagnostics"], "ref-not-string"));
  for (const Json& message : first.pending())
    if (message.value("method", "") == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri &&
        message["params"].value("version", 0) > 0)
      CHECK(has_code(message["params"]["diagnostics"], "ref-not-string"));
  second.close_input();
  second.close_output();
  first.notify("textDocument/didChange", did_change(uri, "é: \"28.0\"\n", 2));
  CHECK(!has_code(first.published(uri, of_version(2))["diagnostics"], "ref-not-string"));
}

TEST_CASE("transport: a server that listens outlives its clients, and ends with the process that it was told of") {
  const pid_t editor = sleeping_process();
  ServerProcess first(Transport::tcp, {"--clientProcessId", std::to_string(editor)});
  first.initialize();
  first.ask("shutdown", nullptr);
  first.notify("exit", nullptr);
  {
    ServerProcess second(first.port());
    second.initialize();
    second.notify("exit", nullptr);
  }
  end(editor);
  CHECK(first.exit_code() == 1);
}

TEST_CASE("transport: without a client too, a server that listens ends with the process that it was told of") {
  const pid_t editor = sleeping_process();
  ServerProcess server(Transport::tcp, {"--clientProcessId", std::to_string(editor)});
  server.close_input();
  server.close_output();
  end(editor);
  CHECK(server.exit_code() == 1);
}

TEST_CASE("transport: a process that is not there any more counts for nothing") {
  const pid_t gone = sleeping_process();
  end(gone);
  ServerProcess server(Transport::pipe, {"--stdio", "--clientProcessId=" + std::to_string(gone)});
  CHECK(server.ask("initialize", {{"processId", gone}, {"capabilities", Json::object()}}).contains("result"));
  CHECK(server.ask("shutdown", nullptr)["result"].is_null());
}
