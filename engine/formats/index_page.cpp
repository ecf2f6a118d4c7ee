#include "engine/formats/index_page.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "engine/base/text.hpp"
#include "engine/formats/url.hpp"

namespace forge::formats {

namespace {

constexpr std::size_t most_files = 200'000;
constexpr std::size_t longest_value = 4096;  // of a URL, a reason, a specifier

/// The digest of `sha256=…`; empty for another kind, or one that is none.
std::string sha256_of(std::string_view text) {
  constexpr std::string_view prefix = "sha256=";
  if (!text.starts_with(prefix)) return {};
  const std::string_view digits = text.substr(prefix.size());
  return digits.size() == 64 && std::ranges::all_of(digits, is_hex) ? to_lower(digits) : std::string();
}

/// What both kinds of page say of a file, before it is judged.
struct RawFile {
  std::string name{};
  std::string href{};
  std::string sha256{};
  std::string requires_python{};
  bool yanked = false;
  std::string yanked_reason{};
  bool has_metadata = false;
  std::string metadata_sha256{};
  std::uint64_t size = 0;
};

class PageBuilder {
 public:
  PageBuilder(std::string_view url, const PackageName& project) : page_url_(url), base_(url), project_(project) {}

  /// Of several the first counts, as in browsers.
  void set_base(std::string_view href) {
    if (!has_own_base_ && href.size() <= longest_value) base_ = resolve_url(base_, href);
    has_own_base_ = true;
  }

  void add(RawFile raw) {
    if (page_.files.size() >= most_files || raw.href.size() > longest_value || raw.href.empty()) return;
    const std::string name = raw.name.empty() ? url_file_name(raw.href) : std::move(raw.name);
    auto distribution = parse_file_name(name, project_);
    if (!distribution) return;
    std::string url = resolve_url(base_, raw.href);
    if (is_local(url) && !is_local(page_url_)) return;
    page_.files.push_back({.file_name = name,
                           .url = std::move(url),
                           .sha256 = std::move(raw.sha256),
                           .requires_python = bounded(std::move(raw.requires_python)),
                           .yanked = raw.yanked,
                           .yanked_reason = bounded(std::move(raw.yanked_reason)),
                           .has_metadata = raw.has_metadata,
                           .metadata_sha256 = std::move(raw.metadata_sha256),
                           .size = raw.size,
                           .distribution = *std::move(distribution)});
  }

  [[nodiscard]] IndexPage take() { return std::move(page_); }

 private:
  static bool is_local(std::string_view url) { return to_lower(url.substr(0, 5)) == "file:"; }

  static std::string bounded(std::string text) {
    if (text.size() > longest_value) text.clear();
    return text;
  }

  std::string page_url_;
  std::string base_;
  bool has_own_base_ = false;
  const PackageName& project_;
  IndexPage page_;
};

// HTML

std::string with_entities_decoded(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> named = {
      {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"quot", "\""}, {"apos", "'"}, {"nbsp", " "}}};
  constexpr std::size_t longest = 11;  // with both signs
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t length = text[i] == '&' ? text.substr(i, longest).find(';') : std::string_view::npos;
    if (length == std::string_view::npos) {
      out += text[i];
      continue;
    }
    const std::size_t end = i + length;
    const std::string_view name = text.substr(i + 1, end - i - 1);
    const auto known = std::ranges::find(named, name, [](const auto& entry) { return entry.first; });
    std::uint32_t code = 0;
    const bool hex = name.starts_with("#x") || name.starts_with("#X");
    const std::string_view digits = name.starts_with('#') ? name.substr(hex ? 2 : 1) : std::string_view();
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
    if (known != named.end()) {
      out += known->second;
    } else if (!digits.empty() && parsed.ec == std::errc{} && parsed.ptr == digits.data() + digits.size() && code > 0 &&
               code < 128) {
      out += static_cast<char>(code);
    } else {
      out += text[i];
      continue;
    }
    i = end;
  }
  return out;
}

struct Attribute {
  std::string name;  ///< lower case
  std::string value;
};

/// A start tag's attributes, as browsers read them: quoted or not, with or without a value.
class TagScanner {
 public:
  explicit TagScanner(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  /// Up to and with the `>`.
  std::vector<Attribute> attributes() {
    std::vector<Attribute> found;
    for (skip_blanks(); at_ < text_.size() && text_[at_] != '>'; skip_blanks()) {
      if (text_[at_] == '/') {
        ++at_;
        continue;
      }
      const std::size_t begin = at_;
      while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '=' && text_[at_] != '>' && text_[at_] != '/')
        ++at_;
      if (at_ == begin) ++at_;  // a stray `=`
      Attribute attribute{to_lower(text_.substr(begin, at_ - begin)), {}};
      skip_blanks();
      if (at_ < text_.size() && text_[at_] == '=') attribute.value = value();
      if (found.size() < 64) found.push_back(std::move(attribute));
    }
    ++at_;
    return found;
  }

