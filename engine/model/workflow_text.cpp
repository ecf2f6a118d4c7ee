#include "engine/model/workflow_text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <mutex>

#include "engine/base/text.hpp"

namespace forge::model {

using formats::Expression;
using formats::ExpressionValue;
using formats::WorkflowSettings;
using formats::WorkflowText;
using Kind = TextPart::Kind;

namespace {

constexpr std::size_t deepest = 24;
constexpr std::size_t most_names = 20'000;
constexpr std::size_t most_parts = 1000;
constexpr std::size_t longest_literal = 1U << 16U;
constexpr std::size_t longest_filter = 4096;

bool is_too_long(const SymbolicText& text) {
  return text.size() > most_parts || (!text.empty() && text.back().name.size() > longest_literal);
}

SymbolicText one(Kind kind, std::string name) {
  TextPart part{.kind = kind, .name = std::move(name)};
  if (kind == Kind::axis) part.axes.insert(part.name);
  part.open = kind == Kind::unknown;
  return {std::move(part)};
}

SymbolicText literal(std::string text) {
  return text.empty() ? SymbolicText{} : one(Kind::text, std::move(text));
}

/// Neighbouring literals become one.
void append(SymbolicText& to, SymbolicText more) {
  for (TextPart& part : more) {
    if (part.kind == Kind::text && !to.empty() && to.back().kind == Kind::text)
      to.back().name += part.name;
    else
      to.push_back(std::move(part));
  }
}

/// Unknown, but made of `from` and nothing else.
SymbolicText made_of(const std::vector<SymbolicText>& from) {
  TextPart part{.kind = Kind::unknown};
  for (const SymbolicText& text : from)
    for (const TextPart& source : text) {
      part.axes.insert(source.axes.begin(), source.axes.end());
      part.open |= source.open;
    }
  return {std::move(part)};
}

std::optional<std::string> plain(const SymbolicText& text) {
  if (text.empty()) return std::string();
  if (text.size() == 1 && text.front().kind == Kind::text) return text.front().name;
  return std::nullopt;
}

bool is_name_char(char c) {
  return is_alnum(c) || c == '_';
}

/// Actions that set no variables of their own choice for the steps behind them.
bool sets_no_variables(std::string_view action) {
  constexpr std::array<std::string_view, 14> known = {"actions/checkout",
                                                      "actions/cache",
                                                      "actions/upload-artifact",
                                                      "actions/download-artifact",
                                                      "docker/",
                                                      "sigstore/",
                                                      "actions/attest",
                                                      "mikefarah/yq",
                                                      "hadolint/",
                                                      "anchore/",
                                                      "aquasecurity/",
                                                      "github/codeql-action",
                                                      "actions/setup-go",
                                                      "actions/setup-python"};
  return std::ranges::any_of(known, [&](std::string_view prefix) { return action.starts_with(prefix); });
}

bool is_github_variable(std::string_view name) {
  return name.starts_with("GITHUB_") || name.starts_with("RUNNER_") || name.starts_with("ACTIONS_") ||
         name.starts_with("DOCKER_");
}

/// What was made of a text: jobs, steps and occasions ask for the same few conditions over and over. From any thread.
template <class T>
class ParsedTexts {
 public:
  template <class Parse>
  std::shared_ptr<const T> get(std::string_view text, const Parse& parse) {
    {
      const std::scoped_lock lock(mutex_);
      if (const auto known = parsed_.find(text); known != parsed_.end()) return known->second;
    }
    auto made = std::make_shared<const T>(parse(text));
    const std::scoped_lock lock(mutex_);
    if (parsed_.size() >= most) parsed_.clear();
    return parsed_.try_emplace(std::string(text), std::move(made)).first->second;
  }

 private:
  static constexpr std::size_t most = 2000;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const T>, std::less<>> parsed_;
};

std::shared_ptr<const std::optional<Expression>> condition_of(std::string_view text) {
  static ParsedTexts<std::optional<Expression>> conditions;
  return conditions.get(text, formats::parse_condition);
}

std::shared_ptr<const std::vector<formats::TemplatePart>> template_of(std::string_view text) {
  static ParsedTexts<std::vector<formats::TemplatePart>> templates;
  return templates.get(text, formats::parse_template);
}

}  // namespace

/// Reads one text; knows how deep it is.
class TextReader {
 public:
  TextReader(const StepTexts& texts, std::size_t depth) : texts_(texts), depth_(depth) {}

