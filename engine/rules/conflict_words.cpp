#include "engine/rules/conflict_words.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/base/utf8.hpp"

namespace forge::rules {

namespace {

constexpr std::size_t commit_digits = 12;

std::string subject_of(const model::KnownCommit& commit) {
  constexpr std::size_t longest = 100;
  std::string subject = to_valid_utf8(trim(commit.subject).substr(0, longest));
  return subject.size() < trim(commit.subject).size() ? subject + "…" : subject;
}

}  // namespace

std::string commit_words(const model::KnownCommit& commit) {
  const std::string tag = commit.tag.empty() ? ", not in a version yet" : fmt::format(", first in {}", commit.tag);
  return fmt::format("commit {} (\"{}\"){}", commit.id.hex().substr(0, commit_digits), subject_of(commit), tag);
}

std::string cause_words(const model::LineCause& cause, std::string_view path, std::string_view ref) {
  using Kind = model::LineCause::Kind;
  if (!cause.commit) return "No upstream commit known here ever had these lines";
  const std::string name = cause.path == path ? std::string() : fmt::format(", when the file was `{}`", cause.path);
  return cause.kind == Kind::changed_by
             ? fmt::format("The lines it expects were changed by {}{}", commit_words(*cause.commit), name)
             : fmt::format("It expects lines that come with {}, and `{}` does not have that commit",
                           commit_words(*cause.commit), ref);
}

std::string fate_words(const model::FileFate& fate, std::string_view path, std::string_view ref) {
  using Kind = model::FileFate::Kind;
  switch (fate.kind) {
    case Kind::renamed:
      return fmt::format(
          "It is `{}` now, since {} renamed it{}", fate.path, commit_words(*fate.commit),
          fate.names.empty() ? std::string() : fmt::format(" (first to `{}`)", join(fate.names, "`, `")));
    case Kind::deleted:
      return fmt::format("It was deleted{} by {}",
                         fate.path == path ? std::string() : fmt::format(", as `{}`,", fate.path),
                         commit_words(*fate.commit));
    case Kind::not_yet:
      return fmt::format("It comes with {}, and `{}` does not have that commit", commit_words(*fate.commit), ref);
    case Kind::misnamed:
      return fmt::format(
          "`{}` is there: git takes the first folder off every name, so the patch lacks one (`diff.noprefix`?) or has "
          "one too many",
          fate.path);
    case Kind::unknown:
      break;
  }
  return "No upstream commit known here ever had it";
}

std::string clash_words(model::SeriesClash::Kind kind, std::string_view name, std::string_view ref) {
  using Kind = model::SeriesClash::Kind;
  switch (kind) {
    case Kind::broken_by:
      return fmt::format("The clash is within the series: it applies to `{}`, but no more after `{}`", ref, name);
    case Kind::made_by:
      return fmt::format("The line found there was put in by `{}`", name);
    case Kind::taken_by:
      return fmt::format("The line it expects was taken out by `{}`", name);
    case Kind::needs:
      return fmt::format("What it expects comes with `{}`, which does not apply itself", name);
    case Kind::supplied_by:
      return fmt::format("It applies after `{}`, which comes later in the series", name);
  }
  return {};
}

}  // namespace forge::rules
