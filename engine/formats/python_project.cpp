#include "engine/formats/python_project.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/ini_tree.hpp"
#include "engine/formats/setup_py.hpp"
#include "engine/formats/toml_tree.hpp"

namespace forge::formats {

namespace {

using namespace std::string_view_literals;

constexpr auto setup_cfg_path = "setup.cfg"sv;
constexpr auto setup_py_path = "setup.py"sv;
constexpr auto pyproject_path = "pyproject.toml"sv;
/// The first that exists is the one pbr reads.
constexpr std::array requirements_paths{"requirements.txt"sv, "tools/pip-requires"sv};
constexpr std::array test_requirements_paths{"test-requirements.txt"sv, "tools/test-requires"sv};
/// What pip and uv build with where pyproject.toml names no build system.
constexpr auto implied_build_requirement = "setuptools>=40.8.0"sv;

constexpr std::size_t most_requirements = 20'000;
constexpr std::size_t most_nested_files = 20;

/// An item of a list of requirements, before it is read.
using Item = Spanned<std::string>;

class ProjectReader {
 public:
  explicit ProjectReader(const TreeReader& read) : read_(read) {
    if (const auto text = read_(setup_cfg_path)) {
      Parsed<IniFile> parsed = parse_ini(*text);
      cfg_ = std::move(parsed.value);
      note(setup_cfg_path, parsed.problems);
    }
    if (const auto text = read_(setup_py_path)) py_ = scan_setup_py(*text);
    if (const auto text = read_(pyproject_path)) {
      Parsed<TomlNode> parsed = parse_toml(*text);
      toml_ = std::move(parsed.value);
      note(pyproject_path, parsed.problems);
    }
    project_ = table(toml_.find("project"));
    build_system_ = table(toml_.find("build-system"));
    const TomlNode* backend = build_system_ == nullptr ? nullptr : build_system_->find("build-backend");
    if (backend != nullptr && backend->is_string()) backend_ = backend->text;
  }

  DeclaredRequirements take() {
    out_.uses_pbr = uses_pbr();
    out_.style = style();
    out_.runtime_known = out_.extras_known = out_.style != ProjectStyle::none;
    if (out_.style == ProjectStyle::none) return std::move(out_);
    take_name();
    take_version();
    take_requires_python();
    take_runtime();
    take_extras();
    take_build();
    return std::move(out_);
  }

  /// pbr looks for the name here first, whatever the package is called in the end.
  [[nodiscard]] std::string name_for_pbr() const {
    if (const IniOption* name = cfg_.find("metadata", "name")) return name->value();
    const TomlNode* name = project_ == nullptr ? nullptr : project_->find("name");
    return name != nullptr && name->is_string() ? name->text : std::string();
  }

 private:
  static const TomlNode* table(const TomlNode* node) { return node != nullptr && node->is_table() ? node : nullptr; }

  void note(std::string_view path, std::vector<Problem>& problems) {
    for (Problem& problem : problems) unreadable(path, problem.span, std::move(problem.message));
    problems.clear();
  }
  void unreadable(std::string_view path, TextSpan span, std::string message) {
    out_.unreadable.push_back({{std::string(path), span}, std::move(message)});
  }

  [[nodiscard]] bool uses_pbr() const {
    if (backend_ == "pbr.build") return true;
    return is_setuptools() && (is_switched_on("pbr") || (is_switched_on("d2to1") && hooks_pbr_in()));
  }
  [[nodiscard]] bool is_switched_on(std::string_view keyword) const {
    const SetupArgument* argument = py_.find(keyword);
    return argument != nullptr && argument->word != "False" && argument->word != "None";
  }
  /// Before it read setup.cfg by itself, pbr was a hook of what did.
  [[nodiscard]] bool hooks_pbr_in() const {
    for (const std::string_view spelling : {"setup-hooks"sv, "setup_hooks"sv}) {
      const IniOption* hooks = cfg_.find("global", spelling);
      if (hooks != nullptr && hooks->value().find("pbr.hooks.") != std::string::npos) return true;
    }
    return false;
  }
  [[nodiscard]] bool is_setuptools() const { return backend_.empty() || backend_.starts_with("setuptools."); }

