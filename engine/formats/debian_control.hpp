/// Debian's control data, as `Packages` indexes and dpkg's status file are written in: paragraphs of `Field: value`
/// lines with folded values (deb822(5)), and the fields that relate packages (deb-control(5), Debian policy chapter 7).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forge::formats {

/// Views into the text it was read from.
struct ControlParagraph {
  std::vector<std::pair<std::string_view, std::string_view>> fields;  ///< names as written; values trimmed, folds kept

  /// The first field of that name, in any case; empty where there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const;
};

/// Cuts a stream into paragraphs, whatever the sizes of the pieces that come in. Lines that are no field are skipped;
/// so is a paragraph above `largest`.
class ControlReader {
 public:
  using Visit = std::function<void(const ControlParagraph&)>;
  explicit ControlReader(Visit visit, std::size_t largest = std::size_t{4} << 20)
      : visit_(std::move(visit)), largest_(largest) {}

  void feed(std::string_view piece);
  /// The stream ends here, with or without a newline.
  void finish();
  /// Paragraphs that were too large, and lines that are no field.
  [[nodiscard]] std::size_t skipped() const { return skipped_; }

 private:
  void end_paragraph(std::string_view paragraph);
  void visit(std::string_view paragraph);

  Visit visit_;
  std::size_t largest_;
  std::string rest_;          ///< of a paragraph that has not ended
  std::size_t searched_ = 0;  ///< of `rest_`, where the end is not
  bool too_large_ = false;    ///< the start of the paragraph is gone
  ControlParagraph paragraph_;
  std::size_t skipped_ = 0;
};

enum class VersionRelation { any, earlier, earlier_equal, equal, later_equal, later };

/// `name:arch (>= version)`; views into the field.
struct PackageRelation {
  std::string_view name;
  std::string_view qualifier;  ///< `any`, an architecture; empty: none
  VersionRelation relation = VersionRelation::any;
  std::string_view version;
};

/// One of the alternatives is enough.
using RelationGroup = std::vector<PackageRelation>;

/// Groups in the order of the field; what makes no sense is left out. Architecture lists and build profiles, which
/// binary packages do not have, are skipped.
[[nodiscard]] std::vector<RelationGroup> parse_relations(std::string_view field);

/// Whether a version of a package satisfies the relation; dpkg's order.
[[nodiscard]] bool is_satisfied(const PackageRelation& relation, std::string_view version);

}  // namespace forge::formats
