#include "tests/support/case_file.hpp"

#include <sstream>

namespace forge::support {

namespace {

constexpr std::string_view next_case = "=== ";

bool is_header(const std::string& line) {
  return line.size() > 6 && line.starts_with("-- ") && line.ends_with(" --");
}

}  // namespace

std::vector<Case> parse_cases(const std::string& text) {
  std::vector<Case> cases(1);
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(next_case)) {
      cases.push_back({line.substr(next_case.size()), {}, {}});
    } else if (is_header(line)) {
      cases.back().sections.push_back({line.substr(3, line.size() - 6), {}});
    } else if (!cases.back().sections.empty()) {
      cases.back().sections.back().text += line + "\n";
    } else if (cases.back().title.empty()) {
      cases.back().title = line;
    } else {
      cases.back().prose += line + "\n";
    }
  }
  return cases;
}

std::string to_text(const std::vector<Case>& cases) {
  std::string text;
  for (const Case& one : cases) {
    if (&one != &cases.front()) text += next_case;
    text += one.title + "\n" + one.prose;
    for (const CaseSection& section : one.sections) text += "-- " + section.header + " --\n" + section.text;
  }
  return text;
}

}  // namespace forge::support