  [[nodiscard]] ProjectStyle style() const {
    if (project_ != nullptr)
      return is_dynamic("dependencies") ? ProjectStyle::pyproject_dynamic : ProjectStyle::pyproject;
    if (out_.uses_pbr)
      return build_system_ != nullptr ? ProjectStyle::setup_cfg_pbr_build : ProjectStyle::setup_cfg_legacy;
    const bool cfg = cfg_.find("metadata", "name") != nullptr || cfg_.find("options") != nullptr;
    return py_.calls_setup || cfg || build_system_ != nullptr ? ProjectStyle::setuptools : ProjectStyle::none;
  }

  [[nodiscard]] bool is_dynamic(std::string_view field) const {
    const TomlNode* dynamic = project_->find("dynamic");
    return dynamic != nullptr &&
           std::ranges::any_of(dynamic->items, [&](const TomlNode& item) { return item.text == field; });
  }

  // Name, version, Python.

  /// A single string of setup.py; one that is there and computed is empty.
  [[nodiscard]] const Item* setup_string(std::string_view name) const {
    const SetupArgument* argument = py_.find(name);
    return argument != nullptr && argument->known && argument->strings.size() == 1 ? &argument->strings.front()
                                                                                   : nullptr;
  }
  [[nodiscard]] const TomlNode* project_string(std::string_view name) const {
    const TomlNode* node = project_ == nullptr ? nullptr : project_->find(name);
    return node != nullptr && node->is_string() ? node : nullptr;
  }

  void take_name() {
    if (const TomlNode* name = project_string("name"))
      out_.name_spelling = name->text;
    else if (const IniOption* option = cfg_.find("metadata", "name"))
      out_.name_spelling = option->value();
    else if (const Item* argument = setup_string("name"))
      out_.name_spelling = argument->value;
    out_.name = PackageName::parse(out_.name_spelling);
  }

  void take_version() {
    const IniOption* option = cfg_.find("metadata", "version");
    if (const TomlNode* version = project_string("version"))
      out_.static_version = version->text;
    else if (option != nullptr)
      out_.static_version = option->value();
    else if (const Item* argument = setup_string("version"))
      out_.static_version = argument->value;
    if (!Version::parse(out_.static_version)) out_.static_version.clear();  // `attr: x.version`
  }

  void take_requires_python() {
    if (const TomlNode* node = project_string("requires-python"))
      return requires_python(node->text, pyproject_path, node->span);
    constexpr std::array places{std::pair("metadata"sv, "python_requires"sv),
                                std::pair("metadata"sv, "requires_python"sv),
                                std::pair("options"sv, "python_requires"sv)};
    for (const auto& [section, name] : places) {
      if (section == "metadata" && !out_.uses_pbr) continue;
      if (const IniOption* option = cfg_.find(section, name))
        return requires_python(option->value(), setup_cfg_path, option->span());
    }
    if (const Item* argument = setup_string("python_requires"))
      requires_python(argument->value, setup_py_path, argument->span);
  }

  void requires_python(const std::string& text, std::string_view path, TextSpan span) {
    Syntax<SpecifierSet> specifiers = parse_specifier_set(text);
    if (!specifiers)
      return unreadable(
          path, span, fmt::format("`{}` says for no Python whether it will do: {}.", text, specifiers.error().message));
    out_.requires_python = std::move(*specifiers);
    out_.requires_python_text = text;
    out_.requires_python_place = {std::string(path), span};
  }

  // Lists of requirements.

  void add(std::vector<DeclaredRequirement>& to, std::string_view path, std::string_view written, TextSpan span) {
    std::vector<Problem> problems;
    if (auto line = requirement_line(written, span, problems)) push(to, path, std::move(*line));
    note(path, problems);
  }

  void push(std::vector<DeclaredRequirement>& to, std::string_view path, RequirementLine line) {
    if (++count_ > most_requirements) return;
    to.push_back({std::move(line.text), std::move(line.requirement), {std::string(path), line.span}});
  }

  /// A requirements file as pbr reads it, with the files that it names.
  void add_file(std::vector<DeclaredRequirement>& to, std::string_view path, std::set<std::string, std::less<>>& seen) {
    const auto text = read_(path);
    if (!text || seen.size() >= most_nested_files || !seen.emplace(path).second) return;
    Parsed<RequirementsFile> file = parse_requirements_file(*text);
    note(path, file.problems);
    for (RequirementsFile::Entry& entry : file.value.entries) {
      if (entry.line) {
        push(to, path, std::move(*entry.line));
        continue;
      }
      if (!read_(entry.include->value))
        unreadable(
            path, entry.include->span,
            fmt::format("There is no `{}` in the tree; pbr passes over it without a word.", entry.include->value));
      add_file(to, entry.include->value, seen);
    }
  }

