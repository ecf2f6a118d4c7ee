#include <array>
#include <map>

#include <fmt/format.h>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "engine/base/text.hpp"

namespace forge::cli {

namespace {

constexpr std::array<std::string_view, 3> shells = {"bash", "zsh", "fish"};
constexpr std::array arguments = {Positional{"SHELL", "bash, zsh or fish", true, false, shells}};

// Each asks the program itself, so that a new command or option needs no new script.

constexpr std::string_view bash_script = R"sh(# bash completion of forge-analyze
_forge_analyze() {
  local value about
  COMPREPLY=()
  while IFS=$'\t' read -r value about; do
    case $value in
      :files) compopt -o default; return ;;
      :folders) compopt -o dirnames; return ;;
      *) COMPREPLY+=("$value") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null)
}
complete -F _forge_analyze forge-analyze
)sh";

constexpr std::string_view zsh_script = R"sh(#compdef forge-analyze
_forge-analyze() {
  local line
  local -a lines values
  lines=("${(@f)$(${words[1]} __complete "${(@)words[2,CURRENT]}" 2> /dev/null)}")
  case ${lines[1]} in
    :files) _files; return ;;
    :folders) _files -/; return ;;
    '') return 1 ;;
  esac
  for line in "${lines[@]}"; do
    values+=("${${line%%$'\t'*}//:/\\:}${${line#*$'\t'}:+:${line#*$'\t'}}")
  done
  _describe forge-analyze values
}
if [ "${funcstack[1]}" = _forge-analyze ]; then
  _forge-analyze
else
  compdef _forge-analyze forge-analyze
fi
)sh";

constexpr std::string_view fish_script = R"sh(# fish completion of forge-analyze
function __forge_analyze_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$current" 2> /dev/null)
    switch "$lines[1]"
        case :files
            __fish_complete_path "$current"
        case :folders
            __fish_complete_directories "$current"
        case '*'
            printf '%s\n' $lines
    end
end
complete -c forge-analyze -f -a '(__forge_analyze_complete)'
)sh";

ExitCode run(const Invocation& invocation) {
  const std::string shell = invocation.positional("SHELL").front();
  emit(invocation, shell == "bash" ? bash_script : shell == "zsh" ? zsh_script : fish_script);
  return exit_done;
}

}  // namespace

extern const Command completion_command = {
    .name = "completion",
    .summary = "the completion script of a shell",
    .description =
        "For bash: `source <(forge-analyze completion bash)` in ~/.bashrc. For zsh: as `_forge-analyze` in a "
        "folder of fpath. For fish: as ~/.config/fish/completions/forge-analyze.fish. The script asks the "
        "program what can follow, releases and components of the forge included.",
    .positionals = arguments,
    .run = run,
};

}  // namespace forge::cli
