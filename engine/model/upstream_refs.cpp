#include "engine/model/upstream_refs.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"

namespace forge::model {

using git::NamedRef;
using git::RefKind;

namespace {

// Releases had names only until 2022; the numbered folder of this forge stands for them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> named_releases = {{{"2019.1", "stein"},
                                                                                          {"2019.2", "train"},
                                                                                          {"2020.1", "ussuri"},
                                                                                          {"2020.2", "victoria"},
                                                                                          {"2021.1", "wallaby"},
                                                                                          {"2021.2", "xena"},
                                                                                          {"2022.1", "yoga"},
                                                                                          {"2022.2", "zed"}}};

/// A ref that tells where a series is, the best one first.
struct SeriesMark {
  RefKind kind;
  std::string_view prefix;
  std::string_view suffix;
};
constexpr std::array<SeriesMark, 6> series_marks = {{{RefKind::branch, "stable/", ""},
                                                     {RefKind::branch, "unmaintained/", ""},
                                                     {RefKind::tag, "", "-eol"},
                                                     {RefKind::tag, "", "-eom"},
                                                     {RefKind::tag, "", "-em"},
                                                     {RefKind::tag, "", "-last"}}};

bool is_series_name(std::string_view name) {
  return is_release_name(name) || (!name.empty() && std::ranges::all_of(name, is_lower));
}

std::optional<std::string> series_marked_by(const NamedRef& ref, const SeriesMark& mark) {
  std::string_view name = ref.name;
  if (ref.kind != mark.kind || name.size() <= mark.prefix.size() + mark.suffix.size() ||
      !name.starts_with(mark.prefix) || !name.ends_with(mark.suffix))
    return std::nullopt;
  name.remove_prefix(mark.prefix.size());
  name.remove_suffix(mark.suffix.size());
  if (!is_series_name(name)) return std::nullopt;
  return std::string(name);
}

std::vector<Series> list_series(const std::vector<NamedRef>& refs) {
  std::map<std::string, Series> by_name;
  for (const SeriesMark& mark : series_marks) {
    for (const NamedRef& ref : refs) {
      if (const auto name = series_marked_by(ref, mark))
        by_name.try_emplace(*name, Series{*name, ref.name, ref.kind, ref.commit});
    }
  }
  std::vector<Series> all;
  for (auto& [name, series] : by_name) all.push_back(std::move(series));
  // Named ones came first, a letter of the alphabet each.
  std::ranges::stable_sort(all, {}, [](const Series& s) { return std::tuple(is_digit(s.name.front()), s.name); });
  return all;
}

/// The words behind `Sem-Ver:` at the start of a line, which raise more than the last number.
struct SemVer {
  bool minor = false;
  bool major = false;

  void read(std::string_view message) {
    constexpr std::string_view header = "sem-ver:";
    for (const std::string_view line : split(message, '\n')) {
      const std::string text = to_lower(trim(line));
      if (!text.starts_with(header)) continue;
      for (const std::string_view word : split(std::string_view(text).substr(header.size()), ',')) {
        const std::string_view symbol = trim(word);
        minor = minor || symbol == "feature" || symbol == "deprecation";
        major = major || symbol == "api-break";
      }
    }
  }
};

/// The nearest commit with a version in the order of `git log`, and how many commits come before it.
struct LastVersion {
  std::size_t commits = 0;
  std::optional<git::ObjectId> tagged{};
};

Result<LastVersion> last_version(const UpstreamRefs& upstream, const git::ObjectId& commit) {
  LastVersion last;
  FORGE_TRY(upstream.repository->walk(commit, {}, [&](const git::CommitInfo& at) {
    if (upstream.built_tags.contains(at.id))
      last.tagged = at.id;
    else
      ++last.commits;
    return !last.tagged;
  }));
  return last;
}

/// What the messages since the last version ask for.
Result<SemVer> raised_since(const UpstreamRefs& upstream, const git::ObjectId& commit, const LastVersion& last,
                            const BuiltTag& tag) {
  SemVer raised;
  // pbr asks git for `<tag>..HEAD` with `.` where the tag has `-`, gets no answer, and reads none.
  if (tag.name.find('-') != std::string::npos) return raised;
  std::vector<git::ObjectId> hidden;
  if (last.tagged) hidden.push_back(*last.tagged);
  FORGE_TRY(upstream.repository->walk(commit, hidden, [&](const git::CommitInfo& at) {
    raised.read(at.message);
    return true;
  }));
  return raised;
}

/// pbr reads a tag's `-` as `.`, and no other version's.
std::optional<formats::PbrVersion> target_version(std::string_view least) {
  if (least.find('-') != std::string_view::npos) return std::nullopt;
  return formats::PbrVersion::parse_tag(least);
}

}  // namespace

