#include "engine/git/change_history_file.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "engine/base/atomic_file.hpp"
#include "engine/base/sha256.hpp"

namespace forge::git {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t max_file_bytes = std::uintmax_t{1} << 30;

/// Empty where it can't be read.
ChangeHistory::Bytes read_bounded(const std::string& path) {
  std::error_code error;
  const bool regular = fs::is_regular_file(path, error);
  const std::uintmax_t size = regular ? fs::file_size(path, error) : 0;
  if (error || size > max_file_bytes) return {};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (file == nullptr) return {};
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  ChangeHistory::Bytes bytes = ChangeHistory::Bytes::of_size(size);
  bytes.size = std::fread(bytes.data(), 1, size, file.get());
  return bytes;
}

}  // namespace

std::string change_history_file(const std::string& folder, const std::string& path,
                                std::span<const ObjectId> boundary) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(path, error);
  std::string key = error ? path : whole.string();
  for (const ObjectId& commit : boundary) key += fmt::format("\n{}", commit.hex());
  constexpr std::size_t digits = 32;
  return fmt::format("{}/{}.changes", folder, sha256_hex(key).substr(0, digits));
}

ChangeHistory load_change_history(const std::string& file) {
  return ChangeHistory::decoded(read_bounded(file)).value_or(ChangeHistory::build(std::span<const HashedChange>()));
}

void save_change_history(const std::string& file, const ChangeHistory& history) {
  if (history.encoded().size() <= max_file_bytes) (void)write_file_atomically(file, history.encoded());
}

}  // namespace forge::git
