/// What placing patches costs inside one process, for scripts/bench-patches:
///   patch-bench warm REPOSITORY REF ROUNDS PATCH...   the series with the repository open, in milliseconds, as JSON
///   patch-bench hostile [LARGEST [KIND]]              time against size for inputs made to be slow, of kinds with that
///   in
///                                                     their name
///   patch-bench hostile-input KIND N FOLDER           one of them: FOLDER/tree/… and FOLDER/patches/…
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>
#include <zlib.h>

#include "engine/git/libgit2_repository.hpp"
#include "engine/git/object_hash.hpp"
#include "engine/model/patch_series.hpp"
#include "tests/support/memory_repository.hpp"

namespace {

using namespace forge;
using support::MemoryRepository;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Of this process, so that what else the machine does counts less.
double processor_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1000.0 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e6;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::vector<model::PatchText> parse_all(const std::vector<std::string>& texts) {
  std::vector<model::PatchText> out;
  for (const std::string& text : texts)
    out.push_back({text, std::make_shared<const Parsed<formats::Patch>>(formats::parse_patch(text))});
  return out;
}

/// Reads the blobs that the series starts from, and nothing else.
void read_blobs(const git::Repository& repository, const git::ObjectId& tree,
                const std::vector<model::PatchText>& patches) {
  std::set<std::string> paths;
  for (const model::PatchText& patch : patches) {
    for (const formats::Section& section : patch.parsed->value.sections)
      if (section.old_path) paths.insert(section.old_path->value);
  }
  for (const std::string& path : paths) {
    const auto entry = repository.entry(tree, path);
    if (entry && *entry) static_cast<void>(repository.blob((*entry)->id));
  }
}

int warm(const std::vector<std::string>& arguments) {
  std::vector<std::string> texts;
  for (std::size_t i = 3; i < arguments.size(); ++i) {
    std::ifstream stream(arguments[i], std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  std::vector<double> first;
  std::vector<double> blobs;
  std::vector<double> again;
  std::string tree;
  for (int i = 0; i < std::stoi(arguments[2]); ++i) {
    const git::RepositoryPtr repository = git::open_repository(arguments[0]).value();
    Clock::time_point begin = Clock::now();
    for (const bool known : {false, true}) {
      begin = Clock::now();
      const git::ResolvedRef ref = repository->resolve(arguments[1]).value();
      const model::SeriesPlacement series = model::place_series(*repository, ref.commit, parse_all(texts)).value();
      (known ? again : first).push_back(milliseconds_since(begin));
      tree = series.tree ? series.tree->hex() : "none";
    }
    const git::RepositoryPtr other = git::open_repository(arguments[0]).value();
    const git::ObjectId start = other->commit(other->resolve(arguments[1])->commit)->tree;
    const std::vector<model::PatchText> patches = parse_all(texts);
    begin = Clock::now();
    read_blobs(*other, start, patches);
    blobs.push_back(milliseconds_since(begin));
  }
  fmt::print("{{\"tree\": \"{}\", \"opened\": {:.3f}, \"warm\": {:.3f}, \"blobs\": {:.3f}, \"peakMiB\": {:.1f}}}\n",
             tree, median(first), median(again), median(blobs), peak_mib());
  return 0;
}

/// A tree and patches of one kind, of size `n`.
struct Input {
  MemoryRepository::Files files;
  std::vector<std::string> patches;
};

std::string repeated(std::string_view piece, std::size_t count) {
  std::string out;
  out.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) out += piece;
  return out;
}

std::string numbers(std::size_t count) {
  std::string out;
  for (std::size_t i = 1; i <= count; ++i) out += fmt::format("{}\n", i);
  return out;
}

const std::string header = "diff --git a/f b/f\n--- a/f\n+++ b/f\n";

Input long_lines(std::size_t n) {
  const std::string line = std::string(n, 'x') + "\n";
  return {{{"f", "1\n" + line + line + "2\n"}},
          {header + "@@ -2,3 +2,4 @@\n " + line + "+new\n " + line + " 2\n",
           header + "@@ -2,2 +2,2 @@\n-" + line + "+" + std::string(n, 'y') + "\n new\n"}};
}

Input hunks(std::size_t n, bool backwards) {
  std::string text = header;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = 4 * (backwards ? n - 1 - i : i) + 2;
    text += fmt::format("@@ -{0},3 +{0},4 @@\n {0}\n+new\n {1}\n {2}\n", at, at + 1, at + 2);
  }
  return {{{"f", numbers(4 * n + 4)}}, {text}};
}

/// One hunk of equal lines that only its last keeps from fitting everywhere.
Input one_alike(std::size_t n) {
  return {{{"f", repeated("a\n", n) + "b\n" + repeated("a\n", n)}},
          {header + fmt::format("@@ -9,{0} +9,{1} @@\n", n / 2 + 2, n / 2 + 3) + repeated(" a\n", n / 2) +
           "+new\n b\n b\n"}};
}

/// Every hunk names the second line, and the places there have been used.
Input same_place(std::size_t n) {
  return {{{"f", repeated("a\nb\nc\n", n + 2)}}, {header + repeated("@@ -2,2 +2,3 @@\n a\n+new\n b\n", n)}};
}

/// Hunks of many equal lines that nearly fit everywhere, and fit nowhere.
Input near_misses(std::size_t n) {
  std::string text = header;
  for (std::size_t i = 0; i < n / 10; ++i)
    text += fmt::format("@@ -{0},{1} +{0},{2} @@\n", 5 + i, 8 + i % 5, 9 + i % 5) + repeated(" a\n", 6 + i % 5) +
            "+x\n c\n a\n";
  return {{{"f", repeated("a\n", n) + "c\nb\n" + repeated("a\n", n)}}, {text}};
}

/// Hunks with markers among their old lines, so that blanks do not count while they are looked for.
Input markers(std::size_t n) {
  std::string text = header;
  for (std::size_t i = 0; i < n / 10; ++i)
    text += "@@ -5,4 +5,5 @@\n a\n+x\n a\n a\n c\n\\ No newline at end of file\n";
  return {{{"f", repeated("a\n", n) + "b\n" + repeated("a\n", n)}}, {text}};
}

Input creations(std::size_t n, bool backwards) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += fmt::format(
        "diff --git a/d/{0:07} b/d/{0:07}\nnew file mode 100644\n--- /dev/null\n+++ b/d/{0:07}\n@@ -0,0 +1 @@\n+x\n",
        backwards ? n - i : i);
  return {{{"f", "1\n"}}, {text}};
}

