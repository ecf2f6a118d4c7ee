/// Debian's docker-buildx as the judge of bake files: what it reads out of one, compared with what was planned.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/support/process.hpp"

namespace forge::support {

class BakeProgram {
 public:
  /// $FORGE_BUILDX, where scripts/get-buildx puts it, or Debian's package. Empty and a message of doctest where there
  /// is none.
  [[nodiscard]] static std::optional<BakeProgram> find();

  /// `buildx bake -f plan.bake.json ARGUMENTS...` in a folder of its own; no daemon is asked.
  [[nodiscard]] ProcessResult bake(const std::string& file, const std::vector<std::string>& arguments) const;

  /// What is wrong with a bake file, a line each, empty for none. `--print` and `--list` must take it without an error;
  /// what is printed must be `planned`, key by key and value by value, no key lost and none made up; and fed back, it
  /// must print the same bytes (unless it has escaped templates, which bake does not print so that it could read them).
  /// `planned` is the file's own JSON, or what it would be if it were not broken. `targets` are given to bake; what
  /// they only link to has its output replaced by bake, so that is not compared.
  [[nodiscard]] std::vector<std::string> faults(const std::string& file, const nlohmann::ordered_json& planned,
                                                const std::vector<std::string>& targets = {}) const;
  [[nodiscard]] std::vector<std::string> faults(const std::string& file,
                                                const std::vector<std::string>& targets = {}) const;

 private:
  explicit BakeProgram(std::string program) : program_(std::move(program)) {}
  std::string program_;
};

}  // namespace forge::support
