/// Sentences for people on why a patch does not apply: what findings and `patch check` say alike.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/model/conflict_cause.hpp"

namespace forge::rules {

/// `commit 0123456789ab ("Subject"), first in 28.0.1`.
[[nodiscard]] std::string commit_words(const model::KnownCommit& commit);
/// A sentence; `ref` is what the patch was tried at.
[[nodiscard]] std::string cause_words(const model::LineCause& cause, std::string_view path, std::string_view ref);
[[nodiscard]] std::string fate_words(const model::FileFate& fate, std::string_view path, std::string_view ref);
/// `name` is the file name of the other patch.
[[nodiscard]] std::string clash_words(model::SeriesClash::Kind kind, std::string_view name, std::string_view ref);

}  // namespace forge::rules