Input links_that_exist(std::size_t n) {
  std::string text;
  MemoryRepository::Files files;
  for (std::size_t i = 0; i < n; ++i) {
    text +=
        fmt::format("diff --git a/{0} b/{0}\nnew file mode 120000\n--- /dev/null\n+++ b/{0}\n@@ -0,0 +1 @@\n+x\n", i);
    files.insert_or_assign(fmt::format("{}", i), MemoryRepository::File("y\n", 0120000));
  }
  return {std::move(files), {text}};
}

Input one_file_many_sections(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += header + (i % 2 == 0 ? "@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n" : "@@ -2,3 +2,3 @@\n 2\n-x\n+3\n 4\n");
  return {{{"f", numbers(100)}}, {text}};
}

/// Each takes a line out and leaves nothing: the empty context line is cancelled by its marker. What lies around has
/// become neighbours, and the next hunk's line stands n lines away from where it says.
Input vanishing_lines(std::size_t n) {
  std::string text = header;
  for (std::size_t i = 0; i < n; ++i)
    text += fmt::format("@@ -{0},2 +{0} @@\n-{1}\n\n\\ No newline at end of file\n", i + 2, 4 * i + 3);
  return {{{"f", numbers(4 * n + 4)}}, {text}};
}

/// Each goes in before what the one before has made.
Input insertions_at_one_place(std::size_t n) {
  return {{{"f", numbers(9)}}, {header + repeated("@@ -5 +5,2 @@\n+x\n\n\\ No newline at end of file\n", n)}};
}

