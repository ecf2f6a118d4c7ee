#include "engine/formats/source_refs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/formats/yaml_tree.hpp"

namespace forge::formats {

namespace {

SourceRef source_ref(const YamlNode::Entry& entry, Parsed<SourceRefs>& parsed) {
  SourceRef ref{.component = {entry.key.text, entry.key.span}, .ref = {}, .value_span = entry.value.span};
  switch (entry.value.kind) {
    case YamlNode::Kind::null:
      break;
    case YamlNode::Kind::scalar:
      ref.ref = Spanned<std::string>{entry.value.text, entry.value.span};
      ref.quoted = !entry.value.plain;
      if (entry.value.plain) ref.not_string = yaml_type_of_plain(entry.value.text);
      break;
    case YamlNode::Kind::sequence:
    case YamlNode::Kind::mapping:
      parsed.problems.push_back({"file-syntax", entry.value.span,
                                 fmt::format("The ref of `{}` must be one word, such as `\"28.0.0\"`; nothing is "
                                             "nested in this file.",
                                             entry.key.text)});
      break;
  }
  return ref;
}

}  // namespace

const SourceRef* SourceRefs::find(std::string_view component) const {
  const auto last = std::find_if(entries.rbegin(), entries.rend(),
                                 [&](const SourceRef& entry) { return entry.component.value == component; });
  return last == entries.rend() ? nullptr : &*last;
}

Parsed<SourceRefs> parse_source_refs(std::string_view text) {
  Parsed<YamlNode> tree = parse_yaml(text);
  Parsed<SourceRefs> parsed{{}, std::move(tree.problems)};
  if (tree.value.kind == YamlNode::Kind::scalar || tree.value.kind == YamlNode::Kind::sequence) {
    parsed.problems.push_back({"file-syntax", tree.value.span,
                               "This file must be a mapping of component to ref, such as `keystone: \"28.0.0\"`."});
  }
  for (const YamlNode::Entry& entry : tree.value.entries) {
    if (entry.key.is_scalar())
      parsed.value.entries.push_back(source_ref(entry, parsed));
    else
      parsed.problems.push_back({"file-syntax", entry.key.span, "A key must be the name of a component."});
  }
  return parsed;
}

}  // namespace forge::formats
