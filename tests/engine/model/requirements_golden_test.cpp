/// Every verdict of the golden data: real trees' declared requirements against real constraints.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "engine/formats/python_project.hpp"
#include "engine/model/requirement_check.hpp"
#include "tests/support/shared_data.hpp"
#include "tests/support/small_forge.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge;
using formats::DeclaredRequirement;
using formats::DeclaredRequirements;
using Json = nlohmann::json;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The files of one tree; setup.py, which the data leaves out, is made of what the golden says of it.
class Tree {
 public:
  Tree(const fs::path& folder, const Json& setup_requires) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file())
        files_[fs::relative(entry.path(), folder).generic_string()] = read_file(entry.path());
    }
    files_["setup.py"] =
        "import setuptools\n\nsetuptools.setup(\n    setup_requires=" + setup_requires.dump() + ",\n    pbr=True)\n";
  }
  [[nodiscard]] std::optional<std::string_view> read(std::string_view path) const {
    const auto file = files_.find(path);
    return file == files_.end() ? std::nullopt : std::optional<std::string_view>(file->second);
  }
  [[nodiscard]] DeclaredRequirements declared() const {
    return formats::declared_requirements([this](std::string_view path) { return read(path); });
  }

 private:
  std::map<std::string, std::string, std::less<>> files_;
};

struct Row {
  std::string group;
  formats::Requirement requirement;
  std::string text;
  std::string path;
  TextSpan span;
};

std::vector<Row> rows_of(const DeclaredRequirements& declared) {
  std::vector<Row> rows;
  const auto add = [&](const std::string& group, const std::vector<DeclaredRequirement>& list) {
    for (const DeclaredRequirement& one : list)
      rows.push_back({group, one.requirement, one.text, one.place.path, one.place.span});
  };
  add("runtime", declared.runtime);
  for (const auto& extra : declared.extras) add("extra:" + extra.name, extra.requirements);
  add("build", declared.build);
  return rows;
}

std::vector<Row> rows_of_file(const Tree& tree, const std::string& path) {
  std::vector<Row> rows;
  const auto parsed = formats::parse_requirements_file(tree.read(path).value_or(""));
  for (const auto& entry : parsed.value.entries)
    if (entry.line) rows.push_back({"file:" + path, entry.line->requirement, entry.line->text, path, entry.line->span});
  return rows;
}

/// A golden value: one, or one for each environment.
const Json& in_environment(const Json& value, const std::string& environment) {
  return value.is_object() ? value.at(environment) : value;
}

const std::map<std::string, formats::MarkerEnvironment>& environments() {
  using formats::MarkerEnvironment;
  static const std::map<std::string, MarkerEnvironment> all = {
      {"cp312-linux-x86_64", MarkerEnvironment::linux_cpython("3.12", "x86_64")},
      {"cp312-linux-aarch64", MarkerEnvironment::linux_cpython("3.12", "aarch64")},
      {"cp310-linux-x86_64", MarkerEnvironment::linux_cpython("3.10", "x86_64")},
      {"cp39-linux-x86_64", MarkerEnvironment::linux_cpython("3.9", "x86_64")}};
  return all;
}

void check_row(const Row& row, const Json& golden, const model::EffectivePins& pins) {
  CAPTURE(golden.dump());
  CHECK(row.group == golden.at("group").get<std::string>());
  CHECK(row.requirement.name.str() == golden.at("name").get<std::string>());
  CHECK(row.requirement.sorted_extras() == golden.at("extras").get<std::vector<std::string>>());
  CHECK(row.requirement.specifiers.str() == golden.at("specifier").get<std::string>());
  CHECK(row.requirement.marker.has_value() == !golden.at("marker").is_null());
  for (const auto& [name, environment] : environments()) {
    const auto answer = model::check_requirement(row.requirement, pins, environment);
    CHECK(to_string(answer.verdict) == in_environment(golden.at("verdict"), name).get<std::string>());
    const Json& pin = in_environment(golden.at("pin"), name);
    CHECK((answer.pin == nullptr ? Json() : Json(answer.pin->pin->version.value)) == pin);
  }
  std::vector<std::uint32_t> lines;
  for (const auto* line : pins.find(row.requirement.name))
    lines.push_back(line->file->lines().line_of(line->pin->span.begin) + 1);
  CHECK(lines == golden.at("pin_lines").get<std::vector<std::uint32_t>>());
}

void check_lines(const Row& row, const Json& golden, const Tree& tree) {
  if (golden.at("line").is_null()) return;
  const SourceFile file(row.path, std::string(tree.read(row.path).value_or("")));
  CHECK(file.lines().line_of(row.span.begin) + 1 == golden.at("line").get<std::uint32_t>());
}

