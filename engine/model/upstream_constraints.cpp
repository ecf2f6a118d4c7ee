#include "engine/model/upstream_constraints.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine/base/cancellation.hpp"
#include "engine/base/text.hpp"
#include "engine/git/fetch_time.hpp"
#include "engine/model/kept_answers.hpp"
#include "engine/model/ref_status.hpp"
#include "engine/model/upstream_refs.hpp"

namespace forge::model {

namespace {

using formats::Pin;
using workspace::Snapshot;

constexpr std::string_view file_name = "upper-constraints.txt";

// A cycle of OpenStack has some 1,500 commits and 400 states of the file.
constexpr std::size_t most_commits = 20000;
constexpr std::size_t most_states = 3000;
// Series beside the release's own that a file is held against, the newest first.
constexpr std::size_t most_other_series = 8;
// A file that lacks more of upstream's lines is an excerpt: then no single line of them was taken out by hand.
constexpr std::size_t most_taken_out = 40;

using Lines = std::unordered_set<std::string_view>;

std::string without_blanks(std::string_view line) {
  std::string out(line);
  std::erase_if(out, [](char c) { return c == ' ' || c == '\t'; });
  return out;
}

/// Lines that pin something, without comments and blanks; a line is valid until the next one is visited.
template <class Visit>
void for_each_pin_line(std::string_view text, const Visit& visit) {
  std::string squeezed;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    line = trim(line.substr(0, line.find('#')));
    if (line.find_first_of(" \t") != std::string_view::npos) line = squeezed = without_blanks(line);
    if (!line.empty()) visit(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// How far a state is from the forge's file.
struct Distance {
  std::size_t foreign = 0;  ///< the forge's lines that it has not
  std::size_t missing = 0;  ///< its lines that the forge has not
  [[nodiscard]] std::size_t sum() const { return foreign + missing; }
};

/// One series as a range of history: what `tip` reaches and the series before it does not.
struct Range {
  std::string branch;
  git::ObjectId tip;
  std::vector<git::ObjectId> hidden;

  friend bool operator==(const Range&, const Range&) = default;
};

/// Visits the distinct states of the file in a range, the newest first, each with the commit that made it.
template <class Visit>
Result<void> for_each_state(const git::Repository& repository, const Range& range, const Visit& visit) {
  std::vector<std::pair<git::ObjectId, git::CommitInfo>> states;  // by blob, in the order they are met
  std::map<git::ObjectId, std::size_t> known;
  std::size_t commits = 0;
  std::optional<Failure> failure;
  FORGE_TRY(repository.walk(range.tip, range.hidden, [&](const git::CommitInfo& commit) {
    const auto entry = repository.entry(commit.tree, file_name);
    if (!entry) {
      failure = entry.error();
      return false;
    }
    if (entry->has_value()) {
      const auto [at, added] = known.emplace((*entry)->id, states.size());
      if (added) states.emplace_back((*entry)->id, commit);
      states[at->second].second = commit;
    }
    return ++commits < most_commits && states.size() < most_states;
  }));
  if (failure) return tl::unexpected<Failure>(*std::move(failure));
  for (const auto& [blob, commit] : states) {
    throw_if_cancelled();
    FORGE_TRY_ASSIGN(git::BlobPtr text, repository.blob(blob));
    visit(ConstraintsState{commit, std::move(text)});
  }
  return {};
}

/// The whole lines in which two texts differ, between what they have in common in front and behind.
std::pair<std::string_view, std::string_view> differing(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  auto front = static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  while (front > 0 && a[front - 1] != '\n') --front;
  const auto reversed = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  std::size_t back = std::min(static_cast<std::size_t>(reversed.first - a.rbegin()), shorter - front);
  const std::size_t first_end = a.substr(a.size() - back).find('\n');  // of a line that may have begun before
  back -= first_end == std::string_view::npos ? back : first_end + 1;
  return {a.substr(front, a.size() - back - front), b.substr(front, b.size() - back - front)};
}

/// How far each state of the file is from the forge's, one after the other: neighbours differ in few lines, and only
/// those are looked at.
class Distances {
 public:
  explicit Distances(const Lines& forge) : foreign_(forge.size()) {
    held_.reserve(forge.size());
    for (const std::string_view line : forge) held_.emplace(line, 0);
  }

  /// Calls `came` with every line that the state before did not have there.
  template <class Visit>
  Distance next(git::BlobPtr text, const Visit& came) {
    const auto [before, now] = differing(text_ ? std::string_view(*text_) : std::string_view(), *text);
    for_each_pin_line(before, [&](std::string_view line) {
      const auto own = held_.find(line);
      if (own == held_.end())
        --missing_;
      else if (--own->second == 0)
        ++foreign_;
    });
    for_each_pin_line(now, [&](std::string_view line) {
      came(line);
      const auto own = held_.find(line);
      if (own == held_.end())
        ++missing_;
      else if (own->second++ == 0)
        --foreign_;
    });
    text_ = std::move(text);
    return {foreign_, missing_};
  }

 private:
  std::unordered_map<std::string_view, std::size_t> held_;  ///< the forge's lines, and how often the state has them
  std::size_t foreign_;
  std::size_t missing_ = 0;
  git::BlobPtr text_;
};

/// The ranges of all series, oldest first, then that of the release to come.
std::vector<std::pair<std::string, Range>> ranges(const UpstreamRefs& upstream) {
  std::vector<std::pair<std::string, Range>> out;
  std::vector<git::ObjectId> before;
  for (const Series& series : upstream.series) {
    out.emplace_back(series.name, Range{series.ref, series.tip, before});
    before = {series.tip};
  }
  if (upstream.main_branch)
    out.emplace_back("", Range{upstream.main_branch->name, upstream.main_branch->commit, before});
  return out;
}

/// That of the release; the last one for a release that is newer than every series.
const std::pair<std::string, Range>* range_of(const std::vector<std::pair<std::string, Range>>& all,
                                              const UpstreamRefs& upstream, std::string_view release) {
  const Series* series = series_of_release(upstream, release);
  const bool to_come = series == nullptr && (upstream.series.empty() || upstream.series.back().name < release);
  if (series == nullptr && !to_come) return nullptr;
  const auto found = std::ranges::find(all, series != nullptr ? series->name : std::string(),
                                       [](const auto& one) { return one.first; });
  return found == all.end() ? nullptr : &*found;
}

using ByName = std::map<std::string, std::vector<const Pin*>, std::less<>>;

ByName by_name(const formats::Constraints& constraints) {
  ByName out;
  for (const Pin& pin : constraints.pins) out[pin.name.str()].push_back(&pin);
  return out;
}

PinLines lines_of(const ByName& pins, std::string_view name) {
  PinLines out;
  const auto found = pins.find(name);
  if (found == pins.end()) return out;
  for (const Pin* pin : found->second) out.push_back(pin->line());
  return out;
}

/// Compares the forge's file with the two states that matter.
class Comparison {
 public:
  Comparison(const formats::Constraints& forge, ConstraintsDrift& drift)
      : forge_(forge),
        nearest_(formats::parse_constraints(*drift.nearest.text).value),
        newest_(formats::parse_constraints(*drift.newest.text).value),
        drift_(drift),
        ours_(by_name(forge)),
        theirs_(by_name(nearest_)),
        now_(by_name(newest_)) {}

  /// `never`: the forge's lines that upstream had in no state of the series.
  void find_edited(const Lines& never) {
    for (const auto& [name, pins] : ours_) {
      const auto edited =
          std::ranges::find_if(pins, [&](const Pin* pin) { return never.contains(without_blanks(pin->line())); });
      if (edited != pins.end())
        drift_.edited.push_back({pins.front()->spelling.value, pins, lines_of(theirs_, name), *edited});
    }
    if (drift_.missing <= most_taken_out) find_taken_out();
    std::ranges::sort(drift_.edited, {},
                      [](const EditedPin& pin) { return pin.at == nullptr ? 0U : pin.at->span.begin; });
  }

  void find_moved() {
    std::unordered_set<std::string_view> edited;
    for (const EditedPin& pin : drift_.edited)
      if (!pin.now.empty()) edited.insert(pin.now.front()->name.str());
    for (const auto& [name, pins] : ours_) {
      const PinLines ours = lines_of(ours_, name);
      PinLines newest = lines_of(now_, name);
      if (ours != newest && !edited.contains(name) && ours == lines_of(theirs_, name))
        drift_.moved.push_back({pins, std::move(newest)});
    }
    std::ranges::sort(drift_.moved, {}, [](const MovedPin& moved) { return moved.now.front()->span.begin; });
  }

 private:
  /// Names that the nearest state pins, and the newest one still does.
  void find_taken_out() {
    for (const auto& [name, pins] : theirs_) {
      if (ours_.contains(name) || !now_.contains(name)) continue;
      drift_.edited.push_back({pins.front()->spelling.value, {}, lines_of(theirs_, name), next_kept(*pins.back())});
    }
  }

  /// The forge's first line of the pin that comes behind this one upstream.
  [[nodiscard]] const Pin* next_kept(const Pin& upstream) const {
    for (const Pin& pin : nearest_.pins) {
      const auto ours = pin.span.begin > upstream.span.begin ? ours_.find(pin.name.str()) : ours_.end();
      if (ours != ours_.end()) return ours->second.front();
    }
    return forge_.pins.empty() ? nullptr : &forge_.pins.back();
  }

  const formats::Constraints& forge_;
  formats::Constraints nearest_;
  formats::Constraints newest_;
  ConstraintsDrift& drift_;
  ByName ours_;
  ByName theirs_;
  ByName now_;
};

/// Whether so much is foreign that another series is worth a look.
bool looks_foreign(const ConstraintsDrift& drift) {
  return drift.foreign > 3 && drift.foreign * 10 > drift.lines;
}

Result<std::optional<BetterSeries>> better_series(const git::Repository& repository,
                                                  const std::vector<std::pair<std::string, Range>>& all,
                                                  const Range& own, const Lines& forge, std::size_t foreign) {
  std::optional<BetterSeries> best;
  std::size_t looked_at = 0;
  for (auto at = all.rbegin(); at != all.rend() && looked_at < most_other_series; ++at) {
    if (at->second.branch == own.branch) continue;
    ++looked_at;
    std::size_t least = forge.size();
    Distances distances(forge);
    FORGE_TRY(for_each_state(repository, at->second, [&](const ConstraintsState& state) {
      least = std::min(least, distances.next(state.text, [](std::string_view) {}).foreign);
    }));
    if (!best || least < best->foreign) best = BetterSeries{at->first.empty() ? at->second.branch : at->first, least};
  }
  if (best && best->foreign * 3 > foreign) best.reset();
  return best;
}

using Drift = Result<std::optional<ConstraintsDrift>>;

Drift compare(const git::Repository& repository, const workspace::Document<formats::Constraints>* document,
              const std::vector<std::pair<std::string, Range>>& all, const std::pair<std::string, Range>* own) {
  std::unordered_set<std::string> spellings;
  spellings.reserve((*document)->pins.size());
  for (const Pin& pin : (*document)->pins) spellings.insert(without_blanks(pin.line()));
  const Lines forge(spellings.begin(), spellings.end());
  Lines never = forge;
  Distances distances(forge);
  std::optional<Distance> least;
  ConstraintsDrift drift;
  drift.branch = own->second.branch;
  FORGE_TRY(for_each_state(repository, own->second, [&](const ConstraintsState& state) {
    const Distance here = distances.next(state.text, [&](std::string_view line) { never.erase(line); });
    if (!least) drift.newest = state;
    if (least && least->sum() <= here.sum()) return;
    least = here;
    drift.nearest = state;
  }));
  if (!least) return std::nullopt;  // no such file in this range
  drift.lines = forge.size();
  drift.foreign = least->foreign;
  drift.missing = least->missing;
  if (looks_foreign(drift)) {
    FORGE_TRY_ASSIGN(drift.better, better_series(repository, all, own->second, forge, drift.foreign));
  }
  throw_if_cancelled();
  Comparison comparison(**document, drift);
  throw_if_cancelled();
  comparison.find_edited(never);
  throw_if_cancelled();
  comparison.find_moved();
  throw_if_cancelled();
  return drift;
}

// On disk: the states by their commits, the forge's pins by their numbers in the file.

using Json = nlohmann::json;
using ConstraintsDocument = workspace::Document<formats::Constraints>;

Json numbers_of(const std::vector<const Pin*>& pins, const formats::Constraints& file) {
  Json numbers = Json::array();
  for (const Pin* pin : pins) numbers.push_back(pin - file.pins.data());
  return numbers;
}

std::string text_of(const Drift& drift, const formats::Constraints& file) {
  if (!drift->has_value()) return "null";
  const ConstraintsDrift& is = **drift;
  Json edited = Json::array();
  for (const EditedPin& pin : is.edited) {
    const Json at = pin.at == nullptr ? Json() : Json(pin.at - file.pins.data());
    edited.push_back({pin.name, numbers_of(pin.now, file), pin.upstream, at});
  }
  Json moved = Json::array();
  for (const MovedPin& pin : is.moved) moved.push_back({numbers_of(pin.now, file), pin.newest});
  const Json better = is.better ? Json{is.better->name, is.better->foreign} : Json();
  return Json{{"branch", is.branch},
              {"newest", is.newest.commit.id.hex()},
              {"nearest", is.nearest.commit.id.hex()},
              {"lines", is.lines},
              {"foreign", is.foreign},
              {"missing", is.missing},
              {"edited", edited},
              {"moved", moved},
              {"better", better}}
      .dump();
}

Result<ConstraintsState> state_at(const git::Repository& repository, const std::string& commit) {
  const auto id = git::ObjectId::from_hex(commit);
  if (!id) return fail(Failure::Kind::invalid, "This is no commit.");
  ConstraintsState state;
  FORGE_TRY_ASSIGN(state.commit, repository.commit(*id));
  FORGE_TRY_ASSIGN(const auto entry, repository.entry(state.commit.tree, file_name));
  if (!entry) return fail(Failure::Kind::not_found, "It has no such file.");
  FORGE_TRY_ASSIGN(state.text, repository.blob(entry->id));
  return state;
}

std::vector<const Pin*> pins_of(const Json& numbers, const formats::Constraints& file) {
  std::vector<const Pin*> pins;
  for (const Json& number : numbers) pins.push_back(&file.pins.at(number.get<std::size_t>()));
  return pins;
}

/// Nothing where it is no such text, or where the repository has lost one of the states.
std::optional<Drift> drift_of(const std::string& text, const git::Repository& repository,
                              const formats::Constraints& file) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_null()) return Drift(std::optional<ConstraintsDrift>());
  try {
    ConstraintsDrift drift;
    const auto newest = state_at(repository, json.at("newest"));
    const auto nearest = state_at(repository, json.at("nearest"));
    if (!newest || !nearest) return std::nullopt;
    drift.newest = *newest;
    drift.nearest = *nearest;
    drift.branch = json.at("branch");
    drift.lines = json.at("lines");
    drift.foreign = json.at("foreign");
    drift.missing = json.at("missing");
    for (const Json& one : json.at("edited")) {
      const Json& at = one.at(3);
      drift.edited.push_back({one.at(0), pins_of(one.at(1), file), one.at(2).get<PinLines>(),
                              at.is_null() ? nullptr : &file.pins.at(at.get<std::size_t>())});
    }
    for (const Json& one : json.at("moved"))
      drift.moved.push_back({pins_of(one.at(0), file), one.at(1).get<PinLines>()});
    if (const Json& better = json.at("better"); !better.is_null())
      drift.better = BetterSeries{better.at(0), better.at(1)};
    return Drift(std::move(drift));
  } catch (const std::exception&) {  // of Json and at(): somebody else's file
    return std::nullopt;
  }
}

/// All that compare() looks at: objects are named by their content.
std::string inputs_of(const ConstraintsDocument& document, const std::vector<std::pair<std::string, Range>>& all,
                      const std::pair<std::string, Range>& own) {
  std::string out = own.first;
  for (const auto& [series, range] : all) {
    out += fmt::format("\n{} {} {}", series, range.branch, range.tip.hex());
    for (const git::ObjectId& hidden : range.hidden) out += fmt::format(" {}", hidden.hex());
  }
  return fmt::format("{}\n\n{}", out, document.file->text());
}

/// What an earlier process found, or found now and kept.
Drift remembered(const git::Repository& repository, const ConstraintsDocument& document,
                 const std::vector<std::pair<std::string, Range>>& all, const std::pair<std::string, Range>& own) {
  constexpr std::string_view kind = "constraints-drift-1";
  const auto* on_disk = dynamic_cast<const git::RepositoryOnDisk*>(&repository);
  if (on_disk == nullptr || repository.is_shallow()) return compare(repository, &document, all, &own);
  const std::string inputs = inputs_of(document, all, own);
  if (const auto text = on_disk->answers().load(kind, inputs))
    if (auto known = drift_of(*text, repository, *document)) return *std::move(known);
  Drift drift = compare(repository, &document, all, &own);
  if (!drift) return drift;
  try {
    on_disk->answers().store(kind, inputs, text_of(drift, *document));
  } catch (const Json::exception&) {  // lines that are no UTF-8
  }
  return drift;
}

/// Hundreds of states are compared, and neither they nor the forge's file are others with each keystroke.
struct DriftInputs {
  std::weak_ptr<const git::Repository> repository;
  std::weak_ptr<const SourceFile> file;
  const workspace::Document<formats::Constraints>* document = nullptr;  ///< of the file; the answer points into it
  std::vector<std::pair<std::string, Range>> ranges;
  std::string release;

