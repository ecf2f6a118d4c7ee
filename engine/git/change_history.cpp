#include "engine/git/change_history.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "engine/base/text.hpp"

namespace forge::git {

namespace {

constexpr std::size_t named_digits = 7;

/// The key of a set of paths.
std::uint64_t set_key(std::span<const std::uint64_t> paths) {
  return TextHash::mixed(std::accumulate(paths.begin(), paths.end(), std::uint64_t{paths.size()}));
}

std::vector<std::uint64_t> sorted_set(std::vector<std::uint64_t> hashes) {
  std::ranges::sort(hashes);
  hashes.erase(std::ranges::unique(hashes).begin(), hashes.end());
  return hashes;
}

template <class Key>
std::vector<std::uint64_t> hashed(const std::vector<std::string>& names, Key&& key) {
  std::vector<std::uint64_t> out;
  out.reserve(names.size());
  for (const std::string& name : names) out.push_back(key(name));
  return sorted_set(std::move(out));
}

std::uint64_t text_key(std::string_view text) {
  return TextHash().add(text).value();
}

struct FileHead {
  std::array<char, 8> magic{'f', 'o', 'r', 'g', 'e', 'c', 'h', 'g'};
  std::uint32_t version = 1;
  std::uint32_t byte_order = 0x01020304;
  std::uint64_t checksum = 0;  ///< of all behind the head
};

constexpr std::size_t padded(std::size_t size) {
  return (size + 7) / 8 * 8;
}

/// Eight bytes at a time, in four lanes: what is to be found is damage, not an enemy, against whom the bounds are
/// checked.
std::uint64_t checksum_of(std::string_view bytes) {
  std::array<std::uint64_t, 4> lanes{bytes.size(), 1, 2, 3};
  std::size_t at = 0;
  for (; at + sizeof lanes <= bytes.size(); at += sizeof lanes) {
    std::array<std::uint64_t, 4> words{};
    std::memcpy(words.data(), bytes.data() + at, sizeof words);
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
      lanes[lane] = (std::rotl(lanes[lane], 29) ^ words[lane]) * 0x9E3779B97F4A7C15U;
  }
  std::uint64_t sum = TextHash().add(bytes.substr(at)).value();
  for (const std::uint64_t lane : lanes) sum = TextHash::mixed(sum ^ lane);
  return sum;
}

/// An array in the file: how many values, then these, then zeros up to a boundary of eight.
template <class T>
void append_array(std::string& out, const std::vector<T>& array) {
  const std::uint64_t count = array.size();
  out.append(reinterpret_cast<const char*>(&count), sizeof count);
  out.append(reinterpret_cast<const char*>(array.data()), array.size() * sizeof(T));
  out.resize(padded(out.size()));
}

template <class T>
bool take_array(std::string_view& bytes, std::span<const T>& array) {
  std::uint64_t count = 0;
  if (bytes.size() < sizeof count) return false;
  std::memcpy(&count, bytes.data(), sizeof count);
  bytes.remove_prefix(sizeof count);
  if (count > bytes.size() / sizeof(T) || padded(count * sizeof(T)) > bytes.size()) return false;
  array = {reinterpret_cast<const T*>(bytes.data()), count};
  bytes.remove_prefix(padded(count * sizeof(T)));
  return true;
}

/// `begins` cut an array of `size` into `pieces`.
bool are_cuts(std::span<const std::uint32_t> begins, std::size_t pieces, std::size_t size) {
  return begins.size() == pieces + 1 && begins.front() == 0 && begins.back() == size && std::ranges::is_sorted(begins);
}

using Row = std::pair<std::uint64_t, ChangeHistory::Number>;

void append_table(std::string& out, std::vector<Row> rows) {
  std::ranges::sort(rows);
  rows.erase(std::ranges::unique(rows).begin(), rows.end());
  std::vector<std::uint64_t> keys;
  std::vector<std::uint32_t> begins;
  std::vector<ChangeHistory::Number> commits;
  for (const auto& [key, commit] : rows) {
    if (keys.empty() || keys.back() != key) {
      keys.push_back(key);
      begins.push_back(static_cast<std::uint32_t>(commits.size()));
    }
    commits.push_back(commit);
  }
  begins.push_back(static_cast<std::uint32_t>(commits.size()));
  append_array(out, keys);
  append_array(out, begins);
  append_array(out, commits);
}

/// The arrays of commits and their parents.
void append_commits(std::string& out, std::span<const HashedChange> commits) {
  using Number = ChangeHistory::Number;
  std::vector<ObjectId> ids;
  std::vector<std::int64_t> times;
  for (const HashedChange& change : commits) {
    ids.push_back(change.id);
    times.push_back(change.time);
  }
  std::vector<Number> by_id(commits.size());
  std::iota(by_id.begin(), by_id.end(), Number{0});
  const auto id_of = [&](Number number) -> const ObjectId& { return ids[number]; };
  std::ranges::sort(by_id, {}, id_of);
  std::vector<std::uint32_t> parent_begins;
  std::vector<Number> parents;
  for (Number number = 0; number < commits.size(); ++number) {
    parent_begins.push_back(static_cast<std::uint32_t>(parents.size()));
    for (const ObjectId& parent : commits[number].parents) {
      const auto at = std::ranges::lower_bound(by_id, parent, {}, id_of);
      if (at != by_id.end() && ids[*at] == parent && *at < number) parents.push_back(*at);
    }
  }
  parent_begins.push_back(static_cast<std::uint32_t>(parents.size()));
  append_array(out, ids);
  append_array(out, times);
  append_array(out, parent_begins);
  append_array(out, parents);
  append_array(out, by_id);
}

std::vector<Row> rows_of(std::span<const HashedChange> commits, std::vector<std::uint64_t> HashedChange::* keys) {
  std::vector<Row> rows;
  for (ChangeHistory::Number number = 0; number < commits.size(); ++number) {
    for (const std::uint64_t key : commits[number].*keys) rows.emplace_back(key, number);
  }
  return rows;
}

std::vector<Row> path_set_rows(std::span<const HashedChange> commits) {
  std::vector<Row> rows;
  for (ChangeHistory::Number number = 0; number < commits.size(); ++number) {
    if (!commits[number].paths.empty()) rows.emplace_back(set_key(commits[number].paths), number);
  }
  return rows;
}

}  // namespace

std::uint64_t named_commit_key(std::string_view hex) {
  return text_key(to_lower(hex.substr(0, named_digits)));
}

std::vector<ChangeHistory::Number> ChangeHistory::Table::find(std::uint64_t key) const {
  const auto at = std::ranges::lower_bound(keys, key);
  if (at == keys.end() || *at != key) return {};
  const auto i = static_cast<std::size_t>(at - keys.begin());
  return {commits.begin() + begins[i], commits.begin() + begins[i + 1]};
}

bool ChangeHistory::Table::is_sound(std::size_t commit_count) const {
  return are_cuts(begins, keys.size(), commits.size()) && std::ranges::is_sorted(keys) &&
         std::ranges::all_of(commits, [commit_count](Number commit) { return commit < commit_count; });
}

template <class Visit>
void ChangeHistory::Table::for_each(Visit&& visit) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::uint32_t at = begins[i]; at < begins[i + 1]; ++at) visit(keys[i], commits[at]);
  }
}

