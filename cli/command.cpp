#include "cli/command.hpp"

#include <array>

namespace forge::cli {

namespace {

constexpr std::array<std::string_view, 3> color_choices = {"auto", "always", "never"};

constexpr std::array options_of_all = {
    Option{"-C", "DIR", "the forge's root; default: the nearest folder upwards that holds releases/"},
    Option{"--upstream", "TEMPLATE", "git URL or path of the upstreams; {component} is replaced"},
    Option{"--mirror", "DIR", "folder of the bare mirrors; default: in your cache folder"},
    Option{"--offline", "", "never touch the network; what can't be looked at is a warning"},
    Option{"--jobs", "N", "threads; default: the machine's processors"},
    Option{"--color", "WHEN", "colours in text", color_choices},
    Option{"-o,--output", "FILE", "write the answer to FILE, whole or not at all"},
    Option{"-q,--quiet", "", "no progress and no summary on standard error"},
    Option{"-v,--verbose", "", "say on standard error what is read and how long it takes"},
};

}  // namespace

std::optional<std::string> Invocation::value(std::string_view option) const {
  const auto found = options.find(option);
  if (found == options.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Invocation::values(std::string_view option) const {
  const auto found = options.find(option);
  return found == options.end() ? std::vector<std::string>{} : found->second;
}

std::vector<std::string> Invocation::positional(std::string_view name) const {
  const auto found = positionals.find(name);
  return found == positionals.end() ? std::vector<std::string>{} : found->second;
}

std::span<const Option> common_options() {
  return options_of_all;
}

}  // namespace forge::cli
