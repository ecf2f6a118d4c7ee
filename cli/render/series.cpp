#include "cli/render/series.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/render/text.hpp"
#include "cli/render/upstream.hpp"
#include "engine/base/utf8.hpp"
#include "engine/rules/conflict_words.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;
using formats::Certainty;

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

std::uint32_t line_number(const SourceFile& file, std::uint32_t offset) {
  return file.lines().line_of(offset) + 1;
}

std::string_view change_word(const formats::Section& section) {
  if (section.renames) return "rename";
  if (section.copies) return "copy";
  if (section.binary) return "binary";
  if (section.creates == Certainty::yes) return "add";
  if (section.deletes == Certainty::yes) return "delete";
  return section.hunk_count == 0 ? "mode" : "modify";
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Names and subjects are whatever bytes upstream has.
Json json_text(std::string_view text) {
  return to_valid_utf8(text);
}

Json commit_json(const model::KnownCommit& commit) {
  return {{"commit", commit.id.hex()},
          {"tag", commit.tag.empty() ? Json() : json_text(commit.tag)},
          {"subject", json_text(commit.subject)},
          {"date", to_rfc3339(commit.date)}};
}

Json cause_json(const model::LineCause& cause) {
  Json out = {{"kind", to_string(cause.kind)}};
  if (!cause.commit) return out;
  out.update(commit_json(*cause.commit));
  out["path"] = json_text(cause.path);
  return out;
}

Json fate_json(const model::FileFate& fate) {
  Json out = {{"kind", to_string(fate.kind)}};
  if (fate.kind != model::FileFate::Kind::unknown) out["path"] = json_text(fate.path);
  if (fate.commit) out.update(commit_json(*fate.commit));
  if (!fate.names.empty()) {
    out["by"] = Json::array();
    for (const std::string& name : fate.names) out["by"].push_back(json_text(name));
  }
  return out;
}

Json difference_json(const SourceFile& file, const model::LineDifference& difference) {
  using Kind = model::LineDifference::Kind;
  Json out = {{"kind", to_string(difference.kind)}, {"line", line_number(file, difference.line.begin)}};
  out["expected"] = difference.kind == Kind::inserted ? Json() : json_text(difference.expected);
  out["at"] = difference.at == 0 ? Json() : Json(difference.at);
  out["found"] = difference.kind == Kind::missing ? Json() : json_text(difference.found);
  return out;
}

Json mismatch_json(const SourceFile& file, const model::Mismatch& mismatch) {
  Json out = {{"verdict", "mismatch"}, {"reason", json_text(mismatch.reason)}};
  if (!mismatch.expected.empty() || !mismatch.found.empty()) {
    out.update({{"culprit", line_number(file, mismatch.culprit.begin)},
                {"expected", json_text(mismatch.expected)},
                {"found", mismatch.found_at == 0 ? Json() : json_text(mismatch.found)}});
    if (mismatch.found_at != 0) out["at"] = mismatch.found_at;
  }
  if (mismatch.size == 0) return out;
  out["nearest"] = mismatch.nearest_at == 0 ? Json() : Json(mismatch.nearest_at);
  out["matching"] = mismatch.matching;
  out["size"] = mismatch.size;
  Json lines = Json::array();
  for (const model::LineDifference& difference : mismatch.differences)
    lines.push_back(difference_json(file, difference));
  out["lines"] = std::move(lines);
  if (mismatch.more_differences > 0) out["moreLines"] = mismatch.more_differences;
  return out;
}

Json hunk_json(const SourceFile& file, const formats::Hunk& hunk, const model::HunkPlacement& placement,
               const model::LineCause* cause) {
  Json out = {{"line", line_number(file, hunk.header.begin)}};
  std::visit(
      Overloaded{
          [&](const model::Exact& exact) { out.update({{"verdict", "exact"}, {"at", exact.at}, {"offset", 0}}); },
          [&](const model::Offset& offset) {
            out.update({{"verdict", "offset"}, {"at", offset.at}, {"offset", offset.lines}});
          },
          [&](const model::AlreadyApplied& there) { out.update({{"verdict", "already-applied"}, {"at", there.at}}); },
          [&](const model::Mismatch& mismatch) { out.update(mismatch_json(file, mismatch)); }},
      placement);
  if (cause != nullptr) out["cause"] = cause_json(*cause);
  return out;
}

/// What is known of a section, or nothing.
const model::SectionCause& cause_of(const std::vector<model::SectionCause>& causes, std::size_t section) {
  static const model::SectionCause none;
  return section < causes.size() ? causes[section] : none;
}

const model::LineCause* cause_of(const model::SectionCause& cause, std::size_t hunk) {
  return hunk < cause.hunks.size() && cause.hunks[hunk] ? &*cause.hunks[hunk] : nullptr;
}

Json section_json(const SourceFile& file, const formats::Patch& patch, const formats::Section& section,
                  const model::SectionPlacement& placement, const model::SectionCause& cause) {
  Json out = {{"path", json_text(section.path().value)}, {"change", change_word(section)}};
  if (section.renames || section.copies) out["from"] = json_text(section.old_path->value);
  if (!placement.reason.empty()) {
    out["reason"] = json_text(placement.reason);
    out["alreadyApplied"] = placement.already_applied;
  }
  if (cause.fate) out["fate"] = fate_json(*cause.fate);
  Json hunks = Json::array();
  for (std::size_t i = 0; i < placement.hunks.size(); ++i)
    hunks.push_back(hunk_json(file, patch.hunks_of(section)[i], placement.hunks[i], cause_of(cause, i)));
  out["hunks"] = std::move(hunks);
  return out;
}

Json patch_json(const std::vector<SourceFilePtr>& all, std::size_t number, const SeriesAtRef& at) {
  const SourceFile& file = *all[number];
  const model::PatchPlacement& placement = at.placement->patches[number];
  Json out = {{"file", file.path()}, {"verdict", model::to_string(placement.verdict)}};
  if (placement.partly_applied) out["partlyApplied"] = true;
  if (placement.clash)
    out["clash"] = {{"kind", to_string(placement.clash->kind)}, {"file", all[placement.clash->patch]->path()}};
  if (placement.verdict == model::PatchVerdict::malformed) {
    Json problems = Json::array();
    for (const Problem& problem : placement.parsed->problems) {
      if (problem.rule == "patch-malformed")
        problems.push_back({{"line", line_number(file, problem.span.begin)}, {"message", problem.message}});
    }
    out["problems"] = std::move(problems);
  }
  static const std::vector<model::SectionCause> none;
  const std::vector<model::SectionCause>& causes = number < at.causes.size() ? at.causes[number] : none;
  Json files = Json::array();
  for (std::size_t i = 0; i < placement.sections.size(); ++i)
    files.push_back(section_json(file, placement.parsed->value, placement.parsed->value.sections[i],
                                 placement.sections[i], cause_of(causes, i)));
  out["files"] = std::move(files);
  return out;
}

Style style_of(model::PatchVerdict verdict) {
  switch (verdict) {
    case model::PatchVerdict::applies:
      return Style::green;
    case model::PatchVerdict::already_applied:
      return Style::yellow;
    case model::PatchVerdict::conflict:
    case model::PatchVerdict::malformed:
      return Style::red;
  }
  return Style::plain;
}

constexpr std::string_view indent = "      ";

std::string difference_text(const SourceFile& file, const model::LineDifference& difference, bool color) {
  using Kind = model::LineDifference::Kind;
  const bool unseen = difference.kind == Kind::trailing_blanks || difference.kind == Kind::indentation ||
                      difference.kind == Kind::line_end || difference.kind == Kind::file_end ||
                      difference.kind == Kind::blanks;
  const std::string note = unseen ? fmt::format("   ({})", to_string(difference.kind)) : std::string();
  std::string out;
  if (difference.kind != Kind::inserted)
    out += fmt::format("{}{}\n", indent,
                       styled(fmt::format("- {:>6} | {}{}", line_number(file, difference.line.begin),
                                          to_valid_utf8(difference.expected), note),
                              Style::red, color));
  if (difference.kind != Kind::missing)
    out += fmt::format(
        "{}{}\n", indent,
        styled(fmt::format("+ {:>6} | {}", difference.at == 0 ? "-" : std::to_string(difference.at),
                           difference.at == 0 ? std::string("(outside of the file)") : to_valid_utf8(difference.found)),
               Style::green, color));
  return out;
}

std::string mismatch_text(const SourceFile& file, std::uint32_t line, const model::Mismatch& mismatch, bool color) {
  constexpr std::size_t most_shown = 12;
  std::string out = fmt::format("    hunk at line {}: {}\n", line, to_valid_utf8(mismatch.reason));
  if (mismatch.nearest_at == 0) return out;
  out += fmt::format("{}nearest place: line {}, where {} of {} lines match; - is the patch, + the file\n", indent,
                     mismatch.nearest_at, mismatch.matching, mismatch.size);
  const std::size_t shown = std::min(most_shown, mismatch.differences.size());
  for (std::size_t i = 0; i < shown; ++i) out += difference_text(file, mismatch.differences[i], color);
  const std::size_t more = mismatch.differences.size() - shown + mismatch.more_differences;
  if (more > 0) out += fmt::format("{}and {} more\n", indent, more);
  return out;
}

std::string hunk_text(const SourceFile& file, const formats::Hunk& hunk, const model::HunkPlacement& placement,
                      bool color) {
  const std::uint32_t line = line_number(file, hunk.header.begin);
  const auto words = Overloaded{
      [](const model::Exact&) { return std::string(); },
      [line](const model::Offset& offset) {
        return fmt::format("    hunk at line {}: fits at {}, {} {} {}\n", line, offset.at, std::abs(offset.lines),
                           std::abs(offset.lines) == 1 ? "line" : "lines", offset.lines > 0 ? "further down" : "up");
      },
      [line](const model::AlreadyApplied& there) {
        return fmt::format("    hunk at line {}: is there already, at {}\n", line, there.at);
      },
      [&](const model::Mismatch& mismatch) { return mismatch_text(file, line, mismatch, color); }};
  return std::visit(words, placement);
}

/// One section of a patch at a ref.
struct SectionView {
  const formats::Patch& patch;
  const formats::Section& section;
  const model::SectionPlacement& placement;
  const model::SectionCause& cause;
  std::string_view ref;
};

std::string section_text(const SourceFile& file, const SectionView& view, bool color) {
  const auto& [patch, section, placement, cause, ref] = view;
  std::string out;
  if (placement.obstacle != model::Obstacle::none && placement.obstacle != model::Obstacle::mismatch)
    out +=
        fmt::format("    line {}: {}\n", line_number(file, placement.culprit.begin), to_valid_utf8(placement.reason));
  if (cause.fate)
    out += fmt::format("{}{}\n", indent, to_valid_utf8(rules::fate_words(*cause.fate, section.old_path->value, ref)));
  for (std::size_t i = 0; i < placement.hunks.size(); ++i) {
    out += hunk_text(file, patch.hunks_of(section)[i], placement.hunks[i], color);
    if (const model::LineCause* why = cause_of(cause, i))
      out += fmt::format("{}{}\n", indent, to_valid_utf8(rules::cause_words(*why, section.old_path->value, ref)));
  }
  if (placement.hunks.empty() && placement.obstacle == model::Obstacle::mismatch)
    out += fmt::format("    {}\n", to_valid_utf8(placement.reason));
  if (out.empty()) return out;
  return fmt::format("  {}\n{}", to_valid_utf8(section.path().value), out);
}

std::string patch_text(const std::vector<SourceFilePtr>& all, std::size_t number, const SeriesAtRef& at, bool color) {
  const SourceFile& file = *all[number];
  const model::PatchPlacement& placement = at.placement->patches[number];
  std::string out = fmt::format("{}: {}{}\n", to_valid_utf8(file.path()),
                                styled(model::to_string(placement.verdict), style_of(placement.verdict), color),
                                placement.partly_applied ? " (a part of it is there already)" : "");
  if (placement.clash)
    out += fmt::format("  {}\n", to_valid_utf8(rules::clash_words(
                                     placement.clash->kind, base_name(all[placement.clash->patch]->path()), at.ref)));
  if (placement.verdict == model::PatchVerdict::malformed) {
    for (const Problem& problem : placement.parsed->problems) {
      if (problem.rule == "patch-malformed")
        out += fmt::format("  line {}: {}\n", line_number(file, problem.span.begin), to_valid_utf8(problem.message));
    }
  }
  static const std::vector<model::SectionCause> none;
  const std::vector<model::SectionCause>& causes = number < at.causes.size() ? at.causes[number] : none;
  for (std::size_t i = 0; i < placement.sections.size(); ++i) {
    const formats::Patch& patch = placement.parsed->value;
    out += section_text(file, {patch, patch.sections[i], placement.sections[i], cause_of(causes, i), at.ref}, color);
  }
  return out;
}

std::int64_t largest_offset(const model::SeriesPlacement& series) {
  std::int64_t out = 0;
  for (const model::PatchPlacement& patch : series.patches) {
    for (const model::SectionPlacement& section : patch.sections) {
      for (const model::HunkPlacement& hunk : section.hunks) {
        if (const auto* offset = std::get_if<model::Offset>(&hunk); offset != nullptr)
          out = std::abs(offset->lines) > std::abs(out) ? offset->lines : out;
      }
    }
  }
  return out;
}

/// The result of a whole series in a cell of a table.
std::string cell(const std::vector<SourceFilePtr>& files, const SeriesAtRef& at) {
  using model::PatchVerdict;
  if (!at.placement) return at.placement.error().kind == Failure::Kind::not_found ? "no such ref" : "not tried";
  const std::vector<model::PatchPlacement>& patches = at.placement->patches;
  if (at.placement->tree) {
    const std::int64_t offset = largest_offset(*at.placement);
    return offset == 0 ? "applies" : fmt::format("applies, offset {}", offset);
  }
  const auto is = [](PatchVerdict verdict) {
    return [verdict](const model::PatchPlacement& patch) { return patch.verdict == verdict; };
  };
  auto first = std::ranges::find_if(patches, is(PatchVerdict::malformed));
  if (first == patches.end()) first = std::ranges::find_if(patches, is(PatchVerdict::conflict));
  if (first != patches.end()) {
    const auto number = static_cast<std::size_t>(first - patches.begin());
    return fmt::format("{} at {}: {}", model::to_string(first->verdict), number + 1,
                       to_valid_utf8(base_name(files[number]->path())));
  }
  const auto there = std::ranges::count_if(patches, is(PatchVerdict::already_applied));
  return std::cmp_equal(there, patches.size()) ? "already in"
                                               : fmt::format("already in: {} of {}", there, patches.size());
}

bool have_same_refs(const std::vector<TriedSeries>& all) {
  return std::ranges::all_of(all, [&](const TriedSeries& series) {
    return std::ranges::equal(series.refs, all.front().refs, {}, &SeriesAtRef::ref, &SeriesAtRef::ref);
  });
}

std::vector<std::vector<std::string>> outlook_table(const std::vector<TriedSeries>& all) {
  std::vector<std::vector<std::string>> table;
  if (have_same_refs(all)) {
    table.push_back({"SERIES"});
    for (const SeriesAtRef& at : all.front().refs) table.front().push_back(to_valid_utf8(at.ref));
    for (const TriedSeries& series : all) {
      std::vector<std::string>& row = table.emplace_back();
      row.push_back(to_valid_utf8(series.name()));
      for (const SeriesAtRef& at : series.refs) row.push_back(cell(series.files, at));
    }
    return table;
  }
  table.push_back({"SERIES", "REF", "RESULT"});
  for (const TriedSeries& series : all) {
    for (const SeriesAtRef& at : series.refs)
      table.push_back({to_valid_utf8(series.name()), to_valid_utf8(at.ref), cell(series.files, at)});
  }
  return table;
}

}  // namespace

