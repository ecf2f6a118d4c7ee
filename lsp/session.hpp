/// One client, from `initialize` to `exit`: its capabilities, its open documents, the forges they are in. Lives on
/// the main thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lsp/analysis.hpp"
#include "lsp/client.hpp"
#include "lsp/configuration.hpp"
#include "lsp/diagnostics.hpp"
#include "lsp/documents.hpp"
#include "lsp/environment.hpp"
#include "lsp/log.hpp"
#include "lsp/loop.hpp"
#include "lsp/peer.hpp"
#include "lsp/progress.hpp"
#include "lsp/refresh.hpp"
#include "lsp/scheduler.hpp"

namespace forge::lsp {

/// What all sessions share.
struct Services {
  Loop& loop;
  Scheduler& scheduler;
  Log& log;
  RootUpstreams upstreams;
  git::LocationOptions locations;  ///< of the mirrors, for whatever root
};

/// A document's place in a forge.
struct ForgePlace {
  std::shared_ptr<Analysis> forge;
  std::string path;  ///< relative to the root
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  /// `ended` is called once, with the exit code that the protocol demands.
  Session(ChannelPtr channel, Services services, std::function<void(int)> ended);

  void start();
  /// Ends the session when that process ends.
  void watch_parent(long process_id);

  // What the handlers do, by method name in lsp/handlers/.
  void initialize(Client client, const std::vector<std::string>& folders);
  void initialized();
  void shut_down();
  void exit();
  void folders_changed(const std::vector<std::string>& added, const std::vector<std::string>& removed);
  /// A document was opened, changed or closed.
  void document_changed(const std::string& uri);
  /// Files changed on disk; a burst of such news is one change.
  void disk_changed();
  /// Every forge is looked at once more.
  void everything_changed();
  /// Mirrors were brought up to date.
  void mirrors_changed();
  /// Stops when nobody waits for an answer any more.
  [[nodiscard]] std::stop_token ending() const { return ending_.get_token(); }
  [[nodiscard]] Peer& peer() { return *peer_; }
  [[nodiscard]] Services& services() { return services_; }
  [[nodiscard]] Configuration& configuration() { return *configuration_; }
  [[nodiscard]] ProgressDesk& progress() { return *progress_; }
  [[nodiscard]] const std::map<std::string, std::shared_ptr<Analysis>>& forges() const { return forges_; }
  [[nodiscard]] Documents& documents() { return documents_; }
  [[nodiscard]] Diagnostics& diagnostics() { return *diagnostics_; }
  [[nodiscard]] const ClientPtr& client() const { return client_; }
  /// The newest state's number of each root.
  [[nodiscard]] std::map<std::string, std::uint64_t> forge_numbers() const;
  /// Nothing where the document is in no forge.
  [[nodiscard]] std::optional<ForgePlace> place_of(const std::string& uri);

 private:
  enum class Phase { created, running, shut_down, ended };

  void request(const std::string& method, const protocol::Json& params, const Reply& reply);
  void notification(const std::string& method, const protocol::Json& params);
  void end(std::string_view reason);
  [[nodiscard]] std::shared_ptr<Analysis> forge_at(const std::string& root);
  [[nodiscard]] OpenTexts open_texts(const std::string& root) const;
  void found(const std::string& root, const Outcome& outcome);
  void watch_files();
  void use_settings(const std::string& root, const SettingsPtr& settings);

  Services services_;
  std::function<void(int)> ended_;
  std::shared_ptr<Peer> peer_;
  Phase phase_ = Phase::created;
  ClientPtr client_;
  Documents documents_;
  std::unique_ptr<Diagnostics> diagnostics_;
  std::unique_ptr<Configuration> configuration_;
  std::shared_ptr<ProgressDesk> progress_;
  std::unique_ptr<Refresh> lens_refresh_;
  std::unique_ptr<Refresh> hint_refresh_;
  std::map<std::string, std::shared_ptr<Analysis>> forges_;  ///< by root
  std::vector<PendingPtr> parents_;
  PendingPtr gathering_;
  PendingPtr overview_pause_;
  PendingPtr second_look_;
  std::stop_source ending_;
  PendingPtr flushing_;
  bool watching_ = false;
};

}  // namespace forge::lsp
