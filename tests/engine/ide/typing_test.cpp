/// Documents as they are while somebody types: cut off anywhere, with stray bytes in them. Nothing here has a right
/// answer; everything has an answer, in bounds.
#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/ide/completion.hpp"
#include "engine/ide/folding.hpp"
#include "engine/ide/hover.hpp"
#include "engine/ide/links.hpp"
#include "engine/ide/navigation.hpp"
#include "engine/ide/symbols.hpp"
#include "tests/engine/ide/navigation_forge.hpp"

using namespace forge::ide::test;
using forge::workspace::Snapshot;

namespace {

const std::vector<std::string> typed_paths = {refs_path,  upper_path,  override_path, extras_path,
                                              patch_path, docker_path, "forge.yaml",  "images/keystone/bindep.txt"};

void look_at(const Snapshot& forge, const std::string& path, std::uint32_t offset) {
  const auto size = static_cast<std::uint32_t>(forge.file(path)->text().size());
  CAPTURE(path);
  CAPTURE(offset);
  if (const auto hover = forge::ide::hover(forge, path, offset)) CHECK(hover->span.end <= size);
  const auto completions = forge::ide::completions(forge, path, offset, {});
  CHECK(completions.span.end <= size);
  CHECK(completions.items.size() <= forge::ide::most_completions);
  if (const auto definition = forge::ide::definition(forge, path, offset)) CHECK(definition->origin.end <= size);
  for (const auto& target : forge::ide::references(forge, path, offset, true))
    if (target.file != nullptr) CHECK(target.span.end <= target.file->text().size());
  for (const auto& symbol : forge::ide::document_symbols(forge, path)) CHECK(symbol.span.end <= size);
  for (const auto& fold : forge::ide::folds(forge, path)) CHECK(fold.last > fold.first);
  for (const auto& link : forge::ide::document_links(forge, path)) CHECK(link.span.end <= size);
}

void look_at(const std::string& path, const std::string& text, std::size_t at) {
  auto all = files();
  all[path] = text;
  look_at(*snapshot(std::move(all)), path, static_cast<std::uint32_t>(at));
}

}  // namespace

TEST_CASE("typing: a document that ends anywhere, the cursor at its end") {
  for (const std::string& path : typed_paths) {
    const std::string whole = files().at(path);
    for (std::size_t end = 0; end <= whole.size(); end += 1 + whole.size() / 60)
      look_at(path, whole.substr(0, end), end);
  }
}

TEST_CASE("typing: a document with something in it that does not belong there, the cursor behind it") {
  const std::vector<std::string> pieces = {"\"",
                                           "[",
                                           "{",
                                           ":",
                                           "- ",
                                           "\xF0\x9F\x98\x80",
                                           "\xFF\xFE",
                                           "\r",
                                           "\n\n",
                                           "# forge: ignore[",
                                           std::string(1, '\0'),
                                           "@@ -",
                                           std::string(5000, 'x')};
  for (const std::string& path : typed_paths) {
    const std::string whole = files().at(path);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      std::string text = whole;
      const std::size_t at = whole.size() * (i + 1) / (pieces.size() + 1);
      look_at(path, text.insert(at, pieces[i]), at + pieces[i].size());
    }
  }
}