/// Every hunk has another length, and no place.
Input lengths(std::size_t n) {
  std::string text = header;
  for (std::size_t i = 0, size = 2; i + size < n; i += size++)
    text += fmt::format("@@ -9,{0} +9,{1} @@\n", size + 1, size + 2) + repeated(" a\n", size) + "+x\n c\n";
  return {{{"f", repeated("a\n", n) + "b\n" + repeated("a\n", n / 2) + "c\nb\n"}}, {text}};
}

/// No hunk has a place: the second of its three lines is another in the file.
Input failing_hunks(std::size_t n) {
  std::string text = header;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = 4 * i + 2;
    text += fmt::format("@@ -{0},3 +{0},4 @@\n {0}\n+new\n other\n {1}\n", at, at + 2);
  }
  return {{{"f", numbers(4 * n + 4)}}, {text}};
}

/// Each on the same file of `n / 10` lines.
Input failing_sections(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += header + fmt::format("@@ -{0},3 +{0},4 @@\n {0}\n+new\n other\n {1}\n", i % (n / 10) + 2, i % (n / 10) + 4);
  return {{{"f", numbers(n / 10)}}, {text}};
}

/// The same with lines that stand everywhere.
Input failing_sections_alike(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += header + "@@ -9,3 +9,4 @@\n a\n+new\n a\n b\n";
  return {{{"f", repeated("a\n", n / 10) + "b\nb\n" + repeated("a\n", n / 10)}}, {text}};
}

Input fitting_sections(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = i % (n / 10) + 2;
    text += header + fmt::format("@@ -{0},3 +{0},3 @@\n {0}\n-{1}\n+{1}\n {2}\n", at, at + 1, at + 2);
  }
  return {{{"f", numbers(n / 10 + 9)}}, {text}};
}

Input many_patches(std::size_t n, bool fail) {
  Input out{{{"f", numbers(100)}}, {}};
  for (std::size_t i = 0; i < n; ++i)
    out.patches.push_back(header + (i % 2 == 0 ? "@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n"
                                    : fail     ? "@@ -2,3 +2,3 @@\n 2\n-y\n+3\n 4\n"
                                               : "@@ -2,3 +2,3 @@\n 2\n-x\n+3\n 4\n"));
  return out;
}

/// `n` patches that fit, then one of `n` hunks that does not.
Input late_failure(std::size_t n) {
  Input out = many_patches(n, false);
  out.files.insert_or_assign("g", MemoryRepository::File(numbers(4 * n + 4)));
  std::string text = failing_hunks(n).patches.front();
  for (const std::string_view name : {"a/f b/f", "a/f", "b/f"}) {
    const std::size_t at = text.find(name);
    text.replace(at, name.size(), name == "a/f b/f" ? "a/g b/g" : name == "a/f" ? "a/g" : "b/g");
  }
  out.patches.push_back(std::move(text));
  return out;
}

Input removals(std::size_t n) {
  std::string text;
  MemoryRepository::Files files;
  for (std::size_t i = 0; i < n; ++i) {
    text += fmt::format(
        "diff --git a/{0:07} b/{0:07}\ndeleted file mode 100644\n--- a/{0:07}\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n", i);
    files.insert_or_assign(fmt::format("{:07}", i), MemoryRepository::File("x\n"));
  }
  return {std::move(files), {text}};
}

