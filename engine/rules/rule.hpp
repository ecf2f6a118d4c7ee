/// What a rule is. A rule's name, level, words and check stand together in its group's file; `catalog.cpp` lists
/// the groups. Adding a rule is one entry there and one file tests/cases/rules/<name>.case.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/base/finding.hpp"
#include "engine/base/problem.hpp"
#include "engine/base/task_pool.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::rules {

class Report;

/// What a rule looks at, so that an editor can show the text's findings before git's and the package index's.
enum class Needs { files, upstream, index };

struct RuleContext {
  const workspace::Snapshot& snapshot;
  const TaskPool& pool;
  /// Only this release and component; empty: all.
  std::string release{};
  std::string component{};
  /// What could not be looked at is then a warning instead of an error.
  bool offline = false;
  /// Asked for what is selected by the two above; empty: all of it counts.
  std::function<bool(std::string_view release, std::string_view component)> concerns{};

  [[nodiscard]] bool selects_all() const { return release.empty() && component.empty() && !concerns; }
  [[nodiscard]] bool selects(std::string_view of_release, std::string_view of_component) const {
    return (release.empty() || of_release.empty() || release == of_release) &&
           (component.empty() || of_component.empty() || component == of_component) &&
           (!concerns || concerns(of_release, of_component));
  }
};

struct Rule {
  std::string_view name;
  Severity severity = Severity::error;
  Needs needs = Needs::files;
  std::string_view summary;  ///< one line: what was found
  std::string_view doc;      ///< Markdown: what it means, why it matters, how to mend it
  std::string_view bad{};    ///< an example that fires (file name as a comment on its first line)
  std::string_view good{};   ///< the same, mended
  void (*check)(const RuleContext&, Report&) = nullptr;
};

/// Lets a rule go on with the finding it has just added: `report.add(...).related(...).fix(...)`.
class Added {
 public:
  explicit Added(Finding& finding) : finding_(finding) {}
  Added& about(std::string_view release, std::string_view component = {}) {
    finding_.release = release;
    finding_.component = component;
    return *this;
  }
  Added& related(SourceFilePtr file, TextSpan span, std::string message) {
    finding_.related.push_back({{std::move(file), span}, std::move(message)});
    return *this;
  }
  /// Replace `span` of the finding's own file.
  Added& fix(std::string title, TextSpan span, std::string new_text, bool safe = false) {
    return fix(Fix{std::move(title), {{{finding_.place.file, span}, std::move(new_text)}}, {}, safe});
  }
  Added& fix(Fix fix) {
    finding_.fixes.push_back(std::move(fix));
    return *this;
  }
  /// A rule may lower its own level for a milder case (`pin-unavailable` of a yanked version, say).
  Added& level(Severity severity) {
    finding_.severity = severity;
    return *this;
  }

 private:
  Finding& finding_;
};

/// Collects the findings of one rule. The level is the rule's own until run_rules applies the forge's settings.
class Report {
 public:
  explicit Report(const Rule& rule) : rule_(rule) {}

  template <class... Args>
  Added add(SourceFilePtr file, TextSpan span, fmt::format_string<Args...> format, Args&&... args) {
    return add_message(std::move(file), span, fmt::format(format, std::forward<Args>(args)...));
  }
  Added add_message(SourceFilePtr file, TextSpan span, std::string message);

  /// Every problem that a parser filed under this rule.
  template <class T>
  void add_problems(const workspace::Document<T>* document) {
    if (document == nullptr) return;
    for (const Problem& problem : document->parsed.problems)
      add_problem(document->file, problem, document->release, document->component);
  }

  [[nodiscard]] std::size_t size() const { return findings_.size(); }
  [[nodiscard]] std::vector<Finding> take() { return std::move(findings_); }

 private:
  void add_problem(const SourceFilePtr& file, const Problem& problem, std::string_view release,
                   std::string_view component);

  const Rule& rule_;
  std::vector<Finding> findings_;
};

}  // namespace forge::rules