  template <class Paths>
  void add_first_file(std::vector<DeclaredRequirement>& to, const Paths& paths) {
    for (const std::string_view path : paths) {
      if (!read_(path)) continue;
      std::set<std::string, std::less<>> seen;
      return add_file(to, path, seen);
    }
  }

  /// A list of setuptools: lines, or one line with `;` between; `file: path, path` stands for the lines of files.
  void add_option(std::vector<DeclaredRequirement>& to, const IniOption& option) {
    const std::string value = option.value();
    if (value.starts_with("file:")) {
      for (const std::string_view path : split(std::string_view(value).substr(5), ',')) add_plain_file(to, trim(path));
      return;
    }
    const auto filled = std::ranges::count_if(option.lines, [](const Item& line) { return !line.value.empty(); });
    const bool one_line = filled == 1 && !option.lines.front().value.empty();
    for (const Item& line : option.lines) {
      if (!one_line) {
        add(to, setup_cfg_path, line.value, line.span);
        continue;
      }
      for (const std::string_view part : split(line.value, ';')) add(to, setup_cfg_path, part, line.span);
    }
  }

  /// One requirement a line, as setuptools has it: no options.
  void add_plain_file(std::vector<DeclaredRequirement>& to, std::string_view path) {
    const auto text = read_(path);
    if (!text) return unreadable(setup_cfg_path, {}, fmt::format("There is no `{}` in the tree.", path));
    for (const std::string_view line : split(*text, '\n')) {
      const std::string_view bare = trim(line);
      const auto begin = static_cast<std::size_t>(bare.data() - text->data());
      add(to, path, bare, span_of(begin, begin + bare.size()));
    }
  }

  void add_array(std::vector<DeclaredRequirement>& to, const TomlNode& array) {
    for (const TomlNode& item : array.items) {
      if (item.is_string())
        add(to, pyproject_path, item.text, item.span);
      else
        unreadable(pyproject_path, item.span, "A requirement must be a string.");
    }
  }

  /// `{file = "path"}` or `{file = ["path", ...]}` of [tool.setuptools.dynamic].
  bool add_dynamic(std::vector<DeclaredRequirement>& to, const TomlNode* node) {
    const TomlNode* file = node == nullptr ? nullptr : node->find("file");
    if (file == nullptr) return false;
    if (file->is_string()) add_plain_file(to, file->text);
    for (const TomlNode& item : file->items) add_plain_file(to, item.text);
    return true;
  }

  // Requirements of the package itself.

  void take_runtime() {
    if (project_ != nullptr) {
      if (const TomlNode* dependencies = project_->find("dependencies")) return add_array(out_.runtime, *dependencies);
      if (!is_dynamic("dependencies")) return;  // setuptools then takes nothing that stands elsewhere
      if (add_dynamic(out_.runtime, toml_.find({"tool", "setuptools", "dynamic", "dependencies"}))) return;
    }
    if (out_.uses_pbr) return take_runtime_of_pbr();
    if (!is_setuptools()) {
      out_.runtime_known = false;
      return unreadable(pyproject_path, build_system_->span,
                        fmt::format("What the tree requires is computed by its build backend `{}`.", backend_));
    }
    take_runtime_of_setuptools();
  }

  void take_runtime_of_pbr() {
    if (const IniOption* option = cfg_.find("metadata", "requires_dist"))
      for (const Item& line : option->lines) add(out_.runtime, setup_cfg_path, line.value, line.span);
    add_first_file(out_.runtime, requirements_paths);
    const IniOption* option = cfg_.find("options", "install_requires");
    const bool any = std::ranges::any_of(out_.runtime, applies_to_builder);
    if (!any && option != nullptr) add_option(out_.runtime, *option);
  }

  /// pbr keeps apart what has a marker that is false where it builds; setuptools then sees a list without it.
  static bool applies_to_builder(const DeclaredRequirement& one) {
    static const MarkerEnvironment builder = MarkerEnvironment::linux_cpython("3.12", "x86_64");
    return !one.requirement.marker || one.requirement.marker->evaluate(builder);
  }

  void take_runtime_of_setuptools() {
    const SetupArgument* argument = py_.find("install_requires");
    const bool computed = argument != nullptr && !argument->known;
    const IniOption* option = cfg_.find("options", "install_requires");
    if (computed || (argument == nullptr && option == nullptr && py_.unpacked)) {
      out_.runtime_known = false;
      return unreadable(setup_py_path, computed ? argument->span : *py_.unpacked,
                        "What the tree requires is computed by setup.py.");
    }
    if (argument != nullptr)
      for (const Item& item : argument->strings) add(out_.runtime, setup_py_path, item.value, item.span);
    if (out_.runtime.empty() && option != nullptr) add_option(out_.runtime, *option);
  }

