#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/json.hpp"
#include "cli/render/series.hpp"
#include "engine/git/libgit2_repository.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::cli {

namespace {

constexpr std::array<std::string_view, 2> formats_of_patch_check = {"text", "json"};
constexpr std::array options = {
    Option{"--repo", "GITDIR", "the repository, bare or not"},
    Option{"--ref", "REF", "a tag, branch or commit of it"},
};
constexpr std::array arguments = {
    Positional{.name = "PATCH", .help = "patch files, in the order in which they are applied", .repeats = true}};

std::string required(const Invocation& invocation, std::string_view option) {
  if (auto value = invocation.value(option)) return *value;
  throw NotDone(fmt::format("`patch check` needs {}.", option),
                {"for example: forge-analyze patch check --repo nova.git --ref 32.0.0 patches/nova/2025.2/*.patch"});
}

SourceFilePtr read_patch(const std::string& path) {
  constexpr std::size_t largest = std::size_t{64} << 20;
  std::ifstream stream(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream.is_open() || stream.bad())
    throw NotDone(fmt::format("The patch `{}` can't be read: {}.", path, std::strerror(errno)));
  if (text.size() > largest) throw NotDone(fmt::format("The patch `{}` is larger than 64 MiB.", path));
  return SourceFile::make(path, std::move(text));
}

ExitCode run(const Invocation& invocation) {
  std::vector<SourceFilePtr> files;
  std::vector<model::PatchText> patches;
  for (const std::string& path : invocation.positional("PATCH")) {
    files.push_back(read_patch(path));
    const std::string_view text = files.back()->text();
    patches.push_back({text, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(text))});
  }
  const git::RepositoryPtr repository =
      value_or_stop(git::open_repository(required(invocation, "--repo"), repository_options(invocation)));
  const git::ResolvedRef ref = value_or_stop(repository->resolve(required(invocation, "--ref")));
  const model::SeriesPlacement series = value_or_stop(model::place_series(*repository, ref.commit, patches));
  emit(invocation, invocation.format() == "json" ? to_text(series_json(files, series))
                                                 : series_text(files, series, use_color(invocation, 1)));
  return series.tree ? exit_done : exit_findings;
}

}  // namespace

extern const Command patch_check_command = {
    .name = "patch check",
    .summary = "does a series apply to a ref of a repository, hunk by hunk",
    .description =
        "Applies the patches one after another to the ref's tree, in memory, as one `git apply` over all files would. "
        "Nothing is checked out or written.",
    .options = options,
    .positionals = arguments,
    .formats = formats_of_patch_check,
    .run = run,
};

}  // namespace forge::cli
