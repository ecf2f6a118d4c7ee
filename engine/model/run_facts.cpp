#include "engine/model/run_facts.hpp"

#include <algorithm>
#include <array>

#include "engine/model/kept_answers.hpp"

namespace forge::model {

namespace {

using namespace std::string_view_literals;
using DockerfileDocument = workspace::Document<formats::Dockerfile>;

/// What stands for a Python of another origin, as text of a RUN.
constexpr std::array foreign_pythons{"deadsnakes"sv,
                                     "add-apt-repository"sv,
                                     "sources.list"sv,
                                     "uv python"sv,
                                     "pyenv"sv,
                                     "altinstall"sv,
                                     "conda"sv,
                                     "mamba"sv,
                                     "make install"sv,
                                     "--python 3"sv,
                                     "--python=3"sv,
                                     "--python python3"sv,
                                     "--python=python3"sv,
                                     "-p 3"sv,
                                     "-p python3"sv,
                                     "UV_PYTHON"sv};

RunFacts facts_of(const formats::Instruction& run, std::string_view text) {
  RunFacts facts;
  const auto look = [&](TextSpan span) {
    const std::string_view part = text.substr(span.begin, span.size());
    facts.installer_settings |= names_installer_settings(part) || part.find("pip config") != std::string_view::npos;
    facts.other_python |= std::ranges::any_of(
        foreign_pythons, [&](std::string_view sign) { return part.find(sign) != std::string_view::npos; });
  };
  look(run.span);
  for (const formats::Heredoc& heredoc : run.heredocs) look(heredoc.body);
  facts.commands = run_commands(run, text);
  facts.installs = pip_installs(facts.commands);
  return facts;
}

struct Inputs {
  std::weak_ptr<const SourceFile> file;
  const DockerfileDocument* document = nullptr;

  [[nodiscard]] bool gone() const { return file.expired(); }
  friend bool operator==(const Inputs& a, const Inputs& b) {
    return is_same(a.file, b.file) && a.document == b.document;
  }
};

}  // namespace

DocumentRuns::DocumentRuns(const DockerfileDocument& document) {
  for (const formats::Stage& stage : document->stages)
    for (const formats::Instruction& instruction : stage.instructions)
      if (instruction.keyword.value == "RUN")
        facts_.emplace(&instruction, facts_of(instruction, document.file->text()));
}

const RunFacts& DocumentRuns::of(const formats::Instruction& run) const {
  static const RunFacts none;
  const auto found = facts_.find(&run);
  return found == facts_.end() ? none : found->second;
}

DocumentRunsPtr runs_of(const DockerfileDocument& document) {
  static KeptAnswers<Inputs, DocumentRuns> kept(256);  // Dockerfiles of the forges that are open
  return kept.get({document.file, &document}, [&] { return DocumentRuns(document); });
}

bool names_installer_settings(std::string_view text) {
  return text.find("pip.conf") != std::string_view::npos || text.find("uv.toml") != std::string_view::npos;
}

}  // namespace forge::model
