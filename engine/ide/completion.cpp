#include "engine/ide/completion.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/config_keys.hpp"
#include "engine/formats/extras_keys.hpp"
#include "engine/formats/platform.hpp"
#include "engine/ide/line_context.hpp"
#include "engine/ide/ref_candidates.hpp"
#include "engine/ide/subject.hpp"
#include "engine/model/declared_requirements.hpp"
#include "engine/model/image_graph.hpp"
#include "engine/model/known_contexts.hpp"
#include "engine/model/package_set.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::DocumentPath;
using workspace::Snapshot;

namespace {

/// Takes what fits the typed letters, up to the bound.
class Offers {
 public:
  Offers(TextSpan span, std::string typed) : typed_(std::move(typed)) { out_.span = span; }

  void add(Completion item) {
    const std::string& compared = item.filter.empty() ? item.label : item.filter;
    if (!holds_letters(compared, typed_)) return;
    if (out_.items.size() == most_completions) {
      out_.incomplete = true;
      return;
    }
    if (item.new_text.empty()) item.new_text = item.label;
    out_.items.push_back(std::move(item));
  }
  [[nodiscard]] bool full() const { return out_.incomplete; }
  Completions take() { return std::move(out_); }

 private:
  std::string typed_;
  Completions out_;
};

/// A value needs a blank behind the colon.
std::string lead(const SourceFile& file, const TypedScalar& at) {
  const std::uint32_t begin = at.span.begin - (at.quote != 0 ? 1 : 0);
  return at.quote == 0 && begin > 0 && file.text()[begin - 1] == ':' ? " " : "";
}

/// A scalar's new text with the quotes that are still missing around it.
class Quoting {
 public:
  Quoting(const SourceFile& file, const TypedScalar& at, bool is_value) : at_(at) {
    quote_ = at.quote != 0 ? at.quote : is_value ? usual_quote(file.text()) : '\0';
    if (is_value) lead_ = lead(file, at);
  }

  [[nodiscard]] std::string operator()(std::string_view text) const {
    std::string out = lead_;
    if (at_.quote == 0 && quote_ != 0) out += quote_;
    out += text;
    if (!at_.closed && quote_ != 0) out += quote_;
    return out;
  }

