#include "engine/git/change_history_file.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "engine/base/atomic_file.hpp"
#include "engine/base/sha256.hpp"

namespace forge::git {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t max_file_bytes = std::uintmax_t{1} << 30;

/// Empty where it can't be read.
std::string read_bounded(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size > max_file_bytes || !fs::is_regular_file(path, error)) return {};
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (static_cast<std::uintmax_t>(stream.gcount()) != size) return {};
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
  const std::string bytes = history.encoded();
  if (bytes.size() <= max_file_bytes) (void)write_file_atomically(file, bytes);
}

}  // namespace forge::git
