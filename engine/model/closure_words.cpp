#include "engine/model/closure_words.hpp"

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::model {

namespace {

/// `` `alpha` `1.0` ``, or the install itself.
std::string who(const Requirer& by) {
  if (by.name.empty()) return "The install";
  return by.version.empty() ? fmt::format("`{}`", by.name) : fmt::format("`{}` `{}`", by.name, by.version);
}

std::string spelling(const ClosureConflict& conflict) {
  return conflict.pin != nullptr ? conflict.pin->pin->spelling.value : conflict.name.str();
}

std::string what_excludes(const ClosureConflict& conflict) {
  const std::string asks = fmt::format("{} requires `{}`", who(*conflict.requirer), conflict.requirer->text);
  if (conflict.pin != nullptr) return fmt::format("{}, but `{}` is pinned.", asks, conflict.pin->pin->line());
  return fmt::format("{}, but `{}` `{}` is installed.", asks, conflict.name.str(), conflict.version);
}

std::string unpublished(const ClosureConflict& conflict) {
  std::vector<std::string> near;
  near.reserve(conflict.nearest.size());
  for (const std::string& version : conflict.nearest) near.push_back(fmt::format("`{}`", version));
  const std::string& version = conflict.pin != nullptr ? conflict.pin->pin->version.value : conflict.version;
  return fmt::format("`{}` `{}` is not on the package index{}.", spelling(conflict), version,
                     near.empty() ? std::string() : "; near it is " + join(near, " and "));
}

std::string about_python(const ClosureConflict& conflict) {
  return fmt::format("`{}` `{}` requires Python `{}`, which the target's is not{}.", spelling(conflict),
                     conflict.version, conflict.detail,
                     conflict.stops ? "" : ": pip refuses it, uv looks at the lower bound alone");
}

}  // namespace

std::string words_for(const ClosureConflict& conflict) {
  switch (conflict.kind) {
    case ConflictKind::pins_differ:
      return fmt::format("`{}` and `{}` count both, so nothing fits.", conflict.pin->pin->line(),
                         conflict.other_pin->pin->line());
    case ConflictKind::requirement_excludes:
      return what_excludes(conflict);
    case ConflictKind::pin_excludes_source:
      return fmt::format("`{}` is pinned, but the tree builds `{}`.", conflict.pin->pin->line(), conflict.version);
    case ConflictKind::not_published:
      return unpublished(conflict);
    case ConflictKind::spelled_otherwise:
      return fmt::format("`{}` is published as `{}`: uv installs it, pip compares the text and finds nothing.",
                         conflict.pin->pin->line(), conflict.nearest.front());
    case ConflictKind::no_usable_file:
      return fmt::format("`{}` `{}` has no file for the target: no wheel fits, and there is no sdist.",
                         spelling(conflict), conflict.version);
    case ConflictKind::requires_python:
      return about_python(conflict);
    case ConflictKind::nothing_fits:
      break;
  }
  const std::string asks = fmt::format("{} requires `{}`", who(*conflict.requirer), conflict.requirer->text);
  const bool ends = conflict.detail.ends_with('.');
  return fmt::format("{}, which is not pinned, and {}{}", asks, conflict.detail, ends ? "" : ".");
}

std::string words_for(const UnknownExtra& extra) {
  const std::string asks =
      fmt::format("`{}` `{}` has no extra `{}`, which {} asks for", extra.name.str(), extra.version, extra.extra,
                  extra.requirer.name.empty() ? "the install" : who(extra.requirer));
  if (extra.provided.empty()) return asks + "; it has none.";
  return fmt::format("{}; it has {}.", asks, join(extra.provided, ", "));
}

}  // namespace forge::model
