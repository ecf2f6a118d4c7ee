/// One forge under the client's eyes: which state of it is the newest, and what the rules say about that state. Each
/// run has two phases: the rules that need only text, then all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "lsp/client.hpp"
#include "lsp/forge_state.hpp"
#include "lsp/log.hpp"
#include "lsp/loop.hpp"
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

  [[nodiscard]] const Report& report(const std::string& path) const;
};

/// At most 1,000 per document; the last one then says how many there are.
[[nodiscard]] Reports make_reports(const ForgeState& state, const Findings& findings, const Client& client);

class Analysis : public std::enable_shared_from_this<Analysis> {
 public:
  struct Surroundings {
    Loop& loop;
    Scheduler& scheduler;
    Log& log;
    ClientPtr client;
    std::function<OpenTexts(const std::string& root)> open_texts;
    std::function<void(const std::string& root, const Outcome&)> found;
  };

  Analysis(std::shared_ptr<ForgeRoot> root, Surroundings surroundings);

  /// A file or a document of this forge is another now.
  void changed();
  /// The newest state; made when it is first asked for after a change.
  [[nodiscard]] StatePtr state();
  /// Its number, without making it.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] const std::string& root() const { return root_->path(); }
  [[nodiscard]] bool idle() const { return files_.idle() && everything_.idle(); }

 private:
  void look_at_files();
  void look_at_everything();
  void look(Lane lane, bool complete, const std::function<FindingsPtr()>& find, StatePtr state);
  void done(const Outcome& outcome, FindingsPtr findings);

  std::shared_ptr<ForgeRoot> root_;
  Surroundings surroundings_;
  std::uint64_t number_ = 0;
  StatePtr state_;
  FindingsPtr last_complete_;
  NewestOnly files_;
  NewestOnly everything_;
};

}  // namespace forge::lsp