ChangeHistory ChangeHistory::build(std::span<const CommitChange> commits) {
  std::vector<HashedChange> all;
  all.reserve(commits.size());
  for (const CommitChange& change : commits) {
    all.push_back({.id = change.id,
                   .parents = change.parents,
                   .time = change.time,
                   .change_ids = hashed(change.change_ids, text_key),
                   .paths = change.parents.size() > 1 ? std::vector<std::uint64_t>() : hashed(change.paths, text_key),
                   .picked_from = hashed(change.picked_from, named_commit_key),
                   .reverted = hashed(change.reverted, named_commit_key)});
  }
  return build(all);
}

ChangeHistory ChangeHistory::build(std::span<const HashedChange> commits) {
  std::string out(sizeof(FileHead), '\0');
  append_commits(out, commits);
  append_table(out, rows_of(commits, &HashedChange::paths));
  append_table(out, path_set_rows(commits));
  append_table(out, rows_of(commits, &HashedChange::change_ids));
  append_table(out, rows_of(commits, &HashedChange::picked_from));
  append_table(out, rows_of(commits, &HashedChange::reverted));
  FileHead head;
  head.checksum = checksum_of(std::string_view(out).substr(sizeof head));
  std::memcpy(out.data(), &head, sizeof head);
  Bytes bytes = Bytes::of_size(out.size());
  std::ranges::copy(out, bytes.data());
  ChangeHistory history(std::move(bytes));
  (void)history.find_arrays();
  return history;
}

ChangeHistory ChangeHistory::extended(std::span<const HashedChange> added, std::span<const ObjectId> tips) const {
  std::vector<ObjectId> seen_from(tips.begin(), tips.end());
  for (const HashedChange& change : added)
    seen_from.insert(seen_from.end(), change.parents.begin(), change.parents.end());
  std::vector<HashedChange> all = commits_reached_from(seen_from);
  all.insert(all.end(), added.begin(), added.end());
  ChangeHistory out = build(all);
  out.walked_ = added.size();
  return out;
}

