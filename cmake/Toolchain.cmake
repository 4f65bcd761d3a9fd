# How everything is compiled: the language, the warnings, the sanitizers, and the tools that make it quick.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

set(LUMBAR_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize, comma separated")
option(LUMBAR_FUZZ "Build the libFuzzer targets (clang only)" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
endif()
# Line tables are enough for a stack trace, and half the time of full debug information on this much template code.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

# g++ tidies its memory up all the time, which takes a tenth of a build; without that a file takes some 100 MB more, of 1 GB.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=800000>)
endif()

set(LUMBAR_BATCH "" CACHE STRING "How many sources are compiled as one, if any")

find_program(LUMBAR_CCACHE ccache)
if(LUMBAR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # pch_defines and time_macros: what ccache asks for before it caches a precompiled header. With the base folder, and the
  # working folder left out, checkouts share what one of them has compiled. It trusts the compiler's lists of headers:
  # preprocessing each file beforehand took an eighth of a first build.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${LUMBAR_CCACHE})
endif()
find_program(LUMBAR_MOLD mold)
if(LUMBAR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(LUMBAR_SANITIZE)
  add_compile_options(-fsanitize=${LUMBAR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${LUMBAR_SANITIZE})
  if(LUMBAR_SANITIZE MATCHES undefined)
    # Needs typeinfo that the packaged SOCI keeps to itself.
    add_compile_options(-fno-sanitize=vptr)
  endif()
endif()
if(LUMBAR_SANITIZE MATCHES thread)
  # Asio's fences are what g++'s thread sanitizer doesn't understand and refuses to compile.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(LUMBAR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# The house warnings; errors, so that nobody learns to read past them.
set(LUMBAR_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
    -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  list(APPEND LUMBAR_WARNINGS -Wthread-safety)
else()
  # g++ 12 reports these falsely inside inlined std::string and std::optional code (GCC bugs 105329, 105562).
  list(APPEND LUMBAR_WARNINGS -Wno-restrict -Wno-maybe-uninitialized)
endif()
