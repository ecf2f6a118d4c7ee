#include "engine/rules/fingerprints.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"

namespace forge::rules {

namespace {

std::string line_text(const Place& place) {
  const std::string_view text = place.file->text();
  const std::size_t at = std::min<std::size_t>(place.span.begin, text.size());
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return std::string(trim(text.substr(begin, text.find('\n', at) - begin)));
}

}  // namespace

std::vector<std::string> fingerprints(const std::vector<Finding>& findings) {
  std::vector<std::string> prints;
  prints.reserve(findings.size());
  std::map<std::string, int> repeats;
  for (const Finding& finding : findings) {
    const std::string what =
        fmt::format("{}\n{}\n{}", finding.rule, finding.place.file->path(), line_text(finding.place));
    prints.push_back(sha256_hex(fmt::format("{}\n{}", what, repeats[what]++)).substr(0, 32));
  }
  return prints;
}

}  // namespace forge::rules