std::size_t check_golden(const Json& golden, const Tree& tree, const model::EffectivePins& pins) {
  const DeclaredRequirements declared = tree.declared();
  CHECK(to_string(declared.style) == golden.at("style").get<std::string>());
  CHECK(declared.requires_python_text == golden.at("requires_python").get<std::string>());
  CHECK(declared.unreadable.empty());
  REQUIRE(declared.name);
  CHECK(declared.name->str() == golden.at("component").get<std::string>());
  for (const auto& [name, fits] : golden.at("requires_python_ok").items()) {
    const std::string python = name.starts_with("cp312") ? "3.12" : name.starts_with("cp310") ? "3.10" : "3.9";
    CHECK(declared.requires_python->contains(*formats::Version::parse(python)) == fits.get<bool>());
  }
  std::map<std::string, std::string> extras;
  for (const auto& extra : declared.extras) extras[extra.name] = extra.from;
  CHECK(extras == golden.at("provides_extra").get<std::map<std::string, std::string>>());

  std::vector<Row> rows = rows_of(declared);
  for (const std::string path : {"test-requirements.txt", "doc/requirements.txt"})
    for (Row& row : rows_of_file(tree, path)) rows.push_back(std::move(row));
  const Json& expected = golden.at("requirements");
  // The data has its groups in an order of its own.
  std::vector<const Json*> wanted;
  for (const Json& one : expected) wanted.push_back(&one);
  const auto group_of = [](const Json* one) { return one->at("group").get<std::string>(); };
  std::ranges::stable_sort(wanted, {}, group_of);
  std::ranges::stable_sort(rows, {}, &Row::group);
  REQUIRE(rows.size() == wanted.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    check_row(rows[i], *wanted[i], pins);
    check_lines(rows[i], *wanted[i], tree);
  }
  return rows.size();
}

/// `name[extras]specifiers` with the extra it belongs to: what stays of a requirement in built metadata.
std::string key_of(const formats::Requirement& requirement, const std::string& extra) {
  std::string key = extra + "|" + requirement.name.str() + "[";
  for (const std::string& one : requirement.sorted_extras()) key += one + ",";
  return key + "]" + requirement.specifiers.str();
}

std::set<std::string> keys_of_metadata(const Json& metadata) {
  std::set<std::string> keys;
  for (const Json& line : metadata.at("requires_dist")) {
    const auto text = line.get<std::string>();
    const auto requirement = formats::parse_requirement(text);
    REQUIRE_MESSAGE(requirement, text);
    const std::size_t at = text.find("extra == \"");
    const std::string extra = at == std::string::npos ? "" : text.substr(at + 10, text.find('"', at + 10) - at - 10);
    keys.insert(key_of(*requirement, extra));
  }
  return keys;
}

}  // namespace

TEST_CASE("requirements golden: every verdict of the real trees is right") {
  const auto data = support::shared_data("constraints");
  if (!data) {
    MESSAGE("skipped: no golden data of constraints here");
    return;
  }
  std::map<std::string, workspace::SnapshotPtr> snapshots;
  std::size_t verdicts = 0;
  for (const Json& entry : Json::parse(read_file(*data / "index.json"))) {
    const std::string name = entry.at("golden");
    CAPTURE(name);
    const std::string release = entry.at("constraints_release");
    workspace::SnapshotPtr& snapshot = snapshots[release];
    if (!snapshot)
      snapshot = support::snapshot_of({{"releases/" + release + "/upper-constraints.txt",
                                        read_file(*data / "upper-constraints" / (release + ".txt"))}});
    const Json golden = Json::parse(read_file(*data / name));
    const Tree tree(
        *data / "components" / entry.at("component").get<std::string>() / entry.at("ref").get<std::string>(),
        golden.at("build").at("setup_requires"));
    verdicts += check_golden(golden, tree, model::effective_pins(*snapshot, release));
  }
  CHECK(verdicts == 2779);
}

TEST_CASE("requirements golden: what is declared is what pbr writes into the metadata") {
  const auto data = support::shared_data("constraints");
  if (!data) {
    MESSAGE("skipped: no golden data of constraints here");
    return;
  }
  for (const auto& component : fs::directory_iterator(*data / "components")) {
    for (const auto& ref : fs::directory_iterator(component.path())) {
      CAPTURE(ref.path().string());
      const Json metadata = Json::parse(read_file(ref.path() / "built-metadata.json"));
      const DeclaredRequirements declared = Tree(ref.path(), Json::array({"pbr>=2.0.0"})).declared();
      std::set<std::string> keys;
      for (const auto& one : declared.runtime) keys.insert(key_of(one.requirement, ""));
      std::vector<std::string> extras;
      for (const auto& extra : declared.extras) {
        extras.push_back(extra.name);
        for (const auto& one : extra.requirements) keys.insert(key_of(one.requirement, extra.name));
      }
      CHECK(keys == keys_of_metadata(metadata));
      auto provided = metadata.at("provides_extra").get<std::vector<std::string>>();
      std::ranges::sort(provided);
      std::ranges::sort(extras);
      CHECK(extras == provided);
      CHECK(declared.requires_python_text == metadata.at("requires_python").get<std::string>());
      CHECK(declared.name_spelling == metadata.at("name").get<std::string>());
    }
  }
}
