#include "engine/formats/patch_mail.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "engine/base/text.hpp"
#include "engine/formats/patch_header.hpp"
#include "engine/formats/patch_names.hpp"

namespace forge::formats {

namespace {

std::string_view view(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.size());
}

/// The commit id of a `From 12ab… Mon Sep 17 00:00:00 2001` line; empty where the line is none.
TextSpan mail_start(std::string_view text, TextSpan line) {
  constexpr std::size_t id_digits = 40;
  const std::string_view words = view(text, line);
  if (!words.starts_with("From ") || words.size() < 6 + id_digits || words[5 + id_digits] != ' ') return {};
  if (!std::ranges::all_of(words.substr(5, id_digits), is_hex)) return {};
  return span_of(line.begin + 5, line.begin + 5 + id_digits);
}

/// The length of `Key` in `Key: value`; 0 where the line has none.
std::size_t key_length(std::string_view line) {
  std::size_t size = 0;
  while (size < line.size() && (is_alnum(line[size]) || line[size] == '-')) ++size;
  const bool colon = size > 0 && size < line.size() && line[size] == ':' && is_alpha(line.front());
  return colon && (size + 1 == line.size() || line[size + 1] == ' ' || line[size + 1] == '\t') ? size : 0;
}

TextSpan trimmed(std::string_view text, std::size_t begin, std::size_t end) {
  while (begin < end && is_patch_blank(text[begin])) ++begin;
  while (begin < end && is_patch_blank(text[end - 1])) --end;
  return span_of(begin, end);
}

void set_field(Mail& mail, const std::string& key, TextSpan value) {
  if (key == "from") mail.from = value;
  if (key == "date") mail.date = value;
  if (key == "subject") mail.subject = value;
}

/// Reads `Key: value` lines with their folded continuations; returns where the body begins.
std::size_t read_fields(std::string_view text, std::size_t at, std::size_t end, Mail& mail) {
  while (at < end) {
    const TextSpan line = line_at(text, at);
    if (line.empty()) return line_end(text, at);
    const std::size_t key = key_length(view(text, line));
    if (key == 0) return at;
    std::size_t next = line_end(text, at);
    while (next < end && (text[next] == ' ' || text[next] == '\t')) next = line_end(text, next);
    set_field(mail, to_lower(text.substr(at, key)), trimmed(text, at + key + 1, std::min(next, end)));
    at = next;
  }
  return at;
}

/// Single words that are trailers; with a `-` in it any key is.
bool is_trailer_key(std::string_view key) {
  constexpr std::array<std::string_view, 8> words = {"bug",        "origin",   "forwarded", "fixes",
                                                     "implements", "resolves", "link",      "url"};
  return key.find('-') != std::string_view::npos || std::ranges::find(words, to_lower(key)) != words.end();
}

std::optional<Trailer> trailer_on(std::string_view text, TextSpan line) {
  constexpr std::string_view picked = "cherry picked from commit";
  const std::string_view words = view(text, line);
  if (words.starts_with("(" + std::string(picked) + " ") && words.ends_with(')'))
    return Trailer{span_of(line.begin + 1, line.begin + 1 + picked.size()),
                   span_of(line.begin + 2 + picked.size(), line.end - 1)};
  const std::size_t key = key_length(words);
  if (key == 0 || !is_trailer_key(words.substr(0, key))) return std::nullopt;
  return Trailer{span_of(line.begin, line.begin + key), trimmed(text, line.begin + key + 1, line.end)};
}

void read_message(std::string_view text, std::size_t at, std::size_t end, Mail& mail) {
  const std::size_t begin = at;
  while (at < end) {
    const TextSpan line = line_at(text, at);
    if (view(text, line) == "---") break;
    if (const std::optional<Trailer> trailer = trailer_on(text, line)) mail.trailers.push_back(*trailer);
    at = line_end(text, at);
  }
  mail.message = trimmed(text, begin, std::min(at, end));
}

Mail read_mail(std::string_view text, std::size_t at, std::size_t end) {
  Mail mail;
  mail.commit = mail_start(text, line_at(text, at));
  if (!mail.commit.empty()) at = line_end(text, at);
  read_message(text, read_fields(text, at, end, mail), end, mail);
  return mail;
}

std::vector<std::size_t> mail_starts(std::string_view text, const std::vector<TextSpan>& gaps) {
  std::vector<std::size_t> starts;
  for (const TextSpan gap : gaps) {
    for (std::size_t at = gap.begin; at < gap.end; at = line_end(text, at)) {
      if (!mail_start(text, line_at(text, at)).empty()) starts.push_back(at);
    }
  }
  return starts;
}

bool is_empty(const Mail& mail) {
  return mail.from.empty() && mail.subject.empty() && mail.message.empty() && mail.commit.empty();
}

/// Says where the change comes from.
bool has_origin(std::string_view text, const Mail& mail) {
  return std::ranges::any_of(mail.trailers, [text](const Trailer& trailer) {
    const std::string key = to_lower(view(text, trailer.key));
    return !key.ends_with("-by") && !key.starts_with("content-") && !key.starts_with("mime-");
  });
}

}  // namespace

std::vector<Mail> read_mails(std::string_view text, const std::vector<TextSpan>& gaps) {
  std::vector<Mail> mails;
  if (gaps.empty()) return mails;
  std::vector<std::size_t> starts = mail_starts(text, gaps);
  if (starts.empty() || starts.front() != gaps.front().begin) starts.insert(starts.begin(), gaps.front().begin);
  auto gap = gaps.begin();
  for (std::size_t i = 0; i < starts.size(); ++i) {
    while (starts[i] > gap->end) ++gap;
    std::size_t end = gap->end;
    if (i + 1 < starts.size()) end = std::min(end, starts[i + 1]);
    Mail mail = read_mail(text, starts[i], end);
    if (!is_empty(mail)) mails.push_back(std::move(mail));
  }
  return mails;
}

void report_missing_metadata(std::string_view text, const Patch& patch, std::vector<Problem>& problems) {
  if (patch.sections.empty()) return;
  const Mail mail = patch.mails.empty() ? Mail{} : patch.mails.front();
  std::vector<std::string_view> missing;
  if (mail.from.empty()) missing.push_back("an author (`From:`)");
  if (mail.subject.empty()) missing.push_back("a subject (`Subject:`)");
  if (!has_origin(text, mail))
    missing.push_back("an origin (`Change-Id:`, `Closes-Bug:`, `(cherry picked from commit …)` or `Forwarded:`)");
  if (missing.empty()) return;
  problems.push_back({.rule = "patch-metadata-missing",
                      .span = mail.subject.empty() ? line_at(text, 0) : mail.subject,
                      .message = fmt::format("The patch does not name {}: who made it, why, and until when it is "
                                             "needed will be lost; `git format-patch` writes such a header.",
                                             join(missing, missing.size() == 2 ? " and " : ", "))});
}

std::string subject_text(std::string_view text, const Mail& mail) {
  std::string out;
  for (const char c : view(text, mail.subject)) {
    if (c == '\r' || c == '\n') continue;
    out += c == '\t' ? ' ' : c;
  }
  if (const std::size_t close = out.find(']'); out.starts_with('[') && close != std::string::npos)
    out.erase(0, std::min(out.find_first_not_of(' ', close + 1), out.size()));
  return out;
}

}  // namespace forge::formats
