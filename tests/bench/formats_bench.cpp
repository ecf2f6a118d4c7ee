/// How fast Dockerfiles are parsed: `build/bin/formats-bench [FILE]`; without a file, 16 MiB of stages as services
/// have.
#include <algorithm>
#include <cstddef>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/formats/dockerfile.hpp"

namespace {

/// Of this process, so that a busy machine does not count.
double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

constexpr const char* stage = R"(# Packages of the service
FROM venv-builder AS build{0}
ARG PIP_EXTRAS=""
ARG PIP_PACKAGES=""
ENV PATH=/var/lib/openstack/bin:$PATH LANG="C.UTF-8"
# `set -f`: to the shell, an entry such as name[extra] would be a pattern of file names.
RUN --mount=type=bind,from=upper-constraints,source=/upper-constraints.txt,target=/upper-constraints.txt \
    --mount=type=bind,from=keystone,source=/,target=/src/keystone,readwrite \
    set -f \
    && uv pip install --no-cache --python /var/lib/openstack/bin/python \
      --constraint /upper-constraints.txt \
      # what it is built with
      --build-constraint /upper-constraints.txt \
      "/src/keystone${{PIP_EXTRAS:+[$PIP_EXTRAS]}}" $PIP_PACKAGES
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
      ca-certificates \
      libpython3.12t64 \
      netbase \
      tzdata \
    && rm -rf /var/lib/apt/lists/*
RUN <<EOF
set -e
groupadd -g 42424 openstack
useradd -u 42424 -g 42424 -M -d /var/lib/openstack -s /usr/sbin/nologin openstack
EOF
COPY --from=ghcr.io/astral-sh/uv:0.11.28 --link /uv /usr/local/bin/
LABEL org.opencontainers.image.title="keystone" org.opencontainers.image.vendor='someone else'
USER openstack
CMD ["uwsgi", "--http", ":5000"]

)";

/// Steps of a thousand stages, the most that are read, until the text is long enough.
std::string sample() {
  constexpr std::size_t size = 16U << 20U;
  const std::string first = fmt::format(fmt::runtime(stage), 0);
  const std::string steps = first.substr(first.find("ARG"));
  std::string out = first;
  for (std::size_t stages = 1; out.size() < size;)
    out += stages < 500 ? fmt::format(fmt::runtime(stage), stages++) : steps;
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::string text = sample();
  if (argc > 1) {
    std::ifstream file(argv[1], std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::vector<double> seconds;
  std::size_t problems = 0;
  for (int run = 0; run < 9; ++run) {
    const double start = cpu_seconds();
    const auto parsed = forge::formats::parse_dockerfile(text);
    seconds.push_back(cpu_seconds() - start);
    problems = parsed.problems.size();
  }
  std::ranges::nth_element(seconds, seconds.begin() + 4);
  const double megabytes = static_cast<double>(text.size()) / 1e6;
  fmt::print("{:.1f} MB, {} problems, median of 9: {:.1f} ms of CPU, {:.0f} MB/s\n", megabytes, problems,
             seconds[4] * 1e3, megabytes / seconds[4]);
}
