#include "engine/audit/release_proposal.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/audit/release_texts.hpp"
#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/constraints.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/series_refresh.hpp"
#include "engine/model/upstream_change.hpp"
#include "engine/model/upstream_constraints.hpp"

namespace forge::audit {

namespace {

using workspace::PatchSeries;
using workspace::Snapshot;
using workspace::SnapshotPtr;

/// Makes one proposal, step by step.
class Proposer {
 public:
  Proposer(const Snapshot& snapshot, const workspace::FileStorePtr& files, const Load& load,
           const ProposalRequest& request, const TaskPool& pool)
      : snapshot_(snapshot), files_(files), load_(load), request_(request), pool_(pool) {}

  Result<ReleaseProposal> run() {
    FORGE_TRY(check_request());
    FORGE_TRY(propose_refs());
    FORGE_TRY(take_constraints());
    carry_overrides();
    FORGE_TRY(copy_others());
    copy_patches();
    FORGE_TRY(refresh_patches());
    remark_on_libraries();
    remark_on_mentions();
    return std::move(out_);
  }

 private:
  template <class... Args>
  void remark(std::string component, Check check, State state, fmt::format_string<Args...> format, Args&&... args) {
    out_.remarks.push_back({std::move(component), check, state, fmt::format(format, std::forward<Args>(args)...)});
  }

  [[nodiscard]] std::string path_in(std::string_view release, std::string_view name) const {
    return fmt::format("releases/{}/{}", release, name);
  }

  Result<void> check_request() {
    const std::vector<std::string>& releases = snapshot_.releases();
    if (!is_release_name(request_.release))
      return fail(Failure::Kind::invalid,
                  fmt::format("`{}` is no release: its name is a year and `.1` or `.2`.", request_.release));
    if (!request_.anew && std::ranges::count(releases, request_.release) > 0)
      return fail(Failure::Kind::invalid, fmt::format("The release `{}` is in this forge.", request_.release));
    out_.release = request_.release;
    out_.from = request_.from.empty() ? release_before() : request_.from;
    if (out_.from.empty())
      return fail(Failure::Kind::invalid, "There is no release in this forge to make another one from.");
    if (out_.from == out_.release) return fail(Failure::Kind::invalid, "A release can't be made from itself.");
    if (std::ranges::count(releases, out_.from) == 0)
      return fail(Failure::Kind::invalid, fmt::format("There is no release `{}` in this forge.", out_.from),
                  {fmt::format("its releases: {}", join(releases, ", "))});
    return {};
  }

  /// The newest one before it, else the oldest behind it.
  [[nodiscard]] std::string release_before() const {
    const std::vector<std::string>& releases = snapshot_.releases();
    const auto behind = std::ranges::lower_bound(releases, request_.release);
    if (behind != releases.begin()) return *std::prev(behind);
    return releases.empty() ? std::string() : *behind;
  }

  // Refs

  Result<void> propose_refs() {
    const auto* refs = snapshot_.source_refs(out_.from);
    if (refs == nullptr)
      return fail(Failure::Kind::invalid, fmt::format("releases/{} has no source-refs.yaml.", out_.from));
    if (!refs->parsed.problems.empty())
      return fail(Failure::Kind::invalid,
                  fmt::format("`{}` does not parse, so nothing can be made from it.", refs->file->path()),
                  {"mend what `forge-analyze check` says of it"});
    std::vector<std::string> components;
    for (const formats::SourceRef& entry : (*refs)->entries) components.push_back(entry.component.value);
    out_.refs.resize(components.size());
    pool_.for_each(components.size(), [&](std::size_t i) {
      out_.refs[i] = propose_ref(snapshot_, out_.from, out_.release, components[i]);
    });
    out_.files[path_in(out_.release, "source-refs.yaml")] = refs_text(*refs, out_.refs, out_.from, out_.release);
    for (const ProposedRef& ref : out_.refs)
      if (ref.choice != RefChoice::newest) remark(ref.component, Check::refs, State::risk, "{}", ref.reason);
    return {};
  }

  // Constraints and overrides

