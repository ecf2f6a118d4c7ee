#include "engine/index/http_index.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "engine/base/sha256.hpp"
#include "engine/base/text.hpp"
#include "engine/formats/index_page.hpp"
#include "engine/formats/url.hpp"
#include "engine/formats/zip_directory.hpp"
#include "engine/index/disk_cache.hpp"
#include "engine/index/file_metadata.hpp"
#include "engine/index/http_cache.hpp"

namespace forge::index {

namespace {

// The number is raised with every change of what is kept.
constexpr std::string_view page_kind = "page-2";
constexpr std::string_view metadata_kind = "metadata-2";

constexpr std::size_t largest_page = 128U << 20U;
constexpr std::size_t largest_metadata = 16U << 20U;
constexpr std::size_t largest_archive = 128U << 20U;
constexpr std::size_t tail_size = 64U << 10U;
// Of an answer that neither says how long it holds nor can be asked about again; the public index says this of its own.
constexpr std::int64_t unsaid_freshness = 600;

constexpr std::string_view accepted =
    "Accept: application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

std::string page_url(std::string_view base, const PackageName& project) {
  return fmt::format("{}{}{}/", base, base.ends_with('/') ? "" : "/", project.str());
}

/// What an answer has of the whole; nothing where it is no part, or not what it says.
std::optional<ContentRange> part_in(const HttpAnswer& answer) {
  const auto part = answer.status == 206 ? parse_content_range(answer.content_range) : std::nullopt;
  return part && part->end - part->begin == answer.body.size() ? part : std::nullopt;
}

std::string range_of(std::uint64_t begin, std::uint64_t length) {
  return fmt::format("{}-{}", begin, begin + std::max<std::uint64_t>(length, 1) - 1);
}

class HttpIndex : public PackageIndex {
 public:
  HttpIndex(IndexSettings settings, IndexOptions options)
      : settings_(std::move(settings)), options_(std::move(options)), cache_(options_.cache_folder) {}

  [[nodiscard]] std::vector<Result<ProjectPagePtr>> pages(const std::vector<PackageName>& projects) const override {
    const std::scoped_lock lock(mutex_);
    std::vector<PackageName> unknown;
    for (const PackageName& project : projects) {
      if (!pages_.contains(project)) unknown.push_back(project);
    }
    std::ranges::sort(unknown);
    const auto doublets = std::ranges::unique(unknown);
    unknown.erase(doublets.begin(), doublets.end());
    ask_indexes(unknown);
    std::vector<Result<ProjectPagePtr>> found;
    found.reserve(projects.size());
    for (const PackageName& project : projects) found.push_back(pages_.at(project));
    return found;
  }

  [[nodiscard]] std::vector<Result<FileMetadataPtr>> metadata(
      const std::vector<FileQuestion>& questions) const override {
    const std::scoped_lock lock(mutex_);
    std::vector<const FileQuestion*> unknown;
    for (const FileQuestion& question : questions) {
      const bool known = metadata_.contains(question.file.url) || load_metadata(question);
      if (!known) unknown.push_back(&question);
    }
    fetch_metadata(unknown);
    std::vector<Result<FileMetadataPtr>> found;
    found.reserve(questions.size());
    for (const FileQuestion& question : questions) found.push_back(metadata_.at(question.file.url));
    return found;
  }

  [[nodiscard]] Result<std::string> content(const formats::IndexFile& file) const override {
    const std::scoped_lock lock(mutex_);
    std::string bytes;
    if (const auto path = local_path(file.url)) {
      auto text = read_local(*path, largest_archive);
      if (!text) return fail(Failure::Kind::unavailable, fmt::format("`{}` can't be read.", *path));
      bytes = *std::move(text);
    } else {
      if (options_.offline) return not_in_cache(file.url);
      std::vector<Result<HttpAnswer>> answers = get({whole_file({{}, file})}, "source archives");
      FORGE_TRY_ASSIGN(HttpAnswer answer, std::move(answers.front()));
      if (answer.status != 200) return gone(file, answer.status);
      bytes = std::move(answer.body);
    }
    const std::string wrong = wrong_digest(file, bytes);
    if (!wrong.empty()) return fail(Failure::Kind::invalid, wrong);
    return bytes;
  }

