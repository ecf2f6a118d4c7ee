#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "cli/commands/table.hpp"
#include "cli/environment.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/schemas.hpp"

namespace forge::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 2> formats = {"text", "json"};
constexpr auto names = [] {
  std::array<std::string_view, schemas.size()> all;
  std::ranges::transform(schemas, all.begin(), &Schema::name);
  return all;
}();
constexpr std::array arguments = {Positional{"NAME", "which schema; none: list them", false, false, names}};

std::string list_json() {
  Json list = Json::array();
  for (const Schema& schema : schemas) {
    const Json json = Json::parse(schema.text);
    list.push_back({{"name", schema.name}, {"title", json.at("title")}, {"description", json.at("description")}});
  }
  return to_text({{"version", 1}, {"schemas", std::move(list)}});
}

std::string list_text(bool color) {
  std::vector<std::vector<std::string>> rows = {{"SCHEMA", "OF"}};
  for (const Schema& schema : schemas)
    rows.push_back({std::string(schema.name), Json::parse(schema.text).at("title").get<std::string>()});
  return table_text(rows, color);
}

ExitCode run(const Invocation& invocation) {
  const std::vector<std::string> asked = invocation.positional("NAME");
  if (!asked.empty())
    emit(invocation, std::ranges::find(schemas, asked.front(), &Schema::name)->text);
  else
    emit(invocation, invocation.format() == "json" ? list_json() : list_text(use_color(invocation, 1)));
  return exit_done;
}

}  // namespace

extern const Command schema_command = {
    .name = "schema",
    .summary = "the JSON schema of one of the forge's YAML files",
    .description =
        "For editors and validators: `forge-analyze schema forge -o forge.schema.json`. Without a name the "
        "schemas are listed; `--format` is that of the list. They are also installed, under "
        "share/forge-analyze/schemas.",
    .positionals = arguments,
    .formats = formats,
    .run = run,
};

}  // namespace forge::cli
