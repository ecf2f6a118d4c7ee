#include "engine/formats/specifier.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/text.hpp"

namespace forge::formats {

namespace {

constexpr std::array<std::pair<std::string_view, SpecifierOperator>, 8> operators = {{
    {"===", SpecifierOperator::identical},
    {"==", SpecifierOperator::equal},
    {"!=", SpecifierOperator::not_equal},
    {"<=", SpecifierOperator::less_equal},
    {">=", SpecifierOperator::greater_equal},
    {"~=", SpecifierOperator::compatible},
    {"<", SpecifierOperator::less},
    {">", SpecifierOperator::greater},
}};

bool is_equality(SpecifierOperator op) {
  return op == SpecifierOperator::equal || op == SpecifierOperator::not_equal;
}

tl::unexpected<SyntaxError> error(TextSpan span, std::string message) {
  return tl::unexpected<SyntaxError>(SyntaxError{span, std::move(message)});
}

std::string quoted(std::string_view text) {
  return "`" + std::string(text) + "`";
}

/// Why this operator can't stand before this version; empty where it can.
std::string clash(SpecifierOperator op, const Version& version, bool wildcard) {
  const bool only_release = version.str() == version.base_str();
  if (wildcard && !is_equality(op)) return "`.*` goes with `==` and `!=` only";
  if (wildcard && !only_release) return "`.*` must follow a plain release number";
  if (!version.local().empty() && !is_equality(op)) return "a local version goes with `==` and `!=` only";
  if (op == SpecifierOperator::compatible && version.release().size() < 2)
    return "`~=` needs a version of two numbers at least";
  return {};
}

bool ends_word(std::string_view text) {
  return leading_space(text) > 0 || text.front() == ';' || text.front() == ')';
}

Syntax<Specifier> parse_identical(Specifier specifier, std::string_view version) {
  if (identical_word(version).size() != version.size())
    return error(specifier.span, "`===` takes a single word, not " + quoted(version));
  specifier.version_text = version;
  specifier.version = Version::parse(version);
  return specifier;
}

Syntax<Specifier> parse_ordered(Specifier specifier, std::string_view version) {
  specifier.version_text = version;
  specifier.wildcard = version.ends_with(".*");
  if (specifier.wildcard) version.remove_suffix(2);
  const bool padded = trim_space(version) != version;
  specifier.version = padded ? std::nullopt : Version::parse(version);
  if (!specifier.version) return error(specifier.span, quoted(specifier.version_text) + " is no version");
  std::string why = clash(specifier.op, *specifier.version, specifier.wildcard);
  if (!why.empty()) return error(specifier.span, std::move(why));
  return specifier;
}

bool has_prefix(const Version& candidate, const Version& version, std::size_t numbers) {
  if (candidate.epoch() != version.epoch()) return false;
  for (std::size_t i = 0; i < numbers; ++i) {
    const auto& release = candidate.release();
    if ((i < release.size() ? release[i] : VersionNumber()) != version.release()[i]) return false;
  }
  return true;
}

bool equal(const Specifier& specifier, const Version& candidate) {
  const Version& version = *specifier.version;
  if (specifier.wildcard) return has_prefix(candidate, version, version.release().size());
  const bool local_counts = !version.local().empty() || candidate.local().empty();
  return local_counts ? candidate == version : candidate.without_local() == version;
}

/// A pre-release of a version is not less than it unless that version is one itself.
bool less(const Version& candidate, const Version& version) {
  return candidate < (version.is_prerelease() ? version : version.first_dev());
}

/// A post-release of a version is not greater than it unless that version is one itself, and a local one never is.
bool greater(const Version& candidate, const Version& version) {
  const Version plain = candidate.without_local();
  if (plain <= version) return false;
  const bool excludes_posts = !version.post() && !version.dev();
  const bool same_family = plain.base() == version.base() && plain.pre() == version.pre();
  return !(excludes_posts && same_family);
}

}  // namespace

std::string_view to_string(SpecifierOperator op) {
  return std::ranges::find(operators, op, [](const auto& entry) { return entry.second; })->first;
}

std::string_view identical_word(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && !ends_word(text.substr(size))) ++size;
  return text.substr(0, size);
}

std::optional<SpecifierOperator> leading_operator(std::string_view text) {
  const auto found = std::ranges::find_if(operators, [&](const auto& entry) { return text.starts_with(entry.first); });
  if (found == operators.end()) return std::nullopt;
  return found->second;
}

bool Specifier::contains(const Version& candidate) const {
  switch (op) {
    case SpecifierOperator::identical:
      return to_lower(candidate.str()) == to_lower(version_text);
    case SpecifierOperator::equal:
      return equal(*this, candidate);
    case SpecifierOperator::not_equal:
      return !equal(*this, candidate);
    case SpecifierOperator::less:
      return less(candidate, *version);
    case SpecifierOperator::less_equal:
      return candidate.without_local() <= *version;
    case SpecifierOperator::greater:
      return greater(candidate, *version);
    case SpecifierOperator::greater_equal:
      return candidate >= *version;
    case SpecifierOperator::compatible:
      break;
  }
  return candidate >= *version && has_prefix(candidate, *version, version->release().size() - 1);
}

std::vector<std::string> SpecifierSet::sorted_clauses() const {
  std::vector<std::string> out;
  out.reserve(clauses.size());
  for (const Specifier& clause : clauses) out.push_back(clause.str());
  std::ranges::sort(out);
  const auto doublets = std::ranges::unique(out);
  out.erase(doublets.begin(), doublets.end());
  return out;
}

std::string SpecifierSet::str() const {
  return join(sorted_clauses(), ",");
}

bool SpecifierSet::contains(const Version& candidate) const {
  return std::ranges::all_of(clauses, [&](const Specifier& clause) { return clause.contains(candidate); });
}

Syntax<Specifier> parse_specifier(std::string_view text) {
  const std::string_view clause = trim_space(text);
  const auto begin = clause.data() - text.data();
  Specifier specifier;
  specifier.span = span_of(begin, begin + static_cast<std::ptrdiff_t>(clause.size()));
  const auto op = leading_operator(clause);
  if (!op) return error(specifier.span, quoted(clause) + " does not start with a comparison such as `>=`");
  specifier.op = *op;
  const std::string_view version = trim_space(clause.substr(to_string(*op).size()));
  return *op == SpecifierOperator::identical ? parse_identical(std::move(specifier), version)
                                             : parse_ordered(std::move(specifier), version);
}

Syntax<SpecifierSet> parse_specifier_set(std::string_view text) {
  SpecifierSet set;
  for (const std::string_view piece : split(text, ',')) {
    if (trim_space(piece).empty()) continue;
    const auto shift = static_cast<std::uint32_t>(piece.data() - text.data());
    auto specifier = parse_specifier(piece);
    TextSpan& span = specifier ? specifier->span : specifier.error().span;
    span = {span.begin + shift, span.end + shift};
    if (!specifier) return tl::unexpected<SyntaxError>(std::move(specifier.error()));
    set.clauses.push_back(*std::move(specifier));
  }
  return set;
}

}  // namespace forge::formats