  [[nodiscard]] std::string name() const override {
    std::vector<std::string> shown;
    shown.reserve(settings_.urls.size());
    for (const std::string& url : settings_.urls) shown.push_back(formats::without_credentials(url));
    return join(shown, ", ");
  }

 private:
  using PageResult = Result<ProjectPagePtr>;  ///< null: this index does not have the project

  [[nodiscard]] std::int64_t now() const {
    if (options_.now) return options_.now();
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

  [[nodiscard]] HttpProgress progress_on(std::string_view what) const {
    if (!options_.progress) return {};
    return [this, what](std::size_t done, std::size_t total) { options_.progress(done, total, what); };
  }

  // Pages

  /// Fills pages_ for all of them.
  void ask_indexes(std::vector<PackageName> projects) const {
    for (const std::string& url : settings_.urls) {
      if (projects.empty()) break;
      const std::vector<PageResult> answers = ask_index(url, projects);
      std::vector<PackageName> left;
      for (std::size_t i = 0; i < projects.size(); ++i) {
        take_answer(projects[i], answers[i]);
        const auto known = pages_.find(projects[i]);
        const bool failed = known != pages_.end() && !known->second;
        if (known == pages_.end() || (settings_.merge && !failed)) left.push_back(projects[i]);
      }
      projects = std::move(left);
    }
    for (const PackageName& project : projects) {
      if (!pages_.contains(project))
        pages_.emplace(project, fail(Failure::Kind::not_found, fmt::format("No index has `{}`.", project.str())));
    }
  }

  /// A failure counts: what a broken index would have had is not known.
  void take_answer(const PackageName& project, const PageResult& answer) const {
    const auto known = pages_.find(project);
    if (!answer) {
      pages_.insert_or_assign(project, answer);
    } else if (*answer && known == pages_.end()) {
      pages_.emplace(project, answer);
    } else if (*answer && known->second) {
      known->second = std::make_shared<const ProjectPage>((*known->second)->merged_with(**answer));
    }
  }

  [[nodiscard]] std::vector<PageResult> ask_index(const std::string& base,
                                                  const std::vector<PackageName>& projects) const {
    std::vector<PageResult> answers(projects.size(), ProjectPagePtr());
    std::vector<HttpRequest> requests;
    std::vector<std::size_t> asked;
    std::vector<std::optional<CacheEntry>> entries;
    for (std::size_t i = 0; i < projects.size(); ++i) {
      const std::string url = page_url(base, projects[i]);
      if (const auto folder = local_path(url)) {
        answers[i] = read_page(*folder, url, projects[i]);
        continue;
      }
      auto entry = cache_.load(page_kind, url);
      if (entry && (options_.offline || is_fresh(*entry, now()))) {
        answers[i] = page_of_entry(*entry, projects[i]);
        if (answers[i]) continue;
        entry.reset();
      }
      if (options_.offline) {
        answers[i] = not_in_cache(url);
        continue;
      }
      requests.push_back(page_request(url, entry));
      entries.push_back(std::move(entry));
      asked.push_back(i);
    }
    if (requests.empty()) return answers;
    std::vector<Result<HttpAnswer>> got = get(requests, "packages");
    for (std::size_t k = 0; k < asked.size(); ++k) {
      answers[asked[k]] =
          got[k] ? take_page(requests[k].url, *std::move(got[k]), std::move(entries[k]), projects[asked[k]])
                 : PageResult(tl::unexpected<Failure>(got[k].error()));
    }
    return answers;
  }

  [[nodiscard]] static HttpRequest page_request(const std::string& url, const std::optional<CacheEntry>& entry) {
    HttpRequest request{.url = url, .headers = {std::string(accepted)}, .most_bytes = largest_page};
    if (entry) add_validators(*entry, request);
    return request;
  }

  static PageResult read_page(const std::string& folder, const std::string& url, const PackageName& project) {
    for (const auto& [file, type] : {std::pair("index.html", "text/html"), std::pair("index.json", "text/json")}) {
      const auto text = read_local(folder + file, largest_page);
      if (!text) continue;
      const auto page = formats::parse_index_page(*text, type, url, project);
      if (!page) return not_a_page(url);
      return std::make_shared<const ProjectPage>(*page);
    }
    return ProjectPagePtr();
  }

  static PageResult page_of_entry(const CacheEntry& entry, const PackageName& project) {
    if (entry.status != 200) return ProjectPagePtr();
    auto page = ProjectPage::from_text(entry.body, project);
    if (!page) return not_a_page(entry.url);
    return std::make_shared<const ProjectPage>(*std::move(page));
  }

  static tl::unexpected<Failure> not_a_page(std::string_view url) {
    return fail(Failure::Kind::invalid, fmt::format("`{}` is no page of a package index (PEP 503, PEP 691).",
                                                    formats::without_credentials(url)));
  }

  PageResult take_page(const std::string& url, HttpAnswer answer, std::optional<CacheEntry> entry,
                       const PackageName& project) const {
    const std::int64_t fresh_until = now() + freshness(answer, unsaid_freshness);
    if (answer.status == 304) {
      if (!entry) return not_a_page(url);
      entry->fresh_until = fresh_until;
      cache_.store(page_kind, *entry);
      return page_of_entry(*entry, project);
    }
    CacheEntry made{url, answer.status, std::move(answer.etag), std::move(answer.last_modified), fresh_until, {}};
    if (answer.status == 404 || answer.status == 410) {
      made.etag.clear();
      made.last_modified.clear();
      cache_.store(page_kind, made);
      return ProjectPagePtr();
    }
    if (answer.status != 200) return not_a_page(url);
    const auto parsed = formats::parse_index_page(answer.body, answer.content_type, answer.url, project);
    if (!parsed) return not_a_page(url);
    auto page = std::make_shared<const ProjectPage>(*parsed);
    made.body = page->text();
    cache_.store(page_kind, made);
    return page;
  }

  // Metadata

  /// A file never changes under its name and digest, so what was once read holds.
  static std::string metadata_key(const formats::IndexFile& file) {
    return file.url + "#" + file.sha256 + file.metadata_sha256;
  }

  bool load_metadata(const FileQuestion& question) const {
    const auto entry = cache_.load(metadata_kind, metadata_key(question.file));
    auto metadata = entry ? from_text(entry->body.view()) : std::nullopt;
    if (!metadata) return false;
    metadata_.emplace(question.file.url, std::make_shared<const FileMetadata>(*std::move(metadata)));
    return true;
  }

  void take_metadata(const FileQuestion& question, Result<FileMetadata> metadata) const {
    if (!metadata) {
      metadata_.insert_or_assign(question.file.url, tl::unexpected<Failure>(metadata.error()));
      return;
    }
    const CacheEntry entry{
        .url = metadata_key(question.file), .etag = {}, .last_modified = {}, .body = SharedText(to_text(*metadata))};
    if (!local_path(question.file.url)) cache_.store(metadata_kind, entry);
    metadata_.insert_or_assign(question.file.url, std::make_shared<const FileMetadata>(*std::move(metadata)));
  }

  void fetch_metadata(const std::vector<const FileQuestion*>& questions) const {
    std::vector<const FileQuestion*> beside;   // METADATA is a file of its own
    std::vector<const FileQuestion*> inside;   // in a wheel
    std::vector<const FileQuestion*> archive;  // in an sdist
    std::set<std::string_view> seen;
    for (const FileQuestion* question : questions) {
      const formats::IndexFile& file = question->file;
      if (!seen.insert(file.url).second) continue;
      if (const auto path = local_path(file.url))
        read_local_file(*question, *path);
      else if (options_.offline)
        take_metadata(*question, not_in_cache(file.url));
      else if (file.has_metadata)
        beside.push_back(question);
      else
        (file.distribution.kind == formats::FileKind::wheel ? inside : archive).push_back(question);
    }
    fetch_beside(beside, inside);
    fetch_inside(inside);
    fetch_archives(archive);
  }

  void read_local_file(const FileQuestion& question, const std::string& path) const {
    const bool is_wheel = question.file.distribution.kind == formats::FileKind::wheel;
    if (question.file.has_metadata) {
      if (const auto text = read_local(path + ".metadata", largest_metadata)) {
        take_beside(question, *text);
        return;
      }
    }
    const auto bytes = read_local(path, largest_archive);
    if (!bytes)
      take_metadata(question, fail(Failure::Kind::unavailable, fmt::format("`{}` can't be read.", path)));
    else if (const std::string wrong = wrong_digest(question.file, *bytes); !wrong.empty())
      take_metadata(question, fail(Failure::Kind::invalid, wrong));
    else
      take_metadata(question,
                    is_wheel ? metadata_of_whole_wheel(*bytes, question) : metadata_of_sdist(*bytes, question));
  }

  void take_beside(const FileQuestion& question, const std::string& text) const {
    const std::string& digest = question.file.metadata_sha256;
    if (!digest.empty() && sha256_hex(text) != digest)
      take_metadata(question,
                    fail(Failure::Kind::invalid,
                         fmt::format("The metadata of `{}` is not what its page says.", question.file.file_name)));
    else
      take_metadata(question, metadata_of_wheel(text, question));
  }

  /// Those that are announced and not there are left for `inside`.
  void fetch_beside(const std::vector<const FileQuestion*>& questions, std::vector<const FileQuestion*>& inside) const {
    std::vector<HttpRequest> requests;
    requests.reserve(questions.size());
    for (const FileQuestion* question : questions)
      requests.push_back({.url = question->file.url + ".metadata", .most_bytes = largest_metadata});
    const std::vector<Result<HttpAnswer>> answers = get(requests, "metadata");
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if (!answers[i])
        take_metadata(*questions[i], tl::unexpected<Failure>(answers[i].error()));
      else if (answers[i]->status == 200)
        take_beside(*questions[i], answers[i]->body);
      else if (questions[i]->file.distribution.kind == formats::FileKind::wheel)
        inside.push_back(questions[i]);
      else
        take_metadata(*questions[i], gone(questions[i]->file, answers[i]->status));
    }
  }

