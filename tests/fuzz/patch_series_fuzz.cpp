/// Patches from any bytes on a small tree. The input is split at lines `====` into patch files. One by one they make of
/// the tree what they make of it as one series; what applied can be taken back wherever nothing but text changed, and
/// gives the tree before; and for each hunk that fits the lines are where it says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/patch_attempt.hpp"
#include "engine/model/patch_series.hpp"
#include "tests/support/memory_repository.hpp"

namespace {

using namespace forge;
using support::MemoryRepository;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string numbers(int first, int last) {
  std::string out;
  for (int i = first; i <= last; ++i) out += std::to_string(i) + "\n";
  return out;
}

struct World {
  MemoryRepository repository;
  git::ObjectId commit;
  git::ObjectId tree;

  World() {
    const std::string binary("a\0b\n", 4);
    commit = repository.add_commit({{"f", numbers(1, 12)},
                                    {"g", "a\nb\na\nb\n\n\na\nb\n"},
                                    {"no-end", "1\n2\n3"},
                                    {"crlf", "1\r\n2\r\n3\r\n"},
                                    {"empty", ""},
                                    {"bin", binary},
                                    {"run", MemoryRepository::File(numbers(1, 6), 0100755)},
                                    {"link", MemoryRepository::File("f", 0120000)},
                                    {"sub", MemoryRepository::File(std::string(40, 'a'), 0160000)},
                                    {"d/h", numbers(1, 8)},
                                    {"d/e/i", "x\n"}});
    tree = repository.commit(commit).value().tree;
  }
};

std::vector<std::string_view> split(std::string_view text) {
  constexpr std::string_view mark = "====\n";
  std::vector<std::string_view> out;
  for (std::size_t at = 0; out.size() < 8;) {
    const std::size_t end = text.find(mark, at);
    out.push_back(text.substr(at, end - at));
    if (end == std::string_view::npos) break;
    at = end + mark.size();
  }
  return out;
}

/// Whether taking the patch back has to work: no binary data, nothing that git forgets (modes that were there already,
/// copies, several sections for one file), no line joined by a marker, no end that may be found elsewhere.
bool is_plain(const formats::Patch& patch) {
  if (patch.sections.size() != 1) return false;
  const formats::Section& section = patch.sections.front();
  if (!section.git_header || section.binary || section.renames || section.copies || section.old_mode != 0 ||
      section.new_mode != 0 || section.creates != formats::Certainty::no || section.deletes != formats::Certainty::no)
    return false;
  if (section.old_path->value != section.new_path->value || section.hunk_count != 1) return false;
  for (const formats::HunkLine& line : patch.lines) {
    if (line.kind == formats::LineKind::none) return false;
  }
  return true;
}

void check_hunks(const model::PatchAttempt& attempt) {
  for (const model::SectionPlacement& section : attempt.sections) {
    require((section.obstacle == model::Obstacle::none) == section.reason.empty());
    for (const model::HunkPlacement& hunk : section.hunks) {
      if (const auto* exact = std::get_if<model::Exact>(&hunk)) require(exact->at > 0);
      if (const auto* moved = std::get_if<model::Offset>(&hunk)) require(moved->at > 0 && moved->lines != 0);
    }
  }
}

/// As the series: the patches that apply, one on top of the other.
void check_one_by_one(const World& world, const std::vector<model::PatchText>& patches,
                      const model::SeriesPlacement& series) {
  model::TreeState tree(world.repository, world.tree);
  model::RunMemory memory;
  const std::vector<model::ParsedPatchPtr> parsed = model::read_run(patches);
  bool all = true;
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const formats::Patch& patch = parsed[i]->value;
    bool applies = false;
    if (!patch.refused) {
      const std::string before = tree.tree_id().hex();
      const std::size_t mark = tree.mark();
      const model::PatchAttempt attempt =
          model::attempt_patch(tree, memory, patches[i].text, patch, model::Direction::forward);
      applies = attempt.applies;
      check_hunks(attempt);
      require(attempt.sections.size() == patch.sections.size());
      if (!applies) require(tree.tree_id().hex() == before);
      if (applies && is_plain(patch)) {
        const std::string after = tree.tree_id().hex();
        const std::size_t here = tree.mark();
        model::RunMemory scratch;
        const bool exact = std::holds_alternative<model::Exact>(attempt.sections.front().hunks.front());
        const bool back =
            model::attempt_patch(tree, scratch, patches[i].text, patch, model::Direction::reverse).applies;
        const formats::Hunk& hunk = patch.hunks.front();
        const bool bound = hunk.before.start <= 1 || hunk.after.start <= 1 || hunk.before.count == 0;
        if (exact && !bound && hunk.before.start == hunk.after.start) require(back && tree.tree_id().hex() == before);
        tree.rollback(here);
        require(tree.tree_id().hex() == after);
      }
      if (applies) {
        const std::string after = tree.tree_id().hex();
        tree.rollback(mark);
        require(tree.tree_id().hex() == before);
        model::RunMemory again;
        require(model::attempt_patch(tree, memory, patches[i].text, patch, model::Direction::forward).applies ||
                !memory.links_made.empty());
        if (memory.links_made.empty()) require(tree.tree_id().hex() == after);
      }
    }
    all = all && applies;
    if (!memory.links_made.empty() || !memory.links_removed.empty()) return;
    require((series.patches[i].verdict == model::PatchVerdict::applies) == applies);
  }
  require(series.tree.has_value() == all);
  if (all) require(series.tree->hex() == tree.tree_id().hex());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string text(data, data + size);
  std::vector<model::PatchText> patches;
  for (const std::string_view piece : split(text)) {
    patches.push_back({piece, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(piece))});
  }
  const Result<model::SeriesPlacement> series = model::place_series(world.repository, world.commit, patches);
  require(series.has_value() && series->patches.size() == patches.size());
  check_one_by_one(world, patches, *series);
  return 0;
}
