#include "lsp/forge_state.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/rules/run_rules.hpp"
#include "engine/workspace/disk_stamp.hpp"
#include "engine/workspace/forge_layout.hpp"
#include "lsp/environment.hpp"

namespace forge::lsp {

namespace fs = std::filesystem;

namespace {

// A few milliseconds of work in all; starting threads for it would cost as much.
const TaskPool one_thread(1);

FindingsPtr run(const workspace::SnapshotPtr& snapshot, bool files_only, const RunProgress& progress = {}) {
  if (!snapshot) return std::make_shared<const Findings>();
  rules::RunOptions options;
  options.files_only = files_only;
  options.progress = progress;
  options.offline = true;  // the server never touches the network, so what is missing is a warning
  const TaskPool pool(files_only ? 1 : std::max(1U, std::thread::hardware_concurrency()));
  return std::make_shared<const Findings>(rules::run_rules(*snapshot, options, pool));
}

/// Not known to a look at the files alone: what needs git, and that there is nothing of that kind to ignore.
bool needs_upstream(const Finding& finding) {
  const bool is_of_ignore = finding.rule == "ignore-unused";
  const rules::Rule* rule =
      rules::find_rule(is_of_ignore ? finding.place.file->text(finding.place.span) : std::string_view(finding.rule));
  return rule != nullptr && rule->needs == rules::Needs::upstream;
}

/// How a text became another: all but the middle is the same.
struct Change {
  std::size_t same_before = 0;
  std::size_t same_after = 0;
};

Change change_between(std::string_view before, std::string_view after) {
  const auto differs = std::ranges::mismatch(before, after);
  const auto same_before = static_cast<std::size_t>(differs.in1 - before.begin());
  const std::size_t rest = std::min(before.size(), after.size()) - same_before;
  std::size_t same_after = 0;
  while (same_after < rest && before[before.size() - 1 - same_after] == after[after.size() - 1 - same_after])
    ++same_after;
  return {same_before, same_after};
}

/// Where the same lines are in `now`; nothing where one of them was touched.
std::optional<TextSpan> moved(const SourceFile& file, TextSpan span, const SourceFile& now) {
  if (file.text() == now.text()) return span;
  const Change change = change_between(file.text(), now.text());
  const std::size_t lines_begin = file.line_at(span.begin).begin;
  const std::size_t lines_end = file.line_at(span.end).end;
  if (lines_end < change.same_before) return span;
  if (lines_begin <= file.text().size() - change.same_after) return std::nullopt;
  const std::size_t shift = now.text().size() - file.text().size();  // modulo 2^64; so is the sum
  return span_of(span.begin + shift, span.end + shift);
}

bool has_refs(const fs::path& root) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(root / "releases", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code ignored;
    if (fs::is_regular_file(entry->path() / "source-refs.yaml", ignored)) return true;
  }
  return false;
}

bool is_refs_file(const fs::path& path) {
  return path.filename() == "source-refs.yaml" && path.parent_path().parent_path().filename() == "releases";
}

}  // namespace

ForgeRoot::ForgeRoot(std::string path, workspace::UpstreamsFactory upstreams)
    : path_(std::move(path)), workspace_([this, make = std::move(upstreams)](const formats::ForgeConfig& config) {
        upstreams_ = make(config);
        return upstreams_;
      }) {}

Result<workspace::SnapshotPtr> ForgeRoot::load(const OpenTexts& open, const Settings& settings) {
  std::map<std::string, std::string, std::less<>> texts;
  for (const auto& [path, document] : open) texts.emplace(path, *document.text);
  const auto files = workspace::overlay_files(workspace::disk_files(path_), std::move(texts));
  const std::scoped_lock lock(mutex_);
  if (stamp_ == 0) stamp_ = workspace::disk_stamp(path_);
  return workspace_.load(files, one_thread, [&](const formats::ForgeConfig& own) { return settings.over(own); });
}

bool ForgeRoot::has_news(bool files) {
  const std::uint64_t stamp = files ? workspace::disk_stamp(path_) : 0;
  const std::scoped_lock lock(mutex_);
  // What was never loaded has no news: whoever loads it first sees it as it is.
  if (upstreams_ == nullptr) return false;
  return (files && std::exchange(stamp_, stamp) != stamp) || have_changed(*upstreams_);
}

bool ForgeRoot::rest() {
  std::shared_ptr<const git::Upstreams> upstreams;
  {
    const std::scoped_lock lock(mutex_);
    upstreams = upstreams_;
  }
  return upstreams && give_back_memory(*upstreams);
}

ForgeState::ForgeState(std::uint64_t number, std::shared_ptr<ForgeRoot> root, OpenTexts open, SettingsPtr settings)
    : number_(number), root_(std::move(root)), open_(std::move(open)), settings_(std::move(settings)) {}

workspace::SnapshotPtr ForgeState::snapshot() const {
  return snapshot_.get([this] { return root_->load(open_, *settings_).value_or(nullptr); });
}

FindingsPtr ForgeState::file_findings() const {
  return of_files_.get([this] { return run(snapshot(), true); });
}

FindingsPtr ForgeState::all_findings(const RunProgress& progress) const {
  return all_.get([&] { return run(snapshot(), false, progress); });
}

FindingsPtr ForgeState::findings_at_hand() const {
  const FindingsPtr* all = all_.if_ready();
  return all != nullptr ? *all : file_findings();
}

ide::ForgeFactsPtr ForgeState::facts() const {
  return facts_.get([this] {
    const workspace::SnapshotPtr of = snapshot();
    return std::make_shared<const ide::ForgeFacts>(of ? ide::collect_facts(*of) : ide::ForgeFacts());
  });
}

ide::ForgeFactsPtr ForgeState::facts_at_hand() const {
  const ide::ForgeFactsPtr* facts = facts_.if_ready();
  return facts == nullptr ? nullptr : *facts;
}

FindingsPtr with_last_known(const ForgeState& now, const FindingsPtr& last_complete) {
  const workspace::SnapshotPtr snapshot = now.snapshot();
  if (!snapshot || !last_complete) return now.file_findings();
  auto merged = std::make_shared<Findings>(*now.file_findings());
  for (const Finding& finding : *last_complete) {
    const SourceFilePtr file = snapshot->file(finding.place.file->path());
    if (!file || !needs_upstream(finding)) continue;
    const std::optional<TextSpan> span = moved(*finding.place.file, finding.place.span, *file);
    if (!span) continue;
    Finding kept = finding;
    kept.place = {file, *span};
    const auto& levels = snapshot->config().rules;
    if (const auto level = levels.find(kept.rule); level != levels.end()) kept.severity = level->second;
    if (kept.severity == Severity::off) continue;
    merged->push_back(std::move(kept));
  }
  std::ranges::stable_sort(*merged, before);
  return merged;
}

std::string forge_root_of(const std::string& folder) {
  const std::optional<std::string> root = workspace::find_forge_root(folder);
  return root && has_refs(*root) ? *root : std::string();
}

std::string forge_root_of_file(const std::string& path) {
  if (is_refs_file(path)) return fs::path(path).parent_path().parent_path().parent_path().string();
  return forge_root_of(fs::path(path).parent_path().string());
}

}  // namespace forge::lsp
