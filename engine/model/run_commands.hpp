/// The simple commands of a RUN, as far as they can be told without running a shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/dockerfile.hpp"

namespace forge::model {

/// A program with its arguments. What the shell reads as one word is one; quotes are as written, redirections and the
/// shell's own keywords are left out. `NAME=value` before the program is among the words.
struct RunCommand {
  std::vector<Spanned<std::string>> words;
  std::vector<Spanned<std::string>> redirections{};  ///< files that it writes to or reads from

  /// Index of the program: behind assignments, `sudo`, `env`, `exec` and such. `words.size()` where there is none.
  [[nodiscard]] std::size_t program() const { return known_program ? *known_program : find_program(); }
  [[nodiscard]] std::size_t find_program() const;

  std::optional<std::size_t> known_program{};  ///< find_program(), once the command is whole: many rules ask
};

/// In the order in which they stand. Of here-documents only those that a shell reads are looked into.
[[nodiscard]] std::vector<RunCommand> run_commands(const formats::Instruction& run, std::string_view text);

/// The commands of a script. A `$( … )` is a part of its word, and what it runs follows as commands of their own; so a
/// `${{ … }}` of a workflow. Here-documents are left out. Spans are into `script`.
[[nodiscard]] std::vector<RunCommand> shell_commands(std::string_view script);

/// `NAME=value` where the shell takes it for an assignment: the size of NAME; 0 for another word.
[[nodiscard]] std::size_t assigned_name(std::string_view word);

/// The word without quotes around the whole of it.
[[nodiscard]] std::string_view without_quotes(std::string_view word);

/// The last component of a path.
[[nodiscard]] std::string_view base_name(std::string_view path);

/// `pip install` or `uv pip install`.
struct PipInstall {
  /// An option with its value, a file of requirements, a package or a path. `name` is empty for the last two.
  struct Item {
    std::string name;            ///< `--constraint`; as written
    Spanned<std::string> value;  ///< quotes as written; empty where the option stands alone
  };
  bool is_uv = false;
  TextSpan verb;  ///< `install`
  std::vector<Item> items;
  std::vector<std::string> environment;  ///< `NAME=value` before the program

  [[nodiscard]] bool has_option(std::string_view short_name, std::string_view long_name) const;
  [[nodiscard]] static bool is_requirements(const Item& item);
};

/// Every one among the commands of a RUN.
[[nodiscard]] std::vector<PipInstall> pip_installs(const std::vector<RunCommand>& commands);

}  // namespace forge::model