  // Extras.

  DeclaredExtra& extra(const std::string& spelling, std::string from, TreePlace place) {
    const auto name = PackageName::parse(spelling);
    if (!name) unreadable(place.path, place.span, fmt::format("`{}` is no name of an extra.", spelling));
    std::string normal = name ? name->str() : spelling;
    const auto found = std::ranges::find(out_.extras, normal, &DeclaredExtra::name);
    if (found != out_.extras.end()) return *found;
    return out_.extras.emplace_back(
        DeclaredExtra{std::move(normal), spelling, std::move(from), false, std::move(place), {}});
  }

  void take_extras() {
    if (project_ != nullptr) {
      if (const TomlNode* optional = table(project_->find("optional-dependencies")))
        return take_extras_of_project(*optional);
      if (!is_dynamic("optional-dependencies")) return;
      if (const TomlNode* dynamic = table(toml_.find({"tool", "setuptools", "dynamic", "optional-dependencies"}))) {
        for (const TomlNode::Entry& entry : dynamic->entries)
          add_dynamic(extra(entry.key.value, "pyproject.toml [tool.setuptools.dynamic]",
                            {std::string(pyproject_path), entry.key.span})
                          .requirements,
                      &entry.value);
        return;
      }
    }
    if (out_.uses_pbr) take_extras_of_pbr();
    if (out_.uses_pbr || is_setuptools())
      take_extras_of_setuptools();
    else
      out_.extras_known = false;
  }

  void take_extras_of_project(const TomlNode& optional) {
    std::vector<const TomlNode::Entry*> entries;
    entries.reserve(optional.entries.size());
    for (const TomlNode::Entry& entry : optional.entries) entries.push_back(&entry);
    std::ranges::sort(entries, {}, [](const TomlNode::Entry* entry) { return entry->key.span.begin; });
    for (const TomlNode::Entry* entry : entries)
      add_array(extra(entry->key.value, "pyproject.toml [project.optional-dependencies]",
                      {std::string(pyproject_path), entry->key.span})
                    .requirements,
                entry->value);
  }

  /// `name>=1:marker`; without a colon the item is a requirement as it stands.
  void add_pbr_item(std::vector<DeclaredRequirement>& to, std::string_view path, const Item& item) {
    if (item.value.starts_with('#')) return;
    const std::size_t colon = item.value.find(':');
    if (colon == std::string::npos) return add(to, path, item.value, item.span);
    const std::string_view marker =
        trim(std::string_view(item.value).substr(colon + 1, item.value.find('#', colon) - colon - 1));
    const std::string_view package = trim(std::string_view(item.value).substr(0, colon));
    add(to, path, marker.empty() ? std::string(package) : fmt::format("{};{}", package, marker), item.span);
  }

  void take_extras_of_pbr() {
    const IniSection* section = cfg_.find("extras");
    if (section == nullptr) return;
    for (const IniOption& option : section->options) {
      DeclaredExtra& to = extra(option.name, "setup.cfg [extras]", {std::string(setup_cfg_path), option.key.span});
      to.spelling = option.key.value;
      for (const Item& line : option.lines) add_pbr_item(to.requirements, setup_cfg_path, line);
    }
    if (section->find("test") == nullptr) add_implicit_test();
    // pbr hands on groups by their requirements, so a group without any does not exist.
    std::erase_if(out_.extras, [](const DeclaredExtra& one) { return one.requirements.empty(); });
  }

  void add_implicit_test() {
    for (const std::string_view path : test_requirements_paths) {
      const auto text = read_(path);
      if (!text) continue;
      DeclaredExtra& to =
          extra("test", "implicit: pbr adds test-requirements.txt because setup.cfg has [extras] without \"test\"",
                {std::string(path), span_of(0, text->size())});
      to.implicit = true;
      std::set<std::string, std::less<>> seen;
      return add_file(to.requirements, path, seen);
    }
  }

