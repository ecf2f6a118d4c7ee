#include "tests/conform/changes.hpp"

#include <istream>
#include <iterator>
#include <ostream>
#include <stdexcept>

#include "engine/formats/patch_id.hpp"
#include "engine/git/libgit2_repository.hpp"

namespace forge::conform {

void print_patch_ids(std::istream& text, std::ostream& out) {
  const std::string whole{std::istreambuf_iterator<char>(text), {}};
  for (const formats::IdentifiedChange& change : formats::stable_patch_ids(whole))
    out << change.id.hex() << ' ' << (change.commit.empty() ? std::string(40, '0') : change.commit) << '\n';
}

void print_diffs(const std::string& repository, std::istream& commits, std::ostream& out) {
  const Result<git::RepositoryPtr> opened = git::open_repository(repository, {});
  if (!opened) throw std::runtime_error(opened.error().message);
  for (std::string line; std::getline(commits, line);) {
    out << "commit " << line << "\n\n";
    const auto id = git::ObjectId::from_hex(line);
    const Result<std::string> diff = id ? (*opened)->diff(*id) : Result<std::string>(std::string());
    if (diff) out << *diff;
  }
}

}  // namespace forge::conform
