/// curl's functions as http_client uses them, from a library that is loaded when the first is called: with what it
/// depends on, loading curl takes a cold process longer than most commands, and few of them need the network.
#define CURL_DISABLE_TYPECHECK  // its macros would stand in the way of the definitions
#include <cstdarg>

#include <curl/curl.h>
#include <dlfcn.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

namespace {

void* symbol(const char* name) {
  static void* const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  return library == nullptr ? nullptr : dlsym(library, name);
}

template <class Function>
Function* loaded(const char* name) {
  return reinterpret_cast<Function*>(symbol(name));
}

}  // namespace

/// Calls the real one, or answers `otherwise` where there is none.
#define FORGE_CURL(name, otherwise, ...)                     \
  static auto* const real = loaded<decltype(::name)>(#name); \
  if (real == nullptr) return otherwise;                     \
  return real(__VA_ARGS__)

#ifdef __clang__
#pragma clang diagnostic ignored "-Wvarargs"  // curl's own declarations end in an enumeration
#endif

extern "C" {

CURLcode curl_global_init(long flags) {
  FORGE_CURL(curl_global_init, CURLE_FAILED_INIT, flags);
}
CURL* curl_easy_init(void) {
  FORGE_CURL(curl_easy_init, nullptr);
}
void curl_easy_cleanup(CURL* easy) {
  FORGE_CURL(curl_easy_cleanup, void(), easy);
}
const char* curl_easy_strerror(CURLcode code) {
  FORGE_CURL(curl_easy_strerror, "libcurl.so.4 can't be loaded", code);
}
curl_slist* curl_slist_append(curl_slist* list, const char* text) {
  FORGE_CURL(curl_slist_append, nullptr, list, text);
}
void curl_slist_free_all(curl_slist* list) {
  FORGE_CURL(curl_slist_free_all, void(), list);
}
CURLM* curl_multi_init(void) {
  FORGE_CURL(curl_multi_init, nullptr);
}
CURLMcode curl_multi_cleanup(CURLM* multi) {
  FORGE_CURL(curl_multi_cleanup, CURLM_BAD_HANDLE, multi);
}
CURLMcode curl_multi_add_handle(CURLM* multi, CURL* easy) {
  FORGE_CURL(curl_multi_add_handle, CURLM_BAD_HANDLE, multi, easy);
}
CURLMcode curl_multi_remove_handle(CURLM* multi, CURL* easy) {
  FORGE_CURL(curl_multi_remove_handle, CURLM_BAD_HANDLE, multi, easy);
}
CURLMcode curl_multi_perform(CURLM* multi, int* running) {
  FORGE_CURL(curl_multi_perform, CURLM_BAD_HANDLE, multi, running);
}
CURLMcode curl_multi_poll(CURLM* multi, curl_waitfd* more, unsigned count, int milliseconds, int* ready) {
  FORGE_CURL(curl_multi_poll, CURLM_BAD_HANDLE, multi, more, count, milliseconds, ready);
}
CURLMsg* curl_multi_info_read(CURLM* multi, int* left) {
  FORGE_CURL(curl_multi_info_read, nullptr, multi, left);
}

// Longs and pointers, all that is handed over here, are passed alike.
static_assert(sizeof(long) == sizeof(void*));

CURLcode curl_easy_setopt(CURL* easy, CURLoption option, ...) {
  va_list rest;
  va_start(rest, option);
  void* const value = va_arg(rest, void*);
  va_end(rest);
  FORGE_CURL(curl_easy_setopt, CURLE_FAILED_INIT, easy, option, value);
}
CURLcode curl_easy_getinfo(CURL* easy, CURLINFO info, ...) {
  va_list rest;
  va_start(rest, info);
  void* const value = va_arg(rest, void*);
  va_end(rest);
  FORGE_CURL(curl_easy_getinfo, CURLE_FAILED_INIT, easy, info, value);
}
CURLMcode curl_multi_setopt(CURLM* multi, CURLMoption option, ...) {
  va_list rest;
  va_start(rest, option);
  void* const value = va_arg(rest, void*);
  va_end(rest);
  FORGE_CURL(curl_multi_setopt, CURLM_BAD_HANDLE, multi, option, value);
}
}