  /// A wheel of which only parts are fetched.
  struct Remote {
    const FileQuestion* question = nullptr;
    std::string tail{};  ///< the last bytes
    std::uint64_t size = 0;
    std::string directory{};
    formats::ZipTail where{};
    formats::ZipEntry entry{};
  };

  /// Three rounds for all together: the end, the directory where the end does not hold it, the entry.
  void fetch_inside(const std::vector<const FileQuestion*>& questions) const {
    std::vector<Remote> remotes = with_tails(questions);
    remotes = with_directories(std::move(remotes));
    std::vector<HttpRequest> requests;
    for (const Remote& remote : remotes) {
      const std::uint64_t end =
          std::min(remote.entry.header_offset + formats::zip_entry_span(remote.entry), remote.where.directory_offset);
      requests.push_back(
          part_of(*remote.question, remote.entry.header_offset, end - std::min(end, remote.entry.header_offset)));
    }
    const std::vector<Result<HttpAnswer>> answers = get(requests, "metadata");
    std::vector<const FileQuestion*> whole;
    for (std::size_t i = 0; i < remotes.size(); ++i) {
      const FileQuestion& question = *remotes[i].question;
      if (!take_part(answers[i], question, remotes[i].entry.header_offset, whole)) continue;
      const auto text = formats::unpack_zip_entry(answers[i]->body, remotes[i].entry, largest_metadata);
      take_metadata(question, text ? metadata_of_wheel(*text, question) : broken_wheel(question.file));
    }
    fetch_whole_wheels(whole);
  }

