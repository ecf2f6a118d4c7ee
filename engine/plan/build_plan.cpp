#include "engine/plan/build_plan.hpp"

#include <algorithm>
#include <array>

namespace forge::plan {

namespace {

template <class T, std::size_t size>
std::optional<T> find_word(const std::array<std::pair<std::string_view, T>, size>& words, std::string_view word) {
  const auto found = std::ranges::find(words, word, [](const auto& entry) { return entry.first; });
  return found == words.end() ? std::nullopt : std::optional(found->second);
}

template <class T, std::size_t size>
std::string_view find_value(const std::array<std::pair<std::string_view, T>, size>& words, T value) {
  return std::ranges::find(words, value, [](const auto& entry) { return entry.second; })->first;
}

using EventWord = std::pair<std::string_view, Event>;
constexpr std::array events{EventWord{"push", Event::push}, EventWord{"pull_request", Event::pull_request},
                            EventWord{"schedule", Event::schedule}, EventWord{"workflow_dispatch", Event::dispatch},
                            EventWord{"local", Event::local}};
using StageWord = std::pair<std::string_view, Stage>;
constexpr std::array stages{StageWord{"all", Stage::all}, StageWord{"bases", Stage::bases},
                            StageWord{"services", Stage::services}};
using SourceWord = std::pair<std::string_view, SourceForm>;
constexpr std::array source_forms{SourceWord{"folder", SourceForm::folder}, SourceWord{"oci", SourceForm::oci}};
using CacheWord = std::pair<std::string_view, Cache>;
constexpr std::array caches{CacheWord{"gha", Cache::gha}, CacheWord{"registry", Cache::registry},
                            CacheWord{"local", Cache::local}, CacheWord{"none", Cache::none}};
using ContextWord = std::pair<std::string_view, PlanContext::Kind>;
constexpr std::array context_kinds{
    ContextWord{"source", PlanContext::Kind::source}, ContextWord{"constraints", PlanContext::Kind::constraints},
    ContextWord{"base", PlanContext::Kind::base}, ContextWord{"image", PlanContext::Kind::image},
    ContextWord{"empty", PlanContext::Kind::empty}};
using StateWord = std::pair<std::string_view, PlanTarget::State>;
constexpr std::array states{
    StateWord{"planned", PlanTarget::State::planned}, StateWord{"added", PlanTarget::State::added},
    StateWord{"unchanged", PlanTarget::State::unchanged}, StateWord{"blocked", PlanTarget::State::blocked},
    StateWord{"removed", PlanTarget::State::removed}};

}  // namespace

std::string_view to_string(PlanTarget::State state) {
  return find_value(states, state);
}

std::string_view to_string(Event event) {
  return find_value(events, event);
}

std::optional<Event> event_from(std::string_view word) {
  return find_word(events, word);
}

std::optional<Stage> stage_from(std::string_view word) {
  return find_word(stages, word);
}

std::optional<SourceForm> source_form_from(std::string_view word) {
  return find_word(source_forms, word);
}

std::optional<Cache> cache_from(std::string_view word) {
  return find_word(caches, word);
}

std::string_view to_string(PlanContext::Kind kind) {
  return find_value(context_kinds, kind);
}

const PlanTarget* BuildPlan::find(std::string_view id) const {
  const auto found = std::ranges::find(targets, id, &PlanTarget::id);
  return found == targets.end() ? nullptr : &*found;
}

bool BuildPlan::complete() const {
  return findings.empty() && std::ranges::none_of(targets, [](const PlanTarget& target) {
           return target.state == PlanTarget::State::blocked;
         });
}

}  // namespace forge::plan
