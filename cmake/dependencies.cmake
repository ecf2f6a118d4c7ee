# Everything comes from the distribution; `scripts/setup` installs what is missing.
# Boost 1.81 at least: Debian 12's default 1.74 can't compile Asio's coroutines with GCC 12.
find_package(Boost 1.81 REQUIRED CONFIG COMPONENTS headers)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(yaml-cpp REQUIRED)
pkg_check_modules(libgit2 REQUIRED IMPORTED_TARGET libgit2)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