std::vector<HashedChange> ChangeHistory::commits_reached_from(std::span<const ObjectId> tips) const {
  std::vector<bool> wanted(size());
  for (const ObjectId& tip : tips) {
    if (const auto number = find(tip)) wanted[*number] = true;
  }
  std::vector<HashedChange> all(size());
  for (auto number = static_cast<Number>(size()); number-- > 0;) {
    all[number].id = ids_[number];
    all[number].time = times_[number];
    for (const Number parent : parents(number)) {
      all[number].parents.push_back(ids_[parent]);
      if (wanted[number]) wanted[parent] = true;
    }
  }
  paths_.for_each([&](std::uint64_t key, Number commit) { all[commit].paths.push_back(key); });
  change_ids_.for_each([&](std::uint64_t key, Number commit) { all[commit].change_ids.push_back(key); });
  picks_.for_each([&](std::uint64_t key, Number commit) { all[commit].picked_from.push_back(key); });
  reverts_.for_each([&](std::uint64_t key, Number commit) { all[commit].reverted.push_back(key); });
  std::size_t kept = 0;
  for (std::size_t number = 0; number < all.size(); ++number) {
    if (!wanted[number]) continue;
    if (kept != number) all[kept] = std::move(all[number]);
    ++kept;
  }
  all.resize(kept);
  return all;
}

std::optional<ChangeHistory::Number> ChangeHistory::find(const ObjectId& commit) const {
  const auto at =
      std::ranges::lower_bound(by_id_, commit, {}, [&](Number number) -> const ObjectId& { return ids_[number]; });
  if (at == by_id_.end() || ids_[*at] != commit) return std::nullopt;
  return *at;
}

std::span<const ChangeHistory::Number> ChangeHistory::parents(Number commit) const {
  return parents_.subspan(parent_begins_[commit], parent_begins_[commit + 1] - parent_begins_[commit]);
}

ChangeHistory::Reach ChangeHistory::reach(Number tip) const {
  Reach out;
  out.bits_.resize(tip + 1);
  out.bits_[tip] = true;
  for (Number commit = tip + 1; commit-- > 0;) {
    if (!out.bits_[commit]) continue;
    for (const Number parent : parents(commit)) out.bits_[parent] = true;
  }
  return out;
}

ChangeHistory::Reach ChangeHistory::holders(Number commit) const {
  Reach out;
  out.bits_.resize(size());
  out.bits_[commit] = true;
  for (Number child = commit + 1; child < size(); ++child) {
    for (const Number parent : parents(child)) {
      if (out.bits_[parent]) out.bits_[child] = true;
    }
  }
  return out;
}

std::vector<ChangeHistory::Number> ChangeHistory::touching(std::string_view path) const {
  return paths_.find(text_key(path));
}

std::vector<ChangeHistory::Number> ChangeHistory::changing_exactly(std::span<const std::string> paths) const {
  return path_sets_.find(set_key(hashed({paths.begin(), paths.end()}, text_key)));
}

std::vector<ChangeHistory::Number> ChangeHistory::with_change_id(std::string_view change_id) const {
  return change_ids_.find(text_key(change_id));
}

std::vector<ChangeHistory::Number> ChangeHistory::picked_from(const ObjectId& commit) const {
  return picks_.find(named_commit_key(commit.hex()));
}

std::vector<ChangeHistory::Number> ChangeHistory::reverting(const ObjectId& commit) const {
  return reverts_.find(named_commit_key(commit.hex()));
}

ChangeHistory::Bytes ChangeHistory::Bytes::of_size(std::size_t size) {
  return {std::make_unique_for_overwrite<std::uint64_t[]>(padded(size) / sizeof(std::uint64_t)), size};
}

std::optional<ChangeHistory> ChangeHistory::decoded(Bytes bytes) {
  FileHead head;
  const FileHead wanted;
  if (bytes.size < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (head.magic != wanted.magic || head.version != wanted.version || head.byte_order != wanted.byte_order ||
      head.checksum != checksum_of(bytes.view().substr(sizeof head)))
    return std::nullopt;
  ChangeHistory out(std::move(bytes));
  if (!out.find_arrays() || !out.is_sound()) return std::nullopt;
  return out;
}

bool ChangeHistory::find_arrays() {
  std::string_view rest = bytes_.view().substr(sizeof(FileHead));
  bool good = take_array(rest, ids_) && take_array(rest, times_) && take_array(rest, parent_begins_) &&
              take_array(rest, parents_) && take_array(rest, by_id_);
  for (Table* table : {&paths_, &path_sets_, &change_ids_, &picks_, &reverts_})
    good = good && take_array(rest, table->keys) && take_array(rest, table->begins) && take_array(rest, table->commits);
  return good && rest.empty();
}

bool ChangeHistory::is_sound() const {
  if (times_.size() != size() || by_id_.size() != size() || !are_cuts(parent_begins_, size(), parents_.size()))
    return false;
  for (Number number = 0; number < size(); ++number) {
    if (std::ranges::any_of(parents(number), [number](Number parent) { return parent >= number; })) return false;
  }
  return std::ranges::all_of(by_id_, [&](Number number) { return number < size(); }) &&
         std::ranges::all_of(
             std::initializer_list<const Table*>{&paths_, &path_sets_, &change_ids_, &picks_, &reverts_},
             [&](const Table* table) { return table->is_sound(size()); });
}

}  // namespace forge::git
