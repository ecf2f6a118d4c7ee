#include "cli/proposal.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "cli/environment.hpp"

namespace forge::cli {

namespace {

constexpr std::uintmax_t most_bytes = 16U << 20U;

std::string read_constraints(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) throw NotDone(fmt::format("`{}` can't be read.", path));
  if (size > most_bytes) throw NotDone(fmt::format("`{}` is larger than {} MiB.", path, most_bytes >> 20U));
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

Result<audit::ReleaseProposal> propose(const Invocation& invocation, const std::string& release, const TaskPool& pool) {
  // Only `release init` has `--force`.
  audit::ProposalRequest request{
      .release = release, .from = invocation.value("--from").value_or(""), .anew = invocation.has("--force")};
  if (const auto constraints = invocation.value("--constraints")) {
    std::error_code error;
    if (std::filesystem::is_regular_file(*constraints, error)) {
      request.constraints_text = read_constraints(*constraints);
      request.constraints_name = fmt::format("`{}`", *constraints);
    } else {
      request.constraints_ref = *constraints;
    }
  }
  const workspace::FileStorePtr files = workspace::disk_files(forge_root(invocation));
  const audit::Load load = [&](const workspace::FileStorePtr& of) { return load_files(invocation, of, pool); };
  FORGE_TRY_ASSIGN(const workspace::SnapshotPtr snapshot, load(files));
  return audit::propose_release(*snapshot, files, load, request, pool);
}

}  // namespace forge::cli
