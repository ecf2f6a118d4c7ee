/// The tokens of the forge's documents that mean something across files: what stands under the cursor, and where the
/// same thing stands elsewhere. Hover, navigation and highlights are all about a subject.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/workspace/forge_layout.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::ide {

enum class SubjectKind {
  component,       ///< its name as a key: of source-refs.yaml, extra-packages.yaml, `upstreams` of forge.yaml
  ref,             ///< a component's ref
  package,         ///< a Python package that a line pins, overrides or asks for; `name` is the normal form
  patch,           ///< the patch as a whole, at its `From:`, `Date:` and `Subject:`
  patched_file,    ///< a path in a diff's header
  hunk,            ///< an `@@` line
  blob,            ///< a file's content, named by an `index` line
  commit,          ///< a commit of the component's upstream
  change_id,       ///< a change under review
  bug,             ///< a number on Launchpad, a CVE or an OSSA
  context,         ///< a name that a Dockerfile takes from outside
  stage,           ///< a stage of a Dockerfile, named there; `name` is its number
  extra,           ///< a bare name of `pip_extras`
  system_package,  ///< a line of a bindep.txt, an entry of `apt_packages`
  bindep_atom,     ///< a profile or platform in a bindep.txt
  rule,            ///< in a comment that ignores it, in `rules` of forge.yaml
  config_key,      ///< of forge.yaml; `name` as in formats::config_keys
  extras_key       ///< below a service of extra-packages.yaml
};

struct Subject {
  SubjectKind kind = SubjectKind::component;
  TextSpan span;          ///< the token
  TextSpan extent;        ///< where the cursor is about it
  std::string name;       ///< of a ref its component
  std::string text{};     ///< as written: the ref, the package's spelling
  std::size_t index = 0;  ///< of the entry, rule, section or hunk in its document's model
};

/// What is in a document, in no order. Nothing where the document is of no kind that has subjects.
[[nodiscard]] std::vector<Subject> subjects_in(const workspace::Snapshot& snapshot, std::string_view path);

/// The smallest one there; the end of a token counts as being on it.
[[nodiscard]] std::optional<Subject> subject_at(const workspace::Snapshot& snapshot, std::string_view path,
                                                std::uint32_t offset);

/// The token, or what else the cursor is in where it is not on the token itself.
[[nodiscard]] TextSpan shown_span(const Subject& subject, std::uint32_t offset);

/// Of the patch document at `path`; null where it is none.
[[nodiscard]] const workspace::Document<formats::Patch>* patch_at(const workspace::Snapshot& snapshot,
                                                                  std::string_view path);

/// Where a rule can be named: the places between `ignore[` and `]` of comments, and behind `Forge-Ignore:` of a patch's
/// header. A list that is not closed yet goes to the end of its line.
[[nodiscard]] std::vector<TextSpan> ignore_lists(std::string_view text, bool is_patch);

}  // namespace forge::ide