  /// Whether the answer is the part that was asked for. What else came is a failure, the whole, or of no use: then the
  /// question is put into `whole`.
  bool take_part(const Result<HttpAnswer>& answer, const FileQuestion& question, std::uint64_t begin,
                 std::vector<const FileQuestion*>& whole) const {
    if (!answer) {
      take_metadata(question, tl::unexpected<Failure>(answer.error()));
      return false;
    }
    const auto part = part_in(*answer);
    if (part && part->begin == begin) return true;
    if (answer->status == 206 || answer->status == 416)
      whole.push_back(&question);
    else if (answer->status == 200)
      take_whole_wheel(question, answer->body);
    else
      take_metadata(question, gone(question.file, answer->status));
    return false;
  }

  [[nodiscard]] std::vector<Remote> with_tails(const std::vector<const FileQuestion*>& questions) const {
    std::vector<HttpRequest> requests;
    requests.reserve(questions.size());
    for (const FileQuestion* question : questions) {
      requests.push_back(
          {.url = question->file.url, .range = fmt::format("-{}", tail_size), .most_bytes = largest_archive});
    }
    std::vector<Result<HttpAnswer>> answers = get(requests, "metadata");
    std::vector<Remote> remotes;
    std::vector<const FileQuestion*> whole;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const FileQuestion& question = *questions[i];
      if (!answers[i]) {
        take_metadata(question, tl::unexpected<Failure>(answers[i].error()));
      } else if (answers[i]->status == 200) {  // the server knows no ranges and sent everything
        take_whole_wheel(question, answers[i]->body);
      } else if (const auto part = part_in(*answers[i]); part && part->end == part->size) {
        remotes.push_back({.question = &question, .tail = std::move(answers[i]->body), .size = part->size});
      } else if (answers[i]->status == 206 || answers[i]->status == 416) {  // anything but the end, or no such range
        whole.push_back(&question);
      } else {
        take_metadata(question, gone(question.file, answers[i]->status));
      }
    }
    fetch_whole_wheels(whole);
    return remotes;
  }

