/// Answers kept on disk for later processes: of questions whose inputs can be written down in full, so that an answer
/// is right for ever and only its room is to be bounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace forge {

class AnswerFolder {
 public:
  /// Made when it is needed. An empty name: nothing is kept.
  explicit AnswerFolder(std::string folder) : folder_(std::move(folder)) {}

  /// `kind` names the question and the form of its answer (`drift-1`): another form is another kind. `inputs` is all
  /// that the answer depends on. An entry that is damaged is as good as none.
  [[nodiscard]] std::optional<std::string> load(std::string_view kind, std::string_view inputs) const;
  /// Written whole under its name, so several processes may share a folder; of each kind the newest entries stay.
  /// Where it can't be written it is not kept.
  void store(std::string_view kind, std::string_view inputs, std::string_view answer) const;

 private:
  [[nodiscard]] std::string path_of(std::string_view kind, std::string_view inputs) const;

  std::string folder_;
};

}  // namespace forge