  [[nodiscard]] bool gone() const { return repository.expired() || file.expired(); }
  friend bool operator==(const DriftInputs& a, const DriftInputs& b) {
    return is_same(a.repository, b.repository) && is_same(a.file, b.file) && a.document == b.document &&
           a.ranges == b.ranges && a.release == b.release;
  }
};

using DriftPtr = std::shared_ptr<const Drift>;

DriftPtr compute(const Snapshot& snapshot, std::string_view release) {
  static KeptAnswers<DriftInputs, Drift> kept(32);
  const auto answer = [](auto drift) { return std::make_shared<const Drift>(std::move(drift)); };
  const auto* document = snapshot.upper_constraints(release);
  if (document == nullptr) return answer(std::nullopt);
  const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, requirements_component);
  if (!upstream) return answer(tl::unexpected<Failure>(upstream.error()));
  const DriftInputs inputs{upstream->repository, document->file, document, ranges(*upstream), std::string(release)};
  const auto* own = range_of(inputs.ranges, *upstream, release);
  if (own == nullptr) return answer(std::nullopt);
  return kept.get(inputs, [&] { return remembered(*upstream->repository, *document, inputs.ranges, *own); });
}

}  // namespace

bool wants_upstream_constraints(const formats::ForgeConfig& config) {
  constexpr std::array<std::string_view, 3> rules = {"pin-edited-in-place", "pin-behind-upstream",
                                                     "pin-series-mismatch"};
  return config.upstreams.contains(requirements_component) || std::ranges::any_of(rules, [&](std::string_view rule) {
           const auto set = config.rules.find(rule);
           return set != config.rules.end() && set->second != Severity::off;
         });
}

