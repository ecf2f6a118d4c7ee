#include "engine/ide/symbols.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/ide/subject.hpp"
#include "engine/workspace/forge_layout.hpp"

namespace forge::ide {

using workspace::DocumentKind;
using workspace::DocumentPath;
using workspace::Snapshot;

namespace {

using Symbols = std::vector<Symbol>;

/// Children may stand outside of what a parser gave as the parent's span.
Symbol enclosing(Symbol symbol) {
  const auto cover = [&](TextSpan span) {
    symbol.span = {std::min(symbol.span.begin, span.begin), std::max(symbol.span.end, span.end)};
  };
  cover(symbol.name_span);
  for (const Symbol& child : symbol.children) cover(child.span);
  return symbol;
}

void add(Symbols& into, Symbol symbol) {
  if (symbol.name.empty()) symbol.name = std::string("?");  // a client refuses the whole list for one empty name
  into.push_back(enclosing(std::move(symbol)));
}

Symbols symbols_of(const workspace::Document<formats::SourceRefs>* document, SymbolKind kind) {
  Symbols out;
  if (document == nullptr) return out;
  for (const formats::SourceRef& entry : (*document)->entries) {
    const TextSpan name = entry.component.span;
    add(out, {kind, entry.component.value, entry.ref ? entry.ref->value : "",
              entry.ref ? TextSpan{name.begin, std::max(name.end, entry.ref->span.end)} : name, name});
  }
  return out;
}

Symbols symbols_of(const workspace::Document<formats::Constraints>* document) {
  Symbols out;
  if (document == nullptr) return out;
  for (const formats::Pin& pin : (*document)->pins)
    add(out, {SymbolKind::package, pin.spelling.value, pin.requirement_text(), pin.span, pin.spelling.span});
  return out;
}

Symbol override_symbol(const formats::Override& entry) {
  return {SymbolKind::package, entry.spelling.value, entry.pin ? entry.pin->requirement_text() : "removed", entry.span,
          entry.spelling.span};
}

Symbols override_symbols(const Snapshot& snapshot, std::string_view path) {
  Symbols out;
  for (const auto* document : snapshot.all_overrides()) {
    if (document->file->path() != path) continue;
    for (const formats::Override& entry : (*document)->entries) add(out, override_symbol(entry));
  }
  return out;
}

struct ExtrasList {
  const char* name;
  std::vector<Spanned<std::string>> formats::ServiceExtras::* items;
};
constexpr std::array extras_lists = {ExtrasList{"pip_extras", &formats::ServiceExtras::pip_extras},
                                     ExtrasList{"pip_packages", &formats::ServiceExtras::pip_packages},
                                     ExtrasList{"apt_packages", &formats::ServiceExtras::apt_packages}};

Symbols symbols_of(const workspace::Document<formats::ExtraPackages>* document) {
  Symbols out;
  if (document == nullptr) return out;
  for (const formats::ServiceExtras& service : (*document)->services) {
    Symbol symbol{SymbolKind::component, service.service.value, {}, service.service.span, service.service.span};
    for (const ExtrasList& list : extras_lists) {
      const auto& items = service.*(list.items);
      if (items.empty()) continue;
      Symbol lines{SymbolKind::list, list.name, {}, items.front().span, items.front().span};
      for (const auto& item : items) add(lines.children, {SymbolKind::entry, item.value, {}, item.span, item.span});
      add(symbol.children, std::move(lines));
    }
    add(out, std::move(symbol));
  }
  return out;
}

std::string change_words(const formats::Section& section) {
  if (section.renames) return "renamed";
  if (section.copies) return "copied";
  if (section.creates == formats::Certainty::yes) return "new file";
  if (section.deletes == formats::Certainty::yes) return "deleted";
  return section.binary ? "binary" : "";
}

/// `@@ -1,2 +1,3 @@` and what stands behind it.
Symbol hunk_symbol(std::string_view text, const formats::Hunk& hunk) {
  const std::string_view header = text.substr(hunk.header.begin, hunk.header.size());
  const std::size_t close = header.find("@@", std::min<std::size_t>(2, header.size()));
  const std::size_t end = close == std::string_view::npos ? header.size() : close + 2;
  return {SymbolKind::hunk,
          std::string(header.substr(0, end)),
          std::string(trim(header.substr(end))),
          {hunk.header.begin, std::max(hunk.header.end, hunk.body.end)},
          hunk.header};
}

Symbols symbols_of(const workspace::Document<formats::Patch>* document) {
  Symbols out;
  if (document == nullptr) return out;
  const formats::Patch& patch = **document;
  for (const formats::Section& section : patch.sections) {
    if (!section.old_path && !section.new_path) continue;
    Symbol file{SymbolKind::file, section.path().value, change_words(section), section.span, section.path().span};
    for (const formats::Hunk& hunk : patch.hunks_of(section))
      add(file.children, hunk_symbol(document->file->text(), hunk));
    add(out, std::move(file));
  }
  return out;
}

/// All letters of `query` in their order; 0 where they are not, else the better the higher.
int match(std::string_view name, std::string_view query) {
  const std::string lower = to_lower(name);
  if (lower.starts_with(query)) return 3;
  if (lower.find(query) != std::string::npos) return 2;
  std::size_t at = 0;
  for (const char c : query) {
    at = lower.find(c, at);
    if (at == std::string::npos) return 0;
    ++at;
  }
  return 1;
}

class Search {
 public:
  Search(const Snapshot& snapshot, std::string_view query) : snapshot_(snapshot), query_(to_lower(trim(query))) {}