  SymbolicText read(const StepScopePtr& scope, const JobStep* step, std::string_view value) const {
    if (depth_ > deepest) return one(Kind::unknown, {});
    SymbolicText out;
    const auto parts = template_of(value);
    for (const formats::TemplatePart& part : *parts) {
      append(out, part.expression ? expression(scope, step, *part.expression) : literal(part.text));
      if (is_too_long(out)) return one(Kind::unknown, {});
    }
    return out;
  }

  std::optional<bool> holds(const StepScopePtr& scope, const JobStep* step, std::string_view condition) const {
    const auto parsed = condition_of(condition);
    return *parsed ? formats::truth(**parsed, lookup(scope, step)) : std::optional(true);
  }

  SymbolicText word(const StepScopePtr& scope, const JobStep& step, const ScriptPtr& script,
                    std::string_view text) const {
    if (depth_ > deepest) return one(Kind::unknown, {});
    SymbolicText out;
    bool single = false;
    const auto parts = template_of(text);
    for (const formats::TemplatePart& part : *parts) {
      if (part.expression)
        append(out, script->is_file() ? one(Kind::unknown, {}) : expression(scope, &step, *part.expression));
      else
        append(out, shell(scope, step, script, part.text, single));
      if (is_too_long(out)) return one(Kind::unknown, {});
    }
    return out;
  }

 private:
  [[nodiscard]] TextReader deeper() const { return {texts_, depth_ + 1}; }

  formats::ExpressionLookup lookup(const StepScopePtr& scope, const JobStep* step) const {
    return [this, scope, step](const Expression& name) -> std::optional<ExpressionValue> {
      if (std::optional<ExpressionValue> known = of_occasion(name.name)) return known;
      const SymbolicText text = deeper().reference(scope, step, name);
      if (const std::optional<std::string> value = plain(text)) {
        if (*value == "true" || *value == "false") return ExpressionValue(*value);
        return ExpressionValue(*value);
      }
      return std::nullopt;
    };
  }

  std::optional<ExpressionValue> of_occasion(std::string_view name) const {
    const Occasion& on = texts_.occasion_;
    const bool pull = on.event.starts_with("pull_request");
    if (name == "github.event_name") return on.event;
    if (name == "github.ref") return pull ? "refs/pull/1/merge" : "refs/heads/" + on.branch;
    if (name == "github.ref_name") return pull ? "1/merge" : on.branch;
    if (name == "github.ref_type") return std::string("branch");
    if (name == "github.base_ref") return pull ? on.branch : std::string();
    if (name == "github.event.repository.default_branch") return std::string("main");
    if (name == "github.event.pull_request" && !pull) return std::monostate{};
    return std::nullopt;
  }

  // Expressions as texts.

  SymbolicText expression(const StepScopePtr& scope, const JobStep* step, const Expression& made) const {
    if (depth_ > deepest) return one(Kind::unknown, {});
    if (made.kind == Expression::Kind::reference) return deeper().reference(scope, step, made);
    if (made.kind == Expression::Kind::call && made.name == "format") return formatted(scope, step, made);
    if (made.kind == Expression::Kind::binary && (made.name == "&&" || made.name == "||")) {
      const std::optional<bool> first = formats::truth(made.parts[0], lookup(scope, step));
      if (first) return deeper().expression(scope, step, made.parts[*first == (made.name == "&&") ? 1 : 0]);
      return alternatives(scope, step, made);
    }
    if (const auto value = formats::evaluate(made, lookup(scope, step))) return literal(formats::to_text(*value));
    return of_parts(scope, step, made);
  }

  /// `x || 'default'` where x is unknown.
  SymbolicText alternatives(const StepScopePtr& scope, const JobStep* step, const Expression& made) const {
    return made_of({deeper().expression(scope, step, made.parts[0]), deeper().expression(scope, step, made.parts[1])});
  }

  SymbolicText of_parts(const StepScopePtr& scope, const JobStep* step, const Expression& made) const {
    std::vector<SymbolicText> parts;
    for (const Expression& part : made.parts) parts.push_back(deeper().expression(scope, step, part));
    if (made.name == "hashfiles") return one(Kind::constant, made.name);
    return parts.empty() ? one(Kind::unknown, {}) : made_of(parts);
  }

  SymbolicText formatted(const StepScopePtr& scope, const JobStep* step, const Expression& made) const {
    const auto pattern = made.parts.empty() ? std::nullopt : formats::evaluate(made.parts[0], lookup(scope, step));
    if (!pattern) return of_parts(scope, step, made);
    const std::string text = formats::to_text(*pattern);
    SymbolicText out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t open = std::min(text.find('{', at), text.size());
      append(out, literal(text.substr(at, open - at)));
      if (open == text.size()) break;
      const std::size_t close = text.find('}', open);
      const std::size_t index = close == open + 2 && is_digit(text[open + 1])
                                    ? static_cast<std::size_t>(text[open + 1] - '0') + 1
                                    : made.parts.size();
      if (index >= made.parts.size()) return of_parts(scope, step, made);
      append(out, deeper().expression(scope, step, made.parts[index]));
      at = close + 1;
    }
    return out;
  }

