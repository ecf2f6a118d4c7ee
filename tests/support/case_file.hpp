/// Cases as text: prose, input files, expectations. One file may hold several cases.
///
///     An override that repeats its pin is reported, with a fix.
///     -- releases/2025.2/upper-constraints.txt --
///     cryptography===44.0.1
///     -- overrides/2025.2/constraints.txt --
///     cryptography===44.0.1
///     -- expect check --
///     overrides/2025.2/constraints.txt:1:1: hint[override-repeats-pin]: ...
///     -- expect fixed override-repeats-pin --
///     (the findings after the first fix of that rule's first finding)
///     === The next case begins so.
///
/// Sections:
///   -- PATH --                         a file of the forge; `(no final newline)` after the path says so
///   -- upstream C@REF PATH --          a file of component C at tag REF (`C@branch:NAME`: at a branch); every ref is a
///                                      commit on top of the one named before it, with its files;
///                                      `C@commit:NAME` is a commit without a ref
///   -- upstream C@REF PATH (deleted) --
///   -- upstream C@REF message --       that commit's message
///   -- index NAME VERSION --           a release on the package index: headers of its metadata, and `Yanked: REASON`,
///                                      `Files: py3-none-any.whl tar.gz`, `Built: by pkg_resources`, `Settled: no`
///   -- index (unavailable) --          the index can't be asked; the text is why
///   -- expect check --                 `file:line:column: severity[rule]: message` of every finding
///   -- expect fixed RULE --            the same after the fix
///   -- expect fixed RULE PATH --       that file after the fix
///   -- expect constraints RELEASE --   the effective constraints
#pragma once

#include <string>
#include <vector>

namespace forge::support {

struct CaseSection {
  std::string header;  ///< between the dashes
  std::string text;
};

struct Case {
  std::string title;  ///< first line of its prose
  std::string prose;
  std::vector<CaseSection> sections;
};

[[nodiscard]] std::vector<Case> parse_cases(const std::string& text);
/// The inverse of parse_cases, for FORGE_UPDATE_EXPECT=1.
[[nodiscard]] std::string to_text(const std::vector<Case>& cases);

}  // namespace forge::support
