#include "lsp/refresh.hpp"

#include <chrono>
#include <utility>

namespace forge::lsp {

void Refresh::request() {
  if (!supported_) return;
  wanted_ = true;
  if (pause_) return;
  wanted_ = false;
  peer_.request(method_, nullptr, {});
  pause_ = loop_.after(std::chrono::seconds(1), [this] {
    pause_.reset();
    if (std::exchange(wanted_, false)) request();
  });
}

}  // namespace forge::lsp
