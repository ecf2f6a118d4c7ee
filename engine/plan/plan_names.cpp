#include "engine/plan/plan_names.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/git/upstreams.hpp"
#include "engine/model/image_reference.hpp"
#include "engine/plan/plan_tags.hpp"

namespace forge::plan {

using model::ImageNeed;
using model::ImageNode;
using model::NeedKind;

std::optional<std::string> known_digest(const BuildRequest& request, std::string_view image) {
  const auto found = request.digests.find(image);
  return found == request.digests.end() ? std::nullopt : std::optional(found->second);
}

std::string fingerprint_tag(std::string_view fingerprint) {
  constexpr std::size_t digits = 20;
  return "fp-" + std::string(fingerprint.substr(fingerprint.find(':') + 1).substr(0, digits));
}

const PlanSource* own_source(const PlanTarget& target) {
  const bool has = !target.sources.empty() && target.sources.front().component == target.image;
  return has ? &target.sources.front() : nullptr;
}

namespace {

bool on_main(const BuildRequest& request) {
  return request.push && request.branch == "main";
}

std::string short_commit(const BuildRequest& request) {
  return request.commit.substr(0, 7);
}

std::vector<std::string> service_tags(const PlanInputs& in, const PlanTarget& target) {
  const PlanSource* own = own_source(target);
  if (target.version.empty()) return {};
  const std::size_t patches = own == nullptr ? 0 : own->patches;
  std::vector<std::string> tags{composite_tag({target.version, patches, in.request.branch, in.request.commit})};
  if (!in.request.push) return tags;
  if (on_main(in.request)) tags.push_back(sanitised_tag(target.version));
  const bool alone = model::image_releases(in.snapshot, target.image).size() == 1;
  tags.push_back(alone ? short_commit(in.request) : sanitised_tag(target.release) + "-" + short_commit(in.request));
  return tags;
}

/// The tags that Dockerfiles name the base by; where none does, its Python and distribution.
std::vector<std::string> moving_tags(const PlanInputs& in, const ImageNode& node) {
  std::set<std::string, std::less<>> names;  // few, while every image names its bases
  for (const ImageNode& other : model::image_graph(in.snapshot).nodes)
    for (const ImageNeed& need : other.needs)
      if (need.kind == NeedKind::image && need.target == node.image && !names.contains(need.name))
        names.insert(need.name);
  std::set<std::string> tags;
  for (const std::string& name : names) {
    const auto reference = model::parse_image_reference(name);
    if (reference && !reference->tag.empty()) tags.insert(reference->tag);
  }
  const std::string_view distro = std::string_view(in.request.distro).substr(in.request.distro.find(':') + 1);
  if (tags.empty()) tags.insert(sanitised_tag(fmt::format("{}-{}", in.request.python, distro)));
  return {tags.begin(), tags.end()};
}

std::vector<std::string> base_tags(const PlanInputs& in, const ImageNode& node) {
  std::vector<std::string> tags;
  if (!in.request.push || on_main(in.request)) tags = moving_tags(in, node);
  if (in.request.push) tags.push_back(short_commit(in.request));
  return tags;
}

/// A bare name is no registry's, only the build's: the label says where the base is pushed.
void label_own_base(const PlanInputs& in, const ImageNeed& need, const model::ImageReference& reference,
                    const auto& label) {
  const bool bare = need.name == need.target;
  const std::string pushed = fmt::format("{}/{}:{}", to_lower(in.request.registry), need.target,
                                         moving_tags(in, *model::image_graph(in.snapshot).find(need.target)).front());
  label("org.opencontainers.image.base.name", bare ? pushed : reference.long_form());
  label("org.opencontainers.image.base.digest", known_digest(in.request, need.target).value_or(""));
}

/// What the final stage stands on.
void label_base(const PlanInputs& in, const ImageNode& node, const auto& label) {
  const formats::Dockerfile& file = **node.document;
  if (file.stages.empty()) return;
  std::size_t stage = file.stages.size() - 1;
  while (const std::optional<std::size_t> base = formats::base_stage(file, stage)) stage = *base;
  const auto reference = model::parse_image_reference(file.stages[stage].base_name.value_or(""));
  if (!reference || reference->path == "library/scratch") return;
  const auto own = std::ranges::find_if(node.needs, [&](const ImageNeed& need) {
    return need.kind == NeedKind::image && need.span == file.stages[stage].base.span;
  });
  if (own != node.needs.end()) return label_own_base(in, *own, *reference, label);
  model::ImageReference named = *reference;
  named.digest.clear();
  label("org.opencontainers.image.base.name", named.long_form());
  label("org.opencontainers.image.base.digest",
        reference->digest.empty() ? known_digest(in.request, reference->short_form()).value_or("") : reference->digest);
}

std::string library_words(const PlanTarget& target) {
  std::vector<std::string> words;
  for (std::size_t i = 1; i < target.sources.size(); ++i) {
    const PlanSource& library = target.sources[i];
    words.push_back(fmt::format("{} {} ({} {})", library.component, library.version, library.patches,
                                library.patches == 1 ? "patch" : "patches"));
  }
  return words.empty() ? "" : ", with " + join(words, ", ");
}

std::string library_label(const PlanTarget& target) {
  std::vector<std::string> words;
  for (std::size_t i = 1; i < target.sources.size(); ++i)
    words.push_back(
        fmt::format("{}={}+{}", target.sources[i].component, target.sources[i].version, target.sources[i].patches));
  return join(words, ",");
}

std::string description(const ImageNode& node, const PlanTarget& target) {
  if (target.kind == PlanTarget::Kind::base) return (node.is_base ? "base image " : "image ") + target.image;
  return fmt::format("{} {} for {}{}", target.image, target.version.empty() ? "(unknown version)" : target.version,
                     target.release, library_words(target));
}

}  // namespace

std::vector<std::string> image_names(const PlanInputs& in, const ImageNode& node, const PlanTarget& target) {
  std::vector<std::string> names =
      target.kind == PlanTarget::Kind::base ? base_tags(in, node) : service_tags(in, target);
  for (std::string& name : names) name = target.repository + ":" + name;
  return names;
}

void describe_target(const PlanInputs& in, const ImageNode& node, PlanTarget& target) {
  const bool base = target.kind == PlanTarget::Kind::base;
  const PlanSource* own = own_source(target);
  target.description = description(node, target);
  const auto label = [&](std::string_view name, std::string value) {
    if (!value.empty()) target.labels.emplace_back(name, std::move(value));
  };
  label("org.opencontainers.image.title", target.image);
  if (!base)
    label("org.opencontainers.image.description",
          fmt::format("OpenStack {}, release {}", target.image, target.release));
  label("org.opencontainers.image.version", target.version);
  label("org.opencontainers.image.source", in.request.source_url);
  label("org.opencontainers.image.revision", in.request.commit);
  if (own) label("org.opencontainers.image.created", git::to_rfc3339({own->time, 0}));
  label_base(in, node, label);
  label("io.c5c3.forge.release", target.release);
  if (!own) return;
  label("io.c5c3.forge.upstream.ref", own->ref);
  label("io.c5c3.forge.upstream.commit", own->commit);
  label("io.c5c3.forge.patches", std::to_string(own->patches));
  label("io.c5c3.forge.libraries", library_label(target));
}

}  // namespace forge::plan
