add_library(forge_warnings INTERFACE)
target_compile_options(
  forge_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
            -Wold-style-cast -Wcast-qual -Woverloaded-virtual -Wimplicit-fallthrough)

if(FORGE_SANITIZE)
  add_compile_options(-fsanitize=${FORGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FORGE_SANITIZE})
endif()
