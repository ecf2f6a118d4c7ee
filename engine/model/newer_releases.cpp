#include "engine/model/newer_releases.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/model/linked_trees.hpp"
#include "engine/model/patch_series.hpp"

namespace forge::model {

namespace {

using PatchDocument = workspace::Document<formats::Patch>;
using workspace::PatchSeries;
using workspace::Snapshot;

/// By what the same change is known in another release.
struct Identity {
  std::string_view change_id{};    ///< the last one of the message
  std::string_view picked_from{};  ///< 40 digits
  std::string subject{};
  std::string lines{};  ///< what is removed and added, with the files' names, without blanks

  [[nodiscard]] bool same_as(const Identity& other) const {
    if (!change_id.empty() && change_id == other.change_id) return true;
    return (!subject.empty() && subject == other.subject) || (!lines.empty() && lines == other.lines);
  }
};

void append_without_blanks(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  }
  out += '\n';
}

Identity identity_of(const PatchDocument& document) {
  Identity out;
  const std::string_view text = document.file->text();
  const auto view = [&](TextSpan span) { return text.substr(span.begin, span.size()); };
  for (const formats::Mail& mail : document->mails) {
    if (out.subject.empty() && !mail.subject.empty()) out.subject = formats::subject_text(text, mail);
    for (const formats::Trailer& trailer : mail.trailers) {
      if (view(trailer.key) == "Change-Id") out.change_id = view(trailer.value);
      if (view(trailer.key) == "cherry picked from commit" && is_full_commit(view(trailer.value)))
        out.picked_from = view(trailer.value);
    }
  }
  for (const formats::Section& section : document->sections) {
    append_without_blanks(out.lines, section.path().value);
    for (const formats::Hunk& hunk : document->hunks_of(section)) {
      for (const formats::HunkLine& line : document->lines_of(hunk)) {
        if (line.kind == formats::LineKind::none || line.kind == formats::LineKind::context) continue;
        out.lines += line.kind == formats::LineKind::added ? '+' : '-';
        append_without_blanks(out.lines, view(line.text));
      }
    }
  }
  return out;
}

bool is_carried(const PatchSeries* series, const Identity& identity) {
  return series != nullptr && std::ranges::any_of(series->patches, [&](const auto& document) {
           return identity.same_as(identity_of(*document));
         });
}

/// The source of the component in one release.
struct Source {
  git::RepositoryPtr repository;
  git::ObjectId commit;
  std::string ref;
};

std::optional<Source> source_in(const Snapshot& snapshot, std::string_view component, std::string_view release) {
  const Result<SeriesBase> base = series_base(snapshot, component, release);
  if (!base) return std::nullopt;
  return Source{base->repository, base->commit, base->ref};
}

bool has_change_id(std::string_view message, std::string_view change_id) {
  constexpr std::string_view key = "Change-Id:";
  return std::ranges::any_of(split(message, '\n'), [&](std::string_view line) {
    return line.starts_with(key) && trim(line.substr(key.size())) == change_id;
  });
}

/// In the history of `there`, of which what `here` has is left out: there it would be in the patch's own source too.
bool is_merged(const Source& here, const Source& there, const Identity& identity) {
  if (const auto original = git::ObjectId::from_hex(identity.picked_from);
      original && there.repository->is_ancestor(*original, there.commit).value_or(false))
    return true;
  if (identity.change_id.empty()) return false;
  bool found = false;
  const auto walked = there.repository->walk(there.commit, {here.commit}, [&](const git::CommitInfo& commit) {
    found = has_change_id(commit.message, identity.change_id);
    return !found;
  });
  return found || !walked;  // where history can't be read nothing is claimed
}

enum class State { has_it, gone, takes_it, conflict };

bool has_no_target(const PatchPlacement& placement) {
  return !placement.sections.empty() && std::ranges::all_of(placement.sections, [](const SectionPlacement& section) {
    return section.obstacle == Obstacle::target_missing;
  });
}

State state_in(const Source& source, const PatchSeries* carried,
               const workspace::DocumentPtr<formats::Patch>& document) {
  const PatchText patch{document->file->text(), ParsedPatchPtr(document, &document->parsed)};
  const Result<SeriesPlacement> alone = place_series(*source.repository, source.commit, std::span(&patch, 1));
  if (!alone) return State::gone;
  const PatchPlacement& placement = alone->patches.front();
  if (placement.verdict == PatchVerdict::already_applied) return State::has_it;
  if (has_no_target(placement)) return State::gone;
  std::vector<PatchText> queue = carried == nullptr ? std::vector<PatchText>() : patch_texts(*carried);
  if (queue.empty()) return placement.verdict == PatchVerdict::applies ? State::takes_it : State::conflict;
  queue.push_back(patch);
  const Result<SeriesPlacement> behind = place_series(*source.repository, source.commit, queue);
  if (!behind) return State::gone;
  if (behind->patches.back().verdict == PatchVerdict::already_applied) return State::has_it;
  return behind->tree ? State::takes_it : State::conflict;
}

}  // namespace

std::vector<ReleaseWithout> newer_releases_without(const Snapshot& snapshot, const PatchSeries& series,
                                                   std::size_t patch) {
  std::vector<ReleaseWithout> out;
  const PatchDocument& document = *series.patches[patch];
  const std::optional<Source> here = source_in(snapshot, series.component, series.release);
  if (!here || document->refused) return out;
  const Identity identity = identity_of(document);
  for (const std::string& release : snapshot.releases()) {
    if (release <= series.release) continue;
    const PatchSeries* carried = snapshot.patch_series(series.component, release);
    if (is_carried(carried, identity)) break;
    const std::optional<Source> there = source_in(snapshot, series.component, release);
    if (!there) continue;
    const State state = state_in(*there, carried, series.patches[patch]);
    if (state == State::has_it || is_merged(*here, *there, identity)) break;
    if (state != State::gone) out.push_back({release, there->ref, state == State::takes_it});
  }
  return out;
}

}  // namespace forge::model
