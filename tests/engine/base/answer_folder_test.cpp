#include "engine/base/answer_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/git_fixture.hpp"

namespace {

namespace fs = std::filesystem;

using forge::AnswerFolder;
using forge::support::TempFolder;

std::size_t count_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("answer folder: an answer is found by its kind and all of its inputs, and by no other") {
  const TempFolder folder;
  const AnswerFolder answers(folder.path() + "/made/when/needed");
  CHECK_FALSE(answers.load("sum-1", "1 2"));
  answers.store("sum-1", "1 2", "3\n");
  CHECK(AnswerFolder(folder.path() + "/made/when/needed").load("sum-1", "1 2") == "3\n");
  CHECK_FALSE(answers.load("sum-1", "1 3"));
  CHECK_FALSE(answers.load("sum-2", "1 2"));
  answers.store("sum-1", "1 3", "");
  CHECK(answers.load("sum-1", "1 3") == "");
}

TEST_CASE("answer folder: a damaged entry is none, and without a folder nothing is kept") {
  const TempFolder folder;
  const AnswerFolder answers(folder.path());
  answers.store("sum-1", "1 2", "3 and more");
  const fs::path entry = fs::directory_iterator(folder.path() + "/sum-1")->path();
  for (const std::uintmax_t size :
       {fs::file_size(entry) - 1, std::uintmax_t{64}, std::uintmax_t{3}, std::uintmax_t{0}}) {
    fs::resize_file(entry, size);
    CHECK_FALSE(answers.load("sum-1", "1 2"));
  }
  const AnswerFolder none("");
  none.store("sum-1", "1 2", "3");
  CHECK_FALSE(none.load("sum-1", "1 2"));
}

TEST_CASE("answer folder: of each kind the newest stay, some hundreds of them") {
  const TempFolder folder;
  const AnswerFolder answers(folder.path());
  std::size_t most = 0;
  for (int i = 0; i < 600; ++i) {
    answers.store("sum-1", std::to_string(i), "x");
    most = std::max(most, count_in(folder.path() + "/sum-1"));
  }
  CHECK(most > 100);
  CHECK(most < 300);
  CHECK(answers.load("sum-1", "599") == "x");
}
