# The house functions. A target made by one of them has the house's options, warnings, precompiled header and layout;
# its DEPS line is the architecture: it names every room that the target may enter.
set(LUMBAR_GENERATED ${CMAKE_BINARY_DIR}/generated)

# Where the checkout is, for tests that read its files. A header, and no option of the compiler: ccache would take each
# checkout's test for another.
file(CONFIGURE OUTPUT ${LUMBAR_GENERATED}/source_dir.h CONTENT "#pragma once\n#define LUMBAR_SOURCE_DIR \"${CMAKE_SOURCE_DIR}\"\n")

# What every target shares. Libraries that define macros are here, so that one precompiled header fits all.
add_library(lumbar_options INTERFACE)
target_compile_options(lumbar_options INTERFACE ${LUMBAR_WARNINGS})
target_include_directories(lumbar_options INTERFACE ${CMAKE_SOURCE_DIR})
target_include_directories(lumbar_options SYSTEM INTERFACE ${LUMBAR_GENERATED})
target_link_libraries(lumbar_options INTERFACE gRPC::grpc++ protobuf::libprotobuf spdlog::spdlog absl::status
  absl::statusor absl::strings absl::time absl::synchronization absl::flat_hash_map Threads::Threads)

# A precompiled header, for whoever says REUSE_FROM. Named without this checkout's path, or ccache would take each
# checkout's header, and all that uses it, for another.
function(lumbar_precompile NAME HEADER)
  file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/${NAME}.cc CONTENT "")
  add_library(${NAME} STATIC ${CMAKE_BINARY_DIR}/${NAME}.cc)
  target_link_libraries(${NAME} PUBLIC ${ARGN})
  target_precompile_headers(${NAME} PRIVATE <${HEADER}>)
endfunction()
lumbar_precompile(lumbar_precompiled cmake/precompiled.h lumbar_options)

# What tests share besides. Not optimised: what they test is, and half of a build's time would go into them.
add_library(lumbar_test_options INTERFACE)
target_compile_options(lumbar_test_options INTERFACE -O0)
target_link_libraries(lumbar_test_options INTERFACE lumbar_options GTest::gmock)
lumbar_precompile(lumbar_test_precompiled cmake/precompiled_test.h lumbar_test_options)

# lumbar_batches(OUT FOLDER [BEFORE code] SOURCES a.cc ...): what to compile for the sources of a folder on the include path.
# With LUMBAR_BATCH: files that include so many of them each, `code` before each one, with @ID@ for a name of its own. CMake
# would write such files too, but with the checkout's path inside, and ccache would find nothing of another's. Sources with
# the property LUMBAR_ALONE, and objects of other targets, stay out.
function(lumbar_batches OUT FOLDER)
  cmake_parse_arguments(ARG "" "BEFORE" "SOURCES" ${ARGN})
  set(compiled)
  set(batched)
  foreach(source IN LISTS ARG_SOURCES)
    get_source_file_property(alone ${source} LUMBAR_ALONE)
    if(LUMBAR_BATCH AND NOT alone AND NOT ${source} MATCHES "^\\$<")
      string(MD5 ID ${source})
      string(CONFIGURE "${ARG_BEFORE}" before @ONLY)
      list(APPEND batched "${before}#include \"${FOLDER}${source}\"\n")
    else()
      list(APPEND compiled ${source})
    endif()
  endforeach()
  while(batched)
    list(SUBLIST batched 0 ${LUMBAR_BATCH} batch)
    list(REMOVE_ITEM batched ${batch})
    list(JOIN batch "" text)
    string(MD5 name "${text}")
    file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/batch_${name}.cc CONTENT "${text}")
    list(APPEND compiled ${CMAKE_CURRENT_BINARY_DIR}/batch_${name}.cc)
  endwhile()
  set(${OUT} ${compiled} PARENT_SCOPE)
endfunction()

