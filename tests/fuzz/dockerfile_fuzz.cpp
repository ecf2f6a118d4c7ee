/// A Dockerfile from any bytes: spans stay inside, what is asked of the stages has an answer, a fix can be read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/formats/dockerfile.hpp"
#include "engine/formats/dockerfile_variables.hpp"

namespace {

using namespace forge;

void require(bool condition) {
  if (!condition) std::abort();
}

void require_inside(TextSpan span, std::string_view text) {
  require(span.begin <= span.end && span.end <= text.size());
}

void check_instruction(const formats::Instruction& instruction, const formats::Variables& variables, char escape,
                       std::string_view text) {
  require_inside(instruction.span, text);
  for (const auto& word : instruction.words) require_inside(word.span, text);
  for (const formats::Mount& mount : instruction.mounts) require_inside(mount.span, text);
  for (const formats::Heredoc& heredoc : instruction.heredocs) require_inside(heredoc.body, text);
  for (const formats::Assignment& assignment : instruction.assignments) {
    require_inside(assignment.name.span, text);
    if (!assignment.value) continue;
    require_inside(assignment.value->span, text);
    const auto value = formats::expand_word(assignment.value->value, variables, escape);
    require(!value || value->size() <= 8192);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto parsed = formats::parse_dockerfile(text);
  require(parsed.problems.size() <= 201);
  for (const Problem& problem : parsed.problems) {
    require_inside(problem.span, text);
    for (const ProblemFix& fix : problem.fixes) {
      require_inside(fix.span, text);
      std::string mended(text);
      mended.replace(fix.span.begin, fix.span.size(), fix.new_text);
      static_cast<void>(formats::parse_dockerfile(mended));
      break;
    }
  }
  const formats::Dockerfile& file = parsed.value;
  const formats::Variables variables = {{"A", "text/of/a"}, {"B", ""}, {"C", std::nullopt}};
  for (const formats::Stage& stage : file.stages)
    for (const formats::Instruction& instruction : stage.instructions)
      check_instruction(instruction, variables, file.escape, text);
  require(formats::used_stages(file).size() == file.stages.size());
  for (const formats::ExternalName& name : formats::external_names(file)) {
    require_inside(name.name.span, text);
    require(name.stage < file.stages.size());
  }
  for (std::size_t i = 0; i < file.stages.size(); ++i)
    if (const auto base = formats::base_stage(file, i)) require(*base < i);
  return 0;
}
