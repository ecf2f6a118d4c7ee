/// Runs every tests/cases/**/*.case. FORGE_UPDATE_EXPECT=1 rewrites the expectations in place.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "engine/model/effective_pins.hpp"
#include "engine/rules/run_rules.hpp"
#include "engine/workspace/workspace.hpp"
#include "tests/support/apply_fix.hpp"
#include "tests/support/case_file.hpp"
#include "tests/support/memory_distribution.hpp"
#include "tests/support/memory_index.hpp"
#include "tests/support/memory_repository.hpp"

namespace {

namespace fs = std::filesystem;
using namespace forge;
using support::Case;
using support::CaseSection;
using support::TextFiles;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<fs::path> case_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(FORGE_SOURCE_DIR) / "tests/cases")) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

bool cut_suffix(std::string& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

/// A file that is there and can't be read.
constexpr std::string_view unreadable_mark = " (unreadable)";

class PartlyUnreadable : public workspace::FileStore {
 public:
  explicit PartlyUnreadable(const TextFiles& files) {
    TextFiles all;
    for (const auto& [header, text] : files) {
      std::string path = header;
      if (cut_suffix(path, unreadable_mark)) unreadable_[path] = text.substr(0, text.find('\n'));
      all[path] = text;
    }
    below_ = workspace::memory_files({all.begin(), all.end()});
  }

  [[nodiscard]] Result<std::vector<std::string>> list() const override { return below_->list(); }
  [[nodiscard]] Result<std::string> read(std::string_view path) const override {
    const auto found = unreadable_.find(std::string(path));
    if (found != unreadable_.end()) return fail(Failure::Kind::unavailable, found->second);
    return below_->read(path);
  }
  [[nodiscard]] std::uint32_t mode(std::string_view path) const override { return below_->mode(path); }
  [[nodiscard]] std::optional<std::string> identity(std::string_view) const override { return std::nullopt; }

 private:
  std::map<std::string, std::string> unreadable_;  // path -> why
  workspace::FileStorePtr below_;
};

TextFiles forge_files(const Case& one) {
  TextFiles files;
  for (const CaseSection& section : one.sections) {
    if (section.header.starts_with("expect ") || section.header.starts_with("upstream ")) continue;
    if (section.header.starts_with("index ") || section.header.starts_with("packages")) continue;
    std::string path = section.header;
    std::string text = section.text;
    if (cut_suffix(path, " (no final newline)")) text.pop_back();
    files[path] = text;
  }
  return files;
}

/// One commit of an upstream, as its sections describe it.
struct UpstreamCommit {
  std::string ref;
  std::string message = "change";
  support::MemoryRepository::Files changed;
  std::vector<std::string> deleted;
  std::map<std::string, std::string> links;  ///< by path, `ovs@v3.5.3` or a commit's 40 digits
};

bool has_links(const std::vector<UpstreamCommit>& commits) {
  return std::ranges::any_of(commits, [](const UpstreamCommit& commit) { return !commit.links.empty(); });
}

/// The commit that a submodule is at, of an upstream that is there already.
std::string linked_commit(const support::MemoryUpstreams& upstreams, const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) return text;
  return (*upstreams.open(text.substr(0, at)))->resolve(text.substr(at + 1))->commit.hex();
}

std::map<std::string, std::vector<UpstreamCommit>> upstream_commits(const Case& one) {
  std::map<std::string, std::vector<UpstreamCommit>> upstreams;
  for (const CaseSection& section : one.sections) {
    if (!section.header.starts_with("upstream ")) continue;
    std::istringstream words(section.header.substr(9));
    std::string at;
    std::string path;
    words >> at;
    std::getline(words >> std::ws, path);
    const std::string component = at.substr(0, at.find('@'));
    const std::string ref = at.substr(at.find('@') + 1);
    auto& commits = upstreams[component];
    if (commits.empty() || commits.back().ref != ref)
      commits.push_back({.ref = ref, .changed = {}, .deleted = {}, .links = {}});
    if (path == "message")
      commits.back().message = section.text;
    else if (cut_suffix(path, " (submodule)"))
      commits.back().links[path] = section.text.substr(0, section.text.find('\n'));
    else if (cut_suffix(path, " (deleted)"))
      commits.back().deleted.push_back(path);
    else
      commits.back().changed.insert_or_assign(path, support::MemoryRepository::File(section.text));
  }
  return upstreams;
}

