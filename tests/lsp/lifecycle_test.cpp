/// The rules of the protocol's base, one test each, against the real executable.
#include <chrono>
#include <csignal>
#include <ostream>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lsp/server_process.hpp"

using forge::lsp::frame;
using forge::lsp::test::did_change;
using forge::lsp::test::did_open;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using Transport = ServerProcess::Transport;

namespace {

int code_of(const Json& response) {
  return response.contains("error") ? response["error"]["code"].get<int>() : 0;
}

Json hover_at(const std::string& uri) {
  return {{"textDocument", {{"uri", uri}}}, {"position", {{"line", 0}, {"character", 0}}}};
}

}  // namespace

TEST_CASE("lifecycle: the same conversation over a pipe, a socket pair, TCP and a Unix socket") {
  for (const Transport transport : {Transport::pipe, Transport::socket_pair, Transport::tcp, Transport::unix_socket}) {
    ServerProcess server(transport);
    const Json result = server.initialize();
    CHECK(result["serverInfo"]["name"] == "forge-lsp");
    CHECK(result["capabilities"]["textDocumentSync"]["change"] == 2);
    CHECK(server.ask("shutdown", nullptr)["result"].is_null());
    server.notify("exit", nullptr);
    // A server that listens is there for the next client too.
    if (transport != Transport::tcp) CHECK(server.exit_code() == 0);
  }
}

TEST_CASE("lifecycle: a regular file as standard input is read to its end") {
  const auto message = [](const char* id, const char* method) {
    return frame(std::string("{\"jsonrpc\":\"2.0\",") + id + "\"method\":\"" + method + "\",\"params\":{}}");
  };
  ServerProcess server(message("\"id\":1,", "initialize") + message("\"id\":2,", "shutdown") + message("", "exit"));
  CHECK(server.response(1).contains("result"));
  CHECK(server.response(2)["result"].is_null());
  CHECK(server.exit_code() == 0);
}

TEST_CASE("lifecycle: before initialize requests are refused and notifications dropped") {
  ServerProcess server;
  server.notify("textDocument/didOpen", did_open("file:///x/releases/2025.2/source-refs.yaml", "a: [\n"));
  CHECK(code_of(server.ask("textDocument/hover", hover_at("file:///x"))) == -32002);
  CHECK(code_of(server.ask("shutdown", nullptr)) == -32002);
  CHECK(server.pending().empty());
  server.initialize();
  CHECK(code_of(server.ask("initialize", {{"capabilities", Json::object()}})) == -32600);
}

TEST_CASE("lifecycle: odd parameters of initialize are accepted") {
  for (const Json& params :
       {Json{{"capabilities", Json::object()}}, Json{{"capabilities", nullptr}, {"rootUri", nullptr}},
        Json{{"capabilities", {{"textDocument", 7}, {"general", {{"positionEncodings", "x"}}}}},
             {"workspaceFolders", nullptr},
             {"rootUri", 5},
             {"initializationOptions", {1, 2}},
             {"processId", "x"},
             {"unknown", true}}}) {
    ServerProcess server;
    CHECK(server.ask("initialize", params).contains("result"));
  }
}

TEST_CASE("lifecycle: after shutdown requests are refused; exit is 0") {
  ServerProcess server;
  server.initialize();
  server.ask("shutdown", nullptr);
  CHECK(code_of(server.ask("textDocument/hover", hover_at("file:///x"))) == -32600);
  CHECK(code_of(server.ask("initialize", Json::object())) == -32600);
  server.notify("exit", nullptr);
  CHECK(server.exit_code() == 0);
}

TEST_CASE("lifecycle: exit without shutdown, and the end of input, are 1") {
  ServerProcess exiting;
  exiting.initialize();
  exiting.notify("exit", nullptr);
  CHECK(exiting.exit_code() == 1);
  ServerProcess never_initialized;
  never_initialized.notify("exit", nullptr);
  CHECK(never_initialized.exit_code() == 1);
  ServerProcess ended;
  ended.initialize();
  ended.close_input();
  CHECK(ended.exit_code() == 1);
}

