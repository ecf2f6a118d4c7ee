/// After any edits the server answers as one that has seen nothing but the final text.
#include <algorithm>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/lsp/server_process.hpp"
#include "tests/lsp/text_model.hpp"

using forge::ColumnUnit;
using forge::lsp::protocol::ContentChange;
using forge::lsp::protocol::Position;
using forge::lsp::protocol::Range;
using forge::lsp::test::did_open;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::lsp::test::TextModel;

namespace {

const std::vector<std::string> paths = {"releases/2025.2/source-refs.yaml", "releases/2025.2/upper-constraints.txt",
                                        "overrides/2025.2/constraints.txt", "patches/keystone/2025.2/0001-x.patch",
                                        "images/keystone/Dockerfile",       "bindep.txt"};

/// Pieces of every kind of document, and of what is hard to count.
const std::vector<std::string> pieces = {"keystone: ",
                                         "\"28.0.0\"",
                                         "28.10",
                                         "nova",
                                         "\n",
                                         "\r\n",
                                         "\r",
                                         "\n\r",
                                         "\xF0\x9F\x98\x80",
                                         "\xE6\xBC\xA2",
                                         "e\xCC\x81",
                                         "\xE2\x80\xA8",
                                         "cryptography===43.0.3",
                                         ">=1",
                                         " # x",
                                         "\t",
                                         "@@ -1,2 +1,2 @@\n one\n-two\n+deux\n",
                                         "--- a/a.py\n+++ b/a.py\n",
                                         "FROM keystone AS build\n",
                                         "RUN pip install x\n",
                                         "gcc [build]\n",
                                         "[",
                                         "'",
                                         "\"",
                                         "{a: "};

class Typist {
 public:
  explicit Typist(std::uint32_t seed) : random_(seed) {}

  std::uint32_t pick(std::size_t below) { return static_cast<std::uint32_t>(random_() % below); }

  std::string words(std::size_t most) {
    std::string text;
    for (std::uint32_t i = pick(most + 1); i > 0; --i) text += pieces[pick(pieces.size())];
    return text;
  }

  ContentChange change() {
    if (pick(100) == 0) return {std::nullopt, words(20)};
    const Position start{pick(12), pick(24)};
    // More is deleted than added at times, so that texts do not grow for ever.
    const Position end = pick(3) == 0 ? start : Position{start.line + pick(3), pick(24)};
    return {Range{start, end}, words(3)};
  }

 private:
  std::mt19937 random_;
};

Json position(Position at) {
  return {{"line", at.line}, {"character", at.character}};
}

Json to_json(const ContentChange& change) {
  Json json = {{"text", change.text}};
  if (change.range) json["range"] = {{"start", position(change.range->start)}, {"end", position(change.range->end)}};
  return json;
}

Json capabilities(const std::string& encoding) {
  return {{"general", {{"positionEncodings", {encoding}}}},
          {"textDocument",
           {{"diagnostic", Json::object()}, {"codeAction", {{"codeActionLiteralSupport", Json::object()}}}}},
          {"workspace", {{"workspaceEdit", {{"documentChanges", true}}}}}};
}

/// All that can be asked about a document, as far as it depends on text alone.
Json answers(ServerProcess& server, const std::string& uri) {
  const Json document = {{"uri", uri}};
  Json all = Json::array();
  all.push_back(server.ask("textDocument/diagnostic", {{"textDocument", document}})["result"]["items"]);
  for (std::uint32_t line = 0; line < 12; line += 2)
    all.push_back(server.ask("textDocument/hover",
                             {{"textDocument", document}, {"position", position({line, 3 * (line % 5)})}})["result"]);
  Json actions =
      server.ask("textDocument/codeAction", {{"textDocument", document},
                                             {"range", {{"start", position({0, 0})}, {"end", position({99, 0})}}},
                                             {"context", {{"diagnostics", Json::array()}}}})["result"];
  // The one thing that may differ: how often the document was changed.
  for (Json& action : actions)
    for (Json& change : action["edit"]["documentChanges"])
      if (change.contains("textDocument")) change["textDocument"].erase("version");
  all.push_back(std::move(actions));
  return all;
}

}  // namespace

TEST_CASE("load: after 30,000 random edits every answer equals that of a fresh server on the final text") {
  const TemporaryForge forge(ForgeFiles{{paths[0], "keystone: \"28.0.0\"\n"}});
  for (const auto& [encoding, unit] : std::vector<std::pair<std::string, ColumnUnit>>{
           {"utf-16", ColumnUnit::utf16}, {"utf-8", ColumnUnit::utf8}, {"utf-32", ColumnUnit::utf32}}) {
    CAPTURE(encoding);
    Typist typist(static_cast<std::uint32_t>(unit) + 1);
    ServerProcess edited;
    edited.initialize(capabilities(encoding), forge.uri());
    std::map<std::string, TextModel> texts;
    for (const std::string& path : paths) {
      const std::string text = typist.words(12);
      texts.emplace(path, TextModel(text, unit));
      edited.notify("textDocument/didOpen", did_open(forge.uri(path), text, 0));
    }
    int version = 0;
    for (int round = 0; round < 10; ++round) {
      for (int i = 0; i < 400; ++i) {
        const std::string& path = paths[typist.pick(paths.size())];
        Json changes = Json::array();
        for (std::uint32_t count = 1 + typist.pick(4); count > 0; --count) {
          const ContentChange change = typist.change();
          texts.at(path).apply(change);
          changes.push_back(to_json(change));
        }
        edited.notify("textDocument/didChange", {{"textDocument", {{"uri", forge.uri(path)}, {"version", ++version}}},
                                                 {"contentChanges", std::move(changes)}});
      }
      ServerProcess fresh;
      fresh.initialize(capabilities(encoding), forge.uri());
      for (const std::string& path : paths)
        fresh.notify("textDocument/didOpen", did_open(forge.uri(path), texts.at(path).text()));
      for (const std::string& path : paths) {
        CAPTURE(path);
        CAPTURE(texts.at(path).text());
        REQUIRE(answers(edited, forge.uri(path)) == answers(fresh, forge.uri(path)));
      }
    }
  }
}