  Result<void> take_constraints() {
    const std::string path = path_in(out_.release, "upper-constraints.txt");
    if (request_.constraints_text) {
      out_.constraints_from = request_.constraints_name;
      out_.files[path] = *request_.constraints_text;
      return {};
    }
    Result<model::ConstraintsFile> upstream =
        model::upstream_constraints(snapshot_, out_.release, request_.constraints_ref);
    if (upstream) {
      out_.constraints_from = fmt::format("`{}` of `{}` at {}", upstream->ref, model::requirements_component,
                                          upstream->commit.abbreviated());
      out_.files[path] = *upstream->text;
      if (request_.constraints_ref.empty() && !upstream->ref.ends_with(out_.release))
        remark({}, Check::requirements, State::risk,
               "Upstream's constraints have no branch of {} yet: they are those of `{}`, which moves.", out_.release,
               upstream->ref);
      return {};
    }
    if (!request_.constraints_ref.empty()) return tl::unexpected<Failure>(upstream.error());
    const auto* before = snapshot_.upper_constraints(out_.from);
    if (before == nullptr) return tl::unexpected<Failure>(upstream.error());
    out_.constraints_from = fmt::format("a copy of {}'s", out_.from);
    out_.files[path] = std::string(before->file->text());
    remark({}, Check::requirements, State::not_examined,
           "upper-constraints.txt is a copy of {}'s, since upstream's could not be read: {} Take that of {} "
           "(`--constraints`).",
           out_.from, upstream.error().message, out_.release);
    return {};
  }

  void carry_overrides() {
    const auto* overrides = snapshot_.overrides(out_.from);
    if (overrides == nullptr) return;
    const auto* before = snapshot_.upper_constraints(out_.from);
    const auto now = formats::parse_constraints(out_.files[path_in(out_.release, "upper-constraints.txt")]);
    CarriedOverrides carried = audit::carry_overrides(*overrides, before == nullptr ? nullptr : &**before, now.value);
    out_.overrides = std::move(carried.entries);
    if (!carried.text.empty())
      out_.files[fmt::format("overrides/{}/constraints.txt", out_.release)] =
          renamed_in_comments(carried.text, out_.from, out_.release);
    for (const CarriedOverride& one : out_.overrides) {
      if (!one.kept)
        remark({}, Check::requirements, State::ok, "The override `{}` is not carried: {}", one.entry, one.reason);
      else if (one.doubtful)
        remark({}, Check::requirements, State::risk, "Is the override `{}` still wanted? {}", one.entry,
               capitalised(one.reason));
    }
  }

  static std::string capitalised(std::string text) {
    if (!text.empty() && is_lower(text.front())) text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
  }

  // Other files of the release

  Result<void> copy_others() {
    const std::string folder = fmt::format("releases/{}/", out_.from);
    for (const std::string& path : snapshot_.paths()) {
      if (!path.starts_with(folder)) continue;
      const std::string name = path.substr(folder.size());
      if (name == "source-refs.yaml" || name == "upper-constraints.txt") continue;
      FORGE_TRY_ASSIGN(const std::string text, files_->read(path));
      out_.files[path_in(out_.release, name)] = renamed_in_comments(text, out_.from, out_.release);
      if (name == "test-refs.yaml")
        remark({}, Check::plan, State::risk, "test-refs.yaml has the versions of {}: choose those to test {} with.",
               out_.from, out_.release);
    }
    return {};
  }

  // Patches

  [[nodiscard]] std::vector<const PatchSeries*> series_of(const Snapshot& snapshot, std::string_view release) const {
    std::vector<const PatchSeries*> all;
    for (const PatchSeries& series : snapshot.patch_series())
      if (series.release == release && !series.patches.empty()) all.push_back(&series);
    return all;
  }

  static std::string file_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

  void copy_patches() {
    for (const PatchSeries* series : series_of(snapshot_, out_.from)) {
      for (const auto& patch : series->patches) {
        const std::string& from = patch->file->path();
        const std::string path = fmt::format("patches/{}/{}/{}", series->component, out_.release, file_name(from));
        out_.files[path] = std::string(patch->file->text());
        out_.patches.push_back({series->component, from, path, PatchCarry::not_tried, {}});
      }
    }
  }

  /// On a snapshot that has the new refs with the patches as they were.
  Result<void> refresh_patches() {
    if (out_.patches.empty()) return {};
    FORGE_TRY_ASSIGN(const SnapshotPtr candidate, load_(workspace::overlay_files(files_, out_.files)));
    const std::vector<const PatchSeries*> all = series_of(*candidate, out_.release);
    std::vector<std::optional<Result<model::SeriesRefresh>>> refreshed(all.size());
    pool_.for_each(all.size(), [&](std::size_t i) { refreshed[i] = model::refresh_series(*candidate, *all[i]); });
    for (std::size_t s = 0; s < all.size(); ++s)
      for (std::size_t i = 0; i < all[s]->patches.size(); ++i) take_patch(*candidate, *all[s], *refreshed[s], i);
    return {};
  }