  // References.

  SymbolicText reference(const StepScopePtr& scope, const JobStep* step, const Expression& made) const {
    if (depth_ > deepest || ++texts_.looked_up_ > most_names) return one(Kind::unknown, {});
    const std::vector<std::string_view> names = split(made.name, '.');
    const std::string_view context = names.front();
    if (!made.parts.empty() || made.name.find('*') != std::string::npos) return of_parts(scope, step, made);
    if (context == "github") return github(made.name);
    if (context == "secrets" || context == "vars" || context == "runner") return one(Kind::constant, made.name);
    if (names.size() < 2) return one(Kind::unknown, {});
    const std::string name(made.name.substr(context.size() + 1));
    if (context == "matrix") return names.size() == 2 ? axis(scope, name) : one(Kind::unknown, {});
    if (context == "env") return environment(scope, step, name, made.name);
    if (context == "inputs") return input(scope, name);
    if (context == "steps" && names.size() == 4 && names[2] == "outputs")
      return step_output(scope, step, names[1], names[3]);
    if (context == "needs" && names.size() == 4 && names[2] == "outputs") return job_output(scope, names[1], names[3]);
    return one(Kind::unknown, {});
  }

  SymbolicText github(const std::string& name) const {
    if (name == "github.sha") return one(Kind::commit, name);
    if (name == "github.ref_name" || name == "github.head_ref") return one(Kind::branch, name);
    if (const auto value = of_occasion(name)) return literal(formats::to_text(*value));
    return one(Kind::constant, name);
  }

  /// The job whose matrix a scope sees.
  static const StepScope* job_scope(const StepScopePtr& scope) {
    const StepScope* at = scope.get();
    while (at != nullptr && at->caller != nullptr) at = at->parent.get();
    return at;
  }

  SymbolicText axis(const StepScopePtr& scope, const std::string& name) const {
    const StepScope* own = job_scope(scope);
    const bool outer = own != texts_.job_.scope.get();
    const auto& matrix = own->job->matrix;
    if (!matrix) return one(Kind::unset, "matrix." + name);
    if (matrix->known && !outer && texts_.job_.cells) {
      const bool known = std::ranges::any_of(*texts_.job_.cells, [&](const auto& cell) { return cell.contains(name); });
      if (!known) return one(Kind::unset, "matrix." + name);
    }
    return one(Kind::axis, outer ? "^" + name : name);
  }

  SymbolicText environment(const StepScopePtr& scope, const JobStep* step, const std::string& name,
                           const std::string& said) const {
    if (step != nullptr && step->scope == scope)
      if (const WorkflowText* value = step->step->env.find(name)) return deeper().read(scope, step, value->value);
    // What an earlier step has put into $GITHUB_ENV wins over the job's.
    if (const std::optional<SymbolicText> written = from_github_env(step, name)) return *written;
    for (const StepScope* at = scope.get(); at != nullptr; at = at->parent.get()) {
      const bool is_job = at->caller == nullptr;
      const StepScopePtr parent = at == scope.get() ? scope : shared(scope, at);
      if (!is_job) {
        if (const WorkflowText* value = at->caller->env.find(name))
          return deeper().read(at->parent, nullptr, value->value);
        continue;
      }
      if (at->job->env.expression || (*at->document)->env.expression) return one(Kind::unknown, {});
      if (const WorkflowText* value = at->job->env.find(name)) return deeper().read(parent, nullptr, value->value);
      if (const WorkflowText* value = (*at->document)->env.find(name))
        return deeper().read(parent, nullptr, value->value);
      break;  // a called workflow does not see the caller's variables
    }
    return is_github_variable(name) ? one(Kind::constant, said) : one(Kind::unset, said);
  }

  static StepScopePtr shared(const StepScopePtr& from, const StepScope* wanted) {
    StepScopePtr at = from;
    while (at != nullptr && at.get() != wanted) at = at->parent;
    return at;
  }

