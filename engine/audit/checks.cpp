#include "engine/audit/checks.hpp"

#include <algorithm>
#include <string>

#include "engine/workspace/forge_layout.hpp"

namespace forge::audit {

namespace {

struct Prefix {
  std::string_view text;
  Check check;
};

/// How the names of rules begin; the first that fits counts.
constexpr std::array<Prefix, 28> prefixes = {{{"ref-", Check::refs},
                                              {"upstream-", Check::refs},
                                              {"ovn-", Check::refs},
                                              {"patch-", Check::patches},
                                              {"requires-python-", Check::python},
                                              {"pin-unavailable", Check::closure},
                                              {"pin-sdist-", Check::closure},
                                              {"pin-metadata-", Check::closure},
                                              {"requirement-transitive-", Check::closure},
                                              {"index-", Check::closure},
                                              {"pin-", Check::requirements},
                                              {"override-", Check::requirements},
                                              {"constraints-", Check::requirements},
                                              {"requirement", Check::requirements},
                                              {"marker-", Check::requirements},
                                              {"extra-unknown", Check::requirements},
                                              {"base-pin-", Check::requirements},
                                              {"test-ref-", Check::requirements},
                                              {"bindep-", Check::packages},
                                              {"apt-", Check::packages},
                                              {"runtime-", Check::packages},
                                              {"distribution-", Check::packages},
                                              {"dockerfile-", Check::images},
                                              {"install-", Check::images},
                                              {"tag-", Check::plan},
                                              {"cache-", Check::plan},
                                              {"plan-", Check::plan},
                                              {"workflow-", Check::plan}}};

Check check_of_file(const SourceFilePtr& file) {
  using workspace::DocumentKind;
  switch (file ? workspace::classify(file->path()).kind : DocumentKind::other) {
    case DocumentKind::source_refs:
      return Check::refs;
    case DocumentKind::patch:
    case DocumentKind::patch_stray:
      return Check::patches;
    case DocumentKind::upper_constraints:
    case DocumentKind::overrides:
      return Check::requirements;
    case DocumentKind::extra_packages:
    case DocumentKind::bindep:
      return Check::packages;
    case DocumentKind::dockerfile:
    case DocumentKind::image_text:
      return Check::images;
    case DocumentKind::config:
    case DocumentKind::test_refs:
    case DocumentKind::build_script:
    case DocumentKind::workflow:
    case DocumentKind::update_config:
    case DocumentKind::other:
      break;
  }
  return Check::plan;
}

}  // namespace

std::string_view to_string(Check check) {
  constexpr std::array<std::string_view, check_count> words = {"refs",   "patches",  "requirements", "closure",
                                                               "python", "packages", "images",       "plan"};
  return words[static_cast<std::size_t>(check)];
}

Check check_of(const Finding& finding) {
  const std::string_view rule = finding.rule;
  const auto found = std::ranges::find_if(prefixes, [&](const Prefix& one) { return rule.starts_with(one.text); });
  return found != prefixes.end() ? found->check : check_of_file(finding.place.file);
}

bool is_unexamined(const Finding& finding) {
  return finding.rule == "upstream-unavailable" || finding.rule == "index-unavailable" ||
         finding.rule == "distribution-unavailable" || finding.rule == "file-unreadable" ||
         finding.rule == "requirements-unreadable";
}

std::string short_words(std::string_view rule) {
  constexpr std::array<std::string_view, 5> said_by_the_check = {"ref-", "patch-", "dockerfile-", "requirement-",
                                                                 "requires-python-"};
  for (const std::string_view prefix : said_by_the_check) {
    if (!rule.starts_with(prefix)) continue;
    rule.remove_prefix(prefix.size());
    break;
  }
  std::string words(rule);
  std::ranges::replace(words, '-', ' ');
  return words;
}

}  // namespace forge::audit