std::string TriedSeries::name() const {
  if (!component.empty()) return component + "/" + release;
  return files.size() == 1 ? std::string(base_name(files.front()->path())) : fmt::format("{} patches", files.size());
}

nlohmann::ordered_json series_json(const std::vector<SourceFilePtr>& files, const SeriesAtRef& at) {
  const model::SeriesPlacement& series = *at.placement;
  Json out = {{"version", 1}, {"applies", series.tree.has_value()}, {"commit", series.commit.hex()}};
  if (series.tree) out["tree"] = series.tree->hex();
  Json patches = Json::array();
  for (std::size_t i = 0; i < files.size(); ++i) {
    Json patch = patch_json(files, i, at);
    if (i < at.upstream.size()) add_upstream_json(patch, *files[i], series.patches[i].parsed->value, at.upstream[i]);
    patches.push_back(std::move(patch));
  }
  out["patches"] = std::move(patches);
  return out;
}

nlohmann::ordered_json refs_json(const TriedSeries& series) {
  Json refs = Json::array();
  for (const SeriesAtRef& at : series.refs) {
    Json one = {{"ref", json_text(at.ref)}};
    if (at.placement) {
      Json placed = series_json(series.files, at);
      placed.erase("version");
      one.update(placed);
    } else {
      one.update({{"applies", nullptr}, {"failure", json_text(at.placement.error().message)}});
    }
    refs.push_back(std::move(one));
  }
  Json out = {{"refs", std::move(refs)}};
  if (series.stops) {
    Json stops = {{"after", json_text(series.stops->after)},
                  {"ref", json_text(series.stops->ref)},
                  {"merged", series.stops->merged}};
    if (series.stops->commit) stops.update(commit_json(*series.stops->commit));
    out["stops"] = std::move(stops);
  }
  return out;
}

std::string series_text(const std::vector<SourceFilePtr>& files, const SeriesAtRef& at, bool color) {
  std::string out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    out += patch_text(files, i, at, color);
    if (i < at.upstream.size()) out += upstream_text(*files[i], at.placement->patches[i].parsed->value, at.upstream[i]);
  }
  if (at.placement->tree) out += fmt::format("tree {}\n", at.placement->tree->hex());
  return out;
}

std::string outlook_text(const std::vector<TriedSeries>& all, bool color) {
  if (all.empty()) return {};
  std::string out = table_text(outlook_table(all), color);
  for (const TriedSeries& series : all) {
    if (!series.stops) continue;
    const SeriesBreak& stops = *series.stops;
    out += to_valid_utf8(fmt::format("{} applies at {} and no more at {}", series.name(), stops.after, stops.ref));
    if (stops.commit)
      out += to_valid_utf8(
          fmt::format(": {} {}", rules::commit_words(*stops.commit), stops.merged ? "has it" : "breaks it"));
    out += "\n";
  }
  return out;
}

}  // namespace forge::cli
