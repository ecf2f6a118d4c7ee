#include "engine/index/package_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/debian_control.hpp"
#include "engine/formats/unpack.hpp"

namespace forge::index {

namespace {

constexpr std::size_t most_text = std::size_t{1} << 30;
constexpr std::size_t most_pool = std::numeric_limits<std::uint32_t>::max() / 2;

// The layout: a head of words, the package records sorted by name, the provider records sorted by what is provided, the
// pool. A text is two words: where it begins in the pool, and its size. Words are of this machine: the file is a cache.
constexpr std::uint32_t magic = 0x31504c46;  // "FLP1"
enum Head : std::size_t { head_magic, head_packages, head_providers, head_pool, head_words };

enum TextField : std::size_t {
  field_name,
  field_version,
  field_architecture,
  field_source,
  field_pre_depends,
  field_depends,
  field_conflicts,
  field_breaks,
  field_provides,
  text_fields
};
enum NumberField : std::size_t {
  number_installed = 2 * text_fields,
  number_download,
  number_rank,
  number_flags,
  package_words
};
enum ProviderField : std::size_t { provider_name = 0, provider_version = 2, provider_package = 4, provider_words };

enum Flag : std::uint32_t { essential = 8, important = 16, allowed = 32, same = 64 };  // below: the priority

constexpr std::uint32_t priority_bits = 7;

using PackageRecord = std::array<std::uint32_t, package_words>;
using ProviderRecord = std::array<std::uint32_t, provider_words>;

std::uint32_t number_in(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::uint32_t priority_in(std::string_view text) {
  constexpr std::array<std::string_view, 5> names = {"required", "important", "standard", "optional", "extra"};
  const auto* const found = std::ranges::find(names, text);
  return found == names.end() ? 0 : static_cast<std::uint32_t>(found - names.begin()) + 1;
}

bool is_yes(std::string_view text) {
  return text == "yes";
}

/// Texts that come again are kept once: versions, architectures, relations of sibling packages.
class Pool {
 public:
  void put(std::string_view text, std::uint32_t* at) {
    if (text.empty()) return;
    const auto [known, is_new] = places_.try_emplace(std::string(text), static_cast<std::uint32_t>(text_.size()));
    if (is_new) text_ += text;
    at[0] = known->second;
    at[1] = static_cast<std::uint32_t>(text.size());
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::unordered_map<std::string, std::uint32_t> places_;
};

class Packing {
 public:
  void add(const formats::ControlParagraph& paragraph) {
    const std::string_view name = paragraph.field("Package");
    const std::string_view version = paragraph.field("Version");
    if (name.empty() || version.empty() || pool_.text().size() > most_pool) return;
    const std::string_view status = paragraph.field("Status");
    if (!status.empty() && !status.ends_with(" installed")) return;
    PackageRecord record{};
    const std::array<std::string_view, text_fields> texts = {name,
                                                             version,
                                                             paragraph.field("Architecture"),
                                                             paragraph.field("Source"),
                                                             paragraph.field("Pre-Depends"),
                                                             paragraph.field("Depends"),
                                                             paragraph.field("Conflicts"),
                                                             paragraph.field("Breaks"),
                                                             paragraph.field("Provides")};
    for (std::size_t field = 0; field < text_fields; ++field) pool_.put(texts[field], &record[2 * field]);
    record[number_installed] = number_in(paragraph.field("Installed-Size"));
    record[number_download] = number_in(paragraph.field("Size"));
    record[number_rank] = rank(name);
    record[number_flags] = flags_of(paragraph);
    for (const std::string_view field :
         {texts[field_pre_depends], texts[field_depends], texts[field_conflicts], texts[field_breaks],
          paragraph.field("Recommends"), paragraph.field("Suggests"), paragraph.field("Replaces"),
          paragraph.field("Enhances")})
      rank_relations(field);
    add_provides(texts[field_provides]);
    packages_.push_back(record);
  }

  [[nodiscard]] bool empty() const { return packages_.empty(); }

  std::string bytes() {
    const std::string_view pool = pool_.text();
    const auto text = [&](const auto& record, std::size_t at) { return pool.substr(record[at], record[at + 1]); };
    std::vector<std::uint32_t> order(packages_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::uint32_t i) { return text(packages_[i], 2 * field_name); });
    std::vector<std::uint32_t> place(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    for (ProviderRecord& provider : providers_) provider[provider_package] = place[provider[provider_package]];
    std::ranges::stable_sort(providers_, {},
                             [&](const ProviderRecord& provider) { return text(provider, provider_name); });
    std::string out;
    const auto put = [&](const auto& words) {
      out.append(reinterpret_cast<const char*>(words.data()), words.size() * sizeof(std::uint32_t));
    };
    std::array<std::uint32_t, head_words> head{};
    head[head_magic] = magic;
    head[head_packages] = static_cast<std::uint32_t>(packages_.size());
    head[head_providers] = static_cast<std::uint32_t>(providers_.size());
    head[head_pool] = static_cast<std::uint32_t>(pool.size());
    put(head);
    for (const std::uint32_t i : order) put(packages_[i]);
    for (const ProviderRecord& provider : providers_) put(provider);
    out += pool;
    return out;
  }

 private:
  static std::uint32_t flags_of(const formats::ControlParagraph& paragraph) {
    std::uint32_t flags = priority_in(paragraph.field("Priority"));
    if (is_yes(paragraph.field("Essential"))) flags |= Flag::essential;
    if (is_yes(paragraph.field("Important")) || is_yes(paragraph.field("Protected"))) flags |= Flag::important;
    if (paragraph.field("Multi-Arch") == "allowed") flags |= Flag::allowed;
    if (paragraph.field("Multi-Arch") == "same") flags |= Flag::same;
    return flags;
  }

  std::uint32_t rank(std::string_view name) {
    return ranks_.try_emplace(std::string(name), static_cast<std::uint32_t>(ranks_.size())).first->second;
  }

  void rank_relations(std::string_view field) {
    for (const auto& group : formats::parse_relations(field))
      for (const formats::PackageRelation& relation : group) rank(relation.name);
  }

  void add_provides(std::string_view field) {
    for (const auto& group : formats::parse_relations(field)) {
      ProviderRecord record{};
      pool_.put(group.front().name, &record[provider_name]);
      pool_.put(group.front().version, &record[provider_version]);
      record[provider_package] = static_cast<std::uint32_t>(packages_.size());
      rank(group.front().name);
      providers_.push_back(record);
    }
  }

  Pool pool_;
  std::vector<PackageRecord> packages_;
  std::vector<ProviderRecord> providers_;
  std::unordered_map<std::string, std::uint32_t> ranks_;
};

/// `glibc (2.36-9)`: the version stands there where it is not the package's own.
std::pair<std::string_view, std::string_view> source_of(std::string_view field, std::string_view name,
                                                        std::string_view version) {
  if (field.empty()) return {name, version};
  const std::size_t open = field.find('(');
  const std::size_t close = field.find(')', std::min(open, field.size()));
  if (open != std::string_view::npos && close != std::string_view::npos)
    version = trim(field.substr(open + 1, close - open - 1));
  return {trim(field.substr(0, open)), version};
}

/// First and end of the run of records whose key is `name`.
template <class KeyOf>
std::pair<std::uint32_t, std::uint32_t> run_of(std::uint32_t count, std::string_view name, const KeyOf& key_of) {
  std::uint32_t first = 0;
  std::uint32_t high = count;
  while (first < high) {
    const std::uint32_t middle = first + (high - first) / 2;
    if (key_of(middle) < name)
      first = middle + 1;
    else
      high = middle;
  }
  std::uint32_t end = first;  // a name has few records
  while (end < count && key_of(end) == name) ++end;
  return {first, end};
}

}  // namespace

Result<PackageListPtr> PackageList::parse(std::string_view packed) {
  Packing packing;
  formats::ControlReader reader([&](const formats::ControlParagraph& paragraph) { packing.add(paragraph); });
  FORGE_TRY(formats::unpack(packed, most_text, [&](std::string_view piece) { reader.feed(piece); }));
  reader.finish();
  if (packing.empty() && reader.skipped() > 0)
    return fail(Failure::Kind::invalid, "There is no package in it: it is no `Packages` file.");
  PackageListPtr list = from_bytes(SharedText(packing.bytes()));
  if (!list) return fail(Failure::Kind::invalid, "It is too large.");
  return list;
}

PackageListPtr PackageList::from_bytes(SharedText bytes) {
  const std::shared_ptr<PackageList> list(new PackageList(std::move(bytes)));
  return list->open() ? list : nullptr;
}

bool PackageList::open() {
  constexpr std::size_t word_size = sizeof(std::uint32_t);
  if (bytes_.view().size() < head_words * word_size || word(head_magic * word_size) != magic) return false;
  packages_ = word(head_packages * word_size);
  providers_ = word(head_providers * word_size);
  providers_at_ = head_words * word_size + std::size_t{packages_} * package_words * word_size;
  pool_at_ = providers_at_ + std::size_t{providers_} * provider_words * word_size;
  return pool_at_ + word(head_pool * word_size) == bytes_.view().size();
}

std::uint32_t PackageList::word(std::size_t at) const {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes_.view().data() + at, sizeof value);
  return value;
}

std::string_view PackageList::text(std::size_t at) const {
  const std::string_view pool = bytes_.view().substr(pool_at_);
  const std::uint32_t begin = word(at);
  return begin > pool.size() ? std::string_view() : pool.substr(begin, word(at + sizeof begin));
}

std::string_view PackageList::name(std::uint32_t index) const {
  return text((head_words + std::size_t{index} * package_words) * sizeof(std::uint32_t));
}

bool PackageList::is_required(std::uint32_t index) const {
  const std::size_t at = (head_words + std::size_t{index} * package_words) * sizeof(std::uint32_t);
  const std::uint32_t flags = word(at + number_flags * sizeof(std::uint32_t));
  return (flags & Flag::essential) != 0 || (flags & priority_bits) == required_priority;
}

ListedPackage PackageList::package(std::uint32_t index) const {
  const std::size_t at = (head_words + std::size_t{index} * package_words) * sizeof(std::uint32_t);
  const auto field = [&](TextField which) { return text(at + 2 * which * sizeof(std::uint32_t)); };
  const auto number = [&](NumberField which) { return word(at + which * sizeof(std::uint32_t)); };
  const std::uint32_t flags = number(number_flags);
  const auto [source, source_version] = source_of(field(field_source), field(field_name), field(field_version));
  return {.name = field(field_name),
          .version = field(field_version),
          .architecture = field(field_architecture),
          .source = source,
          .source_version = source_version,
          .pre_depends = field(field_pre_depends),
          .depends = field(field_depends),
          .conflicts = field(field_conflicts),
          .breaks = field(field_breaks),
          .provides = field(field_provides),
          .installed_kib = number(number_installed),
          .download_bytes = number(number_download),
          .rank = number(number_rank),
          .priority = static_cast<std::uint8_t>(flags & priority_bits),
          .essential = (flags & Flag::essential) != 0,
          .important = (flags & Flag::important) != 0,
          .multi_arch_allowed = (flags & Flag::allowed) != 0,
          .multi_arch_same = (flags & Flag::same) != 0};
}

std::pair<std::uint32_t, std::uint32_t> PackageList::find(std::string_view wanted) const {
  return run_of(packages_, wanted, [&](std::uint32_t i) { return name(i); });
}

std::string_view PackageList::provided(std::uint32_t index) const {
  return text(providers_at_ + std::size_t{index} * provider_words * sizeof(std::uint32_t));
}

std::pair<std::uint32_t, std::uint32_t> PackageList::find_providers(std::string_view wanted) const {
  return run_of(providers_, wanted, [&](std::uint32_t i) { return provided(i); });
}

ListedProvider PackageList::provider(std::uint32_t index) const {
  const std::size_t at = providers_at_ + std::size_t{index} * provider_words * sizeof(std::uint32_t);
  return {.name = text(at),
          .version = text(at + provider_version * sizeof(std::uint32_t)),
          .package = word(at + provider_package * sizeof(std::uint32_t))};
}

}  // namespace forge::index
