/// Positions in and out, in each encoding, with what is hard to count before them on the line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "engine/base/line_index.hpp"
#include "tests/lsp/server_process.hpp"
#include "tests/support/keystone.hpp"

using forge::ColumnUnit;
using forge::lsp::test::did_open;
using forge::lsp::test::find_code;
using forge::lsp::test::ForgeFiles;
using forge::lsp::test::Json;
using forge::lsp::test::ServerProcess;
using forge::lsp::test::TemporaryForge;
using forge::support::GitFixture;
using forge::support::keystone;

namespace {

constexpr const char* refs_path = "releases/2025.2/source-refs.yaml";
constexpr const char* extras_path = "releases/2025.2/extra-packages.yaml";
constexpr const char* patch_path = "patches/keystone/2025.2/0001-x.patch";
/// A CJK letter, an emoji beyond the first plane, a letter with a mark of its own.
#define HARD                     \
  "\xE6\xBC\xA2\xF0\x9F\x98\x80" \
  "e\xCC\x81"
const std::string refs = "# " HARD "\r\n{\"" HARD "\": \"1.0\", nova: 28.10, keystone: \"28.0.0\"}\r\n";
const std::string extras = "# " HARD "\r\nkeystone:\r\n  pip_packages: [\"" HARD "\", \"crypto\"]\r\n";
const std::string patch = "Subject: [PATCH] " HARD
                          " Closes LP#123456\r\n\r\n---\r\n--- a/a.txt\r\n+++ b/a.txt\r\n"
                          "@@ -1 +1 @@\r\n-one\r\n+uno\r\n";
#undef HARD

struct Encoding {
  std::string name;
  ColumnUnit unit;
};
const std::vector<Encoding> encodings = {
    {"utf-8", ColumnUnit::utf8}, {"utf-16", ColumnUnit::utf16}, {"utf-32", ColumnUnit::utf32}};

/// Where `needle` is in `text`, as this client counts.
class Places {
 public:
  Places(const std::string& text, ColumnUnit unit) : text_(text), unit_(unit) {}

  [[nodiscard]] Json position(std::size_t offset) const {
    const std::string_view before = std::string_view(text_).substr(0, offset);
    const auto line = std::ranges::count(before, '\n');
    const std::string_view on_line = before.substr(before.rfind('\n') + 1);
    const auto count = [&](std::uint8_t from) {
      return std::ranges::count_if(on_line, [&](char c) { return static_cast<std::uint8_t>(c) >= from; });
    };
    constexpr std::uint8_t continues = 0x80;
    constexpr std::uint8_t leads = 0xC0;
    constexpr std::uint8_t leads_four = 0xF0;
    auto column = static_cast<std::ptrdiff_t>(on_line.size());
    if (unit_ != ColumnUnit::utf8) column -= count(continues) - count(leads);
    if (unit_ == ColumnUnit::utf16) column += count(leads_four);
    return {{"line", line}, {"character", column}};
  }
  [[nodiscard]] Json inside(std::string_view needle) const { return position(text_.find(needle) + 1); }
  [[nodiscard]] Json behind(std::string_view needle) const { return position(text_.find(needle) + needle.size()); }
  [[nodiscard]] Json range(std::string_view needle) const {
    const std::size_t begin = text_.find(needle);
    return {{"start", position(begin)}, {"end", position(begin + needle.size())}};
  }

 private:
  const std::string& text_;
  ColumnUnit unit_;
};

TemporaryForge forge_on(const GitFixture& upstream) {
  return TemporaryForge(ForgeFiles{{refs_path, refs},
                                   {extras_path, extras},
                                   {patch_path, patch},
                                   {"releases/2025.2/upper-constraints.txt", "cryptography===43.0.3\n"},
                                   {"images/keystone/Dockerfile", "FROM scratch\n"},
                                   {"forge.yaml", "upstreams:\n  keystone: \"" + upstream.path() + "\"\n"}});
}

Json capabilities(const std::string& encoding) {
  return {{"general", {{"positionEncodings", {encoding}}}},
          {"textDocument",
           {{"codeAction", {{"codeActionLiteralSupport", Json::object()}}},
            {"documentSymbol", {{"hierarchicalDocumentSymbolSupport", true}}},
            {"definition", {{"linkSupport", true}}},
            {"hover", {{"contentFormat", {"markdown"}}}}}}};
}

}  // namespace