 private:
  const TypedScalar& at_;
  std::string lead_;
  char quote_ = 0;
};

std::span<const formats::Pin> pins_of(const Snapshot& snapshot, std::string_view release) {
  const auto* document = snapshot.upper_constraints(release);
  return document == nullptr ? std::span<const formats::Pin>() : (*document)->pins;
}

Completions complete_ref(const Snapshot& snapshot, const SourceFile& file, const std::string& release,
                         const std::string& component, const TypedScalar& at) {
  Offers offers(at.span, at.typed);
  const Quoting quoted(file, at, true);
  const RefCandidates& refs = ref_candidates(snapshot, release, component);
  for (const SeriesTag& tag : refs.series) {
    std::string detail = tag.day;
    if (tag.behind) detail += *tag.behind == 0 ? " · at the head" : fmt::format(" · {} behind the head", *tag.behind);
    offers.add({CompletionKind::tag, tag.tag->name, std::move(detail), quoted(tag.tag->name)});
  }
  for (const git::NamedRef* branch : refs.branches)
    offers.add({CompletionKind::branch, branch->name, "branch", quoted(branch->name)});
  for (const git::CommitInfo& commit : refs.commits) {
    const std::string hex = commit.id.hex();
    offers.add({CompletionKind::commit, commit.id.abbreviated(),
                fmt::format("{} · {}", day_of(commit.commit_time), commit.subject()), quoted(hex),
                fmt::format("{} {}", hex, commit.subject())});
  }
  for (const model::VersionTag* tag : refs.other) {
    if (offers.full()) break;
    offers.add({CompletionKind::tag, tag->name, "another series", quoted(tag->name)});
  }
  return offers.take();
}

/// Components that have no line in the release yet: images that others are not built from, and patched libraries.
std::vector<std::pair<std::string, std::string>> missing_components(const Snapshot& snapshot,
                                                                    const std::string& release) {
  std::vector<std::pair<std::string, std::string>> found;
  const auto* refs = snapshot.source_refs(release);
  std::set<std::string> seen;
  const auto add = [&](const std::string& name, std::string_view why) {
    if (refs != nullptr && (*refs)->find(name) != nullptr) return;
    if (seen.insert(name).second) found.emplace_back(name, why);
  };
  for (const model::ImageNode& node : model::image_graph(snapshot).nodes) {
    // An image of published packages (`tempest`) has its versions in test-refs.yaml.
    const bool takes_source =
        std::ranges::any_of(node.needs, [&](const model::ImageNeed& need) { return need.name == node.image; });
    if (!node.is_base && (takes_source || model::is_component(snapshot, node.image)))
      add(node.image, fmt::format("images/{}", node.image));
  }
  for (const workspace::PatchSeries& series : snapshot.patch_series())
    if (series.release == release) add(series.component, fmt::format("patches/{}/{}", series.component, release));
  for (const std::string& other : snapshot.releases()) {
    const auto* others = snapshot.source_refs(other);
    if (others == nullptr) continue;
    for (const formats::SourceRef& entry : (*others)->entries) add(entry.component.value, fmt::format("in {}", other));
  }
  return found;
}

Completions complete_component_line(const Snapshot& snapshot, const SourceFile& file, const std::string& release,
                                    const TypedEntry& entry) {
  Offers offers(entry.name->span, entry.name->typed);
  const char quote = usual_quote(file.text());
  for (const auto& [name, why] : missing_components(snapshot, release)) {
    Completion item{CompletionKind::component, name, why};
    if (!entry.has_colon && entry.name->quote == 0) {
      item.new_text = name + ": ";
      if (quote != 0) item.new_text += quote;
      item.cursor = item.new_text.size();
      if (quote != 0) item.new_text += quote;
    }
    offers.add(std::move(item));
  }
  return offers.take();
}

Completions in_source_refs(const Snapshot& snapshot, const SourceFile& file, const DocumentPath& at,
                           std::uint32_t offset) {
  const std::optional<TypedEntry> entry = typed_entry(typed_line(file, offset));
  if (!entry || entry->item) return {};
  if (entry->value && !entry->key.empty()) return complete_ref(snapshot, file, at.release, entry->key, *entry->value);
  if (entry->name && entry->indent == 0) return complete_component_line(snapshot, file, at.release, *entry);
  return {};
}

/// `name===1.0` or `-name`, as far as it is typed.
Completions in_overrides(const Snapshot& snapshot, const SourceFile& file, const DocumentPath& at,
                         std::uint32_t offset) {
  const TypedLine line = typed_line(file, offset);
  const std::string_view before = line.text.substr(0, line.cursor);
  if (before.find('#') != std::string_view::npos) return {};
  const std::size_t begin = before.starts_with('-') ? 1 : 0;
  const std::size_t equals = line.text.find('=');
  if (equals == std::string_view::npos || line.cursor <= equals) {
    const std::size_t end = std::min({line.text.find_first_of("=#; \t", begin), line.text.size()});
    if (line.cursor > end) return {};
    Offers offers(span_of(line.begin + begin, line.begin + end), std::string(before.substr(begin)));
    const bool has_more = end < line.text.size() && line.text[end] == '=';
    std::set<std::string> seen;
    for (const formats::Pin& pin : pins_of(snapshot, at.release)) {
      if (!seen.insert(pin.name.str()).second) continue;
      std::string text = pin.spelling.value + (begin == 0 && !has_more ? "===" : "");
      offers.add({CompletionKind::package, pin.spelling.value, pin.requirement_text(), std::move(text)});
    }
    return offers.take();
  }
  std::size_t version = equals;
  while (version < line.text.size() && line.text[version] == '=') ++version;
  const std::size_t end = std::min(line.text.find_first_of("; \t#", version), line.text.size());
  const auto name = PackageName::parse(trim(line.text.substr(0, equals)));
  if (!name || line.cursor < version || line.cursor > end) return {};
  // With one or two of the three signs typed the others are put in front.
  const std::string signs(version - equals < 3 ? 3 - (version - equals) : 0, '=');
  Offers offers(span_of(line.begin + version, line.begin + end), std::string(before.substr(version)));
  std::set<std::string> seen;
  const auto add_versions = [&](const std::string& release) {
    for (const formats::Pin& pin : pins_of(snapshot, release)) {
      if (pin.name == *name && !pin.version.value.empty() && seen.insert(pin.version.value).second)
        offers.add(
            {CompletionKind::version, pin.version.value, fmt::format("in {}", release), signs + pin.version.value});
    }
  };
  add_versions(at.release);
  for (const std::string& release : snapshot.releases()) add_versions(release);
  return offers.take();
}

void add_packages(const Snapshot& snapshot, const std::string& release, const Quoting& quoted, Offers& offers) {
  std::set<std::string> seen;
  for (const formats::Pin& pin : pins_of(snapshot, release))
    if (seen.insert(pin.name.str()).second)
      offers.add({CompletionKind::package, pin.spelling.value, pin.requirement_text(), quoted(pin.spelling.value)});
}

Completions complete_extras_item(const Snapshot& snapshot, const SourceFile& file, const std::string& release,
                                 const std::string& service, std::string_view key, const TypedScalar& at) {
  Offers offers(at.span, at.typed);
  const Quoting quoted(file, at, false);
  if (key == "pip_packages") add_packages(snapshot, release, quoted, offers);
  if (key == "pip_extras") {
    if (const auto& tree = model::declared_requirements(snapshot, release, service)) {
      for (const formats::DeclaredExtra& extra : tree->declared.extras)
        offers.add({CompletionKind::package, extra.spelling, extra.from, quoted(extra.spelling)});
    }
  }
  return offers.take();
}

Completions in_extra_packages(const Snapshot& snapshot, const SourceFile& file, const DocumentPath& at,
                              std::uint32_t offset) {
  const TypedLine line = typed_line(file, offset);
  const std::optional<TypedEntry> entry = typed_entry(line);
  const std::uint32_t indent = entry ? entry->indent + (entry->item ? 1 : 0) : 1;
  const std::vector<std::string> above = keys_above(file, offset, std::max<std::uint32_t>(indent, 1));
  if (const auto item = typed_item(line)) {
    const std::string key = entry && !entry->key.empty() ? entry->key : above.empty() ? "" : above.back();
    return complete_extras_item(snapshot, file, at.release, above.empty() ? "" : above.front(), key, *item);
  }
  if (!entry || !entry->name || entry->item) return {};
  Offers offers(entry->name->span, entry->name->typed);
  if (entry->indent == 0) {
    const auto* extras = snapshot.extra_packages(at.release);
    const auto* refs = snapshot.source_refs(at.release);
    if (refs == nullptr) return {};
    for (const formats::SourceRef& ref : (*refs)->entries) {
      const std::string& name = ref.component.value;
      if (!snapshot.is_service(name) || (extras != nullptr && (*extras)->find(name) != nullptr)) continue;
      offers.add(
          {CompletionKind::component, name, ref.ref ? ref.ref->value : "", entry->has_colon ? name : name + ":"});
    }
  } else {
    for (const formats::ExtrasKey& key : formats::extras_keys())
      offers.add({CompletionKind::key, std::string(key.name), std::string(key.words),
                  entry->has_colon ? std::string(key.name) : fmt::format("{}: ", key.name)});
  }
  return offers.take();
}

Completions in_test_refs(const Snapshot& snapshot, const SourceFile& file, const DocumentPath& at,
                         std::uint32_t offset) {
  const std::optional<TypedEntry> entry = typed_entry(typed_line(file, offset));
  if (!entry || entry->item) return {};
  if (entry->value && !entry->key.empty()) {
    Offers offers(entry->value->span, entry->value->typed);
    const Quoting quoted(file, *entry->value, true);
    const auto name = PackageName::parse(entry->key);
    for (const formats::Pin& pin : pins_of(snapshot, at.release))
      if (name && pin.name == *name)
        offers.add({CompletionKind::version, pin.version.value, "pinned", quoted(pin.version.value)});
    const RefCandidates& refs = ref_candidates(snapshot, at.release, entry->key);
    const auto add_tag = [&](const model::VersionTag& tag) {
      offers.add({CompletionKind::version, tag.name, "tag", quoted(tag.name)});
    };
    for (const SeriesTag& tag : refs.series) add_tag(*tag.tag);
    for (const model::VersionTag* tag : refs.other) add_tag(*tag);
    return offers.take();
  }
  if (!entry->name || entry->indent != 0) return {};
  Offers offers(entry->name->span, entry->name->typed);
  const auto add = [&](const std::string& name) {
    offers.add({CompletionKind::package, name, "", entry->has_colon ? name : name + ": "});
  };
  add("tempest");
  if (const auto* refs = snapshot.source_refs(at.release)) {
    for (const formats::SourceRef& ref : (*refs)->entries)
      if (snapshot.is_service(ref.component.value)) add(ref.component.value + "-tempest-plugin");
  }
  return offers.take();
}

/// The part of a key's name behind `prefix`, where it is directly below it.
std::string_view key_below(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return {};
  name.remove_prefix(prefix.size());
  return name.find('.') == std::string_view::npos ? name : std::string_view();
}

void add_config_keys(std::string_view prefix, bool has_colon, Offers& offers) {
  for (const formats::ConfigKey& key : formats::config_keys()) {
    const std::string_view name = key_below(key.name, prefix);
    if (name.empty()) continue;
    offers.add({CompletionKind::key, std::string(name), std::string(key.words),
                has_colon ? std::string(name) : fmt::format("{}:{}", name, key.is_mapping ? "" : " ")});
  }
}

Completions in_config(const Snapshot& snapshot, const SourceFile& file, std::uint32_t offset, RuleList rules) {
  const std::optional<TypedEntry> entry = typed_entry(typed_line(file, offset));
  if (!entry || entry->item) return {};
  const std::vector<std::string> above = keys_above(file, offset, entry->indent);
  const std::string parent = above.empty() ? "" : above.back();
  if (entry->value) {
    if (parent != "rules") return {};
    Offers offers(entry->value->span, entry->value->typed);
    for (const char* level : {"off", "hint", "info", "warning", "error"})
      offers.add({CompletionKind::key, level, "", lead(file, *entry->value) + level});
    return offers.take();
  }
  if (!entry->name) return {};
  Offers offers(entry->name->span, entry->name->typed);
  const auto as_key = [&](std::string_view name) {
    return entry->has_colon ? std::string(name) : fmt::format("{}: ", name);
  };
  if (entry->indent == 0 || above.empty()) {
    add_config_keys("", entry->has_colon, offers);
  } else if (parent == "rules") {
    for (const RuleWords& rule : rules)
      offers.add({CompletionKind::rule, std::string(rule.name), std::string(rule.summary), as_key(rule.name)});
  } else if (parent == "upstreams") {
    std::set<std::string> seen;
    for (const std::string& release : snapshot.releases()) {
      const auto* refs = snapshot.source_refs(release);
      if (refs == nullptr) continue;
      for (const formats::SourceRef& ref : (*refs)->entries)
        if (seen.insert(ref.component.value).second)
          offers.add({CompletionKind::component, ref.component.value, "", as_key(ref.component.value)});
    }
  } else {
    add_config_keys(parent + ".", entry->has_colon, offers);
  }
  return offers.take();
}

/// Profiles and platforms, inside of the brackets of a line.
Completions in_bindep(const Snapshot& snapshot, const SourceFile& file, const DocumentPath& at, std::uint32_t offset) {
  const TypedLine line = typed_line(file, offset);
  const std::string_view before = line.text.substr(0, line.cursor);
  const std::size_t open = before.rfind('[');
  if (open == std::string_view::npos || before.find(']', open) != std::string_view::npos ||
      before.find('#') != std::string_view::npos)
    return {};
  constexpr std::string_view ends = " \t([!)]";
  const std::size_t begin = before.find_last_of(ends) + 1;
  const std::size_t end = std::min(line.text.find_first_of(" \t()]#", line.cursor), line.text.size());
  Offers offers(span_of(line.begin + begin, line.begin + end), std::string(before.substr(begin)));
  std::set<std::string> seen;
  const auto add = [&](std::string name, std::string_view words) {
    if (!name.empty() && seen.insert(name).second)
      offers.add({CompletionKind::atom, std::move(name), std::string(words)});
  };
  for (const std::string& atom : formats::target_atoms(snapshot.config().distro).value_or(std::vector<std::string>()))
    add("platform:" + atom, fmt::format("of {}", snapshot.config().distro));
  for (const std::string& release : snapshot.releases()) {
    for (const auto phase : {model::PackagePhase::build, model::PackagePhase::runtime})
      for (std::string& profile : model::package_profiles(snapshot, release, at.component, phase))
        add(std::move(profile), model::to_string(phase));
  }
  add("build", "profile");
  add("test", "profile");
  for (const std::string& image : snapshot.images()) {
    if (const auto* other = snapshot.bindep(image)) {
      for (const Subject& subject : subjects_in(snapshot, other->file->path()))
        if (subject.kind == SubjectKind::bindep_atom) add(subject.name, "in use");
    }
  }
  return offers.take();
}

std::string_view context_words(model::NeedKind kind) {
  switch (kind) {
    case model::NeedKind::image:
      return "an image of the forge";
    case model::NeedKind::source:
      return "a source tree with its patches";
    case model::NeedKind::constraints:
      return "the release's constraints";
    case model::NeedKind::libraries:
      return "the patched libraries";
    case model::NeedKind::external:
    case model::NeedKind::undefined:
    case model::NeedKind::invalid:
      break;
  }
  return "";
}

/// The word that a Dockerfile takes something from, as far as it is typed: behind `FROM`, `COPY --from=` or the
/// `from=` of a mount. Nothing elsewhere.
std::optional<TextSpan> typed_source(const TypedLine& line) {
  constexpr std::string_view blanks = " \t";
  const std::string_view before = line.text.substr(0, line.cursor);
  const std::size_t first = std::min(line.text.find_first_not_of(blanks), line.text.size());
  if (line.text.substr(first).starts_with('#')) return std::nullopt;
  const std::size_t begin = before.find_last_of(blanks) + 1;  // 0 where there is none
  const std::size_t end = std::min(line.text.find_first_of(blanks, line.cursor), line.text.size());
  const std::string_view word = line.text.substr(begin, end - begin);
  const auto span = [&](std::size_t from, std::size_t to) { return span_of(line.begin + from, line.begin + to); };
  constexpr std::string_view copy = "--from=";
  if (word.starts_with(copy) && line.cursor >= begin + copy.size()) return span(begin + copy.size(), end);
  if (word.starts_with("--mount=")) {
    const std::size_t field = before.find_last_of(",=", before.rfind('=') - 1) + 1;
    const std::size_t value = before.rfind('=') + 1;
    if (line.text.substr(field, value - field) != "from=" || before.find(',', value) != std::string_view::npos)
      return std::nullopt;
    return span(value, std::min(line.text.find(',', line.cursor), end));
  }
  std::vector<std::string_view> words;
  for (const std::string_view one : split(line.text.substr(first, begin - std::min(begin, first)), ' '))
    if (!trim(one).empty() && !(words.size() == 1 && one.starts_with("--"))) words.push_back(one);
  const bool is_base = words.size() == 1 && to_lower(words[0]) == "from" && !word.starts_with("--");
  return is_base ? std::optional(span(begin, end)) : std::nullopt;
}

/// The stages above, and what the forge has to be taken.
Completions in_dockerfile(const Snapshot& snapshot, const SourceFile& file, const DocumentPath& at,
                          std::uint32_t offset) {
  const TypedLine line = typed_line(file, offset);
  const auto span = typed_source(line);
  if (!span) return {};
  Offers offers(*span, std::string(file.text({span->begin, std::max(offset, span->begin)})));
  if (const auto* document = snapshot.dockerfile(at.component))
    for (const formats::Stage& stage : (*document)->stages)
      if (stage.name && stage.from.span.begin < line.begin)
        offers.add({CompletionKind::stage, stage.name->value, fmt::format("from {}", stage.base.value)});
  for (const model::ImageNeed& need : model::known_contexts(snapshot, at.component))
    offers.add({CompletionKind::context, need.name, std::string(context_words(need.kind))});
  return offers.take();
}

/// The name of a rule in a comment that ignores it.
std::optional<Completions> in_ignore(const SourceFile& file, bool is_patch, std::uint32_t offset, RuleList rules) {
  for (const TextSpan list : ignore_lists(file.text(), is_patch)) {
    if (!list.contains(offset)) continue;
    const std::string_view text = file.text(list);
    const std::string_view before = text.substr(0, offset - list.begin);
    const std::size_t begin = before.find_last_of(", \t") + 1;
    const std::size_t end = std::min(text.find_first_of(", \t\r", before.size()), text.size());
    Offers offers(span_of(list.begin + begin, list.begin + end), std::string(before.substr(begin)));
    // `Forge-Ignore:` needs a blank behind it.
    const char previous = file.text()[list.begin + begin - 1];
    for (const RuleWords& rule : rules)
      offers.add({CompletionKind::rule, std::string(rule.name), std::string(rule.summary),
                  fmt::format("{}{}", previous == ':' ? " " : "", rule.name)});
    return offers.take();
  }
  return std::nullopt;
}

}  // namespace

