/// What a user has set under `forge` in an editor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/formats/forge_config.hpp"
#include "lsp/protocol/json.hpp"

namespace forge::lsp {

struct Settings {
  bool code_lens = true;
  bool inlay_hints = true;
  /// Keys of forge.yaml, as JSON; what is wrong in it is left out. Empty: none.
  std::string config{};

  friend bool operator==(const Settings&, const Settings&) = default;
  /// The forge's own configuration with these over it.
  [[nodiscard]] formats::ForgeConfig over(const formats::ForgeConfig& own) const;
};
using SettingsPtr = std::shared_ptr<const Settings>;

struct ReadSettings {
  Settings settings;
  std::vector<std::string> problems;  ///< sentences; what they are about counts for nothing
};

/// Never throws. Null, an empty text and an empty list are no setting; keys that are not the server's (an extension has
/// its own) are passed over.
[[nodiscard]] ReadSettings read_settings(const protocol::Json& section);

}  // namespace forge::lsp
