/// One forge under the client's eyes: which state of it is the newest, and what the rules say about that state. Each
/// run has two phases: the rules that need only text, then all of them.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/cancellation.hpp"
#include "lsp/client.hpp"
#include "lsp/forge_state.hpp"
#include "lsp/log.hpp"
#include "lsp/loop.hpp"
#include "lsp/progress.hpp"
#include "lsp/protocol/json.hpp"
#include "lsp/scheduler.hpp"

namespace forge::lsp {

/// The diagnostics of one document, ready to be sent. `id` is a hash of them, `0` of none.
struct Report {
  protocol::Json items = protocol::Json::array();
  std::string id = "0";
};

/// By path relative to the root; a document without findings is not in it.
using Reports = std::map<std::string, Report, std::less<>>;

struct Outcome {
  StatePtr state;
  std::shared_ptr<const Reports> reports;
  /// All rules were asked; else those of the files, with what was last known of the others.
  bool complete = false;
  std::array<std::size_t, 5> counts{};  ///< findings by Severity

  [[nodiscard]] const Report& report(const std::string& path) const;
};

/// At most 1,000 per document; the last one then says how many there are.
[[nodiscard]] Reports make_reports(const ForgeState& state, const Findings& findings, const Client& client);

/// Which answers were given before git's were known. Set by workers.
struct Unsure {
  std::atomic<bool> lenses = false;
  std::atomic<bool> hints = false;
};

class Analysis : public std::enable_shared_from_this<Analysis> {
 public:
  struct Surroundings {
    Loop& loop;
    Scheduler& scheduler;
    Log& log;
    ClientPtr client;
    std::function<OpenTexts(const std::string& root)> open_texts;
    std::function<void(const std::string& root, const Outcome&)> found;
    /// No complete look is to be expected at states up to that one.
    std::function<void(const std::string& root, std::uint64_t number)> given_up;
    /// For complete looks that take their time; may be empty.
    std::function<ProgressPtr(const std::string& title, std::function<void()> cancel)> progress;
    std::stop_token ending;  ///< nobody will ask any more
  };
  /// Null where the forge could not be looked at.
  using Waiter = std::function<void(const Outcome*)>;

  Analysis(std::shared_ptr<ForgeRoot> root, Surroundings surroundings);

  /// A file or a document of this forge is another now.
  void changed();
  /// From now on the disk is looked at now and then for what nobody tells of: fetched mirrors, and the forge's files
  /// where the client does not watch them.
  void watch_disk();
  /// The newest state; made when it is first asked for after a change.
  [[nodiscard]] StatePtr state();
  /// Its number, without making it.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const std::string& root() const { return root_->path(); }
  /// Other settings make another state. Until the first ones are known nothing is looked at.
  void use(SettingsPtr settings);
  [[nodiscard]] bool has_settings() const { return settings_ != nullptr; }
  /// Calls once, with a complete look at this state or a newer one; at once where that is known.
  void when_complete(Waiter waiter);
  /// Nobody is interested any more.
  void abandon();
  /// The user would rather have no complete look at this state than wait: one that is under way is cut, and none is
  /// begun before something changes or somebody waits for one again.
  void give_up();
  [[nodiscard]] const std::shared_ptr<Unsure>& unsure() const { return unsure_; }
  /// Whether the newest complete look made git say something else than the one before.
  [[nodiscard]] bool facts_changed() const { return facts_changed_; }
  /// All that the rules said at the last complete look; null before the first one.
  [[nodiscard]] const FindingsPtr& last_findings() const { return last_complete_; }
  /// What git said at the last complete look, newer states included; null before the first one.
  [[nodiscard]] const ide::ForgeFactsPtr& last_facts() const { return last_facts_; }

  [[nodiscard]] bool idle() const { return files_.idle() && everything_.idle(); }

 private:
  void look_at_files();
  void look_at_everything();
  struct Look {
    Outcome outcome;
    FindingsPtr findings;
    ide::ForgeFactsPtr facts;
    bool cut = false;
  };
  /// At the newest state.
  void look(Lane lane, Cancellation cancellation, const std::function<FindingsPtr()>& find);
  void done(const Look& look);
  void done_completely(const Look& look);
  void cut_obsolete_look();
  void tell_waiters(const Outcome* outcome, std::uint64_t number);
  void look_for_news(std::chrono::milliseconds after);
  void look_now(bool quiet, bool first);

  std::shared_ptr<ForgeRoot> root_;
  Surroundings surroundings_;
  std::uint64_t number_ = 0;
  std::uint64_t looked_at_ = 0;  ///< the number at the last look at the disk
  std::uint64_t quiet_at_ = 0;   ///< the number when nobody was seen to type last
  StatePtr state_;
  FindingsPtr last_complete_;
  ide::ForgeFactsPtr last_facts_;
  std::shared_ptr<Unsure> unsure_ = std::make_shared<Unsure>();
  bool facts_changed_ = false;
  Outcome complete_;  ///< of the newest state, where that is known
  SettingsPtr settings_;
  ProgressPtr progress_;
  std::vector<std::pair<std::uint64_t, Waiter>> waiters_;
  std::stop_source complete_look_;                                  ///< the one under way, or the last one
  std::optional<std::chrono::steady_clock::time_point> first_cut_;  ///< since the last complete look
  std::uint64_t given_up_ = 0;                                      ///< states up to this one
  NewestOnly files_;
  NewestOnly everything_;
  PendingPtr next_look_;
};

}  // namespace forge::lsp
