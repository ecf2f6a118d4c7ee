/// What one `Packages` file of a Debian-like distribution says, packed so that it is read back without parsing: arrays
/// of fixed records and one pool of text. A noble-sized list is 20 MB.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/shared_text.hpp"

namespace forge::index {

inline constexpr std::uint8_t required_priority = 1;

/// One version of one package. Views into the list.
struct ListedPackage {
  std::string_view name;
  std::string_view version;
  std::string_view architecture;
  std::string_view source;          ///< the source package; the package's own name where the index does not say
  std::string_view source_version;  ///< likewise
  std::string_view pre_depends;
  std::string_view depends;
  std::string_view conflicts;
  std::string_view breaks;
  std::string_view provides;
  std::uint32_t installed_kib = 0;
  std::uint32_t download_bytes = 0;
  /// When a reader of the file meets the name first, as a package or in another's relations.
  std::uint32_t rank = 0;
  std::uint8_t priority = 0;  ///< required_priority … 5 extra, 0 not said
  bool essential = false;
  bool important = false;  ///< `Important: yes` or `Protected: yes`
  bool multi_arch_allowed = false;
  bool multi_arch_same = false;
};

struct ListedProvider {
  std::string_view name;     ///< what is provided
  std::string_view version;  ///< empty: without a version, so that no versioned relation is satisfied
  std::uint32_t package = 0;
};

class PackageList;
using PackageListPtr = std::shared_ptr<const PackageList>;

class PackageList {
 public:
  /// From a Packages file or dpkg's status file (packages that are not installed are left out), packed by gzip, xz,
  /// lz4, … or plain. Paragraphs without a name or a version are left out. Failures: `invalid`, where the data is
  /// damaged, is no index at all or unpacks to more than 1 GiB.
  [[nodiscard]] static Result<PackageListPtr> parse(std::string_view packed);
  /// What bytes() of another gave; null where it is not.
  [[nodiscard]] static PackageListPtr from_bytes(SharedText bytes);

  [[nodiscard]] const SharedText& bytes() const { return bytes_; }
  [[nodiscard]] std::uint32_t size() const { return packages_; }
  [[nodiscard]] ListedPackage package(std::uint32_t index) const;
  /// The packages of that name are [first, second).
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] std::string_view name(std::uint32_t index) const;
  /// Essential, or of that priority.
  [[nodiscard]] bool is_required(std::uint32_t index) const;
  /// Those of a name are neighbours.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> find_providers(std::string_view name) const;
  [[nodiscard]] ListedProvider provider(std::uint32_t index) const;

 private:
  explicit PackageList(SharedText bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] bool open();
  [[nodiscard]] std::uint32_t word(std::size_t at) const;
  [[nodiscard]] std::string_view text(std::size_t at) const;
  [[nodiscard]] std::string_view provided(std::uint32_t index) const;

  SharedText bytes_;
  std::uint32_t packages_ = 0;
  std::uint32_t providers_ = 0;
  std::size_t providers_at_ = 0;
  std::size_t pool_at_ = 0;
};

}  // namespace forge::index
