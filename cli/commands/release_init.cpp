#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/proposal.hpp"
#include "cli/render/diff.hpp"
#include "cli/render/json.hpp"
#include "cli/render/proposal.hpp"
#include "engine/base/atomic_file.hpp"

namespace forge::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> formats = {"text", "json"};
constexpr std::array options = {
    Option{"--from", "R", "the release that it is made from (default: the newest before it)"},
    Option{"--constraints", "PATH|REF",
           "its upper-constraints.txt: a file, or a ref of the requirements repository (default: its branch there)"},
    Option{"--dry-run", "", "write nothing; show every file as a unified diff"},
    Option{"--force", "", "make it anew where it is there, and write over its files"},
};
constexpr std::array arguments = {Positional{.name = "RELEASE", .help = "the new release: `2026.1`"}};

/// Files that are there already, in the way.
std::vector<std::string> files_there(const std::string& root, const audit::ReleaseProposal& proposal) {
  std::vector<std::string> there;
  for (const auto& [path, text] : proposal.files) {
    std::error_code error;
    if (fs::symlink_status(fs::path(root) / path, error).type() != fs::file_type::not_found) there.push_back(path);
  }
  return there;
}

/// A link on the way to a file leads the write to where nobody looks.
void require_inside(const std::string& root, const std::string& path) {
  fs::path at(root);
  for (const fs::path& part : fs::path(path)) {
    at /= part;
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(at, error)))
      throw NotDone(fmt::format("`{}` is a link, so nothing was written.", at.lexically_relative(root).string()));
  }
}

void write_files(const std::string& root, const audit::ReleaseProposal& proposal) {
  for (const auto& [path, text] : proposal.files) require_inside(root, path);
  for (const auto& [path, text] : proposal.files)
    value_or_stop(write_file_atomically(root + "/" + path, text).map([] { return true; }));
}

std::string diff_of(const audit::ReleaseProposal& proposal, bool color) {
  std::string text;
  for (const auto& [path, content] : proposal.files) text += file_diff(path, "", content, true, color);
  return text;
}

ExitCode run(const Invocation& invocation) {
  const TaskPool pool = task_pool(invocation);
  const std::string root = forge_root(invocation);
  const std::string release = invocation.positional("RELEASE").front();
  const audit::ReleaseProposal proposal = value_or_stop(propose(invocation, release, pool));
  const std::vector<std::string> there = files_there(root, proposal);
  const bool dry = invocation.has("--dry-run");
  if (!dry && !there.empty() && !invocation.has("--force"))
    throw NotDone(fmt::format("`{}` {}, so nothing was written.", there.front(),
                              there.size() == 1 ? "is there already"
                                                : fmt::format("and {} more are there already", there.size() - 1)),
                  {"--force writes over them, --dry-run shows what would be written"});
  if (!dry) write_files(root, proposal);
  if (invocation.format() == "json") {
    emit(invocation, to_text(proposal_json(proposal)));
  } else if (dry) {
    emit(invocation, diff_of(proposal, use_color(invocation, 1)));
    say(invocation, proposal_text(proposal, false, use_color(invocation, 2)));
  } else {
    emit(invocation, proposal_text(proposal, true, use_color(invocation, 1)));
  }
  return exit_done;
}

}  // namespace

extern const Command release_init_command = {
    .name = "release init",
    .summary = "makes the files of a new release from those of another one, and says what is left to decide",
    .description =
        "Refs are the newest versions of the new series, where there are none yet pre-releases or branches; "
        "constraints "
        "are upstream's of that series, overrides are carried where they still make sense, patches where the new refs "
        "do "
        "not have their change, refreshed where they need it. Nothing that is there is written over without --force. "
        "`audit --candidate` looks at the same files without writing them. For example: forge-analyze release init "
        "2026.1 "
        "--from 2025.2 --dry-run",
    .options = options,
    .positionals = arguments,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
