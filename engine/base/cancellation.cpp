#include "engine/base/cancellation.hpp"

#include <utility>

namespace forge {

namespace {

thread_local const Cancellation* current = nullptr;

}  // namespace

CancellationScope::CancellationScope(Cancellation cancellation)
    : cancellation_(std::move(cancellation)), before_(std::exchange(current, &cancellation_)) {}

CancellationScope::~CancellationScope() {
  current = before_;
}

Cancellation current_cancellation() {
  return current == nullptr ? Cancellation{} : *current;
}

void throw_if_cancelled() {
  if (current == nullptr) return;
  if (current->obsolete.stop_requested() || current->ending.stop_requested()) throw Cancelled();
}

}  // namespace forge