  void take_patch(const Snapshot& candidate, const PatchSeries& series, const Result<model::SeriesRefresh>& refreshed,
                  std::size_t i) {
    const auto found = std::ranges::find(out_.patches, series.patches[i]->file->path(), &CarriedPatch::path);
    if (found == out_.patches.end()) return;
    CarriedPatch& patch = *found;
    const std::string component = model::patched_component(candidate, series.component);
    if (!refreshed) {
      patch.note = refreshed.error().message;
      remark(component, Check::patches, State::not_examined, "{} was not tried on the new ref: {}", patch.path,
             patch.note);
      return;
    }
    const model::PatchRefresh& refresh = refreshed->patches[i];
    patch.note = join(refresh.notes, "; ");
    switch (refresh.action) {
      case model::RefreshAction::unchanged:
        patch.carry = PatchCarry::carried;
        return;
      case model::RefreshAction::rewritten:
        patch.carry = PatchCarry::refreshed;
        out_.files[patch.path] = refresh.text;
        remark(component, Check::patches, State::ok, "{} is refreshed ({}): read it.", patch.path, patch.note);
        return;
      case model::RefreshAction::dropped:
        patch.carry = PatchCarry::merged;
        patch.note = merge_words(candidate, series, i);
        remark(component, Check::patches, State::ok, "{} is not carried: {}.", patch.from, patch.note);
        out_.files.erase(patch.path);
        patch.path.clear();
        return;
      case model::RefreshAction::kept:
        patch.carry = PatchCarry::conflicts;
        remark(component, Check::patches, State::risk, "{} can't be refreshed: {}.{}", patch.path, patch.note,
               known_upstream(candidate, series, i));
        return;
    }
  }

  /// Of a conflicting patch: upstream's commit of the same change, in another text.
  static std::string known_upstream(const Snapshot& candidate, const PatchSeries& series, std::size_t i) {
    const auto& upstream = model::upstream_changes(candidate, series);
    if (!upstream || i >= upstream->size() || !(*upstream)[i].change) return {};
    const model::UpstreamChange& change = *(*upstream)[i].change;
    if (change.state != model::UpstreamState::merged) return {};
    return fmt::format(" Upstream has its change in another text, by commit {}{}: compare them, then it can go.",
                       change.commit.id.abbreviated(),
                       change.commit.tag.empty() ? std::string() : fmt::format(" (first in `{}`)", change.commit.tag));
  }

  static std::string merge_words(const Snapshot& candidate, const PatchSeries& series, std::size_t i) {
    const auto& upstream = model::upstream_changes(candidate, series);
    const bool known = upstream && i < upstream->size() && (*upstream)[i].change;
    if (!known) return "the new ref has its change";
    const model::KnownCommit& commit = (*upstream)[i].change->commit;
    return fmt::format("the new ref has its change, by commit {}{}", commit.id.abbreviated(),
                       commit.tag.empty() ? std::string() : fmt::format(" (first in `{}`)", commit.tag));
  }

  // What else is left

  /// One that is built from source for the sake of patches, none of which is left.
  void remark_on_libraries() {
    for (const ProposedRef& ref : out_.refs) {
      if (snapshot_.is_service(ref.component)) continue;
      const auto is_of = [&](const CarriedPatch& patch) { return patch.component == ref.component; };
      const bool had = std::ranges::any_of(out_.patches, is_of);
      const bool has = std::ranges::any_of(
          out_.patches, [&](const CarriedPatch& patch) { return is_of(patch) && !patch.path.empty(); });
      if (had && !has)
        remark(ref.component, Check::patches, State::risk,
               "No patch of `{}` is left: it can come from the index again, without its ref and without the override "
               "that takes its pin away.",
               ref.component);
    }
  }

  /// Places outside of the release's own files that name the release it is made from, and not the new one.
  void remark_on_mentions() {
    constexpr std::size_t most = 30;
    const std::vector<Mention> mentions = mentions_of(snapshot_, out_.from, out_.release);
    for (std::size_t i = 0; i < std::min(most, mentions.size()); ++i)
      remark({}, Check::plan, State::ok, "{} names {} and not {}, in {} {}.", mentions[i].path, out_.from, out_.release,
             mentions[i].lines.size() == 1 ? "line" : "lines", join(mentions[i].lines, ", "));
    if (mentions.size() > most)
      remark({}, Check::plan, State::ok, "{} more files name {}.", mentions.size() - most, out_.from);
  }

  const Snapshot& snapshot_;
  const workspace::FileStorePtr& files_;
  const Load& load_;
  const ProposalRequest& request_;
  const TaskPool& pool_;
  ReleaseProposal out_;
};

}  // namespace

std::string_view to_string(PatchCarry carry) {
  constexpr std::array<std::string_view, 5> words = {"carried", "refreshed", "merged", "conflicts", "not tried"};
  return words[static_cast<std::size_t>(carry)];
}

Result<ReleaseProposal> propose_release(const Snapshot& snapshot, const workspace::FileStorePtr& files,
                                        const Load& load, const ProposalRequest& request, const TaskPool& pool) {
  return Proposer(snapshot, files, load, request, pool).run();
}

}  // namespace forge::audit