  [[nodiscard]] std::size_t at() const { return std::min(at_, text_.size()); }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  std::string value() {
    ++at_;  // the `=`
    skip_blanks();
    if (at_ >= text_.size()) return {};
    const char quote = text_[at_];
    if (quote == '"' || quote == '\'') {
      const std::size_t end = std::min(text_.find(quote, at_ + 1), text_.size());
      const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return with_entities_decoded(inside);
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '>') ++at_;
    return with_entities_decoded(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  std::size_t at_;
};

RawFile file_of_anchor(std::vector<Attribute> attributes) {
  RawFile raw;
  for (Attribute& attribute : attributes) {
    if (attribute.name == "href") {
      raw.sha256 = sha256_of(url_fragment(attribute.value));
      raw.href = std::move(attribute.value);
    } else if (attribute.name == "data-requires-python") {
      raw.requires_python = std::move(attribute.value);
    } else if (attribute.name == "data-yanked") {
      raw.yanked = true;
      raw.yanked_reason = std::move(attribute.value);
    } else if (attribute.name == "data-core-metadata" || attribute.name == "data-dist-info-metadata") {
      raw.has_metadata = attribute.value != "false";
      raw.metadata_sha256 = sha256_of(attribute.value);
    }
  }
  return raw;
}

/// Whether the tag at `at` (behind `<`) is `name`.
bool is_tag(std::string_view text, std::size_t at, std::string_view name) {
  if (text.size() - at <= name.size() || to_lower(text.substr(at, name.size())) != name) return false;
  const char after = text[at + name.size()];
  return !is_alnum(after) && after != '-' && after != ':';
}

IndexPage parse_html(std::string_view text, PageBuilder builder) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    ++at;
    if (text.substr(at).starts_with("!--")) {
      at = std::min(text.find("-->", at), text.size());
      continue;
    }
    const bool anchor = is_tag(text, at, "a");
    if (!anchor && !is_tag(text, at, "base")) continue;
    TagScanner scanner(text, at + (anchor ? 1 : 4));
    std::vector<Attribute> attributes = scanner.attributes();
    at = scanner.at();
    if (anchor) {
      builder.add(file_of_anchor(std::move(attributes)));
      continue;
    }
    for (const Attribute& attribute : attributes) {
      if (attribute.name == "href") builder.set_base(attribute.value);
    }
  }
  return builder.take();
}

// JSON

/// Takes what is wanted out of the stream of events; nothing else is kept, so a page's size and depth cost no memory.
class JsonReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit JsonReader(PageBuilder& builder) : builder_(builder) {}

  bool null() override { return true; }
  bool boolean(bool value) override {
    if (depth_ == file_depth && in_files_) {
      if (key_ == "yanked") raw_.yanked = value;
      if (is_metadata_key(key_)) raw_.has_metadata = value;
    }
    return true;
  }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t value) override {
    if (depth_ == file_depth && in_files_ && key_ == "size") raw_.size = value;
    return true;
  }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }

  bool string(string_t& value) override {
    if (depth_ == 2 && outer_key_ == "meta" && key_ == "api-version") version_ = value;
    if (!in_files_) return true;
    if (depth_ == file_depth) take(value);
    if (depth_ == file_depth + 1 && key_ == "sha256") take_digest(value);
    return true;
  }

  bool start_object(std::size_t /*elements*/) override {
    if (++depth_ == file_depth && in_files_) raw_ = {};
    if (in_files_ && depth_ == file_depth + 1) {
      inner_of_ = key_;
      if (is_metadata_key(inner_of_)) raw_.has_metadata = true;
    }
    return true;
  }
  bool end_object() override {
    if (depth_-- == file_depth && in_files_) builder_.add(std::move(raw_));
    return true;
  }
  bool start_array(std::size_t /*elements*/) override {
    if (++depth_ == 2 && outer_key_ == "files") {
      in_files_ = true;
      has_files_ = true;
    }
    return true;
  }
  bool end_array() override {
    if (depth_-- == 2) in_files_ = false;
    return true;
  }
  bool key(string_t& value) override {
    if (depth_ == 1) outer_key_ = value;
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

  /// Clients must refuse another major version (PEP 629).
  [[nodiscard]] bool understood() const { return has_files_ && (version_.empty() || version_.starts_with("1.")); }

 private:
  static constexpr int file_depth = 3;

  static bool is_metadata_key(std::string_view key) { return key == "core-metadata" || key == "dist-info-metadata"; }

  void take(string_t& value) {
    if (key_ == "yanked") raw_.yanked = true;
    std::string* field = key_ == "filename"          ? &raw_.name
                         : key_ == "url"             ? &raw_.href
                         : key_ == "requires-python" ? &raw_.requires_python
                         : key_ == "yanked"          ? &raw_.yanked_reason
                                                     : nullptr;
    if (field != nullptr) *field = std::move(value);
  }

  void take_digest(const string_t& value) {
    std::string digest = sha256_of("sha256=" + value);
    if (inner_of_ == "hashes")
      raw_.sha256 = std::move(digest);
    else if (is_metadata_key(inner_of_))
      raw_.metadata_sha256 = std::move(digest);
  }

  PageBuilder& builder_;
  RawFile raw_;
  std::string outer_key_;
  std::string key_;
  std::string inner_of_;
  std::string version_;
  int depth_ = 0;
  bool in_files_ = false;
  bool has_files_ = false;
};

std::optional<IndexPage> parse_json(std::string_view text, PageBuilder builder) {
  JsonReader reader(builder);
  if (!nlohmann::json::sax_parse(text, &reader) || !reader.understood()) return std::nullopt;
  return builder.take();
}

bool is_json(std::string_view text, std::string_view content_type) {
  const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type.ends_with("json")) return true;
  if (type.ends_with("html")) return false;
  return trim(text).starts_with('{');
}

}  // namespace

std::optional<IndexPage> parse_index_page(std::string_view text, std::string_view content_type, std::string_view url,
                                          const PackageName& project) {
  PageBuilder builder(url, project);
  if (is_json(text, content_type)) return parse_json(text, std::move(builder));
  return parse_html(text, std::move(builder));
}

}  // namespace forge::formats
