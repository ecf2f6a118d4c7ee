/// What the RUNs of a Dockerfile run: told once for a document, however many rules and snapshots ask.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/model/run_commands.hpp"
#include "engine/workspace/snapshot.hpp"

namespace forge::model {

struct RunFacts {
  std::vector<RunCommand> commands;
  std::vector<PipInstall> installs;
  bool installer_settings = false;  ///< its text names a configuration file of pip or uv, or sets one
  bool other_python = false;        ///< its text stands for a Python of another origin than the image below
};

class DocumentRuns {
 public:
  explicit DocumentRuns(const workspace::Document<formats::Dockerfile>& document);

  /// `run` is an instruction of that document; of another one than RUN there are no facts.
  [[nodiscard]] const RunFacts& of(const formats::Instruction& run) const;

 private:
  std::map<const formats::Instruction*, RunFacts> facts_;
};

using DocumentRunsPtr = std::shared_ptr<const DocumentRuns>;

/// Spans and pointers are into the document.
[[nodiscard]] DocumentRunsPtr runs_of(const workspace::Document<formats::Dockerfile>& document);

/// Whether a text names a configuration file of pip or uv.
[[nodiscard]] bool names_installer_settings(std::string_view text);

}  // namespace forge::model
