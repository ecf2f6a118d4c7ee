#include "cli/render/series.hpp"

#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/render/text.hpp"
#include "cli/render/upstream.hpp"
#include "engine/base/utf8.hpp"

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

Json hunk_json(const SourceFile& file, const formats::Hunk& hunk, const model::HunkPlacement& placement) {
  Json out = {{"line", line_number(file, hunk.header.begin)}};
  std::visit(
      Overloaded{
          [&](const model::Exact& exact) { out.update({{"verdict", "exact"}, {"at", exact.at}, {"offset", 0}}); },
          [&](const model::Offset& offset) {
            out.update({{"verdict", "offset"}, {"at", offset.at}, {"offset", offset.lines}});
          },
          [&](const model::AlreadyApplied& there) { out.update({{"verdict", "already-applied"}, {"at", there.at}}); },
          [&](const model::Mismatch& mismatch) {
            out.update({{"verdict", "mismatch"}, {"reason", mismatch.reason}});
            if (mismatch.expected.empty() && mismatch.found.empty()) return;
            out.update({{"culprit", line_number(file, mismatch.culprit.begin)},
                        {"expected", mismatch.expected},
                        {"found", mismatch.found_at == 0 ? Json() : Json(mismatch.found)}});
            if (mismatch.found_at != 0) out["at"] = mismatch.found_at;
          }},
      placement);
  return out;
}

Json section_json(const SourceFile& file, const formats::Patch& patch, const formats::Section& section,
                  const model::SectionPlacement& placement) {
  Json out = {{"path", section.path().value}, {"change", change_word(section)}};
  if (section.renames || section.copies) out["from"] = section.old_path->value;
  if (!placement.reason.empty()) {
    out["reason"] = placement.reason;
    out["alreadyApplied"] = placement.already_applied;
  }
  Json hunks = Json::array();
  for (std::size_t i = 0; i < placement.hunks.size(); ++i)
    hunks.push_back(hunk_json(file, patch.hunks_of(section)[i], placement.hunks[i]));
  out["hunks"] = std::move(hunks);
  return out;
}

Json patch_json(const SourceFile& file, const model::PatchPlacement& placement) {
  Json out = {{"file", file.path()}, {"verdict", model::to_string(placement.verdict)}};
  if (placement.partly_applied) out["partlyApplied"] = true;
  if (placement.verdict == model::PatchVerdict::malformed) {
    Json problems = Json::array();
    for (const Problem& problem : placement.parsed->problems) {
      if (problem.rule == "patch-malformed")
        problems.push_back({{"line", line_number(file, problem.span.begin)}, {"message", problem.message}});
    }
    out["problems"] = std::move(problems);
  }
  Json files = Json::array();
  for (std::size_t i = 0; i < placement.sections.size(); ++i)
    files.push_back(
        section_json(file, placement.parsed->value, placement.parsed->value.sections[i], placement.sections[i]));
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

std::string hunk_text(const SourceFile& file, const formats::Hunk& hunk, const model::HunkPlacement& placement) {
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
      [line](const model::Mismatch& mismatch) {
        return fmt::format("    hunk at line {}: {}\n", line, to_valid_utf8(mismatch.reason));
      }};
  return std::visit(words, placement);
}

std::string section_text(const SourceFile& file, const formats::Patch& patch, const formats::Section& section,
                         const model::SectionPlacement& placement) {
  std::string out;
  if (placement.obstacle != model::Obstacle::none && placement.obstacle != model::Obstacle::mismatch)
    out +=
        fmt::format("    line {}: {}\n", line_number(file, placement.culprit.begin), to_valid_utf8(placement.reason));
  for (std::size_t i = 0; i < placement.hunks.size(); ++i)
    out += hunk_text(file, patch.hunks_of(section)[i], placement.hunks[i]);
  if (placement.hunks.empty() && placement.obstacle == model::Obstacle::mismatch)
    out += fmt::format("    {}\n", to_valid_utf8(placement.reason));
  if (out.empty()) return out;
  return fmt::format("  {}\n{}", to_valid_utf8(section.path().value), out);
}

std::string patch_text(const SourceFile& file, const model::PatchPlacement& placement, bool color) {
  std::string out = fmt::format("{}: {}{}\n", to_valid_utf8(file.path()),
                                styled(model::to_string(placement.verdict), style_of(placement.verdict), color),
                                placement.partly_applied ? " (a part of it is there already)" : "");
  if (placement.verdict == model::PatchVerdict::malformed) {
    for (const Problem& problem : placement.parsed->problems) {
      if (problem.rule == "patch-malformed")
        out += fmt::format("  line {}: {}\n", line_number(file, problem.span.begin), to_valid_utf8(problem.message));
    }
  }
  for (std::size_t i = 0; i < placement.sections.size(); ++i)
    out += section_text(file, placement.parsed->value, placement.parsed->value.sections[i], placement.sections[i]);
  return out;
}

}  // namespace

nlohmann::ordered_json series_json(const std::vector<SourceFilePtr>& files, const model::SeriesPlacement& series,
                                   const std::vector<model::PatchUpstream>& upstream) {
  Json out = {{"version", 1}, {"applies", series.tree.has_value()}, {"commit", series.commit.hex()}};
  if (series.tree) out["tree"] = series.tree->hex();
  Json patches = Json::array();
  for (std::size_t i = 0; i < files.size(); ++i) {
    Json patch = patch_json(*files[i], series.patches[i]);
    add_upstream_json(patch, *files[i], series.patches[i].parsed->value, upstream[i]);
    patches.push_back(std::move(patch));
  }
  out["patches"] = std::move(patches);
  return out;
}

std::string series_text(const std::vector<SourceFilePtr>& files, const model::SeriesPlacement& series,
                        const std::vector<model::PatchUpstream>& upstream, bool color) {
  std::string out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    out += patch_text(*files[i], series.patches[i], color);
    out += upstream_text(*files[i], series.patches[i].parsed->value, upstream[i]);
  }
  if (series.tree) out += fmt::format("tree {}\n", series.tree->hex());
  return out;
}

}  // namespace forge::cli
