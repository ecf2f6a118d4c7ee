/// What checking requirements against pins costs inside one process, for scripts/bench-requirements:
///   requirement-bench ROUNDS (CONSTRAINTS REQUIREMENTS)...   both files as text; a requirement's line is
///   `EXTRA<tab>TEXT`
/// Each round begins with the texts. Prints the median processor time in milliseconds and the verdicts of the last one,
/// as JSON.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/model/effective_pins.hpp"
#include "engine/model/requirement_check.hpp"
#include "tests/support/small_forge.hpp"

namespace {

using namespace forge;

struct Input {
  std::string constraints;
  std::string requirements;
};

std::string read_file(const char* path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// `T`, `F`, or `-` where there is nothing to compare.
char letter(model::RequirementVerdict verdict) {
  if (verdict == model::RequirementVerdict::satisfied) return 'T';
  const bool fails =
      verdict == model::RequirementVerdict::unsatisfied || verdict == model::RequirementVerdict::conflicting_pins;
  return fails ? 'F' : '-';
}

std::string verdicts_of(const Input& input) {
  const auto forge = support::snapshot_of({{"releases/2025.2/upper-constraints.txt", input.constraints}});
  const model::EffectivePins& pins = model::effective_pins(*forge, "2025.2");
  const auto environments = model::target_environments(*forge);
  std::string verdicts;
  for (const std::string_view line : split(input.requirements, '\n')) {
    if (line.empty()) continue;
    const std::size_t tab = line.find('\t');
    const auto requirement = formats::parse_requirement(line.substr(tab + 1));
    std::vector<std::string> extras;
    if (tab > 0) extras.emplace_back(line.substr(0, tab));
    verdicts += requirement ? letter(model::check_requirement(*requirement, pins, environments, extras).verdict) : '?';
  }
  return verdicts;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() < 4 || arguments.size() % 2 != 0) {
    fmt::print(stderr, "usage: requirement-bench ROUNDS (CONSTRAINTS REQUIREMENTS)...\n");
    return 2;
  }
  const int rounds = std::atoi(arguments[1]);
  std::vector<Input> inputs;
  for (std::size_t i = 2; i < arguments.size(); i += 2)
    inputs.push_back({read_file(arguments[i]), read_file(arguments[i + 1])});
  std::vector<double> times;
  std::string verdicts;
  for (int round = 0; round < rounds; ++round) {
    const std::clock_t begin = std::clock();
    verdicts.clear();
    for (const Input& input : inputs) verdicts += verdicts_of(input);
    times.push_back(1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  std::ranges::sort(times);
  fmt::print("{{\"milliseconds\": {:.4f}, \"verdicts\": \"{}\"}}\n", times.empty() ? 0 : times[times.size() / 2],
             verdicts);
  return 0;
}