TEST_CASE("lifecycle: a client that closes its reading end is lost") {
  ServerProcess server;
  server.initialize();
  server.close_output();
  server.request("textDocument/hover", hover_at("file:///x"));
  CHECK(server.exit_code() == 1);
}

TEST_CASE("lifecycle: the server ends with the process that it was told of") {
  const pid_t parent = ::fork();
  if (parent == 0) {
    ::pause();
    ::_exit(0);
  }
  ServerProcess server;
  CHECK(server.ask("initialize", {{"processId", parent}, {"capabilities", Json::object()}}).contains("result"));
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  CHECK(server.exit_code() == 1);
}

TEST_CASE("lifecycle: busy with 500 documents the server still ends within a second of exit") {
  const TemporaryForge forge(ForgeFiles{{"releases/2025.2/source-refs.yaml", "keystone: \"28.0.0\"\n"}});
  ServerProcess server;
  server.initialize({}, forge.uri());
  for (int i = 0; i < 500; ++i) {
    const std::string uri = forge.uri("patches/keystone/2025.2/" + std::to_string(1000 + i) + ".patch");
    server.notify("textDocument/didOpen", did_open(uri, "not a patch\n"));
  }
  server.notify("exit", nullptr);
  const auto before = std::chrono::steady_clock::now();
  CHECK(server.exit_code() == 1);
  // The deadline is the protocol's second, widened for sanitizers on a busy machine.
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(5));
}

TEST_CASE("dispatch: what is not known is refused as a request and ignored as a notification") {
  ServerProcess server;
  server.initialize();
  CHECK(code_of(server.ask("forge/unknown", nullptr)) == -32601);
  CHECK(code_of(server.ask("$/unknown", nullptr)) == -32601);
  server.notify("$/unknown", nullptr);
  server.notify("forge/unknown", nullptr);
  server.send({{"id", 4711}, {"result", nullptr}});
  server.send({{"id", "never asked"}, {"error", {{"code", 1}, {"message", "x"}}}});
  CHECK(code_of(server.ask("forge/unknown", nullptr)) == -32601);
  CHECK(server.pending().empty());
}

TEST_CASE("dispatch: ids come back as they were sent") {
  ServerProcess server;
  server.initialize();
  for (const Json& id : {Json("7"), Json(7), Json(0), Json(-3), Json(""), Json("\xC3\xA9"), Json(4294967296)}) {
    server.send({{"id", id}, {"method", "forge/unknown"}});
    CHECK(code_of(server.response(id)) == -32601);
  }
  for (const Json& id : {Json(nullptr), Json(true), Json::object(), Json::array()}) {
    server.send({{"id", id}, {"method", "forge/unknown"}});
    CHECK(code_of(server.response(nullptr)) == -32600);
  }
}

TEST_CASE("dispatch: wrong parameters are refused and change nothing") {
  const TemporaryForge forge(ForgeFiles{{"releases/2025.2/source-refs.yaml", "keystone: \"28.0.0\"\n"}});
  const std::string uri = forge.uri("releases/2025.2/source-refs.yaml");
  ServerProcess server;
  server.initialize();
  for (const Json& params :
       {Json(), Json::array(), Json{{"textDocument", {{"uri", 5}}}}, Json{{"textDocument", {{"uri", uri}}}},
        Json{{"textDocument", {{"uri", uri}}}, {"position", {{"line", -1}, {"character", 0}}}},
        Json{{"textDocument", {{"uri", uri}}}, {"position", {{"line", 0.5}, {"character", 0}}}}})
    CHECK(code_of(server.ask("textDocument/hover", params)) == -32602);
  const Json far = {{"textDocument", {{"uri", uri}}},
                    {"position", {{"line", 18446744073709551615ULL}, {"character", 18446744073709551615ULL}}}};
  CHECK(server.ask("textDocument/hover", far)["result"].is_null());
}

