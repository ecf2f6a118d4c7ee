#include "lsp/configuration.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "lsp/protocol/uri.hpp"

namespace forge::lsp {

using protocol::Json;

namespace {

/// A client that does not say within that time has no settings.
constexpr std::chrono::milliseconds patience{1000};
constexpr int warning = 2;

}  // namespace

Configuration::Configuration(Peer& peer, Loop& loop, ClientPtr client,
                             std::function<void(const std::string&, const SettingsPtr&)> use)
    : peer_(peer),
      loop_(loop),
      client_(std::move(client)),
      use_(std::move(use)),
      told_(protocol::lookup(client_->options, {"forge"})) {}

bool Configuration::can_ask() const {
  return protocol::flag(client_->capabilities, {"workspace", "configuration"});
}

void Configuration::start() {
  started_ = true;
  watch();
  if (can_ask()) ask();
}

void Configuration::add(const std::string& root) {
  if (!roots_.insert(root).second) return;
  if (!can_ask()) return take(root, told_);
  waiting_[root] = loop_.after(patience, [this, root] { take(root, nullptr); });
  if (started_) ask();
}

void Configuration::forget(const std::string& root) {
  roots_.erase(root);
  waiting_.erase(root);
}

void Configuration::changed(const Json& params) {
  if (can_ask()) return ask();
  told_ = protocol::lookup(params, {"settings", "forge"});
  for (const std::string& root : std::set(roots_)) take(root, told_);
}

void Configuration::ask() {
  if (roots_.empty()) return;
  Json items = Json::array();
  for (const std::string& root : roots_)
    items.push_back({{"scopeUri", protocol::uri_of_path(root)}, {"section", "forge"}});
  peer_.request("workspace/configuration", {{"items", std::move(items)}},
                [this, roots = roots_](const Json& sections) { answered(roots, sections); });
}

void Configuration::answered(const std::set<std::string>& roots, const Json& sections) {
  std::size_t index = 0;
  for (const std::string& root : roots) {
    const Json section = sections.is_array() && index < sections.size() ? sections[index] : Json();
    ++index;
    if (roots_.contains(root)) take(root, section);
  }
}

void Configuration::take(const std::string& root, const Json& section) {
  ReadSettings read = read_settings(section);
  for (const std::string& problem : read.problems) {
    if (!shown_.insert(problem).second) continue;
    peer_.notify("window/showMessage", {{"type", warning}, {"message", fmt::format("Settings: {}", problem)}});
  }
  waiting_.erase(root);
  use_(root, std::make_shared<const Settings>(std::move(read.settings)));
}

void Configuration::watch() {
  if (!protocol::flag(client_->capabilities, {"workspace", "didChangeConfiguration", "dynamicRegistration"})) return;
  Json registration = {
      {"id", "settings"}, {"method", "workspace/didChangeConfiguration"}, {"registerOptions", {{"section", "forge"}}}};
  peer_.request("client/registerCapability", {{"registrations", Json::array({std::move(registration)})}}, {});
}

}  // namespace forge::lsp