  /// A step before this one writes the variable, or may.
  std::optional<SymbolicText> from_github_env(const JobStep* step, const std::string& name) const {
    std::optional<SymbolicText> found;
    if (texts_.job_.unseen_steps) found = one(Kind::unknown, {});
    for (const JobStep& before : texts_.job_.steps) {
      if (step != nullptr && before.step == step->step && before.scope == step->scope) break;
      const std::string action = before.step->action();
      if (!action.empty() && !action.starts_with("./") && !sets_no_variables(action)) found = one(Kind::unknown, {});
      const bool other_shell = !before.step->run.value.empty() && before.scripts.empty();
      if (other_shell && before.step->run.value.find(name) != std::string::npos) found = one(Kind::unknown, {});
      for (const ScriptPtr& script : before.scripts)
        if (auto written = written_by(before, script, "GITHUB_ENV", name)) found = std::move(*written);
    }
    return found;
  }

  SymbolicText input(const StepScopePtr& scope, const std::string& name) const {
    const WorkflowText* value = nullptr;
    if (scope->caller != nullptr)
      value = scope->caller->with.find(name);
    else if (scope->parent != nullptr)
      value = scope->parent->job->with.find(name);
    if (value != nullptr) return deeper().read(scope->parent, nullptr, value->value);
    const WorkflowText* fallback = (*scope->document)->inputs.find(name);
    if (fallback == nullptr) return scope->parent == nullptr ? one(Kind::constant, "inputs." + name) : SymbolicText{};
    // A workflow may be started by hand with another value.
    if (scope->parent == nullptr) return one(Kind::constant, "inputs." + name);
    return literal(fallback->value);
  }

  SymbolicText step_output(const StepScopePtr& scope, const JobStep* from, std::string_view id,
                           std::string_view name) const {
    for (const JobStep& step : texts_.job_.steps) {
      if (step.scope != scope || step.step->id.value != id) continue;
      if (from != nullptr && from->step == step.step && from->scope == scope) break;
      return deeper().output_of(step, std::string(name));
    }
    // An own job's steps are all in the run; those of another job are looked for in its own.
    if (scope->job == texts_.job_.job || scope->caller != nullptr) return one(Kind::unset, "steps." + std::string(id));
    return one(Kind::unknown, {});
  }

  SymbolicText output_of(const JobStep& step, const std::string& name) const {
    if (!step.step->uses.value.empty()) return output_of_action(step, name);
    std::optional<SymbolicText> found;
    for (const ScriptPtr& script : step.scripts)
      if (auto written = written_by(step, script, "GITHUB_OUTPUT", name)) found = std::move(written);
    if (found) return *found;
    const bool seen = !step.scripts.empty() && writes_plainly(step);
    return seen ? one(Kind::unset, "steps." + step.step->id.value + ".outputs." + name) : one(Kind::unknown, {});
  }

  SymbolicText output_of_action(const JobStep& step, const std::string& name) const {
    if (!step.step->uses.value.starts_with("./")) return one(Kind::unknown, {});
    for (const JobStep& inner : texts_.job_.steps) {
      if (inner.scope->caller != step.step || inner.scope->parent != step.scope) continue;
      const WorkflowText* value = (*inner.scope->document)->outputs.find(name);
      return value == nullptr ? one(Kind::unset, name) : deeper().read(inner.scope, nullptr, value->value);
    }
    return one(Kind::unknown, {});
  }

  SymbolicText job_output(const StepScopePtr& scope, std::string_view id, std::string_view name) const {
    const StepScope* own = job_scope(scope);
    const JobRun* job = texts_.run_.job(id, own->document);
    if (job == nullptr) return one(Kind::unknown, {});
    if (job->scope->parent != own->parent || !job->job->uses.value.empty()) return one(Kind::unknown, {});
    const WorkflowText* value = job->job->outputs.find(name);
    if (value == nullptr) return one(Kind::unset, "needs." + std::string(id) + ".outputs." + std::string(name));
    const StepTexts there(texts_.run_, *job, texts_.occasion_);
    SymbolicText text = TextReader(there, depth_ + 1).read(job->scope, nullptr, value->value);
    for (TextPart& part : text)  // its matrix is another one
      if (!part.axes.empty()) part = one(Kind::unknown, {}).front();
    return text;
  }

  // The shell.

