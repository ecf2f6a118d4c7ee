/// What an image will hold, as a value: components, who needs whom, patches and the bugs they resolve, and what could
/// not be examined. Nothing in it depends on a clock or on where the forge lies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace forge::sbom {

/// A bug or an advisory that a patch names.
struct Issue {
  enum class Kind { defect, security };
  Kind kind = Kind::defect;
  std::string id;      ///< `2044`, `CVE-2024-1234`, `OSSA-2024-001`
  std::string source;  ///< `Launchpad`, `NVD`, …
  std::string url;     ///< its page

  friend bool operator==(const Issue&, const Issue&) = default;
};

/// By CycloneDX's words: made here alone; taken from a later commit of upstream; picked from another branch.
enum class PatchType { unofficial, backport, cherry_pick };
[[nodiscard]] std::string_view to_string(PatchType type);

struct PatchPedigree {
  PatchType type = PatchType::unofficial;
  std::string path;      ///< in the forge
  std::string sha256;    ///< of the file's bytes
  std::string subject;   ///< may be empty
  std::string upstream;  ///< 40 digits of the commit that it is upstream; empty where there is none or none is known
  std::vector<Issue> resolves{};
};

/// What something was before its patches.
struct Ancestor {
  std::string name;
  std::string version;
  std::string purl;
};

struct Component {
  enum class Kind { container, application, library };
  std::string ref;  ///< unique in its document: the purl where there is one
  Kind kind = Kind::library;
  std::string name;
  std::string version{};  ///< empty: not known
  std::string purl{};
  std::string sha256{};                 ///< of the file that an installer takes; 64 digits
  std::string license_expression{};     ///< by SPDX, as it says itself; else `licenses`
  std::vector<std::string> licenses{};  ///< names, not SPDX's
  std::string vcs_url{};
  std::string commit{};  ///< 40 digits
  std::optional<Ancestor> ancestor{};
  std::vector<PatchPedigree> patches{};
  std::vector<std::pair<std::string, std::string>> properties{};  ///< names begin with `forge:`
  std::vector<std::string> depends_on{};                          ///< refs; sorted and each once in the end
};

/// What the document lacks.
struct Gap {
  std::string what;    ///< for the document: `what an install of nova brings`
  std::string cause;   ///< for people here; may hold paths of this machine
  bool failed = true;  ///< false: no analysis before the build can know it
};

struct Sbom {
  std::string image;                    ///< folder below images/
  std::string release;                  ///< empty for a base
  std::string platform;                 ///< `linux/amd64`
  std::optional<std::int64_t> time{};   ///< seconds since the epoch: of the source's commit
  Component root;                       ///< the image itself
  std::vector<Component> components{};  ///< sorted by ref, each ref once
  std::vector<Gap> gaps{};
  std::vector<std::string> conflicts{};  ///< why the install would stop, as sentences

  [[nodiscard]] Component* find(std::string_view ref);
};

}  // namespace forge::sbom
