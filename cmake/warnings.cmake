add_library(forge_warnings INTERFACE)
target_compile_options(
  forge_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
            -Wold-style-cast -Wcast-qual
            -Wno-missing-field-initializers # what is left out of a designated initialiser is value-initialised
            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> # GCC 12 sees it in every optional it inlines
            # libstdc++ 12 uses what it deprecates, in stable_sort; GCC keeps silent about its own headers
            $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
            -Woverloaded-virtual -Wimplicit-fallthrough)

if(FORGE_SANITIZE)
  add_compile_options(-fsanitize=${FORGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FORGE_SANITIZE})
  if(FORGE_SANITIZE MATCHES "thread")
    # ThreadSanitizer knows no fences, and GCC says so in each file that includes Asio; those of Asio can be left out.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()