  /// Every write to the file that could be an output is an `echo` or `printf` of `name=value`.
  static bool writes_plainly(const JobStep& step) {
    for (const ScriptPtr& script : step.scripts) {
      if (script->text.value.find("GITHUB_OUTPUT") == std::string::npos &&
          script->text.value.find("set-output") == std::string::npos)
        continue;
      for (const RunCommand& command : script->commands)
        for (const auto& to : command.redirections) {
          if (to.value.find("GITHUB_OUTPUT") == std::string::npos) continue;
          const std::size_t at = command.program();
          const bool echo = at < command.words.size() && command.words[at].value == "echo";
          if (!echo || at + 1 >= command.words.size() || written_name(command.words[at + 1].value).empty())
            return false;
        }
      if (script->text.value.find("tee") != std::string::npos || script->text.value.find("<<") != std::string::npos ||
          script->text.value.find("for ") != std::string::npos ||
          script->text.value.find("while ") != std::string::npos)
        return false;
    }
    // Programs that are not seen may write as well.
    return std::ranges::all_of(step.scripts, [](const ScriptPtr& script) {
      return std::ranges::all_of(script->commands, [](const RunCommand& command) {
        constexpr std::array<std::string_view, 24> known = {
            "echo", "yq",   "jq",  "git",  "cp", "mkdir", "cat", "sed",  "tr", "grep", "test", "[",
            "[[",   "exit", "set", "find", "wc", "xargs", "ls",  "head", "mv", "rm",   "cut",  "awk"};
        const std::size_t at = command.program();
        return at >= command.words.size() || std::ranges::count(known, base_name(command.words[at].value)) > 0;
      });
    });
  }

