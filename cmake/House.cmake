# The house functions. A target made by one of them has the house's options, warnings, precompiled header and layout;
# its DEPS line is the architecture: it names every room that the target may enter.
set(LUMBAR_GENERATED ${CMAKE_BINARY_DIR}/generated)

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

# lumbar_library(NAME SOURCES a.cc ... DEPS lib ...)
function(lumbar_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(${NAME} PUBLIC lumbar_options ${ARG_DEPS})
  target_precompile_headers(${NAME} REUSE_FROM lumbar_precompiled)
endfunction()

# lumbar_program(NAME SOURCES main.cc DEPS lib ...): an executable in build/<preset>/bin.
function(lumbar_program NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
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
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE lumbar_test_options ${ARG_DEPS} GTest::gmock_main)
  target_precompile_headers(${NAME} REUSE_FROM lumbar_test_precompiled)
  target_compile_definitions(${NAME} PRIVATE LUMBAR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # Several times slower then, and without optimisation.
  if(LUMBAR_SANITIZE)
    math(EXPR ARG_TIMEOUT "5 * ${ARG_TIMEOUT}")
  endif()
  add_test(NAME ${NAME} COMMAND ${NAME} --gtest_brief=1)
  set_tests_properties(${NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# lumbar_fuzz(NAME SOURCES a_fuzz.cc DEPS lib ... CORPUS folder): a libFuzzer target, run briefly by ctest -L fuzz.
function(lumbar_fuzz NAME)
  if(NOT LUMBAR_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;DEPS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE lumbar_options ${ARG_DEPS})
  target_link_options(${NAME} PRIVATE -fsanitize=fuzzer)
  set(scratch ${CMAKE_BINARY_DIR}/fuzz/${NAME})
  file(MAKE_DIRECTORY ${scratch})
  add_test(NAME ${NAME} COMMAND ${NAME} -max_total_time=60 -timeout=5 -rss_limit_mb=1024 ${scratch} ${ARG_CORPUS})
  set_tests_properties(${NAME} PROPERTIES TIMEOUT 180 LABELS fuzz)
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