function(lumbar_room_batches OUT)
  file(RELATIVE_PATH room ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  lumbar_batches(sources ${room}/ SOURCES ${ARGN})
  set(${OUT} ${sources} PARENT_SCOPE)
endfunction()

# lumbar_library(NAME SOURCES a.cc ... DEPS lib ...)
function(lumbar_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  lumbar_room_batches(sources ${ARG_SOURCES})
  add_library(${NAME} STATIC ${sources})
  target_link_libraries(${NAME} PUBLIC lumbar_options ${ARG_DEPS})
  target_precompile_headers(${NAME} REUSE_FROM lumbar_precompiled)
endfunction()

# lumbar_program(NAME SOURCES main.cc DEPS lib ...): an executable in build/<preset>/bin.
function(lumbar_program NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  lumbar_room_batches(sources ${ARG_SOURCES})
  add_executable(${NAME} ${sources})
  target_link_libraries(${NAME} PRIVATE lumbar_options ${ARG_DEPS})
  target_precompile_headers(${NAME} REUSE_FROM lumbar_precompiled)
  set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# lumbar_service(NAME DEPS lib ...): the program lumbar-NAME from the service's main.cc. Its memory is tcmalloc's, whose
# threads don't wait for each other; a sanitizer brings its own.
function(lumbar_service NAME)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  lumbar_program(lumbar-${NAME} SOURCES main.cc DEPS ${ARG_DEPS})
  if(NOT LUMBAR_SANITIZE)
    target_link_libraries(lumbar-${NAME} PRIVATE PkgConfig::tcmalloc)
  endif()
endfunction()

# lumbar_test(NAME SOURCES a_test.cc ... DEPS lib ... LABELS l ... [TIMEOUT seconds] [TRANSPORT])
# TRANSPORT marks a test that runs through grpc++'s client: the thread sanitizer, which misreads the packaged library, skips it.
function(lumbar_test NAME)
  cmake_parse_arguments(ARG "TRANSPORT" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(NOT ARG_TRANSPORT)
    list(APPEND ARG_LABELS below-transport)
  endif()
  lumbar_room_batches(sources ${ARG_SOURCES})
  add_executable(${NAME} ${sources})
  target_link_libraries(${NAME} PRIVATE lumbar_test_options ${ARG_DEPS} GTest::gmock_main)
  target_precompile_headers(${NAME} REUSE_FROM lumbar_test_precompiled)
  # Several times slower then, and without optimisation.
  if(LUMBAR_SANITIZE)
    math(EXPR ARG_TIMEOUT "5 * ${ARG_TIMEOUT}")
  endif()
  add_test(NAME ${NAME} COMMAND ${NAME} --gtest_brief=1)
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  if(LUMBAR_SANITIZE MATCHES thread)
    set_tests_properties(${NAME} PROPERTIES
      ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/cmake/thread_sanitizer.supp")
  endif()
endfunction()

# lumbar_fuzz(NAME SOURCES a_fuzz.cc DEPS lib ... [CORPUS folder] [RUNS n]): a libFuzzer target, run by ctest -L fuzz for a
# minute, or so many times.
function(lumbar_fuzz NAME)
  if(NOT LUMBAR_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "CORPUS;RUNS" "SOURCES;DEPS" ${ARGN})
  set(until -max_total_time=60)
  set(timeout 180)
  if(ARG_RUNS)
    set(until -runs=${ARG_RUNS})
    set(timeout 1800)
  endif()
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE lumbar_options ${ARG_DEPS})
  target_link_options(${NAME} PRIVATE -fsanitize=fuzzer)
  set(scratch ${CMAKE_BINARY_DIR}/fuzz/${NAME})
  file(MAKE_DIRECTORY ${scratch})
  add_test(NAME ${NAME} COMMAND ${NAME} ${until} -timeout=5 -rss_limit_mb=1024 ${scratch} ${ARG_CORPUS})
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${timeout} LABELS fuzz)
endfunction()

# lumbar_embed(TARGET NAMESPACE ns FILES a.sql ...): makes the files' text part of the target, as
# ns::kEmbeddedFiles in "<target>_embedded.h", sorted by name.
function(lumbar_embed TARGET)
  cmake_parse_arguments(ARG "" "NAMESPACE" "FILES" ${ARGN})
  set(header ${LUMBAR_GENERATED}/${TARGET}_embedded.h)
  list(TRANSFORM ARG_FILES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ OUTPUT_VARIABLE paths)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DHEADER=${header} -DNAMESPACE=${ARG_NAMESPACE} "-DFILES=${paths}"
            -P ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake
    DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/Embed.cmake VERBATIM)
  target_sources(${TARGET} PRIVATE ${header})
endfunction()

# lumbar_embed_bytes(TARGET NAMESPACE ns FILES /path/a.js ...): makes the files, whatever is in them and however large,
# part of the target: ns::Files() of "<target>_bytes.h" gives their names, without folders, and their bytes. The assembler
# copies them, since a compiler takes minutes for megabytes of text.
function(lumbar_embed_bytes TARGET)
  cmake_parse_arguments(ARG "" "NAMESPACE" "FILES" ${ARGN})
  set(stem ${LUMBAR_GENERATED}/${TARGET}_bytes)
  add_custom_command(OUTPUT ${stem}.h ${stem}.cc
    COMMAND ${CMAKE_COMMAND} -DSTEM=${stem} -DNAMESPACE=${ARG_NAMESPACE} "-DFILES=${ARG_FILES}"
            -P ${CMAKE_SOURCE_DIR}/cmake/EmbedBytes.cmake
    DEPENDS ${ARG_FILES} ${CMAKE_SOURCE_DIR}/cmake/EmbedBytes.cmake VERBATIM)
  target_sources(${TARGET} PRIVATE ${stem}.h ${stem}.cc)
  set_source_files_properties(${stem}.cc PROPERTIES SKIP_PRECOMPILE_HEADERS ON OBJECT_DEPENDS "${ARG_FILES}")
endfunction()