  /// `name` of `name=value`, `"name=${value}"`.
  static std::string_view written_name(std::string_view word) {
    if (word.starts_with('"') || word.starts_with('\'')) word.remove_prefix(1);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0) return {};
    const std::string_view name = word.substr(0, equals);
    const bool legal = std::ranges::all_of(name, [](char c) { return is_name_char(c) || c == '-'; });
    return legal ? name : std::string_view();
  }

  /// What `echo "name=value" >> "$GITHUB_OUTPUT"` writes; the last one counts.
  std::optional<SymbolicText> written_by(const JobStep& step, const ScriptPtr& script, std::string_view file,
                                         const std::string& name) const {
    if (script->text.value.find(file) == std::string::npos) return std::nullopt;
    std::optional<SymbolicText> found;
    bool several = false;
    for (const RunCommand& command : script->commands) {
      const std::size_t at = command.program();
      if (at + 1 >= command.words.size() || command.words[at].value != "echo") continue;
      const std::string_view word = command.words[at + 1].value;
      const std::string_view written = written_name(word);
      if (written != name) continue;
      const bool elsewhere =
          !command.redirections.empty() && command.redirections.front().value.find(file) == std::string::npos;
      if (elsewhere) continue;
      std::string_view value = word;
      const bool quoted = value.starts_with('"') || value.starts_with('\'');
      value.remove_prefix(value.find('=') + 1);
      if (quoted && (value.ends_with('"') || value.ends_with('\''))) value.remove_suffix(1);
      several |= found.has_value();
      found = deeper().word(step.scope, step, script, value);
    }
    if (found && several) return made_of({*found, one(Kind::unknown, {})});
    return found;
  }

  SymbolicText shell(const StepScopePtr& scope, const JobStep& step, const ScriptPtr& script, std::string_view text,
                     bool& single) const {
    SymbolicText out;
    std::string plain_text;
    const auto flush = [&] { append(out, literal(std::exchange(plain_text, {}))); };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '\'') {
        single = !single;
      } else if (single) {
        plain_text += c;
      } else if (c == '"') {
        continue;
      } else if (c == '\\' && i + 1 < text.size()) {
        plain_text += text[++i];
      } else if (c == '`') {
        return one(Kind::unknown, {});
      } else if (c == '$' && i + 1 < text.size()) {
        flush();
        const std::size_t size = expansion_size(text.substr(i));
        append(out, expansion(scope, step, script, text.substr(i, size)));
        i += size - 1;
      } else {
        plain_text += c;
      }
    }
    flush();
    return out;
  }

  /// `$NAME`, `${…}`, `$(…)`, `$1`: how much of the text it takes.
  static std::size_t expansion_size(std::string_view text) {
    if (text[1] == '{' || text[1] == '(') {
      const char open = text[1];
      const char close = open == '{' ? '}' : ')';
      std::size_t depth = 0;
      for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == open) ++depth;
        if (text[i] == close && --depth == 0) return i + 1;
      }
      return text.size();
    }
    std::size_t end = 1;
    if (is_digit(text[1])) return 2;
    while (end < text.size() && is_name_char(text[end])) ++end;
    return std::max<std::size_t>(end, 2);
  }

  SymbolicText expansion(const StepScopePtr& scope, const JobStep& step, const ScriptPtr& script,
                         std::string_view text) const {
    if (text.starts_with("$((")) return one(Kind::unknown, {});
    if (text.starts_with("$(")) return substitution(scope, step, script, text.substr(2, text.size() - 3));
    const bool braces = text.starts_with("${");
    std::string_view inside = braces ? text.substr(2, text.size() - 3) : text.substr(1);
    std::size_t end = 0;
    while (end < inside.size() && is_name_char(inside[end])) ++end;
    const std::string name(inside.substr(0, end));
    const std::string_view change = inside.substr(end);
    if (name.empty()) return one(Kind::unknown, {});
    SymbolicText value = deeper().variable(scope, step, script, name);
    if (change.empty() || change.starts_with(",,") || change.starts_with(":?")) return value;
    if (change.starts_with("//\\/") || change.starts_with("////") || change.starts_with("//[^")) {
      for (TextPart& part : value) part.slashes_gone = true;
      return value;
    }
    if (change.starts_with("::") || change.starts_with(":0:")) return shortened(std::move(value));
    if (change.starts_with(":-") || change.starts_with("-")) return with_default(std::move(value));
    return made_of({value});
  }

  static SymbolicText shortened(SymbolicText value) {
    const bool commit = value.size() == 1 && value.front().kind == Kind::commit;
    return commit ? value : made_of({value});
  }

  /// `${X:-d}`: X where it is set; anything may set it where it is not.
  static SymbolicText with_default(SymbolicText value) {
    const bool unset = std::ranges::any_of(value, [](const TextPart& part) { return part.kind == Kind::unset; });
    return unset ? one(Kind::unknown, {}) : value;
  }

  SymbolicText variable(const StepScopePtr& scope, const JobStep& step, const ScriptPtr& script,
                        const std::string& name) const {
    if (depth_ > deepest || ++texts_.looked_up_ > most_names) return one(Kind::unknown, {});
    if (is_digit(name.front())) return argument(scope, step, script, static_cast<std::size_t>(name.front() - '0'));
    const std::vector<std::string_view> values = assigned_values(*script, name);
    if (values.size() == 1) return deeper().word(scope, step, script, values.front());
    if (values.size() > 1) return one(Kind::unknown, {});
    if (reads_into(*script, name)) return one(Kind::unknown, {});
    if (script->caller != nullptr) {
      // What the caller exports or sets before the program.
      if (!assigned_values(*script->caller, name).empty()) return one(Kind::unknown, {});
    }
    if (name == "GITHUB_SHA") return one(Kind::commit, name);
    if (name == "GITHUB_REF_NAME" || name == "GITHUB_HEAD_REF") return one(Kind::branch, name);
    if (is_github_variable(name)) return one(Kind::constant, name);
    return environment(scope, &step, name, "$" + name);
  }

  /// A loop, a `read` or something sourced may set it.
  static bool reads_into(const Script& script, const std::string& name) {
    for (const RunCommand& command : script.commands) {
      const std::size_t at = command.program();
      if (at >= command.words.size()) continue;
      const std::string& program = command.words[at].value;
      if (program == "source" || program == "." || program == "eval") return true;
      const bool reads = program == "for" || program == "read" || program == "mapfile" || program == "readarray" ||
                         program == "printf" || program == "getopts" || program == "local" || program == "declare" ||
                         program == "export";
      if (reads && std::ranges::any_of(command.words, [&](const auto& word) { return word.value == name; }))
        return true;
    }
    return false;
  }

  static bool names_variable(std::string_view text, const std::string& name) {
    for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      const bool begins = at > 0 && (text[at - 1] == '$' || (at > 1 && text.substr(at - 2, 2) == "${"));
      if (begins && (end == text.size() || !is_name_char(text[end]))) return true;
    }
    return false;
  }

  /// Of `NAME=value` in commands of the script; one that only adds to what is there before is left out.
  static std::vector<std::string_view> assigned_values(const Script& script, const std::string& name) {
    std::vector<std::string_view> values;
    for (const RunCommand& command : script.commands) {
      const std::size_t program = command.program();
      for (std::size_t i = 0; i < command.words.size(); ++i) {
        const std::string_view word = command.words[i].value;
        const std::size_t size = assigned_name(word);
        if (size == 0) {
          constexpr std::array<std::string_view, 4> sets = {"export", "local", "readonly", "declare"};
          const bool goes_on = i <= program && std::ranges::count(sets, word) > 0;
          if (i >= program && !goes_on && !word.starts_with('-')) break;
          continue;
        }
        const std::string_view value = word.substr(size + 1);
        const bool adds = word.substr(0, size).ends_with('+') || names_variable(value, name);
        if (word.substr(0, size) == name && !adds && std::ranges::count(values, value) == 0) values.push_back(value);
      }
    }
    return values;
  }

  SymbolicText argument(const StepScopePtr& scope, const JobStep& step, const ScriptPtr& script,
                        std::size_t index) const {
    if (!script->is_file() || index == 0) return one(Kind::unknown, {});
    if (index > script->arguments.size()) return one(Kind::unknown, {});
    return deeper().word(scope, step, script->caller, script->arguments[index - 1].value);
  }

  SymbolicText substitution(const StepScopePtr& scope, const JobStep& step, const ScriptPtr& script,
                            std::string_view text) const {
    const std::vector<RunCommand> commands = shell_commands(text);
    constexpr std::array<std::string_view, 22> pure = {
        "echo", "printf", "tr",       "sed",     "cut",  "awk",  "head", "tail", "jq",   "wc",   "find",
        "ls",   "xargs",  "basename", "dirname", "sort", "uniq", "grep", "cat",  "true", "date", "yq"};
    std::vector<SymbolicText> words;
    bool all_pure = !commands.empty();
    bool counts = false;
    for (const RunCommand& command : commands) {
      const std::size_t at = command.program();
      if (at >= command.words.size()) continue;
      const std::string_view program = base_name(command.words[at].value);
      if (program == "git" && text.find("rev-parse") != text.npos && text.find("-C") == text.npos)
        return one(Kind::commit, "git rev-parse");
      all_pure &= std::ranges::count(pure, program) > 0;
      counts |= program == "wc";
      if (program == "yq") {
        if (auto ref = looked_up(scope, step, script, command, at)) return std::move(*ref);
      }
      for (std::size_t i = at + 1; i < command.words.size(); ++i)
        words.push_back(deeper().word(scope, step, script, command.words[i].value));
    }
    if (!all_pure) return one(Kind::unknown, {});
    SymbolicText made = made_of(words);
    if (counts) made.front().kind = Kind::patch_count;
    return made;
  }

  /// `yq '."name"' releases/<r>/source-refs.yaml`
  std::optional<SymbolicText> looked_up(const StepScopePtr& scope, const JobStep& step, const ScriptPtr& script,
                                        const RunCommand& command, std::size_t program) const {
    const Spanned<std::string>* file = nullptr;
    const Spanned<std::string>* key = nullptr;
    for (std::size_t i = program + 1; i < command.words.size(); ++i) {
      const Spanned<std::string>& word = command.words[i];
      if (word.value.find("source-refs.y") != std::string::npos)
        file = &word;
      else if (key == nullptr && word.value.find('.') != std::string::npos && !word.value.starts_with('-'))
        key = &word;
    }
    if (file == nullptr || key == nullptr) return std::nullopt;
    TextPart part{.kind = Kind::source_ref, .name = "ref"};
    part.inner = deeper().word(scope, step, script, file->value);
    part.key = deeper().word(scope, step, script, key->value);
    for (const SymbolicText* text : {&part.inner, &part.key})
      for (const TextPart& inner : *text) {
        part.axes.insert(inner.axes.begin(), inner.axes.end());
        part.open |= inner.open;
      }
    return SymbolicText{std::move(part)};
  }

  const StepTexts& texts_;
  std::size_t depth_;
};

