#include "lsp/cut_files.hpp"

#include <csignal>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

namespace forge::lsp {

namespace {

std::uintptr_t page_size = 0;

/// Puts a page of zeros where the fault was. Only system calls: nothing else is allowed in a signal handler.
void put_zeros(int, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  void* page = reinterpret_cast<void*>(address - address % page_size);
  const bool behind_the_end = info->si_code == BUS_ADRERR;
  if (behind_the_end &&
      ::mmap(page, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
    return;
  // The instruction is tried again, and ends the process as it would have.
  std::signal(SIGBUS, SIG_DFL);
}

}  // namespace

void read_zeros_behind_cut_files() {
  page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  struct sigaction action{};
  action.sa_sigaction = put_zeros;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace forge::lsp
