/// What a parser says about broken input: values with spans, never exceptions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/span.hpp"

namespace forge {

/// Replace the bytes of `span` in the parsed text by `new_text`.
struct ProblemFix {
  std::string title;
  TextSpan span;
  std::string new_text;
};

/// A parser does not know its file's name or the rules' levels; the rule of that name turns this into a Finding.
struct Problem {
  std::string_view rule;  ///< a rule name of the catalogue; points to static storage
  TextSpan span;
  std::string message;
  std::vector<ProblemFix> fixes{};
  TextSpan related{};             ///< another place in the same text; empty: none
  std::string related_message{};  ///< what that other place is
};

/// What a parser made of a text. `value` holds everything understood, also where `problems` is not empty.
template <class T>
struct Parsed {
  T value{};
  std::vector<Problem> problems{};
};

}  // namespace forge