  void fetch_whole_wheels(const std::vector<const FileQuestion*>& questions) const {
    std::vector<HttpRequest> requests;
    requests.reserve(questions.size());
    for (const FileQuestion* question : questions) requests.push_back(whole_file(*question));
    const std::vector<Result<HttpAnswer>> answers = get(requests, "wheels");
    for (std::size_t i = 0; i < questions.size(); ++i) {
      if (!answers[i])
        take_metadata(*questions[i], tl::unexpected<Failure>(answers[i].error()));
      else if (answers[i]->status != 200)
        take_metadata(*questions[i], gone(questions[i]->file, answers[i]->status));
      else
        take_whole_wheel(*questions[i], answers[i]->body);
    }
  }

  void take_whole_wheel(const FileQuestion& question, const std::string& bytes) const {
    const std::string wrong = wrong_digest(question.file, bytes);
    take_metadata(question, wrong.empty() ? metadata_of_whole_wheel(bytes, question)
                                          : Result<FileMetadata>(fail(Failure::Kind::invalid, wrong)));
  }

  [[nodiscard]] std::vector<Remote> with_directories(std::vector<Remote> remotes) const {
    std::vector<Remote> found;
    std::vector<Remote> far;
    std::vector<HttpRequest> requests;
    for (Remote& remote : remotes) {
      const auto where = formats::find_zip_directory(remote.tail, remote.size);
      if (!where || where->directory_size > largest_metadata) {
        take_metadata(*remote.question, broken_wheel(remote.question->file));
        continue;
      }
      remote.where = *where;
      const std::uint64_t tail_begin = remote.size - remote.tail.size();
      if (where->directory_offset >= tail_begin) {
        remote.directory = remote.tail.substr(where->directory_offset - tail_begin, where->directory_size);
        found.push_back(std::move(remote));
      } else {
        requests.push_back(part_of(*remote.question, where->directory_offset, where->directory_size));
        far.push_back(std::move(remote));
      }
    }
    std::vector<Result<HttpAnswer>> answers = get(requests, "metadata");
    std::vector<const FileQuestion*> whole;
    for (std::size_t i = 0; i < far.size(); ++i) {
      if (!take_part(answers[i], *far[i].question, far[i].where.directory_offset, whole)) continue;
      far[i].directory = std::move(answers[i]->body);
      found.push_back(std::move(far[i]));
    }
    fetch_whole_wheels(whole);
    return with_entries(std::move(found));
  }