const NamedRef* UpstreamRefs::find(std::string_view name, RefKind kind) const {
  for (auto at = std::ranges::lower_bound(*refs, name, {}, &NamedRef::name); at != refs->end() && at->name == name;
       ++at) {
    if (at->kind == kind) return &*at;
  }
  return nullptr;
}

const Series* UpstreamRefs::find_series(std::string_view name) const {
  const auto found = std::ranges::find(series, name, &Series::name);
  return found == series.end() ? nullptr : &*found;
}

Result<UpstreamRefs> read_upstream_refs(git::RepositoryPtr repository) {
  UpstreamRefs upstream;
  upstream.repository = std::move(repository);
  FORGE_TRY_ASSIGN(upstream.refs, upstream.repository->refs());
  for (const NamedRef& ref : *upstream.refs) {
    if (ref.kind != RefKind::tag) continue;
    if (auto version = formats::Version::parse(ref.name))
      upstream.versions.push_back({ref.name, std::move(*version), ref.commit});
    if (const auto built = formats::PbrVersion::parse_tag(ref.name)) {
      const auto [at, added] = upstream.built_tags.emplace(ref.commit, BuiltTag{*built, ref.name});
      if (at->second.version < *built) at->second = {*built, ref.name};
    }
  }
  std::ranges::stable_sort(upstream.versions,
                           [](const VersionTag& a, const VersionTag& b) { return a.version < b.version; });
  upstream.series = list_series(*upstream.refs);
  for (const char* name : {"main", "master"}) {
    if (const NamedRef* branch = upstream.find(name, RefKind::branch)) upstream.main_branch = *branch;
  }
  return upstream;
}

const Result<UpstreamRefs>& upstream_refs(const workspace::Snapshot& snapshot, std::string_view component) {
  return snapshot.once<Result<UpstreamRefs>>(std::string(component), [&]() -> Result<UpstreamRefs> {
    FORGE_TRY_ASSIGN(git::RepositoryPtr repository, snapshot.upstreams().open(component));
    return read_upstream_refs(std::move(repository));
  });
}

std::vector<std::string> series_names(std::string_view release) {
  std::vector<std::string> names{std::string(release)};
  for (const auto& [number, name] : named_releases) {
    if (number == release) names.emplace_back(name);
  }
  return names;
}

std::string series_of_branch(std::string_view branch) {
  for (const std::string_view prefix : {"stable/", "unmaintained/"}) {
    if (branch.starts_with(prefix) && is_series_name(branch.substr(prefix.size())))
      return std::string(branch.substr(prefix.size()));
  }
  return {};
}

Result<std::string> built_version(const UpstreamRefs& upstream, const git::ObjectId& commit, std::string_view least) {
  FORGE_TRY_ASSIGN(const LastVersion last, last_version(upstream, commit));
  if (!last.tagged && upstream.repository->is_shallow()) {
    return fail(
        Failure::Kind::invalid,
        fmt::format("The version of commit `{}` is unknown: history ends before a version tag.", commit.abbreviated()),
        {"fetch the whole history, for instance with `git fetch --unshallow`"});
  }
  // Without any tag pbr starts at 0 and does not count the first commit.
  const BuiltTag base = last.tagged ? upstream.built_tags.at(*last.tagged) : BuiltTag{};
  const std::size_t distance = last.tagged ? last.commits : last.commits - 1;
  if (distance == 0) return base.version.str();
  FORGE_TRY_ASSIGN(const SemVer raised, raised_since(upstream, commit, last, base));
  const formats::PbrVersion next = base.version.incremented(raised.minor, raised.major);
  const formats::PbrVersion counted = next.with_dev(distance);
  const std::optional<formats::PbrVersion> target = target_version(least);
  if (!target) return counted.str();
  if (next > *target)
    return fail(Failure::Kind::invalid,
                fmt::format("History makes commit `{}` the version `{}`, and its `setup.cfg` says `{}`, which is less: "
                            "pbr refuses to build it.",
                            commit.abbreviated(), next.str(), target->str()));
  return std::max(counted, target->with_dev(distance)).str();
}

Result<std::string> native_version(const UpstreamRefs& upstream, std::string_view ref, const git::ObjectId& commit) {
  const auto written = [](std::string_view tag) {
    return std::string(tag.size() > 1 && (tag[0] == 'v' || tag[0] == 'V') && is_digit(tag[1]) ? tag.substr(1) : tag);
  };
  const NamedRef* tag = upstream.find(ref, RefKind::tag);
  if (tag != nullptr && tag->commit == commit) return written(ref);
  const auto same = std::ranges::find(upstream.versions, commit, &VersionTag::commit);
  return same != upstream.versions.end() ? Result<std::string>(written(same->name)) : built_version(upstream, commit);
}

}  // namespace forge::model