Input renames(std::size_t n) {
  std::string text;
  MemoryRepository::Files files;
  for (std::size_t i = 0; i < n; ++i) {
    text += fmt::format(
        "diff --git a/{0:07} b/d/{1:07}\nsimilarity index 100%\nrename from {0:07}\nrename to d/{1:07}\n", i, n - i);
    files.insert_or_assign(fmt::format("{:07}", i), MemoryRepository::File("x\n"));
  }
  return {std::move(files), {text}};
}

Input outside_paths(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += fmt::format(
        "diff --git a/../{0} b/../{0}\nnew file mode 100644\n--- /dev/null\n+++ b/../{0}\n@@ -0,0 +1 @@\n+x\n", i);
  return {{{"f", "1\n"}}, {text}};
}

Input missing_files(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += fmt::format("diff --git a/d/{0} b/d/{0}\n--- a/d/{0}\n+++ b/d/{0}\n@@ -1,2 +1,3 @@\n 1\n+x\n 2\n", i);
  return {{{"f", "1\n"}}, {text}};
}

/// Links in a deep folder, and as many files there: every folder on the way to a file may be a link.
Input deep_links(std::size_t n) {
  const std::string path = repeated("a/", 1500);
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += fmt::format(
        "diff --git a/{0}{1} b/{0}{1}\nnew file mode 12{2:04}\n--- /dev/null\n+++ b/{0}{1}\n@@ -0,0 +1 @@\n+x\n", path,
        i, 0);
  return {{{"f", "1\n"}}, {text}};
}

/// One message of `n` Change-Ids, each another one.
Input change_ids(std::size_t n) {
  std::string text = "From: a\nSubject: b\n\nwords\n\n";
  for (std::size_t i = 0; i < n; ++i) text += fmt::format("Change-Id: I{:040x}\n", i);
  return {{{"f", numbers(9)}}, {text + "---\n" + header + "@@ -2,2 +2,3 @@\n 2\n+new\n 3\n"}};
}

Input mail_headers(std::size_t n) {
  return {{{"f", numbers(9)}}, {repeated("X-Header: value\n", n) + "\n" + header + "@@ -2,2 +2,3 @@\n 2\n+new\n 3\n"}};
}

Input mails(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += "From " + std::string(40, '1') + " Mon Sep 17 00:00:00 2001\nFrom: a\nSubject: b\n\nwords\n---\n" + header +
            (i % 2 == 0 ? "@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n" : "@@ -2,3 +2,3 @@\n 2\n-x\n+3\n 4\n");
  return {{{"f", numbers(100)}}, {text}};
}

/// Each names its own change, and the last does not apply.
Input failing_mails(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text +=
        fmt::format("From {0:040x} Mon Sep 17 00:00:00 2001\nFrom: a\nSubject: b\n\nChange-Id: I{0:040x}\n---\n", i) +
        header + (i % 2 == 0 ? "@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n" : "@@ -2,3 +2,3 @@\n 2\n-x\n+3\n 4\n");
  return {{{"f", numbers(100)}}, {text + header + "@@ -2,3 +2,3 @@\n 2\n-y\n+3\n 4\n"}};
}

Input blanks_on_git_line(std::size_t n) {
  return {{{"f", "1\n"}}, {"diff --git a/" + repeated("x ", n) + "/\nindex 1..2\n"}};
}

std::string base85(std::string_view data) {
  constexpr std::string_view digits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
  std::string out;
  for (std::size_t at = 0; at < data.size(); at += 52) {
    const std::string_view line = data.substr(at, 52);
    out += static_cast<char>(line.size() <= 26 ? 'A' + line.size() - 1 : 'a' + line.size() - 27);
    for (std::size_t i = 0; i < line.size(); i += 4) {
      std::uint32_t value = 0;
      for (std::size_t j = 0; j < 4; ++j)
        value = value << 8 | (i + j < line.size() ? static_cast<unsigned char>(line[i + j]) : 0U);
      std::string five(5, '0');
      for (std::size_t j = 5; j-- > 0; value /= 85) five[j] = digits[value % 85];
      out += five;
    }
    out += '\n';
  }
  return out;
}