  void run(const std::function<bool()>& stop) {
    for (const std::string& release : snapshot_.releases()) {
      if (stop && stop()) return;
      add_refs(release);
    }
    for (const workspace::PatchSeries& series : snapshot_.patch_series()) add_series(series);
    for (const std::string& image : snapshot_.images()) {
      if (const auto* document = snapshot_.dockerfile(image))
        offer(image, {SymbolKind::image, image, "images", document->file, {0, 0}});
    }
    if (query_.empty()) return;
    for (const std::string& release : snapshot_.releases()) {
      if (stop && stop()) return;
      add_pins(release);
    }
    for (const auto* document : snapshot_.all_overrides()) {
      for (const formats::Override& entry : (*document)->entries)
        offer(entry.spelling.value, {SymbolKind::package, entry.spelling.value,
                                     fmt::format("overrides/{}", document->release), document->file, entry.span});
    }
  }

  std::vector<FoundSymbol> best(std::size_t most) {
    std::ranges::stable_sort(found_, std::ranges::greater(), [](const auto& entry) { return entry.first; });
    std::vector<FoundSymbol> out;
    for (auto& [rank, symbol] : found_) {
      if (out.size() == most) break;
      out.push_back(std::move(symbol));
    }
    return out;
  }

 private:
  void offer(std::string_view name, FoundSymbol symbol) {
    if (const int rank = match(name, query_); rank > 0) found_.emplace_back(rank, std::move(symbol));
  }

  void add_refs(const std::string& release) {
    const auto* document = snapshot_.source_refs(release);
    if (document == nullptr) return;
    for (const formats::SourceRef& entry : (*document)->entries)
      offer(entry.component.value,
            {SymbolKind::component, entry.component.value, release, document->file, entry.component.span});
  }

  void add_series(const workspace::PatchSeries& series) {
    for (const auto& patch : series.patches) {
      const std::string& path = patch->file->path();
      const std::string name = path.substr(path.rfind('/') + 1);
      const std::string subject =
          (*patch)->mails.empty() ? "" : formats::subject_text(patch->file->text(), (*patch)->mails.front());
      const TextSpan span = (*patch)->mails.empty() ? TextSpan{} : (*patch)->mails.front().subject;
      offer(name + " " + subject,
            {SymbolKind::patch, name, fmt::format("{} {}", series.component, series.release), patch->file, span});
    }
  }

  void add_pins(const std::string& release) {
    const auto* document = snapshot_.upper_constraints(release);
    if (document == nullptr) return;
    for (const formats::Pin& pin : (*document)->pins)
      offer(pin.spelling.value, {SymbolKind::package, pin.spelling.value, release, document->file, pin.span});
  }

  const Snapshot& snapshot_;
  std::string query_;
  std::vector<std::pair<int, FoundSymbol>> found_;
};

}  // namespace

std::vector<Symbol> document_symbols(const Snapshot& snapshot, std::string_view path) {
  const DocumentPath at = workspace::classify(path);
  switch (at.kind) {
    case DocumentKind::source_refs:
      return symbols_of(snapshot.source_refs(at.release), SymbolKind::component);
    case DocumentKind::test_refs:
      return symbols_of(snapshot.test_refs(at.release), SymbolKind::package);
    case DocumentKind::upper_constraints:
      return symbols_of(snapshot.upper_constraints(at.release));
    case DocumentKind::extra_packages:
      return symbols_of(snapshot.extra_packages(at.release));
    case DocumentKind::overrides:
      return override_symbols(snapshot, path);
    case DocumentKind::patch:
      return symbols_of(patch_at(snapshot, path));
    default:
      return {};
  }
}

std::vector<FoundSymbol> find_symbols(const Snapshot& snapshot, std::string_view query, std::size_t most,
                                      const std::function<bool()>& stop) {
  Search search(snapshot, query);
  search.run(stop);
  return search.best(most);
}

}  // namespace forge::ide