Result<ConstraintsFile> upstream_constraints(const Snapshot& snapshot, std::string_view release, std::string_view ref) {
  const Result<UpstreamRefs>& upstream = upstream_refs(snapshot, requirements_component);
  if (!upstream) return tl::unexpected<Failure>(upstream.error());
  ConstraintsFile file;
  if (ref.empty()) {
    const auto all = ranges(*upstream);
    const auto* own = range_of(all, *upstream, release);
    if (own == nullptr)
      return fail(Failure::Kind::not_found, fmt::format("`{}` has no series {}.", requirements_component, release));
    file = {own->second.branch, own->second.tip, nullptr};
  } else {
    FORGE_TRY_ASSIGN(const git::ResolvedRef resolved, upstream->repository->resolve(ref));
    file = {std::string(ref), resolved.commit, nullptr};
  }
  FORGE_TRY_ASSIGN(const git::CommitInfo commit, upstream->repository->commit(file.commit));
  FORGE_TRY_ASSIGN(const std::optional<git::TreeEntry> entry, upstream->repository->entry(commit.tree, file_name));
  if (!entry)
    return fail(Failure::Kind::not_found,
                fmt::format("`{}` has no {} at `{}`.", requirements_component, file_name, file.ref));
  FORGE_TRY_ASSIGN(file.text, upstream->repository->blob(entry->id));
  return file;
}

const Result<std::optional<ConstraintsDrift>>& constraints_drift(const Snapshot& snapshot, std::string_view release) {
  return *snapshot.once<DriftPtr>(std::string(release), [&] { return compute(snapshot, release); });
}

}  // namespace forge::model