std::string packed(std::string_view data) {
  uLongf size = compressBound(static_cast<uLong>(data.size()));
  std::string out(size, '\0');
  compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
            static_cast<uLong>(data.size()), 9);
  out.resize(size);
  return out;
}

std::string binary_section(std::string_view path, std::string_view word, std::string_view data,
                           const std::string& ids) {
  return fmt::format("diff --git a/{0} b/{0}\nindex {1} 100644\nGIT binary patch\n{2} {3}\n{4}\n", path, ids, word,
                     data.size(), base85(packed(data)));
}

/// `n` blocks of zeros that inflate to 16 MiB each.
Input zlib_bombs(std::size_t n) {
  const std::string ids = std::string(40, '1') + ".." + std::string(40, '2');
  return {{{"f", "1\n"}}, {repeated(binary_section("f", "literal", std::string(16U << 20, '\0'), ids), n)}};
}

/// `n` deltas that copy a file of 1 MiB 64 times each; the new ids are right.
Input delta_bombs(std::size_t n) {
  const std::string source(1U << 20, 'x');
  std::string delta("\x80\x80\x40\x80\x80\x80\x20", 7);
  for (int i = 0; i < 64; ++i) delta += std::string("\xF0\xFF\xFF\x0F", 4) + std::string("\x90\x01", 2);
  const std::string result(64U << 20, 'x');
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += fmt::format("diff --git a/f b/{0}\ncopy from f\ncopy to {0}\n", i) +
            fmt::format("index {}..{}\nGIT binary patch\ndelta {}\n{}\n", git::hash_object("blob", source).hex(),
                        git::hash_object("blob", result).hex(), delta.size(), base85(packed(delta)));
  return {{{"f", source}}, {text}};
}

Input deep_paths(std::size_t n) {
  const std::string path = repeated("a/", 1500) + "f";
  std::string text;
  for (std::size_t i = 0; i < n; ++i)
    text += fmt::format(
        "diff --git a/{0}{1} b/{0}{1}\nnew file mode 100644\n--- /dev/null\n+++ b/{0}{1}\n@@ -0,0 +1 @@\n+x\n", path,
        i);
  return {{{"f", "1\n"}}, {text}};
}

struct Kind {
  std::string_view name;
  std::size_t smallest;
  std::size_t largest;
  std::function<Input(std::size_t)> make;
};

void show(const Kind& kind, std::size_t bound) {
  double before = 0;
  for (std::size_t n = kind.smallest; n <= std::min(kind.largest, bound); n *= 2) {
    const Input input = kind.make(n);
    std::size_t bytes = 0;
    for (const std::string& patch : input.patches) bytes += patch.size();
    MemoryRepository repository;
    const git::ObjectId commit = repository.add_commit(input.files);
    const double begin = processor_milliseconds();
    const model::SeriesPlacement series = model::place_series(repository, commit, parse_all(input.patches)).value();
    const double took = processor_milliseconds() - begin;
    fmt::print("{:32} n {:9} patch {:8.2f} MiB {:9.1f} ms {:10.3f} us per unit {:>5}  {:8} peak {:.0f} MiB\n",
               kind.name, n, static_cast<double>(bytes) / (1U << 20), took, 1000 * took / static_cast<double>(n),
               before > 0 ? fmt::format("x{:.1f}", took / before) : std::string(),
               model::to_string(series.patches.back().verdict), peak_mib());
    std::fflush(stdout);
    before = took;
  }
}

