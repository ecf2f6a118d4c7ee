#include "cli/patch_files.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "cli/command.hpp"

namespace forge::cli {

SourceFilePtr read_patch(const std::string& path) {
  constexpr std::size_t largest = std::size_t{64} << 20;
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  std::array<char, 16384> block;
  while (text.size() <= largest && (stream.read(block.data(), block.size()) || stream.gcount() > 0))
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
  if (!stream.is_open() || stream.bad())
    throw NotDone(fmt::format("The patch `{}` can't be read: {}.", path, std::strerror(errno)));
  if (text.size() > largest) throw NotDone(fmt::format("The patch `{}` is larger than 64 MiB.", path));
  return SourceFile::make(path, std::move(text));
}

}  // namespace forge::cli
