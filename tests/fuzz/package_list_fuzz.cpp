/// A Packages file from any bytes, in pieces: what is packed is read back, and what an install brings is found.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/formats/debian_control.hpp"
#include "engine/model/apt_closure.hpp"

namespace {

using namespace forge;

void require(bool condition) {
  if (!condition) std::abort();
}

/// The same paragraphs, whatever the pieces.
void check_pieces(std::string_view text, std::size_t size) {
  std::vector<std::string> whole;
  std::vector<std::string> pieces;
  const auto into = [](std::vector<std::string>& names) {
    return [&names](const formats::ControlParagraph& paragraph) { names.emplace_back(paragraph.field("Package")); };
  };
  formats::ControlReader first(into(whole));
  first.feed(text);
  first.finish();
  formats::ControlReader second(into(pieces));
  for (std::size_t at = 0; at < text.size(); at += size) second.feed(text.substr(at, size));
  second.finish();
  require(whole == pieces);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  if (!text.empty()) check_pieces(text, 1 + text.size() / 50 + static_cast<unsigned char>(text.front()) % 40U);
  const auto list = index::PackageList::parse(text);
  if (!list) return 0;
  const auto again = index::PackageList::from_bytes(SharedText(std::string((*list)->bytes().view())));
  require(again != nullptr && again->size() == (*list)->size());
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < again->size() && i < 50; ++i) {
    const index::ListedPackage package = again->package(i);
    const auto [begin, end] = again->find(package.name);
    require(begin <= i && i < end);
    names.emplace_back(package.name);
  }
  const model::AptCache cache({again}, text.size() % 2 == 0 ? again : nullptr);
  const model::AptClosure closure = model::apt_closure(cache, names);
  require(closure.installs.size() <= again->size());
  // Damaged bytes may be refused or read as something else, but stay inside.
  if (text.size() > 8) {
    std::string damaged((*list)->bytes().view());
    damaged[static_cast<unsigned char>(text[1]) % damaged.size()] = text[2];
    if (const auto other = index::PackageList::from_bytes(SharedText(damaged)))
      for (std::uint32_t i = 0; i < other->size() && i < 50; ++i) (void)other->package(i).depends.size();
  }
  return 0;
}