TEST_CASE("encoding: hover, definition, symbols, completion, findings and their fixes behind letters of all sizes") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  for (const Encoding& encoding : encodings) {
    CAPTURE(encoding.name);
    const Places in_refs(refs, encoding.unit);
    const Places in_extras(extras, encoding.unit);
    const Places in_patch(patch, encoding.unit);
    ServerProcess server;
    CHECK(server.initialize(capabilities(encoding.name), forge.uri())["capabilities"]["positionEncoding"] ==
          encoding.name);
    for (const auto& [path, text] : {std::pair(refs_path, refs), {extras_path, extras}, {patch_path, patch}})
      server.notify("textDocument/didOpen", did_open(forge.uri(path), text));
    const auto ask = [&](const char* method, const char* path, const Json& position) {
      return server.ask(method, {{"textDocument", {{"uri", forge.uri(path)}}}, {"position", position}})["result"];
    };

    const Json hover = ask("textDocument/hover", refs_path, in_refs.inside("\"28.0.0\""));
    CHECK(hover["range"] == in_refs.range("\"28.0.0\""));
    CHECK(hover["contents"]["value"].get<std::string>().find("**keystone** `28.0.0`") == 0);
    CHECK(ask("textDocument/hover", patch_path, in_patch.inside("#123456"))["range"] == in_patch.range("#123456"));

    const Json links = ask("textDocument/definition", extras_path, in_extras.inside("keystone"));
    REQUIRE(links.size() == 1);
    CHECK(links[0]["originSelectionRange"] == in_extras.range("keystone"));
    CHECK(links[0]["targetSelectionRange"] == in_refs.range("keystone"));

    const Json symbols =
        server.ask("textDocument/documentSymbol", {{"textDocument", {{"uri", forge.uri(refs_path)}}}})["result"];
    REQUIRE(symbols.size() == 3);
    CHECK(symbols[2]["name"] == "keystone");
    CHECK(symbols[2]["selectionRange"] == in_refs.range("keystone"));
    CHECK(symbols[2]["range"]["end"] == in_refs.behind("\"28.0.0\""));

    const Json items = ask("textDocument/completion", extras_path, in_extras.behind("crypto"))["items"];
    REQUIRE(items.size() == 1);
    CHECK(items[0]["textEdit"]["newText"] == "cryptography");
    CHECK(items[0]["textEdit"]["range"] == in_extras.range("crypto"));

    const Json found =
        find_code(server.published(forge.uri(refs_path), forge::lsp::test::with_code("ref-not-string"))["diagnostics"],
                  "ref-not-string");
    CHECK(found["range"] == in_refs.range("28.10"));
    const Json actions = server.ask("textDocument/codeAction",
                                    {{"textDocument", {{"uri", forge.uri(refs_path)}}},
                                     {"range", {{"start", in_refs.inside("28.10")}, {"end", in_refs.inside("28.10")}}},
                                     {"context", {{"diagnostics", {found}}, {"only", {"quickfix"}}}}})["result"];
    REQUIRE(!actions.empty());
    const Json edits = actions[0]["edit"]["changes"][forge.uri(refs_path)];
    REQUIRE(edits.size() == 1);
    CHECK(edits[0]["range"] == in_refs.range("28.10"));
    CHECK(edits[0]["newText"] == "\"28.10\"");
  }
}

TEST_CASE("encoding: an edit behind letters of all sizes changes what is meant") {
  const GitFixture upstream = keystone();
  const TemporaryForge forge = forge_on(upstream);
  const std::string uri = forge.uri(refs_path);
  for (const Encoding& encoding : encodings) {
    CAPTURE(encoding.name);
    ServerProcess server;
    server.initialize(capabilities(encoding.name), forge.uri());
    server.notify("textDocument/didOpen", did_open(uri, refs));
    server.notify(
        "textDocument/didChange",
        {{"textDocument", {{"uri", uri}, {"version", 2}}},
         {"contentChanges",
          Json::array({{{"range", Places(refs, encoding.unit).range("\"28.0.0\"")}, {"text", "\"28.0.1\""}}})}});
    std::string edited = refs;
    edited.replace(edited.find("28.0.0"), 6, "28.0.1");
    const Json hover = server.ask(
        "textDocument/hover",
        {{"textDocument", {{"uri", uri}}}, {"position", Places(edited, encoding.unit).inside("\"28.0.1\"")}})["result"];
    CHECK(hover["contents"]["value"].get<std::string>().find("`28.0.1`") != std::string::npos);
  }
}
