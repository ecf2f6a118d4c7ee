#include "cli/input_files.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include <fmt/format.h>

#include "cli/command.hpp"

namespace forge::cli {

std::string read_input_file(const std::string& path, std::string_view what) {
  constexpr std::size_t largest = std::size_t{64} << 20;
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& stream = path == "-" ? std::cin : file;
  std::string text;
  std::array<char, 16384> block;
  while (text.size() <= largest && (stream.read(block.data(), block.size()) || stream.gcount() > 0))
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
  if ((path != "-" && !file.is_open()) || stream.bad())
    throw NotDone(fmt::format("The {} `{}` can't be read: {}.", what, path, std::strerror(errno)));
  if (text.size() > largest) throw NotDone(fmt::format("The {} `{}` is larger than 64 MiB.", what, path));
  return text;
}

SourceFilePtr read_patch(const std::string& path) {
  return SourceFile::make(path, read_input_file(path, "patch"));
}

}  // namespace forge::cli