TEST_CASE("dispatch: what is no message is answered, and the next one is read") {
  ServerProcess server;
  server.initialize();
  const auto expect = [&](const std::string& bytes, int code) {
    server.send_bytes(bytes);
    CHECK(code_of(server.response(nullptr)) == code);
  };
  expect(frame("[]"), -32600);
  expect(frame("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"shutdown\"}]"), -32600);
  expect(frame("5"), -32600);
  expect(frame("{}"), -32600);
  expect(frame("{\"id\":1}"), -32600);
  expect(frame(""), -32700);
  expect(frame("{\"id\":"), -32700);
  expect(frame("{\"method\":\"\xFF\"}"), -32700);
  expect(frame(std::string(513, '[') + std::string(513, ']')), -32700);
  expect(frame(std::string(1'000'000, '[')), -32700);
  expect("Content-Length: nonsense\r\n\r\n{}", -32700);
  server.send_bytes(frame("{\"id\":77,\"method\":5}"));
  CHECK(code_of(server.response(77)) == -32600);
  CHECK(server.ask("shutdown", nullptr)["result"].is_null());
}

TEST_CASE("dispatch: a stream without any message in it ends the server") {
  ServerProcess server;
  std::string bytes;
  for (int i = 0; i < 1100; ++i) bytes += "Content-Length: no\r\n\r\n";
  server.send_bytes(bytes);
  CHECK(server.exit_code() == 1);
}

TEST_CASE("dispatch: each of 2,000 cancelled requests has exactly one answer") {
  const TemporaryForge forge(ForgeFiles{{"releases/2025.2/source-refs.yaml", "keystone: \"28.0.0\"\n"}});
  ServerProcess server;
  server.initialize({}, forge.uri());
  std::string bytes;
  for (int id = 10'000; id < 12'000; ++id) {
    const Json hover = {{"jsonrpc", "2.0"},
                        {"id", id},
                        {"method", "textDocument/hover"},
                        {"params", hover_at(forge.uri("releases/2025.2/source-refs.yaml"))}};
    const Json cancel = {{"jsonrpc", "2.0"}, {"method", "$/cancelRequest"}, {"params", {{"id", id}}}};
    bytes += frame(hover.dump()) + frame(cancel.dump());
  }
  server.send_bytes(bytes);
  server.notify("$/cancelRequest", {{"id", "unknown"}});
  server.notify("$/cancelRequest", nullptr);
  for (int id = 10'000; id < 12'000; ++id) {
    const Json answer = server.response(id);
    CHECK((answer.contains("result") || code_of(answer) == -32800));
  }
  server.ask("shutdown", nullptr);
  for (const Json& message : server.pending()) CHECK(message.contains("method"));
}

TEST_CASE("dispatch: a client that writes without reading is read") {
  ServerProcess server;
  server.initialize();
  std::string bytes;
  for (int id = 10'000; id < 40'000; ++id)
    bytes += frame("{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(id) + ",\"method\":\"forge/unknown\"}");
  server.send_bytes(bytes);  // two megabytes in, four of answers that nobody reads yet
  for (int id : {10'000, 39'999}) CHECK(code_of(server.response(id)) == -32601);
}

TEST_CASE("dispatch: a lone surrogate is no error") {
  ServerProcess server;
  server.initialize();
  server.send_bytes(frame(R"({"id":"\ud800x","method":"forge/\udc00\ud83d\ude00"})"));
  CHECK(code_of(server.response("\xEF\xBF\xBDx")) == -32601);
}

TEST_CASE("lifecycle: the first encoding of the client's that is known is taken") {
  const auto chosen = [](const Json& offered) {
    ServerProcess server;
    return server.initialize({{"general", {{"positionEncodings", offered}}}})["capabilities"].value("positionEncoding",
                                                                                                    "");
  };
  CHECK(chosen({"utf-7", "utf-32", "utf-8"}) == "utf-32");
  CHECK(chosen({"utf-8", "utf-16"}) == "utf-8");
  CHECK(chosen({"utf-7"}) == "utf-16");
  ServerProcess old;
  CHECK(!old.initialize()["capabilities"].contains("positionEncoding"));
}
