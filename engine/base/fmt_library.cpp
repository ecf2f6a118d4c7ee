/// The compiled part of {fmt}, which Debian 12 has as a shared library only; that would bring a shared C++ library,
/// too.
#include <fmt/format-inl.h>

// Declared but not defined in the headers that others include, and not used in format-inl.h itself.
template fmt::detail::thousands_sep_result<char> fmt::detail::thousands_sep_impl<char>(fmt::detail::locale_ref);
template char fmt::detail::decimal_point_impl<char>(fmt::detail::locale_ref);