std::shared_ptr<const support::MemoryUpstreams> upstreams_of(const Case& one) {
  auto upstreams = std::make_shared<support::MemoryUpstreams>();
  const auto all = upstream_commits(one);
  std::vector<std::string> order;  // those that others link come first
  for (const bool linking : {false, true})
    for (const auto& [component, commits] : all)
      if (has_links(commits) == linking) order.push_back(component);
  for (const std::string& component : order) {
    const std::vector<UpstreamCommit>& commits = all.at(component);
    auto repository = std::make_shared<support::MemoryRepository>();
    support::MemoryRepository::Files files;
    std::vector<git::ObjectId> parents;
    for (const UpstreamCommit& commit : commits) {
      for (const auto& [path, file] : commit.changed) files.insert_or_assign(path, file);
      for (const std::string& path : commit.deleted) files.erase(path);
      for (const auto& [path, text] : commit.links)
        files.insert_or_assign(path, support::MemoryRepository::File(linked_commit(*upstreams, text), 0160000));
      const git::ObjectId id = repository->add_commit(files, commit.message, parents);
      parents = {id};
      constexpr std::string_view branch = "branch:";
      if (commit.ref.starts_with(branch))
        repository->branch(commit.ref.substr(branch.size()), id);
      else if (!commit.ref.starts_with("commit:"))
        repository->tag(commit.ref, id);
    }
    upstreams->add(component, repository);
  }
  return upstreams;
}

/// One line of a release's section; lines that are no headers of core metadata describe its files.
void take_index_line(const std::string& line, support::MemoryIndex::Release& release) {
  const std::size_t colon = line.find(": ");
  const std::string name = line.substr(0, colon);
  const std::string value = colon == std::string::npos ? std::string() : line.substr(colon + 2);
  if (name == "Yanked") {
    release.yanked = true;
    release.yanked_reason = value;
  } else if (name == "Files") {
    std::istringstream words(value);
    for (std::string ending; words >> ending;) release.files.push_back(ending);
  } else if (name == "Built") {
    release.needs_pkg_resources = value == "by pkg_resources";
  } else if (name == "Settled") {
    release.settled = value != "no";
  } else {
    if (name == "Requires-Python") release.requires_python = value;
    release.metadata += line + "\n";
  }
}

/// Null where the case has no index.
index::PackageIndexPtr index_of(const Case& one) {
  std::shared_ptr<support::MemoryIndex> made;
  for (const CaseSection& section : one.sections) {
    if (!section.header.starts_with("index ")) continue;
    if (!made) made = std::make_shared<support::MemoryIndex>();
    std::istringstream words(section.header.substr(6));
    std::string name;
    std::string version;
    words >> name >> version;
    if (name == "(unavailable)") {
      made->break_down({Failure::Kind::unavailable, section.text.substr(0, section.text.find('\n')), {}});
      continue;
    }
    support::MemoryIndex::Release release;
    std::istringstream lines(section.text);
    for (std::string line; std::getline(lines, line);) take_index_line(line, release);
    made->add(name, version, release);
  }
  return made;
}

/// Null where the case has no package lists. `packages` serves every architecture, `packages arm64` one.
index::DistributionPtr distribution_of(const Case& one) {
  std::shared_ptr<support::MemoryDistribution> made;
  for (const CaseSection& section : one.sections) {
    if (!section.header.starts_with("packages")) continue;
    if (!made) made = std::make_shared<support::MemoryDistribution>();
    std::istringstream words(section.header.substr(8));
    std::string architecture;
    words >> architecture;
    if (architecture == "(unavailable)")
      made->break_down({Failure::Kind::unavailable, section.text.substr(0, section.text.find('\n')), {}});
    else
      made->add(architecture, section.text);
  }
  return made;
}

/// What a case has of the world outside of its forge.
struct Outside {
  std::shared_ptr<const support::MemoryUpstreams> upstreams;
  index::PackageIndexPtr index;
  index::DistributionPtr distribution;
};

/// What one case is asked about.
class Forge {
 public:
  Forge(const TextFiles& files, Outside outside) : files_(files), outside_(std::move(outside)), snapshot_(load()) {}

  [[nodiscard]] std::vector<Finding> check() const { return rules::run_rules(*snapshot_, {}, TaskPool(0)); }

  [[nodiscard]] std::string check_text() const {
    std::string text;
    for (const Finding& finding : check()) {
      const LineColumn at = finding.place.file->position(finding.place.span.begin, ColumnUnit::utf16);
      text += fmt::format("{}:{}:{}: {}[{}]: {}\n", finding.place.file->path(), at.line + 1, at.column + 1,
                          to_string(finding.severity), finding.rule, finding.message);
      for (const RelatedPlace& related : finding.related) {
        const LineColumn there = related.place.file->position(related.place.span.begin, ColumnUnit::utf16);
        text += fmt::format("  {}:{}:{}: {}\n", related.place.file->path(), there.line + 1, there.column + 1,
                            related.message);
      }
      for (const Fix& fix : finding.fixes) text += fmt::format("  fix: {}\n", fix.title);
    }
    return text;
  }

