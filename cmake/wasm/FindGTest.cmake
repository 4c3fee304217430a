# GoogleTest from Debian's sources. What links it is a test under Node.js: it sees this machine's files and
# environment, and its memory grows as it needs.
if(NOT TARGET GTest::gtest_main)
  set(sources /usr/src/googletest)
  if(NOT EXISTS ${sources}/googlemock/src/gmock-all.cc)
    message(FATAL_ERROR "GoogleTest's sources are not here: scripts/setup wasm")
  endif()
  add_library(wasm_gtest STATIC EXCLUDE_FROM_ALL ${sources}/googletest/src/gtest-all.cc
    ${sources}/googlemock/src/gmock-all.cc ${sources}/googlemock/src/gmock_main.cc)
  target_include_directories(wasm_gtest PRIVATE ${sources}/googletest ${sources}/googlemock)
  target_include_directories(wasm_gtest SYSTEM PUBLIC ${sources}/googletest/include ${sources}/googlemock/include)
  target_compile_options(wasm_gtest PRIVATE -w)
  # Newer Node.js has a `fetch`, which this emscripten would ask for the program's file: load it straight away.
  target_link_options(wasm_gtest PUBLIC -sNODERAWFS=1 -sALLOW_MEMORY_GROWTH=1 -sWASM_ASYNC_COMPILATION=0
    -sEXIT_RUNTIME=1 --pre-js ${CMAKE_CURRENT_LIST_DIR}/environment.js)
  add_library(GTest::gmock ALIAS wasm_gtest)
  add_library(GTest::gtest_main ALIAS wasm_gtest)
endif()
set(GTest_FOUND TRUE)
