# Everything comes from the distribution; `scripts/setup` installs what is missing.
# Boost 1.81 at least: Debian 12's default 1.74 can't compile Asio's coroutines with GCC 12.
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS headers)
find_package(CLI11 REQUIRED)
find_package(CURL 7.85 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(yaml-cpp REQUIRED)
pkg_check_modules(libgit2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)

# Statically where the distribution has the archives, without its network transports: engine/git/libgit2_network.cpp.
add_library(forge_libgit2 INTERFACE)
find_library(LIBGIT2_ARCHIVE libgit2.a)
find_library(HTTP_PARSER_ARCHIVE libhttp_parser.a)
find_library(MBEDCRYPTO_ARCHIVE libmbedcrypto.a)
find_library(PCRE2_ARCHIVE libpcre2-8.a)
if(LIBGIT2_ARCHIVE AND HTTP_PARSER_ARCHIVE AND MBEDCRYPTO_ARCHIVE AND PCRE2_ARCHIVE AND libgit2_VERSION VERSION_LESS 1.6)
  set(FORGE_STATIC_LIBGIT2 ON)
  target_include_directories(forge_libgit2 SYSTEM INTERFACE ${libgit2_INCLUDE_DIRS})
  # Asked for before the archive is searched, or the stand-ins would be left out for the real ones.
  target_link_options(forge_libgit2 INTERFACE LINKER:--undefined=git_mbedtls_stream_global_init)
  target_link_libraries(forge_libgit2 INTERFACE ${LIBGIT2_ARCHIVE} ${HTTP_PARSER_ARCHIVE} ${MBEDCRYPTO_ARCHIVE}
                                                ${PCRE2_ARCHIVE} z) # named otherwise than by others, so that it stays behind
else()
  target_link_libraries(forge_libgit2 INTERFACE PkgConfig::libgit2)
endif()