  [[nodiscard]] Forge fixed(std::string_view rule) const {
    for (const Finding& finding : check()) {
      if (finding.rule == rule && !finding.fixes.empty())
        return {support::apply_fix(files_, finding.fixes.front()), outside_};
    }
    FAIL("no finding of ", std::string(rule), " has a fix");
    return *this;
  }

  [[nodiscard]] std::string file(const std::string& path) const {
    const auto found = files_.find(path);
    return found == files_.end() ? std::string("(no such file)\n") : found->second;
  }

  [[nodiscard]] std::string constraints(std::string_view release) const {
    return model::render_constraints(model::effective_pins(*snapshot_, release));
  }

 private:
  [[nodiscard]] workspace::SnapshotPtr load() const {
    workspace::Workspace workspace([this](const formats::ForgeConfig&) { return outside_.upstreams; },
                                   [this](const formats::ForgeConfig&) { return outside_.index; },
                                   [this](const formats::ForgeConfig&) { return outside_.distribution; });
    auto snapshot = workspace.load(std::make_shared<PartlyUnreadable>(files_), TaskPool(0));
    REQUIRE(snapshot.has_value());
    return *snapshot;
  }

  TextFiles files_;
  Outside outside_;
  workspace::SnapshotPtr snapshot_;
};

std::string answer(const Forge& forge, const std::string& question) {
  std::istringstream words(question);
  std::string expect;
  std::string what;
  std::string argument;
  std::string path;
  words >> expect >> what >> argument >> path;
  if (what == "check") return forge.check_text();
  if (what == "fixed" && path.empty()) return forge.fixed(argument).check_text();
  if (what == "fixed") return forge.fixed(argument).file(path);
  if (what == "constraints") return forge.constraints(argument);
  FAIL("unknown expectation: ", question);
  return {};
}

void run_case(Case& one, bool update) {
  CAPTURE(one.title);
  const Forge forge(forge_files(one), {upstreams_of(one), index_of(one), distribution_of(one)});
  for (CaseSection& section : one.sections) {
    if (!section.header.starts_with("expect ")) continue;
    const std::string got = answer(forge, section.header);
    CAPTURE(section.header);
    if (update)
      section.text = got;
    else
      CHECK_EQ(got, section.text);
  }
}

}  // namespace

TEST_CASE("cases: every tests/cases/**/*.case answers as it expects") {
  const char* update = std::getenv("FORGE_UPDATE_EXPECT");
  for (const fs::path& path : case_files()) {
    CAPTURE(path.string());
    std::vector<Case> cases = support::parse_cases(read_file(path));
    for (Case& one : cases) run_case(one, update != nullptr);
    if (update != nullptr) std::ofstream(path, std::ios::binary) << support::to_text(cases);
  }
}

TEST_CASE("cases: every rule has a case that fires it and one that does not") {
  std::set<std::string> names;
  for (const rules::Rule* rule : rules::all_rules()) {
    CAPTURE(rule->name);
    CHECK(names.insert(std::string(rule->name)).second);
    const fs::path path = fs::path(FORGE_SOURCE_DIR) / "tests/cases/rules" / (std::string(rule->name) + ".case");
    const bool has_case = fs::exists(path);
    CHECK(has_case);
    if (!has_case) continue;
    bool fires = false;
    bool silent = false;
    for (const Case& one : support::parse_cases(read_file(path))) {
      for (const CaseSection& section : one.sections) {
        if (section.header != "expect check") continue;
        const bool found = section.text.find(fmt::format("[{}]", rule->name)) != std::string::npos;
        (found ? fires : silent) = true;
      }
    }
    CHECK(fires);
    CHECK(silent);
  }
}

TEST_CASE("cases: every rule's page has an example of what it finds and of how it is right") {
  for (const rules::Rule* rule : rules::all_rules()) {
    CAPTURE(rule->name);
    for (const std::string_view example : {rule->bad, rule->good}) {
      const std::size_t line = example.find('\n');
      CHECK(example.starts_with("# "));  // where it stands, or what is not shown
      CHECK(example.ends_with('\n'));
      const bool says_all = example.find("gone") < line || example.find("deleted") < line;
      CHECK((says_all || line + 1 < example.size()));
    }
    CHECK(rule->bad != rule->good);
  }
}