std::vector<Kind> kinds_of_input() {
  return {
      {"lines of n bytes", 1250000, 10000000, long_lines},
      {"n hunks in order", 12500, 100000, [](std::size_t n) { return hunks(n, false); }},
      {"n hunks backwards", 12500, 100000, [](std::size_t n) { return hunks(n, true); }},
      {"one hunk of n equal lines", 125000, 1000000, one_alike},
      {"n hunks at one place", 12500, 100000, same_place},
      {"n/10 near misses in 2n lines", 25000, 200000, near_misses},
      {"n/10 hunks with markers", 25000, 200000, markers},
      {"n new files", 12500, 100000, [](std::size_t n) { return creations(n, false); }},
      {"n new files backwards", 12500, 100000, [](std::size_t n) { return creations(n, true); }},
      {"n links that exist", 12500, 100000, links_that_exist},
      {"n sections for one file", 12500, 100000, one_file_many_sections},
      {"n mail headers", 125000, 1000000, mail_headers},
      {"n mails", 12500, 100000, mails},
      {"n mails, the last fails", 12500, 100000, failing_mails},
      {"n blanks on the git line", 1250000, 10000000, blanks_on_git_line},
      {"n files 1500 folders deep", 500, 4000, deep_paths},
      {"n blocks of 16 MiB zeros", 8, 64, zlib_bombs},
      {"n deltas to 64 MiB", 8, 64, delta_bombs},
      {"n lines that vanish", 12500, 100000, vanishing_lines},
      {"n insertions at one place", 12500, 100000, insertions_at_one_place},
      {"hunks of n lengths", 25000, 200000, lengths},
      {"n hunks that fail", 12500, 100000, failing_hunks},
      {"n sections that fit, n/10 lines", 12500, 100000, fitting_sections},
      {"n sections that fail, n/10 lines", 12500, 100000, failing_sections},
      {"the same, all lines alike", 12500, 100000, failing_sections_alike},
      {"n patches", 12500, 100000, [](std::size_t n) { return many_patches(n, false); }},
      {"n patches, half fail", 12500, 100000, [](std::size_t n) { return many_patches(n, true); }},
      {"n patches, then n hunks fail", 12500, 100000, late_failure},
      {"n removed files", 12500, 100000, removals},
      {"n renamed files", 12500, 100000, renames},
      {"n files outside of the tree", 12500, 100000, outside_paths},
      {"n files that are missing", 12500, 100000, missing_files},
      {"n links 1500 folders deep", 500, 4000, deep_links},
      {"n Change-Ids", 12500, 100000, change_ids},
  };
}

int hostile(std::size_t bound, std::string_view part) {
  for (const Kind& kind : kinds_of_input()) {
    if (kind.name.find(part) != std::string_view::npos) show(kind, bound);
  }
  return 0;
}

void write(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

int write_input(std::string_view name, std::size_t n, const std::filesystem::path& folder) {
  const std::vector<Kind> kinds = kinds_of_input();
  const auto kind = std::ranges::find(kinds, name, &Kind::name);
  if (kind == kinds.end()) return 2;
  const Input input = kind->make(n);
  for (const auto& [path, file] : input.files) {
    const std::filesystem::path target = folder / "tree" / path;
    std::filesystem::create_directories(target.parent_path());
    if (file.mode == git::mode_link)
      std::filesystem::create_symlink(file.text, target);
    else
      write(target, file.text);
  }
  for (std::size_t i = 0; i < input.patches.size(); ++i)
    write(folder / "patches" / fmt::format("{:07}.patch", i), input.patches[i]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() > 4 && arguments[0] == "warm") return warm({arguments.begin() + 1, arguments.end()});
  if (!arguments.empty() && arguments[0] == "hostile")
    return hostile(arguments.size() > 1 ? std::stoul(arguments[1]) : SIZE_MAX,
                   arguments.size() > 2 ? arguments[2] : "");
  if (arguments.size() == 4 && arguments[0] == "hostile-input")
    return write_input(arguments[1], std::stoul(arguments[2]), arguments[3]);
  fmt::print(stderr,
             "usage: patch-bench warm REPOSITORY REF ROUNDS PATCH... | hostile [LARGEST [KIND]] | "
             "hostile-input KIND N FOLDER\n");
  return 2;
}