SymbolicText StepTexts::text(const JobStep& step, std::string_view value) const {
  return TextReader(*this, 0).read(step.scope, &step, value);
}

SymbolicText StepTexts::word(const JobStep& step, const ScriptPtr& script, std::string_view word) const {
  return TextReader(*this, 0).word(step.scope, step, script, word);
}

SymbolicText StepTexts::job_text(std::string_view value) const {
  return TextReader(*this, 0).read(job_.scope, nullptr, value);
}

std::optional<bool> StepTexts::holds(const JobStep& step, std::string_view condition) const {
  return TextReader(*this, 0).holds(step.scope, &step, condition);
}

std::optional<bool> StepTexts::job_holds(std::string_view condition) const {
  return TextReader(*this, 0).holds(job_.scope, nullptr, condition);
}

std::optional<bool> StepTexts::runs(const JobStep& step) const {
  std::optional<bool> all = holds(step, step.step->condition.value);
  for (StepScopePtr at = step.scope; at != nullptr && at->caller != nullptr; at = at->parent) {
    const std::optional<bool> outer = TextReader(*this, 0).holds(at->parent, nullptr, at->caller->condition.value);
    if (outer == false) return false;
    if (!outer && all == true) all = std::nullopt;
  }
  return all;
}

std::optional<bool> job_runs(const WorkflowRun& run, const JobRun& job, const Occasion& occasion) {
  std::optional<bool> all = StepTexts(run, job, occasion).job_holds(job.job->condition.value);
  if (all == false) return all;
  const std::string& condition = job.job->condition.value;
  const bool anyway = condition.find("always()") != std::string::npos ||
                      condition.find("cancelled()") != std::string::npos ||
                      condition.find("failure()") != std::string::npos;
  if (!anyway)
    for (const std::string& id : jobs_before(run, job)) {
      const JobRun* before = run.job(id, job.scope->document);
      if (before == nullptr || before == &job) continue;
      const std::optional<bool> holds = StepTexts(run, *before, occasion).job_holds(before->job->condition.value);
      if (holds == false) return false;
      if (!holds) all = std::nullopt;
    }
  if (job.scope->parent == nullptr) return all;
  const JobRun* caller = run.job(job.scope->parent->job->id.value, job.scope->parent->document);
  if (caller == nullptr || caller == &job) return std::nullopt;
  const std::optional<bool> outer = job_runs(run, *caller, occasion);
  return outer == true ? all : outer;
}