bool holds_letters(std::string_view text, std::string_view typed) {
  std::size_t at = 0;
  for (const char c : typed) {
    while (at < text.size() && to_lower(text[at]) != to_lower(c)) ++at;
    if (at == text.size()) return false;
    ++at;
  }
  return true;
}

Completions completions(const Snapshot& snapshot, std::string_view path, std::uint32_t offset, RuleList rules) {
  const SourceFilePtr file = snapshot.file(path);
  const DocumentPath at = workspace::classify(path);
  if (file == nullptr) return {};
  if (auto in_comment = in_ignore(*file, at.kind == DocumentKind::patch, offset, rules)) return *std::move(in_comment);
  switch (at.kind) {
    case DocumentKind::source_refs:
      return in_source_refs(snapshot, *file, at, offset);
    case DocumentKind::test_refs:
      return in_test_refs(snapshot, *file, at, offset);
    case DocumentKind::extra_packages:
      return in_extra_packages(snapshot, *file, at, offset);
    case DocumentKind::overrides:
      return in_overrides(snapshot, *file, at, offset);
    case DocumentKind::config:
      return in_config(snapshot, *file, offset, rules);
    case DocumentKind::bindep:
      return in_bindep(snapshot, *file, at, offset);
    case DocumentKind::dockerfile:
      return in_dockerfile(snapshot, *file, at, offset);
    default:
      return {};
  }
}

std::string completed_component(const Snapshot& snapshot, std::string_view path, std::uint32_t offset) {
  const SourceFilePtr file = snapshot.file(path);
  if (file == nullptr || workspace::classify(path).kind != DocumentKind::source_refs) return {};
  const std::optional<TypedEntry> entry = typed_entry(typed_line(*file, offset));
  return entry && entry->value ? entry->key : std::string();
}

}  // namespace forge::ide