  void take_extras_of_setuptools() {
    const SetupArgument* argument = py_.find("extras_require");
    if (argument != nullptr && !argument->known && !out_.uses_pbr) {
      out_.extras_known = false;
      return unreadable(setup_py_path, argument->span, "The extras are computed by setup.py.");
    }
    if (argument == nullptr && py_.unpacked && !out_.uses_pbr) out_.extras_known = false;
    if (argument != nullptr && !out_.uses_pbr) {
      for (const auto& [key, items] : argument->mapping)
        for (const Item& item : items) add_keyed(key, "setup.py extras_require", setup_py_path, item);
    }
    const IniSection* section = cfg_.find("options.extras_require");
    const bool apart = out_.uses_pbr && !std::ranges::all_of(out_.runtime, applies_to_builder);
    if (section == nullptr || !out_.extras.empty() || apart) return;  // setuptools passes over it where pbr gave some
    for (const IniOption& option : section->options)
      add_option(
          extra(option.key.value, "setup.cfg [options.extras_require]", {std::string(setup_cfg_path), option.key.span})
              .requirements,
          option);
  }

  /// A key may hold a marker: `name:marker`; without a name the requirement is the package's own.
  void add_keyed(const Item& key, std::string from, std::string_view path, const Item& item) {
    const std::size_t colon = key.value.find(':');
    const std::string name = key.value.substr(0, colon);
    std::vector<DeclaredRequirement>& to =
        name.empty() ? out_.runtime : extra(name, std::move(from), {std::string(path), key.span}).requirements;
    add(to, path,
        colon == std::string::npos ? item.value : fmt::format("{};{}", item.value, key.value.substr(colon + 1)),
        item.span);
  }

  // What builds it.

  void take_build() {
    const TomlNode* requires_node = build_system_ == nullptr ? nullptr : build_system_->find("requires");
    if (requires_node != nullptr) return add_array(out_.build, *requires_node);
    add(out_.build, py_.calls_setup ? setup_py_path : setup_cfg_path, implied_build_requirement, {});
    if (const SetupArgument* argument = py_.find("setup_requires"))
      for (const Item& item : argument->strings) add(out_.build, setup_py_path, item.value, item.span);
    if (const IniOption* option = cfg_.find("options", "setup_requires")) add_option(out_.build, *option);
  }

  const TreeReader& read_;
  IniFile cfg_;
  SetupPy py_;
  TomlNode toml_;
  const TomlNode* project_ = nullptr;
  const TomlNode* build_system_ = nullptr;
  std::string backend_;
  std::size_t count_ = 0;
  DeclaredRequirements out_;
};

}  // namespace

std::string_view to_string(ProjectStyle style) {
  switch (style) {
    case ProjectStyle::none:
      return "none";
    case ProjectStyle::setup_cfg_legacy:
      return "setup.cfg-legacy";
    case ProjectStyle::setup_cfg_pbr_build:
      return "setup.cfg+pbr.build";
    case ProjectStyle::pyproject_dynamic:
      return "pyproject-dynamic";
    case ProjectStyle::pyproject:
      return "pyproject";
    case ProjectStyle::setuptools:
      return "setuptools";
  }
  return "none";
}

const DeclaredExtra* DeclaredRequirements::find_extra(std::string_view written) const {
  const auto normal = PackageName::parse(written);
  const auto found = std::ranges::find(extras, normal ? normal->str() : std::string(written), &DeclaredExtra::name);
  return found == extras.end() ? nullptr : &*found;
}

DeclaredRequirements declared_requirements(const TreeReader& read) {
  return ProjectReader(read).take();
}

std::optional<PythonProject> python_project(std::string_view setup_cfg, std::string_view setup_py,
                                            std::string_view pyproject) {
  const TreeReader read = [&](std::string_view path) -> std::optional<std::string_view> {
    if (path == setup_cfg_path) return setup_cfg;
    if (path == setup_py_path) return setup_py;
    return path == pyproject_path ? std::optional(pyproject) : std::nullopt;
  };
  PythonProject project;
  project.name = ProjectReader(read).name_for_pbr();
  if (project.name.empty()) return std::nullopt;
  const DeclaredRequirements declared = declared_requirements(read);
  const auto is_pbr = [](const DeclaredRequirement& one) { return one.requirement.name.str() == "pbr"; };
  project.uses_pbr = declared.uses_pbr || std::ranges::any_of(declared.build, is_pbr);
  project.asks_git = !project.uses_pbr && std::ranges::any_of(declared.build, [](const DeclaredRequirement& build) {
    // Each of them is setuptools_scm, or calls it.
    const std::string name = build.requirement.name.str();
    return name == "setuptools-scm" || name == "hatch-vcs" || name == "flit-scm";
  });
  return project;
}

}  // namespace forge::formats