bool matches_filter(std::string_view pattern, std::string_view name) {
  if (pattern.size() > longest_filter) return false;
  // reached[n]: the pattern so far takes the first n bytes of the name.
  std::vector<bool> reached(name.size() + 1, false);
  reached[0] = true;
  for (std::size_t p = 0; p < pattern.size(); ++p) {
    std::vector<bool> next(name.size() + 1, false);
    if (pattern[p] == '*') {
      const bool deep = pattern.substr(p).starts_with("**");
      if (deep) ++p;
      // `a/**/b` takes `a/b`.
      const bool folders = deep && p + 1 < pattern.size() && pattern[p + 1] == '/' && (p < 2 || pattern[p - 2] == '/');
      if (folders) ++p;
      bool open = false;
      for (std::size_t n = 0; n <= name.size(); ++n) {
        if (n > 0 && !deep && name[n - 1] == '/') open = false;
        if (reached[n]) open = true;
        next[n] = open && (!folders || reached[n] || (n > 0 && name[n - 1] == '/'));
      }
    } else {
      for (std::size_t n = 0; n < name.size(); ++n) next[n + 1] = reached[n] && pattern[p] == name[n];
    }
    reached = std::move(next);
  }
  return reached[name.size()];
}

bool is_started(const WorkflowRun& run, const Occasion& occasion) {
  const formats::WorkflowTrigger* trigger = (*run.document)->trigger(occasion.event);
  if (trigger == nullptr) return false;
  // A push filtered by tags alone is none of a branch.
  if (!trigger->branches.given && trigger->tags.given && occasion.event == "push") return false;
  const auto any = [&](const formats::WorkflowFilter& filter) {
    bool taken = false;
    for (const WorkflowText& pattern : filter.patterns) {
      const bool negated = pattern.value.starts_with('!');
      const std::string_view bare = std::string_view(pattern.value).substr(negated ? 1 : 0);
      if (matches_filter(bare, occasion.branch)) taken = !negated;
    }
    return taken;
  };
  if (trigger->branches.given && !any(trigger->branches)) return false;
  return !trigger->branches_ignore.given || !any(trigger->branches_ignore);
}

std::optional<std::string> text_in(const SymbolicText& text, const MatrixCell& cell) {
  std::string out;
  for (const TextPart& part : text) {
    if (part.kind == Kind::text) {
      out += part.name;
    } else if (part.kind == Kind::axis) {
      const auto value = cell.find(part.name);
      if (value == cell.end()) return std::nullopt;
      out += value->second;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::set<std::string>> axes_of(const SymbolicText& text) {
  std::set<std::string> axes;
  for (const TextPart& part : text) {
    if (part.open) return std::nullopt;
    axes.insert(part.axes.begin(), part.axes.end());
  }
  return axes;
}

bool same_text(const SymbolicText& a, const SymbolicText& b) {
  return std::ranges::equal(a, b, [](const TextPart& x, const TextPart& y) {
    const bool comparable = x.kind != Kind::unknown && x.kind != Kind::patch_count;
    return comparable && x.kind == y.kind && x.name == y.name && same_text(x.inner, y.inner) && same_text(x.key, y.key);
  });
}

ValueOrigin origin_of(const JobStep& step, const WorkflowText& value) {
  ValueOrigin at{step.scope->document->file, &value, step};
  for (std::size_t depth = 0; depth < deepest; ++depth) {
    const std::vector<formats::TemplatePart> parts = formats::parse_template(trim(at.text->value));
    if (parts.size() != 1 || !parts.front().expression) break;
    const Expression& only = *parts.front().expression;
    const StepScopePtr scope = at.step.scope;
    if (only.kind != Expression::Kind::reference || !only.name.starts_with("inputs.") || scope->caller == nullptr)
      break;
    const WorkflowText* given = scope->caller->with.find(only.name.substr(7));
    if (given == nullptr) break;
    at = {scope->parent->document->file, given, JobStep{scope->caller, scope->parent, {}}};
  }
  return at;
}

}  // namespace forge::model
