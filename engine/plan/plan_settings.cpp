#include "engine/plan/plan_settings.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/names.hpp"
#include "engine/base/text.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/plan/plan_tags.hpp"

namespace forge::plan {

namespace {

using namespace std::string_view_literals;

/// The platforms that Debian and Ubuntu images exist for; bake itself would build `linux/amd46`.
constexpr std::array known_platforms{"linux/386"sv,     "linux/amd64"sv,   "linux/arm/v7"sv, "linux/arm64"sv,
                                     "linux/ppc64le"sv, "linux/riscv64"sv, "linux/s390x"sv};

std::vector<std::string> platforms_of(const BuildRequest& request) {
  if (!request.platforms.empty()) return request.platforms;
  const std::vector<std::string>& all = request.forge_platforms;
  if (request.event != Event::pull_request && request.event != Event::local) return all;
  const bool amd64 = std::ranges::find(all, "linux/amd64") != all.end();
  return amd64 || all.empty() ? std::vector<std::string>{"linux/amd64"} : std::vector<std::string>{all.front()};
}

/// Whether the result goes into the local image store, which is what a build on one's own machine is for.
bool loads(const BuildRequest& request) {
  return request.load || (request.event == Event::local && !request.push);
}

tl::unexpected<Failure> refuse(std::string message, std::vector<std::string> hints = {}) {
  return fail(Failure::Kind::invalid, std::move(message), std::move(hints));
}

Result<void> check_push(const BuildRequest& request) {
  if (!request.push) return {};
  if (request.event == Event::pull_request || request.event == Event::local)
    return refuse(fmt::format("A plan for {} pushes nothing.", to_string(request.event)),
                  {"leave `--push` out, or name the event that may push with `--event push`"});
  if (request.load) return refuse("A plan either pushes or loads, not both.");
  if (request.commit.empty() || request.branch.empty())
    return refuse("What is pushed is named after the forge's branch and commit, which are not known.",
                  {"give `--branch` and `--commit`"});
  return {};
}

Result<void> check_platforms(const BuildRequest& request) {
  const std::vector<std::string> platforms = platforms_of(request);
  for (const std::string& platform : platforms)
    if (std::ranges::find(known_platforms, platform) == known_platforms.end())
      return refuse(fmt::format("`{}` is no platform that images are built for.", platform),
                    {"known are " + join(known_platforms, ", ")});
  if (loads(request) && platforms.size() != 1)
    return refuse("The local image store takes images of one platform.", {"choose it with `--platform`"});
  return {};
}

}  // namespace

Result<void> check_request(const BuildRequest& request) {
  if (!request.commit.empty() && !is_full_commit(request.commit))
    return refuse(fmt::format("`{}` is no commit of 40 digits.", request.commit));
  if (!model::parse_image_reference(to_lower(request.registry) + "/x"))
    return refuse(fmt::format("`{}` is no registry that images could be named after.", request.registry),
                  {"set `registry` in forge.yaml, as `ghcr.io/owner`"});
  for (const auto& [image, digest] : request.digests)
    if (!model::is_image_digest(digest))
      return refuse(fmt::format("`{}` is no digest of `{}`: `sha256:` and 64 digits.", digest, image));
  FORGE_TRY(check_push(request));
  return check_platforms(request);
}

bool is_split(const BuildRequest& request) {
  return request.push && request.stage != Stage::all;
}

std::string platform_pair(std::string_view platform) {
  std::string out(platform);
  std::ranges::replace(out, '/', '-');
  return out;
}

namespace {

/// The folder beside the exported sources that `--cache local` fills.
constexpr std::string_view cache_folder = "build/cache/";

/// How buildx names the cache of a scope, to read from and to write to.
struct CacheEntry {
  std::string from;
  std::string to;
};

CacheEntry cache_entry(Cache cache, const PlanTarget& target, const std::string& scope) {
  switch (cache) {
    case Cache::gha:
      return {"type=gha,scope=" + scope, "type=gha,scope=" + scope + ",mode=max,ignore-error=true"};
    case Cache::registry: {
      const std::string tag = sanitised_tag("buildcache" + scope.substr(target.image.size()));
      const std::string ref = fmt::format("type=registry,ref={}:{}", target.repository, tag);
      return {ref, ref + ",mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"};
    }
    case Cache::local: {
      const std::string folder = std::string(cache_folder) + scope;
      return {"type=local,src=" + folder, "type=local,dest=" + folder + ",mode=max"};
    }
    case Cache::none:
      break;
  }
  return {};
}

/// One scope for each writer: parallel jobs of several platforms would overwrite one another's. Who only reads doesn't
/// know in which way the last push was made, and asks for both.
void apply_caches(const BuildRequest& request, PlanTarget& target) {
  const Cache cache = request.cache.value_or(request.event == Event::local ? Cache::none : Cache::gha);
  if (cache == Cache::none) return;
  const bool alone = is_split(request) && target.platforms.size() == 1;
  const bool writes = request.push || cache == Cache::local;
  std::vector<std::string> scopes{target.cache_scope};
  for (const std::string& platform : target.platforms)
    scopes.push_back(target.cache_scope + "-" + platform_pair(platform));
  if (writes) scopes = {alone ? scopes.back() : scopes.front()};
  for (const std::string& scope : scopes) target.cache_from.push_back(cache_entry(cache, target, scope).from);
  if (writes) target.cache_to = {cache_entry(cache, target, scopes.front()).to};
}

}  // namespace

void apply_settings(const BuildRequest& request, PlanTarget& target) {
  target.platforms = platforms_of(request);
  apply_caches(request, target);
  target.tags = target.image_tags;
  if (is_split(request)) {
    target.tags = {target.repository};
    target.output = {"type=image,push-by-digest=true,name-canonical=true,push=true,rewrite-timestamp=true"};
    return;
  }
  if (request.push)
    target.attest = {"type=provenance,mode=max", "type=sbom"};
  else
    target.attest = {"type=provenance,disabled=true"};
  if (request.push)
    target.output = {"type=image,push=true,rewrite-timestamp=true"};
  else
    target.output = {loads(request) ? "type=docker" : "type=cacheonly"};
}

}  // namespace forge::plan
