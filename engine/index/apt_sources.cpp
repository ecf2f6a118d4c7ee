#include "engine/index/apt_sources.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "engine/base/text.hpp"

namespace forge::index {

namespace {

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("file:");
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (const std::string_view word : split(text, ' '))
    if (const std::string_view one = trim(word); !one.empty()) words.emplace_back(one);
  return words;
}

tl::unexpected<Failure> wrong(std::string_view text, std::string_view why) {
  return fail(Failure::Kind::invalid, fmt::format("`{}` is no source of packages: {}.", text, why),
              {"write it as in sources.list, `deb http://archive.ubuntu.com/ubuntu noble main universe`, or name a "
               "`Packages` file or a folder of them"});
}

/// What stands in `[ ]`; only the architectures matter here.
void read_options(std::string_view options, AptSource& source) {
  for (const std::string& option : words_of(options)) {
    constexpr std::string_view arch = "arch=";
    if (!option.starts_with(arch)) continue;
    for (const std::string_view one : split(std::string_view(option).substr(arch.size()), ','))
      source.architectures.emplace_back(one);
  }
}

Result<AptSource> parse_line(std::string_view text) {
  AptSource source;
  std::string_view rest = trim(text.substr(3));
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == std::string_view::npos) return wrong(text, "its `[` is not closed");
    read_options(rest.substr(1, close - 1), source);
    rest = trim(rest.substr(close + 1));
  }
  const std::vector<std::string> words = words_of(rest);
  if (words.size() < 2 || !is_url(words[0])) return wrong(text, "a URL and a suite are missing");
  source.uri = words[0];
  while (source.uri.ends_with('/')) source.uri.pop_back();
  source.suite = words[1];
  source.components.assign(words.begin() + 2, words.end());
  if (source.components.empty() != source.suite.ends_with('/'))
    return wrong(text, "a suite has components, one that ends in `/` has none");
  return source;
}

}  // namespace

bool AptSource::serves(std::string_view architecture) const {
  return architectures.empty() || std::ranges::find(architectures, architecture) != architectures.end();
}

Result<AptSource> parse_apt_source(std::string_view text, std::string_view root) {
  text = trim(text);
  if (text.starts_with("deb ") || text.starts_with("deb\t")) return parse_line(text);
  if (text.starts_with("deb-src")) return wrong(text, "it has source packages");
  AptSource source{.kind = AptSource::Kind::file, .uri = std::string(text)};
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return wrong(text, "its `[` is not closed");
    read_options(text.substr(1, close - 1), source);
    source.uri = trim(text.substr(close + 1));
  }
  if (source.uri.empty()) return wrong(text, "it names nothing");
  if (is_url(source.uri)) return source;
  namespace fs = std::filesystem;
  source.uri = (fs::path(root) / source.uri).lexically_normal().string();
  std::error_code error;
  if (text.ends_with('/') || fs::is_directory(source.uri, error)) source.kind = AptSource::Kind::folder;
  while (source.uri.size() > 1 && source.uri.ends_with('/')) source.uri.pop_back();
  return source;
}

std::vector<AptSource> default_apt_sources(std::string_view distro) {
  const std::size_t colon = distro.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view name = distro.substr(0, colon);
  std::string suite(distro.substr(colon + 1));
  std::vector<AptSource> sources;
  const auto add = [&](std::string_view uri, std::string_view pocket, std::vector<std::string> components,
                       std::vector<std::string> architectures) {
    sources.push_back({.kind = AptSource::Kind::archive,
                       .uri = std::string(uri),
                       .suite = suite + std::string(pocket),
                       .components = std::move(components),
                       .architectures = std::move(architectures)});
  };
  if (name == "ubuntu") {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> codenames = {
        {{"24.04", "noble"}, {"22.04", "jammy"}, {"20.04", "focal"}, {"26.04", "resolute"}, {"25.10", "questing"}}};
    for (const auto& [number, codename] : codenames)
      if (suite == number) suite = codename;
    const std::vector<std::string> main = {"amd64", "i386"};
    const std::vector<std::string> ports = {"arm64", "armhf", "ppc64el", "riscv64", "s390x"};
    for (const std::string_view pocket : {"", "-updates"})
      add("http://archive.ubuntu.com/ubuntu", pocket, {"main", "universe"}, main);
    add("http://security.ubuntu.com/ubuntu", "-security", {"main", "universe"}, main);
    for (const std::string_view pocket : {"", "-updates", "-security"})
      add("http://ports.ubuntu.com/ubuntu-ports", pocket, {"main", "universe"}, ports);
  } else if (name == "debian") {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> codenames = {
        {{"13", "trixie"}, {"12", "bookworm"}, {"11", "bullseye"}}};
    for (const auto& [number, codename] : codenames)
      if (suite == number) suite = codename;
    add("http://ftp.debian.org/debian", "", {"main"}, {});
    if (suite == "sid" || suite == "unstable") return sources;
    add("http://ftp.debian.org/debian", "-updates", {"main"}, {});
    add("http://security.debian.org/debian-security", "-security", {"main"}, {});
  }
  return sources;
}

std::string debian_architecture(std::string_view platform) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> ports = {{{"linux/amd64", "amd64"},
                                                                                    {"linux/arm64", "arm64"},
                                                                                    {"linux/arm64/v8", "arm64"},
                                                                                    {"linux/arm/v7", "armhf"},
                                                                                    {"linux/arm/v6", "armel"},
                                                                                    {"linux/386", "i386"},
                                                                                    {"linux/ppc64le", "ppc64el"},
                                                                                    {"linux/s390x", "s390x"},
                                                                                    {"linux/riscv64", "riscv64"},
                                                                                    {"linux/mips64le", "mips64el"}}};
  const auto* const found = std::ranges::find(ports, platform, &std::pair<std::string_view, std::string_view>::first);
  return found == ports.end() ? std::string() : std::string(found->second);
}

}  // namespace forge::index