  [[nodiscard]] std::vector<Remote> with_entries(std::vector<Remote> remotes) const {
    std::vector<Remote> found;
    for (Remote& remote : remotes) {
      const auto entries = formats::parse_zip_directory(remote.directory);
      const formats::ZipEntry* entry = entries ? find_metadata_entry(*entries) : nullptr;
      const bool in_archive = entry != nullptr && entry->header_offset < remote.where.directory_offset;
      if (!in_archive || entry->compressed_size > largest_metadata) {
        take_metadata(*remote.question, broken_wheel(remote.question->file));
        continue;
      }
      remote.entry = *entry;
      found.push_back(std::move(remote));
    }
    return found;
  }

  void fetch_archives(const std::vector<const FileQuestion*>& questions) const {
    std::vector<HttpRequest> requests;
    requests.reserve(questions.size());
    for (const FileQuestion* question : questions) requests.push_back(whole_file(*question));
    const std::vector<Result<HttpAnswer>> answers = get(requests, "source archives");
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const FileQuestion& question = *questions[i];
      if (!answers[i]) {
        take_metadata(question, tl::unexpected<Failure>(answers[i].error()));
        continue;
      }
      if (answers[i]->status != 200) {
        take_metadata(question, gone(question.file, answers[i]->status));
        continue;
      }
      const std::string wrong = wrong_digest(question.file, answers[i]->body);
      take_metadata(question, wrong.empty() ? metadata_of_sdist(answers[i]->body, question)
                                            : Result<FileMetadata>(fail(Failure::Kind::invalid, wrong)));
    }
  }

  [[nodiscard]] std::vector<Result<HttpAnswer>> get(const std::vector<HttpRequest>& requests,
                                                    std::string_view what) const {
    if (requests.empty()) return {};
    if (!http_) http_ = std::make_unique<HttpClient>(settings_, options_.limits);
    return http_->get(requests, progress_on(what));
  }

  static HttpRequest part_of(const FileQuestion& question, std::uint64_t begin, std::uint64_t length) {
    return {.url = question.file.url, .range = range_of(begin, length), .most_bytes = 2 * largest_metadata};
  }

  static HttpRequest whole_file(const FileQuestion& question) {
    return {.url = question.file.url, .most_bytes = largest_archive, .compressed = false};
  }

  static Result<FileMetadata> metadata_of_whole_wheel(std::string_view bytes, const FileQuestion& question) {
    const auto where = formats::find_zip_directory(bytes, bytes.size());
    const auto entries =
        where ? formats::parse_zip_directory(bytes.substr(where->directory_offset, where->directory_size))
              : std::nullopt;
    const formats::ZipEntry* entry = entries ? find_metadata_entry(*entries) : nullptr;
    if (entry == nullptr || entry->header_offset > bytes.size()) return broken_wheel(question.file);
    const auto text = formats::unpack_zip_entry(bytes.substr(entry->header_offset), *entry, largest_metadata);
    return text ? metadata_of_wheel(*text, question) : broken_wheel(question.file);
  }

  /// Empty where the page gave no digest.
  static std::string wrong_digest(const formats::IndexFile& file, std::string_view bytes) {
    if (file.sha256.empty() || sha256_hex(bytes) == file.sha256) return {};
    return fmt::format("`{}` has another digest than its page says.", file.file_name);
  }

  static tl::unexpected<Failure> gone(const formats::IndexFile& file, int status) {
    return fail(
        Failure::Kind::not_found,
        fmt::format("`{}` is named by its page, but the server answers with status {}.", file.file_name, status));
  }

  static Result<FileMetadata> broken_wheel(const formats::IndexFile& file) {
    return fail(Failure::Kind::invalid, fmt::format("`{}` has no METADATA that can be read.", file.file_name));
  }

  IndexSettings settings_;
  IndexOptions options_;
  DiskCache cache_;
  mutable std::mutex mutex_;
  mutable std::unique_ptr<HttpClient> http_;  ///< made with the first question, since most commands ask none
  mutable std::map<PackageName, Result<ProjectPagePtr>> pages_;
  mutable std::map<std::string, Result<FileMetadataPtr>, std::less<>> metadata_;
};

}  // namespace

PackageIndexPtr http_index(const IndexSettings& settings, const IndexOptions& options) {
  return std::make_shared<HttpIndex>(settings, options);
}

}  // namespace forge::index
