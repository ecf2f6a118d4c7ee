/// images/<name>/Dockerfile as BuildKit's Dockerfile frontend reads it: stages, instructions with their flags, and
/// every name that a build looks up outside of the file. What a shell would make of a RUN is left to others.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/problem.hpp"
#include "engine/base/span.hpp"

namespace forge::formats {

/// `# name=value` above everything else.
struct ParserDirective {
  Spanned<std::string> name;  ///< lower case: `escape`, `syntax`, `check`
  Spanned<std::string> value;
};

/// `--name=value` or `--name` between the keyword and the arguments; quotes of the value are gone.
struct InstructionFlag {
  Spanned<std::string> name;
  std::optional<Spanned<std::string>> value;
};

/// `--mount=…` of a RUN.
struct Mount {
  std::string type = "bind";
  std::optional<Spanned<std::string>> from;
  std::optional<Spanned<std::string>> source;
  std::optional<Spanned<std::string>> target;
  std::optional<Spanned<std::string>> id;
  bool read_write = false;
  TextSpan span;  ///< the flag's value: `type=bind,from=…`
};

/// `name=value` of an ARG, ENV or LABEL; quotes and variables as they were written. An ARG may have no value.
struct Assignment {
  Spanned<std::string> name;
  std::optional<Spanned<std::string>> value;
};

struct Heredoc {
  Spanned<std::string> name;
  bool expands = true;  ///< false where the name is quoted
  TextSpan body;        ///< the lines between, without the terminator's
};

struct Instruction {
  Spanned<std::string> keyword;  ///< upper case
  TextSpan span;                 ///< from the keyword to the end of the logical line, here-documents left out
  std::vector<InstructionFlag> flags;
  /// The arguments, split at blanks, quotes as written; of the exec form (`["a", "b"]`) the strings' values.
  std::vector<Spanned<std::string>> words;
  bool exec_form = false;
  std::vector<Assignment> assignments;  ///< of ARG, ENV and LABEL
  std::vector<Mount> mounts;            ///< of RUN
  std::vector<Heredoc> heredocs;        ///< of RUN, COPY and ADD

  /// The first flag of that name, or null.
  [[nodiscard]] const InstructionFlag* flag(std::string_view name) const;
};

struct Stage {
  Spanned<std::string> base;  ///< as written
  /// `base` with the defaults of the global ARGs put in; nothing where a platform's variable or a pattern decides.
  std::optional<std::string> base_name;
  std::optional<Spanned<std::string>> name;  ///< lower case
  Instruction from;
  std::vector<Instruction> instructions;
};

struct Dockerfile {
  char escape = '\\';
  std::vector<ParserDirective> directives;
  std::vector<Assignment> global_args;  ///< ARGs above the first FROM
  std::vector<Stage> stages;
};

/// A name that is no stage: a named context of the build or else an image of a registry.
struct ExternalName {
  enum class Where { from, copy, mount };
  Where where = Where::from;
  Spanned<std::string> name;  ///< with variables replaced; the span covers what was written
  std::size_t stage = 0;      ///< index of the stage that asks for it
};

/// Never fails: what can't be understood is left out and reported as `file-syntax`.
[[nodiscard]] Parsed<Dockerfile> parse_dockerfile(std::string_view text);

/// In file order. `scratch` and names that only the build can tell (platform variables) are left out.
[[nodiscard]] std::vector<ExternalName> external_names(const Dockerfile& file);

/// The stage that `base` of stage `index` names, which must be an earlier one; nothing where it is an image.
[[nodiscard]] std::optional<std::size_t> base_stage(const Dockerfile& file, std::size_t index);

/// For each stage whether a build of the last one needs it.
[[nodiscard]] std::vector<bool> used_stages(const Dockerfile& file);

/// Whether an ARG of that name is declared in the stage or in one it is based on, as its RUNs see it.
[[nodiscard]] bool declares_arg(const Dockerfile& file, std::size_t stage, std::string_view name);

}  // namespace forge::formats
