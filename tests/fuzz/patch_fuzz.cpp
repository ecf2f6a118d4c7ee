/// A patch from any bytes: spans stay inside and in order, images have the lines that the header counts, reading again
/// gives the same, and a binary block that was accepted can be inflated.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/formats/patch.hpp"
#include "engine/formats/patch_binary.hpp"

namespace {

using namespace forge;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_inside(TextSpan span, std::string_view text) {
  require(span.begin <= span.end && span.end <= text.size());
}

void check_problems(const std::vector<Problem>& problems, std::string_view text) {
  for (const Problem& problem : problems) {
    require(!problem.message.empty());
    require_inside(problem.span, text);
    require_inside(problem.related, text);
    for (const ProblemFix& fix : problem.fixes) require_inside(fix.span, text);
  }
}

void check_hunk(const formats::Patch& patch, const formats::Hunk& hunk, std::string_view text) {
  require_inside(hunk.header, text);
  require_inside(hunk.body, text);
  require(hunk.first_line + std::size_t{hunk.line_count} <= patch.lines.size());
  std::size_t before = 0;
  std::size_t after = 0;
  for (const formats::HunkLine& line : patch.lines_of(hunk)) {
    require_inside(line.text, text);
    require(line.text.begin >= hunk.body.begin && line.text.end <= hunk.body.end);
    before += line.kind == formats::LineKind::context || line.kind == formats::LineKind::removed ? 1U : 0U;
    after += line.kind == formats::LineKind::context || line.kind == formats::LineKind::added ? 1U : 0U;
  }
  require(before <= hunk.before.count && after <= hunk.after.count);
}

void check_block(const std::optional<formats::BinaryBlock>& block, std::string_view text) {
  if (!block) return;
  require_inside(block->data, text);
  const auto data = formats::inflate_block(text, *block);
  require(data.has_value() && data->size() == block->size);
  if (block->delta) static_cast<void>(formats::apply_delta(text, *data));
}

void check_section(const formats::Patch& patch, const formats::Section& section, std::string_view text) {
  require_inside(section.header, text);
  require_inside(section.span, text);
  require_inside(section.mode_span, text);
  require_inside(section.old_id, text);
  require_inside(section.new_id, text);
  require(section.old_path || section.new_path);
  require_inside(section.path().span, text);
  require(section.first_hunk + std::size_t{section.hunk_count} <= patch.hunks.size());
  for (const formats::Hunk& hunk : patch.hunks_of(section)) check_hunk(patch, hunk, text);
  check_block(section.forward, text);
  check_block(section.backward, text);
}

void check_mail(const formats::Mail& mail, std::string_view text) {
  for (const TextSpan span : {mail.commit, mail.from, mail.date, mail.subject, mail.message})
    require_inside(span, text);
  for (const formats::Trailer& trailer : mail.trailers) {
    require_inside(trailer.key, text);
    require_inside(trailer.value, text);
  }
  static_cast<void>(formats::subject_text(text, mail));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const Parsed<formats::Patch> parsed = formats::parse_patch(text);
  check_problems(parsed.problems, text);
  const formats::Patch& patch = parsed.value;
  require(patch.refused || !patch.sections.empty());
  std::uint32_t end = 0;
  for (const formats::Section& section : patch.sections) {
    require(section.span.begin >= end);
    end = section.span.end;
    check_section(patch, section, text);
  }
  for (const formats::Mail& mail : patch.mails) check_mail(mail, text);
  const Parsed<formats::Patch> again = formats::parse_patch(text);
  require(again.value.sections.size() == patch.sections.size() && again.value.hunks.size() == patch.hunks.size());
  const formats::Patch later = formats::parse_patch(text, patch.guess_after).value;
  require(later.guess_after == patch.guess_after);
  // Each section by itself is a patch as well, unless a skipped git line before it set its names.
  if (!patch.refused && patch.sections.size() > 1) {
    const formats::Section& last = patch.sections.back();
    static_cast<void>(formats::parse_patch(std::string_view(text).substr(last.span.begin)));
  }
  return 0;
}
